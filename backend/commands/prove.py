"""`clearsend prove`: do the promises hold on the data as it is? Names the first that does not."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator

from backend.billing.proof import prove_purchases
from backend.campaigns.proof import prove_approvals
from backend.commands.connection import opened
from backend.delivery.proof import prove_delivery, prove_no_double_send
from backend.embedded import servers
from backend.kernel.principal import system
from backend.ledger.proof import prove_ledger
from backend.settings import Settings, require


async def violations(settings: Settings) -> AsyncIterator[str]:
    """One line per violation; nothing when promises 1, 2, 4, 5, 10 and 11 hold.

    Promise 2 is judged by the simulator's truth log, when that is the carrier.
    """
    principal = system("prove")
    async for wrong in prove_ledger(principal):
        yield f"promise 1, credits are conserved: {wrong}"
    async for line in prove_purchases(principal):
        yield line
    async for line in prove_approvals(principal):
        yield line
    async for line in prove_delivery(principal):
        yield line
    truth = settings.data_dir / "simulator" / "truth"
    if truth.exists():
        async for line in prove_no_double_send(principal, truth):
            yield line


def prove(settings: Settings, arguments: argparse.Namespace) -> int:
    argparse.ArgumentParser(prog="clearsend prove").parse_args(arguments.rest)

    async def work(complete: Settings) -> int:
        async with opened(complete):
            async for violation in violations(complete):
                print(violation, file=sys.stderr)
                return 1
        print("every promise holds")
        return 0

    with servers.reached(settings) as complete:
        require(complete, "database_url")
        return asyncio.run(work(complete))
