"""How somebody comes in, and what they leave with."""

import msgspec
from redis.asyncio import Redis

from backend.identity.schemas import LoginSessionView


class LoggedIn(msgspec.Struct, frozen=True):
    """The new cookie's token and what the pages need."""

    token: str
    view: LoginSessionView


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """How a request came in, before anybody is known; `old_token` ends when a new one starts."""

    redis: Redis
    remote_address: str
    is_demo_mode: bool
    old_token: str | None = None
    has_key: bool = False
    """An idempotency key came with it."""
    secret_key: str = ""
    """What secrets at rest are sealed with."""
    url: str = ""
    """How browsers reach us: never a request's Host."""
