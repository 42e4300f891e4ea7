"""Incidence: every mark counts its cases, the form agrees with the page, the alert is told once, nobody sees another's department."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Role
from medcab.accounts.inbox import service as inbox
from medcab.accounts.models import Department
from medcab.audit import AuditEntry
from medcab.dashboards.epidemiology import charts, queries, service
from medcab.dashboards.epidemiology.alerts import service as alerts
from medcab.dashboards.epidemiology.models import PastWeek
from medcab.dashboards.epidemiology.past import service as archive
from medcab.dashboards.epidemiology.rules import words
from medcab.dashboards.epidemiology.rules.address import ALL, Address, Cut
from medcab.dashboards.epidemiology.rules.kpi import CATALOGUE, INCIDENCE, PRIMARY, Facts
from medcab.dashboards.epidemiology.rules.threshold import same_weeks
from medcab.dashboards.epidemiology.rules.weeks import Known, by_class, finished, week_of
from medcab.dashboards.epidemiology.service import Report
from medcab.errors import Forbidden, Invalid, NotFound
from medcab.outbox import OutboxMessage
from medcab.schedule.diagnoses import queries as kept
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.classes import CLASSES, class_of
from medcab.schedule.diagnoses.rules.entry import Case, Course, DiagnosisKind, change, place_of
from medcab.schedule.models import Appointment
from medcab.schedule.queries import visit_of
from medcab.schedule.rules.visits import AppointmentStatus, VisitKind
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""Monday noon in Moscow; the week of 16 November has ended."""
WEEK = date(2026, 11, 16)
VIEW = Address(date(2026, 9, 1), date(2026, 11, 1))
CODES = ("J06.9", "Z00.0", "J11.1", "A09", "A08.0", "B18.1", "I10", "K29.5")


async def found(
    cast: Cast, day: datetime, code: str, *, ward: UUID = WARD, course: Course = Course.FIRST, age: AgeGroup = AgeGroup.ADULT,
    status: AppointmentStatus = AppointmentStatus.DONE, struck: bool = False, patient_id: UUID | None = None,
) -> None:  # fmt: skip
    """A visit with what was found, as the schedule would have kept it."""
    clinic = OTHER_CLINIC if ward == FOREIGN_WARD else CLINIC
    doctor = {WARD: cast.doctor, OTHER_WARD: cast.neighbour}.get(ward, cast.foreigner)
    visit = Appointment(
        id=uuid4(), organisation_id=clinic, department_id=ward, practitioner_id=doctor.person_id, kind=VisitKind.FIRST, status=status,
        patient_id=patient_id or (cast.foreign_patient_id if clinic == OTHER_CLINIC else cast.patient_id), starts_at=day, ends_at=day + timedelta(seconds=1),
        booked_at=day - timedelta(9), cancelled_at=day if status is AppointmentStatus.CANCELLED else None, is_over=True, over_reason="срочно",
    )  # fmt: skip
    chapter = class_of(code)
    assert chapter
    made = VisitDiagnosis(
        appointment_id=visit.id, code=code, chapter=chapter.number, kind=DiagnosisKind.MAIN, course=course, age_group=age,
        made_by_id=doctor.person_id, made_at=day, struck_at=day if struck else None, struck_by_id=doctor.person_id if struck else None,
    )  # fmt: skip
    case = Case(chapter.number, code, course, age)
    async with db.transaction() as session:
        session.add_all([visit, made])
        await session.flush()
        if not struck:
            await kept.add(session, change([case], None, place_of(visit_of(visit), clock.MOSCOW)))


