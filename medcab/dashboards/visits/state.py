"""The visits behind a mark, below the charts. What is open stands in the page's address; this state only draws it."""

import asyncio
from datetime import date
from typing import TypedDict

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.parts import PARTS, Rows
from medcab.dashboards.rules.staff import AHEAD, Worker
from medcab.dashboards.visits import service
from medcab.dashboards.visits.queries import Row
from medcab.dashboards.visits.service import Found
from medcab.guard import reading, requires, transaction
from medcab.schedule.service import zone
from medcab.ui import formats

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


class FigureVisits(rx.State):
    """One page of what a mark counts."""

    is_open: bool = False
    is_hours: bool = False
    title: str = ""
    summary: str = ""
    lines: list[VisitLine] = []
    people: list[PersonLine] = []
    """Of a part of people, instead of visits."""
    page: int = 1
    pages: int = 1
    _shown: Address | None = None
    """What was looked at, and so is in the journal."""

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read what the address opens, and journal the look at it."""
        address = self._at()
        self.is_open, self._shown, self.lines, self.people = address.cases in PARTS, None, [], []
        if not self.is_open:
            return None
        async with transaction(self) as (session, actor):
            found = await service.found(session, actor, department_id=address.department_id, address=address)
        self._show(found)
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
            self._show(found)

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
        content = await asyncio.to_thread(lambda: sheet.content)
        return rx.download(data=content, filename=sheet.name, mime_type=sheet.mime)

    def _at(self) -> Address:
        return Address.read(self.router.url.query_parameters, today=clock.today())

    def _show(self, found: Found) -> None:
        self.title, self.is_hours = found.part.title, found.part.rows is Rows.HOURS
        self.lines, today = [_line(row) for row in found.rows], clock.today(zone())
        self.people = [_person(each, today) for each in found.people]
        counted = formats.plural(found.extent.rows, "строка", "строки", "строк")
        self.summary = f"{counted}, {formats.duration(found.extent.minutes)}" if found.part.minutes else counted
        self.page, self.pages = found.number, found.pages


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
