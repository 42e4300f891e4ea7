"""What a worker does and what the register's answers do, in the real database."""

from dataclasses import replace
from datetime import date, timedelta
from types import NoneType

import pytest

from medcab import clock, db, live
from medcab.access import Action, Permission
from medcab.accounts import queries as accounts
from medcab.accounts.identity.service import CannotSave, Identity
from medcab.accounts.models import Standing
from medcab.errors import MedcabError, NotFound, TooMany
from medcab.verification import service
from medcab.verification.checking import service as checking
from medcab.verification.rules import CaseState, Claim, Code, Finding, Item, ItemState, compare, in_state, refused
from tests.api.browser import journalled
from tests.cast import WARD, Cast
from tests.outbox import sent
from tests.verification.conftest import Applicant
from tests.verification.people import held


async def answer(asked: checking.Question, findings: dict[Item, Finding]) -> None:
    async with db.transaction() as session:
        await checking.accept(session, asked, findings, outcome="answered")


async def answer_yes(applicant: Applicant, about: Claim | None = None) -> None:
    """The register holds exactly what was sent (or `about`)."""
    asked = await applicant.question()
    await answer(asked, compare(asked.claim, held(about or asked.claim), today=clock.today(), items=asked.items))


async def activate(applicant: Applicant) -> None:
    await applicant.send_everything()
    await answer_yes(applicant)
    assert await applicant.is_active()


def identity(claim: Claim, **changes: str) -> Identity:
    given = {
        "family_name": claim.last_name, "given_name": claim.first_name, "patronymic": claim.patronymic, "snils": claim.snils, "inn": claim.inn,
    }  # fmt: skip
    assert claim.birth_date
    return Identity(birth_date=claim.birth_date, **{**given, **changes})


async def save_identity(applicant: Applicant, **changes: str) -> MedcabError | None:
    async with db.transaction() as session:
        return await service.save_identity(session, applicant.actor, identity(applicant.claim, **changes))


async def test_nothing_is_sent_before_everything_is_given(applicant: Applicant) -> None:
    with pytest.raises(service.NotComplete):
        await applicant.submit()
    with pytest.raises(service.NotComplete):  # so that no SMS is spent on it
        await applicant.confirm_by_code()
    assert await sent("sms") == []


async def test_nothing_is_sent_without_the_code_or_long_after_it(applicant: Applicant, now: clock.Clock) -> None:
    await applicant.give_everything()
    with pytest.raises(service.CodeNeeded):
        await applicant.submit()
    await applicant.confirm_by_code()
    now.tick(service.CODE_HOLDS + timedelta(seconds=1))
    with pytest.raises(service.CodeNeeded):
        await applicant.submit()


async def test_a_wrong_code_confirms_nothing(applicant: Applicant) -> None:
    await applicant.give_everything()
    async with db.transaction() as session:
        await service.send_code(session, applicant.actor)
    async with db.transaction() as session:
        assert not await service.confirm_code(session, applicant.actor, code="0000000")
    with pytest.raises(service.CodeNeeded):
        await applicant.submit()


async def test_a_clear_yes_activates_and_tells_the_person(applicant: Applicant) -> None:
    asked = await applicant.send_everything()
    assert asked.items == frozenset(Item)
    assert (await applicant.case()).state is CaseState.CHECKING
    assert not await applicant.is_active()
    await answer_yes(applicant)
    case = await applicant.case()
    assert (case.state, case.specialities) == (CaseState.ACTIVE, ("Кардиология",))
    assert await applicant.is_active()
    assert "активирован" in (await sent("sms"))[-1]["text"]
    assert (await journalled()).count(Action.CASE_ACTIVATE) == 1


async def test_sending_twice_asks_once(applicant: Applicant, now: clock.Clock) -> None:
    await applicant.send_everything()
    with pytest.raises(service.AlreadyChecking):
        await applicant.submit()
    await answer_yes(applicant)
    with pytest.raises(service.NothingToCheck):
        await applicant.submit()
    with pytest.raises(service.NothingToCheck):
        await applicant.retry()
    assert len(await sent(checking.CHECK)) == 1


async def test_a_sending_that_was_lost_may_be_repeated(applicant: Applicant, now: clock.Clock) -> None:
    await applicant.send_everything()
    now.tick(service.PATIENCE)
    assert await applicant.submit() == frozenset(Item)