async def fill(cast: Cast, seed: int, count: int = 60) -> None:
    chance = Random(seed)
    for number in range(count):
        day = datetime(2026, 8, 30, 20, 59, tzinfo=UTC) + timedelta(
            days=chance.randrange(86), minutes=chance.choice((0, 1, 2)), seconds=2 * number
        )
        await found(
            cast, day, chance.choice(CODES), ward=chance.choice((WARD, WARD, OTHER_WARD, FOREIGN_WARD)), course=chance.choice(list(Course)),
            age=chance.choice(list(AgeGroup)), struck=chance.random() < 0.1,
            status=chance.choice((AppointmentStatus.DONE, AppointmentStatus.DONE, AppointmentStatus.ARRIVED, AppointmentStatus.CANCELLED)),
        )  # fmt: skip


def marks(report: Report) -> dict[str, int]:
    """What each mark of the page says."""
    said: dict[str, int] = {ALL: report.facts.first_ever}
    weeks = charts.weeks(report)
    if weeks["figure"]["data"]:
        for trace in weeks["figure"]["data"][:-2]:  # the last two are what is usual and the threshold
            drawn = zip(weeks["marks"], trace["y"], strict=True)
            said |= {mark: count for mark, count in drawn if mark and count is not None}
    for chart in (charts.classes(report), charts.ages(report)):
        for trace in chart["figure"]["data"]:
            said |= dict(zip(chart["marks"], trace["x"], strict=True))
    return said


@pytest.mark.parametrize("seed", range(2))
async def test_every_mark_counts_its_cases(cast: Cast, seed: int) -> None:
    with clock.frozen(NOW):
        await fill(cast, seed)
        for view in (
            VIEW,
            replace(VIEW, department_id=WARD),
            replace(VIEW, chapter="X"),
            replace(VIEW, start=VIEW.end),
        ):
            async with db.transaction() as session:
                report = await service.report(session, cast.admin, address=view)
                for mark, count in marks(report).items():
                    page = await service.rows(session, cast.admin, address=view.of_rows(mark, 99))
                    sheet = await service.export(session, cast.admin, address=view.of_rows(mark), ending="csv")
                    assert (page.total, len(sheet.lines)) == (count, count), (view, mark)


async def test_who_sees_what(cast: Cast) -> None:
    with clock.frozen(NOW):
        await found(cast, NOW - timedelta(3), "J06.9")
        await found(cast, NOW - timedelta(3, minutes=1), "J06.9", ward=OTHER_WARD)
        await found(cast, NOW - timedelta(3, minutes=2), "J06.9", ward=FOREIGN_WARD)
        seen: dict[str, list[str]] = {}
        for name, actor in cast.everyone().items():
            try:
                async with db.transaction() as session:
                    page = await service.rows(session, actor, address=VIEW.of_rows(ALL))
                seen[name] = [row.patient for row in page.rows]
            except (Forbidden, NotFound):
                continue
        assert set(seen) == {"head", "admin"}
        assert len(seen["head"]) == 1
        assert len(seen["admin"]) == 2
        for ward in (OTHER_WARD, FOREIGN_WARD, uuid4()):
            for verb in (service.report, service.rows):
                with pytest.raises(NotFound):
                    async with db.transaction() as session:
                        await verb(session, cast.head, address=replace(VIEW, department_id=ward))
        elsewhere = replace(cast.head, posts=frozenset({(Role.DEPARTMENT_HEAD, OTHER_WARD)}))
        async with db.transaction() as session:
            page = await service.rows(session, elsewhere, address=VIEW.of_rows(ALL))
        assert {row.department_id for row in page.rows} == {OTHER_WARD}, "the ward headed, not the one worked in"


