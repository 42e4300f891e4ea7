"""What workers tell each other, with a real Redis: names, once, and nothing is missed for good."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.exceptions import RedisError

from medcab.live import bus
from tests.workers.conftest import RedisServer

PATIENCE = 15


class Worker:
    """One end of the bus, and what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.looked = 0
        self._something = asyncio.Event()

    def hear(self, topic: str) -> None:
        self.heard.append(topic)
        self._something.set()

    def look(self) -> None:
        self.looked += 1
        self._something.set()

    async def until(self, *topics: str, looks: int = 0) -> None:
        async with asyncio.timeout(PATIENCE):
            while not (set(topics) <= set(self.heard) and self.looked >= looks):
                self._something.clear()
                await self._something.wait()

    async def join(self, stack: AsyncExitStack, url: str) -> None:
        self.tell = await stack.enter_async_context(bus.running(url, heard=self.hear, missed=self.look))
        await self.until(looks=1)


@pytest.fixture
async def pair(redis: RedisServer) -> AsyncIterator[tuple[Worker, Worker]]:
    one, other = Worker(), Worker()
    async with AsyncExitStack() as stack:
        await one.join(stack, redis.url)
        await other.join(stack, redis.url)
        yield one, other


async def test_the_others_hear_of_it_and_the_speaker_does_not(pair: tuple[Worker, Worker]) -> None:
    one, other = pair
    one.tell("schedule:1")
    await other.until("schedule:1")
    other.tell("schedule:2")
    await one.until("schedule:2")
    assert (one.heard, other.heard) == (["schedule:2"], ["schedule:1"])


async def test_what_is_said_often_is_said_once_and_never_lost(pair: tuple[Worker, Worker]) -> None:
    one, other = pair
    for number in range(2000):
        one.tell(f"schedule:{number % 3}")
    await other.until("schedule:0", "schedule:1", "schedule:2")
    assert len(other.heard) < 10


async def test_more_than_can_be_named_is_everything(pair: tuple[Worker, Worker]) -> None:
    one, other = pair
    for number in range(bus._MOST_UNSAID + 5):
        one.tell(str(number))
    await other.until(looks=2)
    assert len(one.heard) == 0


async def test_redis_goes_and_comes_back(
    pair: tuple[Worker, Worker], redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is told meanwhile; afterwards everybody looks once, whatever was said in vain."""
    one, other = pair
    redis.stop()
    with caplog.at_level(logging.WARNING, "medcab.live.bus"):
        one.tell("said in vain")
        async with asyncio.timeout(PATIENCE):
            while not caplog.records:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        redis.start()
        await asyncio.gather(one.until(looks=2), other.until(looks=2))
        other.tell("again")
        await one.until("again")
    said = [record.message for record in caplog.records]
    assert len([line for line in said if "does not answer" in line]) == len(pair), "each worker says so once"


async def test_what_could_not_be_said_waits(redis: RedisServer) -> None:
    """The speaker's line was broken, the listener's was not."""
    client, told = bus.connect(redis.url), Worker()
    speaker = bus.Bus(client, told.hear, told.look)
    speaker.send("first")
    redis.stop()
    with pytest.raises(RedisError):
        await speaker.say()
    speaker.send("second")
    redis.start()
    async with AsyncExitStack() as stack:
        await told.join(stack, redis.url)
        await speaker.say()
        await told.until("first", "second")
    await client.aclose()


async def test_a_worker_without_redis_serves_on(redis: RedisServer) -> None:
    redis.stop()
    async with bus.running(redis.url, heard=lambda _: None, missed=lambda: None) as tell:
        tell("nobody hears")
