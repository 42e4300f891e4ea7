"""Who sees whose duties; what is shown is what the facts are at that moment."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action, Actor, Role
from medcab.accounts import queries as accounts
from medcab.accounts.models import Membership, PasswordRecord
from medcab.compliance import service
from medcab.compliance.rules.duties import Duty, State
from medcab.compliance.service import Asked
from medcab.documents.models import Document
from medcab.errors import Forbidden, NotFound
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.rules import DisputeState
from medcab.verification.models import VerificationCase
from tests.api.browser import journalled
from tests.cast import CLINIC, FOREIGN_WARD, MORNING, OTHER_WARD, WARD, Cast, person

TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(MORNING):
        yield


async def seen(actor: Actor, **asked: object) -> service.People:
    async with db.reading() as session:
        return await service.people(session, actor, Asked(**asked))  # type: ignore[arg-type]


async def give(cast: Cast, kind: str, *, ends: date | None = None, hours: int | None = None) -> None:
    async with db.transaction() as session:
        session.add(Document(
            person_id=cast.doctor.person_id, kind=kind, number="1", issued_on=TODAY - timedelta(days=30), expires_on=ends, hours=hours,
            created_at=MORNING,
        ))  # fmt: skip


async def board(actor: Actor) -> dict[Duty, service.Row]:
    async with db.reading() as session:
        return {row.duty: row for row in (await service.own(session, actor)).rows}


async def test_a_fact_changes_the_board_at_once(cast: Cast) -> None:
    assert (await board(cast.doctor))[Duty.MEDICAL_BOOK].state is State.MISSING
    await give(cast, "medical_book")
    assert (await board(cast.doctor))[Duty.MEDICAL_BOOK].state is State.DONE
    await give(cast, "medical_book", ends=TODAY + timedelta(days=900))
    assert (await board(cast.doctor))[Duty.MEDICAL_BOOK].deadline == TODAY + timedelta(days=900)


async def test_the_plan_follows_the_permit_that_runs_out_next(cast: Cast) -> None:
    async with db.transaction() as session:
        await accounts.keep_specialties(
            session, cast.doctor.person_id, {"Терапия": TODAY + timedelta(days=700), "Хирургия": None}
        )
    await give(cast, "course", hours=72)
    async with db.reading() as session:
        plan = (await service.own(session, cast.doctor)).plan
    assert plan
    assert (plan.hours, plan.courses_left, plan.left) == (72, 0, 72)


async def test_the_head_sees_the_own_department_and_the_administrator_the_clinic(cast: Cast) -> None:
    mine, everybody = await seen(cast.head), await seen(cast.admin)
    assert {worker.name.split()[0] for worker in mine.workers} == {
        "Иванова",
        "Петрова",
        "Главная",
        "Сестрина",
        "Аптекарева",
        "Новикова",
    }
    assert {worker.name.split()[0] for worker in everybody.workers} - {
        worker.name.split()[0] for worker in mine.workers
    } >= {"Соседова", "Порядкова"}
    assert "Чужакова" not in str(everybody)


@pytest.mark.parametrize(
    "part",
    ["doctor", "colleague", "nurse", "pharmacist", "neighbour", "unverified", "support", "security", "foreigner"],
)
async def test_nobody_else_sees_how_others_stand(cast: Cast, part: str) -> None:
    for verb in (service.people, service.export):
        with pytest.raises(Forbidden):
            async with db.transaction() as session:
                await verb(session, getattr(cast, part), Asked())


@pytest.mark.parametrize("ward", [OTHER_WARD, FOREIGN_WARD])
async def test_a_department_one_does_not_answer_for_does_not_exist(cast: Cast, ward: object) -> None:
    for verb in (service.people, service.export):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await verb(session, cast.head, Asked(department_id=ward))  # type: ignore[arg-type]


async def test_whoever_works_here_no_more_is_not_counted(cast: Cast) -> None:
    async with db.transaction() as session:
        await session.execute(Membership.__table__.update().where(Membership.person_id == cast.colleague.person_id)  # type: ignore[attr-defined]
                              .values(until=TODAY - timedelta(days=1)))  # fmt: skip
    assert "Петрова" not in str([worker.name for worker in (await seen(cast.admin)).workers])


async def test_worst_first_and_the_filters(cast: Cast) -> None:
    async with db.transaction() as session:
        await accounts.keep_specialties(session, cast.colleague.person_id, {"Терапия": TODAY - timedelta(days=1)})
    assert (await seen(cast.head)).workers[0].name == "Петрова А. П."
    overdue = await seen(cast.head, states=(State.OVERDUE,))
    assert [worker.name for worker in overdue.workers] == ["Петрова А. П."]
    books = await seen(cast.head, duty=Duty.MEDICAL_BOOK, department_id=WARD)
    assert {row.duty for worker in books.workers for row in worker.rows} == {Duty.MEDICAL_BOOK}


async def test_a_page_is_twenty_five_people(cast: Cast) -> None:
    async with db.transaction() as session:
        for number in range(100, 160):
            session.add(person(number, f"Работник{number}"))
            session.add(
                Membership(
                    person_id=person(number, "x").id,
                    organisation_id=CLINIC,
                    department_id=WARD,
                    role=Role.NURSE,
                    since=date(2020, 1, 1),
                )
            )
    first, last = await seen(cast.admin), await seen(cast.admin, page=99)
    assert (len(first.workers), first.total, first.pages, last.page) == (25, 68, 3, 3)
    assert len(last.workers) == 18


async def test_who_needs_no_professional_status_is_not_asked_for_one(cast: Cast) -> None:
    """Operators of support and of security work in the clinic and treat nobody."""
    listed = {worker.id for worker in (await seen(cast.admin)).workers}
    assert not listed & {cast.support.person_id, cast.security.person_id}
    assert Duty.STANDING not in await board(cast.support)
    assert set(await board(cast.support)) == {Duty.APP}
    assert Duty.STANDING in await board(cast.unverified)


async def test_the_export_has_a_line_a_duty_and_is_journalled(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(PasswordRecord(person_id=cast.doctor.person_id, hash="x", set_at=MORNING - timedelta(days=100)))
    async with db.transaction() as session:
        sheet = await service.export(session, cast.head, Asked(duty=Duty.PASSWORD))
    assert [line[0] for line in sheet.lines] == ["Иванова А. П."]
    assert sheet.lines[0][5] == "просрочено"
    assert sheet.content.startswith("\ufeff".encode())
    assert (await journalled())[-1] == Action.COMPLIANCE_EXPORT


async def test_a_decision_of_two_operators_has_its_last_day_on_the_board(cast: Cast) -> None:
    last = TODAY + timedelta(days=20)
    async with db.transaction() as session:
        case = VerificationCase(
            person_id=cast.doctor.person_id, state="activated", created_at=MORNING, updated_at=MORNING
        )
        session.add(case)
        await session.flush()
        session.add(Dispute(
            case_id=case.id, person_id=case.person_id, item="diploma", code="DIPLOMA_MISMATCH", state=DisputeState.ACCEPTED, opened_at=MORNING,
            waiting_since=MORNING, closed_at=MORNING, proposed_by_id=cast.support.person_id, confirmed_by_id=cast.security.person_id, review_on=last,
        ))  # fmt: skip
    assert (await board(cast.doctor))[Duty.STANDING].deadline == last
    assert (await board(cast.colleague))[Duty.STANDING].deadline is None
    async with db.transaction() as session:
        (await session.exec(select(Dispute))).one().ended_at = MORNING
    assert (await board(cast.doctor))[Duty.STANDING].deadline is None
