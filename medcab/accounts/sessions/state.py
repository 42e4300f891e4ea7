"""«Журнал входов»: the filter and the page live in the address."""

from datetime import timedelta
from typing import TypedDict
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Actor, Permission
from medcab.accounts.models import SignInOutcome
from medcab.accounts.sessions import queries, service
from medcab.guard import reading, requires, success, transaction
from medcab.ui import formats

PERIODS = {"week": 7, "month": 30, "year": 365}


class SessionRow(TypedDict):
    """An open session, ready to draw."""

    id: str
    device: str
    where: str
    started: str
    seen: str
    seen_exact: str
    is_current: bool


class LineRow(TypedDict):
    """A line of the journal, ready to draw."""

    id: str
    at: str
    device: str
    ip: str
    factor: str
    outcome: str
    tone: str
    note: str
    may_disown: bool


class JournalState(rx.State):
    """Own sessions and one page of the journal."""

    sessions: list[SessionRow] = []
    is_alone: bool = True
    lines: list[LineRow] = []
    outcome: str = ""
    period: str = "month"
    page: int = 1
    pages: int = 1
    summary: str = ""

    @rx.event
    @requires(Permission.ACCOUNT)
    async def load(self):
        """Rebuild the page from the address."""
        asked = self.router.url.query_parameters
        self.outcome = asked.get("outcome", "") if asked.get("outcome", "") in set(SignInOutcome) else ""
        self.period = asked.get("period", "") if asked.get("period", "") in PERIODS else "month"
        page = asked.get("page", "1")
        self.page = int(page) if page.isdecimal() and len(page) <= len("9999") else 1
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.ACCOUNT)
    async def choose(self, outcome: str, period: str):
        """Another filter: a new address."""
        return rx.redirect(f"/journal?outcome={'' if outcome == 'all' else outcome}&period={period}")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def turn(self, page: int):
        """Another page of the same filter."""
        return rx.redirect(f"/journal?outcome={self.outcome}&period={self.period}&page={max(page, 1)}")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def end(self, session_id: str):
        """End one session: its browser leaves within a second."""
        async with transaction(self) as (session, actor):
            await service.end_one(session, actor, session_id=UUID(session_id))
            await self._fill(session, actor)
        return success("Сеанс завершён.")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def end_others(self):
        """Leave only this browser."""
        async with transaction(self) as (session, actor):
            count = await service.end_others(session, actor)
            await self._fill(session, actor)
        return success(f"Завершено: {formats.plural(count, 'сеанс', 'сеанса', 'сеансов')}.")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def disown(self, record_id: str):
        """«Это был не я»."""
        async with transaction(self) as (session, actor):
            await service.disown(session, actor, record_id=UUID(record_id))
            await self._fill(session, actor)
        return success("Мы завершили этот сеанс. Теперь смените пароль.")

    async def _fill(self, session, actor: Actor) -> None:
        since = clock.today() - timedelta(days=PERIODS[self.period])
        outcome = SignInOutcome(self.outcome) if self.outcome else None
        found = await queries.journal(session, actor, outcome=outcome, since=since, page=self.page)
        self.sessions = [_session_row(one) for one in await queries.open_sessions(session, actor)]
        self.is_alone = len(self.sessions) == 1
        self.lines = [_line_row(one) for one in found.lines]
        self.page, self.pages = found.page, found.pages
        self.summary = formats.plural(found.total, "запись", "записи", "записей")


def _session_row(one: queries.OpenSession) -> SessionRow:
    return {
        "id": str(one.id), "device": one.device, "where": f"{one.ip}, {one.factor}", "started": formats.moment(one.started_at),
        "seen": one.seen_at.isoformat(), "seen_exact": formats.moment(one.seen_at), "is_current": one.is_current,
    }  # fmt: skip


def _line_row(line: queries.JournalLine) -> LineRow:
    notes = {
        "вы сказали: это был не я": line.disowned,
        "новое устройство": line.new_device,
        "этот сеанс": line.is_current,
    }
    tone = "done" if line.outcome is SignInOutcome.SUCCESS else "quiet"
    if line.outcome in (SignInOutcome.WRONG_PASSWORD, SignInOutcome.WRONG_CODE, SignInOutcome.LOCKED):
        tone = "soon"
    return {
        "id": str(line.id), "at": formats.moment(line.at), "device": line.device, "ip": line.ip, "factor": line.factor,
        "outcome": line.outcome_title, "tone": "act" if line.disowned else tone,
        "note": ", ".join(note for note, holds in notes.items() if holds), "may_disown": line.may_disown,
    }  # fmt: skip
