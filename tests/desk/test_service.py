"""Each of the cast sees their own desk, and nothing of anybody else's."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db
from medcab.access import Action, Actor
from medcab.accounts.models import PasswordRecord, Person, RecoveryCode, SignInOutcome, SignInRecord, TotpFactor
from medcab.audit import AuditEntry
from medcab.dashboards import service as figures
from medcab.dashboards.attention.service import surroundings
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.attention import attention
from medcab.dashboards.rules.period import Period
from medcab.desk import service
from medcab.desk.state import DeskState
from medcab.guard.tab import current
from medcab.schedule.models import Appointment, AppointmentStatus, DayFigures, Reception, VisitKind
from tests.cast import CLINIC, FOREIGN_WARD, MORNING, OTHER_CLINIC, OTHER_WARD, WARD, Cast

TODAY = MORNING.date()
QUARTER = timedelta(minutes=15)


@pytest.fixture
async def monday(database: str, cast: Cast) -> AsyncIterator[Cast]:
    """Nine o'clock: the doctor has four slots and two visits, a colleague and a foreigner one each; figures in three wards."""
    with clock.frozen(MORNING):
        async with db.transaction() as session:
            for actor in cast.everyone().values():
                session.add(PasswordRecord(person_id=actor.person_id, hash="x", set_at=MORNING))
            session.add(reception(cast.doctor))
            session.add(reception(cast.colleague))
            session.add(visit(cast, cast.doctor, 0))
            session.add(visit(cast, cast.doctor, 1, AppointmentStatus.ARRIVED))
            session.add(visit(cast, cast.doctor, 2, AppointmentStatus.CANCELLED))
            session.add(visit(cast, cast.colleague, 3))
            foreign = visit(cast, cast.foreigner, 0, patient=cast.foreign_patient_id)
            foreign.organisation_id, foreign.department_id = OTHER_CLINIC, FOREIGN_WARD
            session.add(foreign)
            for ward, clinic, who in (
                (WARD, CLINIC, cast.doctor),
                (OTHER_WARD, CLINIC, cast.neighbour),
                (FOREIGN_WARD, OTHER_CLINIC, cast.foreigner),
            ):
                session.add(
                    DayFigures(
                        day=TODAY, department_id=ward, practitioner_id=who.person_id, organisation_id=clinic,
                        offered_minutes=600, booked_minutes=300, planned=20, done=16, no_show=4,
                    )
                )  # fmt: skip
        yield cast


def reception(who: Actor) -> Reception:
    return Reception(
        organisation_id=CLINIC,
        department_id=WARD,
        practitioner_id=who.person_id,
        starts_at=MORNING,
        ends_at=MORNING + 4 * QUARTER,
        slot_minutes=15,
    )


def visit(
    cast: Cast, who: Actor, slot: int, status: AppointmentStatus = AppointmentStatus.BOOKED, patient: object = None
) -> Appointment:
    starts = MORNING + slot * QUARTER
    return Appointment(
        organisation_id=CLINIC, department_id=WARD, practitioner_id=who.person_id, patient_id=patient or cast.patient_id,
        kind=VisitKind.FIRST, status=status, starts_at=starts, ends_at=starts + QUARTER, booked_at=MORNING,
    )  # fmt: skip


async def see(actor: Actor, *, refreshed: bool = False) -> service.Desk:
    async with db.transaction() as session:
        return await service.desk(session, actor, refreshed=refreshed)


async def test_each_role_has_its_own_desk(monday: Cast):
    shown = {name: await see(actor) for name, actor in monday.everyone().items()}
    assert {name for name, desk in shown.items() if desk.step} == {"unverified"}
    assert {name for name, desk in shown.items() if desk.day} == {"doctor", "colleague", "neighbour", "foreigner"}
    assert {name for name, desk in shown.items() if desk.expected is not None} == {"nurse", "head"}
    assert {name: len(desk.wards) for name, desk in shown.items() if desk.wards} == {"head": 1, "admin": 2}
    assert {name for name, desk in shown.items() if desk.counts} == {"support", "security"}
    assert all(desk.reminders for desk in shown.values()), "nobody has an authenticator app yet"


async def test_the_doctors_day(monday: Cast):
    day = (await see(monday.doctor)).day
    assert day
    assert len(day.visits) == 3
    assert [span.starts_at - MORNING for span in day.free] == [2 * QUARTER, 3 * QUARTER]


async def test_the_nurse_sees_the_wards_next_patients_waiting_ones_first(monday: Cast):
    expected = (await see(monday.nurse)).expected
    assert expected is not None
    assert [(each.doctor, each.starts_at - MORNING, each.has_come) for each in expected] == [
        ("Иванова А. П.", QUARTER, True),
        ("Иванова А. П.", 0 * QUARTER, False),
        ("Петрова А. П.", 3 * QUARTER, False),
    ]


