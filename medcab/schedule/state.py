"""«Расписание»: the view that the address asks for, and what others change in it meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol, TypedDict
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Permission, why_closed
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.guard import actor, reading, requires, transaction, watch
from medcab.schedule.booking.service import PatientTwice
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Board, Calendar, Choice, Offer
from medcab.schedule.rules import grid as grids
from medcab.schedule.rules.address import LISTED, VIEWS, Address
from medcab.schedule.rules.grid import NO_GRID, Grid
from medcab.schedule.rules.months import MONTHS, Week
from medcab.schedule.rules.rows import WEEKDAYS, Change, DayRow, changed_by_others
from medcab.schedule.rules.slots import minute_of_day, week_of
from medcab.schedule.service import SlotTaken, topic, zone
from medcab.ui import formats

NOT_YOURS = "Расписание ведут те, кто принимает пациентов и записывает их. Если оно нужно вам для работы, обратитесь к администратору клиники."


class Refusable(Protocol):
    """A dialog that says why something was refused, and which times are free instead."""

    refusal: str
    offers: list[Offer]
    twice: list[str]
    """Visits that the patient has then; the person has been told of them and may go on."""


@asynccontextmanager
async def told(dialog: Refusable) -> AsyncIterator[None]:
    """A refusal is told in the dialog, where everything typed still stands; `refusal` is empty afterwards when it worked."""
    dialog.refusal, dialog.twice = "", []
    try:
        yield
    except PatientTwice as elsewhere:
        dialog.refusal, dialog.offers = elsewhere.message, []
        dialog.twice = [str(visit) for visit in elsewhere.visits]
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


class Place(TypedDict):
    """Another page of this section."""

    href: str
    label: str
    icon: str


_PLACES = (
    ("/schedule/queue", "Очередь", "list-checks", Permission.SCHEDULE_READ),
    ("/schedule/hours?who={who}", "Часы приёма", "calendar-clock", Permission.SCHEDULE_EDIT),
    ("/schedule/waiting", "Лист ожидания", "hourglass", Permission.SCHEDULE_EDIT),
    ("/schedule/absence?who={who}&since={day}", "Отсутствие врача", "user-x", Permission.SCHEDULE_EDIT),
    ("/schedule/moves?who={who}&since={day}", "Перенос приёмов", "arrow-up-down", Permission.SCHEDULE_EDIT),
    (
        "/schedule/handover?who={who}&since={past}",
        "Приёмы провёл другой врач",
        "user-check",
        Permission.HANDOVER_DEPARTMENT,
    ),
    ("/schedule/rota", "График из файла", "file-text", Permission.SCHEDULE_DEPARTMENT),
    ("/schedule/resources", "Кабинеты и оборудование", "door-open", Permission.SCHEDULE_DEPARTMENT),
    ("/schedule/calendar", "Календарь в телефоне", "smartphone", Permission.SCHEDULE_READ),
)


class ScheduleState(rx.State):
    """One worker's day, week, month or list, or many workers' day. `closed` is why there is nothing to see.

    `who` is whose schedule it is; among many workers, whose time was chosen last.
    """

    ready: bool = False
    closed: str = ""
    may_activate: bool = False
    is_missing: bool = False
    lead: str = ""
    clinic: str = ""
    view: str = "day"
    day: str = ""
    who: str = ""
    people: list[Choice] = []
    has_people: bool = False
    departments: list[Choice] = []
    department: str = ""
    by: str = "person"
    status: str = ""
    counted: str = ""
    strip: list[StripDay] = []
    days: list[DayRow] = []
    weeks: list[Week] = []
    grid: Grid = NO_GRID
    changed: str = ""
    links: dict[str, str] = {}
    places: list[Place] = []
    _address: Address | None = None
    _versions: dict[str, Change] = {}
    _place: str = ""
    _shown: str = ""

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
        """Read the schedule, journal the look at it, and watch everybody in it from now on."""
        self.is_missing, at = True, self._at()
        async with transaction(self) as (session, actor):
            found = await calendar.read(session, actor, at)
            calendar.looked(session, actor, found, at)
            self.clinic = await calendar.clinic(session, actor)
        news = self._missed(found)
        self._shown = clock.now().isoformat()
        self._draw(found, set(news))
        self.changed = _told("изменено, пока вас не было", news)
        watch(self, {topic(each): ScheduleState.refresh for each in found.shown})

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def refresh(self):
        """Something was changed, here or elsewhere: draw it where it stands and say what others did."""
        await self._refresh()

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

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def choose_department(self, department_id: str):
        """Look at the workers of another department."""
        chosen = next((UUID(each["id"]) for each in self.departments if each["id"] == department_id), None)
        return self._go(replace(self._at(), department=chosen, page=1)) if chosen else None

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def choose_status(self, status: str):
        """List only the visits that stand so; nothing: all of them."""
        asked = Address.read({"status": status}, today=self._at().day)
        return self._go(replace(self._at(), status=asked.status, page=1))

    async def _refresh(self) -> None:
        at = self._at()
        if at.view != "people" and self.who:
            at = replace(at, who=UUID(self.who))
        found = await self._again(at)
        news = changed_by_others(self._versions, found.versions, actor().person_id)
        self._draw(found, set(news))
        self.changed = _told("изменено сейчас", news) or self.changed

    async def _again(self, at: Address) -> Calendar | Board:
        """A day or week is read once for all who see the same of it."""
        if at.view in ("day", "week") and at.who:
            found = await calendar.week_again(actor(), practitioner_id=at.who, day=at.day)
            return replace(found, people=list(self.people))
        async with reading(self) as (session, who):
            return await calendar.read(session, who, at)

    def _go(self, at: Address) -> Any:
        """What is chosen next builds on this, also before the browser is there: quick hands lose nothing."""
        self._address = at
        return rx.redirect(str(at))

    def _missed(self, found: Calendar | Board) -> dict[str, str]:
        """What others changed in what stands here already: the connection was lost, or the page was left."""
        is_same = self._place == _place_of(found, self._at())
        return changed_by_others(self._versions, found.versions, actor().person_id) if is_same else {}

    def _forget(self, appointment_id: str) -> None:
        """The person is moving it themselves: that it is gone will be no news."""
        self._versions = {key: change for key, change in self._versions.items() if key != appointment_id}

    def _at(self) -> Address:
        """The view that is shown; a tab that lost its state begins anew."""
        return self._address or Address.read(self.router.url.query_parameters, today=clock.today(zone()))

    def _draw(self, found: Calendar | Board, new: set[str]) -> None:
        at = self._at()
        self.view, self.day, self.by, self.status = at.view, at.day.isoformat(), at.by, at.status or ""
        self.people, self.has_people = found.people, len(found.people) > 1
        if isinstance(found, Board):
            self._draw_board(found, at, new)
        else:
            self._draw_one(found, at, new)
        self.strip = _strip(found.days if isinstance(found, Calendar) else [], at)
        self.links, self.places = _links(at, found.pages), _places(self.who, at.day)
        self._versions, self._place = found.versions, _place_of(found, at)
        self.ready, self.is_missing = True, False

    def _draw_one(self, found: Calendar, at: Address, new: set[str]) -> None:
        shown = [row for row in found.days if at.view != "day" or row["date"] == self.day]
        self.who, self.weeks = str(found.practitioner_id), found.weeks
        self.days = [_marked(row, new) for row in shown]
        self.lead, self.counted = f"{found.name}, {_when(at)}", _counted(found)
        columns = [_day_column(row, at, self.who) for row in self.days] if at.view == "week" else []
        self.grid = grids.grid(self._place_key(at), self._shown, shown, columns, _now()) if columns else NO_GRID

    def _draw_board(self, found: Board, at: Address, new: set[str]) -> None:
        self.days, self.weeks = [], []
        self.departments, self.department = found.departments, found.department
        self.lead = ", ".join(filter(None, (found.name, _when(at))))
        columns = grids.marked(found.columns, new)
        self.grid = grids.grid(self._place_key(at), self._shown, found.rows, columns, _now())

    def _place_key(self, at: Address) -> str:
        return f"{at}:{self.who if at.view != 'people' else self.department}"


def _now() -> int:
    return minute_of_day(clock.now(), zone())


def _place_of(found: Calendar | Board, at: Address) -> str:
    """What stands on the page, whoever's eyes it is for: the same place read again tells what was changed in it."""
    days = week_of(at.day) if at.view in ("day", "week") else at.day
    view = "week" if at.view == "day" else at.view
    return f"{view}:{days}:{at.page}:{at.status}:{sorted(map(str, found.shown))}"


