"""One read for all tabs that would read the same: a change makes a hundred of them look at once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
_KEPT = 1.0
"""Seconds: what no topic tells of must not stand for long."""


class Reads:
    """Of each topic, the reads that began after its last news, under way or done."""

    def __init__(self) -> None:
        self._known: dict[str, dict[Hashable, asyncio.Task[Any]]] = {}

    def outdate(self, topic: str) -> None:
        """Whatever was read of it before is given to nobody else."""
        self._known.pop(topic, None)

    def forget(self) -> None:
        self._known.clear()

    async def read(self, topic: str, alike: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` finds, or found for somebody `alike` since the topic's last news."""
        here = self._known.setdefault(topic, {})
        task = here.get(alike)
        if task is None:
            task = here[alike] = asyncio.create_task(_begun(read))
            asyncio.get_running_loop().call_later(_KEPT, self._drop, topic, alike, task)
        return await asyncio.shield(task)

    def _drop(self, topic: str, alike: Hashable, task: asyncio.Task[Any]) -> None:
        here = self._known.get(topic, {})
        if here.get(alike) is task:
            del here[alike]
        if not here:
            self._known.pop(topic, None)


async def _begun(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
