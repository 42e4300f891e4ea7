"""The nightly comparison and what two operators have accepted: it does not undo it, until the register says otherwise or the day has come."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.accounts.models import Standing
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.rules import DisputeState, accepted
from medcab.verification.models import CaseItem, VerificationCase
from medcab.verification.queries import CLAIM, FINDING
from medcab.verification.rules import Finding, Item, RegisterRecord, Status, compare
from tests.cast import MORNING, Cast
from tests.sandbox.running import Sandbox
from tests.test_watch import Ward, changes, person_number
from tests.verification.people import TODAY

FIRST, SECOND = UUID(int=9), UUID(int=10)


def misread(record: RegisterRecord, **changed: object) -> RegisterRecord:
    """The register's diploma is another."""
    papers = tuple(
        replace(p, **({"number": "0123465"} | changed)) if p.item is Item.DIPLOMA else p  # type: ignore[arg-type]
        for p in record.documents
    )
    return replace(record, documents=papers)


@pytest.fixture
async def ward(cast: Cast, register: Sandbox, now: object) -> Ward:
    """Somebody works on a diploma that operators have accepted for 30 days, while the register has another number."""
    made = Ward(register)
    await made.staff(1)
    whole = made.records[0]
    made.says(0, misread(whole))
    async with db.transaction() as session:
        case = (await session.exec(select(VerificationCase).where(VerificationCase.person_id == UUID(int=person_number(0))))).one()  # fmt: skip
        row = (await session.exec(select(CaseItem).where(CaseItem.case_id == case.id, CaseItem.item == "diploma"))).one()  # fmt: skip
        claim = CLAIM.validate_json(case.checked_claim)
        denied = compare(claim, misread(whole), today=TODAY)[Item.DIPLOMA]
        until = clock.today() + timedelta(days=30)
        found = accepted(denied, (), by=("А", "Б"), why="скан совпадает", review_on=until, today=TODAY)
        row.finding = FINDING.dump_json(found).decode()
        session.add(Dispute(
            case_id=case.id, person_id=case.person_id, item="diploma", code="DIPLOMA_MISMATCH", state=DisputeState.ACCEPTED,
            opened_at=MORNING, waiting_since=MORNING, closed_at=MORNING, proposed_by_id=FIRST, confirmed_by_id=SECOND, review_on=until,
        ))  # fmt: skip
    return made


async def diploma() -> Finding:
    async with db.reading() as session:
        return FINDING.validate_json(
            (await session.exec(select(CaseItem.finding).where(CaseItem.item == "diploma"))).one()
        )


async def ended() -> bool:
    async with db.reading() as session:
        return (await session.exec(select(Dispute.ended_at))).one() is not None


async def test_the_same_refusal_undoes_nothing(ward: Ward) -> None:
    for day in (0, 1, 30):
        with clock.frozen(MORNING + timedelta(days=day)):
            await ward.compare()
            assert (await ward.person(0)).standing is Standing.ACTIVE
    assert (await diploma()).override
    assert await changes() == []
    assert not await ended()


@pytest.mark.parametrize("changed", [{"status": Status.EXCLUDED, "number": "0123456"}, {"number": "0999999"}])
async def test_another_refusal_ends_it(ward: Ward, changed: dict[str, object]) -> None:
    ward.says(0, misread(ward.records[0], **changed))
    await ward.compare()
    assert (await ward.person(0)).standing is Standing.SUSPENDED
    assert not (await diploma()).override
    assert await ended()
    [change] = await changes()
    assert "двумя операторами" in change.was


async def test_the_register_itself_confirms_it_at_last(ward: Ward) -> None:
    ward.says(0, misread(ward.records[0], number="0123456"))
    await ward.compare()
    assert (await ward.person(0)).standing is Standing.ACTIVE
    assert not (await diploma()).override
    assert await ended()


async def test_the_review_day_passes(ward: Ward) -> None:
    with clock.frozen(MORNING + timedelta(days=31)):
        await ward.compare()
        assert (await ward.person(0)).standing is Standing.SUSPENDED
    assert (await diploma()).code
    assert await ended()
