"""Disputes with a real database: allowed, hidden, refused, conflicting; and what an override does to the rights."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from medcab import clock, db
from medcab.access import Action
from medcab.errors import Conflict, Invalid, NotFound
from medcab.verification.disputes import service as worker
from medcab.verification.disputes.desk import queries as piles
from medcab.verification.disputes.desk import service as desk
from medcab.verification.disputes.desk.queries import Pile
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.review import service as review
from medcab.verification.disputes.rules import DisputeState, EntryKind
from medcab.verification.rules import CaseState, Item, ItemState, Status
from medcab.verification.rules.items import Source
from tests.api.browser import journalled
from tests.cast import MORNING, Cast
from tests.outbox import sent
from tests.verification.conftest import Applicant
from tests.verification.disputes.conftest import FAR, WHY, Operators, Quarrel, keep_paper
from tests.verification.disputes.piles import BECAUSE, queue
from tests.verification.people import CARDIOLOGY


async def test_one_open_dispute_about_an_item(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    with pytest.raises(Conflict, match="уже оспорен"):
        await quarrel.begin()
    other = await quarrel.dispute(dispute_id)
    with pytest.raises(IntegrityError):
        async with db.transaction() as session:
            session.add(Dispute(**{**other.model_dump(), "id": uuid4()}))


async def test_two_at_once_open_one(quarrel: Quarrel) -> None:
    paper = await quarrel.paper()
    tries = await asyncio.gather(*(quarrel.begin(Item.DIPLOMA, paper) for _ in range(4)), return_exceptions=True)
    assert len(await quarrel.all()) == 1
    assert sum(isinstance(each, Conflict) for each in tries) == 3


async def test_two_operators_at_once_decide_once(quarrel: Quarrel) -> None:
    dispute_id, operators = await quarrel.begin(), quarrel.operators
    tries = await asyncio.gather(
        quarrel.does(desk.propose, operators.first, dispute_id, text=BECAUSE, version=1),
        quarrel.does(desk.refuse, operators.second, dispute_id, text=BECAUSE, version=1),
        quarrel.does(desk.ask, operators.second, dispute_id, text=BECAUSE, version=1), return_exceptions=True,
    )  # fmt: skip
    assert [type(each) for each in tries].count(desk.Overtaken) == 2, tries
    assert (await quarrel.dispute(dispute_id)).version == 2


async def test_a_stale_decision_is_a_conflict(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    async with db.transaction() as session:
        await worker.add(session, quarrel.actor, dispute_id=dispute_id, text="Забыла: есть и архивная справка.")
    for verb in (desk.propose, desk.refuse, desk.ask):
        with pytest.raises(Conflict, match="изменился"):
            await quarrel.does(verb, quarrel.operators.first, dispute_id, text=BECAUSE, version=1)


async def test_asked_for_more_then_answered_then_refused(quarrel: Quarrel) -> None:
    dispute_id, first = await quarrel.begin(), quarrel.operators.first
    await quarrel.does(desk.ask, first, dispute_id, text="Приложите, пожалуйста, вкладыш.")
    assert await queue(first) == []
    assert await queue(first, Pile.ASKED) == [dispute_id]
    async with db.reading() as session:
        own = await worker.own(session, quarrel.actor, Item.DIPLOMA)
    assert own.dispute
    assert own.dispute.answer == "Приложите, пожалуйста, вкладыш."
    more = await quarrel.paper()
    async with db.transaction() as session:
        await worker.add(session, quarrel.actor, dispute_id=dispute_id, text="Вкладыш приложен.", document_ids=[more])
    assert await queue(first) == [dispute_id]
    await quarrel.does(desk.refuse, first, dispute_id, text="Номер на скане не читается.")
    assert (await quarrel.dispute(dispute_id)).state is DisputeState.REFUSED
    async with db.reading() as session:
        story = (await worker.own(session, quarrel.actor, Item.DIPLOMA)).story
    kinds = {line.kind for line in story}
    assert kinds == {EntryKind.OPENED, EntryKind.ASKED, EntryKind.ADDED, EntryKind.REFUSED}
    subjects = [one["subject"] for one in await sent("mail")]
    assert {"medcab: нужны уточнения", "medcab: в споре отказано"} <= set(subjects)
    for one in await sent("sms"):
        assert "вкладыш" not in one["text"].lower(), "no details by SMS"
        assert "читается" not in one["text"]
    again = await quarrel.begin(text="Пересканировала: теперь номер читается.")
    assert again != dispute_id, "what was refused may be disputed with something better"


async def test_sent_back_by_the_second(quarrel: Quarrel) -> None:
    dispute_id, operators = await quarrel.begin(), quarrel.operators
    await quarrel.does(desk.propose, operators.first, dispute_id, text=BECAUSE)
    await quarrel.does(desk.send_back, operators.second, dispute_id, text="На скане другая фамилия.")
    back = await quarrel.dispute(dispute_id)
    assert (back.state, back.proposed_by_id, back.review_on) == (DisputeState.WAITING, None, None)
    await quarrel.does(desk.propose, operators.second, dispute_id, text=BECAUSE)
    await quarrel.does(desk.confirm, operators.first, dispute_id)
    assert await quarrel.applicant.is_active()


async def test_withdrawn_by_the_worker_only(quarrel: Quarrel, cast: Cast) -> None:
    dispute_id = await quarrel.begin()
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await worker.withdraw(session, cast.doctor, dispute_id=dispute_id)
    async with db.transaction() as session:
        await worker.withdraw(session, quarrel.actor, dispute_id=dispute_id)
    assert (await quarrel.dispute(dispute_id)).state is DisputeState.WITHDRAWN
    with pytest.raises(Conflict):
        async with db.transaction() as session:
            await worker.withdraw(session, quarrel.actor, dispute_id=dispute_id)


async def test_nothing_but_a_refusal_of_what_was_sent_is_disputed(quarrel: Quarrel) -> None:
    with pytest.raises(Conflict, match="только отказ"):
        await quarrel.begin(Item.LICENCE)
    await quarrel.applicant.give(Item.DIPLOMA, number="0123465")
    with pytest.raises(Conflict, match="изменили"):
        await quarrel.begin()


@pytest.mark.parametrize("text", ["", "  коротко ", "x" * 2001])
async def test_an_explanation_has_limits(quarrel: Quarrel, text: str) -> None:
    with pytest.raises(Invalid):
        await quarrel.begin(text=text)
    assert await quarrel.all() == []


async def test_papers_are_ones_own_and_there_is_one(quarrel: Quarrel, cast: Cast) -> None:
    foreign = await keep_paper(cast.doctor, "other")
    for papers in ([foreign], [uuid4()], [await quarrel.paper(), foreign]):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await worker.begin(session, quarrel.actor, item=Item.DIPLOMA, text=WHY, document_ids=papers)
    with pytest.raises(Invalid, match="хотя бы один"):
        async with db.transaction() as session:
            await worker.begin(session, quarrel.actor, item=Item.DIPLOMA, text=WHY, document_ids=[])
    assert await quarrel.all() == []


async def test_an_operator_opens_the_papers_laid_down_and_no_others(quarrel: Quarrel) -> None:
    laid, other, first = await quarrel.paper(), await quarrel.paper(), quarrel.operators.first
    dispute_id = await quarrel.begin(Item.DIPLOMA, laid)
    async with db.transaction() as session:
        assert (await desk.open_paper(session, first, dispute_id=dispute_id, document_id=laid)).name == "скан.pdf"
    assert (await journalled())[-1] == Action.FILE_READ
    for actor, paper in ((first, other), (quarrel.operators.stranger, laid)):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await desk.open_paper(session, actor, dispute_id=dispute_id, document_id=paper)
    await quarrel.does(desk.refuse, first, dispute_id, text="Номер на скане не читается.")
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await desk.open_paper(session, first, dispute_id=dispute_id, document_id=laid)


async def test_the_register_settles_it(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    await quarrel.applicant.retry()
    with pytest.raises(Conflict, match="сверяется"):
        await quarrel.does(desk.propose, quarrel.operators.first, dispute_id, text=BECAUSE)
    quarrel.wrong(Item.DIPLOMA, number=quarrel.applicant.claim.of(Item.DIPLOMA)[0].number)
    await quarrel.answered()
    closed = await quarrel.dispute(dispute_id)
    assert closed.state is DisputeState.CLOSED
    assert "подтвердил" in closed.answer


async def test_a_correction_settles_it_and_asking_again_does_not(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    await quarrel.applicant.retry()
    await quarrel.answered()
    assert (await quarrel.dispute(dispute_id)).state is DisputeState.WAITING, "the same answer to the same data"
    await quarrel.applicant.give(Item.DIPLOMA, number="0123465")
    await quarrel.applicant.submit()
    closed = await quarrel.dispute(dispute_id)
    assert (closed.state, "исправлены" in closed.answer) == (DisputeState.CLOSED, True)


async def test_another_answer_takes_the_proposal_back(quarrel: Quarrel) -> None:
    dispute_id, operators = await quarrel.begin(), quarrel.operators
    await quarrel.does(desk.propose, operators.first, dispute_id, text=BECAUSE)
    seen = (await quarrel.dispute(dispute_id)).version
    await quarrel.applicant.retry()
    quarrel.without(Item.DIPLOMA)
    await quarrel.answered()
    again = await quarrel.dispute(dispute_id)
    assert (again.state, again.proposed_by_id, again.code) == (DisputeState.WAITING, None, "DIPLOMA_NOT_FOUND")
    with pytest.raises(Conflict):
        await quarrel.does(desk.confirm, operators.second, dispute_id, version=seen)


async def test_what_was_withdrawn_is_never_overridden(quarrel: Quarrel) -> None:
    """The register takes the diploma away while two operators are about to believe the worker."""
    dispute_id = await quarrel.begin()
    await quarrel.does(desk.propose, quarrel.operators.first, dispute_id, text=BECAUSE)
    number = quarrel.applicant.claim.of(Item.DIPLOMA)[0].number
    quarrel.wrong(Item.DIPLOMA, number=number, status=Status.EXCLUDED)
    await quarrel.applicant.retry()
    await quarrel.answered()
    assert (await quarrel.dispute(dispute_id)).state is DisputeState.CLOSED
    with pytest.raises(Conflict, match="не medcab"):
        await quarrel.begin()


async def test_a_permit_needs_its_paper_with_a_day(permit_quarrel: Quarrel) -> None:
    sent = permit_quarrel.applicant.paper_ids[Item.ACCREDITATION]
    dispute_id = await permit_quarrel.begin(Item.ACCREDITATION, await permit_quarrel.paper())
    with pytest.raises(Conflict, match="без документа"):
        await permit_quarrel.does(desk.propose, permit_quarrel.operators.first, dispute_id, text=BECAUSE)
    async with db.transaction() as session:
        await worker.add(
            session, permit_quarrel.actor, dispute_id=dispute_id, text="Вот сама выписка.", document_ids=[sent]
        )
    await permit_quarrel.accept(dispute_id, days=90)
    case = await permit_quarrel.applicant.case()
    assert (case.state, case.specialities) == (CaseState.ACTIVE, (CARDIOLOGY,))
    [permit] = case.findings[Item.ACCREDITATION].permits
    assert (permit.speciality, permit.valid_until) == (CARDIOLOGY, FAR)


async def test_after_the_review_the_register_counts_again(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    await quarrel.accept(dispute_id, days=7)
    with clock.frozen(MORNING + timedelta(days=8)):
        assert not await quarrel.applicant.is_active(), "by its own clock, before anything is swept"
        async with db.transaction() as session:
            await review.end_overdue(session)
        case = await quarrel.applicant.case()
        assert case.findings[Item.DIPLOMA].state is ItemState.MISMATCH
        assert (await quarrel.dispute(dispute_id)).ended_at == clock.now()
        told = len(await sent("mail"))
        async with db.transaction() as session:
            await review.end_overdue(session)
        assert len(await sent("mail")) == told, "once"
        assert Action.OVERRIDE_END in await journalled()
        await quarrel.begin(text="Регистр так и не исправили, спорю снова.")


async def test_until_the_review_it_stays(quarrel: Quarrel) -> None:
    await quarrel.accept(await quarrel.begin(), days=7)
    with clock.frozen(MORNING + timedelta(days=7)):
        async with db.transaction() as session:
            await review.end_overdue(session)
        assert await quarrel.applicant.is_active()


async def test_other_data_end_what_was_accepted(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    await quarrel.accept(dispute_id)
    await quarrel.applicant.give(Item.DIPLOMA, number="7777777")
    await quarrel.applicant.submit()
    assert (await quarrel.dispute(dispute_id)).ended_at is not None
    await quarrel.answered()
    assert (await quarrel.applicant.states())[Item.DIPLOMA] is ItemState.MISMATCH
    assert not await quarrel.applicant.is_active()


async def test_each_item_keeps_its_history(quarrel: Quarrel) -> None:
    await quarrel.accept(await quarrel.begin())
    async with db.reading() as session:
        events = await worker.history(session, quarrel.actor, Item.DIPLOMA)
    assert {(event.source, event.finding.state) for event in events} == {
        (Source.WORKER, ItemState.CHECKING), (Source.REGISTER, ItemState.MISMATCH), (Source.OPERATOR, ItemState.CONFIRMED),
    }  # fmt: skip
    decided = next(event for event in events if event.source is Source.OPERATOR)
    assert decided.who.startswith("Оператор21")


async def test_what_waits_too_long_is_told_once_a_day(quarrel: Quarrel) -> None:
    await quarrel.begin()
    told = []
    for hours in (23, 25, 26, 48, 51):
        with clock.frozen(MORNING + timedelta(hours=hours)):
            async with db.transaction() as session:
                await desk.remind(session)
        told.append(len([one for one in await sent("mail") if one["subject"] == "medcab: спорные вопросы ждут"]))
    assert told == [0, 2, 2, 2, 4], "both operators of the clinic, nobody else's"


async def test_the_desk_counts_what_waits(quarrel: Quarrel, operators: Operators) -> None:
    await quarrel.begin()
    async with db.reading() as session:
        here = await piles.waiting(session, operators.first)
        there = await piles.waiting(session, operators.stranger)
    assert (here.count, here.oldest) == (1, MORNING)
    assert (there.count, there.oldest) == (0, None)


async def test_an_applicant_without_a_case_disputes_nothing(applicant: Applicant) -> None:
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await worker.begin(session, applicant.actor, item=Item.DIPLOMA, text=WHY, document_ids=[uuid4()])
