"""Login sessions in Redis: a random token in the browser, its hash as our key.

A token is never taken from the client: every change of privilege makes a new one and drops the
old. Redis may be emptied at any moment; people log in again and nothing else is lost.
"""

import hashlib
import secrets
import time
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.kernel.errors import Unavailable

IDLE_SECONDS_MEMBER = 12 * 3600
IDLE_SECONDS_STAFF = 30 * 60
ABSOLUTE_SECONDS_MEMBER = 7 * 24 * 3600
ABSOLUTE_SECONDS_STAFF = 12 * 3600
SECOND_STEP_SECONDS = 600
"""From the password to the second factor; reaching for a telephone takes longer than one thinks."""
TOUCH_EVERY_SECONDS = 60
TOKEN_BYTES = 32


class LoginSession(msgspec.Struct, frozen=True, kw_only=True):
    account_id: UUID
    tenant_id: UUID | None
    is_staff: bool
    csrf_token: str
    started_at: float
    seen_at: float
    generation: int = 0
    """The account's when it began; another one now means that all its sessions were ended."""
    proved_at: float = 0.0
    """When the person last proved who they are, by the strongest they have."""
    awaits_second_step: bool = False
    """The password was right; until the second factor is too, this opens nothing else."""


_decoder = msgspec.json.Decoder(LoginSession)


def _key(token: str) -> str:
    return f"login:{hashlib.sha256(token.encode()).hexdigest()}"


def _seconds_left(session: LoginSession, now: float) -> int:
    if session.awaits_second_step:
        return int(session.started_at + SECOND_STEP_SECONDS - now)
    idle = IDLE_SECONDS_STAFF if session.is_staff else IDLE_SECONDS_MEMBER
    absolute = ABSOLUTE_SECONDS_STAFF if session.is_staff else ABSOLUTE_SECONDS_MEMBER
    return min(idle, int(session.started_at + absolute - now))


def begun(
    account_id: UUID,
    tenant_id: UUID | None,
    *,
    is_staff: bool,
    generation: int,
    awaits_second_step: bool,
) -> LoginSession:
    """What a login gives: somebody who has just proved who they are, or half of it."""
    now = time.time()
    return LoginSession(
        account_id=account_id,
        tenant_id=tenant_id,
        is_staff=is_staff,
        csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
        started_at=now,
        seen_at=now,
        generation=generation,
        proved_at=0.0 if awaits_second_step else now,
        awaits_second_step=awaits_second_step,
    )


def proved(session: LoginSession) -> LoginSession:
    """The same, proved anew. It ends when it would have: its beginning stays."""
    return msgspec.structs.replace(session, proved_at=time.time())


def is_fresh(session: LoginSession, seconds: int) -> bool:
    return time.time() - session.proved_at <= seconds


async def start(redis: Redis, session: LoginSession, old: str | None) -> str:
    """A new token; the session of `old` ends in the same moment. Raises Unavailable."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    left = _seconds_left(session, time.time())
    try:
        async with redis.pipeline(transaction=True) as pipe:
            pipe.set(_key(token), msgspec.json.encode(session), ex=max(1, left))
            if old:
                pipe.delete(_key(old))
            await pipe.execute()
    except (RedisError, OSError) as error:
        raise Unavailable("login_unavailable", retry_after_seconds=5) from error
    return token


async def find(redis: Redis, token: str) -> LoginSession | None:
    """The live session of a token, its idle time begun anew. Raises Unavailable."""
    try:
        raw = await redis.get(_key(token))
        if raw is None:
            return None
        session = _decoder.decode(raw)
        now = time.time()
        left = _seconds_left(session, now)
        if left <= 0:
            await end(redis, token)
            return None
        if now - session.seen_at > TOUCH_EVERY_SECONDS:
            touched = msgspec.structs.replace(session, seen_at=now)
            # XX: a session ended meanwhile stays ended
            await redis.set(_key(token), msgspec.json.encode(touched), ex=left, xx=True)
    except (RedisError, OSError) as error:
        raise Unavailable("login_unavailable", retry_after_seconds=5) from error
    return session


async def end(redis: Redis, token: str) -> None:
    await redis.delete(_key(token))