async def test_the_journal_says_who_looked_and_names_no_illness(cast: Cast) -> None:
    with clock.frozen(NOW):
        await found(cast, NOW - timedelta(3), "J06.9")
        view = replace(VIEW, chapter="X").of_rows("category:J06")
        async with db.transaction() as session:
            await service.report(session, cast.head, address=view)
            await service.report(session, cast.head, address=view, refreshed=True)
            await service.rows(session, cast.head, address=view)
            await service.export(session, cast.head, address=view, ending="xlsx")
            for typed in ("J06=Сидоров", "rows=J06.9,J06", "chapter:X,J06"):
                await service.export(session, cast.head, address=view.of_rows(typed), ending="csv")
            with pytest.raises(Invalid):
                await service.export(session, cast.head, address=view, ending="exe")
        async with db.reading() as session:
            rows = (
                await session.exec(select(AuditEntry).where(col(AuditEntry.action).like("dashboards:cases:%")))
            ).all()
        assert Counter(row.action for row in rows) == {
            Action.CASES_VIEW: 1,
            Action.CASES_ROWS: 1,
            Action.CASES_EXPORT: 4,
        }
        assert not any(word in str(row.model_dump()) for row in rows for word in ("J06", "Сидоров"))


async def past(*counts: int, chapter: str = "X", ward: UUID = WARD) -> None:
    """The same week of the three years before, the newest first."""
    async with db.transaction() as session:
        for week, count in zip(same_weeks(WEEK, len(counts)), counts, strict=True):
            session.add(PastWeek(department_id=ward, week=week, chapter=chapter, first_ever=count))


async def test_a_week_above_its_threshold_is_told_once(cast: Cast) -> None:
    """4, 5 and 6 were usual: the mean 5, the deviation 1, the threshold 7; 8 are above it, 7 would not be."""
    with clock.frozen(NOW - timedelta(hours=6)) as stopped:
        await past(4, 5, 6)
        await past(4, 5, 6, chapter="XI")
        for number in range(8):
            await found(cast, NOW - timedelta(days=3, seconds=2 * number), "J06.9")
        for number in range(7):
            await found(cast, NOW - timedelta(days=2, seconds=2 * number), "K29.5")
        for moment in range(3):  # before seven; after it; an hour later
            async with db.transaction() as session:
                await alerts.watch(session)
            async with db.reading() as session:
                letters = [each.payload for each in (await session.exec(select(OutboxMessage))).all()]
            assert len(letters) == (2 if moment else 0)
            async with db.reading() as session:
                told = (await inbox.listed(session, cast.head)).rows
            assert [each.href for each in told] == (
                [f"/epidemiology?department={WARD}&rows=week:{WEEK}"] if moment else []
            )
            stopped.tick(timedelta(hours=2))
        assert all(
            "Болезни органов дыхания" in each and "пищеварения" not in each and "Сидоров" not in each
            for each in letters
        )
        for number in range(5):  # written later: the page shows it, nobody is told anew
            await found(cast, NOW - timedelta(days=4, seconds=2 * number), "K29.5")
        async with db.transaction() as session:
            await alerts.watch(session)
            told = {
                name: [each.chapters for each in await alerts.ready(session, actor)]
                for name, actor in cast.everyone().items()
            }
            report = await service.report(session, cast.head, address=VIEW)
        assert {name: found_ for name, found_ in told.items() if found_} == {"head": [("X",)], "admin": [("X",)]}
        said = words.attention(report.last_week, WEEK, VIEW)
        assert [each["key"] for each in said["concerns"]] == ["XI", "X"]
        assert said["concerns"][1]["sentence"].replace("\xa0", " ") == "8 случаев: порог 7,0, обычно 5,0."
        assert said["concerns"][1]["chart_href"] == str(replace(VIEW, chapter="X", chart="weeks"))
        assert said["tone"] == "act"


async def test_nothing_to_compare_with_is_no_alert(cast: Cast) -> None:
    with clock.frozen(NOW):
        await past(0, 0)  # only two years
        for number in range(30):
            await found(cast, NOW - timedelta(days=3, seconds=2 * number), "J06.9")
        async with db.transaction() as session:
            await alerts.watch(session)
            assert await alerts.ready(session, cast.head) == []
            report = await service.report(session, cast.head, address=VIEW)
        assert words.attention(report.last_week, WEEK, VIEW)["title"].endswith("сравнить не с чем")


