"""The visits and hours behind a figure: those that the daily roll-up has counted in the columns of a part, read from where they are kept.

Whose name may be shown is decided as for the schedule (`within`): of a visit outside the actor's scope only time and doctor are known.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Person
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.parts import Part, Rows
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.models import Appointment, AppointmentStatus, Reception
from medcab.schedule.queries import visit_of, within
from medcab.schedule.rules.figures import ON_TIME_MINUTES
from medcab.schedule.rules.slots import Span, bounds, offered_minutes
from medcab.schedule.rules.visits import KIND_TITLES, LATE, title_of, waited_minutes
from medcab.schedule.service import zone

_S = AppointmentStatus
_MINUTE = 60_000_000
_DAY = 24 * 60 * _MINUTE
assert LATE.total_seconds() * 1_000_000 == _DAY
_WAITS = {
    "wait_0_5": (0, 5),
    "wait_5_15": (5, 15),
    "wait_15_30": (15, 30),
    "wait_30_45": (30, 45),
    "wait_45": (45, None),
}


class ClinicDay(FunctionElement[str]):
    """The day of a moment at the clinic: Moscow has been three hours ahead since October 2014, and no visit here is older."""

    type = sa.String()
    inherit_cache = True
    name = "clinic_day"


@compiles(ClinicDay, "sqlite")
def _day_on_sqlite(element: ClinicDay, compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '+3 hours')"


@compiles(ClinicDay, "postgresql")
def _day_on_postgres(element: ClinicDay, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AT TIME ZONE 'Europe/Moscow' AS date)"


class Micros(FunctionElement[int]):
    """Microseconds since 1970 of a moment: both databases subtract those exactly, and so agree with the rules to the minute."""

    type = sa.BigInteger()
    inherit_cache = True
    name = "micros"


@compiles(Micros, "sqlite")
def _on_sqlite(element: Micros, compiler: Any, **options: Any) -> str:
    """The whole second and its millionths apart: SQLite's own functions round to thousandths."""
    text = compiler.process(element.clauses, **options)
    second = f"CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER)"
    return f"({second} * 1000000 + CAST(substr({text} || '000000', 21, 6) AS INTEGER))"


@compiles(Micros, "postgresql")
def _on_postgres(element: Micros, compiler: Any, **options: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)}) * 1000000 AS BIGINT)"


@dataclass(frozen=True)
class Row:
    """A visit, or hours of reception; `patient` is empty where the name may not be shown, and of hours."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    doctor_id: UUID
    doctor: str
    minutes: int
    patient: str = ""
    kind: str = ""
    status: str = ""
    waited: int | None = None


class Extent(NamedTuple):
    """How many rows there are, and how many minutes they take."""

    rows: int
    minutes: int


def _counted(column: str) -> sa.ColumnElement[bool]:
    """Whether the roll-up counts a visit in the column; the rule is `schedule.rules.figures.contribution`."""
    status = col(Appointment.status)
    match column:
        case "planned":
            return status.not_in((_S.OFFERED, _S.CANCELLED))
        case "done" | "no_show" | "cancelled":
            return status == _S(column)
        case "late_cancelled":
            ahead = Micros(col(Appointment.starts_at)) - Micros(col(Appointment.cancelled_at))
            return sa.and_(status == _S.CANCELLED, ahead < _DAY)
        case "waited":
            return sa.and_(status.in_((_S.ARRIVED, _S.DONE)), col(Appointment.started_at).is_not(None))
        case _:
            return _waited_between(*_WAITS[column])


def _waited_between(low: int, high: int | None) -> sa.ColumnElement[bool]:
    planned, arrived = Micros(col(Appointment.starts_at)), Micros(col(Appointment.arrived_at))
    waited = Micros(col(Appointment.started_at)) - sa.case((arrived > planned, arrived), else_=planned)
    edges = [waited >= low * _MINUTE] if low else []
    edges += [waited < high * _MINUTE] if high else []
    return sa.and_(_counted("waited"), *edges)


def _first_of_days(column: str, inside: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a visit began its worker's day; `inside` are whole days, for the first is looked for among all of a day."""
    began, planned, own = col(Appointment.started_at), col(Appointment.starts_at), col(Appointment.id)
    place = sa.func.row_number().over(
        partition_by=[col(Appointment.practitioner_id), ClinicDay(planned)], order_by=[began, planned, own]
    )
    late = Micros(began) - Micros(planned)
    ranked = (
        sa.select(own.label("id"), place.label("place"), late.label("late"))
        .where(inside, _counted("waited"))
        .subquery()
    )
    conditions = [ranked.c.place == 1]
    if column == "on_time_starts":
        conditions.append(ranked.c.late < (ON_TIME_MINUTES + 1) * _MINUTE)
    return own.in_(sa.select(ranked.c.id).where(*conditions))


