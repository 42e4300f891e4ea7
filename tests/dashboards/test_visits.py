"""The visits behind every figure: as many as the mark says, whatever the history; a name only to whom it may be shown."""

import csv
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.access import Action, Actor, Role
from medcab.audit import AuditEntry
from medcab.dashboards import service as figures
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.kpi import CATALOGUE, OF_PEOPLE
from medcab.dashboards.rules.parts import FIRST, FRACTIONS, FREE, FULL, ON_TIME, PARTS, Part, Rows
from medcab.dashboards.rules.period import Period, monday_of
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.dashboards.rules.tally import Tally
from medcab.dashboards.visits import queries, service
from medcab.errors import Forbidden, Invalid, NotFound
from medcab.patients.models import Patient
from medcab.schedule.figures import queries as kept
from medcab.schedule.models import Appointment, AppointmentStatus, DayFigures, Reception, VisitKind
from medcab.schedule.queries import visit_of
from medcab.schedule.rules.figures import Counts, contribution, key_of
from medcab.schedule.service import zone
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import counted

MONDAY = date(2024, 2, 26)
"""A Monday; the period has a leap day."""
PERIOD = Period(MONDAY, MONDAY + timedelta(20))
_MIDNIGHT = datetime(2024, 2, 25, 21, tzinfo=UTC)
_S = AppointmentStatus


def visit(chance: random.Random, who: Actor, ward: UUID, clinic: UUID, patient: UUID, slot: int) -> Appointment:
    """Anything that can have happened; moments to the microsecond, often at the very edge of a bin."""
    starts = _MIDNIGHT + timedelta(minutes=30 * slot, microseconds=chance.choice([0, 0, 1, 999_999]))
    status = chance.choice(list(_S))
    begun = status in (_S.ARRIVED, _S.DONE) and chance.random() < 0.8
    arrived = starts + timedelta(minutes=chance.randint(-20, 10), microseconds=chance.choice([0, 1, 500_000]))
    waited = timedelta(
        minutes=chance.choice([-3, 0, 4, 5, 14, 15, 29, 30, 44, 45, 90]), microseconds=chance.choice([-1, 0, 1])
    )
    ahead = timedelta(hours=24) + timedelta(microseconds=chance.choice([-1, 0, 1, -(10**10), 10**10]))
    return Appointment(
        organisation_id=clinic, department_id=ward, practitioner_id=who.person_id, patient_id=patient,
        kind=chance.choice(list(VisitKind)), status=status, starts_at=starts, ends_at=starts + timedelta(minutes=chance.choice([10, 15, 25])),
        booked_at=_MIDNIGHT - timedelta(30), arrived_at=arrived if status in (_S.ARRIVED, _S.DONE) and chance.random() < 0.9 else None,
        started_at=max(starts, arrived) + waited if begun else None, cancelled_at=starts - ahead if status is _S.CANCELLED else None,
        held_until=starts if status is _S.OFFERED else None,
    )  # fmt: skip


async def fill(cast: Cast, seed: int, count: int = 300) -> list[Appointment]:
    """Random visits and hours of two wards and another clinic, with the figures that the schedule would have kept."""
    chance = random.Random(seed)
    places = [
        (cast.doctor, WARD, CLINIC, cast.patient_id), (cast.colleague, WARD, CLINIC, cast.other_patient_id),
        (cast.neighbour, OTHER_WARD, CLINIC, cast.patient_id),
        (cast.foreigner, FOREIGN_WARD, OTHER_CLINIC, cast.foreign_patient_id),
    ]  # fmt: skip
    slots = chance.sample(range(48 * 21), count)
    made = [visit(chance, *chance.choice(places), slot) for slot in slots]
    hours = [
        Reception(
            organisation_id=clinic, department_id=ward, practitioner_id=who.person_id, slot_minutes=chance.choice([7, 15, 20]),
            starts_at=_MIDNIGHT + timedelta(days=day, hours=9), ends_at=_MIDNIGHT + timedelta(days=day, hours=12, minutes=10),
        )
        for who, ward, clinic, _ in places for day in chance.sample(range(21), 8)
    ]  # fmt: skip
    async with db.transaction() as session:
        session.add_all([*made, *hours])
        await session.flush()
        for ward in (WARD, OTHER_WARD, FOREIGN_WARD):
            await kept.add(session, await counted(session, ward, PERIOD.start, PERIOD.end))
    return made


