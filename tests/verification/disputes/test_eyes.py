"""Four eyes: who sees a dispute, who may decide it, and that nobody decides twice or about themselves."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Role
from medcab.accounts.models import Membership
from medcab.errors import Conflict, Forbidden, NotFound
from medcab.verification.disputes.desk import service as desk
from medcab.verification.disputes.desk.queries import Pile
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.rules import DisputeState
from medcab.verification.models import CaseItem
from medcab.verification.queries import FINDING
from medcab.verification.rules import Item
from tests.api.browser import journalled
from tests.cast import CLINIC, Cast
from tests.verification.disputes.conftest import FAR, Quarrel, operator
from tests.verification.disputes.piles import BECAUSE, queue


async def test_two_operators_open_the_cabinet_against_the_register(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    assert await queue(quarrel.operators.first) == [dispute_id]
    await quarrel.does(desk.propose, quarrel.operators.first, dispute_id, text=BECAUSE)
    assert not await quarrel.applicant.is_active(), "one operator confirms nothing"
    await quarrel.does(desk.confirm, quarrel.operators.second, dispute_id)
    assert await quarrel.applicant.is_active()
    found = (await quarrel.applicant.case()).findings[Item.DIPLOMA]
    assert found.override
    assert found.override.why == BECAUSE
    assert found.override.until == date(2026, 12, 23)
    assert (await quarrel.applicant.person()).standing_until == date(2026, 12, 23), (
        "the review comes before the permits end"
    )
    done = await quarrel.dispute(dispute_id)
    assert (done.state, done.version, done.closed_at) == (DisputeState.ACCEPTED, 3, clock.now())
    said = [str(each) for each in await journalled()]
    assert [each for each in said if "dispute" in each] == [
        Action.DISPUTE_OPEN, Action.DISPUTE_PROPOSE, Action.DISPUTE_CONFIRM,
    ]  # fmt: skip
    assert Action.CASE_ACTIVATE in said
    assert await queue(quarrel.operators.first) == []
    assert await queue(quarrel.operators.first, Pile.DECIDED) == [dispute_id]


async def test_one_operator_is_not_two(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    await quarrel.does(desk.propose, quarrel.operators.first, dispute_id, text=BECAUSE)
    with pytest.raises(Forbidden, match="второй оператор"):
        await quarrel.does(desk.confirm, quarrel.operators.first, dispute_id)
    assert not await quarrel.applicant.is_active()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "accepted"},
        {"state": "proposed"},
        {"state": "accepted", "proposed_by_id": UUID(int=9), "confirmed_by_id": UUID(int=9), "review_on": FAR},
        {"state": "accepted", "proposed_by_id": UUID(int=9), "review_on": FAR},
        {"state": "accepted", "proposed_by_id": UUID(int=9), "confirmed_by_id": UUID(int=8), "review_on": FAR},
        {"state": "proposed", "proposed_by_id": UUID(int=8)},
        {"state": "accepted", "proposed_by_id": UUID(int=9), "confirmed_by_id": UUID(int=21)},
    ],
)
async def test_the_database_holds_four_eyes_too(quarrel: Quarrel, values: dict[str, object]) -> None:
    """The worker is person 8, the operators are 9 and 21."""
    dispute_id = await quarrel.begin()
    with pytest.raises(IntegrityError, match="dispute"):
        async with db.transaction() as session:
            await session.execute(sa.update(Dispute).where(Dispute.id == dispute_id).values(**values))  # type: ignore[arg-type]


async def test_who_sees_and_decides(quarrel: Quarrel, cast: Cast) -> None:
    dispute_id, paper = await quarrel.begin(), await quarrel.paper()
    for name, actor in cast.everyone().items():
        if name == "support":
            continue
        for verb in (desk.propose, desk.refuse, desk.ask, desk.send_back):
            with pytest.raises(Forbidden):
                await quarrel.does(verb, actor, dispute_id, text=BECAUSE)
        with pytest.raises(Forbidden):
            await quarrel.does(desk.confirm, actor, dispute_id)
        with pytest.raises(Forbidden):
            async with db.transaction() as session:
                await desk.open_paper(session, actor, dispute_id=dispute_id, document_id=paper)
        with pytest.raises(Forbidden):
            await queue(actor)
    stranger = quarrel.operators.stranger
    assert await queue(stranger) == []
    with pytest.raises(NotFound):
        await quarrel.does(desk.refuse, stranger, dispute_id, text=BECAUSE)


async def test_a_clinic_with_one_operator_is_helped_by_others(quarrel: Quarrel) -> None:
    """Four eyes need two people: nothing waits unseen where there are fewer."""
    dispute_id = await quarrel.begin()
    async with db.transaction() as session:
        gone = sa.update(Membership).where(Membership.person_id == quarrel.operators.second.person_id)  # type: ignore[arg-type]
        await session.execute(gone.values(until=date(2026, 11, 1)))
    assert await queue(quarrel.operators.stranger) == [dispute_id]


async def test_nobody_decides_about_themselves(quarrel: Quarrel) -> None:
    """The worker is an operator as well."""
    dispute_id = await quarrel.begin()
    both = replace(quarrel.actor, roles=frozenset({Role.SUPPORT, Role.SPECIALIST}))
    assert await queue(both) == []
    with pytest.raises(Forbidden, match="собственный"):
        await quarrel.does(desk.propose, both, dispute_id, text=BECAUSE)
    with pytest.raises(Forbidden, match="собственный"):
        async with db.transaction() as session:
            await desk.opened(session, both, dispute_id=dispute_id)


async def test_a_worker_of_no_clinic_is_seen_by_every_operator(quarrel: Quarrel) -> None:
    dispute_id = await quarrel.begin()
    async with db.transaction() as session:
        gone = sa.delete(Membership).where(Membership.person_id == quarrel.actor.person_id)  # type: ignore[arg-type]
        await session.execute(gone)
    assert await queue(quarrel.operators.first) == await queue(operator(22, CLINIC)) == [dispute_id]
    assert await queue(quarrel.operators.stranger) == [dispute_id]


async def test_the_second_pair_of_eyes_looks_at_what_the_first_has_seen(quarrel: Quarrel) -> None:
    """The register answers otherwise under the very same code: two people have not agreed on one thing."""
    dispute_id = await quarrel.begin()
    operators = quarrel.operators
    await quarrel.does(desk.propose, operators.first, dispute_id, text=BECAUSE)
    async with db.transaction() as session:
        row = (await session.exec(select(CaseItem).where(CaseItem.item == "diploma"))).one()
        found = FINDING.validate_json(row.finding)
        row.finding = FINDING.dump_json(replace(found, differs=("фамилия",))).decode()
    with pytest.raises(Conflict, match="регистр ответил иначе"):
        await quarrel.does(desk.confirm, operators.second, dispute_id)
    await quarrel.does(desk.send_back, operators.second, dispute_id, text=BECAUSE)
    await quarrel.accept(dispute_id)


async def test_an_operators_own_dispute_does_not_wait_for_themselves(quarrel: Quarrel) -> None:
    """Of a clinic's two operators one disputes: the other needs a second from elsewhere."""
    dispute_id = await quarrel.begin()
    first, stranger = quarrel.operators.first, quarrel.operators.stranger
    async with db.transaction() as session:
        own = (
            sa.update(Membership)
            .where(col(Membership.person_id) == quarrel.actor.person_id)
            .values(role=Role.SUPPORT, department_id=None)
        )
        await session.execute(own)
        await session.execute(
            sa.delete(Membership).where(col(Membership.person_id) == quarrel.operators.second.person_id)
        )
    await quarrel.does(desk.propose, first, dispute_id, text=BECAUSE)
    await quarrel.does(desk.confirm, stranger, dispute_id)