async def test_a_correction_is_checked_alone(applicant: Applicant) -> None:
    await applicant.give_everything()
    await applicant.give(Item.DIPLOMA, number="9999999")
    await applicant.confirm_by_code()
    await applicant.submit()
    await answer_yes(applicant, applicant.claim)
    case = await applicant.case()
    assert case.state is CaseState.MISMATCH
    assert {i for i, f in case.findings.items() if f.state is not ItemState.CONFIRMED} == {Item.DIPLOMA}
    assert case.findings[Item.DIPLOMA].in_register is not None
    assert len(await sent("mail")) == 1

    await applicant.give(Item.DIPLOMA)
    assert (await applicant.case()).changed == {Item.DIPLOMA}
    assert await applicant.submit() == {Item.DIPLOMA}
    assert (await applicant.states())[Item.LICENCE] is ItemState.CONFIRMED
    await answer_yes(applicant)
    assert await applicant.is_active()


async def test_an_answer_to_an_older_version_changes_nothing(applicant: Applicant, now: clock.Clock) -> None:
    await applicant.give_everything()
    await applicant.give(Item.DIPLOMA, number="9999999")
    await applicant.confirm_by_code()
    await applicant.submit()
    older = await applicant.question()
    now.tick(service.PATIENCE)
    await applicant.give(Item.DIPLOMA)
    await applicant.submit()
    await answer(older, compare(older.claim, held(older.claim), today=clock.today(), items=older.items))
    assert set((await applicant.states()).values()) == {ItemState.CHECKING}
    assert not await applicant.is_active()
    async with db.reading() as session:
        assert await checking.question(session, case_id=older.case_id, version=older.version) is None


async def test_the_same_answer_twice_counts_once(applicant: Applicant) -> None:
    asked = await applicant.send_everything()
    yes = compare(asked.claim, held(asked.claim), today=clock.today())
    await answer(asked, yes)
    await answer(asked, refused(Code.PERSON_NOT_FOUND, asked.claim))
    assert await applicant.is_active()
    assert (await journalled()).count(Action.CASE_CHECK) == 1


@pytest.mark.parametrize(
    "code", [Code.PERSON_NOT_FOUND, Code.PERSON_CARD_NOT_FOUND, Code.VALUE_MISMATCH_METADATA_AND_FRMR]
)
async def test_a_refusal_of_the_whole_leaves_a_way_on(applicant: Applicant, code: Code) -> None:
    asked = await applicant.send_everything()
    await answer(asked, refused(code, asked.claim, asked.items))
    case = await applicant.case()
    assert case.state is CaseState.MISMATCH
    assert not await applicant.is_active()
    assert await applicant.retry() == frozenset(Item), "nothing was confirmed, so everything is asked again"
    await answer_yes(applicant)
    assert await applicant.is_active()


async def test_a_corrected_name_answers_what_was_refused_together_with_it(applicant: Applicant) -> None:
    asked = await applicant.send_everything()
    await answer(asked, refused(Code.VALUE_MISMATCH_METADATA_AND_FRMR, asked.claim, asked.items))
    await save_identity(applicant, family_name="Соловьева")
    assert await applicant.submit() == frozenset(Item)


async def test_an_outage_postpones_and_keeps_the_question(applicant: Applicant) -> None:
    asked = await applicant.send_everything()
    for _ in range(3):
        async with db.transaction() as session:
            await checking.postpone(session, asked, until=None)
    case = await applicant.case()
    assert case.state is CaseState.CHECKING
    assert set((await applicant.states()).values()) == {ItemState.POSTPONED}
    assert not await applicant.is_active()
    assert (await journalled()).count(Action.CASE_CHECK) == 1, "one line, however long the outage"
    assert (await applicant.question()).items == asked.items
    await answer_yes(applicant)
    assert await applicant.is_active()


async def test_an_outage_takes_no_right_away(applicant: Applicant) -> None:
    await activate(applicant)
    await applicant.give(Item.DIPLOMA)
    await applicant.submit()
    async with db.transaction() as session:
        await checking.postpone(session, await applicant.question(), until=None)
    assert await applicant.is_active()


async def test_another_name_closes_the_cabinet_until_it_is_confirmed(applicant: Applicant) -> None:
    await activate(applicant)
    await save_identity(applicant, family_name="Другая")
    person = await applicant.person()
    assert person.standing is Standing.SUSPENDED
    assert person.standing_reason
    assert await applicant.submit() == {Item.FULL_NAME}
    await answer_yes(applicant)
    assert await applicant.is_active()


async def test_a_name_put_back_gives_the_right_back(applicant: Applicant) -> None:
    await activate(applicant)
    await save_identity(applicant, family_name="Другая")
    await save_identity(applicant)
    assert await applicant.is_active()


async def test_a_name_changed_while_the_register_thinks_is_not_confirmed_by_its_answer(applicant: Applicant) -> None:
    asked = await applicant.send_everything()
    await save_identity(applicant, family_name="Другая")
    await answer(asked, compare(asked.claim, held(asked.claim), today=clock.today()))
    assert not await applicant.is_active()
    assert await applicant.submit() == {Item.FULL_NAME}