def test_every_figure_says_which_visits_it_counts():
    everything = (*CATALOGUE, *OF_PEOPLE)
    assert set(FRACTIONS) == {kpi.code for kpi in everything}
    for kpi in everything:
        fraction = FRACTIONS[kpi.code]
        assert PARTS[fraction.numerator.code] is fraction.numerator
        assert fraction.denominator is None or PARTS[fraction.denominator.code] is fraction.denominator
        assert bool(kpi.denominator) == (fraction.denominator is not None) or kpi.code.startswith(("wait", "load"))


@pytest.mark.parametrize("seed", range(2))
async def test_the_rows_are_as_many_as_each_mark_says(cast: Cast, seed: int):
    """Of every part, in every cut, narrowed or not; and they are the visits that the rules count."""
    made = {each.id: each for each in await fill(cast, seed)}
    chosen = [EVERYTHING, Selection(kind=VisitKind.REPEAT), Selection(cast.doctor.person_id, VisitKind.FIRST)]
    for selection in chosen:
        at = Address(PERIOD, WARD, selection=selection)
        async with db.reading() as session:
            for cut, tally in (await marks(session, cast.head, at)).items():
                for part in (part for part in PARTS.values() if part.rows in (Rows.VISITS, Rows.HOURS)):
                    here = replace(at, rows=cut, cases=part.code)
                    rows = await queries.rows(session, cast.head, part, WARD, here)
                    extent = (
                        await service.found(session, cast.head, department_id=WARD, address=here, refreshed=True)
                    ).extent
                    assert extent.rows == len(rows), (here, part.code)
                    if part.minutes:
                        minutes = sum(row.minutes for row in rows)
                        assert extent.minutes == minutes == part.measured(tally), (here, part.code)
                    if part.rows is Rows.VISITS:
                        assert len(rows) == part.count(tally), (here, part.code)
                        assert all(belongs(made[row.id], here, part) for row in rows)


async def test_offered_taken_and_left_of_days_add_up_to_the_figure(cast: Cast):
    """In every cut, from both ends, page after page; hours are of no kind, and nobody else's are among them."""
    await fill(cast, 3)
    at = Address(PERIOD, WARD)
    async with db.transaction() as session:
        for cut, tally in (await marks(session, cast.head, at)).items():
            for part in (FREE, FULL):
                pages = 1
                lines: list[tuple[int, int]] = []
                while (number := len(lines) // service.ROWS_ON_PAGE + 1) <= pages and len(
                    lines
                ) % service.ROWS_ON_PAGE == 0:
                    here = replace(
                        at, rows=cut, cases=part.code, cases_page=number, selection=Selection(kind=VisitKind.REPEAT)
                    )
                    found = await service.found(session, cast.head, department_id=WARD, address=here)
                    lines += [(each.tally.offered_minutes, each.tally.booked_minutes) for each in found.days]
                    pages = found.pages
                assert len(lines) == found.extent.rows
                assert found.extent.minutes == part.count(tally) == sum(offered - taken for offered, taken in lines)
                assert (found.tally.offered_minutes, found.tally.booked_minutes) == tuple(
                    map(sum, zip(*lines, strict=True))
                )
                left = [offered - taken for offered, taken in lines]
                assert left == sorted(left, reverse=part is FREE)
        week = replace(
            at,
            rows=f"days:{MONDAY}..{MONDAY + timedelta(2)}",
            cases=FREE.code,
            period=Period(MONDAY + timedelta(10), PERIOD.end),
        )
        sheet = await service.export(session, cast.head, department_id=WARD, address=week, ending="csv")
    assert sheet.name == "free-2024-02-26-2024-02-28.csv"
    assert all(MONDAY <= line[0] <= MONDAY + timedelta(2) for line in sheet.lines)
    assert all(line[2] - line[3] == line[4] for line in sheet.lines)


