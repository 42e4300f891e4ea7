"""Who sees whose figures, and that they are the sums of the roll-up's lines."""

import csv
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Action, Actor, Role
from medcab.accounts.models import Person
from medcab.audit import AuditEntry
from medcab.dashboards import service
from medcab.dashboards.queries import told_apart
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.lines import on_paper
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.tally import Tally, total
from medcab.errors import Forbidden, MedcabError, NotFound
from medcab.schedule.models import DayFigures
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.visits import VisitKind
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast

MONDAY = date(2026, 11, 16)
WEEK = Period(MONDAY, MONDAY + timedelta(6))


def figures(day: date, who: Actor, ward: UUID = WARD, clinic: UUID = CLINIC, **numbers: object) -> DayFigures:
    given = {"offered_minutes": 360, "booked_minutes": 300, "planned": 20, "done": 18, "no_show": 2, **numbers}
    return DayFigures(day=day, department_id=ward, practitioner_id=who.person_id, organisation_id=clinic, **given)


def fill(session: AsyncSession, cast: Cast) -> None:
    """Two doctors' week in the ward, the week before, and figures that must never be mixed in."""
    for number in range(5):
        session.add(figures(MONDAY + timedelta(number), cast.doctor, done=18 - number, no_show=2 + number))
        session.add(figures(MONDAY + timedelta(number), cast.colleague, waited=18, wait_5_15=10, wait_15_30=8))
        session.add(figures(MONDAY - timedelta(7 - number), cast.doctor, done=20, no_show=0))
    session.add(figures(MONDAY, cast.neighbour, OTHER_WARD, planned=1000, done=1000))
    session.add(figures(MONDAY, cast.foreigner, FOREIGN_WARD, OTHER_CLINIC, planned=1000, done=1000))


async def see(session: AsyncSession, actor: Actor, ward: UUID | None = None) -> service.Overview:
    return await service.overview(session, actor, department_id=ward, start=WEEK.start, end=WEEK.end)


async def refusal(what: Callable[[], Awaitable[object]]) -> type[MedcabError] | None:
    try:
        await what()
    except MedcabError as error:
        return type(error)
    return None


async def test_who_sees_which_department(session: AsyncSession, cast: Cast):
    fill(session, cast)
    open_to = {"head": {WARD}, "admin": {WARD, OTHER_WARD}}
    for name, actor in cast.everyone().items():
        for ward in (WARD, OTHER_WARD, FOREIGN_WARD, uuid4()):
            expected = (None if ward in open_to[name] else NotFound) if name in open_to else Forbidden
            cut = {"at": ward, "address": Address(WEEK)}
            assert await refusal(lambda who=actor, at=ward: see(session, who, at)) is expected, (name, ward)
            assert await refusal(lambda who=actor, cut=cut: service.rows(session, who, **cut)) is expected, (name, ward)
            assert await refusal(lambda who=actor, cut=cut: service.export_csv(session, who, **cut)) is expected, (
                name,
                ward,
            )
            assert await refusal(lambda who=actor, cut=cut: service.for_paper(session, who, **cut)) is expected, name


async def test_a_head_without_activation_is_told_what_opens_the_section(session: AsyncSession, cast: Cast):
    unverified = Actor(
        cast.head.person_id,
        cast.head.session_id,
        "Г. А. П.",
        CLINIC,
        frozenset({WARD}),
        frozenset({Role.DEPARTMENT_HEAD}),
        posts=cast.head.posts,
    )
    with pytest.raises(Forbidden, match="активирован"):
        await see(session, unverified, WARD)


async def test_a_head_of_no_department_is_told_so(session: AsyncSession, cast: Cast):
    homeless = Actor(
        cast.head.person_id, cast.head.session_id, "Г. А. П.", CLINIC, frozenset(), cast.head.roles, is_active=True
    )
    with pytest.raises(service.NoDepartment, match="не закреплено"):
        await see(session, homeless)


async def test_without_a_choice_the_first_department_by_name(session: AsyncSession, cast: Cast):
    assert (await see(session, cast.admin)).department.id == WARD
    assert [place.name for place in (await see(session, cast.admin)).departments] == [
        "Терапевтическое отделение",
        "Хирургическое отделение",
    ]


async def test_the_figures_are_sums_of_this_department_and_period(session: AsyncSession, cast: Cast):
    fill(session, cast)
    found = await see(session, cast.head)
    assert (found.now.planned, found.now.done, found.now.no_show) == (200, 80 + 90, 20 + 10)
    assert found.now == total(found.doctors.values()) == total(found.weeks.values()) == total(found.weekdays.values())
    assert {doctor.name.replace("\u00a0", " "): tally.done for doctor, tally in found.doctors.items()} == {
        "Иванова А. П.": 80,
        "Петрова А. П.": 90,
    }
    assert list(found.weeks) == [MONDAY]
    assert list(found.weekdays) == [0, 1, 2, 3, 4]
    assert (found.before.done, found.before.no_show) == (100, 0)


