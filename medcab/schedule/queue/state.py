"""«Очередь»: who is expected today, who waits and since when, who is with the doctor; each mark is one tap or one key."""

from typing import TypedDict
from urllib.parse import urlencode

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import NotFound
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.schedule import service as visits
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Choice
from medcab.schedule.queue import service
from medcab.schedule.queue.service import Place, Queue
from medcab.schedule.rules.given import identity, one_of
from medcab.schedule.rules.rows import ACT_TITLES, QUICK, Deed
from medcab.schedule.rules.stages import STAGE_TITLES, Stage
from medcab.schedule.rules.visits import Act, allowed, title_of
from medcab.ui import formats

PATH = "/schedule/queue"
_ID = 36


class PlaceRow(TypedDict):
    """A patient of today. `since` is ISO 8601, empty for whoever neither waits nor is with the doctor."""

    id: str
    version: int
    time: str
    name: str
    doctor: str
    room: str
    word: str
    since: str
    waits: bool
    deeds: list[Deed]


class StageRow(TypedDict):
    """Everybody of one stage."""

    stage: str
    title: str
    rows: list[PlaceRow]


class Done(TypedDict):
    """The last mark, to be taken back; `key` differs each time. Empty `id`: none."""

    key: str
    id: str
    version: int
    words: str


NOTHING: Done = {"key": "", "id": "", "version": 0, "words": ""}


class QueueState(rx.State):
    """`doctor` narrows what is shown; `now` is the server's clock, from which the browser counts minutes."""

    closed: str = ""
    ready: bool = False
    is_missing: bool = False
    is_screen: bool = False
    title: str = ""
    departments: list[Choice] = []
    doctors: list[Choice] = []
    department: str = ""
    doctor: str = ""
    stages: list[StageRow] = []
    called: list[PlaceRow] = []
    now: str = ""
    done: Done = NOTHING

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_READ)
        return None if self.closed else QueueState.show

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def show(self):
        """Read the queue, journal the look at it, and watch everybody's day from now on."""
        asked = self.router.url.query_parameters
        self.department, self.doctor = (asked.get(name, "")[:_ID] for name in ("department", "doctor"))
        self.is_screen, self.done = asked.get("screen", "") == "1", NOTHING
        async with transaction(self) as (session, who):
            found = await self._fill(session, who)
            for key in found.people if found else ():
                calendar.opened(session, who, practitioner_id=key, day=clock.today(visits.zone()))
            watch(self, {visits.topic(key): QueueState.refresh for key in found.people} if found else {})

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def refresh(self):
        """Somebody came, was called in, or will not come."""
        async with reading(self) as (session, who):
            await self._fill(session, who)

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def choose(self, department: str, doctor: str):
        """Another department, or one doctor of it."""
        asked = {"department": department[:_ID], "doctor": doctor[:_ID]}
        return rx.redirect(f"{PATH}?{urlencode({name: value for name, value in asked.items() if value})}")

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def mark(self, appointment_id: str, version: int, act: str):
        """Came, called in, done, not come; or the last mark taken back."""
        wished, name = one_of(Act, act), self._name(appointment_id)
        async with transaction(self) as (session, who):
            await visits.mark(session, who, appointment_id=identity(appointment_id), version=version, act=wished)
        if wished is Act.UNDO:
            return [QueueState.refresh, success("Вернули как было.")]
        words = f"{name}: {ACT_TITLES[wished][0].lower()}"
        self.done = {"key": f"{appointment_id}:{version}", "id": appointment_id, "version": version + 1, "words": words}
        return QueueState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def take_back(self):
        """Undo what the bar speaks of."""
        last, self.done = self.done, NOTHING
        return QueueState.mark(last["id"], last["version"], Act.UNDO.value) if last["id"] else None

    def _name(self, appointment_id: str) -> str:
        return next(
            (row["name"] for stage in self.stages for row in stage["rows"] if row["id"] == appointment_id), "Пациент"
        )

    async def _fill(self, session: AsyncSession, who: Actor) -> Queue | None:
        try:
            chosen = identity(self.department) if self.department else None
            found = await service.today(session, who, department_id=chosen)
        except NotFound:
            self.ready, self.is_missing = True, True
            return None
        self._draw(found)
        return found

    def _draw(self, found: Queue) -> None:
        self.departments = [{"id": str(key), "name": name} for key, name in found.departments.items()]
        self.doctors = (
            [{"id": str(key), "name": name} for key, name in found.people.items()] if len(found.people) > 1 else []
        )
        self.department = str(found.department_id or "")
        self.title = (
            found.departments.get(found.department_id, "")
            if found.department_id
            else next(iter(found.people.values()), "")
        )
        shown = [each for each in found.places if self.doctor in ("", str(each.seen.visit.practitioner_id))]
        rows: dict[Stage, list[PlaceRow]] = {
            stage: [_row(each) for each in shown if each.stage is stage] for stage in Stage
        }
        drawn: list[StageRow] = [
            {"stage": stage.value, "title": STAGE_TITLES[stage], "rows": rows[stage]} for stage in Stage
        ]
        self.stages = [] if self.is_screen or not shown else drawn
        self.called = (
            [_nameless(row, number) for number, row in enumerate((*rows[Stage.INSIDE], *rows[Stage.WAITING]))]
            if self.is_screen
            else []
        )
        self.title = "Приём" if self.is_screen and not self.departments else self.title
        self.now, self.ready, self.is_missing = clock.now().isoformat(), True, False


def _row(each: Place) -> PlaceRow:
    facts = each.seen.facts
    acts = allowed(facts.visit, clock.now(), visits.zone(), QUICK)
    deeds: list[Deed] = [{"act": act.value, "label": ACT_TITLES[act][0], "icon": ACT_TITLES[act][1]} for act in acts]
    return {
        "id": str(facts.id), "version": facts.version, "time": formats.time(facts.visit.starts_at, visits.zone()), "name": facts.name,
        "doctor": each.doctor, "room": each.room, "word": title_of(facts.visit), "since": each.since.isoformat() if each.since else "",
        "waits": each.stage is Stage.WAITING, "deeds": deeds,
    }  # fmt: skip


def _nameless(row: PlaceRow, number: int) -> PlaceRow:
    """What may hang in a hall: nobody's name reaches its browser."""
    return {**row, "id": str(number), "name": "", "doctor": "", "word": "", "deeds": []}
