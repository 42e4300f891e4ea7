"""A register is made once, of done visits only, at the price of each day; without a price it is not made."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
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


async def test_a_visit_without_a_tariff_is_named_and_nothing_is_made(session: AsyncSession, cast: Cast):
    await fill(session, cast)
    session.add(tariff(62_341, date(2026, 1, 1), date(2026, 10, 15)))
    with pytest.raises(NoTariff, match=r"16\.10\.2026: специальность Терапия"):
        await service.make(session, cast.admin, **OMS)
    assert (await session.exec(select(Bill))).all() == []


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
