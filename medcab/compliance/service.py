"""A worker's own duties, and those of the people somebody answers for. Worked out when they are looked at, so never old."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.compliance import queries
from medcab.compliance.models import ReminderChoice
from medcab.compliance.rules.duties import TITLES, Duty, Row, State, duties, training_plan, worst
from medcab.compliance.rules.training import Plan
from medcab.errors import NotFound
from medcab.identifiers import person_name
from medcab.tables.writer import Cell, Sheet
from medcab.ui.formats import day as shown

PAGE = 25
_BREATH = 50
"""After so many people the event loop turns to others."""
WORDS = {
    State.OVERDUE: "просрочено", State.MISSING: "не внесено", State.URGENT: "срочно", State.SOON: "скоро", State.GOING: "в работе",
    State.DONE: "в порядке",
}  # fmt: skip


@dataclass(frozen=True)
class Board:
    """One's own duties, worst first."""

    rows: list[Row]
    plan: Plan | None
    choice: ReminderChoice


async def own(session: AsyncSession, actor: Actor) -> Board:
    require(actor, Permission.VERIFICATION)
    facts = (await queries.facts_of(session, [actor.person_id]))[actor.person_id]
    day = queries.day()
    return Board(duties(facts, day), training_plan(facts, day), await queries.choice_of(session, actor.person_id))


async def choose(session: AsyncSession, actor: Actor, *, by_mail: bool, by_sms: bool) -> None:
    """Where reminders come from now on."""
    require(actor, Permission.VERIFICATION)
    choice = await queries.choice_of(session, actor.person_id)
    choice.by_mail, choice.by_sms = by_mail, by_sms
    session.add(choice)
    audit.record(session, actor, Action.REMINDERS_CHOOSE, actor.person_id, mail=by_mail, sms=by_sms)


@dataclass(frozen=True)
class Worker:
    """Somebody one answers for."""

    id: UUID
    name: str
    department: str
    post: str
    rows: tuple[Row, ...]

    @property
    def worst(self) -> State:
        return worst(self.rows)

    def of(self, duty: Duty) -> Row | None:
        """The worst row of the duty."""
        return next((row for row in self.rows if row.duty is duty), None)


@dataclass(frozen=True)
class People:
    """One page of them, and how many of all there are in each state."""

    workers: list[Worker]
    total: int
    page: int
    pages: int
    counts: dict[State, int]
    departments: list[tuple[UUID, str]]


@dataclass(frozen=True)
class Asked:
    """A filter: whom to show. None: everybody."""

    department_id: UUID | None = None
    duty: Duty | None = None
    states: Collection[State] = ()
    page: int = 1


async def people(session: AsyncSession, actor: Actor, asked: Asked) -> People:
    """Worst first. The whole clinic is worked out for it: who is worst cannot be told from one page."""
    require(actor, Permission.COMPLIANCE_DEPARTMENT)
    open_to = await queries.departments(session, actor)
    if asked.department_id and asked.department_id not in dict(open_to):
        raise NotFound
    everybody = await _workers(session, actor, asked)
    found = [worker for worker in everybody if not asked.states or worker.worst in asked.states]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(asked.page, 1), pages)
    counts = {state: sum(worker.worst is state for worker in everybody) for state in State}
    return People(found[(page - 1) * PAGE : page * PAGE], len(found), page, pages, counts, open_to)


async def _workers(session: AsyncSession, actor: Actor, asked: Asked) -> list[Worker]:
    listed = await queries.staff(session, actor, asked.department_id)
    facts, day = await queries.facts_of(session, [row.id for row in listed]), queries.day()
    found = []
    for number, row in enumerate(listed):
        if number % _BREATH == 0:
            await asyncio.sleep(0)
        mine = tuple(each for each in duties(facts[row.id], day) if asked.duty in (None, each.duty))
        name = person_name.short(row.family_name, row.given_name, row.patronymic)
        found.append(Worker(row.id, name, row.department or "", row.post, mine))
    return sorted(found, key=_urgency)


def _urgency(worker: Worker) -> tuple[int, int, str]:
    """The worst state, then how much of it, then the name."""
    state = worker.worst
    return state.rank, -sum(row.state is state for row in worker.rows), worker.name


def looked(session: AsyncSession, actor: Actor) -> None:
    """Whoever reads how others stand is in the journal."""
    require(actor, Permission.COMPLIANCE_DEPARTMENT)
    audit.record(session, actor, Action.COMPLIANCE_VIEW, actor.organisation_id)


async def export(session: AsyncSession, actor: Actor, asked: Asked) -> Sheet:
    """The same people, all pages, one line a duty."""
    require(actor, Permission.COMPLIANCE_DEPARTMENT)
    if asked.department_id and asked.department_id not in dict(await queries.departments(session, actor)):
        raise NotFound
    workers = await _workers(session, actor, asked)
    lines: list[list[Cell]] = [
        [worker.name, worker.department, worker.post, TITLES[row.duty], row.subject, WORDS[row.state],
         shown(row.deadline) if row.deadline else None, row.sentence]
        for worker in workers if not asked.states or worker.worst in asked.states
        for row in worker.rows
    ]  # fmt: skip
    audit.record(session, actor, Action.COMPLIANCE_EXPORT, actor.organisation_id, lines=len(lines))
    headings = [
        "Сотрудник",
        "Отделение",
        "Должность",
        "Требование",
        "Специальность",
        "Состояние",
        "Срок",
        "Что сделать",
    ]
    return Sheet(f"trebovaniya-{queries.day().today}.csv", headings, lines)
