"""The daily figures counted anew in SQL, a department's month at a time, beside what is kept: one statement, so that both are of one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.sqltypes import UTCDateTime

from medcab import clock
from medcab.accounts.models import Department, Organisation, Person
from medcab.db import words
from medcab.identifiers import person_name
from medcab.schedule.diagnoses.models import WeekCases
from medcab.schedule.figures.queries import BEGUN, IDENTITY, row_of
from medcab.schedule.models import Appointment, DayFigures, FiguresRebuilt, Reception
from medcab.schedule.rules.figures import COUNTS, ON_TIME_MINUTES, WAIT_BINS, Counts, FigureKind, Key
from medcab.schedule.rules.slots import MINUTE, bounds, day_of
from medcab.schedule.rules.visits import LATE, AppointmentStatus

Row = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One department's month; `first` is its first day."""

    organisation: str
    department: str
    first: date
    department_id: UUID
    organisation_id: UUID

    @property
    def days(self) -> int:
        return (_next(self.first) - self.first).days


@dataclass(frozen=True, slots=True)
class Drift:
    """A line of the roll-up that is not what its visits and hours come to."""

    key: Key
    kept: Counts
    counted: Counts

    @property
    def names(self) -> list[str]:
        """Which figures differ."""
        return [name for name in COUNTS if self.kept[name] != self.counted[name]]

    def told(self, month: Month, names: Mapping[Any, str]) -> str:
        """One line: where it is, and each figure as it is kept and as it was counted."""
        where = [
            month.organisation,
            month.department,
            f"{self.key.day}",
            names.get(self.key.practitioner_id, "?"),
            self.key.kind,
        ]
        what = [f"{name}: kept {self.kept[name]}, counted {self.counted[name]}" for name in self.names]
        return f"{', '.join(where)}: {'; '.join(what)}"


class minutes_between(FunctionElement[int]):  # noqa: N801  (it reads as a function of SQL)
    """Whole minutes from one moment to a later one."""

    type = sa.Integer()
    inherit_cache = True


