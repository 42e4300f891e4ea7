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
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict
from medcab.verification import queries
from medcab.verification.checking import service as checking
from medcab.verification.models import (
    CheckRun,
    RegisterRound,
    StandingChange,
    VerificationCase,
)
from medcab.verification.rules import Diff, Finding, Item, difference, upheld
from medcab.verification.rules.codes import WITHDRAWN
from medcab.verification.rules.items import Source
from medcab.verification.supervision.service import licence_index, withdrawn
from medcab.verification.watch.queries import WATCHED, Page, Watched

ROUND = "register.round"
TOPIC = "register-round"
_BRAKE_AT, _REST = 10, timedelta(minutes=10)
"""So many people of one page who would lose everything, and more than half of it, are the register's fault rather than theirs."""


class RoundRuns(Conflict):
    """One round at a time."""

    message = "Сверка уже идёт."


class TooSoon(Conflict):
    """The register is not to be asked about everybody again and again."""

    message = "Сверка закончилась только что. Следующую можно начать через 10 минут."


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
    if await queries.open_round(session):
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


async def begin(session: AsyncSession, *, trusted: bool = False, notice_id: UUID | None = None) -> RegisterRound:
    """A new round. The database refuses a second one that is open.

    `trusted`: the register is believed however many it denies. `notice_id`: only those whom the notice concerns are asked about.
    """
    everybody = (
        sa.select(sa.func.count())
        .select_from(VerificationCase)
        .join(Person, col(Person.id) == VerificationCase.person_id)
    )
    people = await session.scalar(everybody.where(col(Person.standing).in_(WATCHED)))
    begun = RegisterRound(started_at=clock.now(), people=people or 0, trusted=trusted, notice_id=notice_id)
    session.add(begun)
    await session.flush()
    outbox.add(session, ROUND, {"round_id": str(begun.id)})
    live.publish(session, TOPIC)
    return begun


async def keep(session: AsyncSession, page: Page, noticed: Sequence[Noticed], *, unanswered: int) -> None:
    """The page's changes and the round's place, together. Does nothing when another try has kept this page already."""
    held = await session.get(RegisterRound, page.round_id, with_for_update=True, populate_existing=True)
    if held is None or not held.is_open or held.after != page.after:
        return
    lost = await _lost(session, noticed)
    so_far = (held.lost + lost, held.asked + len(page.people))
    if not held.trusted and (_is_unlikely(lost, len(page.people)) or _is_unlikely(*so_far)):
        _halt(session, held, lost, len(page.people))
        return
    held.lost, held.asked = so_far
    for one in noticed:
        held.changed += await _revise(session, one, held.notice_id)
    held.after, held.done, held.unanswered = page.last, held.done + page.seen, held.unanswered + unanswered
    live.publish(session, TOPIC)


async def finish(session: AsyncSession, round_id: UUID) -> None:
    """Everybody has been asked about."""
    held = await session.get(RegisterRound, round_id, with_for_update=True)
    if held and held.is_open:
        held.is_open, held.finished_at = False, clock.now()
        audit.record(session, None, Action.REGISTER_COMPARED, held.id, people=held.done, changed=held.changed)
        live.publish(session, TOPIC)


def _is_unlikely(lost: int, asked: int) -> bool:
    return lost >= _BRAKE_AT and lost * 2 > asked


async def _lost(session: AsyncSession, noticed: Sequence[Noticed]) -> int:
    """How many would lose everything; not those whose licence the supervision service has called withdrawn: then two sources say so."""
    losing = [one for one in noticed if one.loses_all]
    by_licence = [one for one in losing if (finding := one.answered.get(Item.LICENCE)) and finding.code in WITHDRAWN]
    told = await withdrawn(session, {licence_index(number) for one in by_licence for number in one.whom.licences})
    explained = [one for one in by_licence if any(licence_index(number) in told for number in one.whom.licences)]
    return len(losing) - len(explained)


def give_up(session: AsyncSession, held: RegisterRound) -> None:
    """A round that does not come to its end."""
    held.halted = "Сверка не закончилась за полтора суток: регистр не отвечал. Следующая начнётся сама."
    held.is_open, held.finished_at = False, clock.now()
    audit.record(session, None, Action.REGISTER_COMPARED, held.id, outcome="halted")
    live.publish(session, TOPIC)


def _halt(session: AsyncSession, held: RegisterRound, lost: int, asked: int) -> None:
    held.halted = (
        f"Регистр отрицает статус {lost} из {asked} человек подряд. Похоже на сбой регистра: ничьи права не закрыты."
    )
    held.is_open, held.finished_at = False, clock.now()
    audit.record(session, None, Action.REGISTER_COMPARED, held.id, outcome="halted", lost=lost, asked=asked)
    live.publish(session, TOPIC)


async def _revise(session: AsyncSession, one: Noticed, notice_id: UUID | None) -> bool:
    """Write down what changed, draw the consequences, tell the person; whether it still concerned the case as it is."""
    case = await session.get(VerificationCase, one.whom.case_id, with_for_update=True, populate_existing=True)
    if case is None or case.version != one.whom.version:
        return False
    now, today = clock.now(), clock.today()
    current = await queries.findings_of(
        session, case, one.whom.claim
    )  # two operators may have decided since the page was read
    answered = upheld(current, one.answered, today=today)
    diff = difference(current, answered, today=today, were_open=one.whom.open_specialities)
    if not diff.changes:
        return False
    await checking.write(session, case, answered, source=Source.COMPARISON)
    session.add(CheckRun(
        case_id=case.id, case_version=case.version, items=json.dumps(sorted(answered)), started_at=now, finished_at=now, outcome="changed",
    ))  # fmt: skip
    session.add_all(
        StandingChange(
            case_id=case.id, person_id=case.person_id, noticed_at=now, item=change.item.value, was=change.was, now=change.now,
            closes="; ".join(diff.closes)[:500], opens="; ".join(diff.opens)[:500],
            notice_id=notice_id,
        )
        for change in diff.changes
    )  # fmt: skip
    audit.record(
        session,
        None,
        Action.CASE_CHECK,
        case.id,
        person_id=case.person_id,
        result="changed",
        items=sorted(answered),
    )
    person = await accounts.person(session, case.person_id)
    was = person.standing
    await checking.draw_consequences(session, case)
    if person.standing is was:  # otherwise it has been told already that everything closed, or opened
        _tell(session, person, diff)
    return True


def _tell(session: AsyncSession, person: Person, diff: Diff) -> None:
    where = "Что было и что стало, сказано в разделе «Врачебный кабинет» → «Изменения в регистре»."
    if diff.closes:
        what = f"Право на работу по части специальностей приостановлено. {where}"
        notices.informed(session, person, "закрыта специальность", what, by_sms=True, href="/activation")
    else:
        notices.informed(
            session, person, "изменилась запись в регистре", f"Федеральный регистр сообщает о вас новое. {where}",
            href="/activation",
        )  # fmt: skip