async def marks(session: AsyncSession, actor: Actor, at: Address) -> dict[str, Tally]:
    """What each mark of the page says, by its cut."""
    found = await figures.overview(
        session, actor, department_id=WARD, start=at.period.start, end=at.period.end, selection=at.selection, refreshed=True
    )  # fmt: skip
    return {
        "": found.now,
        **{f"doctor:{doctor.id}": tally for doctor, tally in found.doctors.items()},
        **{f"weekday:{day}": tally for day, tally in found.weekdays.items()},
        **{f"week:{monday}": tally for monday, tally in found.weeks.items()},
    }


def belongs(each: Appointment, at: Address, part: Part) -> bool:
    """By the rules and the address, in Python; who began a day is known by the roll-up alone."""
    seen, cut = visit_of(each), at.cut
    day = key_of(seen, zone()).day
    counts = contribution(seen)
    is_counted = any(counts[name] for name in part.columns) and not any(counts[name] for name in part.less)
    return (
        (is_counted or part in (FIRST, ON_TIME)) and each.department_id == WARD and at.period.holds(day)
        and at.selection.kind in (None, each.kind) and {at.selection.doctor_id, cut.doctor_id} <= {None, each.practitioner_id}
        and cut.weekday in (None, day.weekday()) and cut.week in (None, monday_of(day))
    )  # fmt: skip


async def test_each_figure_is_its_numerator_over_its_denominator(cast: Cast):
    await fill(cast, 7)
    async with db.reading() as session:
        overview = await figures.overview(
            session, cast.head, department_id=WARD, start=PERIOD.start, end=PERIOD.end, refreshed=True
        )
    for kpi in (kpi for kpi in CATALOGUE if FRACTIONS[kpi.code].denominator):
        fraction = FRACTIONS[kpi.code]
        assert fraction.denominator
        whole = fraction.denominator.measured(overview.now)
        assert kpi.measure(overview.now).value == pytest.approx(fraction.numerator.measured(overview.now) / whole)
        assert kpi.measure(overview.now).of == whole


async def test_pages_hold_every_row_once(cast: Cast):
    await fill(cast, 1)
    seen: list[UUID] = []
    async with db.reading() as session:
        beyond = Address(PERIOD, WARD, cases="planned", cases_page=9999)
        last = await service.found(session, cast.head, department_id=WARD, address=beyond, refreshed=True)
        for number in range(1, last.number + 1):
            at = replace(beyond, cases_page=number)
            found = await service.found(session, cast.head, department_id=WARD, address=at, refreshed=True)
            seen += [row.id for row in found.rows]
    assert last.number == last.pages
    assert len(seen) == len(set(seen)) == last.extent.rows > service.ROWS_ON_PAGE * 2


async def _opened(actor: Actor, ward: UUID | None, cases: str = "planned") -> service.Found:
    async with db.reading() as session:
        at = Address(PERIOD, ward, cases=cases)
        return await service.found(session, actor, department_id=ward, address=at, refreshed=True)


async def test_who_may_open_the_rows_and_whose_name_is_seen(cast: Cast):
    await fill(cast, 2)
    open_to = {"head": {WARD}, "admin": {WARD, OTHER_WARD}}
    for name, actor in cast.everyone().items():
        for ward in (WARD, OTHER_WARD, FOREIGN_WARD, uuid4()):
            expected = (None if ward in open_to[name] else NotFound) if name in open_to else Forbidden
            if expected:
                with pytest.raises(expected):
                    await _opened(actor, ward)
            else:
                assert all(row.patient for row in (await _opened(actor, ward)).rows), (name, ward)
    with pytest.raises(NotFound):
        await _opened(cast.head, WARD, "nonsense")


