"""«Отсутствие врача»: who and when; what to do with each visit; what was done, while it can be taken back, and whom to call."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.identifiers import person_name
from medcab.schedule import service as visits
from medcab.schedule.absences import queries, service
from medcab.schedule.absences.rows import service as drawn
from medcab.schedule.absences.rows.service import NONE, PATH, AbsenceRow, DoneRow, LineRow, Opened
from medcab.schedule.absences.service import Unsettled
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Choice
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.rules.given import day, identity, one_of
from medcab.schedule.rules.proposals import Policy
from medcab.schedule.rules.templates import Closed

_ID = 36


class AbsenceState(rx.State):
    """`lines` is the plan of the absence that the address asks for; `opened` one that was entered."""

    closed: str = ""
    ready: bool = False
    is_missing: bool = False
    people: list[Choice] = []
    who: str = ""
    since: str = ""
    until: str = ""
    reason: str = ""
    policy: str = Policy.SAME_DAY.value
    is_planned: bool = False
    lines: list[LineRow] = []
    summary: str = ""
    fault: str = ""
    opened: Opened = NONE
    dealt: list[DoneRow] = []
    left: list[str] = []
    rows: list[AbsenceRow] = []
    newer: str = ""
    older: str = ""
    _page: int = 1

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_EDIT)
        return None if self.closed else AbsenceState.show

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def show(self):
        """Read what the address names: an absence, a plan of one, or nothing yet."""
        self._read()
        async with transaction(self) as (session, who):
            await self._fill(session, who, is_look=True)
            topics = {service.topic(clinic_of(who)): AbsenceState.refresh}
            watch(self, topics | ({visits.topic(self.who): AbsenceState.refresh} if self.is_planned else {}))

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def refresh(self):
        """A visit was changed, an absence entered: what has been chosen stays."""
        async with reading(self) as (session, who):
            await self._fill(session, who, is_look=False)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def ask(self, form: dict[str, Any]):
        """Who, from when, until when: look whom it touches."""
        asked = {name: value[:200] for name, value in form.items() if isinstance(value, str)}
        self.fault = _fault(asked)
        self.reason = asked.get("reason", "")
        return None if self.fault else rx.redirect(_address(**asked))

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def prefer(self, policy: str):
        """Look for other times first; what was chosen by hand gives way."""
        asked = {"who": self.who, "since": self.since, "until": self.until, "reason": self.reason}
        self.lines = []
        return rx.redirect(_address(**asked, policy=one_of(Policy, policy).value), replace=True)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def decide(self, appointment_id: str, choice: str):
        """What to do with one visit."""
        self.lines = [
            {**line, "choice": choice[:100], "problem": ""} if line["id"] == appointment_id else line
            for line in self.lines
        ]
        self.summary = drawn.summary(self.lines)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def decide_all(self, choice: str):
        """The same for everybody; empty: what is proposed."""
        self.lines = [{**line, "choice": choice[:20] or drawn.proposed(line), "problem": ""} for line in self.lines]
        self.summary = drawn.summary(self.lines)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def apply(self):
        """Do all of it; what cannot be done is shown, and nothing has been done."""
        absence_id = await self._apply()
        if absence_id is None:
            return AbsenceState.refresh
        self.lines, self.is_planned = [], False
        return [rx.redirect(f"{PATH}?id={absence_id}"), success("Отсутствие внесено.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def take_back(self):
        """As it was, while nobody has been told."""
        async with transaction(self) as (session, who):
            self.left = await service.take_back(session, who, absence_id=identity(self.opened["id"]))
        return [AbsenceState.refresh, success("Вернули как было.")]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def tick(self, appointment_id: str, called: str):
        """Whether the patient has been called: "yes" or "no"."""
        absence_id, visit_id = identity(self.opened["id"]), identity(appointment_id)
        async with transaction(self) as (session, who):
            await service.called(
                session, who, absence_id=absence_id, appointment_id=visit_id, is_called=called == "yes"
            )
        return AbsenceState.refresh

    def _read(self) -> None:
        asked = self.router.url.query_parameters
        same = (self.who, self.since, self.until) == tuple(asked.get(name, "") for name in ("who", "since", "until"))
        self.lines, self.left, self.fault = self.lines if same else [], [], ""
        self.who, self.since, self.until = (asked.get(name, "")[:_ID] for name in ("who", "since", "until"))
        self.reason = asked.get("reason", "")[:200]
        self.policy = asked.get("policy", "") if asked.get("policy", "") in set(Policy) else Policy.SAME_DAY.value
        self.opened = {**NONE, "id": asked.get("id", "")[:_ID]}
        number = asked.get("page", "1")
        self._page = int(number) if number.isdecimal() and len(number) < len("1000") else 1
        self.is_planned = bool(self.who and self.since and not self.opened["id"])

    async def _fill(self, session: AsyncSession, who: Actor, *, is_look: bool) -> None:
        known = await calendar.people(session, who)
        self.people = [{"id": key, "name": name} for key, name in known.items()]
        self.who = self.who or next(iter(known), "")
        if self.opened["id"]:
            await self._fill_opened(session, who, known, is_look=is_look)
        if self.is_planned:
            await self._fill_plan(session, who)
        found, total = await queries.listed(session, clinic_of(who), [UUID(key) for key in known], self._page)
        self.rows = [
            drawn.row(row, person_name.short(one.family_name, one.given_name, one.patronymic), count)
            for row, one, count in found
        ]
        self.newer = f"{PATH}?page={self._page - 1}" if self._page > 1 else ""
        self.older, self.ready = f"{PATH}?page={self._page + 1}" if self._page * queries.PAGE < total else "", True

    async def _fill_opened(self, session: AsyncSession, who: Actor, known: dict[str, str], *, is_look: bool) -> None:
        try:
            row, dealt = await service.opened(session, who, absence_id=identity(self.opened["id"]), again=not is_look)
        except MedcabError:
            self.is_missing = True
            return
        self.is_missing, self.opened = False, drawn.opened(row, known.get(str(row.practitioner_id), ""))
        self.dealt = [drawn.done(each) for each in dealt]

    async def _fill_plan(self, session: AsyncSession, who: Actor) -> None:
        try:
            closed, policy = _closed({"since": self.since, "until": self.until}), one_of(Policy, self.policy)
            found = await service.plan(session, who, practitioner_id=identity(self.who), closed=closed, policy=policy)
        except MedcabError as refused:
            self.fault, self.is_planned = refused.message, False
            return
        self.lines = drawn.merged(found, self.lines)
        self.summary = drawn.summary(self.lines)

    async def _apply(self) -> UUID | None:
        """The absence's id; None when it was refused, which is said at the visit or above all of them."""
        self.fault = ""
        try:
            decisions = {identity(line["id"]): drawn.decision(line) for line in self.lines}
            closed = _closed({"since": self.since, "until": self.until})
            async with transaction(self) as (session, who):
                return await service.apply(
                    session,
                    who,
                    practitioner_id=identity(self.who),
                    closed=closed,
                    reason=self.reason,
                    decisions=decisions,
                )
        except Unsettled as refused:
            self.fault = refused.message
            self.lines = [
                {**line, "choice": "", "problem": refused.message}
                if line["id"] == str(refused.appointment_id)
                else line
                for line in self.lines
            ]
        except MedcabError as refused:
            self.fault = refused.message
        return None


def _address(**asked: str) -> str:
    kept = {name: asked[name] for name in ("who", "since", "until", "policy", "reason") if asked.get(name)}
    return f"{PATH}?{urlencode(kept)}"


def _closed(asked: dict[str, str]) -> Closed:
    return Closed(day(asked, "since"), day(asked, "until", asked.get("since", "")))


def _fault(asked: dict[str, str]) -> str:
    """Why this is no absence, a sentence."""
    try:
        identity(asked.get("who", ""), "Выберите, кого не будет.")
        if _closed(asked).since < clock.today(visits.zone()):
            return "Укажите дни от сегодняшнего."
    except MedcabError as refused:
        return refused.message
    return ""
