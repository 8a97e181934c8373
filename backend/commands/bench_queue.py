"""How long a moderator waits for the next case and for a page of the queue, beside many others.

The requests go through the whole application: authorisation, scopes, audit, JSON. Only the login is
left out, because every request of a real one costs the same look-up.
"""

import statistics
import time
from typing import Any, Final
from uuid import UUID

import httpx
from litestar import Litestar

from backend.api.auth import PLAIN_COOKIE
from backend.api.context import Authenticated
from backend.app import create_app
from backend.db.engine import DATABASE
from backend.db.scope import platform_scope
from backend.identity.service.tenants import add_account, add_tenant
from backend.kernel.errors import Unauthenticated
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, PrincipalKind, StaffRole, system
from backend.moderation.queries.benchmark import fill_queue, is_filled
from backend.settings import Settings

OPEN_DEFAULT: Final = 100_000
DECIDED_DEFAULT: Final = 5_000_000
REQUESTS: Final = 200
WARM_UP: Final = 20
_ORIGIN: Final = "http://127.0.0.1"
_HEADERS: Final = {
    "cookie": f"{PLAIN_COOKIE}=bench",
    "x-csrf-token": "bench",
    "origin": _ORIGIN,
}


class _Moderator:
    """Whoever asks is the next of many leads: each claims a case of their own."""

    async def by_login_session(self, token: str) -> Authenticated | None:  # noqa: ARG002 - the port's
        principal = Principal(
            kind=PrincipalKind.STAFF,
            account_id=_LEAD,
            staff_roles=frozenset({StaffRole.LEAD}),
            has_second_factor=True,
        )
        return Authenticated(principal, "bench")

    async def by_api_key(self, secret: str) -> Principal:  # noqa: ARG002 - the port's
        raise Unauthenticated("key_invalid")


_LEAD: UUID = uuid7()


async def measure_queue(
    settings: Settings, waiting: int, decided: int
) -> tuple[float, float, float, float]:
    """Milliseconds: p50, p95 and p99 of the next case, p95 of a page of 50."""
    global _LEAD
    await DATABASE.open(settings.database_url)
    try:
        async with platform_scope(system("bench"), "is it filled") as scope:
            has_cases = await is_filled(scope)
        password = "a password of a bench"  # noqa: S105 - nobody logs in
        _LEAD, _ = await add_account(f"lead-{uuid7()}@example.com", "Lead", password)
        if not has_cases:
            owner, _ = await add_account("owner@example.com", "Owner", password)
            tenant_id = await add_tenant("Bench", owner, status="active", country="NO")
            await fill_queue(settings.database_owner_url, tenant_id, waiting, decided)
    finally:
        await DATABASE.close()
    app = create_app(settings, resolver=_Moderator(), limits_rate=False)
    async with app.lifespan():
        claims = await _times(app, "POST", "/v1/cases/next/claim")
        pages = await _times(app, "GET", "/v1/cases?limit=50")
    cuts = statistics.quantiles(claims, n=100)
    return cuts[49], cuts[94], cuts[98], statistics.quantiles(pages, n=100)[94]


async def _times(app: Litestar, method: str, path: str) -> list[float]:
    asgi: Any = app  # Litestar types its scopes more narrowly than httpx asks
    found = []
    transport = httpx.ASGITransport(asgi)
    async with httpx.AsyncClient(transport=transport, base_url=_ORIGIN, headers=_HEADERS) as client:
        for number in range(WARM_UP + REQUESTS):
            began = time.perf_counter()
            answer = await client.request(method, path)
            took = (time.perf_counter() - began) * 1_000
            if answer.status_code != 200:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
            if number >= WARM_UP:
                found.append(took)
    return found
