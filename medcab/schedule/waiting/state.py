"""«Лист ожидания»: who waits for what, in the order in which times are offered; one wish opened; one being written."""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.patients import rules as patient_rules
from medcab.patients import service as patients
from medcab.patients.service import PatientRow
from medcab.schedule.calendar.service import Choice, Offer, words
from medcab.schedule.rules.given import day, identity, minute, moment, one_of
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.rules.waiting import STATE_TITLES, Urgency, Wanted, WishState
from medcab.schedule.state import told
from medcab.schedule.waiting import service
from medcab.schedule.waiting.heard.service import topic
from medcab.schedule.waiting.rows import service as drawn
from medcab.schedule.waiting.rows.service import ANY_TIME, Typed, WishRow
from medcab.schedule.waiting.service import Filter, NewWish, Opened

PATH = "/schedule/waiting"
_ALL = "all"
STATES = [(_ALL, "Все, кто ждёт"), *((state.value, STATE_TITLES[state]) for state in WishState)]
NOBODY: PatientRow = {"id": "", "name": "", "born": "", "policy": ""}
_LONGEST_PAGE, _LONGEST_ID = 4, 36


class OpenedRow(TypedDict):
    """One wish with everything that is done with it. `offered` says what is offered and until when."""

    row: WishRow
    phone: str
    phone_href: str
    offered: str


CLOSED: OpenedRow = {"row": drawn.NO_ROW, "phone": "", "phone_href": "", "offered": ""}


