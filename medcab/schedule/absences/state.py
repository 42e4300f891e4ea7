"""«Отсутствие врача» and «Перенос приёмов»: whose visits and when; what to do with each; what was done, while it can be taken back, and whom to call."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.identifiers import person_name
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule import service as visits
from medcab.schedule.absences import queries, service
from medcab.schedule.absences.planning import service as planning
from medcab.schedule.absences.planning.service import Plan, Task
from medcab.schedule.absences.rows import service as drawn
from medcab.schedule.absences.rows.service import (
    CALL,
    CANCEL,
    NONE,
    PART,
    PATHS,
    STAY,
    AbsenceRow,
    DoneRow,
    LineRow,
    Opened,
    Same,
)
from medcab.schedule.absences.service import Unsettled
from medcab.schedule.absences.shortening.service import is_open as is_open_to_shorten
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Choice
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.rules.given import day, identity, minute, one_of
from medcab.schedule.rules.proposals import Aim, Policy
from medcab.schedule.rules.templates import Closed
from medcab.ui import formats

_ID, _FAR = 36, timedelta(days=366)
_TASK = ("who", "since", "starts", "until", "ends", "key")
_ASKED = (*_TASK, "policy", "worker", "day", "reason")


class AbsenceState(rx.State):
    """`lines` is a part of the plan that the address asks for, `chosen` what is to become of each; `opened` one that was entered.

    All of the plan stays here (`_all`, `_choices`): a page of two hundred visits would be sent anew with every choice.
    Addresses of a plan have a `key`: what was applied is found by it, whoever was disconnected or clicked twice.
    """

    closed: str = ""
    ready: bool = False
    is_missing: bool = False
    closes: bool = True
    people: list[Choice] = []
    who: str = ""
    since: str = ""
    starts: str = ""
    until: str = ""
    ends: str = ""
    reason: str = ""
    policy: str = Policy.SAME_DAY.value
    worker: str = ""
    day: str = ""
    is_planned: bool = False
    lines: list[LineRow] = []
    chosen: dict[str, str] = {}
    summary: str = ""
    hopeless: str = ""
    is_only_hopeless: bool = False
    part: str = ""
    """«51–100 из 224»; empty: all are shown."""
    has_more: bool = False
    present: list[str] = []
    same: Same = {"href": "", "words": ""}
    unclear: str = ""
    """Why the form cannot be followed."""
    fault: str = ""
    """Why it was not applied."""
    opened: Opened = NONE
    dealt: list[DoneRow] = []
    left: list[str] = []
    rows: list[AbsenceRow] = []
    newer: str = ""
    older: str = ""
    _all: list[LineRow] = []
    _choices: dict[str, str] = {}
    _first: int = 0
    _key: str = ""
    _by_hand: list[str] = []
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
        """Read what the address names: an absence, a plan of one, or nothing yet; a plan that was applied is an absence."""
        self._read()
        async with transaction(self) as (session, who):
            if await self._is_done(session, who):
                return self._to_done()
            await self._fill(session, who, is_look=True)
            topics = {service.topic(clinic_of(who)): AbsenceState.refresh}
            watch(self, topics | ({visits.topic(self.who): AbsenceState.refresh} if self.is_planned else {}))
        return None

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def refresh(self):
        """A visit was changed, an absence entered: what has been chosen stays; what another tab has done is shown."""
        async with reading(self) as (session, who):
            if await self._is_done(session, who):
                return self._to_done()
            await self._fill(session, who, is_look=False)
        return None

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def ask(self, form: dict[str, Any]):
        """Whose visits, from when, until when: look which these are."""
        asked = {name: value[:200] for name, value in form.items() if isinstance(value, str)}
        self.unclear = _fault(asked)
        self.reason = asked.get("reason", "")
        return None if self.unclear else rx.redirect(self._address(**asked, key=str(uuid4())))

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def prefer(self, policy: str):
        """Look for other times first; times chosen by hand give way, who stays, is called or is called off by hand does not."""
        return self._aim(policy=one_of(Policy, policy).value)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def aim(self, worker: str, day: str):
        """Only times of this worker, only on this day; empty: whoever, whenever. A half-typed day is left alone."""
        if day and not _day_typed(day):
            return None
        policy = Policy.OWN.value if day and not worker else self.policy
        return self._aim(worker=worker[:_ID], day=day, policy=policy)

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def decide(self, appointment_id: str, choice: str):
        """What to do with one visit; empty: what is proposed. Times of whoever stays are proposed to others."""
        before = self._choices.get(appointment_id, "")
        self._choose({line["id"]: choice[:100] for line in self._all if line["id"] == appointment_id})
        return AbsenceState.refresh if STAY in (before, choice) else None

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def decide_all(self, choice: str):
        """The same for everybody; empty: what is proposed."""
        self._choose({line["id"]: choice[:20] for line in self._all})
        return None if self.closes else AbsenceState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def show_hopeless(self, only: str):
        """Only visits for which nothing is proposed ("yes"), or all."""
        self.is_only_hopeless, self._first = only == "yes", 0
        self._count()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def turn(self, to: str):
        """To the next part of the plan, or to the one before ("back")."""
        self._first += -PART if to == "back" else PART
        self._count()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def apply(self):
        """Do all of it, once; what cannot be done is shown, and nothing has been done."""
        key = await self._apply() if self.is_planned else None
        if key is None:
            return AbsenceState.refresh
        self._forget()
        self.is_planned = False
        return [
            rx.redirect(f"{self._path()}?id={key}"),
            success("Отсутствие внесено." if self.closes else "Приёмы перенесены."),
        ]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def take_back(self):
        """As it was, while nobody has been told."""
        async with transaction(self) as (session, who):
            self.left = await service.take_back(session, who, absence_id=identity(self.opened["id"]))
        told = "Вернули как было, кроме отмеченных." if self.left else "Вернули как было."
        return [AbsenceState.refresh, success(told)]

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

    async def _is_done(self, session: AsyncSession, who: Actor) -> bool:
        """Whether the plan that is looked at has been applied."""
        return self.is_planned and await queries.absence(session, who, identity(self._key)) is not None

    def _to_done(self) -> Any:
        return rx.redirect(f"{self._path()}?id={self._key}", replace=True)

    def _read(self) -> None:
        query = self.router.url.query_parameters
        asked = {name: query.get(name, "")[:200] for name in _ASKED}
        before = (self.closes, *(getattr(self, name) for name in _TASK[:-1]), self._key)
        self.closes = self.router.url.path.rstrip("/") != PATHS[False]
        for name in ("starts", "until", "ends", "reason", "worker", "day"):
            setattr(self, name, asked[name])
        self.who, self._key = asked["who"][:_ID], _id_typed(asked["key"])
        self.since = asked["since"] or formats.day(clock.today(visits.zone()))
        self.policy = asked["policy"] if asked["policy"] in set(Policy) else Policy.SAME_DAY.value
        same = before == (self.closes, *(getattr(self, name) for name in _TASK[:-1]), self._key)
        if not same:
            self._forget()
        self.left, self.fault, self.unclear, self.opened = [], "", "", {**NONE, "id": query.get("id", "")[:_ID]}
        number = query.get("page", "1")
        self._page = int(number) if number.isdecimal() and len(number) < len("1000") else 1
        self.is_planned = bool(self.who and self._key and not self.opened["id"])

    async def _fill(self, session: AsyncSession, who: Actor, *, is_look: bool) -> None:
        known = await calendar.people(session, who)
        self.people = [{"id": key, "name": name} for key, name in known.items()]
        self.who = self.who or next(iter(known), "")
        if self.opened["id"]:
            await self._fill_opened(session, who, known, is_look=is_look)
        if self.is_planned:
            await self._fill_plan(session, who)
        people = [UUID(key) for key in known]
        found, total = await queries.listed(session, clinic_of(who), people, self._page, closes=self.closes)
        self.rows = [
            drawn.row(row, person_name.short(one.family_name, one.given_name, one.patronymic), count)
            for row, one, count in found
        ]
        path, at = self._path(), self._page
        self.newer = f"{path}?page={at - 1}" if at > 1 else ""
        self.older, self.ready = f"{path}?page={at + 1}" if at * queries.PAGE < total else "", True

    async def _fill_opened(self, session: AsyncSession, who: Actor, known: dict[str, str], *, is_look: bool) -> None:
        try:
            row, dealt = await service.opened(session, who, absence_id=identity(self.opened["id"]), again=not is_look)
        except MedcabError:
            self.is_missing = True
            return
        name, can_shorten = known.get(str(row.practitioner_id), ""), is_open_to_shorten(who, row)
        self.is_missing, self.opened = False, drawn.opened(row, name, dealt, can_shorten=can_shorten)
        self.dealt = [drawn.done(each, row.taken_back_at) for each in dealt]

    async def _fill_plan(self, session: AsyncSession, who: Actor) -> None:
        try:
            found = await self._planned(session, who)
        except MedcabError as refused:
            self.unclear, self.is_planned = refused.message, False
            return
        self._all, self._choices = drawn.merged(found, self._all, self._choices, self._by_hand)
        self.present, self.same = drawn.present(found), drawn.same(found.same)
        self._count()

    async def _planned(self, session: AsyncSession, who: Actor) -> Plan:
        worker = identity(self.worker) if self.worker else None
        aim = Aim(one_of(Policy, self.policy), worker, _day_typed(self.day))
        staying = {UUID(key) for key, choice in self._choices.items() if choice == STAY}
        return await planning.plan(session, who, task=self._task(), aim=aim, staying=staying)

    async def _apply(self) -> UUID | None:
        """The absence's id; None when it was refused, which is said at the visit or above all of them."""
        self.fault = ""
        try:
            decisions = {
                identity(line["id"]): drawn.decision(line, self._choices.get(line["id"], "")) for line in self._all
            }
            async with transaction(self) as (session, who):
                return await service.apply(
                    session, who, key=identity(self._key), task=self._task(), reason=self.reason, decisions=decisions
                )
        except Unsettled as refused:
            self.fault = refused.message
            self._trouble(str(refused.appointment_id), refused.message)
        except MedcabError as refused:
            self.fault = refused.message
        return None

    def _trouble(self, appointment_id: str, sentence: str) -> None:
        """Say at the visit why it has to be chosen anew."""
        self._all = [{**line, "problem": sentence if line["id"] == appointment_id else ""} for line in self._all]
        self._choices = {key: "" if key == appointment_id else choice for key, choice in self._choices.items()}
        if appointment_id in self._choices:
            self.is_only_hopeless, self._first = False, list(self._choices).index(appointment_id)

    def _choose(self, choices: dict[str, str]) -> None:
        known = {line["id"]: line for line in self._all}
        self._choices = self._choices | {key: choice or drawn.proposed(known[key]) for key, choice in choices.items()}
        self._by_hand = [key for key in self._by_hand if key not in choices] + [key for key in choices if choices[key]]
        if any(line["problem"] for line in self._all if line["id"] in choices):
            self._all = [{**line, "problem": "" if line["id"] in choices else line["problem"]} for line in self._all]
        self._count()

    def _count(self) -> None:
        self.summary, self.hopeless = drawn.summary(self._choices), drawn.hopeless(self._all, self._choices)
        self.is_only_hopeless = self.is_only_hopeless and bool(self.hopeless)
        listed = [line for line in self._all if not (self.is_only_hopeless and line["options"])]
        self._first, self.part, self.has_more = drawn.part(self._first, len(listed))
        lines: list[LineRow] = [{**line} for line in listed[self._first : self._first + PART]]
        if lines != self.lines:  # they are sent whenever they are set
            self.lines = lines
        self.chosen = {line["id"]: self._choices.get(line["id"], "") for line in lines}

    def _forget(self) -> None:
        self._all, self._choices, self.lines, self.chosen, self._by_hand = [], {}, [], {}, []
        self.is_only_hopeless, self._first = False, 0

    def _aim(self, **more: str) -> Any:
        kept = {
            key: choice
            for key, choice in self._choices.items()
            if choice == STAY or (choice in (CALL, CANCEL) and key in self._by_hand)
        }
        self._choices, self._by_hand = kept, list(kept)
        asked = {name: getattr(self, name) for name in _ASKED if name != "key"} | {"key": self._key}
        return rx.redirect(self._address(**(asked | more)), replace=True)

    def _task(self) -> Task:
        return Task(identity(self.who), _closed({name: getattr(self, name) for name in _TASK[1:-1]}), self.closes)

    def _path(self) -> str:
        return PATHS[self.closes]

    def _address(self, **asked: str) -> str:
        return f"{self._path()}?{urlencode({name: asked[name] for name in _ASKED if asked.get(name)})}"


def _closed(asked: dict[str, str]) -> Closed:
    starts, ends = minute(asked, "starts") or 0, minute(asked, "ends")
    until = day(asked, "until", asked.get("since", ""))
    return Closed(day(asked, "since"), until, starts, DAY_MINUTES if ends is None else ends)


def _fault(asked: dict[str, str]) -> str:
    """Why this is no time to deal with, a sentence."""
    try:
        identity(asked.get("who", ""), "Выберите врача.")
        closing.demand_days(_closed(asked))
    except MedcabError as refused:
        return refused.message
    return ""


def _id_typed(text: str) -> str:
    with suppress(ValueError):
        return str(UUID(text))
    return ""


def _day_typed(text: str) -> date | None:
    """As a browser's own field for days says it."""
    with suppress(ValueError):
        typed = date.fromisoformat(text)
        return typed if abs(typed - clock.today(visits.zone())) < _FAR else None
    return None
