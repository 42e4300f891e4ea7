"""Who is looking at what, so that a change shows at once in every browser concerned.

A tab watches topics such as `schedule:<practitioner>` while its page is open. A service publishes a topic in its transaction; after
the commit each watching tab is asked to refresh itself, through the same guard as a click: a push never carries data. The other
workers of the installation are told the topic's name (`bus`) and ask their own tabs.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.live.rounds import Deliver, Refresh, Rounds
from medcab.live.shared import Reads

DAY = "day"
"""Announced when the clinics' day has changed: what is told «сегодня» is another thing from now on."""

T = TypeVar("T")
Listener = Callable[[], Any]

_watching: dict[str, dict[str, Refresh]] = defaultdict(dict)
_topics_of: dict[str, dict[str, set[str]]] = defaultdict(dict)
_listeners: dict[str, list[Listener]] = defaultdict(list)
_rounds: list[Rounds] = []
_others: list[Callable[[str], object]] = []
_reads = Reads()


def watch(tab: str, topics: dict[str, Refresh], *, group: str = "page") -> None:
    """The tab now watches exactly these topics within `group` ("page" changes with each page, "frame" stays)."""
    _leave(tab, group)
    for topic, refresh in topics.items():
        _watching[topic][tab] = refresh
    _topics_of[tab][group] = set(topics)


def forget(tab: str) -> None:
    """The tab has gone, or begins anew."""
    for group in list(_topics_of.get(tab, {})):
        _leave(tab, group)
    for rounds in _rounds:
        rounds.forget(tab)


def _leave(tab: str, group: str) -> None:
    for topic in _topics_of.get(tab, {}).pop(group, set()):
        _watching[topic].pop(tab, None)
        if not _watching[topic]:
            del _watching[topic]
    if not _topics_of.get(tab):
        _topics_of.pop(tab, None)


@contextmanager
def listening(topic: str, listener: Listener) -> Iterator[None]:
    """Call `listener` whenever the topic is announced, in whichever worker; for the server's own work."""
    _listeners[topic].append(listener)
    try:
        yield
    finally:
        _listeners[topic].remove(listener)


def publish(session: AsyncSession, topic: str) -> None:
    """Announce after the commit of the caller's transaction."""
    db.after_commit(session, partial(announce, topic))


def announce(topic: str) -> None:
    """Ask every tab that watches the topic to refresh, in every worker."""
    heard(topic)
    for tell in _others:
        tell(topic)


def heard(topic: str) -> None:
    """Ask the tabs of this worker."""
    _reads.outdate(topic)
    for listener in list(_listeners.get(topic, ())):
        listener()
    for tab, refresh in list(_watching.get(topic, {}).items()):
        for rounds in _rounds:
            rounds.ask(tab, refresh)


def missed() -> None:
    """Anything may have been announced: everybody looks."""
    for topic in {*_watching, *_listeners}:
        heard(topic)


async def shared(topic: str, alike: Hashable, read: Callable[[], Awaitable[T]]) -> T:
    """What `read` finds, or found for somebody `alike` a moment ago and since the topic's last news; for refreshes.

    `alike` is everything that decides what may be seen and what is asked for. What is given belongs to many: never change it. `read`
    takes a session of its own, as it may outlive whoever began it.
    """
    return await _reads.read(topic, alike, read)


def deliver_with(deliver: Deliver) -> None:
    """How a refresh reaches a tab; given by the edge that knows the framework."""

    def deliver_if_watched(tab: str, refresh: Refresh) -> "asyncio.Future[Any] | None":
        return deliver(tab, refresh) if _watches(tab, refresh) else None

    _rounds[:] = [Rounds(deliver_if_watched)]
    _reads.forget()


def _watches(tab: str, refresh: Refresh) -> bool:
    """Whether it still does; while it waited for its turn the tab may have gone to another page."""
    return any(_watching[topic].get(tab) is refresh for group in _topics_of.get(tab, {}).values() for topic in group)


def is_owed() -> bool:
    """Whether a tab of this worker is still to be refreshed."""
    return any(rounds.owes for rounds in _rounds)


@contextmanager
def telling(tell: Callable[[str], object]) -> Iterator[None]:
    """What is announced while the block runs is told to the other workers too."""
    _others.append(tell)
    try:
        yield
    finally:
        _others.remove(tell)
