"""«Календарь в телефоне»: the links that there are. A new one's secret never passes here (medcab/api/calendars.py)."""

from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.schedule.feeds import service
from medcab.schedule.feeds.models import CalendarFeed
from medcab.schedule.rules.feeds import read_words
from medcab.schedule.rules.given import identity
from medcab.schedule.service import zone
from medcab.ui import formats

PATH = "/schedule/calendar"


class LinkRow(TypedDict):
    """A link in the list."""

    id: str
    name: str
    clinic: str
    shows: str
    has_names: bool
    used: str


class FeedsState(rx.State):
    """A person's own links, whichever clinic they were made in."""

    closed: str = ""
    ready: bool = False
    may_bring: bool = False
    rows: list[LinkRow] = []
    begun: int = 0
    """Grows when the link that was made last is revoked: what the page shows of it goes with it."""

    @rx.event
    @requires()
    async def load(self):
        """Show the links; to whom the schedule is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_READ)
        return None if self.closed else FeedsState.show

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def show(self):
        """Read the links, and watch for new ones."""
        async with reading(self) as (session, who):
            await self._fill(session, who)
            self.may_bring = who.may(Permission.SCHEDULE_EDIT)
            watch(self, {service.topic(who.person_id): FeedsState.refresh})

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def refresh(self):
        """One was made or taken back, here or elsewhere."""
        async with reading(self) as (session, who):
            await self._fill(session, who)

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def revoke(self, feed_id: str):
        """The link shows nothing any more."""
        if self.rows and self.rows[0]["id"] == feed_id:
            self.begun += 1
        async with transaction(self) as (session, who):
            await service.revoke(session, who, feed_id=identity(feed_id))
        return [FeedsState.refresh, success("Ссылка отозвана.")]

    async def _fill(self, session: AsyncSession, who: Actor) -> None:
        self.rows = [_row(feed, clinic) for feed, clinic in await service.listed(session, who)]
        self.ready = True


def _row(feed: CalendarFeed, clinic: str) -> LinkRow:
    shows = [
        "с именами пациентов" if feed.with_names else "без имён",
        *(["с часами приёма"] if feed.with_hours else []),
    ]
    used = read_words(feed.read_at, clock.now(), zone())
    made = formats.day(feed.made_at.astimezone(zone()).date())
    return {
        "id": str(feed.id), "name": feed.name, "clinic": clinic, "shows": formats.capital(", ".join(shows)),
        "has_names": feed.with_names, "used": f"Создана {made}, последнее обновление: {used}",
    }  # fmt: skip