class WaitingState(rx.State):
    """`do`: what stands above the list: a wish being added or changed, or one that is opened."""

    closed: str = ""
    ready: bool = False
    rows: list[WishRow] = []
    page: int = 1
    pages: int = 1
    summary: str = ""
    department: str = _ALL
    doctor: str = _ALL
    state: str = _ALL
    departments: list[tuple[str, str]] = []
    doctors: list[tuple[str, str]] = []
    whom: list[Choice] = []
    do: str = ""
    opened: OpenedRow = CLOSED
    slots: list[Offer] = []
    """Free times that fit the opened wish; `at` holds the worker too."""
    refusal: str = ""
    twice: list[str] = []
    """Visits that the patient has then; the person has been told of them and may go on."""
    wished: str = ""
    """The time that was refused, in words."""
    offers: list[Offer] = []
    """Not shown: `slots` are read anew, with whose they are."""
    form: Typed = drawn.NEW
    fault: str = ""
    query: str = ""
    hint: str = ""
    found: list[PatientRow] = []
    is_nobody_found: bool = False
    patient: PatientRow = NOBODY
    _id: str = ""
    _slot: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_EDIT)
        return None if self.closed else WaitingState.show

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def show(self):
        """Read the list, and watch it from now on."""
        asked = self.router.url.query_parameters
        self.department, self.doctor = (
            asked.get(name, _ALL)[:_LONGEST_ID] or _ALL for name in ("department", "doctor")
        )
        self.state, number = asked.get("state", _ALL), asked.get("page", "1")
        self.page = int(number) if number.isdecimal() and len(number) <= _LONGEST_PAGE else 1
        self.do, self._id = asked.get("do", ""), asked.get("id", "")[:_LONGEST_ID]
        self.fault, self.refusal, self.twice = "", "", []
        async with transaction(self) as (session, who):
            await self._fill(session, who, is_look=True)
            watch(self, {topic(str(who.organisation_id)): WaitingState.refresh})

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def refresh(self):
        """Somebody was added, offered a time, or has answered; what is being written stays."""
        async with reading(self) as (session, who):
            await self._fill(session, who, is_look=False)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose(self, department: str, doctor: str, state: str):
        """Another filter: a new address."""
        return rx.redirect(self._address(department=department, doctor=doctor, state=state))

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def turn(self, page: int):
        """Another page of the same filter."""
        return rx.redirect(self._address(page=str(max(page, 1))))

    @rx.event
    @requires(Permission.PATIENTS_SEARCH)
    async def search(self, text: str):
        """Look for a patient while the name is being typed."""
        self.query, self.hint, self.found = text, patient_rules.hint(text), []
        if not self.hint and text.strip():
            async with transaction(self) as (session, who):
                self.found = await patients.find(session, who, text=text)
        self.is_nobody_found = bool(text.strip()) and not self.hint and not self.found

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def pick(self, patient_id: str):
        """Take one of the found, or, with nothing, look again."""
        self.patient = next((row for row in self.found if row["id"] == patient_id), NOBODY)
        self.fault = ""

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def save(self, form: dict[str, Any]):
        """Let the patient wait, or change what they wait for; a refusal is said in the form."""
        asked = {name: value for name, value in form.items() if isinstance(value, str)}
        return await self._carry_out(asked)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def withdraw(self, wish_id: str, version: int):
        """The patient waits no longer."""
        async with transaction(self) as (session, who):
            await service.withdraw(session, who, wish_id=identity(wish_id), version=version)
        return [rx.redirect(self._address()), success("Убрали из листа ожидания.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def accept(self, wish_id: str, version: int):
        """The patient agreed on the telephone."""
        async with transaction(self) as (session, who):
            await service.accept(session, who, wish_id=identity(wish_id), version=version)
        return [rx.redirect(self._address()), success("Записали на предложенное время.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def decline(self, wish_id: str, version: int):
        """The patient does not want the offered time."""
        async with transaction(self) as (session, who):
            await service.decline(session, who, wish_id=identity(wish_id), version=version)
        return [rx.redirect(self._address()), success("Предложим следующему. Пациент остался в листе ожидания.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def book(self, slot: str):
        """Book whoever is opened into this free time; a refusal stays beside what is free now."""
        self._slot = slot
        return await self._book(frozenset())

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def book_anyway(self):
        """The same once more, although the patient is to be elsewhere."""
        return await self._book(frozenset(identity(visit) for visit in self.twice))

    async def _book(self, knows_of: frozenset[UUID]) -> Any:
        worker, _, at = self._slot.partition("|")
        async with told(self), transaction(self) as (session, who):
            self.wished = words(moment(at))
            await service.book(
                session, who, wish_id=identity(self._id), version=self.opened["row"]["version"], practitioner_id=identity(worker),
                starts_at=moment(at), knows_of=knows_of,
            )  # fmt: skip
        if self.refusal:
            return WaitingState.refresh
        return [
            rx.redirect(self._address()),
            success(f"Записали: {self.opened['row']['patient']}, {self.wished}."),
        ]

    async def _carry_out(self, asked: dict[str, str]) -> Any:
        try:
            new = _read(asked)
            async with transaction(self) as (session, who):
                if self.do == "change":
                    await service.change(
                        session, who, wish_id=identity(self._id), version=self.form["version"], new=new
                    )
                else:
                    patient_id = identity(self.patient["id"], "Выберите пациента из списка.")
                    await service.add(session, who, patient_id=patient_id, new=new)
        except MedcabError as refusal:
            self.fault = refusal.message
            return None
        self.patient, self.query, self.found = NOBODY, "", []
        return [
            rx.redirect(self._address()),
            success("Лист ожидания изменён." if self.do == "change" else "Добавили в лист ожидания."),
        ]

    def _address(self, **changed: str) -> str:
        asked = {"department": self.department, "doctor": self.doctor, "state": self.state, **changed}
        query = urlencode({key: value for key, value in asked.items() if value not in ("", _ALL)})
        return f"{PATH}?{query}" if query else PATH

    async def _fill(self, session: AsyncSession, who: Actor, *, is_look: bool) -> None:
        if is_look:
            await self._choose_from(session, who)
        self.department = self.department if self.department in dict(self.departments) else _ALL
        self.doctor = self.doctor if self.doctor in dict(self.doctors) else _ALL
        self.state = self.state if self.state in dict(STATES) else _ALL
        asked = Filter(
            department_id=None if self.department == _ALL else UUID(self.department),
            practitioner_id=None if self.doctor == _ALL else UUID(self.doctor),
            state=None if self.state == _ALL else WishState(self.state),
        )
        found = await service.listed(session, who, asked=asked, page=self.page)
        self.rows = [drawn.row(line, found.to_call, clock.now()) for line in found.lines]
        self.page, self.pages, self.summary = found.page, found.pages, drawn.summary(found.total)
        if is_look:
            service.looked(session, who, found)
        await self._open(session, who, is_look=is_look)
        self.ready = True

    async def _choose_from(self, session: AsyncSession, who: Actor) -> None:
        """What the filters and the form offer: news of the list change none of it."""
        known = await service.choices(session, who)
        self.departments = [(_ALL, "Все отделения"), *((str(key), name) for key, name in known.departments.items())]
        self.doctors = [(_ALL, "Все врачи"), *((str(key), name) for key, name, _ in known.workers)]
        self.whom = drawn.whom(known)

    async def _open(self, session: AsyncSession, who: Actor, *, is_look: bool) -> None:
        if self.do == "add":
            self.form = {**drawn.NEW, "since": drawn.day_typed(clock.today())} if is_look else self.form
        if self.do not in ("open", "change"):
            self.opened, self.slots = CLOSED, []
            return
        try:
            seen = await service.opened(session, who, wish_id=identity(self._id), again=not is_look)
        except MedcabError:
            self.do, self.opened, self.slots = "", CLOSED, []
            return
        self._show_opened(seen)
        if is_look:
            self.form = drawn.typed(seen.line.wish)

    def _show_opened(self, seen: Opened) -> None:
        self.opened = {
            "row": drawn.row(seen.line, frozenset(), clock.now()), "phone": seen.phone,
            "phone_href": f"tel:{seen.line.phone}" if seen.phone else "", "offered": drawn.offered(seen),
        }  # fmt: skip
        self.slots = [drawn.slot(one, seen.names) for one in seen.slots]


def _read(asked: dict[str, str]) -> NewWish:
    """The form as it was typed; raises `Invalid` with a sentence."""
    what, _, rest = asked.get("whom", "").partition("|")
    ward, _, key = rest.partition("|")
    starts, ends = minute(asked, "starts"), minute(asked, "ends")
    wanted = Wanted(
        department_id=identity(ward, "Выберите врача или специальность."), practitioner_id=identity(key) if what == "doctor" else None,
        specialty=key[:500] if what == "specialty" else "", weekdays=sum(1 << number for number in range(7) if asked.get(f"day{number}")),
        starts=ANY_TIME[0] if starts is None else starts, ends=ANY_TIME[1] if ends is None else ends, since=day(asked, "since"),
        until=day(asked, "until"),
    )  # fmt: skip
    return NewWish(
        wanted=wanted, kind=one_of(VisitKind, asked.get("kind", "")), urgency=one_of(Urgency, asked.get("urgency", "")), note=asked.get("note", ""),
    )  # fmt: skip
