"""What routes before a login share: how a request came in, and the cookie it leaves with."""

from typing import Any, TypeVar

from litestar import Request, Response
from litestar.di import NamedDependency

from backend.api.auth import login_cookie
from backend.api.routing import FromCaller
from backend.api.settings import ApiSettings
from backend.identity.schemas import LoginSessionView
from backend.identity.service.doors import Door, LoggedIn

T = TypeVar("T")
FromDoor = NamedDependency[Door]
FromSettings = NamedDependency[ApiSettings]


def with_new_cookie(api_settings: ApiSettings, token: str, view: T) -> Response[T]:
    return Response(view, cookies=[login_cookie(api_settings, token)])


def with_cookie(api_settings: ApiSettings, logged_in: LoggedIn) -> Response[LoginSessionView]:
    # No status of its own: the route's stands.
    return Response(logged_in.view, cookies=[login_cookie(api_settings, logged_in.token)])


async def provide_door(request: Request[Any, Any, Any], caller: FromCaller) -> Door:
    """Injected by `app` under the name `door`."""
    return Door(
        redis=request.app.state.redis,
        remote_address=caller.remote_address,
        is_demo_mode=request.app.state.is_demo_mode,
        old_token=caller.login_token,
        has_key=caller.idempotency is not None,
        secret_key=request.app.state.secret_key,
        url=request.app.state.url,
    )
