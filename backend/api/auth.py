"""Who is asking: a login session's cookie, or an API key as bearer. Anonymous passes through;
the authorisation table decides what anonymous may do.
"""

import contextlib
import hmac
import ipaddress
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from msgspec.structs import replace

from backend.api.context import Authenticated, Caller, caller_of, request_id_of, set_caller
from backend.api.settings import ApiSettings
from backend.kernel.errors import Forbidden, MalformedInput, Unauthenticated
from backend.kernel.principal import Principal

# `__Host-` makes the browser insist on Secure, Path=/ and no Domain; it needs https.
SECURE_COOKIE: Final = "__Host-clearsend"
PLAIN_COOKIE: Final = "clearsend_session"
CSRF_HEADER: Final = "x-csrf-token"
BEARER_LIMIT_CHARS: Final = 512
USER_AGENT_LIMIT_CHARS: Final = 256
LOGIN_COOKIE_SECONDS: Final = 7 * 24 * 3600  # the absolute life of a tenant's login session

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_CREDENTIAL_PARAMETERS: Final = frozenset(
    {"api_key", "apikey", "api-key", "access_token", "authorization", "secret"}
)
_KEY_LIKE: Final = re.compile(r"^(?:sk|test)_\w{8,}")

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, Any], Awaitable[None]]


class PrincipalResolver(Protocol):
    """Looks credentials up. The principals it makes carry no request facts; `authenticate` adds
    the request id, the address and, for writes, the idempotency key.
    """

    async def by_login_session(self, token: str) -> Authenticated | None:
        """None: there is no such session, or no longer."""

    async def by_api_key(self, secret: str) -> Principal:
        """Raises Unauthenticated: `key_invalid`, `key_revoked` or `key_expired`."""


def cookie_name(settings: ApiSettings) -> str:
    return SECURE_COOKIE if settings.https else PLAIN_COOKIE


def login_cookie(settings: ApiSettings, token: str) -> Cookie:
    return Cookie(
        key=cookie_name(settings),
        value=token,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
        max_age=LOGIN_COOKIE_SECONDS,
    )


def expired_login_cookie(settings: ApiSettings) -> Cookie:
    return Cookie(
        key=cookie_name(settings),
        value="",
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
        max_age=0,
    )


def remote_address(connection: Connection, trusted_proxy_hops: int) -> str:
    """The address the outermost proxy of ours saw; without proxies, the socket's peer.

    Each proxy appends the address it was called from, so only the last `trusted_proxy_hops`
    entries were written by us; everything before them is the client's invention.
    """
    peer = connection.client.host if connection.client else ""
    if trusted_proxy_hops == 0:
        return peer
    said = [
        part.strip()
        for value in connection.headers.getall("x-forwarded-for", [])
        for part in value.split(",")
    ]
    if len(said) < trusted_proxy_hops:
        return peer
    try:
        return str(ipaddress.ip_address(said[-trusted_proxy_hops]))
    except ValueError:
        return peer


def bearer_of(connection: Connection) -> str | None:
    """The API key of a request. Raises Unauthenticated `key_invalid` for another scheme."""
    value = connection.headers.get("authorization")
    if value is None:
        return None
    scheme, _, secret = value.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > BEARER_LIMIT_CHARS:
        raise Unauthenticated("key_invalid", "Authorization: Bearer <API key> is expected.")
    return secret


async def principal_now(
    resolver: PrincipalResolver, login_token: str | None, secret: str | None
) -> Principal | None:
    """Who a long request is from by now: a login session ends, a role is taken away, a key is
    revoked.
    """
    if secret is not None:
        with contextlib.suppress(Unauthenticated):
            return await resolver.by_api_key(secret)
        return None
    session = await resolver.by_login_session(login_token) if login_token else None
    return session.principal if session is not None else None


def refuse_key_in_query(connection: Connection) -> None:
    """Addresses end up in logs, histories and Referer headers; a key in one is already lost."""
    if not connection.scope.get("query_string"):
        return
    for name, value in connection.query_params.multi_items():
        if name.lower() in _CREDENTIAL_PARAMETERS or _KEY_LIKE.match(str(value)):
            raise MalformedInput("key_in_query", "Send an API key as a bearer token; revoke this.")


def authenticate(
    settings: ApiSettings,
    resolver: PrincipalResolver,
    count_refused_key: Callable[[str], Awaitable[None]],
) -> Guard:
    """A guard that finds the caller; it runs before every other one.

    `anonymous=True` on a route spares the look-up: pages and probes are the same for everybody.
    `count_refused_key` is told the address a wrong key came from, and may refuse further ones.
    """

    async def find_caller(connection: Connection, handler: Any) -> None:
        refuse_key_in_query(connection)
        address = remote_address(connection, settings.trusted_proxy_hops)
        caller = Caller(
            request_id=request_id_of(connection.scope),
            remote_address=address,
            user_agent=connection.headers.get("user-agent", "")[:USER_AGENT_LIMIT_CHARS],
        )
        set_caller(connection.scope, caller)
        if handler.opt.get("anonymous"):
            return
        cookie = connection.cookies.get(cookie_name(settings))
        secret = bearer_of(connection)
        if cookie and secret:
            raise MalformedInput("two_credentials", "Send a cookie or a key, not both.")
        if secret:
            try:
                found = await resolver.by_api_key(secret)
            except Unauthenticated:
                await count_refused_key(address)
                raise
            set_caller(connection.scope, _known(caller, found))
        elif cookie:
            session = await resolver.by_login_session(cookie)
            if session is not None:
                set_caller(connection.scope, _known(caller, session.principal, session, cookie))

    return find_caller


def _known(
    caller: Caller,
    principal: Principal,
    session: Authenticated | None = None,
    login_token: str | None = None,
) -> Caller:
    """The caller with a principal that carries this request's facts."""
    return replace(
        caller,
        principal=replace(
            principal, request_id=caller.request_id, remote_address=caller.remote_address
        ),
        csrf_token=session.csrf_token if session else None,
        login_token=login_token,
    )


def check_csrf(settings: ApiSettings) -> Guard:
    """Cookies travel by themselves, so an unsafe request must prove it comes from our pages: by
    where the browser says it comes from and, once logged in, by the session's token.
    """

    async def check(connection: Connection, _: Any) -> None:
        if connection.scope.get("method") in _SAFE_METHODS:
            return
        if "authorization" in connection.headers:
            return
        site = connection.headers.get("sec-fetch-site")
        if site is not None and site not in _OWN_SITES:
            raise Forbidden("csrf_failed", "This request comes from another site.")
        origin = connection.headers.get("origin")
        if origin is not None and not _own_origin(settings, connection, origin):
            raise Forbidden("csrf_failed", "This request comes from another origin.")
        expected = caller_of(connection.scope).csrf_token
        if expected is None:
            return
        given = connection.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode("latin-1", "replace"), expected.encode()):
            raise Forbidden("csrf_failed", "The X-CSRF-Token header is missing or wrong.")

    return check


def _own_origin(settings: ApiSettings, connection: Connection, origin: str) -> bool:
    if settings.public_origins:
        return origin in settings.public_origins
    return urlsplit(origin).netloc == connection.headers.get("host", "")
