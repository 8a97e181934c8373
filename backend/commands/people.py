"""`clearsend staff` and `clearsend tenant`: the first people of an installation, and the lost keys
of any.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from backend.commands.connection import run_with_database
from backend.identity.schemas import PASSWORD_CHARACTERS_MIN, Country, Name, Reason, SendingWeight
from backend.identity.service.own_factors import reset_factors
from backend.identity.service.tenants import (
    add_account,
    add_staff,
    add_tenant,
    normal_email,
    set_sending_weight,
)
from backend.kernel.errors import ClearsendError
from backend.kernel.principal import StaffRole, system
from backend.settings import Settings

GENERATED_PASSWORD_BYTES = 15


def _password() -> tuple[str, bool]:
    """From standard input when something is piped in, asked for on a terminal, else made."""
    if not sys.stdin.isatty():
        piped = sys.stdin.readline().rstrip("\n")
        return (piped, False) if piped else (secrets.token_urlsafe(GENERATED_PASSWORD_BYTES), True)
    typed = getpass.getpass("Password (empty: make one): ")
    return (typed, False) if typed else (secrets.token_urlsafe(GENERATED_PASSWORD_BYTES), True)


def _must_fit(parser: argparse.ArgumentParser, argument: str, value: object, kind: Any) -> None:
    """The API's own rule for the field; ends the command where it is broken."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        parser.error(f"argument {argument}: {error}")


def _account_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email")
    parser.add_argument("--name", required=True, help="the person's name")


async def _account(arguments: argparse.Namespace) -> tuple[UUID, str | None]:
    password, is_made = _password()
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise ClearsendError(
            "too_short", f"a password has at least {PASSWORD_CHARACTERS_MIN} characters"
        )
    account_id, is_new = await add_account(arguments.email, arguments.name, password)
    if not is_new:
        print(f"{arguments.email} has an account already: its name and password stay as they are")
    return account_id, password if is_made and is_new else None


def _reported(settings: Settings, work: Callable[[], Awaitable[int]]) -> int:
    try:
        return run_with_database(settings, work)
    except ClearsendError as error:
        print(f"clearsend: {error}", file=sys.stderr)
        return 1


def staff(settings: Settings, arguments: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser(prog="clearsend staff")
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="make an account one of our own people")
    _account_arguments(add)
    add.add_argument("--role", action="append", required=True, choices=[r.value for r in StaffRole])
    reset = verbs.add_parser("reset-factor", help="for whoever lost every second factor")
    reset.add_argument("email")
    reset.add_argument("--reason", required=True, help="written down beside your name")
    parsed = parser.parse_args(arguments.rest)
    if parsed.verb == "reset-factor":
        _must_fit(parser, "--reason", parsed.reason, Reason)
        return _reset_factor(settings, parsed.email, parsed.reason)
    _must_fit(parser, "--name", parsed.name, Name)

    async def work() -> int:
        account_id, made = await _account(parsed)
        for role in parsed.role:
            await add_staff(account_id, StaffRole(role))
        print(f"{parsed.email} is now {', '.join(parsed.role)}")
        if made:
            print(f"password: {made}")
        return 0

    return _reported(settings, work)


def _reset_factor(settings: Settings, email: str, reason: str) -> int:
    async def work() -> int:
        count = await reset_factors(normal_email(email), getpass.getuser(), reason)
        if count is None:
            print(f"clearsend: no account has the address {email}", file=sys.stderr)
            return 1
        print(f"{email}: {count} removed; every login session has ended, and a mail says so")
        return 0

    return _reported(settings, work)


def tenant(settings: Settings, arguments: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser(prog="clearsend tenant")
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="open a tenant for its owner")
    add.add_argument("tenant_name", metavar="NAME")
    add.add_argument("--owner", dest="email", required=True, metavar="EMAIL")
    add.add_argument("--name", default="Owner", help="the owner's name, for a new account")
    add.add_argument("--status", choices=["trial", "active"], default="active")
    add.add_argument("--country", metavar="NO", help="where numbers without + belong")
    weigh = verbs.add_parser("weight", help="its turns beside the others' when gateways are busy")
    weigh.add_argument("tenant_id", metavar="TENANT", type=UUID)
    weigh.add_argument("weight", metavar="1..1000", type=int, help="100: one like any other")
    parsed = parser.parse_args(arguments.rest)
    if parsed.verb == "weight":
        return _weight(settings, parser, parsed)
    _must_fit(parser, "NAME", parsed.tenant_name, Name)
    _must_fit(parser, "--name", parsed.name, Name)
    _must_fit(parser, "--country", parsed.country, Country | None)

    async def work() -> int:
        account_id, made = await _account(parsed)
        tenant_id = await add_tenant(
            parsed.tenant_name,
            account_id,
            status=parsed.status,
            country=parsed.country,
        )
        print(f"{parsed.tenant_name} is open: {tenant_id}, owned by {parsed.email}")
        if made:
            print(f"password: {made}")
        return 0

    return _reported(settings, work)


def _weight(settings: Settings, parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    _must_fit(parser, "1..1000", parsed.weight, SendingWeight)

    async def work() -> int:
        await set_sending_weight(system("command"), parsed.tenant_id, parsed.weight)
        print(f"{parsed.tenant_id}: {parsed.weight}")
        return 0

    return _reported(settings, work)
