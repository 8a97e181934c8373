"""A carrier and a gateway on loopback, and a listener that remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from backend.gateways.config import GatewayConfig
from backend.gateways.port import (
    InboundMessage,
    Listeners,
    Outcome,
    Receipt,
    Submission,
)
from backend.gateways.simulator.script import parse
from backend.gateways.simulator.server import Running, serve
from backend.gateways.smpp.gateway import SmppGateway

ACCOUNTS = {"tester": "s3cr3t-1"}  # 8 characters: what SMPP 3.4 allows and peers insist on
WAIT_SECONDS_MAX = 15.0


class Recorder:
    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.messages: list[InboundMessage] = []
        self.late: list[Outcome] = []
        self.failures_left = 0
        self.batches = 0

    async def on_receipts(self, batch: Sequence[Receipt]) -> None:
        self.batches += 1
        self._fail_if_told()
        self.receipts.extend(batch)

    async def on_messages(self, batch: Sequence[InboundMessage]) -> None:
        self._fail_if_told()
        self.messages.extend(batch)

    async def on_late_outcomes(self, batch: Sequence[Outcome]) -> None:
        self.late.extend(batch)

    def _fail_if_told(self) -> None:
        if self.failures_left:
            self.failures_left -= 1
            msg = "the database is away"
            raise ConnectionError(msg)

    def listeners(self) -> Listeners:
        return Listeners(self.on_receipts, self.on_messages, self.on_late_outcomes)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in another program
            await asyncio.sleep(0.005)


@asynccontextmanager
async def carrier(script: str = "perfect", truth: Path | None = None) -> AsyncIterator[Running]:
    async with serve(parse(script), accounts=ACCOUNTS, truth_path=truth) as running:
        yield running


def config(port: int, **changes: object) -> GatewayConfig:
    return msgspec.structs.replace(
        GatewayConfig(
            name="loopback",
            host="127.0.0.1",
            port=port,
            system_id="tester",
            password=ACCOUNTS["tester"],
            rebind_seconds_min=0.05,
            rebind_seconds_max=0.4,
            throttle_pause_seconds_min=0.05,
            throttle_pause_seconds_max=0.2,
        ),
        **changes,
    )


@asynccontextmanager
async def gateway(
    port: int, recorder: Recorder | None = None, *, is_awaited: bool = True, **changes: object
) -> AsyncIterator[SmppGateway]:
    way = SmppGateway(config(port, **changes), (recorder or Recorder()).listeners())
    await way.start()
    try:
        if is_awaited:
            assert await way.ready(timeout_seconds=WAIT_SECONDS_MAX)
        yield way
    finally:
        await way.close(drain_seconds=2)


def submission(key: int, suffix: str = "", *, parts: int = 1, **changes: object) -> Submission:
    """To a number of its own, ending in `suffix`."""
    number = f"+4917{key:08d}{suffix}" if suffix else f"+4917{key:07d}99999"
    bodies = tuple(b"part %d of the text %d" % (part, key) for part in range(parts))
    plain = Submission(key, number, "Clearsend", bodies, 0)
    return msgspec.structs.replace(plain, **changes)