async def test_a_doctor_and_a_kind_of_visit_are_chosen_and_the_whole_is_not_counted_twice(
    session: AsyncSession, cast: Cast
):
    fill(session, cast)
    repeat = {"kind": FigureKind.REPEAT, "offered_minutes": 0}
    session.add(figures(MONDAY, cast.doctor, planned=7, done=6, no_show=1, **repeat))
    session.add(figures(MONDAY, cast.colleague, planned=5, done=5, no_show=0, **repeat))

    async def chosen(selection: Selection) -> service.Overview:
        return await service.overview(
            session, cast.head, department_id=WARD, start=WEEK.start, end=WEEK.end, selection=selection
        )

    doctor = Selection(doctor_id=cast.doctor.person_id)
    whole, hers, repeated, both = [
        await chosen(selection)
        for selection in (
            Selection(),
            doctor,
            Selection(kind=VisitKind.REPEAT),
            replace(doctor, kind=VisitKind.REPEAT),
        )
    ]
    assert (whole.now.done, hers.now.done, repeated.now.done, both.now.done) == (170, 80, 11, 6)
    assert hers.before.done == 100
    assert len(hers.doctors) == len(both.doctors) == 1
    assert k.UTILISATION.measure(repeated.now).value is None, "hours are offered for no kind of visit"
    for selection, count in ((Selection(), 10), (doctor, 5), (Selection(kind=VisitKind.REPEAT), 2)):
        page = await service.rows(session, cast.head, at=WARD, address=Address(WEEK), selection=selection)
        assert page.total == len(page.rows) == count
        sheet = await service.export_csv(session, cast.head, at=WARD, address=Address(WEEK), selection=selection)
        assert len(sheet.lines) == count
    nobody = await chosen(Selection.read(doctor="nonsense"))
    assert (nobody.now, nobody.doctors) == (Tally(), {})


def test_a_selection_is_read_from_an_address():
    someone = uuid4()
    assert Selection.read(str(someone), "repeat") == Selection(someone, VisitKind.REPEAT)
    for kind in ("", "all", "nonsense", "REPEAT"):
        assert Selection.read("", kind) == Selection(), "what cannot be read is as if it were not there"


async def test_a_week_without_figures_shows_as_a_gap(session: AsyncSession, cast: Cast):
    session.add(figures(MONDAY, cast.doctor))
    session.add(figures(MONDAY - timedelta(14), cast.doctor))
    found = await service.overview(session, cast.head, department_id=None, start=MONDAY - timedelta(20), end=MONDAY)
    assert [tally.planned for tally in found.weeks.values()] == [20, 0, 20]


async def test_a_span_recorded_in_part_is_not_compared_with(session: AsyncSession, cast: Cast):
    fill(session, cast)
    for day in (MONDAY - timedelta(6), MONDAY - timedelta(5)):
        await session.execute(sa.delete(DayFigures).where(col(DayFigures.day) == day))
    assert (await see(session, cast.head)).before == Tally(), "three days of five"


async def test_a_day_that_is_not_over_is_not_compared_with_a_whole_one(session: AsyncSession, cast: Cast):
    fill(session, cast)
    for hour, is_empty in ((timedelta(hours=12), True), (timedelta(days=1, hours=12), False)):
        with clock.frozen(datetime.combine(WEEK.end, time(), clock.MOSCOW) + hour):
            assert ((await see(session, cast.head)).before == Tally()) is is_empty


async def test_nothing_at_all(session: AsyncSession, cast: Cast):
    found = await see(session, cast.head)
    assert found.now == found.before == Tally()
    assert found.weeks == {} == found.weekdays == found.doctors


async def test_looking_is_in_the_journal_and_a_refresh_is_not(database: str, cast: Cast):
    async with db.transaction() as session:
        await see(session, cast.head)
        await service.overview(session, cast.head, department_id=WARD, start=WEEK.start, end=WEEK.end, refreshed=True)
    async with db.transaction() as session:
        sheet = await service.export_csv(session, cast.head, at=WARD, address=Address(WEEK))
        await service.exported(session, cast.head, at=WARD, address=Address(WEEK), sheet=sheet)
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))).all()
    assert [entry.action for entry in entries] == [Action.FIGURES_VIEW, Action.FIGURES_EXPORT]
    assert {entry.subject for entry in entries} == {str(WARD)}


