"""Routes in one line: `@post("/campaigns")` names the operation after its function, files it under
its feature, and documents the problems every operation can answer with.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec

from backend.api.bodies import BodyKind
from backend.api.context import Caller
from backend.api.problems import PROBLEM_MEDIA_TYPE, Problem
from backend.kernel.principal import Principal

# Route parameters: `principal: FromPrincipal`, `caller: FromCaller`, `data: JSONBody[XCreate]`.
FromPrincipal = NamedDependency[Principal]
FromCaller = NamedDependency[Caller]

RateClass = Literal["read", "write", "send", "none"]

_EVERYWHERE: Final = (400, 401, 403, 429)
_WITH_ID: Final = (404,)
_ON_WRITES: Final = (409, 413, 415, 422)
_READS: Final = frozenset({"GET", "HEAD"})

Route = Callable[[Callable[..., Any]], HTTPRouteHandler]


def problem_responses(method: str, path: str) -> dict[int, ResponseSpec]:
    statuses = (
        *_EVERYWHERE,
        *(_WITH_ID if "{" in path else ()),
        *((422,) if method in _READS else _ON_WRITES),
    )
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            description=HTTPStatus(status).phrase,
            media_type=PROBLEM_MEDIA_TYPE,
        )
        for status in sorted(statuses)
    }


def feature_of(module: str) -> str:
    """`backend.campaigns.routes` → `campaigns`; the OpenAPI tag is the folder's name."""
    parts = module.split(".")
    return parts[1] if parts[0] == "backend" and len(parts) > 1 else parts[0]


def _route(
    method: str | Sequence[str],
    path: str,
    *,
    status_code: int | None,
    summary: str | None,
    rate: RateClass,
    body: BodyKind,
    options: dict[str, Any],
) -> Route:
    opt = {"rate": rate, "body": body}
    for name in ("body_limit_bytes", "body_timeout_seconds", "lenient_query", "anonymous"):
        if name in options:
            opt[name] = options.pop(name)

    def decorate(function: Callable[..., Any]) -> HTTPRouteHandler:
        shown = summary or function.__name__.replace("_", " ").capitalize()
        main = method if isinstance(method, str) else method[0]
        return HTTPRouteHandler(
            path,
            http_method=method,  # type: ignore[arg-type] # one of Litestar's literals
            status_code=status_code,
            summary=shown,
            operation_id=function.__name__,
            tags=[feature_of(function.__module__)],
            responses=problem_responses(main, path),
            opt=opt,
            **options,
        )(function)

    return decorate


def get(
    path: str,
    *,
    status_code: int | None = None,
    summary: str | None = None,
    rate: RateClass = "read",
    **options: Any,
) -> Route:
    return _route(
        "GET",
        path,
        status_code=status_code,
        summary=summary,
        rate=rate,
        body="json",
        options=options,
    )


def post(
    path: str,
    *,
    status_code: int | None = None,
    summary: str | None = None,
    rate: RateClass = "write",
    body: BodyKind = "json",
    **options: Any,
) -> Route:
    return _route(
        "POST",
        path,
        status_code=status_code,
        summary=summary,
        rate=rate,
        body=body,
        options=options,
    )


def patch(
    path: str,
    *,
    status_code: int | None = None,
    summary: str | None = None,
    rate: RateClass = "write",
    body: BodyKind = "json",
    **options: Any,
) -> Route:
    return _route(
        "PATCH",
        path,
        status_code=status_code,
        summary=summary,
        rate=rate,
        body=body,
        options=options,
    )


def put(
    path: str,
    *,
    status_code: int | None = None,
    summary: str | None = None,
    rate: RateClass = "write",
    body: BodyKind = "json",
    **options: Any,
) -> Route:
    return _route(
        "PUT",
        path,
        status_code=status_code,
        summary=summary,
        rate=rate,
        body=body,
        options=options,
    )


def delete(
    path: str,
    *,
    status_code: int | None = None,
    summary: str | None = None,
    rate: RateClass = "write",
    body: BodyKind = "json",
    **options: Any,
) -> Route:
    return _route(
        "DELETE",
        path,
        status_code=status_code,
        summary=summary,
        rate=rate,
        body=body,
        options=options,
    )