async def test_a_name_outside_the_scope_of_the_schedule_is_not_read(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """Somebody who may see figures and not the visits: time and doctor, no more."""
    await fill(cast, 3)
    from medcab import access

    monkeypatch.setitem(access.GRANTS, Role.PHARMACIST, frozenset({access.Permission.FIGURES_DEPARTMENT}))
    found = await _opened(cast.pharmacist, WARD)
    assert found.extent.rows > 0
    assert {row.patient for row in found.rows} == {""}
    assert all(row.doctor for row in found.rows)
    async with db.transaction() as session:
        at = Address(PERIOD, WARD, cases="planned")
        sheet = await service.export(session, cast.pharmacist, department_id=WARD, address=at, ending="csv")
    text = sheet.content.decode()
    assert "Сидоров" not in text
    assert "имя не показано" in text


async def test_opening_and_taking_away_are_in_the_journal(cast: Cast):
    await fill(cast, 4)
    at = Address(PERIOD, WARD, rows="weekday:0", cases="no_show")
    async with db.transaction() as session:
        found = await service.found(session, cast.head, department_id=WARD, address=at)
        await service.found(session, cast.head, department_id=WARD, address=at, refreshed=True)
        sheet = await service.export(session, cast.head, department_id=WARD, address=at, ending="xlsx")
        await service.exported(session, cast.head, department_id=WARD, address=at, sheet=sheet)
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))).all()
    assert [entry.action for entry in entries] == [Action.FIGURES_VISITS_VIEW, Action.FIGURES_VISITS_EXPORT]
    assert "no_show" in entries[0].details
    assert "weekday:0" in entries[0].details
    assert all(str(row.id) in entries[0].details for row in found.rows), "whose names were seen"
    assert "Сидоров" not in entries[0].details


async def test_the_file_holds_every_row_and_defuses_formulas(cast: Cast, session: AsyncSession):
    await session.commit()
    await fill(cast, 5)
    async with db.transaction() as writing:
        await writing.execute(sa.update(Patient).values(family_name="=HYPERLINK(1)"))
    for part in PARTS.values():
        at = Address(PERIOD, WARD, cases=part.code)
        found = await _opened(cast.head, WARD, part.code)
        async with db.transaction() as writing:
            sheet = await service.export(writing, cast.head, department_id=WARD, address=at, ending="csv")
            book = await service.export(writing, cast.head, department_id=WARD, address=at, ending="xlsx")
        text = sheet.content.decode().removeprefix("\ufeff")
        _, _, _, headings, *lines = csv.reader(StringIO(text, newline=""), delimiter=";")
        assert len(lines) == found.extent.rows == len(book.lines)
        assert {len(line) for line in lines} <= {len(headings)}
        if part.rows is Rows.VISITS:
            assert {line[4][:6] for line in lines} <= {"'=HYPE"}
        assert book.content[:2] == b"PK"


async def test_too_many_rows_are_refused_in_words(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    await fill(cast, 6)
    monkeypatch.setattr(service, "MOST_IN_A_FILE", 3)
    at = Address(PERIOD, WARD, cases="planned")
    async with db.transaction() as session:
        with pytest.raises(service.TooManyRows, match="Сократите период"):
            await service.export(session, cast.head, department_id=WARD, address=at, ending="csv")
        with pytest.raises(Invalid):
            await service.export(session, cast.head, department_id=WARD, address=at, ending="exe")


async def test_a_day_that_has_come_to_nothing_is_no_line(cast: Cast):
    """Its visits and hours went to somebody else: zeros stay in the table of figures."""
    made = await fill(cast, 3, count=40)
    at = replace(Address(PERIOD, WARD), rows="", cases=FULL.code)
    async with db.transaction() as session:
        before = await service.found(session, cast.head, department_id=WARD, address=at)
        key = replace(key_of(visit_of(made[0]), zone()), department_id=WARD, practitioner_id=cast.unverified.person_id)
        session.add(DayFigures(**kept.row_of(key, Counts()), counted_at=made[0].booked_at))
    async with db.transaction() as session:
        assert await service.found(session, cast.head, department_id=WARD, address=at) == before
        page = await figures.rows(session, cast.head, at=WARD, address=at)
    assert all(row.doctor.id != cast.unverified.person_id for row in page.rows)
