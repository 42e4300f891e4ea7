"""The visits behind a mark, below the charts. What is open stands in the page's address; this state only draws it."""

from datetime import date
from typing import TypedDict

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.queries import DayRow
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.parts import FREE, PARTS, Rows
from medcab.dashboards.rules.staff import AHEAD, Worker
from medcab.dashboards.visits import service
from medcab.dashboards.visits.queries import Row
from medcab.dashboards.visits.service import Found
from medcab.guard import reading, requires, transaction
from medcab.schedule.service import zone
from medcab.ui import formats
from medcab.ui.files import saved

SECTION = "figures-visits"
"""Where the focus goes when a mark has been opened."""
WHOLE = ""


class VisitLine(TypedDict):
    """A visit, or hours of reception, ready to draw."""

    key: str
    day: str
    time: str
    href: str
    doctor: str
    patient: str
    kind: str
    status: str
    wait: str
    minutes: str


class PersonLine(TypedDict):
    """A worker of the department, ready to draw. `tone` is the theme's."""

    key: str
    name: str
    post: str
    tone: str
    word: str
    why: str
    until: str
    specialties: str


class RoomLine(TypedDict):
    """A doctor's day: what was offered, taken and left, ready to draw."""

    key: str
    day: str
    href: str
    doctor: str
    offered: str
    taken: str
    free: str
    share: str


class FigureVisits(rx.State):
    """One page of what a mark counts."""

    is_open: bool = False
    is_hours: bool = False
    title: str = ""
    when: str = ""
    """The days that the rows are of."""
    summary: str = ""
    lines: list[VisitLine] = []
    people: list[PersonLine] = []
    """Of a part of people, instead of visits."""
    rooms: list[RoomLine] = []
    """Of a part of days, the same."""
    page: int = 1
    pages: int = 1
    _shown: Address | None = None
    """What was looked at, and so is in the journal."""

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read what the address opens, and journal the look at it."""
        address = self._at()
        self.is_open, self._shown = address.cases in PARTS, None
        self.lines, self.people, self.rooms = [], [], []
        if not self.is_open:
            return None
        async with transaction(self) as (session, actor):
            found = await service.found(session, actor, department_id=address.department_id, address=address)
        self._show(found, address)
        self._shown = address
        return rx.set_focus(SECTION)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def refresh(self):
        """Something was counted anew while they are open."""
        address = self._shown
        if self.is_open and address:
            async with reading(self) as (session, actor):
                found = await service.found(
                    session, actor, department_id=address.department_id, address=address, refreshed=True
                )
            self._show(found, address)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def turn(self, by: int):
        """Another page of them."""
        address = self._at()
        return rx.redirect(str(address.of_cases(address.cases, max(1, self.page + by))), replace=True)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def close(self):
        """Back to the figures alone."""
        return rx.redirect(str(self._at().of_cases("")), replace=True)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export(self, ending: str):
        """All pages of them as a file; `ending` is csv or xlsx."""
        address = self._at()
        async with reading(self) as (session, actor):
            sheet = await service.export(
                session, actor, department_id=address.department_id, address=address, ending=ending
            )
        async with transaction(self) as (session, actor):
            await service.exported(session, actor, department_id=address.department_id, address=address, sheet=sheet)
        return await saved(sheet)

    def _at(self) -> Address:
        return Address.read(self.router.url.query_parameters, today=clock.today())

    def _show(self, found: Found, address: Address) -> None:
        self.title, self.is_hours = found.part.title, found.part.rows is Rows.HOURS
        self.lines, today = [_line(row) for row in found.rows], clock.today(zone())
        self.people = [_person(each, today) for each in found.people]
        self.rooms = [_room(row) for row in found.days]
        self.when = _when(address)
        counted = formats.plural(found.extent.rows, "строка", "строки", "строк")
        self.summary = f"{counted}{_measured(found)}"
        self.page, self.pages = found.number, found.pages


def _when(address: Address) -> str:
    """Where the rows are of other days than the page, that is said."""
    days = formats.period(address.shown.start, address.shown.end)
    kept = address.cut.span and address.cut.span != address.period
    return f"{days}; срок показателей над ними прежний." if kept else f"{days}."


def _measured(found: Found) -> str:
    """Behind the number of rows: what they add up to."""
    if found.part.rows is Rows.DAYS:
        offered, taken = (formats.duration(each) for each in (found.tally.offered_minutes, found.tally.booked_minutes))
        return f": предложено {offered}, занято {taken}, {words.room(found.tally)}"
    return f", {formats.duration(found.extent.minutes)}" if found.part.minutes else ""


def _room(row: DayRow) -> RoomLine:
    tally, left = row.tally, FREE.count(row.tally)
    return {
        "key": f"{row.day}/{row.doctor.id}", "day": formats.day(row.day), "href": f"/schedule?date={row.day}&who={row.doctor.id}",
        "doctor": row.doctor.name, "offered": formats.duration(tally.offered_minutes), "taken": formats.duration(tally.booked_minutes),
        "free": formats.duration(left) if left >= 0 else f"−{formats.duration(-left)}", "share": words.value(k.UTILISATION, k.UTILISATION.measure(tally)),
    }  # fmt: skip


def _person(each: Worker, today: date) -> PersonLine:
    why, ahead = each.why_not(today), each.why_not(today + AHEAD)
    tone, word = ("act", "не действует") if why else ("soon", "скоро закончится") if ahead else ("done", "действует")
    [specialties] = service.specialties_of(each)
    return {
        "key": str(each.id), "name": each.name, "post": each.post, "tone": tone, "word": word, "why": why or ahead,
        "until": "" if why else formats.day(each.until) if each.until else "без срока", "specialties": specialties,
    }  # fmt: skip


def _line(row: Row) -> VisitLine:
    day = row.starts_at.astimezone(zone()).date()
    return {
        "key": str(row.id),
        "day": formats.day(day),
        "time": f"{formats.time(row.starts_at)}–{formats.time(row.ends_at)}",
        "href": f"/schedule?date={day}&who={row.doctor_id}",
        "doctor": row.doctor,
        "patient": row.patient or "имя не показано",
        "kind": row.kind,
        "status": row.status,
        "wait": "" if row.waited is None else formats.minutes(row.waited),
        "minutes": formats.minutes(row.minutes),
    }
