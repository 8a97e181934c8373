"""This process's way to Redis for live news; losing it costs freshness only."""

from functools import cache

from redis.asyncio import Redis

from workers.broker import settings


@cache
def redis() -> Redis:
    return Redis.from_url(settings.redis_url)
