"""How long a moderator waits for the next case, a page of the queue and the page of a large case.

The requests go through the whole application: authorisation, scopes, audit, JSON. Only the login is
left out, because every request of a real one costs the same look-up.
"""

import statistics
import time
from typing import Any, Final, NamedTuple
from uuid import UUID

import httpx
from litestar import Litestar

from backend.api.auth import PLAIN_COOKIE
from backend.api.context import Authenticated
from backend.app import create_app
from backend.commands.bench_case import make_large_case
from backend.db.engine import DATABASE
from backend.identity.service.tenants import add_account, add_tenant
from backend.kernel.errors import Unauthenticated
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, PrincipalKind, StaffRole
from backend.moderation.queries.benchmark import fill_queue, room_for_log
from backend.settings import Settings

OPEN_DEFAULT: Final = 100_000
DECIDED_DEFAULT: Final = 5_000_000
TENANTS: Final = 50
DECIDERS: Final = 12
REQUESTS: Final = 200
WARM_UP: Final = 20
PROMISED_MS: Final = {"next": 50, "page": 50, "case": 150}
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
            account_id=_FILLED[0].lead,
            staff_roles=frozenset({StaffRole.LEAD}),
            has_second_factor=True,
        )
        return Authenticated(principal, "bench")

    async def by_api_key(self, secret: str) -> Principal:  # noqa: ARG002 - the port's
        raise Unauthenticated("key_invalid")


class _Filled(NamedTuple):
    lead: UUID
    tenant_id: UUID
    """Of the large case."""
    case_id: UUID


_FILLED: list[_Filled] = []
"""One, once the first round has filled the queue: filling it takes minutes."""


class Waits(NamedTuple):
    """Milliseconds at the API, of 100 requests: of 50, 95 and 99."""

    p50: float
    p95: float
    p99: float


async def measure_queue(settings: Settings, waiting: int, decided: int) -> dict[str, Waits]:
    """By what was asked for: `next`, `page`, `case`."""
    if not _FILLED:
        _FILLED.append(await _fill(settings, waiting, decided))
    filled = _FILLED[0]
    app = create_app(settings, resolver=_Moderator(), limits_rate=False)
    async with app.lifespan():
        return {
            "next": await _waits(app, "POST", "/v1/cases/next/claim"),
            "page": await _waits(app, "GET", "/v1/cases?limit=50"),
            "case": await _waits(app, "GET", f"/v1/cases/{filled.tenant_id}/{filled.case_id}"),
        }


async def _fill(settings: Settings, waiting: int, decided: int) -> _Filled:
    await DATABASE.open(settings.database_url)
    try:
        password = "a password of a bench"  # noqa: S105 - nobody logs in
        lead, _ = await add_account("lead@example.com", "Lead", password)
        owner, _ = await add_account("owner@example.com", "Owner", password)
        tenants = [
            await add_tenant(f"Bench {n}", owner, status="active", country="NO")
            for n in range(TENANTS)
        ]
        case_id = await make_large_case(settings.database_owner_url, tenants[0], owner)
        deciders = [uuid7() for _ in range(DECIDERS)]
        owner_url = settings.database_owner_url
        async with room_for_log(owner_url):
            await fill_queue(owner_url, tenants, waiting, decided, deciders=deciders)
        return _Filled(lead, tenants[0], case_id)
    finally:
        await DATABASE.close()


async def _waits(app: Litestar, method: str, path: str) -> Waits:
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
    cuts = statistics.quantiles(found, n=100)
    return Waits(cuts[49], cuts[94], cuts[98])