async def test_another_snils_is_another_record(applicant: Applicant) -> None:
    await activate(applicant)
    await save_identity(applicant, snils="16072239447")
    assert await applicant.submit() == frozenset(Item)


async def test_numbers_cannot_be_tried_until_one_is_somebodys(applicant: Applicant, cast: Cast) -> None:
    async with db.reading() as session:
        somebodys = (await accounts.person(session, cast.head.person_id)).snils
    refusals = []
    for number in ("16072239447", somebodys, somebodys, somebodys):
        async with db.transaction() as session:
            given = identity(applicant.claim, snils=number)
            refusals.append(type(await service.save_identity(session, applicant.actor, given)))
    assert refusals == [NoneType, CannotSave, CannotSave, TooMany]
    assert await save_identity(applicant, snils="16072239447", family_name="Другая") is None  # the name is no number


async def test_a_draft_changes_no_right(applicant: Applicant) -> None:
    await activate(applicant)
    await applicant.give(Item.DIPLOMA, number="777")
    await applicant.remove(Item.CERTIFICATE)
    assert await applicant.is_active()


async def test_a_paper_taken_out_stands_in_nobodys_way(applicant: Applicant) -> None:
    await applicant.give_everything()
    await applicant.give(Item.CERTIFICATE, number="555", issued=date(2021, 1, 1))
    await applicant.confirm_by_code()
    await applicant.submit()
    await answer_yes(applicant, applicant.claim)
    assert (await applicant.states())[Item.CERTIFICATE] is not ItemState.CONFIRMED
    assert not await applicant.is_active()
    await applicant.remove(Item.CERTIFICATE)
    assert await applicant.submit() == frozenset()
    assert await applicant.is_active()


async def test_a_lost_licence_closes_and_tells_why(applicant: Applicant) -> None:
    await activate(applicant)
    await applicant.give(Item.LICENCE)
    await applicant.submit()
    asked = await applicant.question()
    await answer(asked, refused(Code.LICENCE_WITHDRAWN, asked.claim, asked.items))
    case, person = await applicant.case(), await applicant.person()
    assert case.state is CaseState.WITHDRAWN
    assert person.standing is Standing.SUSPENDED
    assert "лицензи" in person.standing_reason.lower()
    assert "приостановлено" in (await sent("sms"))[-1]["text"]


async def test_a_permit_that_runs_out_closes_only_what_it_must(applicant: Applicant, now: clock.Clock) -> None:
    """Certificate until 20.05.2027, accreditation until 01.02.2028: the rights last as long as the longer one."""
    await activate(applicant)
    person = await applicant.person()
    assert person.standing_until == date(2028, 2, 1)
    now.tick(timedelta(days=(date(2027, 6, 1) - clock.today()).days))
    assert await applicant.is_active()
    assert any("Сертификат" in reason for reason in (await applicant.case()).reasons)
    now.tick(timedelta(days=(date(2028, 2, 1) - clock.today()).days))
    assert await applicant.is_active(), "the last day counts"
    now.tick(timedelta(days=1))
    assert not await applicant.is_active()
    assert (await applicant.case()).state is CaseState.EXPIRED
    idle = replace(applicant.actor, is_active=False)
    assert idle.may(Permission.VERIFICATION)
    assert idle.may(Permission.ACCOUNT)
    assert not idle.may(Permission.SCHEDULE_READ)


async def test_nobody_sees_or_moves_anothers_case(applicant: Applicant, cast: Cast) -> None:
    await applicant.send_everything()
    async with db.transaction() as session:
        foreign = await service.overview(session, cast.foreigner)
        assert foreign.claim.snils != applicant.claim.snils
        assert not foreign.asked_at
    from medcab.documents import service as documents

    for attempt in (documents.remove, documents.paper):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await attempt(session, cast.foreigner, applicant.paper_ids[Item.DIPLOMA])


async def test_everything_checking_is_not_a_yes(applicant: Applicant) -> None:
    asked = await applicant.send_everything()
    await answer(asked, in_state(asked.items, ItemState.READY))
    assert not await applicant.is_active()


async def test_who_may_work_is_told_to_those_who_look_at_the_figures(applicant: Applicant) -> None:
    """When the right begins, is lost and comes back, and not when nothing of it changes."""
    heard: list[str] = []
    with live.listening(f"figures:{WARD}", lambda: heard.append("told")):
        await activate(applicant)
        assert heard == ["told"]
        await save_identity(applicant)
        assert heard == ["told"], "nothing has changed"
        await save_identity(applicant, family_name="Иная")
        assert (heard, await applicant.is_active()) == (["told"] * 2, False)
        await save_identity(applicant)
        assert (heard, await applicant.is_active()) == (["told"] * 3, True)
