"""The matrix of people by duty: filter and page live in the address."""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.compliance import charts, service
from medcab.compliance.rules.duties import TITLES, Duty, Row, State
from medcab.compliance.service import Asked, Worker
from medcab.compliance.state import TONES, DutyRow, duty_row
from medcab.documents.service import topic
from medcab.errors import Forbidden
from medcab.guard import actor, reading, requires, transaction, watch
from medcab.ui import formats
from medcab.ui.files import saved

PATH = "/compliance/people"
_NOT_YOURS = "Требования к сотрудникам видят администраторы клиник и руководители отделений."
COLUMNS = (
    Duty.STANDING,
    Duty.PERMIT,
    Duty.TRAINING,
    Duty.LICENCE,
    Duty.MEDICAL_BOOK,
    Duty.QUALIFICATION,
    Duty.PAPERS,
    Duty.SIGNATURE,
)
SHOW: dict[str, tuple[str, tuple[State, ...]]] = {
    "": ("Все сотрудники", ()), "act": ("Просрочено или срочно", (State.OVERDUE, State.URGENT)), "missing": ("Не внесено", (State.MISSING,)),
    "soon": ("Скоро", (State.SOON,)), "done": ("В порядке", (State.DONE, State.GOING)),
}  # fmt: skip


class Cell(TypedDict):
    """One duty of one person; an empty word: it is not asked."""

    tone: str
    word: str
    told: str


class WorkerRow(TypedDict):
    """One person, ready to draw."""

    id: str
    name: str
    place: str
    cells: list[Cell]
    rows: list[DutyRow]


class PeopleState(rx.State):
    """One page of people."""

    closed: str = ""
    ready: bool = False
    summary: str = ""
    workers: list[WorkerRow] = []
    departments: list[tuple[str, str]] = []
    department: str = ""
    duty: str = ""
    show_only: str = ""
    page: int = 1
    pages: int = 1
    counted: str = ""
    terms: dict[str, Any] = {}
    terms_rows: list[list[str]] = []

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        sentence = why_closed(actor(), Permission.COMPLIANCE_DEPARTMENT)
        self.closed = _NOT_YOURS if sentence == Forbidden.message else sentence
        return None if self.closed else PeopleState.show

    @rx.event
    @requires(Permission.COMPLIANCE_DEPARTMENT)
    async def show(self):
        """Read the page of people, journal the look at it, and watch them from now on."""
        asked = self.router.url.query_parameters
        self.department, self.duty = _id(asked.get("department", "")), _duty(asked.get("duty", ""))
        self.show_only = asked.get("show", "") if asked.get("show", "") in SHOW else ""
        self.page = _number(asked.get("page", ""))
        async with transaction(self) as (session, actor):
            service.looked(session, actor)
            await self._fill(session, actor)
            watch(self, {topic(UUID(one["id"])): PeopleState.refresh for one in self.workers})

    @rx.event
    @requires(Permission.COMPLIANCE_DEPARTMENT)
    async def refresh(self):
        """Somebody's fact has changed."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.COMPLIANCE_DEPARTMENT)
    async def choose(self, name: str, value: str):
        """Another filter: a new address, from its first page."""
        kept = {"department": self.department, "duty": self.duty, "show": self.show_only}
        return rx.redirect(_address({**kept, name: value} if name in kept else kept))

    @rx.event
    @requires(Permission.COMPLIANCE_DEPARTMENT)
    async def turn(self, page: int):
        """Another page of the same filter."""
        kept = {"department": self.department, "duty": self.duty, "show": self.show_only}
        return rx.redirect(_address({**kept, "page": str(max(page, 1))}))

    @rx.event
    @requires(Permission.COMPLIANCE_DEPARTMENT)
    async def export(self):
        """All pages of the filter as a file for a spreadsheet."""
        async with transaction(self) as (session, actor):
            sheet = await service.export(session, actor, self._asked())
        return await saved(sheet)

    def _asked(self) -> Asked:
        return Asked(
            department_id=UUID(self.department) if self.department else None, duty=Duty(self.duty) if self.duty else None,
            states=SHOW[self.show_only][1], page=self.page,
        )  # fmt: skip

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        found = await service.people(session, actor, self._asked())
        self.workers = [_worker(one) for one in found.workers]
        self.departments = [("", "Все отделения"), *((str(key), name) for key, name in found.departments)]
        self.page, self.pages = found.page, found.pages
        self.counted = formats.plural(found.total, "сотрудник", "сотрудника", "сотрудников")
        self.summary = _summary(found.counts)
        self.terms, self.terms_rows = charts.people(found.workers, today=clock.today())
        self.ready = True


def _worker(one: Worker) -> WorkerRow:
    place = ", ".join(filter(None, (one.department, one.post)))
    return {
        "id": str(one.id), "name": one.name, "place": place, "cells": [_cell(one.of(duty)) for duty in COLUMNS],
        "rows": [duty_row(row) for row in one.rows if TONES[row.state] != "done"],
    }  # fmt: skip


def _cell(row: Row | None) -> Cell:
    if row is None:
        return {"tone": "quiet", "word": "", "told": "не требуется"}
    dated = row.deadline and row.state not in (State.DONE, State.GOING)
    word = f"{row.deadline:%d.%m.%y}" if dated else service.WORDS[row.state]
    return {"tone": TONES[row.state], "word": word, "told": f"{TITLES[row.duty]}: {row.sentence}"}


def _summary(counts: dict[State, int]) -> str:
    """«12 в порядке, у 3 срочно, у 2 скоро подходит срок.»"""
    bad, soon = counts[State.OVERDUE] + counts[State.URGENT], counts[State.SOON]
    parts = [f"в порядке {counts[State.DONE] + counts[State.GOING]}", *([f"просрочено или срочно у {bad}"] if bad else []),
             *([f"не всё внесено у {counts[State.MISSING]}"] if counts[State.MISSING] else []), *([f"скоро срок у {soon}"] if soon else [])]  # fmt: skip
    everybody = formats.plural(sum(counts.values()), "сотрудник", "сотрудника", "сотрудников")
    return f"{everybody}: {', '.join(parts)}."


def _address(kept: dict[str, str]) -> str:
    given = {name: value for name, value in kept.items() if value}
    return f"{PATH}?{urlencode(given)}" if given else PATH


def _id(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        return ""


def _duty(text: str) -> str:
    return text if text in set(Duty) else ""


def _number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) <= len("9999") else 1
