"""«Расписание»: the day or week that the address asks for, and what others change in it meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, TypedDict
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Permission, why_closed
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.guard import actor, requires, transaction, watch
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Calendar, Choice, Offer
from medcab.schedule.rules.address import Address
from medcab.schedule.rules.rows import Change, DayRow, Hour, changed_by_others, hours_of, minute_height
from medcab.schedule.rules.slots import minute_of_day
from medcab.schedule.service import SlotTaken, topic, zone
from medcab.ui import formats

NOT_YOURS = "Расписание ведут те, кто принимает пациентов и записывает их. Если оно нужно вам для работы, обратитесь к администратору клиники."


class Refusable(Protocol):
    """A dialog that says why something was refused, and which times are free instead."""

    refusal: str
    offers: list[Offer]


@asynccontextmanager
async def told(dialog: Refusable) -> AsyncIterator[None]:
    """A refusal is told in the dialog, where everything typed still stands; `refusal` is empty afterwards when it worked."""
    dialog.refusal = ""
    try:
        yield
    except SlotTaken as taken:
        dialog.refusal, dialog.offers = taken.message, [calendar.offer(slot) for slot in taken.nearest]
    except (Conflict, Invalid, NotFound) as refused:
        dialog.refusal = refused.message


class StripDay(TypedDict):
    """A day of the week to go to."""

    href: str
    weekday: str
    number: str
    is_today: bool
    is_chosen: bool
    summary: str


class ScheduleState(rx.State):
    """One worker's day or week. `closed` is why there is nothing to see; `now` is minutes since midnight."""

    ready: bool = False
    closed: str = ""
    may_activate: bool = False
    is_missing: bool = False
    lead: str = ""
    view: str = "day"
    day: str = ""
    who: str = ""
    people: list[Choice] = []
    has_people: bool = False
    strip: list[StripDay] = []
    days: list[DayRow] = []
    hours: list[Hour] = []
    first: int = 0
    length: int = 0
    minute: str = ""
    now: int = 0
    changed: str = ""
    links: dict[str, str] = {}
    _address: Address | None = None
    _versions: dict[str, Change] = {}
    _first_day: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; a schedule that is not open yet says why."""
        self._address = Address.read(self.router.url.query_parameters, today=clock.today(zone()))
        sentence = why_closed(actor(), Permission.SCHEDULE_READ)
        self.closed, self.may_activate = (
            (NOT_YOURS, False) if sentence == Forbidden.message else (sentence, not actor().is_active)
        )
        return None if self.closed else ScheduleState.show

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def show(self):
        """Read the schedule, journal the look at it, and watch it from now on."""
        self.is_missing, at = True, self._at()
        async with transaction(self) as (session, actor):
            found = await calendar.week(session, actor, practitioner_id=at.who, day=at.day)
            calendar.opened(session, actor, practitioner_id=found.practitioner_id, day=at.day)
        news = self._missed(found)
        self._draw(found, marked=set(news))
        self.changed = _told("изменено, пока вас не было", news)
        watch(self, {topic(found.practitioner_id): ScheduleState.refresh})

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def refresh(self):
        """Something was changed, here or elsewhere: draw it where it stands and say what others did."""
        at, who = self._at(), actor()
        shown = UUID(self.who) if self.who else at.who or who.person_id
        found = replace(await calendar.week_again(who, practitioner_id=shown, day=at.day), people=list(self.people))
        news = changed_by_others(self._versions, found.versions, who.person_id)
        self._draw(found, marked=set(news))
        self.changed = _told("изменено сейчас", news) or self.changed

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def choose_person(self, person_id: str):
        """Go to a colleague's schedule, same days."""
        chosen = next((UUID(each["id"]) for each in self.people if each["id"] == person_id), None)
        return self._go(self._at().of(chosen)) if chosen else None

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def choose_day(self, day: str):
        """Go to another day; a half-typed one is left alone."""
        at = Address.read({"date": day}, today=self._at().day)
        return self._go(self._at().on(at.day)) if day else None

    def _go(self, at: Address) -> Any:
        """What is chosen next builds on this, also before the browser is there: quick hands lose nothing."""
        self._address = at
        return rx.redirect(str(at))

    def _missed(self, found: Calendar) -> dict[str, str]:
        """What others changed in the days that stand here already: the connection was lost, or the page was left."""
        is_same = self.who == str(found.practitioner_id) and self._first_day == found.days[0]["date"]
        return changed_by_others(self._versions, found.versions, actor().person_id) if is_same else {}

    def _forget(self, appointment_id: str) -> None:
        """The person is moving it themselves: that it is gone will be no news."""
        self._versions = {key: change for key, change in self._versions.items() if key != appointment_id}

    def _at(self) -> Address:
        """The view that is shown; a tab that lost its state begins anew."""
        return self._address or Address.read(self.router.url.query_parameters, today=clock.today(zone()))

    def _draw(self, found: Calendar, marked: set[str] | None = None) -> None:
        at = self._at()
        self.view, self.day, self.who = at.view, at.day.isoformat(), str(found.practitioner_id)
        self.people, self.has_people = found.people, len(found.people) > 1
        self.lead = f"{found.name}, {formats.period(*_ends(found)) if at.view == 'week' else formats.day_words(at.day, year=True)}"
        self.strip = [_strip_day(row, at) for row in found.days]
        shown = [row for row in found.days if at.view == "week" or row["date"] == self.day]
        self.days = [_marked(row, marked or set()) for row in shown]
        self.hours, self.first, self.length = hours_of(shown)
        self.minute, self.now = minute_height(shown), minute_of_day(clock.now(), zone())
        self.links = _links(at)
        self._versions, self._first_day = found.versions, found.days[0]["date"]
        self.ready, self.is_missing = True, False


def _told(when: str, news: dict[str, str]) -> str:
    """At most three changes in a line; empty without any."""
    return f"{when}: {'; '.join(list(news.values())[:3])}" if news else ""


def _ends(found: Calendar) -> tuple[date, date]:
    return date.fromisoformat(found.days[0]["date"]), date.fromisoformat(found.days[-1]["date"])


def _links(at: Address) -> dict[str, str]:
    today = at.on(clock.today(zone()))
    places = {
        "previous": at.turned(-1),
        "next": at.turned(1),
        "today": today,
        "day": at.seen_by("day"),
        "week": at.seen_by("week"),
    }
    return {name: str(place) for name, place in places.items()}


def _strip_day(row: DayRow, at: Address) -> StripDay:
    day = date.fromisoformat(row["date"])
    summary = row["summary"] or "приёма нет"
    return {
        "href": str(at.on(day)), "weekday": row["weekday"], "number": row["number"],
        "is_today": row["is_today"], "is_chosen": day == at.day, "summary": summary,
    }  # fmt: skip


def _marked(row: DayRow, marked: set[str]) -> DayRow:
    """The day with what others have just changed marked."""
    return {**row, "lines": [{**line, "is_new": line["id"] in marked} for line in row["lines"]]} if marked else row
