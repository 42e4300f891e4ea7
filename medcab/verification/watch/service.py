"""Keeping every standing true: a round asks the register about everybody active or suspended and writes down what it says otherwise.

A round goes through the people page by page. Its place is kept in the transaction that keeps the page's changes, so a killed server
goes on with the next page and does none twice. A case that its worker has sent meanwhile, or that waits for an answer of its own, is
left to that check.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person, Standing
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict
from medcab.verification import queries
from medcab.verification.checking import service as checking
from medcab.verification.models import CaseItem, CheckRun, RegisterRound, StandingChange, VerificationCase
from medcab.verification.queries import CLAIM, FINDING
from medcab.verification.rules import Claim, Diff, Finding, Item, ItemState, beginning
from medcab.verification.rules.items import PERMITS

ROUND = "register.round"
TOPIC = "register-round"
_WATCHED = (Standing.ACTIVE, Standing.SUSPENDED)
_BRAKE_AT, _REST = 10, timedelta(minutes=10)
"""So many people of one page who would lose everything, and more than half of it, are the register's fault rather than theirs."""


class RoundRuns(Conflict):
    """One round at a time."""

    message = "Сверка уже идёт."


class TooSoon(Conflict):
    """The register is not to be asked about everybody again and again."""

    message = "Сверка закончилась только что. Следующую можно начать через 10 минут."


@dataclass(frozen=True)
class Watched:
    """Somebody to ask about. `open_specialities`: what was written down last as open, also when it has run out since; empty: suspended."""

    person_id: UUID
    case_id: UUID
    version: int
    claim: Claim
    before: dict[Item, Finding]
    open_specialities: frozenset[str]

    @property
    def items(self) -> frozenset[Item]:
        return frozenset(item for item in Item if self.claim.gives(item))


@dataclass(frozen=True)
class Page:
    """The next people of a round, of whom `people` are to be asked about; `seen` counts all, `last` is where it ends."""

    round_id: UUID
    after: UUID | None
    last: UUID
    seen: int
    people: tuple[Watched, ...]


@dataclass(frozen=True)
class Noticed:
    """The register says something else about this person than before."""

    whom: Watched
    answered: dict[Item, Finding]
    diff: Diff
    loses_all: bool


async def start(session: AsyncSession, actor: Actor) -> RegisterRound:
    """An administrator wants everybody compared now."""
    require(actor, Permission.REGISTER_WATCH)
    newest = await queries.newest_round(session)
    if newest and newest.is_open:
        raise RoundRuns
    if newest and newest.finished_at and clock.now() - newest.finished_at < _REST:
        raise TooSoon
    begun = await begin(session)
    audit.record(session, actor, Action.REGISTER_COMPARE, begun.id)
    return begun


def looked(session: AsyncSession, actor: Actor) -> None:
    """Whoever reads what changed about others is in the journal."""
    require(actor, Permission.REGISTER_WATCH)
    audit.record(session, actor, Action.REGISTER_VIEW, actor.organisation_id)


async def begin(session: AsyncSession) -> RegisterRound:
    """A new round. The database refuses a second one that is open."""
    everybody = (
        sa.select(sa.func.count())
        .select_from(VerificationCase)
        .join(Person, col(Person.id) == VerificationCase.person_id)
    )
    people = await session.scalar(everybody.where(col(Person.standing).in_(_WATCHED)))
    begun = RegisterRound(started_at=clock.now(), people=people or 0)
    session.add(begun)
    await session.flush()
    outbox.add(session, ROUND, {"round_id": str(begun.id)})
    live.publish(session, TOPIC)
    return begun


async def next_page(session: AsyncSession, round_id: UUID, size: int) -> Page | None:
    """The next `size` people; None when there are no more, or the round has ended."""
    held = await session.get(RegisterRound, round_id)
    if held is None or not held.is_open:
        return None
    query = select(VerificationCase, Person).join(Person, col(Person.id) == VerificationCase.person_id)
    query = query.where(col(Person.standing).in_(_WATCHED)).order_by(col(Person.id)).limit(size)
    if held.after:
        query = query.where(col(Person.id) > held.after)
    rows = list((await session.exec(query)).all())
    if not rows:
        return None
    stored = await _stored(session, [case.id for case, _ in rows])
    found = [_watched(case, person, stored.get(case.id, {})) for case, person in rows]
    return Page(round_id, held.after, rows[-1][1].id, len(rows), tuple(one for one in found if one))