async def test_the_lines_behind_a_mark_add_up_to_it(session: AsyncSession, cast: Cast):
    fill(session, cast)
    found = await see(session, cast.head)
    marks = {
        **{f"doctor:{doctor.id}": tally for doctor, tally in found.doctors.items()},
        **{f"weekday:{day}": tally for day, tally in found.weekdays.items()},
        **{f"week:{day}": tally for day, tally in found.weeks.items()},
        "": found.now,
    }
    for cut, tally in marks.items():
        page = await service.rows(session, cast.head, at=WARD, address=Address(WEEK, rows=cut))
        assert total(line.tally for line in page.rows) == tally, cut
        assert page.total == len(page.rows)


async def test_lines_come_by_the_page(session: AsyncSession, cast: Cast):
    session.add_all([figures(MONDAY - timedelta(number), cast.doctor) for number in range(service.ROWS_ON_PAGE + 3)])
    period = Period(MONDAY - timedelta(100), MONDAY)
    first, last, beyond = [
        await service.rows(session, cast.head, at=WARD, address=Address(period, page=page)) for page in (1, 2, 99)
    ]
    assert (len(first.rows), len(last.rows), first.pages) == (service.ROWS_ON_PAGE, 3, 2)
    assert first.rows[0].day == MONDAY
    assert beyond.number == 2
    assert beyond.rows == last.rows


async def test_paper_has_the_lines_of_all_pages_up_to_a_bound_and_is_in_the_journal(
    database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    at, count = Address(Period(MONDAY - timedelta(100), MONDAY), page=2), service.ROWS_ON_PAGE + 3
    async with db.transaction() as session:
        session.add_all([figures(MONDAY - timedelta(number), cast.doctor) for number in range(count)])
    for most, shown in ((service.MOST_ON_PAPER, count), (5, 5)):
        monkeypatch.setattr(service, "MOST_ON_PAPER", most)
        async with db.transaction() as session:
            page = await service.for_paper(session, cast.head, at=WARD, address=at)
        assert (len(page.rows), page.total) == (shown, count)
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))).all()
    assert [entry.action for entry in entries] == [Action.FIGURES_EXPORT] * 2
    assert '"lines": 5' in entries[-1].details


def test_paper_says_whether_it_has_everything():
    assert "первые 5 строк из 23" in on_paper(5, 23).replace("\xa0", " ")
    assert "все строки: 23" in on_paper(23, 23)


async def test_the_export_holds_every_line_and_defuses_names(session: AsyncSession, cast: Cast):
    fill(session, cast)
    await session.execute(sa.update(Person).where(col(Person.id) == cast.doctor.person_id).values(family_name="=1+1"))
    sheet = await service.export_csv(session, cast.head, at=WARD, address=Address(WEEK))
    headings, *lines = csv.reader(StringIO(sheet.content.decode().removeprefix("\ufeff"), newline=""), delimiter=";")
    assert len(lines) == 10
    assert all(len(line) == len(headings) for line in lines)
    assert {line[1] for line in lines} == {"'=1+1 А. П.", "Петрова А. П."}
    assert sheet.name == "pokazateli-2026-11-16-2026-11-22.csv"
    colleague = next(line for line in lines if line[1] == "Петрова А. П.")
    assert len(set(headings)) == len(headings), "a spreadsheet names its columns by them"
    assert colleague[headings.index("Неявок")] == "2"
    doctor = next(line for line in lines if line[1] != "Петрова А. П.")
    assert doctor[headings.index("Половина пациентов ждала не дольше")] == "", "nothing measured is not zero minutes"


async def test_the_number_of_queries_does_not_depend_on_the_period(database: str, cast: Cast):
    async with db.transaction() as session:
        session.add_all([figures(MONDAY - timedelta(number), cast.doctor) for number in range(400)])
    asked: list[str] = []
    sa.event.listen(db.engine("read").sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for length in (0, 6, 363):
        asked.clear()
        async with db.reading() as session:
            start = MONDAY - timedelta(length)
            await service.overview(session, cast.head, department_id=WARD, start=start, end=MONDAY, refreshed=True)
        assert len([query for query in asked if query.startswith("SELECT")]) == 4
        assert not any("appointment" in query for query in asked)


def test_namesakes_are_told_apart():
    ivanovas = [
        ("Иванова", "Анна", "Петровна"),
        ("Иванова", "Алла", "Павловна"),
        ("Иванова", "Анна", "Петровна"),
        ("Ли", "Ён", ""),
    ]
    assert [name.replace("\u00a0", " ") for name in told_apart(ivanovas)] == [
        "Иванова Анна Петровна", "Иванова Алла Павловна", "Иванова Анна Петровна (2)", "Ли Ё.",
    ]  # fmt: skip


async def test_a_file_of_days_is_no_larger_than_it_may_be(
    session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "MOST_IN_A_FILE", -1)
    with pytest.raises(service.TooManyRows, match="Сократите период"):
        await service.export_csv(session, cast.head, at=WARD, address=Address(WEEK))