def _told(when: str, news: dict[str, str]) -> str:
    """At most three changes in a line; empty without any."""
    return f"{when}: {'; '.join(list(news.values())[:3])}" if news else ""


def _when(at: Address) -> str:
    """The days that the view shows, in words."""
    match at.view:
        case "week":
            return formats.period(week_of(at.day), week_of(at.day) + timedelta(6))
        case "month":
            return f"{MONTHS[at.day.month - 1]} {at.day.year}"
        case "list":
            return formats.period(at.day, at.day + timedelta(LISTED - 1))
        case _:
            return formats.day_words(at.day, year=True)


def _counted(found: Calendar) -> str:
    return formats.plural(found.count, "приём", "приёма", "приёмов") if found.count else ""


def _links(at: Address, pages: int) -> dict[str, str]:
    places = {
        "previous": at.turned(-1),
        "next": at.turned(1),
        "today": at.on(clock.today(zone())),
        "person": replace(at, by="person", page=1),
        "room": replace(at, by="room", page=1),
        **{view: at.seen_by(view) for view in VIEWS},
    }
    turns = {
        "page_back": str(replace(at, page=at.page - 1)) if at.page > 1 else "",
        "page_on": str(replace(at, page=at.page + 1)) if at.page < pages else "",
    }
    return {name: str(place) for name, place in places.items()} | turns