_ARCHIVE = "Отделение;Неделя;Класс;Случаев\nТерапевтическое отделение;18.11.2024;X;12\n терапевтическое отделение;2023-11-22;x;0\n"


async def test_weeks_of_an_earlier_system_are_brought_whole_or_not_at_all(cast: Cast) -> None:
    with clock.frozen(NOW):
        for _ in range(2):  # the same file once more changes nothing
            async with db.transaction() as session:
                assert await archive.bring(session, ogrn="1027700132195", weeks=archive.read(_ARCHIVE.encode())) == 2
        async with db.reading() as session:
            kept_ = [(row.week, row.chapter, row.first_ever) for row in (await session.exec(select(PastWeek))).all()]
        assert sorted(kept_) == [(date(2023, 11, 20), "X", 0), (date(2024, 11, 18), "X", 12)]
        for wrong, sentence in (
            ("Отделение;Неделя", "Первая строка"), (_ARCHIVE + "Нет такого;18.11.2024;X;1", "в клинике нет"),
            (_ARCHIVE + "Терапевтическое отделение;18.11.2024;XXX;1", "Строка 4: класса"), (_ARCHIVE + "Терапевтическое отделение;32.11.2024;X;1", "не похоже"),
            (_ARCHIVE + "Терапевтическое отделение;20.11.2024;X;1", "уже была"), (_ARCHIVE + "Терапевтическое отделение;18.11.2024;I;-1", "не число"),
            (_ARCHIVE + "Терапевтическое отделение;18.11.2027;I;1", "не закончилась"),
            (_ARCHIVE + "Терапевтическое отделение;23.11.2026;I;1", "не закончилась"), ("\x00", "."),
        ):  # fmt: skip
            with pytest.raises(Invalid, match=sentence):
                async with db.transaction() as session:
                    await archive.bring(session, ogrn="1027700132195", weeks=archive.read(wrong.encode()))
        async with db.transaction() as session:
            session.add(Department(organisation_id=CLINIC, name="Терапевтическое Отделение"))
        with pytest.raises(Invalid, match="несколько"):
            async with db.transaction() as session:
                await archive.bring(session, ogrn="1027700132195", weeks=archive.read(_ARCHIVE.encode()))
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await archive.bring(session, ogrn="1", weeks=archive.read(_ARCHIVE.encode()))


def test_no_data_is_not_zero() -> None:
    years = same_weeks(WEEK, 3)
    begun = {1: years[2], 2: years[2]}
    rows = [(WEEK, "X", 4), (years[0], "X", 3), (years[1], "I", 9), (years[2], "X", 6)]
    known = Known.added(rows, [(1, each) for each in (WEEK, *years)], [], begun)
    assert week_of(known, WEEK, "X").usual is not None
    assert known.of(years[1], "X") == 0
    assert known.of(WEEK) == 4
    unknown = Known.added([(WEEK, "X", 4)], [(1, each) for each in (WEEK, *years[:2])], [], {1: years[1]})
    later = {1: years[2], 2: years[1]}
    both = Known.added(
        [], [*((1, each) for each in (WEEK, *years)), *((2, each) for each in (WEEK, *years[:2]))], [], later
    )
    assert week_of(both, WEEK).usual is None, "the second department began later"
    assert week_of(unknown, WEEK, "X").usual is None
    assert unknown.of(years[2]) is None
    assert not by_class(unknown, WEEK)[0].is_above
    assert finished(date(2026, 11, 22)) == date(2026, 11, 9)
    assert finished(date(2026, 11, 23)) == WEEK


ILLNESSES = [each.number for each in CLASSES if each.number not in {"XX", "XXI"}]


