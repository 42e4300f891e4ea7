"""Booking a patient: who, what for, when, with what. What was chosen stays until the visit is booked, whatever is refused or closed."""

from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission
from medcab.errors import Invalid
from medcab.guard import reading, requires, success, transaction
from medcab.patients import rules as patient_rules
from medcab.patients import service as patients
from medcab.patients.service import PatientRow
from medcab.schedule import service
from medcab.schedule.booking.service import left_above
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Offer
from medcab.schedule.resources.service import devices_for
from medcab.schedule.rules import over
from medcab.schedule.rules.given import identity, moment, one_of
from medcab.schedule.rules.slots import bounds, day_of
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.state import ScheduleState, told
from medcab.ui import formats

NOBODY: PatientRow = {"id": "", "name": "", "born": "", "policy": ""}
_UNCHOSEN = "Выберите пациента из списка."
_SHOWN = 12
_TYPED = "%Y-%m-%dT%H:%M"


class Device(TypedDict):
    """A device that the visit may take."""

    id: str
    name: str
    is_chosen: bool


class BookingState(rx.State):
    """The dialog. `slots` are times to choose from, `offers` the nearest free ones after a refusal; both hold ISO 8601 starts.

    `above`: how many may still be booked on top of that day's plan, in words; empty: none. `is_over`: that is being done, `over_at` being the time.
    """

    is_open: bool = False
    who: str = ""
    slot: str = ""
    slots: list[Offer] = []
    query: str = ""
    hint: str = ""
    found: list[PatientRow] = []
    is_nobody_found: bool = False
    patient: PatientRow = NOBODY
    kind: str = VisitKind.FIRST.value
    devices: list[Device] = []
    refusal: str = ""
    offers: list[Offer] = []
    twice: list[str] = []
    above: str = ""
    is_over: bool = False
    over_at: str = ""
    _reason: str = ""
    _wished: datetime | None = None

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def open(self, slot: str):
        """Begin with this free slot, or with the next one when none was chosen."""
        schedule = await self.get_state(ScheduleState)
        self.who, self.slot, self.devices = schedule.who, slot, []
        self._forget()
        start = bounds(schedule._at().day, 1, service.zone()).starts_at
        self._wished = moment(slot) if slot else max(clock.now(), start) + timedelta(seconds=1)
        async with reading(self) as (session, actor):
            await self._look(session, actor)
        self.is_open = True

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def close(self):
        """By the keyboard or the cross; what was chosen stays for the next opening."""
        self.is_open = False

    @rx.event
    @requires(Permission.PATIENTS_SEARCH)
    async def search(self, text: str):
        """Look for a patient while the name is being typed."""
        self.query, self.hint, self.found = text, patient_rules.hint(text), []
        if not self.hint and text.strip():
            async with transaction(self) as (session, actor):
                self.found = await patients.find(session, actor, text=text)
        self.is_nobody_found = bool(text.strip()) and not self.hint and not self.found

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose(self, patient_id: str):
        """Take one of the found, or, with nothing, look again."""
        self.patient = next((row for row in self.found if row["id"] == patient_id), NOBODY)
        self._forget()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose_kind(self, kind: str):
        """What the visit is for."""
        self.kind = one_of(VisitKind, kind).value

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose_slot(self, slot: str):
        """When."""
        self._wished = moment(slot)
        self.slot = self._wished.isoformat()
        self._forget()
        async with reading(self) as (session, actor):
            await self._count(session, actor, self._wished)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose_device(self, device_id: str):
        """Take it along, or leave it; the times are those at which everything is free."""
        self.devices = [{**each, "is_chosen": each["is_chosen"] != (each["id"] == device_id)} for each in self.devices]
        self._forget()
        async with reading(self) as (session, actor):
            await self._look(session, actor)

    @rx.event
    @requires(Permission.SCHEDULE_OVERBOOK)
    async def turn_over(self):
        """Ask for a time on top of the plan, or no longer."""
        self.is_over, self.refusal, self.offers, self.twice = not self.is_over, "", [], []
        self.over_at = _typed(self._wished or clock.now())

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def book(self, slot: str):
        """Book at this time, or at the chosen one; a refusal stays in the dialog with what is free instead."""
        self.slot, self._reason, self.is_over = slot or self.slot, "", False
        return await self._carry_out(self.slot, frozenset())

    @rx.event
    @requires(Permission.SCHEDULE_OVERBOOK)
    async def book_over(self, form: dict[str, Any]):
        """Book on top of the plan."""
        self.over_at, self._reason = str(form.get("at", ""))[:16], str(form.get("reason", ""))
        self.is_over = True
        return await self._carry_out(self.over_at, frozenset())

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def book_anyway(self):
        """The same once more, although the patient is to be elsewhere."""
        known = frozenset(identity(visit) for visit in self.twice)
        return await self._carry_out(self.over_at if self.is_over else self.slot, known)

    async def _carry_out(self, text: str, knows_of: frozenset[UUID]) -> Any:
        async with told(self), transaction(self) as (session, actor):
            at = _read(text) if self.is_over else moment(text)
            await service.book(
                session, actor, practitioner_id=identity(self.who), patient_id=identity(self.patient["id"], _UNCHOSEN),
                kind=one_of(VisitKind, self.kind), starts_at=at, devices=() if self.is_over else self._chosen(),
                over_reason=over.reason_of(self._reason) if self.is_over else "", knows_of=knows_of,
            )  # fmt: skip
        if not self.refusal:
            return self._booked(at)
        async with reading(self) as (session, actor):
            await self._count(session, actor, _read(self.over_at) if self.is_over else moment(text))
        return ScheduleState.refresh

    def _booked(self, at: datetime):
        words = f"Записали: {self.patient['name']}, {calendar.words(at)}."
        self.is_open, self.patient, self.query, self.found = False, NOBODY, "", []
        return [ScheduleState.refresh, success(words)]

    def _forget(self) -> None:
        """What was refused, and what was to be done on top of the plan."""
        self.refusal, self.offers, self.twice, self.is_over, self._reason = "", [], [], False, ""

    def _chosen(self) -> list[UUID]:
        return [identity(each["id"]) for each in self.devices if each["is_chosen"]]

    async def _look(self, session: AsyncSession, actor: Actor) -> None:
        """Times near the wished one at which the worker, the room and the chosen devices are free, and devices that can be taken.

        A chosen time that is not among them is for the person to choose anew.
        """
        who, wished, chosen = identity(self.who), self._wished or clock.now(), self._chosen()
        near = await service.nearest_free(
            session, actor, practitioner_id=who, wished=wished, count=_SHOWN, devices=chosen
        )
        self.slots = [calendar.offer(slot) for slot in sorted(near)]
        if not self.devices and not self.slot and near:
            self.slot, self._wished = calendar.offer(near[0])["at"], near[0].starts_at
        elif self.slot not in {each["at"] for each in self.slots}:
            self.slot = ""
        known = await devices_for(session, actor, practitioner_id=who, at=self._wished or wished)
        self.devices = [{"id": str(key), "name": name, "is_chosen": key in chosen} for key, name in known.items()]
        await self._count(session, actor, self._wished or wished)

    async def _count(self, session: AsyncSession, actor: Actor, at: datetime) -> None:
        day = day_of(at, service.zone())
        left = await left_above(session, actor, practitioner_id=identity(self.who), day=day)
        self.above = f"{formats.day(day)}: ещё {left}" if left else ""


def _typed(at: datetime) -> str:
    return f"{at.astimezone(service.zone()):{_TYPED}}"


def _read(text: str) -> datetime:
    """A time as the field of the browser gives it: by the clinic's clock."""
    try:
        return datetime.strptime(text, _TYPED).replace(tzinfo=service.zone())
    except ValueError:
        raise Invalid("Укажите дату и время приёма.", field="at") from None
