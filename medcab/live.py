"""Who is looking at what, so that a change shows at once in every browser concerned.

A tab watches topics such as `schedule:<practitioner>` while its page is open. A service publishes a topic in its transaction; after
the commit each watching tab is asked to refresh itself, through the same guard as a click: a push never carries data.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db

Refresh = Any
"""What to run in the tab: an event handler of its page."""

_watching: dict[str, dict[str, Refresh]] = defaultdict(dict)
_topics_of: dict[str, dict[str, set[str]]] = defaultdict(dict)
_deliver: list[Callable[[str, Refresh], object]] = []


def watch(tab: str, topics: dict[str, Refresh], *, group: str = "page") -> None:
    """The tab now watches exactly these topics within `group` ("page" changes with each page, "frame" stays)."""
    forget(tab, group)
    for topic, refresh in topics.items():
        _watching[topic][tab] = refresh
    _topics_of[tab][group] = set(topics)


def forget(tab: str, group: str | None = None) -> None:
    """The tab has gone, or left the page."""
    groups = [group] if group else list(_topics_of.get(tab, {}))
    for name in groups:
        for topic in _topics_of.get(tab, {}).pop(name, set()):
            _watching[topic].pop(tab, None)
            if not _watching[topic]:
                del _watching[topic]
    if not _topics_of.get(tab):
        _topics_of.pop(tab, None)


def publish(session: AsyncSession, topic: str) -> None:
    """Announce after the commit of the caller's transaction."""
    db.after_commit(session, partial(announce, topic))


def announce(topic: str) -> None:
    """Ask every tab that watches the topic to refresh, now."""
    for tab, refresh in list(_watching.get(topic, {}).items()):
        for deliver in _deliver:
            deliver(tab, refresh)


def deliver_with(deliver: Callable[[str, Refresh], object]) -> None:
    """How a refresh reaches a tab; given by the edge that knows the framework."""
    _deliver[:] = [deliver]
