"""Carrying out a check against the register's program over real HTTP: whatever it does, no false yes and no lost question."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from medcab import checks, clock, db, jobs
from medcab.access import Action
from medcab.outbox import OutboxMessage
from medcab.verification.checking import service as checking
from medcab.verification.models import CheckRun
from medcab.verification.rules import CaseState, Code, Item, ItemState, Status
from tests.api.browser import journalled
from tests.cast import Cast
from tests.sandbox.running import Sandbox
from tests.verification.conftest import Applicant
from tests.verification.people import doctor, held

WHOLE = [
    Code.PERSON_NOT_FOUND, Code.PERSON_CARD_NOT_FOUND, Code.PERSON_POST_IN_FRMR_MISMATCH, Code.VALUE_MISMATCH_METADATA_AND_FRMR,
    Code.VALUE_MISMATCH_METADATA_AND_CERTIFICATE,
]  # fmt: skip
"""What the register itself refuses with (reference/domain.md 3.3)."""


@pytest.fixture
async def applicant(cast: Cast, register: Sandbox) -> Applicant:
    made = Applicant(cast.unverified, doctor())
    await made.send_everything()
    return made


async def newest() -> OutboxMessage:
    async with db.reading() as session:
        query = (
            select(OutboxMessage)
            .where(OutboxMessage.kind == checking.CHECK)
            .order_by(col(OutboxMessage.created_at).desc())
        )
        found = (await session.exec(query)).first()
    assert found
    return found


async def try_once(message_id: UUID | None = None) -> jobs.Later | None:
    """One try, exactly as the durable work makes it."""
    return await jobs.perform(message_id or (await newest()).id)


async def runs() -> int:
    async with db.reading() as session:
        return len((await session.exec(select(CheckRun))).all())


async def test_confirmed_data_activate(applicant: Applicant, register: Sandbox) -> None:
    register.load(held(applicant.claim))
    assert await try_once() is None
    assert (await applicant.case()).state is CaseState.ACTIVE
    assert await applicant.is_active()
    assert (await newest()).done_at


@pytest.mark.parametrize("code", WHOLE)
async def test_each_refusal_of_the_register_is_told_and_not_repeated(
    applicant: Applicant, register: Sandbox, code: Code
) -> None:
    register.load(held(applicant.claim), refusal=code)
    assert await try_once() is None
    case = await applicant.case()
    assert case.state is CaseState.MISMATCH
    assert code in {finding.code for finding in case.findings.values()}
    assert not await applicant.is_active()
    assert (await newest()).done_at, "asking again by itself would not help"


async def test_nobody_of_this_snils(applicant: Applicant, register: Sandbox) -> None:
    await try_once()
    assert (await applicant.case()).findings[Item.SNILS].code is Code.PERSON_NOT_FOUND


async def test_a_wrong_diploma_number_then_only_the_diploma_is_asked(applicant: Applicant, register: Sandbox) -> None:
    record = held(applicant.claim)
    papers = tuple(replace(p, number="0123465") if p.item is Item.DIPLOMA else p for p in record.documents)
    register.load(replace(record, documents=papers))
    await try_once()
    finding = (await applicant.case()).findings[Item.DIPLOMA]
    assert finding.code is Code.DIPLOMA_MISMATCH
    assert "0123465" in (finding.in_register or "")
    await applicant.give(Item.DIPLOMA, number="0123465")
    assert await applicant.submit() == {Item.DIPLOMA}
    register.switch("frmr.cert", "outage")  # what is not asked cannot hinder
    await try_once()
    assert await applicant.is_active()


async def test_an_excluded_accreditation_leaves_the_certificate(applicant: Applicant, register: Sandbox) -> None:
    record = held(applicant.claim)
    papers = tuple(replace(p, status=Status.EXCLUDED) if p.item is Item.ACCREDITATION else p for p in record.documents)
    register.load(replace(record, documents=papers))
    await try_once()
    case = await applicant.case()
    assert case.findings[Item.ACCREDITATION].code is Code.ACCREDITATION_EXCLUDED
    assert await applicant.is_active(), "one valid permit is enough"


@pytest.mark.parametrize("mode", ["outage", "garbage", "malformed", "oversize", "tampered", "foreign"])
async def test_silence_and_nonsense_postpone_and_recover(applicant: Applicant, register: Sandbox, mode: str) -> None:
    """`foreign`: an answer about somebody else."""
    other = held(replace(doctor(), snils="16072239447"))
    register.load(held(applicant.claim), replace(other, person=replace(other.person, oid="1.2.643.5.1.13.13.12.1.200")))
    register.switch("*", mode)
    assert await try_once() == jobs.Later()
    assert set((await applicant.states()).values()) == {ItemState.POSTPONED}
    assert not await applicant.is_active()
    assert not (await newest()).done_at
    register.switch("*", "normal")
    assert await try_once() is None
    assert await applicant.is_active()


async def test_not_yet_is_asked_again_when_promised(applicant: Applicant, register: Sandbox) -> None:
    register.load(held(applicant.claim))
    register.switch("frmr.person", "not_yet", retry_after=30)
    later = await try_once()
    assert later is not None
    assert later.seconds == 30
    case = await applicant.case()
    assert case.postponed_until is not None
    assert case.postponed_until - clock.now() <= timedelta(seconds=30)
    register.switch("frmr.person", "normal")
    await try_once()
    assert await applicant.is_active()


async def test_repeating_after_a_kill_does_nothing_twice(applicant: Applicant, register: Sandbox) -> None:
    """Killed after the answer was written down, before the message was marked done."""
    register.load(held(applicant.claim))
    message = await newest()
    await checks.check(message.id, json.loads(message.payload))
    await checks.check(message.id, json.loads(message.payload))
    assert await try_once(message.id) is None
    assert await runs() == 1
    assert (await journalled()).count(Action.CASE_ACTIVATE) == 1


async def test_killed_in_the_middle_loses_nothing(applicant: Applicant, register: Sandbox) -> None:
    register.load(held(applicant.claim))
    register.switch("frmr.full", "normal", delay_ms=60_000)
    work = asyncio.create_task(try_once())
    done, _ = await asyncio.wait([work], timeout=0.5)
    assert not done
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert set((await applicant.states()).values()) == {ItemState.CHECKING}
    register.switch("frmr.full", "normal")
    assert await try_once() is None
    assert await applicant.is_active()


async def test_two_at_once_answer_once(applicant: Applicant, register: Sandbox) -> None:
    register.load(held(applicant.claim))
    message = await newest()
    await asyncio.gather(*(try_once(message.id) for _ in range(4)))
    assert await runs() == 1


async def test_an_overtaken_question_is_not_asked(applicant: Applicant, register: Sandbox) -> None:
    older = (await newest()).id
    register.switch("*", "outage")
    await try_once(older)
    await applicant.give(Item.DIPLOMA, number="0123465")
    await applicant.submit()
    register.switch("*", "normal")
    assert await try_once(older) is None
    assert ItemState.CHECKING in set((await applicant.states()).values()), "the newer question is still open"
