"""A department with a million visits in its year: counted anew in SQL, shown from the roll-up, opened a page at a time, too long for a file."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from medcab import clock, db
from medcab.dashboards import service as figures
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.period import Period
from medcab.dashboards.service import TooManyRows
from medcab.dashboards.visits import service as visits
from medcab.schedule.figures.recount import service as recount
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import AppointmentStatus, VisitKind
from tests.cast import CLINIC, WARD, Cast

COUNT, DAYS = 1_000_000, 364
FIRST = date(2025, 6, 2)
AT = Address(Period(FIRST, FIRST + timedelta(DAYS - 1)), WARD)
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
pytestmark = pytest.mark.one_database  # `bench dashboard` has ten million on both


def later(moment: str) -> str:
    """So that each day has its share, second by second."""
    day, second = f"(n % {DAYS}) || ' days'", f"(n / {DAYS}) || ' seconds'"
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {moment}, '+' || {day}, '+' || {second})"


async def fill(cast: Cast) -> None:
    """Copies of one visit, every tenth of them a no-show."""
    starts = datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC)
    one = Appointment(
        organisation_id=CLINIC, department_id=WARD, practitioner_id=cast.doctor.person_id, patient_id=cast.patient_id,
        kind=VisitKind.FIRST, status=AppointmentStatus.DONE, starts_at=starts, ends_at=starts + timedelta(seconds=1),
        booked_at=starts - timedelta(9), is_over=True, over_reason="срочно",
    )  # fmt: skip
    changed = {
        "id": "printf('%032x', n)", "starts_at": later("starts_at"), "ends_at": later("ends_at"),
        "status": "CASE WHEN n % 10 = 0 THEN 'no_show' ELSE status END",
    }  # fmt: skip
    names = [column.name for column in sa.inspect(Appointment).columns]
    async with db.transaction() as session:
        session.add(one)
        await session.flush()
        columns, values = ", ".join(names), ", ".join(changed.get(name, name) for name in names)
        copies = f"{NUMBERS}INSERT INTO appointment ({columns}) SELECT {values} FROM appointment, numbers"
        await session.execute(sa.text(copies), {"count": COUNT - 1})


async def test_a_department_with_a_million_visits(cast: Cast) -> None:
    with clock.frozen(datetime(2026, 6, 15, 9, tzinfo=UTC)):
        await fill(cast)
        assert sum([put_right async for _, put_right in recount.rebuild(await recount.months())]) > 0
        async with db.transaction() as session:
            shown = await figures.overview(
                session, cast.head, department_id=WARD, start=AT.period.start, end=AT.period.end
            )
            assert (shown.now.planned, shown.now.no_show) == (COUNT, COUNT // 10 - 1)
            last = await visits.found(
                session, cast.head, department_id=WARD, address=replace(AT, cases="planned", cases_page=9999)
            )
            assert (last.extent.rows, last.number) == (COUNT, 9999)
            assert len(last.rows) == visits.ROWS_ON_PAGE
            with pytest.raises(TooManyRows):
                await visits.export(
                    session, cast.head, department_id=WARD, address=replace(AT, cases="planned"), ending="csv"
                )
