"""The weekly counts of cases counted anew in SQL, a department's month at a time, beside what is kept: one statement, as for the daily figures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.sqltypes import UTCDateTime

from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.queries import IDENTITY, row_of
from medcab.schedule.diagnoses.rules.entry import CATEGORY, COUNTED, COUNTS, Course, Key, Place
from medcab.schedule.figures.recount.queries import Month
from medcab.schedule.models import Appointment
from medcab.schedule.rules.slots import bounds

_ZERO = sa.literal_column("0", sa.Integer)


@dataclass(frozen=True, slots=True)
class Drift:
    """A line of the roll-up that is not what its diagnoses come to."""

    key: Key
    kept: Counter[str]
    counted: Counter[str]

    def told(self, month: Month, _names: Mapping[Any, str]) -> str:
        """One line: where it is, and each count as it is kept and as it was counted; no patient is named by it."""
        where = [
            month.organisation,
            month.department,
            f"week of {self.key.place.week}",
            self.key.category,
            self.key.age_group,
        ]
        what = [
            f"{name}: kept {self.kept[name]}, counted {self.counted[name]}"
            for name in COUNTS
            if self.kept[name] != self.counted[name]
        ]
        return f"{', '.join(where)}: {'; '.join(what)}"


async def drifts(session: AsyncSession, month: Month, zone: ZoneInfo) -> list[Drift]:
    """Lines of the month that are not true, in the order of their keys."""
    both = sa.union_all(_kept(month), _counted(month, zone)).subquery("both")
    key = both.c.week, both.c.chapter, both.c.category, both.c.age_group
    sums = [sa.func.sum(both.c[f"{side}_{name}"]) for side in ("kept", "counted") for name in COUNTS]
    differ = [sums[at] != sums[at + len(COUNTS)] for at in range(len(COUNTS))]
    query = sa.select(*key, *sums).group_by(*key).having(sa.or_(*differ))
    found: list[Drift] = []
    for week, chapter, category, age_group, *numbers in (await session.execute(query)).all():
        place = Place(month.department_id, week, month.first, month.organisation_id)
        kept, counted = numbers[: len(COUNTS)], numbers[len(COUNTS) :]
        found.append(Drift(Key(place, chapter, category, age_group), _named(kept), _named(counted)))
    return sorted(found, key=lambda drift: drift.key)


def _named(numbers: Iterable[Any]) -> Counter[str]:
    return Counter({name: int(number) for name, number in zip(COUNTS, numbers, strict=True)})


def _kept(month: Month) -> Any:
    return sa.select(
        col(WeekCases.week), col(WeekCases.chapter), col(WeekCases.category), col(WeekCases.age_group),
        *(getattr(WeekCases, name).label(f"kept_{name}") for name in COUNTS), *(_ZERO.label(f"counted_{name}") for name in COUNTS),
    ).where(col(WeekCases.department_id) == month.department_id, col(WeekCases.month) == month.first)  # fmt: skip


def _counted(month: Month, zone: ZoneInfo) -> Any:
    days, starts, course = _days(month, zone), col(Appointment.starts_at), col(VisitDiagnosis.course)
    counts = {"first_ever": course == Course.FIRST, "registered": course != Course.KNOWN}
    here = sa.and_(
        col(Appointment.department_id) == month.department_id, starts >= days.c.begins, starts < days.c.ends,
        col(Appointment.status).in_(COUNTED),
    )  # fmt: skip
    stands = sa.and_(col(VisitDiagnosis.appointment_id) == col(Appointment.id), col(VisitDiagnosis.struck_at).is_(None))
    return (
        sa.select(
            days.c.week, col(VisitDiagnosis.chapter), sa.func.substr(col(VisitDiagnosis.code), 1, CATEGORY), col(VisitDiagnosis.age_group),
            *(_ZERO for _ in COUNTS), *(sa.case((counts[name], 1), else_=0) for name in COUNTS),
        )
        .select_from(days)
        .join(Appointment, here)
        .join(VisitDiagnosis, stands)
    )  # fmt: skip


def _days(month: Month, zone: ZoneInfo) -> sa.CTE:
    """Each day of the month: its Monday, and the moments at which it begins and ends at the clinic."""
    days = [month.first + timedelta(number) for number in range(month.days)]
    spans = [(day - timedelta(day.weekday()), bounds(day, 1, zone)) for day in days]
    columns = sa.column("week", sa.Date), sa.column("begins", UTCDateTime), sa.column("ends", UTCDateTime)
    return sa.values(*columns, name="days").data([(week, at.starts_at, at.ends_at) for week, at in spans]).cte()


async def put_right(session: AsyncSession, wrong: Iterable[Drift]) -> None:
    """Write what was counted in place of what was kept."""
    table: sa.Table = WeekCases.__table__  # pyright: ignore[reportAttributeAccessIssue]
    rows = [row_of(drift.key, drift.counted) for drift in wrong]
    here = sa.and_(*(table.c[name] == sa.bindparam(f"at_{name}") for name in IDENTITY))
    await session.execute(
        sa.delete(table).where(here), [{f"at_{name}": row[name] for name in IDENTITY} for row in rows]
    )
    if kept := [row for row in rows if any(row[name] for name in COUNTS)]:
        await session.execute(sa.insert(table), kept)