def _places(who: str, day: date) -> list[Place]:
    """The pages beside this one that the person may open: most change what is to come, one what has been."""
    today = clock.today(zone())
    days = {"day": formats.day(max(day, today)), "past": formats.day(min(day, today))}
    return [
        {"href": href.format(who=who, **days), "label": label, "icon": icon}
        for href, label, icon, permission in _PLACES if actor().may(permission)
    ]  # fmt: skip


def _strip(rows: list[DayRow], at: Address) -> list[StripDay]:
    """The days of the week, with what is known of them."""
    summaries = {row["date"]: row["summary"] or "приёма нет" for row in rows}
    return [_strip_day(week_of(at.day) + timedelta(number), at, summaries) for number in range(7)]


def _strip_day(day: date, at: Address, summaries: dict[str, str]) -> StripDay:
    return {
        "href": str(at.on(day)), "weekday": WEEKDAYS[day.weekday()], "number": str(day.day), "is_today": day == clock.today(zone()),
        "is_chosen": day == at.day, "summary": summaries.get(day.isoformat(), ""),
    }  # fmt: skip


def _day_column(row: DayRow, at: Address, who: str) -> grids.Column:
    """A day of a week; how much there is in it stands in the strip above."""
    href = str(at.on(date.fromisoformat(row["date"])).seen_by("day"))
    head, note = f"{row['weekday']} {row['number']}", f"каб. {row['room']}" if row["room"] else ""
    return grids.column(row, key=row["date"], head=head, note=note, says=row["title"], href=href, who=who)


def _marked(row: DayRow, marked: set[str]) -> DayRow:
    """The day with what others have just changed marked."""
    return {**row, "lines": [{**line, "is_new": line["id"] in marked} for line in row["lines"]]} if marked else row
