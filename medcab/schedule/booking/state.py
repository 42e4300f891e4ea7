"""Booking a patient: who, what for, when. What was chosen stays until the visit is booked, whatever is refused or closed."""

from datetime import timedelta

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.guard import reading, requires, success, transaction
from medcab.patients import rules as patient_rules
from medcab.patients import service as patients
from medcab.patients.service import PatientRow
from medcab.schedule import service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Offer
from medcab.schedule.rules.given import identity, moment, one_of
from medcab.schedule.rules.slots import bounds
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.state import ScheduleState, told

NOBODY: PatientRow = {"id": "", "name": "", "born": "", "policy": ""}
_UNCHOSEN = "Выберите пациента из списка."


class BookingState(rx.State):
    """The dialog. `slots` are times to choose from, `offers` the nearest free ones after a refusal; both hold ISO 8601 starts."""

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
    refusal: str = ""
    offers: list[Offer] = []

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def open(self, slot: str):
        """Begin with this free slot, or with the next one when none was chosen."""
        schedule = await self.get_state(ScheduleState)
        self.who, self.refusal, self.offers = schedule.who, "", []
        start = bounds(schedule._at().day, 1, service.zone()).starts_at
        wished = moment(slot) if slot else max(clock.now(), start) + timedelta(seconds=1)
        async with reading(self) as (session, actor):
            near = await calendar.offers(session, actor, practitioner_id=identity(self.who), wished=wished)
        self.slots = sorted(near, key=lambda offer: offer["at"])
        self.slot, self.is_open = slot or next((offer["at"] for offer in near), ""), True

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
        self.refusal = ""

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose_kind(self, kind: str):
        """What the visit is for."""
        self.kind = one_of(VisitKind, kind).value

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose_slot(self, slot: str):
        """When."""
        self.slot = moment(slot).isoformat()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def book(self, slot: str):
        """Book at this time, or at the chosen one; a refusal stays in the dialog with what is free instead."""
        self.slot = slot or self.slot
        async with told(self), transaction(self) as (session, actor):
            await service.book(
                session, actor, practitioner_id=identity(self.who), patient_id=identity(self.patient["id"], _UNCHOSEN),
                kind=one_of(VisitKind, self.kind), starts_at=moment(self.slot),
            )  # fmt: skip
        return ScheduleState.refresh if self.refusal else self._booked()

    def _booked(self):
        words = f"Записали: {self.patient['name']}, {calendar.words(moment(self.slot))}."
        self.is_open, self.patient, self.query, self.found = False, NOBODY, "", []
        return [ScheduleState.refresh, success(words)]