def test_an_archive_of_one_class_says_nothing_of_the_others() -> None:
    years = same_weeks(WEEK, 3)
    rows = [(WEEK, "X", 8), (WEEK, "XI", 8), *((each, "X", 5) for each in years)]
    known = Known.added(rows, [(1, WEEK)], [(1, each, "X") for each in years], {1: WEEK})
    assert {each.chapter: each.is_above for each in by_class(known, WEEK)} == {"X": True, "XI": False}
    assert known.of(years[0], "XI") is known.of(years[0]) is None
    assert week_of(known, WEEK).usual is None, "half of the classes are no level of all"
    every = Known.added(rows, [(1, WEEK)], [(1, each, chapter) for each in years for chapter in ILLNESSES], {1: WEEK})
    assert week_of(every, WEEK).is_above
    assert week_of(every, WEEK, "XI").is_above
    gap = Known.added(
        rows, [(1, WEEK), (2, WEEK)], [(place, each, "X") for place in (1, 2) for each in years[place - 1 :]], {}
    )
    assert week_of(gap, WEEK, "X").usual is None, "the second department lacks a year"


async def test_a_struck_or_single_own_case_does_not_replace_the_week_of_the_archive(cast: Cast) -> None:
    first = same_weeks(WEEK, 1)[0]
    day = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)

    async def levels() -> list[int | None]:
        async with db.reading() as session:
            known = await queries.known(session, [WARD], [first, first + timedelta(7)])
        return [known.of(first, "X"), known.of(first + timedelta(7), "X")]

    with clock.frozen(NOW):
        async with db.transaction() as session:
            for week in (first, first + timedelta(7)):
                session.add(PastWeek(department_id=WARD, week=week, chapter="X", first_ever=50))
            zero = {
                "department_id": WARD,
                "month": first.replace(day=1),
                "chapter": "X",
                "category": "J06",
                "age_group": AgeGroup.ADULT,
            }
            session.add(WeekCases(**zero, week=first, organisation_id=CLINIC))
        assert await levels() == [50, 50]
        await found(cast, day, "J11.1")
        assert await levels() == [50, 50], "recording began within the week"
        await found(cast, day + timedelta(7), "J11.1")
        assert await levels() == [50, 1]


async def test_weeks_of_an_earlier_system_open_no_rows_and_are_named(cast: Cast) -> None:
    with clock.frozen(NOW):
        await past(4, 5, 6)
        view = Address(date(2025, 11, 1), date(2025, 11, 1), WARD, "X")
        async with db.transaction() as session:
            report = await service.report(session, cast.head, address=view)
        assert not report.is_empty
        drawn = charts.weeks(report)
        at = [each.monday for each in report.weeks].index(same_weeks(WEEK, 1)[0])
        assert drawn["marks"][at] == ""
        assert drawn["rows"][at][-1].endswith("по прежней системе")
        assert "по прежней системе" in drawn["figure"]["data"][0]["hovertext"][at]


async def test_the_running_week_is_not_judged(cast: Cast) -> None:
    with clock.frozen(NOW + timedelta(2)):
        running = WEEK + timedelta(7)
        async with db.transaction() as session:
            for week in same_weeks(running, 3):
                session.add(PastWeek(department_id=WARD, week=week, chapter="X", first_ever=1))
        for number in range(9):
            await found(cast, NOW + timedelta(seconds=2 * number), "J06.9")
        async with db.transaction() as session:
            report = await service.report(session, cast.head, address=replace(VIEW, chapter="X"))
        drawn = charts.weeks(report)
        assert report.weeks[-1].is_above
        assert drawn["rows"][-1][-1] == "ещё идёт"
        whole, line = drawn["figure"]["data"][:2]
        assert whole["y"][-1] is None
        assert line["y"][-1] == 9
        assert line["hovertext"][-1].endswith("ещё идёт")
        assert line["marker"]["symbol"] == "circle-open"


