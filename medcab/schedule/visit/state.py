"""One visit: marked in one tap, moved, cancelled, and the last deed taken back."""

from typing import TypedDict
from uuid import UUID

import reflex as rx

from medcab.access import Permission
from medcab.guard import reading, requires, success, transaction
from medcab.schedule import service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Offer
from medcab.schedule.rules.address import Address
from medcab.schedule.rules.given import identity, moment, one_of
from medcab.schedule.rules.rows import NO_LINE, Line
from medcab.schedule.rules.slots import bounds, day_of
from medcab.schedule.rules.visits import Act
from medcab.schedule.state import ScheduleState, told


class Undo(TypedDict):
    """What was done last; `key` differs each time, so that its bar shows anew. Empty `id`: nothing to take back."""

    key: str
    id: str
    version: int
    words: str


NOTHING_DONE: Undo = {"key": "", "id": "", "version": 0, "words": ""}


class VisitState(rx.State):
    """The dialog of a visit: `mode` is "" (closed), "visit", "move" or "cancel"."""

    mode: str = ""
    line: Line = NO_LINE
    offers: list[Offer] = []
    near: str = ""
    reason: str = ""
    refusal: str = ""
    twice: list[str] = []
    undo: Undo = NOTHING_DONE
    _wished: str = ""

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def open(self, appointment_id: str):
        """Look at one of the visits on the page."""
        await self._find(appointment_id)
        self.mode, self.refusal, self.twice = "visit" if self.line["id"] else "", "", []

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def close(self):
        """By the keyboard or the cross."""
        self.mode = ""

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def sync(self):
        """The page has been read anew: show how the visit stands now."""
        await self._find(self.line["id"])

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def turn_to(self, act: str):
        """From looking to one of the deeds: what has no question is done at once."""
        match one_of(Act, act):
            case Act.MOVE:
                return VisitState.look_near("")
            case Act.CANCEL:
                self.mode, self.refusal, self.reason = "cancel", "", ""
                return None
            case mark:
                return VisitState.mark(self.line["id"], self.line["version"], mark.value)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def look_near(self, day: str):
        """Free times near the visit's own (no day), or near the morning of another day."""
        schedule, planned = await self.get_state(ScheduleState), moment(self.line["at"])
        own = day_of(planned, service.zone())
        chosen = Address.read({"date": day}, today=own).day
        wished = planned if chosen == own else bounds(chosen, 1, service.zone()).starts_at
        async with reading(self) as (session, actor):
            self.offers = await calendar.offers(session, actor, practitioner_id=identity(schedule.who), wished=wished)
        self.mode, self.refusal, self.twice, self.near = "move", "", [], chosen.isoformat()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def move(self, slot: str):
        """Put the visit there; when somebody was faster, offer what is free instead."""
        return await self._move(slot, frozenset())

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def move_anyway(self):
        """The same, although the patient is to be elsewhere."""
        return await self._move(self._wished, frozenset(identity(visit) for visit in self.twice))

    async def _move(self, slot: str, knows_of: frozenset[UUID]):
        self._wished, at, name = slot, moment(slot), self.line["title"]
        async with told(self), transaction(self) as (session, actor):
            await service.move(session, actor, **self._seen(), starts_at=at, knows_of=knows_of)
        if self.refusal:
            return self._stay()
        (await self.get_state(ScheduleState))._forget(self.line["id"])
        self.mode, self.undo = "", NOTHING_DONE
        return [ScheduleState.refresh, success(f"Перенесли: {name}, {calendar.words(at)}.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose_reason(self, reason: str):
        """One of the usual ones, or the person's own words; leaving the field empty changes nothing."""
        self.reason = reason.strip() or self.reason

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def cancel(self):
        """Call the visit off."""
        async with told(self), transaction(self) as (session, actor):
            await service.cancel(session, actor, **self._seen(), reason=self.reason)
        return self._stay() if self.refusal else self._done("приём отменён")

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def mark(self, appointment_id: str, version: int, act: str):
        """One tap: arrived, started, done, no-show, or the last mark taken back."""
        await self._find(appointment_id)
        wished = one_of(Act, act)
        async with transaction(self) as (session, actor):
            await service.mark(session, actor, appointment_id=identity(appointment_id), version=version, act=wished)
        self.line = {**self.line, "version": version}
        return self._done(_DONE[wished], can_undo=wished is not Act.UNDO)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def take_back(self):
        """Undo what the bar speaks of."""
        last, self.undo = self.undo, NOTHING_DONE
        return VisitState.mark(last["id"], last["version"], Act.UNDO.value) if last["id"] else None

    def _seen(self) -> service.Seen:
        return {"appointment_id": identity(self.line["id"]), "version": self.line["version"]}

    def _stay(self):
        """Refused: the page and the dialog show how things stand now, the sentence stays."""
        return [ScheduleState.refresh, VisitState.sync]

    def _done(self, words: str, *, can_undo: bool = True):
        """Close the dialog; for ten seconds the page offers to take it back."""
        line, version = self.line, self.line["version"] + 1
        text = f"{line['time']}, {line['title']}: {words}"
        done: Undo = {"key": f"{line['id']}:{version}", "id": line["id"], "version": version, "words": text}
        self.mode, self.undo = "", done if can_undo else NOTHING_DONE
        return ScheduleState.refresh if can_undo else [ScheduleState.refresh, success("Вернули как было.")]

    async def _find(self, appointment_id: str) -> None:
        days = (await self.get_state(ScheduleState)).days
        self.line = next((line for day in days for line in day["lines"] if line["id"] == appointment_id), NO_LINE)


_DONE = {
    Act.ARRIVED: "пришёл", Act.STARTED: "приём начат", Act.DONE: "приём завершён", Act.NO_SHOW: "не пришёл", Act.UNDO: "возвращено",
}  # fmt: skip
