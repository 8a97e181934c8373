"""A process that takes throughput again and again: `python -m tests.gateways.granter URL ID SENDER
ROUNDS SEGMENTS RATE` prints when each grant begins, in seconds of the machine's clock.
"""

import asyncio
import sys
import time
from uuid import UUID

from backend.db.engine import DATABASE
from backend.gateways.service import grant_sender_throughput, grant_throughput

WAIT_SECONDS_MAX = 3600.0


async def run(url: str, gateway_id: UUID, sender: str, rounds: int, of: tuple[int, float]) -> None:
    await DATABASE.open(url, connections_max=2)
    for _ in range(rounds):
        if sender:
            wait = await grant_sender_throughput(gateway_id, sender, *of, WAIT_SECONDS_MAX)
        else:
            wait = await grant_throughput(gateway_id, *of, WAIT_SECONDS_MAX)
        assert wait is not None
        sys.stdout.write(f"{time.time() + wait}\n")
    await DATABASE.close()


if __name__ == "__main__":
    _, at, gateway, name, number, segments, rate = sys.argv
    asyncio.run(run(at, UUID(gateway), name, int(number), (int(segments), float(rate))))
