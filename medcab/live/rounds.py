"""Whose turn it is to refresh: many tabs may watch one topic, and it may change many times a second."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

Refresh = Any
"""What to run in the tab: an event handler of its page."""

Deliver = Callable[[str, Refresh], "asyncio.Future[Any] | None"]
"""Runs a refresh in a tab; the future ends with it. None: there is no such tab any more."""

AT_ONCE = 16
"""Refreshes of one worker at the same moment: those that read the same wait for it together (`shared`), and clicks wait beside them."""
APART = 0.5
"""Seconds from one refresh of a tab to its next."""
_SLOW, _STUCK = 1, 30
"""Seconds after which the others' turns no longer wait for a refresh, and after which nobody does."""
log = logging.getLogger(__name__)


class Rounds:
    """A tab has a refresh that is due, or has not, however often it is asked to.

    One that is due reads when its turn comes, so it shows all that was changed before; what is changed while it runs makes it due once
    more. Tabs take turns in the order in which they became due: however busy the worker is, nobody waits longer than a round.
    """

    def __init__(self, deliver: Deliver, *, at_once: int = AT_ONCE, apart: float = APART) -> None:
        self._deliver, self._at_once, self._apart = deliver, at_once, apart
        self._due: dict[tuple[str, int], Refresh] = {}
        self._once_more: dict[tuple[str, int], Refresh] = {}
        """Asked for while they ran or rested."""
        self._busy: set[tuple[str, int]] = set()
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def owes(self) -> bool:
        """Whether any tab is still to be refreshed."""
        return bool(self._due or self._once_more)

    def ask(self, tab: str, refresh: Refresh) -> None:
        """The tab is to run `refresh` soon, once for all that asked since it last began."""
        key = (tab, id(refresh))
        (self._once_more if key in self._busy else self._due).setdefault(key, refresh)
        self._begin()

    def forget(self, tab: str) -> None:
        """The tab has gone."""
        for waiting in (self._due, self._once_more):
            for key in [key for key in waiting if key[0] == tab]:
                del waiting[key]

    def _begin(self) -> None:
        while self._due and self._running < self._at_once:
            key = next(iter(self._due))
            work = self._delivered(key[0], self._due.pop(key))
            if work is not None:
                self._busy.add(key)
                self._running += 1
                task = asyncio.get_running_loop().create_task(self._see_through(key, work))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _delivered(self, tab: str, refresh: Refresh) -> "asyncio.Future[Any] | None":
        try:
            return self._deliver(tab, refresh)
        except Exception:
            log.exception("a tab could not be refreshed")
            return None

    async def _see_through(self, key: tuple[str, int], work: "asyncio.Future[Any]") -> None:
        loop = asyncio.get_running_loop()
        rested = loop.time() + self._apart
        await asyncio.wait([work], timeout=_SLOW)
        self._running -= 1
        self._begin()
        await asyncio.wait([work], timeout=_STUCK)
        await asyncio.sleep(max(0, rested - loop.time()))
        self._busy.discard(key)
        if key in self._once_more:
            self._due[key] = self._once_more.pop(key)
            self._begin()
