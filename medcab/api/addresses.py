"""What came from each network address lately: tries at passwords, and failures with the names they were for.

Counted by all workers together in Redis, or in this process where it is alone (`floods`): it slows floods and one password tried on many
people; what must survive a restart is counted in the database.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from redis.asyncio import Redis

from medcab.accounts.rules import Address, address_held, is_spraying
from medcab.api import floods
from medcab.errors import TooMany

_KEPT = timedelta(minutes=10)
_MOST, _MOST_LINES = 10_000, 500


@dataclass
class _Seen:
    tries: list[datetime] = field(default_factory=list)
    failures: list[tuple[datetime, str]] = field(default_factory=list)

    def recent(self, now: datetime) -> Address:
        self.tries = [at for at in self.tries if now - at < _KEPT]
        self.failures = [(at, name) for at, name in self.failures if now - at < _KEPT]
        return Address(self.tries, self.failures)


class Addresses:
    """Bounded: the address that was quiet longest is forgotten first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def enter(self, network: str, now: datetime) -> TooMany | None:
        """Count a try at a password; uncounted, the refusal for strangers while the address must wait.

        In one step, or of many tries at once each would find the address free.
        """
        seen = self._of(network)
        refusal = _held(seen.recent(now), now)
        if refusal is None:
            seen.tries.append(now)
        return refusal

    def failed(self, network: str, login: str, now: datetime) -> bool:
        """Count a failure on this name; whether the address now looks like spraying."""
        seen = self._of(network)
        was = is_spraying(seen.recent(now), now)
        seen.failures.append((now, login))
        return not was and is_spraying(seen.recent(now), now)

    def forget(self) -> None:
        self._seen.clear()

    def _of(self, network: str) -> _Seen:
        seen = self._seen.pop(network, None) or _Seen()
        self._seen[network] = seen
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return seen


class SharedAddresses:
    """The same in Redis. Every line of what came from an address has a place in its list, so that of two at once one is the earlier."""

    def __init__(self, redis: Redis, network: str) -> None:
        self._redis = redis
        self._lists = [f"medcab:{what}:{floods.hidden(network)}" for what in ("tries", "failures")]

    async def enter(self, now: datetime) -> TooMany | None:
        mine = _line(now)
        tries, failures = await self._add(0, mine)
        refusal = _held(_address(tries[: tries.index(mine)], failures, now), now)
        if refusal:
            await self._redis.lrem(self._lists[0], 1, mine)  # pyright: ignore[reportGeneralTypeIssues]
        return refusal

    async def failed(self, login: str, now: datetime) -> bool:
        mine = _line(now, floods.hidden(login))
        tries, failures = await self._add(1, mine)
        before = failures[: failures.index(mine)]
        return not is_spraying(_address(tries, before, now), now) and is_spraying(
            _address(tries, [*before, mine], now), now
        )

    async def _add(self, which: int, line: str) -> tuple[list[str], list[str]]:
        async with self._redis.pipeline(transaction=True) as steps:
            steps.rpush(self._lists[which], line)
            steps.expire(self._lists[which], _KEPT)
            steps.ltrim(self._lists[which], -_MOST_LINES, -1)
            for name in self._lists:
                steps.lrange(name, 0, -1)
            *_, tries, failures = await steps.execute()
        return tries, failures


def _line(now: datetime, name: str = "") -> str:
    return json.dumps([now.isoformat(), name, uuid4().hex])


def _address(tries: list[str], failures: list[str], now: datetime) -> Address:
    def recent(lines: list[str]) -> list[tuple[datetime, str]]:
        read = [(datetime.fromisoformat(at), name) for at, name, _ in map(json.loads, lines)]
        return [(at, name) for at, name in read if now - at < _KEPT]

    return Address([at for at, _ in recent(tries)], recent(failures))


def _held(address: Address, now: datetime) -> TooMany | None:
    wait = address_held(address, now)
    return TooMany(wait.sentence(now), retry_after=wait.retry_after(now)) if wait else None


addresses = Addresses()


async def enter(network: str, now: datetime) -> TooMany | None:
    """Count a try at a password; uncounted, the refusal for strangers while the address must wait."""
    counted = await floods.together(lambda redis: _entered(redis, network, now))
    return counted[0] if counted else addresses.enter(network, now)


async def _entered(redis: Redis, network: str, now: datetime) -> tuple[TooMany | None]:
    return (await SharedAddresses(redis, network).enter(now),)


async def failed(network: str, login: str, now: datetime) -> bool:
    """Count a failure on this name; whether the address now looks like spraying."""
    counted = await floods.together(lambda redis: SharedAddresses(redis, network).failed(login, now))
    return addresses.failed(network, login, now) if counted is None else counted
