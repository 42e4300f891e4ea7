"""A register is made once, of done visits only, at the price of each day; without a price it is not made."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.accounts.models import FormerPractice, PracticeRight
from medcab.errors import Forbidden, Invalid, MedcabError
from medcab.finance.models import Bill, BillLine, Tariff
from medcab.finance.registers import service
from medcab.finance.rules.tariffs import NoTariff
from medcab.schedule.models import Appointment, Reception
from medcab.schedule.rules.visits import AppointmentStatus, Payer, VisitKind
from tests.cast import CLINIC, MORNING, WARD, Cast

OCTOBER = date(2026, 10, 1)
OMS = {"month": OCTOBER, "payer": Payer.OMS}


def tariff(kopecks: int, since: date, until: date | None = None) -> Tariff:
    return Tariff(
        organisation_id=CLINIC, payer=Payer.OMS, specialty="Терапия", kind=VisitKind.FIRST, kopecks=kopecks, since=since, until=until
    )  # fmt: skip


def day_of(
    session: AsyncSession, cast: Cast, at: datetime, *, status: AppointmentStatus = AppointmentStatus.DONE
) -> None:
    """Hours with one visit in them."""
    mine = {"organisation_id": CLINIC, "department_id": WARD, "practitioner_id": cast.doctor.person_id, "starts_at": at}
    session.add(Reception(**mine, ends_at=at + timedelta(minutes=20), slot_minutes=20, specialty="Терапия"))
    session.add(Appointment(
        **mine, ends_at=at + timedelta(minutes=20), patient_id=cast.patient_id, kind=VisitKind.FIRST, status=status, booked_at=at - timedelta(days=9)
    ))  # fmt: skip


@pytest.fixture(autouse=True)
def november():
    with clock.frozen(MORNING):
        yield


async def fill(session: AsyncSession, cast: Cast) -> None:
    """Two visits at two prices, and what does not belong: a no-show, and a visit that is of November in Moscow already."""
    day_of(session, cast, datetime(2026, 10, 15, 20, 30, tzinfo=UTC))
    day_of(session, cast, datetime(2026, 10, 15, 21, 30, tzinfo=UTC))
    day_of(session, cast, datetime(2026, 10, 20, 8, tzinfo=UTC), status=AppointmentStatus.NO_SHOW)
    day_of(session, cast, datetime(2026, 10, 31, 21, 30, tzinfo=UTC))
    await session.flush()


async def test_each_visit_has_the_price_of_its_day(session: AsyncSession, cast: Cast):
    await fill(session, cast)
    session.add_all([tariff(62_341, date(2026, 1, 1), date(2026, 10, 15)), tariff(66_083, date(2026, 10, 16))])
    bill = await service.make(session, cast.admin, **OMS)
    lines = (await session.exec(select(BillLine))).all()
    assert sorted(line.kopecks for line in lines) == [62_341, 66_083], "the night between is Moscow's"
    assert {(line.bill_id, line.month, line.reason_code) for line in lines} == {(bill.id, OCTOBER, "")}


async def test_a_visit_without_a_price_waits_for_the_next_register(session: AsyncSession, cast: Cast):
    await fill(session, cast)
    with pytest.raises(NoTariff, match="Ни у одного"):
        await service.make(session, cast.admin, **OMS)
    session.add(tariff(62_341, date(2026, 1, 1), date(2026, 10, 15)))
    await session.flush()
    shown = await service.draft(session, cast.admin, **OMS)
    assert [(len(shown.priced), each.day) for each in shown.unpriced] == [(1, date(2026, 10, 16))]
    await service.make(session, cast.admin, **OMS, seen=shown.seen)
    session.add(tariff(66_083, date(2026, 10, 16)))
    await session.flush()
    await service.make(session, cast.admin, **OMS)
    lines = (await session.exec(select(BillLine).order_by(col(BillLine.kopecks)))).all()
    assert [(line.kopecks, line.number, line.specialty) for line in lines] == [
        (62_341, 1, "Терапия"),
        (66_083, 1, "Терапия"),
    ]
    assert len((await session.exec(select(Bill))).all()) == 2


async def test_hours_that_name_no_specialty_stop_no_register(session: AsyncSession, cast: Cast):
    """The only specialty of the doctor is meant; of two nobody can say which, and the visit is left out."""
    await fill(session, cast)
    await session.execute(sa.update(Reception).values(specialty=""))
    session.add(tariff(62_341, date(2026, 1, 1)))
    day_of(session, cast, datetime(2026, 10, 3, 8, tzinfo=UTC))
    await session.flush()
    shown = await service.draft(session, cast.admin, **OMS)
    assert [each.specialty for each in shown.unpriced] == ["", ""]
    session.add(PracticeRight(person_id=cast.doctor.person_id, specialty="Терапия"))
    session.add(PracticeRight(person_id=cast.doctor.person_id, specialty="Кардиология", until=date(2026, 10, 15)))
    await session.flush()
    shown = await service.draft(session, cast.admin, **OMS)
    assert [(each.specialty, each.day) for each in shown.unpriced] == [("", date(2026, 10, 15))]
    assert [(each.specialty, each.is_guessed) for each in shown.guessed] == [("Терапия", True)]
    said = await service.named(session, shown)
    assert [each.is_priced for each in said] == [False, True], "whoever makes the register looks at the guesses as well"
    bill = await service.make(session, cast.admin, **OMS)
    assert (await service.own(session, cast.admin, bill.id)).sums.billed.visits == 2


async def test_the_specialty_of_past_visits_is_the_one_that_was_lost_since(session: AsyncSession, cast: Cast):
    """A check of the 20th of October found another one: visits before it were of the former, those after it are of the new one."""
    for number in (15, 20, 21):
        day_of(session, cast, datetime(2026, 10, number, 8, tzinfo=UTC))
    await session.flush()
    await session.execute(sa.update(Reception).values(specialty=""))
    changed, whose = date(2026, 10, 20), {"person_id": cast.doctor.person_id}
    cardiology = tariff(70_000, date(2026, 1, 1))
    cardiology.specialty = "Кардиология"
    session.add_all([
        FormerPractice(**whose, specialty="Терапия", until=changed), PracticeRight(**whose, specialty="Кардиология", since=changed),
        tariff(62_341, date(2026, 1, 1)), cardiology,
    ])  # fmt: skip
    await session.flush()
    shown = await service.draft(session, cast.admin, **OMS)
    assert [(each.day.day, each.specialty) for each in shown.guessed] == [(15, "Терапия"), (21, "Кардиология")]
    assert [each.day.day for each in shown.unpriced] == [20], "of the day of the check nobody can say"


async def test_a_larger_month_goes_into_several_registers(
    session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "MOST_LINES", 2)
    monkeypatch.setattr(service, "_AT_ONCE", 1)
    session.add(tariff(50_000, date(2026, 1, 1)))
    for day in (3, 1, 2):
        day_of(session, cast, datetime(2026, 10, day, 8, tzinfo=UTC))
    await session.flush()
    shown = await service.draft(session, cast.admin, **OMS)
    assert (shown.amount.visits, shown.later) == (2, 1)
    for _ in range(2):
        await service.make(session, cast.admin, **OMS)
    lines = (await session.exec(select(BillLine).order_by(col(BillLine.starts_at)))).all()
    assert [(line.number, line.starts_at.day) for line in lines] == [(1, 1), (2, 2), (1, 3)]


async def test_a_visit_stands_in_one_register_and_what_came_late_in_the_next(session: AsyncSession, cast: Cast):
    await fill(session, cast)
    session.add(tariff(62_341, date(2026, 1, 1)))
    first = await service.make(session, cast.admin, **OMS)
    with pytest.raises(Invalid, match="ещё нет в реестрах"):
        await service.make(session, cast.admin, **OMS)
    day_of(session, cast, datetime(2026, 10, 22, 8, tzinfo=UTC))
    await session.flush()
    second = await service.make(session, cast.admin, **OMS)
    assert (first.number, second.number) == (1, 2)
    lines = (await session.exec(select(BillLine))).all()
    assert sorted((line.bill_id == second.id, line.number) for line in lines) == [(False, 1), (False, 2), (True, 1)]
    used = (await session.exec(select(Tariff.used_until))).one()
    assert used == date(2026, 10, 22), "the tariff is frozen to the last day that a register took it"


async def test_only_the_administrator_and_only_a_month_that_is_over(session: AsyncSession, cast: Cast):
    for name, actor in cast.everyone().items():
        with pytest.raises(Invalid if name == "admin" else Forbidden) as refused:
            await service.make(session, actor, month=date(2026, 11, 1), payer=Payer.OMS)
        assert isinstance(refused.value, MedcabError), name
