"""How often anybody can make us send a mail, to one address and at all.

The receiver's bucket counts what was asked for, not what was sent: it empties the same way whether
or not the address has an account, so it says nothing about that.
"""

from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.api.rate_limit import (
    GUARDED_TIMEOUT_SECONDS,
    Bucket,
    bucket_address,
    hashed,
    refused,
    take,
)
from backend.kernel.errors import Unavailable

RECEIVER_MAILS_PER_MINUTE: Final = 0.1
RECEIVER_MAILS_BURST: Final = 5
ASKER_MAILS_PER_MINUTE: Final = 2
ASKER_MAILS_BURST: Final = 30
PLATFORM_MAILS_PER_MINUTE: Final = 600
PLATFORM_MAILS_BURST: Final = 600


async def check_mail_request(redis: Redis, receiver: str, asker: str) -> None:
    """`asker` is a network address, or `tenant:id`. Raises TooManyRequests; without Redis
    Unavailable, because mails to strangers must not become free.
    """
    who = asker if asker.startswith("tenant:") else bucket_address(asker)
    buckets = [
        Bucket(
            f"mail:receiver:{hashed(receiver)}", RECEIVER_MAILS_PER_MINUTE, RECEIVER_MAILS_BURST
        ),
        Bucket(f"mail:asker:{who}", ASKER_MAILS_PER_MINUTE, ASKER_MAILS_BURST),
        Bucket("mail:platform", PLATFORM_MAILS_PER_MINUTE, PLATFORM_MAILS_BURST),
    ]
    try:
        verdict = await take(redis, buckets, GUARDED_TIMEOUT_SECONDS)
    except (RedisError, TimeoutError, OSError):
        raise Unavailable("mail_unavailable", retry_after_seconds=5) from None
    if not verdict.allowed:
        raise refused(verdict)
