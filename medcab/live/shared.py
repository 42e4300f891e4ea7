"""One read for all tabs that would read the same: a change makes a hundred of them look at once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
_KEPT = 1.0
"""Seconds: what no topic tells of must not stand for long."""
APART = 0.1
"""Seconds from the beginning of one read to that of the next of the same: of twenty changes a second each need not be read by itself."""


@dataclass
class _Read:
    """`began_at` None: it waits for its time, and will see whatever is changed until then."""

    task: asyncio.Task[Any] | None = None
    began_at: float | None = None


class Reads:
    """Of each topic, the newest read of each kind: waiting, under way or done. What began before the topic's last news is outdated."""

    def __init__(self, *, apart: float = APART) -> None:
        self._apart = apart
        self._known: dict[str, dict[Hashable, _Read]] = {}
        self._last: dict[tuple[str, Hashable], float] = {}

    def outdate(self, topic: str) -> None:
        """Whatever was read of it before is given to nobody else."""
        here = self._known.get(topic, {})
        for alike in [alike for alike, found in here.items() if found.began_at is not None]:
            del here[alike]

    def forget(self) -> None:
        self._known.clear()
        self._last.clear()

    async def read(self, topic: str, alike: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` finds, or found for somebody `alike` since the topic's last news."""
        found = self._known.setdefault(topic, {}).get(alike)
        if found is None:
            found = self._known[topic][alike] = _Read()
            found.task = asyncio.create_task(self._begun(found, topic, alike, read))
        assert found.task is not None
        return await asyncio.shield(found.task)

    async def _begun(self, found: _Read, topic: str, alike: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        due = self._last.get((topic, alike), 0.0) + self._apart
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        found.began_at = self._last[topic, alike] = loop.time()
        loop.call_later(_KEPT, self._drop, topic, alike, found)
        return await read()

    def _drop(self, topic: str, alike: Hashable, found: _Read) -> None:
        here = self._known.get(topic, {})
        if here.get(alike) is found:
            del here[alike]
        if not here:
            self._known.pop(topic, None)
        if self._last.get((topic, alike)) == found.began_at:
            del self._last[topic, alike]
