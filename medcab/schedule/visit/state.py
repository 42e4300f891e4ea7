"""One visit: marked in one tap, moved, dragged, cancelled, and the last deed taken back."""

from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission
from medcab.guard import actor, failure, reading, requires, success, transaction
from medcab.identifiers import phone
from medcab.schedule import service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Offer
from medcab.schedule.rules.address import Address
from medcab.schedule.rules.given import identity, moment, one_of
from medcab.schedule.rules.moves import Fate, fate
from medcab.schedule.rules.rows import NO_LINE, Line
from medcab.schedule.rules.slots import bounds, day_of
from medcab.schedule.rules.visits import MISTAKE, Act, Payer, former
from medcab.schedule.state import ScheduleState, told
from medcab.schedule.visit import service as about
from medcab.schedule.visit.diagnoses.state import DiagnosesState
from medcab.schedule.visit.payer import service as payers
from medcab.schedule.visit.service import Place
from medcab.ui import formats


class Undo(TypedDict):
    """What was done last; `key` differs each time, so that its bar shows anew. Empty `id`: nothing to take back.

    A visit that was `moved` goes back where it was; one that was `made` is called off; anything else is a mark.
    """

    key: str
    id: str
    version: int
    words: str
    moved: bool
    made: bool


NOTHING_DONE: Undo = {"key": "", "id": "", "version": 0, "words": "", "moved": False, "made": False}


_OFFERED = timedelta(seconds=10)
"""How long a deed is offered back."""


class Fact(TypedDict):
    """A line of the dialog."""

    name: str
    value: str


