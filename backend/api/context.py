"""What one request carries besides its bytes, kept in the ASGI scope's `state`.

Guards write it, dependencies and the answer's headers read it.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar.types import Scope

from backend.kernel.ids import uuid7
from backend.kernel.principal import Idempotency, Principal

_REQUEST_ID: Final = "clearsend_request_id"
_HEADERS: Final = "clearsend_headers"
_CALLER: Final = "clearsend_caller"


class Authenticated(msgspec.Struct, frozen=True):
    """A live login session: who it is, and the token its unsafe requests must repeat."""

    principal: Principal
    csrf_token: str


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who a request comes from, before and besides any tenant: also there for public routes."""

    request_id: str
    remote_address: str
    login_token: str | None = None
    csrf_token: str | None = None
    principal: Principal | None = None
    idempotency: Idempotency | None = None
    user_agent: str = ""


def _state(scope: Scope) -> dict[str, Any]:
    return scope.setdefault("state", {})


def request_id_of(scope: Scope) -> str:
    """Ours, never the client's: a client that chose it could hide in another's log lines."""
    state = _state(scope)
    if _REQUEST_ID not in state:
        state[_REQUEST_ID] = str(uuid7())
    found: str = state[_REQUEST_ID]
    return found


def add_response_header(scope: Scope, name: str, value: str) -> None:
    """`name` in lower case; sent with whatever the answer turns out to be, an error included."""
    _state(scope).setdefault(_HEADERS, {})[name] = value


def response_headers_of(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = _state(scope).get(_HEADERS, {})
    return found


def set_caller(scope: Scope, caller: Caller) -> None:
    _state(scope)[_CALLER] = caller


def caller_of(scope: Scope) -> Caller:
    found: Caller = _state(scope)[_CALLER]
    return found


def tenant_of(scope: Scope) -> UUID | None:
    principal = caller_of(scope).principal
    return principal.tenant_id if principal else None
