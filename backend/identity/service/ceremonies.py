"""What was asked of an authenticator, kept until it answers: for one login session, for one use.

In Redis, under the hash of the session's token. Emptied, or too late: the person asks again.
"""

import hashlib
from typing import Final, Literal

from redis.exceptions import RedisError

from backend.identity.service.doors import Door
from backend.kernel.errors import Unavailable

ANSWER_SECONDS_MAX: Final = 600
Ceremony = Literal["totp", "passkey_creation", "passkey_assertion"]


def _key(door: Door, ceremony: Ceremony) -> str:
    token = hashlib.sha256((door.old_token or "").encode()).hexdigest()
    return f"second_factor:{ceremony}:{token}"


async def remember(door: Door, ceremony: Ceremony, asked: bytes) -> None:
    """Instead of what was asked before. Raises Unavailable."""
    try:
        await door.redis.set(_key(door, ceremony), asked, ex=ANSWER_SECONDS_MAX)
    except (RedisError, OSError) as error:
        raise Unavailable("login_unavailable", retry_after_seconds=5) from error


async def recall(door: Door, ceremony: Ceremony) -> bytes | None:
    """What was asked, still open: a mistyped code may be typed again. Raises Unavailable."""
    try:
        found = await door.redis.get(_key(door, ceremony))
    except (RedisError, OSError) as error:
        raise Unavailable("login_unavailable", retry_after_seconds=5) from error
    return found.encode() if isinstance(found, str) else found


async def take(door: Door, ceremony: Ceremony) -> bytes | None:
    """What was asked, for one caller only: an answer is looked at once. Raises Unavailable."""
    try:
        found = await door.redis.getdel(_key(door, ceremony))
    except (RedisError, OSError) as error:
        raise Unavailable("login_unavailable", retry_after_seconds=5) from error
    return found.encode() if isinstance(found, str) else found
