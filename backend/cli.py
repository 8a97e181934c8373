"""`clearsend COMMAND`: the one way in from a terminal.

A command is a row of `COMMANDS`: its name, what it is for, and the function that does it. One
written as "module:function" is imported only when called, because `clearsend doctor` must answer on
a machine where the rest does not even import; it parses what stands behind it, `arguments.rest`,
itself. Every function gets the settings and the arguments, and answers the exit code.
"""

import argparse
import asyncio
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NamedTuple

from msgspec.structs import replace

from backend import settings as environment
from backend.db.migrate import migrate
from backend.embedded import doctor, servers, supervisor
from backend.embedded.children import ProcessSpec
from backend.embedded.places import EmbeddedError
from backend.settings import Settings, SettingsError

Action = Callable[[Settings, argparse.Namespace], int]


class Command(NamedTuple):
    purpose: str
    action: Action | str  # a function of this file, or "module:function"
    arguments: Callable[[argparse.ArgumentParser], None] | None = None


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    # Nobody's own servers: somebody is trying it out. CLEARSEND_DEMO says otherwise.
    if not settings.database_url and "CLEARSEND_DEMO" not in os.environ:
        settings = replace(settings, demo=True)
    beside = [_beside(text) for text in arguments.beside]
    return supervisor.run(
        settings,
        specs=lambda complete: supervisor.product_processes(complete, reloads=arguments.reload),
        prepare=lambda complete: _bring_up_to_date(settings, complete),
        beside=beside,
    )


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reload", action="store_true", help="the api follows the sources")
    parser.add_argument(
        "--beside",
        metavar="NAME=COMMAND",
        action="append",
        default=[],
        help="another process for as long as this one runs: the build of the pages, say",
    )


def _beside(text: str) -> ProcessSpec:
    name, separator, command = text.partition("=")
    if not (name and separator and command):
        raise SettingsError("--beside", "takes NAME=COMMAND")
    return ProcessSpec(name, ("/bin/sh", "-c", command), restarts=False)


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    with servers.reached(settings) as complete:
        environment.require(complete, "database_owner_url", "database_url")
        _bring_up_to_date(settings, complete)
    return 0


def _bring_up_to_date(given: Settings, complete: Settings) -> None:
    """Without an owner URL the schema is somebody else's to move: `migrate` runs where it is."""
    if not complete.database_owner_url:
        print("clearsend: no DATABASE_OWNER_URL, so no migration: run `clearsend migrate` yourself")
        return
    password = servers.login_password(given, complete)
    asyncio.run(migrate(complete.database_owner_url, password))


def _doctor(settings: Settings, _arguments: argparse.Namespace) -> int:
    return doctor.run(settings)


COMMANDS = {
    "run": Command("everything on this machine, until Ctrl-C", _run, _run_arguments),
    "migrate": Command("bring the schema up to date", _migrate),
    "demo": Command("the whole job through the API, and its figures", "backend.commands.demo:demo"),
    "demo-data": Command("fill a demo system", "backend.commands.demo_data:demo_data"),
    "demo-key": Command("a fresh API key of a demo tenant", "backend.commands.demo_key:demo_key"),
    "prove": Command("do the promises hold on this data?", "backend.commands.prove:prove"),
    "bench": Command("how fast, on a data directory of its own", "backend.commands.bench:bench"),
    "staff": Command(
        "add our own people; reset a lost second factor", "backend.commands.people:staff"
    ),
    "tenant": Command("add a tenant and its owner", "backend.commands.people:tenant"),
    "mailbox": Command("mails that found no SMTP server", "backend.commands.mailbox:mailbox"),
    "doctor": Command("what this machine has and lacks", _doctor),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clearsend", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        reads_its_own = isinstance(command.action, str)
        sub = commands.add_parser(
            name, help=command.purpose, description=command.purpose, add_help=not reads_its_own
        )
        if command.arguments:
            command.arguments(sub)
    return parser


def _action(command: Command) -> Action:
    if not isinstance(command.action, str):
        return command.action
    module, _, function = command.action.partition(":")
    found: Action = getattr(importlib.import_module(module), function)
    return found


_WISHES = (signal.SIGTERM, signal.SIGHUP)


def _end(number: int, _frame: FrameType | None) -> None:
    """What a command started for itself ends with it, as after Ctrl-C. Asked for once: `timeout`
    tells a process and then its group, and a terminal that goes may say it in two ways.
    """
    for wish in _WISHES:
        signal.signal(wish, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main(argv: Sequence[str] | None = None) -> int:
    for number in _WISHES:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under `nohup`
            signal.signal(number, _end)
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    command = COMMANDS[arguments.command]
    if rest and not isinstance(command.action, str):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return _action(command)(environment.load(), arguments)
    except (SettingsError, EmbeddedError) as error:
        print(f"clearsend: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
