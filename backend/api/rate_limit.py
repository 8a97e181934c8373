"""Token buckets in Redis: all buckets of one request in one round trip, taken together or not.

A bucket holds at most `burst` tokens and gains `per_minute` a minute. Its state is two numbers,
read with Redis's own clock, so any number of api processes share it exactly.
"""

import asyncio
import hashlib
import ipaddress
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.api.auth import Connection, Guard
from backend.api.context import add_response_header, caller_of
from backend.kernel.errors import TooManyRequests
from backend.kernel.principal import PrincipalKind

# Longer than any healthy round trip, short enough that a dead Redis is hardly felt.
LIMITER_TIMEOUT_SECONDS: Final = 0.2
# Where no answer means a refusal: a login or a mail waits for a Redis that is only slow.
GUARDED_TIMEOUT_SECONDS: Final = 2.0

REFUSED_KEYS_PER_MINUTE: Final = 30
REFUSED_KEYS_BURST: Final = 60

# Asks and answers: for each bucket whether it has the token, and only if all have, takes them.
# Answer: {allowed, tokens left in the tightest, milliseconds until all would have, index}.
_TAKE: Final = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local held, wait, tightest, least = {}, 0, 1, nil
for i, key in ipairs(KEYS) do
  local per_ms, burst = tonumber(ARGV[i * 2 - 1]) / 60000, tonumber(ARGV[i * 2])
  local row = redis.call('HMGET', key, 't', 'm')
  local tokens = burst
  if row[1] then
    tokens = math.min(burst, tonumber(row[1]) + math.max(0, ms - tonumber(row[2])) * per_ms)
  end
  held[i] = tokens
  if tokens < 1 then
    local lacking = math.ceil((1 - tokens) / per_ms)
    if lacking > wait then wait, tightest = lacking, i end
  end
  if wait == 0 and (least == nil or tokens < least) then least, tightest = tokens, i end
end
local taken = 0
if wait == 0 then taken = 1 end
for i, key in ipairs(KEYS) do
  local per_ms, burst = tonumber(ARGV[i * 2 - 1]) / 60000, tonumber(ARGV[i * 2])
  redis.call('HSET', key, 't', tostring(held[i] - taken), 'm', tostring(ms))
  redis.call('PEXPIRE', key, math.ceil(burst / per_ms) + 1000)
end
return {taken, math.floor(held[tightest] - taken), wait, tightest}
"""

_log = structlog.get_logger("clearsend.api")


class Bucket(msgspec.Struct, frozen=True):
    key: str
    per_minute: float
    burst: int


class Verdict(msgspec.Struct, frozen=True):
    """`bucket` is the one that refuses, or the one nearest to refusing."""

    allowed: bool
    remaining: int
    retry_after_seconds: int
    bucket: Bucket


class Allowance(msgspec.Struct, frozen=True):
    per_minute: int
    burst: int


# One page of our own desk makes a handful of reads at once; a program pages through lists.
ALLOWANCES: Final[dict[tuple[str, str], Allowance]] = {
    ("key", "read"): Allowance(per_minute=1200, burst=200),
    ("key", "write"): Allowance(per_minute=600, burst=100),
    ("key", "send"): Allowance(per_minute=6000, burst=1000),
    ("account", "read"): Allowance(per_minute=1200, burst=300),
    ("account", "write"): Allowance(per_minute=300, burst=60),
    ("account", "send"): Allowance(per_minute=300, burst=60),
    # All keys and members of one tenant together, so that keys cannot be multiplied.
    ("tenant", "read"): Allowance(per_minute=6000, burst=1000),
    ("tenant", "write"): Allowance(per_minute=3000, burst=500),
    ("tenant", "send"): Allowance(per_minute=30000, burst=5000),
    # Anonymous: an office behind one address still logs in on Monday morning.
    ("address", "read"): Allowance(per_minute=300, burst=100),
    ("address", "write"): Allowance(per_minute=60, burst=60),
    ("address", "send"): Allowance(per_minute=60, burst=60),
}


def bucket_address(address: str) -> str:
    """An IPv6 customer owns a /64 at least; a bucket for each of its addresses limits nothing."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


