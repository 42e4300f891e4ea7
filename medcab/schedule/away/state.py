"""«Отсутствия из календаря»: what was read in the person's own calendar, what each would do, and doing it.

What was found lives in this tab alone: a page that is loaded anew asks for the file again.
"""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import uuid4

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.schedule.away import service
from medcab.schedule.away.service import Looked
from medcab.schedule.rules.away import Away, Candidates, days_in, unpack
from medcab.schedule.rules.templates import Closed
from medcab.schedule.service import topic
from medcab.ui import formats

REASONS = ("Отпуск", "Учёба", "Командировка", "Болезнь", "Другое")
_NAMED = 5
"""Visits named at an event."""


class AwayRow(TypedDict):
    """Days that may be entered; `word` says why not, or why not by itself; `href` leads to where its visits are dealt with."""

    number: str
    title: str
    days: str
    word: str
    tone: str
    note: str
    visits: list[str]
    href: str
    may_tick: bool
    is_ticked: bool


class AwayState(rx.State):
    """`rows` stand in the order of `_found`; `told` says what was left out of them."""

    closed: str = ""
    ready: bool = False
    clinic: str = ""
    is_read: bool = False
    rows: list[AwayRow] = []
    told: list[str] = []
    summary: str = ""
    fault: str = ""
    _found: list[Away] = []
    _left: list[list[Closed]] = []
    """What of each is not closed yet."""
    _ticked: dict[int, bool] = {}

    @rx.event
    @requires()
    async def load(self):
        """Begin with no file; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_EDIT)
        return None if self.closed else AwayState.show

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def show(self):
        """Say for which clinic, and watch what is booked meanwhile."""
        self._forget()
        async with reading(self) as (session, who):
            self.clinic = await service.clinic(session, who)
            watch(self, {topic(who.person_id): AwayState.refresh})
        self.ready = True

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def taken(self, found: str):
        """A file was read: look what each of its days would do."""
        self._forget()
        offered = unpack(found)
        self._found, self.told, self.is_read = list(offered.away), _told(offered), True
        await self._look()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def refresh(self):
        """Somebody was booked, days were closed; what is ticked stays, as far as it may."""
        if self.is_read:
            await self._look()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def tick(self, number: str, answer: str):
        """Whether these days are to be entered: "yes" or "no"."""
        if number in {row["number"] for row in self.rows}:
            self._ticked[int(number)], self.fault = answer == "yes", ""
            self.rows = [{**row, "is_ticked": self._is_ticked(row)} for row in self.rows]
            self.summary = self._summary()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def apply(self, form: dict[str, Any]):
        """Enter everything that is ticked, or nothing; a refusal is said above the list."""
        made = await self._bring_in(str(form.get("reason", "")))
        return [AwayState.refresh, success(f"Внесено: {_counted(made)}.")] if made else AwayState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def forget(self):
        """Another file."""
        self._forget()

    def _forget(self) -> None:
        self._found, self._left, self._ticked, self.rows, self.told = [], [], {}, [], []
        self.is_read, self.summary, self.fault = False, "", ""

    async def _look(self) -> None:
        try:
            async with reading(self) as (session, who):
                await self._fill(session, who)
        except MedcabError as refused:
            self.fault, self.rows = refused.message, []

    async def _fill(self, session: AsyncSession, who: Actor) -> None:
        looked = await service.look(session, who, wanted=[each.closed for each in self._found])
        rows = [
            _row(number, each, how, who) for number, (each, how) in enumerate(zip(self._found, looked, strict=True))
        ]
        self._left = [how.left for how in looked]
        self.rows = [{**row, "is_ticked": self._is_ticked(row)} for row in rows]
        self.summary = self._summary()

    def _is_ticked(self, row: AwayRow) -> bool:
        return row["may_tick"] and self._ticked.get(int(row["number"]), not row["word"])

    def _wanted(self) -> list[Closed]:
        return [self._found[int(row["number"])].closed for row in self.rows if row["is_ticked"]]

    def _summary(self) -> str:
        left = [each for row in self.rows if row["is_ticked"] for each in self._left[int(row["number"])]]
        return f"Отмечено: {_counted(left)}" if left else "Ничего не отмечено"

    async def _bring_in(self, reason: str) -> list[Closed]:
        self.fault = ""
        try:
            async with transaction(self) as (session, who):
                return await service.bring_in(
                    session, who, wanted=self._wanted(), reason=reason if reason in REASONS else ""
                )
        except MedcabError as refused:
            self.fault = refused.message
            return []


def _row(number: int, each: Away, looked: Looked, who: Actor) -> AwayRow:
    word, tone = _word(each, looked)
    named = [f"{formats.moment(visit.starts_at)} {visit.name}" for visit in looked.visits[:_NAMED]]
    more = len(looked.visits) - _NAMED
    left = looked.left or [each.closed]
    note = "часть этих дней уже внесена" if looked.left and looked.left != [each.closed] else ""
    dates = {"who": str(who.person_id), "since": formats.day(left[0].since), "until": formats.day(left[-1].until)}
    return {
        "number": str(number), "title": each.title, "days": formats.period(each.closed.since, each.closed.until), "word": word, "tone": tone, "note": note,
        "visits": [*named, *([f"и ещё {formats.plural(more, 'приём', 'приёма', 'приёмов')}"] if more > 0 else [])],
        "href": f"/schedule/absence?{urlencode({**dates, 'key': str(uuid4())})}" if looked.visits else "",  # planned at once
        "may_tick": bool(looked.left) and not looked.visits, "is_ticked": False,
    }  # fmt: skip


def _word(each: Away, looked: Looked) -> tuple[str, str]:
    """What keeps these days from being ticked, or from being ticked by themselves."""
    if not looked.left:
        return "уже внесено", "done"
    if looked.visits:
        return f"записано: {formats.plural(len(looked.visits), 'приём', 'приёма', 'приёмов')}", "soon"
    if each.is_cancelled:
        return "отменено в календаре", "quiet"
    if not each.is_busy:
        return "в календаре вы свободны", "quiet"
    return ("", "info") if looked.has_hours else ("приёма и так нет", "quiet")


def _told(found: Candidates) -> list[str]:
    counts = (
        (found.past, "прошедшее", "прошедших", "прошедших"), (found.short, "не на весь день приёма", "не на весь день приёма", "не на весь день приёма"),
        (found.beyond, "позже чем через год", "позже чем через год", "позже чем через год"),
        (found.unread, "не разобрано", "не разобрано", "не разобрано"), (found.more, "не поместилось", "не поместилось", "не поместилось"),
    )  # fmt: skip
    return [f"{formats.plural_word(count, *words)}: {formats.number(count)}" for count, *words in counts if count]


def _counted(periods: list[Closed]) -> str:
    return formats.plural(len({day for each in periods for day in days_in(each)}), "день", "дня", "дней")
