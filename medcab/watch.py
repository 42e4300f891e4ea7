"""Comparing everybody with the federal register, page by page: durable work that begins by itself at night.

A register that is down or answers garbage changes nobody's rights: the page is asked about again. One answer that cannot be trusted
leaves its person to the next round.
"""

import asyncio
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, jobs
from medcab.errors import Unavailable
from medcab.integrations.federal_register.client import Answered, NotYet, Refused, RegisterClient
from medcab.settings import get_settings
from medcab.verification import queries
from medcab.verification.disputes.review import service as review
from medcab.verification.rules import Finding, Item, compare, difference, evidence, refused, standing, upheld
from medcab.verification.supervision import service as supervision
from medcab.verification.watch import service
from medcab.verification.watch.queries import Page, Watched, next_page
from medcab.verification.watch.service import Noticed

PAGE = 50
_NIGHT = time(2)
"""Moscow's; a server that slept through it begins when it wakes."""
_LONGEST_ROUND = timedelta(hours=36)
"""A round that has not ended by then is given up: the next one begins anew."""
_TURN_SECONDS = 15
"""Until a notice looks again whether the round before it has ended."""
_BREATH = 10
"""After so many people the event loop turns to others."""


@jobs.hourly
async def begin_tonight(session: AsyncSession) -> None:
    """One round a day, and none over another that still runs."""
    stuck = await queries.open_round(session)
    if stuck and stuck.started_at < clock.now() - _LONGEST_ROUND:
        service.give_up(session, stuck)
        await session.flush()
    if await _is_due(session) and not await queries.open_round(session):
        await service.begin(session)


async def _is_due(session: AsyncSession) -> bool:
    """Whether tonight's round has not begun, though it could have."""
    night = datetime.combine(clock.today(), _NIGHT, clock.MOSCOW)
    newest = await queries.newest_round(session)
    return clock.now() >= night and (newest is None or newest.started_at < night)


@jobs.hourly
async def review_overrides(session: AsyncSession) -> None:
    """What operators have accepted against the register ends with its last day, also for whom no round asks about."""
    await review.end_overdue(session)


@jobs.performer(supervision.NOTICE)
async def ask_after_notice(_key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """`{"notice_id"}`: begin a round about those whom the notice concerns, once no other runs; the night goes first."""
    notice_id = UUID(payload["notice_id"])
    async with db.reading() as session:
        if await queries.round_after(session, notice_id):
            return None
        if await queries.open_round(session) or await _is_due(session):
            return jobs.Later(_TURN_SECONDS)
    async with db.transaction() as session:
        if await queries.open_round(session):
            return jobs.Later(_TURN_SECONDS)
        await service.begin(session, notice_id=notice_id)
    return None


@jobs.performer(service.ROUND)
async def compare_page(_key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """`{"round_id"}`: one page of the round, within the register's limit; it comes again until there are no more."""
    began, round_id = clock.now(), UUID(payload["round_id"])
    async with db.reading() as session:
        page = await next_page(session, round_id, PAGE)
    if page is None:
        async with db.transaction() as session:
            await service.finish(session, round_id)
        return None
    answers = await _ask(page)
    if isinstance(answers, NotYet):
        return jobs.Later(answers.retry_after)
    if len(answers) > 1 and not any(answers.values()):  # of one person alone it may be that person's record
        raise Unavailable
    noticed, unanswered = await _judged(page, answers)
    async with db.transaction() as session:
        await service.keep(session, page, noticed, unanswered=unanswered)
    due = timedelta(seconds=len(page.people) / get_settings().register_people_per_second)
    return jobs.Later((began + due - clock.now()).total_seconds())


async def _ask(page: Page) -> dict[str, Answered | Refused | None] | NotYet:
    if not page.people:
        return {}
    settings = get_settings()
    key = bytes.fromhex(settings.register_key.get_secret_value())
    licences_of = {one.claim.snils: [paper.number for paper in one.claim.of(Item.LICENCE)] for one in page.people}
    async with RegisterClient(settings.register_url or settings.sandbox_url, key) as register:
        return await register.ask_many(licences_of)


async def _judged(page: Page, answers: dict[str, Answered | Refused | None]) -> tuple[list[Noticed], int]:
    """Whoever has changed, and how many had no answer."""
    noticed, unanswered = [], 0
    for number, whom in enumerate(page.people):
        if number % _BREATH == 0:
            await asyncio.sleep(0)
        answer = answers[whom.claim.snils]
        unanswered += answer is None
        if answer and (one := _noticed(whom, answer)):
            noticed.append(one)
    return noticed, unanswered


def _noticed(whom: Watched, answer: Answered | Refused) -> Noticed | None:
    today = clock.today()
    found = upheld(whom.before, evidence(_findings(whom, answer)), today=today)
    diff = difference(whom.before, found, today=today, were_open=whom.open_specialities)
    if not diff.changes:
        return None
    now = standing({**whom.before, **found}, today=today)
    return Noticed(whom, found, diff, loses_all=bool(whom.open_specialities) and not now.is_active)


def _findings(whom: Watched, answer: Answered | Refused) -> dict[Item, Finding]:
    if isinstance(answer, Refused):
        return refused(answer.code, whom.claim, whom.items)
    return compare(whom.claim, answer.record, today=clock.today(), items=whom.items)
