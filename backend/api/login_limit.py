"""Tries at logging in, limited so that guessing is hopeless and nobody can lock another out.

Four buckets, all of which must have a token. The pair of account and address is the hardest: an
attacker meets it after five tries, the account's owner elsewhere does not. The account's own
bucket is against many addresses at once; an address from which the account's owner has logged in
before is not asked for it, nor for the platform's, so exhausting them locks out strangers only.
"""

import asyncio
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

PAIR_TRIES_PER_MINUTE: Final = 1
PAIR_TRIES_BURST: Final = 5
ACCOUNT_TRIES_PER_MINUTE: Final = 5
ACCOUNT_TRIES_BURST: Final = 30
ADDRESS_TRIES_PER_MINUTE: Final = 10
ADDRESS_TRIES_BURST: Final = 30
PLATFORM_TRIES_PER_MINUTE: Final = 1200
PLATFORM_TRIES_BURST: Final = 600
KNOWN_ADDRESS_SECONDS: Final = 30 * 24 * 3600


def _pair(account_name: str, address: str) -> str:
    return hashed(f"{account_name.strip().casefold()}\n{bucket_address(address)}")


def _known_key(account_name: str, address: str) -> str:
    return f"login:known:{_pair(account_name, address)}"


def _buckets(account_name: str, address: str, *, known: bool) -> list[Bucket]:
    pair = Bucket(
        f"login:pair:{_pair(account_name, address)}", PAIR_TRIES_PER_MINUTE, PAIR_TRIES_BURST
    )
    if known:
        return [pair]
    account = hashed(account_name.strip().casefold())
    return [
        pair,
        Bucket(f"login:account:{account}", ACCOUNT_TRIES_PER_MINUTE, ACCOUNT_TRIES_BURST),
        Bucket(
            f"login:address:{bucket_address(address)}",
            ADDRESS_TRIES_PER_MINUTE,
            ADDRESS_TRIES_BURST,
        ),
        Bucket("login:platform", PLATFORM_TRIES_PER_MINUTE, PLATFORM_TRIES_BURST),
    ]


async def check_login_try(redis: Redis, account_name: str, address: str) -> None:
    """Call it before the password is looked at, whether or not the account exists.

    Raises TooManyRequests with `retry_after_seconds`. Without Redis it raises Unavailable: login
    sessions live there too, and guessing must not become free.
    """
    try:
        async with asyncio.timeout(GUARDED_TIMEOUT_SECONDS):
            known = bool(await redis.exists(_known_key(account_name, address)))
        buckets = _buckets(account_name, address, known=known)
        verdict = await take(redis, buckets, GUARDED_TIMEOUT_SECONDS)
    except (RedisError, TimeoutError, OSError):
        raise Unavailable("login_unavailable", retry_after_seconds=5) from None
    if not verdict.allowed:
        raise refused(verdict)


async def remember_login(redis: Redis, account_name: str, address: str) -> None:
    """Call it after a login succeeded: gives the tries back and makes the address a known one."""
    await redis.delete(f"login:pair:{_pair(account_name, address)}")
    await redis.set(_known_key(account_name, address), "1", ex=KNOWN_ADDRESS_SECONDS)