async def test_a_newcomer_is_told_what_is_missing_and_sees_no_patient(monday: Cast):
    desk = await see(monday.unverified)
    assert desk.step
    assert desk.step.title == "Активируйте врачебный кабинет"
    assert desk.step.points
    assert (desk.day, desk.expected, desk.wards, desk.counts) == (None, None, [], [])


async def test_the_security_admin_counts_the_own_organisations_trouble(monday: Cast):
    async with db.transaction() as session:
        for who, at in (
            (monday.doctor, MORNING),
            (monday.foreigner, MORNING),
            (monday.doctor, MORNING - timedelta(days=2)),
        ):
            session.add(SignInRecord(person_id=who.person_id, at=at, outcome=SignInOutcome.WRONG_PASSWORD))
        audit.record(session, monday.doctor, Action.EVENT_REFUSED, "x", outcome="refused")
        audit.record(session, monday.foreigner, Action.EVENT_REFUSED, "x", outcome="refused")
    counts = {each.label: each.value for each in (await see(monday.security)).counts}
    assert counts == {
        "Неудачные входы": 1,
        "Входы с новых устройств": 0,
        "«Это был не я»": 0,
        "Отклонённые действия": 1,
    }


async def test_the_operator_counts_locked_accounts(monday: Cast):
    async with db.transaction() as session:
        for actor in (monday.doctor, monday.foreigner):
            found = await session.get(Person, actor.person_id)
            assert found
            found.blocked_at = MORNING
    assert (await see(monday.support)).counts[1].value == 1


async def test_reminders_follow_what_is_set_up(monday: Cast):
    async with db.transaction() as session:
        session.add(TotpFactor(person_id=monday.doctor.person_id, secret="x", created_at=MORNING, confirmed_at=MORNING))
        session.add(RecoveryCode(person_id=monday.doctor.person_id, code_hash="x", created_at=MORNING, used_at=MORNING))
    with clock.frozen(MORNING + timedelta(days=95)):
        found = [each for each in (await see(monday.doctor)).reminders if each.href != "/compliance"]
    assert [each.href for each in found] == ["/security/password", "/security"]


async def test_names_of_patients_are_journalled_once_per_look(monday: Cast):
    for actor in (monday.doctor, monday.nurse, monday.admin, monday.unverified):
        await see(actor)
    await see(monday.doctor, refreshed=True)
    async with db.reading() as session:
        query = (
            select(AuditEntry.person_id).where(AuditEntry.action == Action.SCHEDULE_VIEW).order_by(col(AuditEntry.seq))
        )
        assert list(await session.exec(query)) == [monday.doctor.person_id, monday.nurse.person_id]


async def test_the_desk_watches_only_what_it_shows(monday: Cast):
    assert f"figures:{WARD}" in (await see(monday.head)).topics
    assert f"figures:{WARD}" in (await see(monday.nurse)).topics
    assert {topic for topic in (await see(monday.doctor)).topics if topic.startswith("figures:")} == set()
    assert f"figures:{FOREIGN_WARD}" not in (await see(monday.admin)).topics


async def test_rows_are_ready_to_draw(monday: Cast, session: AsyncSession):
    for name, actor in monday.everyone().items():
        current.set(actor)
        state = DeskState(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
        state._show(await service.desk(session, actor))
        assert state.ready, name
        if name == "doctor":
            assert (state.next_visit["time"], state.next_visit["status"]) == ("09:15", "Пришёл")
            assert [row["time"] for row in state.visits] == ["09:00", "09:15"]
            assert state.free == ["09:30", "09:45"]
        if name == "head":
            assert [each["key"] for each in state.attention["concerns"]] == ["invalid", "utilisation", "no_show"]
            assert state.wards == []
        if name == "admin":
            assert [row["standing"] for row in state.wards] == ["требует внимания: 3", "требует внимания: 2"]
        assert state.has_attention == (name == "head"), name
        assert state.is_bare == (name == "pharmacist")


async def test_the_desk_and_the_page_of_figures_count_the_same(monday: Cast):
    """What needs the head is judged in one place: also who has no right to work, and what was yesterday."""
    async with db.transaction() as session:
        session.add(DayFigures(
            day=TODAY - timedelta(1), department_id=WARD, practitioner_id=monday.doctor.person_id, organisation_id=CLINIC, planned=9, done=7,
        ))  # fmt: skip
    async with db.reading() as session:
        seen = await figures.overview(session, monday.head, department_id=WARD, start=TODAY, end=TODAY)
        at = Address(Period(TODAY, TODAY), WARD)
        around = await surroundings(session, monday.head, overview=seen, address=at)
    there = attention(around.recent, at, around.staff)
    [ward] = (await see(monday.head)).wards
    assert [each["key"] for each in there["concerns"]] == ["invalid", "utilisation", "no_show", "open"]
    assert (ward.attention["title"], ward.attention["note"]) == (there["title"], there["note"])
    assert [each["sentence"] for each in ward.attention["concerns"]] == [each["sentence"] for each in there["concerns"]]
    assert [each.place.id for each in (await see(monday.admin)).wards] == [WARD, OTHER_WARD]
    assert (await see(monday.nurse)).wards == []
