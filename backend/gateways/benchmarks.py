"""How fast the way out is by itself: our client against our carrier, over loopback, with receipts.

This is the ceiling the dispatch path is measured against in the same run (docs/performance.md).
"""

import asyncio
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from backend.gateways.config import GatewayConfig
from backend.gateways.port import (
    InboundMessage,
    Listeners,
    Outcome,
    OutcomeKind,
    Receipt,
    ReceiptStatus,
    Submission,
)
from backend.gateways.registry import connect

BIND_SECONDS_MAX: Final = 10.0
RECEIPTS_SECONDS_MAX: Final = 60.0
WINDOW_MESSAGES: Final = 200
_BODY: Final = b"Dear customer, your parcel is on its way and will reach you today. " * 2
_CLOCK_TICKS: Final = os.sysconf("SC_CLK_TCK")


class SmppFigures(msgspec.Struct, frozen=True):
    messages: int
    seconds: float
    """Until the last receipt was acknowledged."""
    messages_per_second: float
    submitted_per_second: float
    client_cpu_us_per_message: float
    carrier_cpu_us_per_message: float
    rss_mib: float


@asynccontextmanager
async def _simulator(script: str) -> AsyncIterator[tuple[int, int]]:
    """Process id and SMPP port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backend.gateways.simulator",
        "--script",
        script,
        "--account",
        "bench:bench",
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), BIND_SECONDS_MAX)
        ports = msgspec.json.decode(line, type=dict[str, int])
        yield process.pid, ports["smpp_port"]
    finally:
        process.terminate()
        await process.wait()


async def measure_smpp(
    messages: int = 200_000, *, lanes: int = 4, sessions: int = 1, script: str = "perfect"
) -> SmppFigures:
    """Every message is submitted, accepted, and its receipt parsed and acknowledged."""
    delivered = 0
    all_delivered = asyncio.Event()

    async def count(receipts: Sequence[Receipt]) -> None:
        nonlocal delivered
        delivered += sum(receipt.status is ReceiptStatus.DELIVERED for receipt in receipts)
        if delivered >= messages:
            all_delivered.set()

    async def ignore(_: Sequence[InboundMessage] | Sequence[Outcome]) -> None:
        pass

    async with _simulator(script) as (carrier_pid, port):
        config = GatewayConfig(
            name="bench",
            host="127.0.0.1",
            port=port,
            system_id="bench",
            password="bench",  # noqa: S106  # of a process of our own that lives for this run
            sessions_count=sessions,
            window_segments_max=1_000,
        )
        gateway = connect(config, Listeners(count, ignore, ignore))
        await gateway.start()
        assert await gateway.ready(timeout_seconds=BIND_SECONDS_MAX)
        windows = iter(range(0, messages, WINDOW_MESSAGES))

        async def lane() -> None:
            for first in windows:
                window = [
                    _submission(n) for n in range(first, min(first + WINDOW_MESSAGES, messages))
                ]
                outcomes = await gateway.submit_window(window, timeout_seconds=30)
                assert all(outcome.kind is OutcomeKind.ACCEPTED for outcome in outcomes)

        began, cpu, carrier_cpu = time.monotonic(), time.process_time(), _cpu_seconds(carrier_pid)
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(lane())
        submitted = time.monotonic() - began
        await asyncio.wait_for(all_delivered.wait(), RECEIPTS_SECONDS_MAX)
        seconds = time.monotonic() - began
        figures = SmppFigures(
            messages=messages,
            seconds=round(seconds, 3),
            messages_per_second=round(messages / seconds),
            submitted_per_second=round(messages / submitted),
            client_cpu_us_per_message=round((time.process_time() - cpu) * 1e6 / messages, 2),
            carrier_cpu_us_per_message=round(
                (_cpu_seconds(carrier_pid) - carrier_cpu) * 1e6 / messages, 2
            ),
            rss_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024, 1),
        )
        await gateway.close(drain_seconds=5)
    return figures


def _submission(number: int) -> Submission:
    return Submission(number, f"+4917{number:09d}", "Clearsend", (_BODY,), 0)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


def main() -> None:
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    figures = uvloop.run(measure_smpp(messages))
    sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")


if __name__ == "__main__":
    main()
