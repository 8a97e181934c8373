"""`clearsend demo`: the whole job through the HTTP API, and whether its promises held.

On the running system where there is one, else on one of its own, which it starts and ends.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from msgspec.structs import replace

from backend.commands import journey
from backend.commands.api_client import ApiRefused, Person, TookTooLong
from backend.commands.connection import opened
from backend.commands.demo_accounts import (
    CLERK,
    LEAD,
    MODERATOR,
    NORDLYS,
    SECOND_CLERK,
    make_accounts,
)
from backend.commands.demo_people import people
from backend.commands.prove import violations
from backend.embedded import places, servers
from backend.identity.service.login import DEMO_PASSWORD
from backend.settings import Settings, environment

TIMEOUT_SECONDS_DEFAULT = 600.0
RECIPIENTS_DEFAULT = 1_000
START_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 30.0


class DemoResult(msgspec.Struct, frozen=True, kw_only=True):
    """recipients = excluded + accepted, accepted = delivered + undelivered: the demo's carrier
    answers every message finally and rejects none. `seconds` runs from the approval to the commit
    of the last receipt.
    """

    recipients: int
    excluded: int
    accepted: int
    delivered: int
    undelivered: int
    unconfirmed: int
    segments: int
    credits_charged: int
    seconds: float
    messages_per_second: float
    prove: bool

    @property
    def adds_up(self) -> bool:
        return (
            self.recipients == self.excluded + self.accepted
            and self.accepted == self.delivered + self.undelivered
            and self.unconfirmed == 0
        )


def demo(settings: Settings, arguments: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser(prog="clearsend demo")
    parser.add_argument("--recipients", type=int, default=RECIPIENTS_DEFAULT)
    parser.add_argument("--timeout", type=float, default=TIMEOUT_SECONDS_DEFAULT, metavar="SECONDS")
    parser.add_argument("--json", action="store_true", help="one line of JSON, nothing else")
    parsed = parser.parse_args(arguments.rest)
    if parsed.recipients < 1:
        parser.error("--recipients: at least 1")
    with contextlib.ExitStack() as stack:
        is_running = _answers(settings.url)
        if not is_running and not parsed.json:
            _say(f"nothing answers at {settings.url}: starting a system for this demo alone")
        running = settings if is_running else stack.enter_context(_own(settings))
        complete = stack.enter_context(servers.reached(running))
        if not parsed.json:
            whose = "running system" if is_running else "demo's own system, which ends with it,"
            _say(f"on the {whose} at {running.url}, data in {complete.data_dir}")
        return asyncio.run(_reported(complete, parsed))


def _say(text: str) -> None:
    print(f"clearsend demo: {text}", flush=True)


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/v1/health", timeout=2.0).status_code == httpx.codes.OK
    return False


@contextlib.contextmanager
def _own(settings: Settings) -> Iterator[Settings]:
    """A system of this demo's own, in a directory that goes with it."""
    with tempfile.TemporaryDirectory(prefix="clearsend-demo-") as directory:
        Path(directory).chmod(0o711)  # the account Postgres runs as must get through
        own = replace(
            settings,
            data_dir=Path(directory) / "data",
            port=places.free_port(),
            demo=True,
            demo_data=False,
        )
        log = Path(directory) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "backend.cli", "run"],
                env={**os.environ, **environment(own)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            deadline = time.monotonic() + START_SECONDS_MAX
            while not _answers(own.url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise TookTooLong(f"the demo's own system did not start:\n{log.read_text()}")
                time.sleep(0.2)
            yield own
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS_MAX)
            if process.poll() is None:
                process.kill()
                process.wait()


async def _reported(settings: Settings, parsed: argparse.Namespace) -> int:
    try:
        result = await _demo(settings, parsed.recipients, parsed.timeout)
    except (ApiRefused, TookTooLong, httpx.HTTPError) as error:
        print(f"clearsend demo: {error}", file=sys.stderr)
        return 1
    if parsed.json:
        print(msgspec.json.encode(result).decode())
    else:
        for name in DemoResult.__struct_fields__:
            print(f"{name:>20}  {getattr(result, name)}")
    return 0 if result.prove and result.adds_up else 1


async def _demo(settings: Settings, recipients: int, timeout_seconds: float) -> DemoResult:
    async with opened(settings):
        await make_accounts()
        sent = await _send(settings.url, recipients, timeout_seconds)
        broken = [violation async for violation in violations(settings)]
    for violation in broken:
        print(f"clearsend demo: {violation}", file=sys.stderr)
    progress = sent.view["progress"]
    if sent.view["state"] != "completed":
        raise TookTooLong(f"the session ended as {sent.view['state']}")
    accepted = progress["delivered"] + progress["failed"]
    return DemoResult(
        recipients=sent.group_recipients,
        excluded=progress["left_out"] + progress["excluded"],
        accepted=accepted,
        delivered=progress["delivered"],
        undelivered=progress["failed"],
        unconfirmed=progress["unconfirmed"],
        segments=progress["segments_accepted"],
        credits_charged=progress["credits_captured"] - progress["credits_returned"],
        seconds=round(sent.seconds, 3),
        messages_per_second=round(accepted / max(sent.seconds, 0.001), 1),
        prove=not broken,
    )


async def _send(url: str, recipients: int, timeout_seconds: float) -> journey.Sent:
    name = f"Demo {time.strftime('%Y-%m-%d %H:%M:%S')}"
    async with contextlib.AsyncExitStack() as stack:
        tenant, moderator, clerk, second, lead = [
            await stack.enter_async_context(await Person.log_in(url, email, DEMO_PASSWORD))
            for email in (NORDLYS.email, MODERATOR, CLERK, SECOND_CLERK, LEAD)
        ]
        deadline = time.monotonic() + timeout_seconds
        await journey.make_ready(tenant, lead, NORDLYS.phone or "", deadline)
        cast = journey.People(tenant, moderator, clerk, second, lead)
        persons = list(people(recipients, seed=time.time_ns()))
        return await journey.whole_job(cast, persons, name, timeout_seconds)