async def test_an_examination_is_no_illness(cast: Cast) -> None:
    with clock.frozen(NOW):
        await past(1, 1, 1, chapter="XXI")
        for number in range(9):
            await found(cast, NOW - timedelta(days=3, seconds=2 * number), "Z00.0")
        await found(cast, NOW - timedelta(days=2), "J06.9")
        async with db.transaction() as session:
            report = await service.report(session, cast.head, address=VIEW)
            assert report.facts.first_ever == 1
            assert [each.cases for each in report.weeks if each.monday == WEEK] == [1]
            assert [each.chapter for each in report.last_week] == ["X"]
            assert list(report.by_class) == ["X", "XXI"], "apart, and last"
            for mark, count in marks(report).items():
                page = await service.rows(session, cast.head, address=VIEW.of_rows(mark))
                assert page.total == count, mark
        drawn = charts.classes(report)
        assert "не заболевания" in drawn["rows"][-1][0]
        assert drawn["rows"][0][2].startswith("100")
        assert "осмотры" in PRIMARY.caveat


async def test_the_head_of_two_departments_is_not_the_clinic(cast: Cast) -> None:
    two = replace(cast.head, posts=frozenset({(Role.DEPARTMENT_HEAD, WARD), (Role.DEPARTMENT_HEAD, OTHER_WARD)}))
    async with db.reading() as session:
        for actor, is_whole in ((two, False), (cast.admin, True)):
            _, shown = await service.places(session, actor, None)
            names = ", ".join(place.name for place in shown)
            assert service.whose(actor, shown, None) == ("Все отделения" if is_whole else names)
            assert len(shown) >= 2


def test_figures_by_hand() -> None:
    """12 first-ever cases at 480 done visits: 25 to a thousand; of no visits there is no rate, of 4 cases none to rely on."""
    assert INCIDENCE.measure(Facts(12, 20, 480)).value == 25
    assert INCIDENCE.measure(Facts(12, 20, 0)).value is None
    assert not INCIDENCE.measure(Facts(4, 20, 480)).is_reliable
    assert PRIMARY.measure(Facts()).value == 0
    assert words.value(INCIDENCE, Facts(1, 1, 0)) == "нет данных"
    assert all(kpi.formula and kpi.numerator and kpi.caveat for kpi in CATALOGUE)


async def test_charts_are_plotly_empty_and_overfull(cast: Cast) -> None:
    with clock.frozen(NOW):
        for _ in range(2):
            async with db.transaction() as session:
                report = await service.report(session, cast.admin, address=VIEW)
            for name in charts.TABLES:
                drawn = getattr(charts, name)(report)
                go.Figure(drawn["figure"])
                assert drawn["conclusion"]
                assert all(len(row) == len(charts.TABLES[name][1]) for row in drawn["rows"])
            await fill(cast, 3)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_address_can_be_read(rows: str, other: str) -> None:
    parameters = {"from": other, "to": rows, "department": other, "chapter": rows, "rows": rows, "page": other}
    found = Address.read(parameters, today=NOW.date())
    assert found.start <= found.end
    assert Cut.read(rows) == found.cut
    assert str(found).startswith("/epidemiology?")
    assert Cut.read("week:2026-11-18,chapter:X,age:60+") == Cut(WEEK, "X", None, AgeGroup.ELDER)
    assert Cut.read("category:D49") == Cut()


async def test_the_weeks_are_whole_at_the_edges_of_months(cast: Cast) -> None:
    """31 October and 1 November 2026 lie in one week: the mark of that week counts both, whichever month is shown."""
    with clock.frozen(NOW):
        await found(cast, datetime(2026, 10, 31, 9, tzinfo=UTC), "J06.9")
        await found(cast, datetime(2026, 11, 1, 9, tzinfo=UTC), "J06.9")
        for month in (date(2026, 10, 1), date(2026, 11, 1)):
            async with db.transaction() as session:
                report = await service.report(session, cast.head, address=Address(month, month))
                page = await service.rows(session, cast.head, address=Address(month, month, rows="week:2026-10-26"))
            assert {each.monday: each.cases for each in report.weeks}[date(2026, 10, 26)] == page.total == 2
            assert report.facts.first_ever == 1
