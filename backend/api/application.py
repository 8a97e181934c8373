"""Puts the plumbing together. What features offer and need comes in as parameters."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Litestar, Request
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router
from redis.asyncio import Redis

from backend.api.auth import Guard, PrincipalResolver, authenticate, check_csrf
from backend.api.authorization import table
from backend.api.authorization.access import Rows
from backend.api.bodies import UPLOAD_BODY_LIMIT_BYTES, StrictRequest, check_body
from backend.api.context import Caller, caller_of
from backend.api.guards import authorize, check_routes
from backend.api.headers import add_headers
from backend.api.health import HealthCheck, health_route
from backend.api.idempotency import read_idempotency
from backend.api.live import LiveHub, TopicAuthorizer, events_route
from backend.api.openapi import DocumentParts, openapi_route, remember_parts
from backend.api.pages import page_routes
from backend.api.parameters import check_query, learn_query_parameters
from backend.api.problems import EXCEPTION_HANDLERS
from backend.api.rate_limit import count_refused_key, limit_rate
from backend.api.settings import ApiSettings
from backend.kernel.errors import Unauthenticated
from backend.kernel.principal import Principal

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


async def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """`caller: Caller` in a route: there for everybody, anonymous included."""
    return caller_of(request.scope)


async def provide_principal(request: Request[Any, Any, Any]) -> Principal:
    """`principal: Principal` in a route; a public route asks for the caller instead."""
    principal = caller_of(request.scope).principal
    if principal is None:
        raise Unauthenticated
    return principal


def build_application(
    route_handlers: Sequence[HTTPRouteHandler | Router],
    *,
    resolver: PrincipalResolver,
    redis: Redis | None,
    settings: ApiSettings,
    authorize_topic: TopicAuthorizer,
    health_checks: dict[str, HealthCheck] | None = None,
    lifespan: Sequence[Lifespan] = (),
    dependencies: dict[str, Callable[..., Awaitable[Any]]] | None = None,
    rows: Rows = table.ROWS,
) -> Litestar:
    """Raises RoutesAndRowsDiffer when a route has no row or a row no route.

    `dependencies` are async providers by parameter name, beside `principal` and `caller`.
    """
    hub = LiveHub(redis)
    documented = [
        *route_handlers,
        health_route(health_checks or {}),
        events_route(hub, resolver, authorize_topic),
    ]
    provided = {
        "caller": Provide(provide_caller),
        "principal": Provide(provide_principal),
        **{name: Provide(made) for name, made in (dependencies or {}).items()},
    }
    app = Litestar(
        route_handlers=[*documented, openapi_route(), *page_routes(settings.pages_directory)],
        guards=_guards(settings, resolver, redis, rows),
        dependencies=provided,
        request_class=StrictRequest,
        request_max_body_size=UPLOAD_BODY_LIMIT_BYTES,
        exception_handlers=EXCEPTION_HANDLERS,
        before_send=[add_headers(settings)],
        lifespan=[*lifespan, hub.lifespan],
        openapi_config=None,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )
    check_routes(app, rows)
    learn_query_parameters(app)
    remember_parts(app, DocumentParts(documented, provided, rows, settings.version))
    return app


def _guards(
    settings: ApiSettings,
    resolver: PrincipalResolver,
    redis: Redis | None,
    rows: Rows,
) -> list[Guard]:
    """In this order: nobody's body is read before it is clear that they may send one."""
    return [
        authenticate(settings, resolver, count_refused_key(redis)),
        limit_rate(redis),
        check_csrf(settings),
        authorize(rows),
        check_query,
        check_body,
        read_idempotency,
    ]
