"""Whether this process can serve, for load balancers: names and yes or no, nothing more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from backend.api.routing import get
from backend.kernel.views import View

HEALTH_TIMEOUT_SECONDS: Final = 2.0

HealthCheck = Callable[[], Awaitable[object]]


class HealthView(View, kw_only=True, frozen=True):
    """`status` is `ok` or `failing`; `checks` says so for each thing this process needs."""

    status: str
    checks: dict[str, str]


async def _passes(check: HealthCheck) -> bool:
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT_SECONDS):
            await check()
    except Exception:  # noqa: BLE001 # whatever is wrong, the answer is the same: not healthy
        return False
    return True


def health_route(checks: dict[str, HealthCheck]) -> HTTPRouteHandler:
    @get("/v1/health", rate="none", anonymous=True, lenient_query=True)
    async def health() -> Response[HealthView]:
        passed = await asyncio.gather(*(_passes(check) for check in checks.values()))
        results = {name: "ok" if ok else "failing" for name, ok in zip(checks, passed, strict=True)}
        healthy = all(passed)
        view = HealthView(status="ok" if healthy else "failing", checks=results)
        return Response(view, status_code=200 if healthy else 503)

    return health
