"""The authorisation table at work: before each request, and once at the start over all routes."""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute

from backend.api.auth import Connection, Guard
from backend.api.authorization.access import STEP_UP_SECONDS, Access, Rows
from backend.api.bodies import body_kind, body_type
from backend.api.context import caller_of
from backend.kernel.errors import Forbidden, NotFound, Unauthenticated
from backend.kernel.principal import Principal, PrincipalKind


class RoutesAndRowsDiffer(RuntimeError):
    """The application does not start: a route nobody decided about, or a decision about none."""


def authorize(rows: Rows) -> Guard:
    async def decide(connection: Connection, handler: BaseRouteHandler) -> None:
        if connection.scope.get("method") == "OPTIONS":
            return  # Litestar's own answer, which names the methods of a path
        access = rows.get(str(getattr(handler, "operation_id", None)))
        if access is None:
            raise NotFound
        check_access(access, caller_of(connection.scope).principal)

    return decide


def check_access(access: Access, principal: Principal | None) -> None:
    if access.public:
        return
    if principal is None:
        raise Unauthenticated(detail="Log in, or send an API key.")
    if principal.awaits_second_step:
        if access.second_step:
            return
        raise Unauthenticated("second_step_pending", "Confirm your second factor first.")
    if principal.kind is PrincipalKind.API_KEY:
        _check_key(access, principal)
        return
    if not _is_allowed_person(access, principal):
        raise Forbidden(
            "role_missing",
            "Your role does not include this.",
            roles=sorted(role.value for role in (*access.members, *access.staff)),
        )
    if access.step_up and not principal.has_stepped_up:
        raise Forbidden(
            "step_up_required",
            "Confirm that it is you, then do this again.",
            max_age_seconds=STEP_UP_SECONDS,
        )


def _check_key(access: Access, principal: Principal) -> None:
    if access.key:
        return
    if access.scope is None:
        raise Forbidden("scope_missing", "No API key may do this.", scope=None)
    if access.scope not in principal.key_scopes:
        raise Forbidden(
            "scope_missing", f"The key lacks {access.scope.value}.", scope=access.scope.value
        )
    if access.sends and principal.is_test_key:
        raise Forbidden("test_key", "A test key sends nothing: use a live one.")


def _is_allowed_person(access: Access, principal: Principal) -> bool:
    if principal.kind not in {PrincipalKind.MEMBER, PrincipalKind.STAFF}:
        return False
    if access.account:
        return True
    # A role without a tenant is no role: it was lost on the way, and must not open anything.
    if principal.tenant_id is not None and principal.member_role in access.members:
        return True
    if principal.kind is PrincipalKind.STAFF and principal.staff_roles & access.staff:
        if access.staff_second_factor and not principal.has_second_factor:
            raise Forbidden(
                "second_factor_required",
                "Our own people need a second factor: set yours up first.",
                kinds=["passkey", "totp"],
                page="/second-factor",
            )
        return True
    return False


def operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, path template, handler) of every HTTP route; Litestar's OPTIONS are left out."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            raise RoutesAndRowsDiffer(f"{route.path}: only HTTP routes are guarded")
        for handler in route.route_handlers:
            for method in handler.http_methods:
                if method != "OPTIONS":
                    yield str(method), route.path_format, handler


def check_routes(app: Litestar, rows: Rows) -> None:
    """Each route has one row, each row a route, each body a type that refuses unknown fields."""
    wrong = []
    seen = set()
    for method, path, handler in operations(app):
        name = handler.handler_name
        seen.add(name)
        if handler.operation_id != name:
            wrong.append(f"{method} {path}: operation_id is not the function's name {name}")
        if name not in rows:
            wrong.append(f"{method} {path}: no row for {name} in the authorisation table")
        body = body_type(handler)
        if body is not None and body_kind(handler) == "json" and not _is_strict(body):
            wrong.append(f"{method} {path}: data of {name} is no Input")
    wrong += [f"{name}: a row without a route" for name in sorted(rows.keys() - seen)]
    if wrong:
        raise RoutesAndRowsDiffer("\n".join(["routes and authorisation rows differ:", *wrong]))


def _is_strict(body: Any) -> bool:
    inner = getattr(body, "__args__", None) or (body,)
    return all(
        isinstance(part, type)
        and issubclass(part, msgspec.Struct)
        and part.__struct_config__.forbid_unknown_fields
        for part in inner
    )
