"""How often one network address may knock: counted by all workers together in Redis, or in this process where it is alone.

While Redis is silent each worker counts for itself: a flood may then be as many times larger as there are workers, and nobody is shut out.
What must survive a restart (locks, codes) is counted in the database. Redis is shown no address, only a keyed hash of it.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TypeVar

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter as SharedLimiter
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from medcab.live import bus
from medcab.security import tokens
from medcab.settings import get_settings

T = TypeVar("T")

limiter = FixedWindowRateLimiter(MemoryStorage())
"""Of a moving window the storage keeps every address for ever, of a fixed one only while it lasts."""
_PATIENCE = 0.5
_ASK_AGAIN = 5
"""Seconds that an answer may take, and that Redis is left alone after it failed."""
_silent_until: list[float] = []
log = logging.getLogger(__name__)


async def wait(ceiling: RateLimitItem, name: str, network: str) -> int:
    """Count one more of `name`; 0, or over the ceiling the seconds until it may be tried again."""

    async def shared(redis: Redis) -> int:
        limits, key = _limiter(redis), (name, hidden(network))
        if await limits.hit(ceiling, *key):
            return 0
        return _left((await limits.get_window_stats(ceiling, *key)).reset_time)

    counted = await together(shared)
    if counted is not None:
        return counted
    if limiter.hit(ceiling, name, network):
        return 0
    return _left(limiter.get_window_stats(ceiling, name, network).reset_time)


async def together(count: Callable[[Redis], Awaitable[T]]) -> T | None:
    """What all workers count together; None where there is one, or while Redis is silent."""
    redis = _redis(get_settings().redis_url)
    if redis is None or (_silent_until and time.monotonic() < _silent_until[0]):
        return None
    try:
        answer = await count(redis)
    except (RedisError, OSError, TimeoutError) as problem:
        if not _silent_until:
            log.error("Redis does not answer (%s): each worker counts floods for itself", type(problem).__name__)
        _silent_until[:] = [time.monotonic() + _ASK_AGAIN]
        return None
    _silent_until.clear()
    return answer


async def close() -> None:
    """Let go of Redis; the next count finds it anew."""
    redis = _redis(get_settings().redis_url)
    if redis:
        await redis.aclose()
    for cached in (_redis, _limiter):
        cached.cache_clear()
    _silent_until.clear()


def hidden(value: str) -> str:
    """What Redis is shown instead of an address or a name."""
    return tokens.keyed("floods", value)


@lru_cache
def _redis(url: str) -> Redis | None:
    return bus.connect(url, patience=_PATIENCE) if url else None


@lru_cache
def _limiter(redis: Redis) -> SharedLimiter:
    url = get_settings().redis_url
    storage = RedisStorage(
        f"async+{url}", implementation="redispy", key_prefix="medcab:floods", connection_pool=redis.connection_pool  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    return SharedLimiter(storage)


def _left(reset_time: float) -> int:
    return max(1, int(reset_time - time.time()) + 1)
