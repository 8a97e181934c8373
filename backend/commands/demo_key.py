"""`clearsend demo-key --tenant NAME`: a fresh API key of a demo tenant, on the running system.

The server decides whether it is in demo mode; outside it, nobody can log in this way.
"""

import argparse
import asyncio
import sys

import httpx

from backend.commands.api_client import ApiRefused, Person
from backend.commands.demo_accounts import TENANTS
from backend.identity.service.login import DEMO_PASSWORD
from backend.kernel.principal import KeyScope
from backend.settings import Settings


def demo_key(settings: Settings, arguments: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser(prog="clearsend demo-key")
    names = {tenant.name: tenant.email for tenant in TENANTS}
    parser.add_argument("--tenant", required=True, choices=list(names), metavar="NAME")
    parsed = parser.parse_args(arguments.rest)
    try:
        print(asyncio.run(_fresh_key(settings.url, names[parsed.tenant])))
    except (ApiRefused, httpx.HTTPError) as error:
        print(f"clearsend demo-key: {error}", file=sys.stderr)
        return 1
    return 0


async def _fresh_key(url: str, email: str) -> str:
    async with await Person.log_in(url, email, DEMO_PASSWORD) as owner:
        scopes = [scope.value for scope in KeyScope]
        made = await owner.post("/v1/api-keys", {"name": "demo key", "scopes": scopes})
        return str(made["secret"])