async def _stored(session: AsyncSession, case_ids: Sequence[UUID]) -> dict[UUID, dict[Item, Finding]]:
    rows = (await session.exec(select(CaseItem).where(col(CaseItem.case_id).in_(case_ids)))).all()
    found: dict[UUID, dict[Item, Finding]] = {}
    for row in rows:
        found.setdefault(row.case_id, {})[Item(row.item)] = FINDING.validate_json(row.finding)
    return found


def _watched(case: VerificationCase, person: Person, stored: dict[Item, Finding]) -> Watched | None:
    """None: never sent, or a check of its own is under way."""
    if not case.checked_claim or any(f.state in (ItemState.CHECKING, ItemState.POSTPONED) for f in stored.values()):
        return None
    claim = CLAIM.validate_json(case.checked_claim)
    before = beginning(claim) | {item: finding for item, finding in stored.items() if claim.gives(item)}
    held = frozenset(permit.speciality for item in PERMITS if item in before for permit in before[item].permits)
    is_open = person.standing is Standing.ACTIVE
    return Watched(person.id, case.id, case.version, claim, before, held if is_open else frozenset())


async def keep(session: AsyncSession, page: Page, noticed: Sequence[Noticed], *, unanswered: int) -> None:
    """The page's changes and the round's place, together. Does nothing when another try has kept this page already."""
    held = await session.get(RegisterRound, page.round_id, with_for_update=True, populate_existing=True)
    if held is None or not held.is_open or held.after != page.after:
        return
    if not held.trusted and _is_unlikely(page, noticed):
        _halt(session, held, sum(one.loses_all for one in noticed), len(page.people))
        return
    for one in noticed:
        held.changed += await _revise(session, one)
    held.after, held.done, held.unanswered = page.last, held.done + page.seen, held.unanswered + unanswered
    live.publish(session, TOPIC)


async def finish(session: AsyncSession, round_id: UUID) -> None:
    """Everybody has been asked about."""
    held = await session.get(RegisterRound, round_id, with_for_update=True)
    if held and held.is_open:
        held.is_open, held.finished_at = False, clock.now()
        audit.record(session, None, Action.REGISTER_COMPARED, held.id, people=held.done, changed=held.changed)
        live.publish(session, TOPIC)


def _is_unlikely(page: Page, noticed: Sequence[Noticed]) -> bool:
    lost = sum(one.loses_all for one in noticed)
    return lost >= _BRAKE_AT and lost * 2 > len(page.people)


def _halt(session: AsyncSession, held: RegisterRound, lost: int, asked: int) -> None:
    held.halted = (
        f"Регистр отрицает статус {lost} из {asked} человек подряд. Похоже на сбой регистра: ничьи права не закрыты."
    )
    held.is_open, held.finished_at = False, clock.now()
    audit.record(session, None, Action.REGISTER_COMPARED, held.id, outcome="halted", lost=lost, asked=asked)
    live.publish(session, TOPIC)


async def _revise(session: AsyncSession, one: Noticed) -> bool:
    """Write down what changed, draw the consequences, tell the person; whether it still concerned the case as it is."""
    case = await session.get(VerificationCase, one.whom.case_id, with_for_update=True, populate_existing=True)
    if case is None or case.version != one.whom.version:
        return False
    now = clock.now()
    await checking.write(session, case, one.answered)
    session.add(CheckRun(
        case_id=case.id, case_version=case.version, items=json.dumps(sorted(one.answered)), started_at=now, finished_at=now, outcome="changed",
    ))  # fmt: skip
    session.add_all(
        StandingChange(
            case_id=case.id, person_id=case.person_id, noticed_at=now, item=change.item.value, was=change.was, now=change.now,
            closes="; ".join(one.diff.closes)[:500], opens="; ".join(one.diff.opens)[:500],
        )
        for change in one.diff.changes
    )  # fmt: skip
    audit.record(
        session,
        None,
        Action.CASE_CHECK,
        case.id,
        person_id=case.person_id,
        result="changed",
        items=sorted(one.answered),
    )
    person = await accounts.person(session, case.person_id)
    was = person.standing
    await checking.draw_consequences(session, case)
    if person.standing is was:  # otherwise it has been told already that everything closed, or opened
        _tell(session, person, one.diff)
    return True


def _tell(session: AsyncSession, person: Person, diff: Diff) -> None:
    where = "Что было и что стало, сказано в разделе «Врачебный кабинет» → «Изменения в регистре»."
    if diff.closes:
        notices.told_everywhere(
            session, person, "закрыта специальность", f"Право на работу по части специальностей приостановлено. {where}"
        )
    else:
        notices.told_by_mail(
            session, person, "изменилась запись в регистре", f"Федеральный регистр сообщает о вас новое. {where}"
        )
