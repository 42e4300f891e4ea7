"""Diagnoses in the dialog of a visit: found by code or words, written in three taps, corrected without loss."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.errors import Conflict, Invalid, NotFound
from medcab.guard import reading, requires, transaction
from medcab.schedule.diagnoses import service
from medcab.schedule.diagnoses.queries import Written
from medcab.schedule.diagnoses.rules.entry import COURSE_TITLES, KIND_TITLES, Course, DiagnosisKind, look
from medcab.schedule.diagnoses.rules.names import Named, named
from medcab.schedule.diagnoses.service import Sheet
from medcab.schedule.rules.given import identity, one_of
from medcab.ui import formats


class Offer(TypedDict):
    """A code to choose, with what it is called; `doubt`: the name is only that of its class; `is_written`: the visit has it already."""

    code: str
    title: str
    doubt: str
    is_written: bool


class Line(TypedDict):
    """A diagnosis that stands, or that was struck out."""

    id: str
    code: str
    title: str
    kind: str
    course: str
    course_title: str
    told: str


NO_OFFER: Offer = {"code": "", "title": "", "doubt": "", "is_written": False}


class DiagnosesState(rx.State):
    """Of the visit whose dialog is open; nothing is shown to who does not answer for the visit."""

    is_shown: bool = False
    why_not: str = ""
    """Why nothing can be written yet."""
    lines: list[Line] = []
    struck: list[Line] = []
    query: str = ""
    note: str = ""
    offers: list[Offer] = []
    chosen: Offer = NO_OFFER
    kind: str = DiagnosisKind.MAIN.value
    known: str = ""
    """That the clinic has found the same in the patient before."""
    refusal: str = ""
    said: str = ""
    """What was done, for a screen reader."""
    _visit: str = ""

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def open(self, appointment_id: str):
        """A visit is looked at."""
        self._leave()
        self._visit = appointment_id
        async with reading(self) as (session, actor):
            is_shown = await service.is_shown(session, actor, appointment_id=identity(appointment_id))
        if is_shown:
            async with transaction(self) as (session, actor):
                await self._read(session, actor)

    @rx.event
    @requires(Permission.DIAGNOSES)
    async def search(self, text: str):
        """While it is being typed."""
        self.query, self.chosen, self.known, self.refusal = text, NO_OFFER, "", ""
        found = look(text)
        self.offers, self.note = [_offer(each) for each in found.offers], found.note
        self._mark()

    @rx.event
    @requires(Permission.DIAGNOSES)
    async def choose(self, code: str):
        """One of what was found and is not written yet; with nothing: look again."""
        self.chosen = next((each for each in self.offers if each["code"] == code and not each["is_written"]), NO_OFFER)
        self.known = self.refusal = ""
        if self.chosen["code"]:
            async with reading(self) as (session, actor):
                day = await service.known_before(session, actor, appointment_id=identity(self._visit), code=code)
            self.known = f"Это уже записано впервые {formats.day(day)}." if day else ""

    @rx.event
    @requires(Permission.DIAGNOSES)
    async def choose_kind(self, kind: str):
        """Main or beside it."""
        self.kind = one_of(DiagnosisKind, kind).value

    @rx.event
    @requires(Permission.DIAGNOSES)
    async def write(self, course: str):
        """The chosen one, with this course; a refusal leaves all that was chosen. A second click finds nothing chosen."""
        if not self.chosen["code"]:
            return
        kind, wished = one_of(DiagnosisKind, self.kind), one_of(Course, course)
        async with self._told() as (session, actor):
            await service.add(
                session, actor, appointment_id=identity(self._visit), code=self.chosen["code"], kind=kind, course=wished
            )
            await self._read(session, actor)
        if not self.refusal:
            self.said = f"Записано: {self.chosen['code']}."
            self._forget()

    @rx.event
    @requires(Permission.DIAGNOSES)
    async def strike(self, diagnosis_id: str):
        """It was wrong; it stays among the corrections."""
        async with self._told() as (session, actor):
            await service.strike(session, actor, diagnosis_id=identity(diagnosis_id))
            await self._read(session, actor)
            self.said = "Диагноз вычеркнут."
        self.kind = self._next_kind()

    @rx.event
    @requires(Permission.DIAGNOSES)
    async def change_course(self, diagnosis_id: str, course: str):
        """First in life or known."""
        async with self._told() as (session, actor):
            await service.change_course(
                session, actor, diagnosis_id=identity(diagnosis_id), course=one_of(Course, course)
            )
            await self._read(session, actor)
            self.said = "Исправлено."

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        """A refusal is told beside what was typed."""
        self.refusal = self.said = ""
        try:
            async with transaction(self) as found:
                yield found
        except (Conflict, Invalid, NotFound) as refused:
            self.refusal = refused.message

    async def _read(self, session: AsyncSession, actor: Actor) -> None:
        self._show(await service.sheet(session, actor, appointment_id=identity(self._visit)))

    def _show(self, sheet: Sheet) -> None:
        self.is_shown, self.why_not = True, sheet.why_not
        self.lines = [_line(each) for each in sheet.written if each.diagnosis.struck_at is None]
        self.struck = [_line(each) for each in sheet.written if each.diagnosis.struck_at]
        self.kind = self._next_kind()
        self._mark()

    def _mark(self) -> None:
        """What stands already is not offered again; struck out, it is."""
        standing = {each["code"] for each in self.lines}
        self.offers = [{**each, "is_written": each["code"] in standing} for each in self.offers]

    def _next_kind(self) -> str:
        """The first is the main one, the next stand beside it."""
        has_main = any(each["kind"] == KIND_TITLES[DiagnosisKind.MAIN] for each in self.lines)
        return (DiagnosisKind.SECONDARY if has_main else DiagnosisKind.MAIN).value

    def _leave(self) -> None:
        """Nothing of any visit stays."""
        self._forget()
        self._visit = self.why_not = self.said = ""
        self.is_shown, self.lines, self.struck, self.kind = False, [], [], DiagnosisKind.MAIN.value

    def _forget(self) -> None:
        self.query = self.note = self.known = self.refusal = ""
        self.offers, self.chosen = [], NO_OFFER


def _offer(each: Named) -> Offer:
    doubt = "" if each.is_listed else "названия в кратком списке нет, показан класс"
    return {"code": each.code, "title": each.title, "doubt": doubt, "is_written": False}


def _line(each: Written) -> Line:
    found = each.diagnosis
    known = named(found.code)
    told = f"{each.author}, {formats.moment(found.made_at)}"
    if found.struck_at:
        told += f"; вычеркнул(а) {each.striker}, {formats.moment(found.struck_at)}"
    return {
        "id": str(found.id), "code": found.code, "title": known.title if known else "", "kind": KIND_TITLES[found.kind],
        "course": found.course.value, "course_title": COURSE_TITLES[found.course], "told": told,
    }  # fmt: skip