async def take(
    redis: Redis, buckets: Sequence[Bucket], timeout_seconds: float | None = None
) -> Verdict:
    """Takes one token from every bucket, or none. Raises what Redis raises, or TimeoutError."""
    arguments = [number for bucket in buckets for number in (bucket.per_minute, bucket.burst)]
    async with asyncio.timeout(timeout_seconds or LIMITER_TIMEOUT_SECONDS):
        allowed, remaining, wait_ms, tightest = await redis.eval(
            _TAKE, len(buckets), *(bucket.key for bucket in buckets), *arguments
        )
    return Verdict(
        allowed=bool(allowed),
        remaining=max(0, int(remaining)),
        retry_after_seconds=math.ceil(int(wait_ms) / 1000),
        bucket=buckets[int(tightest) - 1],
    )


def refused(verdict: Verdict) -> TooManyRequests:
    return TooManyRequests(
        detail="Too many requests; wait and repeat.",
        retry_after_seconds=max(1, verdict.retry_after_seconds),
        limit_per_minute=verdict.bucket.per_minute,
    )


def buckets_of(connection: Connection, route_class: str) -> list[Bucket]:
    caller = caller_of(connection.scope)
    principal = caller.principal
    if principal is None:
        owners = [("address", bucket_address(caller.remote_address))]
    elif principal.kind is PrincipalKind.API_KEY:
        owners = [("key", str(principal.key_id))]
    else:
        owners = [("account", str(principal.account_id))]
    if principal is not None and principal.tenant_id is not None:
        owners.append(("tenant", str(principal.tenant_id)))
    return [
        Bucket(
            key=f"rate:{kind}:{name}:{route_class}",
            per_minute=ALLOWANCES[kind, route_class].per_minute,
            burst=ALLOWANCES[kind, route_class].burst,
        )
        for kind, name in owners
    ]


def limit_rate(redis: Redis | None) -> Guard:
    """A guard. Without an answer from Redis a request passes: the limiter protects others'
    share, and a broken one must not stop the sending of everybody (DESIGN O4).
    """

    async def check(connection: Connection, handler: Any) -> None:
        route_class = handler.opt.get("rate", "none")
        if redis is None or route_class == "none":
            return
        try:
            verdict = await take(redis, buckets_of(connection, route_class))
        except (RedisError, TimeoutError, OSError) as failure:
            _log.warning("rate_limiter_unavailable", error=type(failure).__name__)
            return
        scope = connection.scope
        bucket = verdict.bucket
        reset_seconds = math.ceil((bucket.burst - verdict.remaining) * 60 / bucket.per_minute)
        add_response_header(scope, "ratelimit-limit", str(bucket.burst))
        add_response_header(scope, "ratelimit-remaining", str(verdict.remaining))
        add_response_header(scope, "ratelimit-reset", str(reset_seconds))
        if not verdict.allowed:
            raise refused(verdict)

    return check


def count_refused_key(redis: Redis | None) -> Callable[[str], Awaitable[None]]:
    """Wrong keys by address: a key cannot be guessed, but looking each guess up has a price."""

    async def count(address: str) -> None:
        if redis is None:
            return
        bucket = Bucket(
            f"rate:refused_key:{bucket_address(address)}",
            REFUSED_KEYS_PER_MINUTE,
            REFUSED_KEYS_BURST,
        )
        try:
            verdict = await take(redis, [bucket])
        except (RedisError, TimeoutError, OSError):
            return
        if not verdict.allowed:
            raise refused(verdict)

    return count


def hashed(text: str) -> str:
    """For keys made of what a person typed: no e-mail address stands in Redis."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