@compiles(minutes_between, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    """Moments are text of a fixed length there, microseconds last; SQLite's own functions would round those up to a second."""
    since, until = (
        f"(CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"
        for text in (compiler.process(each, **more) for each in element.clauses)
    )
    return f"(({until} - {since}) / 60000000)"


@compiles(minutes_between, "postgresql")
def _in_postgres(element: Any, compiler: Any, **more: Any) -> str:
    since, until = (compiler.process(each, **more) for each in element.clauses)
    return f"CAST(floor(extract(epoch FROM ({until}) - ({since})) / 60) AS integer)"


async def months(session: AsyncSession, zone: ZoneInfo) -> list[Month]:
    """Everything that has, had or is said to have figures, in order."""
    query = sa.select(
        col(Organisation.short_name), col(Department.name), col(Department.id), col(Department.organisation_id)
    ).join(Organisation, col(Organisation.id) == col(Department.organisation_id))
    found: list[Month] = []
    for organisation, department, department_id, organisation_id in (await session.execute(query)).all():
        edges = await _edges(session, department_id, zone)
        found += [Month(organisation, department, first, department_id, organisation_id) for first in _months_of(edges)]
    return sorted(found)


async def _edges(session: AsyncSession, department_id: UUID, zone: ZoneInfo) -> list[date]:
    """The first and the last day in each of the four tables that has any."""
    ends = [
        sa.select(edge(column)).where(col(table.department_id) == department_id).scalar_subquery()
        for table, column in (
            (Appointment, col(Appointment.starts_at)),
            (Reception, col(Reception.starts_at)),
            (DayFigures, col(DayFigures.day)),
            (WeekCases, col(WeekCases.month)),
        )
        for edge in (sa.func.min, sa.func.max)
    ]
    found = (await session.execute(sa.select(*ends))).one()
    return [day_of(each, zone) if isinstance(each, datetime) else each for each in found if each]


def _months_of(days: Iterable[date]) -> list[date]:
    found = sorted(day.replace(day=1) for day in days)
    made = found[:1]
    while made and made[-1] < found[-1]:
        made.append(_next(made[-1]))
    return made


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


async def drifts(session: AsyncSession, month: Month, zone: ZoneInfo) -> list[Drift]:
    """Lines of the month that are not true, in the order of their keys."""
    found = (await session.execute(_compared(month, zone))).all()
    wrong: list[Drift] = []
    for day, practitioner_id, kind, *numbers in found:
        key = Key(day, month.department_id, practitioner_id, month.organisation_id, kind)
        kept, counted = numbers[: len(COUNTS)], numbers[len(COUNTS) :]
        wrong.append(Drift(key, _counts(kept), _counts(counted)))
    return sorted(wrong, key=lambda drift: drift.key)


def _counts(numbers: Iterable[Any]) -> Counts:
    return Counts({name: int(number) for name, number in zip(COUNTS, numbers, strict=True)})


def _compared(month: Month, zone: ZoneInfo) -> Any:
    """Kept and counted side by side where they differ."""
    days = _days(month, zone)
    part, hours = _of_visits(days, month), _of_hours(days, month)
    sums = {name: part.c[name] for name in COUNTS if name in part.c}
    counted = (
        ((part.c.day, part.c.practitioner_id, part.c.kind), sums),
        ((part.c.day, part.c.practitioner_id, _WHOLE), sums),
        ((hours.c.day, hours.c.practitioner_id, _WHOLE), {"offered_minutes": hours.c.offered_minutes}),
    )
    both = sa.union_all(_kept(month), *(_counted(at, found) for at, found in counted)).subquery("both")
    kept_sums = [sa.func.sum(both.c[f"kept_{name}"]) for name in COUNTS]
    counted_sums = [sa.func.sum(both.c[name]) for name in COUNTS]
    differ = [one != other for one, other in zip(kept_sums, counted_sums, strict=True)]
    key = both.c.day, both.c.practitioner_id, both.c.kind
    return sa.select(*key, *kept_sums, *counted_sums).group_by(*key).having(sa.or_(*differ))


_ZERO, _WHOLE = sa.literal_column("0", sa.Integer), sa.literal(FigureKind.ALL, words(FigureKind))


def _kept(month: Month) -> Any:
    day = col(DayFigures.day)
    return sa.select(
        day, col(DayFigures.practitioner_id), col(DayFigures.kind),
        *(getattr(DayFigures, name).label(f"kept_{name}") for name in COUNTS), *(_ZERO.label(name) for name in COUNTS),
    ).where(
        col(DayFigures.department_id) == month.department_id, col(DayFigures.kind).in_(FigureKind),
        day >= month.first, day < _next(month.first),
    )  # fmt: skip


def _counted(at: Iterable[Row], found: Mapping[str, Row]) -> Any:
    return sa.select(*at, *(_ZERO for _ in COUNTS), *(found.get(name, _ZERO) for name in COUNTS))


def _days(month: Month, zone: ZoneInfo) -> sa.CTE:
    """Each day of the month with the moments at which it begins and ends at the clinic: no database is asked about time zones."""
    days = [month.first + timedelta(number) for number in range(month.days)]
    spans = [(day, bounds(day, 1, zone)) for day in days]
    columns = sa.column("day", sa.Date), sa.column("begins", UTCDateTime), sa.column("ends", UTCDateTime)
    return sa.values(*columns, name="days").data([(day, span.starts_at, span.ends_at) for day, span in spans]).cte()


def _within(days: sa.CTE, month: Month, table: type[Appointment] | type[Reception]) -> sa.ColumnElement[bool]:
    starts = col(table.starts_at)
    return sa.and_(
        col(table.department_id) == month.department_id, starts >= days.c.begins, starts < days.c.ends,
    )  # fmt: skip


def _of_hours(days: sa.CTE, month: Month) -> sa.CTE:
    slot, length = col(Reception.slot_minutes), minutes_between(col(Reception.starts_at), col(Reception.ends_at))
    offered = (length // slot * slot).label("offered_minutes")
    query = sa.select(days.c.day, col(Reception.practitioner_id), offered)
    return query.join_from(days, Reception, _within(days, month, Reception)).cte("hours")


def _of_visits(days: sa.CTE, month: Month) -> sa.CTE:
    """Sums by day, worker and kind."""
    visit = _placed(_visits(days, month))
    key = visit.c.day, visit.c.practitioner_id, visit.c.kind
    sums = [sa.func.sum(count).label(name) for name, count in _contributions(visit.c).items()]
    return sa.select(*key, *sums).group_by(*key).cte("part")


def _visits(days: sa.CTE, month: Month) -> sa.CTE:
    """What one visit is counted by. An offered one is none yet."""
    planned, began, arrived = col(Appointment.starts_at), col(Appointment.started_at), col(Appointment.arrived_at)
    status = col(Appointment.status)
    query = sa.select(
        days.c.day, col(Appointment.id), col(Appointment.practitioner_id), sa.type_coerce(col(Appointment.kind), words(FigureKind)).label("kind"),
        status, planned, began, sa.and_(status.in_(BEGUN), began.is_not(None)).label("has_begun"),
        minutes_between(planned, col(Appointment.ends_at)).label("length"),
        minutes_between(col(Appointment.cancelled_at), planned).label("ahead"), minutes_between(planned, began).label("behind"),
        minutes_between(sa.case((arrived > planned, arrived), else_=planned), began).label("wait"),
    )  # fmt: skip
    query = query.join_from(days, Appointment, _within(days, month, Appointment))
    return query.where(status != AppointmentStatus.OFFERED).cte("visit")


def _placed(visit: sa.CTE) -> sa.CTE:
    """Which of those that have begun was the first of its worker's day."""
    place = sa.func.row_number().over(
        partition_by=(visit.c.day, visit.c.practitioner_id, visit.c.has_begun),
        order_by=(visit.c.started_at, visit.c.starts_at, visit.c.id),
    )
    return sa.select(visit, place.label("place")).cte("placed")


def _contributions(visit: Any) -> dict[str, Row]:
    """As `rules.figures.contribution` and `opening` have it."""
    is_called_off, has_begun = visit.status == AppointmentStatus.CANCELLED, visit.has_begun
    is_first = sa.and_(has_begun, visit.place == 1)
    counted = {
        "booked_minutes": (~is_called_off, visit.length), "attended_minutes": (visit.status == AppointmentStatus.DONE, visit.length),
        "planned": (~is_called_off, 1), "done": (visit.status == AppointmentStatus.DONE, 1),
        "no_show": (visit.status == AppointmentStatus.NO_SHOW, 1), "cancelled": (is_called_off, 1),
        "late_cancelled": (sa.and_(is_called_off, visit.ahead < LATE // MINUTE), 1),
        "first_starts": (is_first, 1), "on_time_starts": (sa.and_(is_first, visit.behind <= ON_TIME_MINUTES), 1),
        "waited": (has_begun, 1), "waited_minutes": (sa.and_(has_begun, visit.wait > 0), visit.wait),
    }  # fmt: skip
    for name, (low, high) in WAIT_BINS.items():
        counted[name] = (
            sa.and_(has_begun, visit.wait >= low if low else sa.true(), visit.wait < high if high else sa.true()),
            1,
        )
    return {name: sa.case((condition, count), else_=0) for name, (condition, count) in counted.items()}


async def names_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Workers, short."""
    family, given, patronymic = col(Person.family_name), col(Person.given_name), col(Person.patronymic)
    query = sa.select(col(Person.id), family, given, patronymic).where(col(Person.id).in_(set(ids)))
    return {key: person_name.short(*names) for key, *names in await session.execute(query)}


async def alone(session: AsyncSession) -> None:
    """Nobody else writes figures until this transaction ends. SQLite has one writer anyway.

    Whoever has written theirs is waited for, and so is seen; whoever has only changed a visit adds to what is written here.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("LOCK TABLE day_figures, week_cases IN SHARE ROW EXCLUSIVE MODE"))


async def put_right(session: AsyncSession, wrong: Iterable[Drift]) -> None:
    """Write what was counted in place of what was kept."""
    table: sa.Table = DayFigures.__table__  # pyright: ignore[reportAttributeAccessIssue]
    keys = [{f"at_{name}": getattr(drift.key, name) for name in IDENTITY} for drift in wrong]
    here = sa.and_(*(table.c[name] == sa.bindparam(f"at_{name}") for name in IDENTITY))
    await session.execute(sa.delete(table).where(here), keys)
    now = clock.now()
    rows = [row_of(drift.key, drift.counted) | {"counted_at": now} for drift in wrong if any(drift.counted.values())]
    if rows:
        await session.execute(sa.insert(table), rows)


async def rebuilt(session: AsyncSession) -> set[tuple[UUID, date]]:
    """Departments' months that the rebuild under way has done."""
    rows = await session.execute(sa.select(col(FiguresRebuilt.department_id), col(FiguresRebuilt.month)))
    return {(department_id, month) for department_id, month in rows}


async def forget(session: AsyncSession) -> None:
    """The rebuild has ended, or begins anew."""
    await session.execute(sa.delete(FiguresRebuilt))
