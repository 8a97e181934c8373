"""`clearsend prove`: do the promises hold on the data as it is? Names the first that does not."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator

from backend.commands.connection import opened
from backend.embedded import servers
from backend.kernel.principal import system
from backend.ledger.proof import prove_ledger
from backend.settings import Settings, require


async def violations(settings: Settings) -> AsyncIterator[str]:
    """One line per violation; nothing when every promise holds."""
    principal = system("prove")
    async for found in prove_ledger(principal):
        yield f"promise 1, credits are conserved: {found}"


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
