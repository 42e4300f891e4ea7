"""Two workers do not double what an attacker may try; without Redis nobody is shut out."""

from datetime import timedelta

from limits import parse

from medcab.accounts.rules import Address, address_held
from medcab.api import addresses, floods
from tests.cast import MORNING
from tests.workers.conftest import RedisServer

FIVE, FROM = parse("5/minute"), "203.0.113.7"


async def another_worker() -> None:
    """What a process knows by itself is gone."""
    await floods.close()
    floods.limiter.storage.reset()
    addresses.addresses.forget()


async def _tries(count: int) -> list[bool]:
    return [bool(await floods.wait(FIVE, "a door", FROM)) for _ in range(count)]


async def test_workers_count_a_flood_together(shared: RedisServer) -> None:
    first = await _tries(3)
    await another_worker()
    assert [*first, *await _tries(4)] == [False] * 5 + [True] * 2
    assert 1 <= await floods.wait(FIVE, "a door", FROM) <= 61
    assert not await floods.wait(FIVE, "another door", FROM)
    assert not await floods.wait(FIVE, "a door", "203.0.113.8")


async def test_redis_is_shown_no_address_and_no_name(shared: RedisServer) -> None:
    await floods.wait(FIVE, "a door", FROM)
    await addresses.enter(FROM, MORNING)
    await addresses.failed(FROM, "somebody", MORNING)
    redis = floods._redis(shared.url)
    assert redis is not None
    keys = await redis.keys("*")
    lines = [line for key in keys if await redis.type(key) == "list" for line in await redis.lrange(key, 0, -1)]  # type: ignore[misc]
    assert len(keys) == 3
    assert not any(FROM in text or "somebody" in text for text in [*keys, *lines])
    assert all([0 < await redis.ttl(key) <= 600 for key in keys])


async def test_tries_at_passwords_are_counted_together(shared: RedisServer) -> None:
    """As many as one process would let through, whichever worker they come to."""
    alone = 0
    tries = Address([], [])
    while not address_held(tries, MORNING):
        tries.tries.append(MORNING)
        alone += 1
    passed = 0
    while not await addresses.enter(FROM, MORNING):
        passed += 1
        await another_worker()
    assert passed == alone
    assert await addresses.enter("203.0.113.8", MORNING) is None
    assert await addresses.enter(FROM, MORNING + timedelta(minutes=11)) is None


async def test_spraying_is_noticed_once_across_workers(shared: RedisServer) -> None:
    noticed = []
    for number in range(40):
        noticed.append(await addresses.failed(FROM, f"person {number}", MORNING))
        await another_worker()
    assert noticed.count(True) == 1


async def test_without_redis_each_worker_counts_for_itself(shared: RedisServer) -> None:
    shared.stop()
    assert await _tries(6) == [False] * 5 + [True]
    assert await addresses.enter(FROM, MORNING) is None
