"""News between the workers of one installation, by Redis: the name of what has changed, never what it is.

Redis keeps nothing of it, so whatever was said while a worker did not listen is lost: whenever it begins to listen (again), all its
tabs look for themselves. What it could not say waits until it can.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

CHANNEL = "medcab:topics"
EVERYTHING = "*"
"""Said instead of too many names."""
_MOST_UNSAID = 10_000
_ASKS_AFTER, _DEAD_AFTER = 2, 6
"""Seconds of silence until Redis is asked whether it is there, and until it is taken for dead."""
_LONGEST_PAUSE = 2
log = logging.getLogger(__name__)


def connect(url: str, *, patience: float = 2) -> Redis:
    """A client that reports each failure at once, so that whoever uses it knows what may have been lost."""
    return Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


class Bus:
    """One worker's end of it: `heard` is called with each topic that another worker announces, `missed` when some may have been."""

    def __init__(self, redis: Redis, heard: Callable[[str], Any], missed: Callable[[], Any]) -> None:
        self._redis, self._heard, self._missed = redis, heard, missed
        self._me = uuid4().hex
        self._unsaid: dict[str, None] = {}
        self._has_news = asyncio.Event()
        self._is_well = True

    def send(self, topic: str) -> None:
        """Tell the other workers, soon; the same name said twice before it left is said once."""
        self._unsaid[topic] = None
        if len(self._unsaid) > _MOST_UNSAID:
            self._unsaid = {EVERYTHING: None}
        self._has_news.set()

    async def speak(self) -> None:
        """Say whatever there is to say, for ever; raises when it cannot, and nothing is lost."""
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            await self.say()

    async def say(self) -> None:
        """Say what is still unsaid."""
        saying, self._unsaid = self._unsaid, {}
        if not saying:
            return
        try:
            await self._redis.publish(CHANNEL, json.dumps([self._me, *saying]))
        except BaseException:
            self._unsaid = saying | self._unsaid
            self._has_news.set()
            raise

    async def listen(self) -> None:
        """Hear the others, for ever; raises when the line is lost."""
        loop = asyncio.get_running_loop()
        async with self._redis.pubsub() as line:
            await line.subscribe(CHANNEL)
            last = loop.time()
            while True:
                message = await line.get_message(timeout=_ASKS_AFTER)
                if message is not None:
                    last = loop.time()
                    self._take(message)
                elif loop.time() - last > _DEAD_AFTER:
                    raise TimeoutError
                else:
                    await line.ping()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self._recovered()
            self._missed()
        elif message["type"] == "message":
            sender, *topics = json.loads(message["data"])
            for topic in topics if sender != self._me else ():
                self._missed() if topic == EVERYTHING else self._heard(topic)

    async def always(self, do: Callable[[], Awaitable[None]]) -> None:
        """Begin anew after each failure, with growing pauses."""
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                await do()
            except (RedisError, OSError, TimeoutError) as problem:
                self._failed(problem)
            except Exception:
                log.exception("what another worker said could not be taken in")
            failures = 0 if loop.time() - began > _DEAD_AFTER else failures + 1
            await asyncio.sleep(min(0.05 * 2**failures, _LONGEST_PAUSE))

    def _failed(self, problem: Exception) -> None:
        if self._is_well:
            log.error(
                "Redis does not answer (%s): other workers' changes do not show until it does", type(problem).__name__
            )
        self._is_well = False

    def _recovered(self) -> None:
        if not self._is_well:
            log.warning("Redis answers again")
        self._is_well = True


@asynccontextmanager
async def running(
    url: str, *, heard: Callable[[str], Any], missed: Callable[[], Any]
) -> AsyncIterator[Callable[[str], None]]:
    """Hear the other workers while the block runs; what it is given tells them."""
    redis = connect(url)
    bus = Bus(redis, heard, missed)
    tasks = [asyncio.create_task(bus.always(do)) for do in (bus.speak, bus.listen)]
    try:
        yield bus.send
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(RedisError, OSError, TimeoutError):
            await bus.say()
        await redis.aclose()