class VisitState(rx.State):
    """The dialog of a visit: `mode` is "" (closed), "visit", "move" or "cancel".

    `to` is whose free times are looked for; `answer` names the last move from the grid that was decided.
    """

    mode: str = ""
    to: str = ""
    answer: str = ""
    line: Line = NO_LINE
    place: list[Fact] = []
    phone: str = ""
    payer: str = ""
    chooses_payer: bool = False
    offers: list[Offer] = []
    near: str = ""
    reason: str = ""
    refusal: str = ""
    twice: list[str] = []
    undo: Undo = NOTHING_DONE
    _until: str = ""
    _wished: str = ""
    _former: dict[str, Any] = {}

    @rx.event
    @requires()
    async def settle(self):
        """The page is opened: what was done a while ago is not offered back once more."""
        if self.undo["id"] and self._until <= clock.now().isoformat():
            self.undo = NOTHING_DONE

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def open(self, appointment_id: str):
        """Look at one of the visits on the page."""
        await self._find(appointment_id)
        self.place, self.phone = [], ""
        if self.line["id"]:
            await self._read_place()
        self.mode, self.refusal, self.twice = "visit" if self.line["id"] else "", "", []
        return DiagnosesState.open(appointment_id) if self.mode else None

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def call(self):
        """Show the patient's phone: to say that the doctor is late, to ask where they are."""
        async with transaction(self) as (session, actor):
            found = await about.phone(session, actor, identity(self.line["id"]))
        self.phone = phone.formatted(found) if found else "не указан"

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def choose_payer(self, payer: str):
        """Somebody else pays; of a visit in a register the answer is why not."""
        wished, self.refusal = one_of(Payer, payer), ""
        async with told(self), transaction(self) as (session, actor):
            await payers.choose(session, actor, **self._seen(), payer=wished)
        self.payer = self.payer if self.refusal else wished.value
        return [ScheduleState.refresh, VisitState.sync]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def begin(self, appointment_id: str):
        """Choose another time for it at once."""
        await self._find(appointment_id)
        can_move = any(deed["act"] == Act.MOVE for deed in self.line["deeds"])
        return VisitState.turn_to(Act.MOVE.value) if can_move else failure("Этот приём перенести нельзя.")

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def close(self):
        """By the keyboard or the cross; what was found in the patient does not stay in the tab."""
        self.mode = ""
        (await self.get_state(DiagnosesState))._leave()

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def sync(self):
        """The page has been read anew: show how the visit stands now."""
        if not actor().may(Permission.DIAGNOSES):
            (await self.get_state(DiagnosesState))._leave()
        await self._find(self.line["id"])
        if self.mode == "visit" and self.line["id"]:
            await self._read_place()

    async def _read_place(self):
        """Where it is and who pays, as it stands now."""
        async with reading(self) as (session, actor):
            place = await about.place(session, actor, identity(self.line["id"]))
            self.place, self.payer = _facts(place), place.payer.value
            self.chooses_payer = actor.may(Permission.SCHEDULE_DEPARTMENT)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def turn_to(self, act: str):
        """From looking to one of the deeds: what has no question is done at once."""
        match one_of(Act, act):
            case Act.MOVE:
                self.to = self.line["who"]
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
        planned = moment(self.line["at"])
        own = day_of(planned, service.zone())
        chosen = Address.read({"date": day}, today=own).day
        await self._look(planned if chosen == own else bounds(chosen, 1, service.zone()).starts_at)
        self.refusal, self.twice, self.near = "", [], chosen.isoformat()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def look_at(self, person_id: str):
        """Free times of a colleague, around the same day."""
        self.to = person_id
        return VisitState.look_near(self.near)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def move(self, slot: str):
        """Put the visit there; when somebody was faster, offer what is free instead."""
        await self._move(slot, frozenset())
        return self._stay() if self.refusal else ScheduleState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def move_anyway(self):
        """The same, although the patient is to be elsewhere."""
        await self._move(self._wished, frozenset(identity(visit) for visit in self.twice))
        return self._stay() if self.refusal else ScheduleState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def drop(self, key: str, appointment_id: str, version: int, who: str, slot: str):
        """Put there in the grid, by a drag or by keys; a refusal opens the dialog, and the visit stands where it was."""
        await self._find(appointment_id)
        self.line, self.to = {**self.line, "version": version}, who
        await self._move(slot, frozenset())
        if self.refusal:
            await self._find(appointment_id)
            self.mode = "move" if self.offers else "visit" if self.line["id"] else ""
        await (await self.get_state(ScheduleState))._refresh()
        self.answer = key
        return failure(self.refusal) if self.refusal and not self.mode else None

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def ask(self, key: str, appointment_id: str, version: int, who: str, slot: str):
        """The connection was lost before the answer came: the schedule as it is says whether the move was done."""
        await self._find(appointment_id)
        self.answer, at = key, calendar.words(moment(slot))
        name = self.line["title"]
        match fate(self.line, version, who, moment(slot)):
            case Fate.DONE:
                return success(f"Связь прерывалась, но перенос сохранён: {name}, {at}.")
            case Fate.KEPT:
                return failure(f"Связь прервалась, и перенос не сохранён: {name} стоит на прежнем месте.")
            case _:
                return failure("Связь прервалась, а приём тем временем изменили. Проверьте, где он стоит.")

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
        if self.refusal:
            return self._stay()
        self._done(f"{self.line['time']}, {self.line['title']}: приём отменён")
        return ScheduleState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def mark(self, appointment_id: str, version: int, act: str):
        """One tap: arrived, started, done, no-show, or the last mark taken back."""
        await self._find(appointment_id)
        wished = one_of(Act, act)
        async with transaction(self) as (session, actor):
            await service.mark(session, actor, appointment_id=identity(appointment_id), version=version, act=wished)
        self.line = {**self.line, "version": version}
        self._done(f"{self.line['time']}, {self.line['title']}: {_DONE[wished]}")
        if wished is not Act.UNDO:
            return ScheduleState.refresh
        self.undo = NOTHING_DONE
        return [ScheduleState.refresh, success("Вернули как было.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def take_back(self):
        """Undo what the bar speaks of."""
        last, self.undo = self.undo, NOTHING_DONE
        if not last["id"]:
            return None
        if not last["moved"] and not last["made"]:
            return VisitState.mark(last["id"], last["version"], Act.UNDO.value)
        async with told(self), transaction(self) as (session, actor):
            await _taken_back(session, actor, last, self._former)
        (await self.get_state(ScheduleState))._forget(last["id"])
        told_back = "Запись отменена." if last["made"] else "Вернули как было."
        return [ScheduleState.refresh, failure(self.refusal) if self.refusal else success(told_back)]

    def _seen(self) -> service.Seen:
        return {"appointment_id": identity(self.line["id"]), "version": self.line["version"]}

    async def _look(self, wished: datetime) -> None:
        async with reading(self) as (session, actor):
            self.offers = await calendar.offers(session, actor, practitioner_id=identity(self.to), wished=wished)
        self.mode = "move"

    async def _move(self, slot: str, knows_of: frozenset[UUID]) -> None:
        """To that time of whom was chosen."""
        before, self.offers, self._wished = self.line, [], slot
        async with told(self), transaction(self) as (session, actor):
            place = {"starts_at": moment(slot), "practitioner_id": identity(self.to)}
            self._former = former(await service.move(session, actor, **self._seen(), **place, knows_of=knows_of))
        if not self.refusal:
            (await self.get_state(ScheduleState))._forget(before["id"])
            words = f"Перенесли: {before['title']}, {calendar.words(moment(slot))}."
            self._done(words, moved=True)

    def _stay(self):
        """Refused: the page and the dialog show how things stand now, the sentence stays."""
        return [ScheduleState.refresh, VisitState.sync]

    def _done(self, words: str, *, moved: bool = False) -> None:
        """Close the dialog; for ten seconds the page offers to take it back."""
        self._can_take_back(self.line["id"], self.line["version"] + 1, words, moved=moved)

    def _can_take_back(
        self, appointment_id: str, version: int, words: str, *, moved: bool = False, made: bool = False
    ) -> None:
        key = f"{appointment_id}:{version}"
        self._until = (clock.now() + _OFFERED).isoformat()
        self.mode, self.undo = "", {"key": key, "id": appointment_id, "version": version, "words": words, "moved": moved, "made": made}  # fmt: skip

    async def _find(self, appointment_id: str) -> None:
        """As it stands in the database; nothing when it is out of the person's scope."""
        async with reading(self) as (session, actor):
            self.line = await calendar.visit(session, actor, appointment_id=identity(appointment_id))


def _facts(place: Place) -> list[Fact]:
    """What there is to tell."""
    day = place.starts_at.astimezone(service.zone()).date()
    told_of = {
        "День": formats.capital(f"{formats.weekday(day)}, {formats.day_words(day)}"), "Врач": f"{place.doctor}, {place.department}",
        "Кабинет": ", ".join(place.rooms), "Оборудование": ", ".join(place.devices),
    }  # fmt: skip
    return [{"name": name, "value": value} for name, value in told_of.items() if value]


async def _taken_back(session: AsyncSession, actor: Actor, last: Undo, before: dict[str, Any]) -> None:
    """A visit goes back where it was, and as it was; one that was just booked is called off."""
    seen: service.Seen = {"appointment_id": identity(last["id"]), "version": last["version"]}
    if last["made"]:
        await service.cancel(session, actor, **seen, reason=MISTAKE)
    else:
        await service.put_back(session, actor, **seen, **before, within_hours=True)


_DONE = {
    Act.ARRIVED: "пришёл", Act.STARTED: "приём начат", Act.DONE: "приём завершён", Act.NO_SHOW: "не пришёл", Act.UNDO: "возвращено",
}  # fmt: skip