def _belongs(part: Part, inside: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a visit is one of the part's."""
    counted = [
        _first_of_days(name, inside) if name.endswith("_starts") else _counted(name)
        for name in (*part.columns, *part.less)
    ]
    wanted = len(part.columns)
    return sa.and_(sa.or_(*counted[:wanted]), *(~each for each in counted[wanted:]))


def _days(table: type[Appointment] | type[Reception], department_id: UUID, address: Address) -> sa.ColumnElement[bool]:
    """Of the department, in the days that the mark speaks of, at the clinic's own time."""
    cut = address.cut
    narrowed, starts = cut.within(address.period), col(table.starts_at)
    if cut.weekday is None:
        spans = [bounds(narrowed.start, narrowed.days, zone())] if narrowed.days > 0 else []
    else:
        spans = [bounds(day, 1, zone()) for day in narrowed.days_on(cut.weekday)]
    inside = sa.or_(sa.false(), *(sa.and_(starts >= at.starts_at, starts < at.ends_at) for at in spans))
    return sa.and_(col(table.department_id) == department_id, inside)


def _visits(part: Part, department_id: UUID, address: Address) -> sa.ColumnElement[bool]:
    days, selection = _days(Appointment, department_id, address), address.selection
    conditions = [days, _belongs(part, days), *_of_doctors(Appointment, address)]
    if selection.kind:
        conditions.append(col(Appointment.kind) == selection.kind)
    return sa.and_(*conditions)


def _receptions(department_id: UUID, address: Address) -> sa.ColumnElement[bool]:
    """Hours are offered for no kind of visit."""
    days = _days(Reception, department_id, address)
    return sa.false() if address.selection.kind else sa.and_(days, *_of_doctors(Reception, address))


def _of_doctors(table: type[Appointment] | type[Reception], address: Address) -> list[sa.ColumnElement[bool]]:
    return [col(table.practitioner_id) == who for who in (address.selection.doctor_id, address.cut.doctor_id) if who]


async def hours_extent(session: AsyncSession, department_id: UUID, address: Address) -> Extent:
    """How many hours of reception there are: the roll-up has their minutes and not their number."""
    step = col(Reception.slot_minutes)
    minutes = (Micros(col(Reception.ends_at)) - Micros(col(Reception.starts_at))) // (step * _MINUTE) * step
    query = sa.select(sa.func.count(), sa.func.sum(minutes)).where(_receptions(department_id, address))
    count, summed = (await session.execute(query)).one()
    return Extent(count, int(summed or 0))


async def rows(
    session: AsyncSession, actor: Actor, part: Part, department_id: UUID, address: Address, *, limit: int | None = None, offset: int = 0
) -> list[Row]:  # fmt: skip
    """The newest first."""
    if part.rows is Rows.HOURS:
        return await _hours(session, department_id, address, limit, offset)
    doctor = orm.aliased(Person)
    query = (
        sa.select(
            Appointment, col(doctor.family_name), col(doctor.given_name), col(doctor.patronymic),
            col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic),
        )
        .join(doctor, col(doctor.id) == col(Appointment.practitioner_id))
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), within(actor, Appointment)))
        .where(_visits(part, department_id, address))
        .order_by(col(Appointment.starts_at).desc(), col(Appointment.id))
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [_visit(visit, names[:3], names[3:]) for visit, *names in await session.execute(query)]


def _visit(visit: Appointment, doctor: list[str], patient: list[str | None]) -> Row:
    seen = visit_of(visit)
    name = person_name.short(*(part or "" for part in patient)) if patient[0] else ""
    return Row(
        visit.id, visit.starts_at, visit.ends_at, visit.practitioner_id, person_name.short(*doctor), seen.span.minutes, name,
        KIND_TITLES[visit.kind], title_of(seen), waited_minutes(seen),
    )  # fmt: skip


async def _hours(
    session: AsyncSession, department_id: UUID, address: Address, limit: int | None, offset: int
) -> list[Row]:
    query = (
        sa.select(Reception, col(Person.family_name), col(Person.given_name), col(Person.patronymic))
        .join(Person, col(Person.id) == col(Reception.practitioner_id))
        .where(_receptions(department_id, address))
        .order_by(col(Reception.starts_at).desc(), col(Reception.id))
        .limit(limit)
        .offset(offset)
    )
    found = await session.execute(query)
    return [
        Row(each.id, each.starts_at, each.ends_at, each.practitioner_id, person_name.short(*names), _offered(each))
        for each, *names in found
    ]


def _offered(each: Reception) -> int:
    return offered_minutes(Span(each.starts_at, each.ends_at), each.slot_minutes)
