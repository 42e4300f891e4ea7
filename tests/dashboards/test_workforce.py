"""Load against the norm of a post, and whose right to practise holds: by hand, on random data, with the whole cast.

Worked by hand. November 2026 has 20 working days (from Monday the 2nd to the 30th, without weekends and the 4th, a holiday); a full post of
somebody who only sees outpatients has 33 hours a week, 6.6 a day. Of the month up to the 23rd there are 15: 2, 3, 5, 6, 9–13, 16–20, 23.

    Иванова, therapist (15 minutes a first visit, 11 a repeated one), full post, away on the 9th and the 10th:
        13 days × 6.6 h × 60 = 5148 minutes; her visits: 1 first, 3 repeated: (15 + 3 × 11) ÷ 4 = 12 minutes; 5148 ÷ 12 = 429 visits by the norm
    Петрова, therapist, half a post from the 16th on, no visits: 6 days × 3.3 h × 60 = 1188 minutes ÷ 15 = 79.2 visits
    The department: 4 ÷ (429 + 79.2)
"""

import csv
import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import UUID

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db, live
from medcab.access import Action, Role
from medcab.accounts.models import DecisionKind, EmploymentTerms, Membership, PracticeRight, StaffDecision
from medcab.accounts.queries import person
from medcab.accounts.rules.right import Right, Standing
from medcab.accounts.rules.terms import Terms, history
from medcab.audit import AuditEntry
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.load import Load, Post, load, standard, visit_minutes
from medcab.dashboards.rules.parts import PARTS, Rows
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.staff import AHEAD, Staff, Worker, conclusion
from medcab.dashboards.visits import queries as visits
from medcab.dashboards.visits import service as opened
from medcab.dashboards.workforce import charts, service
from medcab.dashboards.workforce.service import Workforce
from medcab.dashboards.workforce.state import tiles
from medcab.errors import Forbidden, NotFound
from medcab.norms import NORMS, Norms, norms_on
from medcab.schedule.figures import queries as kept
from medcab.schedule.models import AppointmentStatus, ReceptionClosed
from medcab.schedule.rules.figures import change, total
from medcab.schedule.rules.visits import Visit, VisitKind
from medcab.staff.person import service as staff
from medcab.staff.service import NewPlace
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.dashboards import test_visits
from tests.schedule.reception import offer
from tests.staff.deeds import do, membership_of

MONTH = Period(date(2026, 11, 1), date(2026, 11, 30))
TODAY = date(2026, 11, 23)
K = VisitKind


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(datetime(2026, 11, 23, 6, tzinfo=UTC)):
        yield


def test_load_by_hand() -> None:
    so_far = standard(Period(MONTH.start, TODAY), norms_on)
    away = [Period(date(2026, 11, 9), date(2026, 11, 10))]
    found = load({K.FIRST: 1, K.REPEAT: 3}, {"Терапия": 240}, [Post(100, date(2020, 1, 1))], away, so_far)
    assert (found.done, found.days, found.minutes, found.expected) == (4, 13, 12, pytest.approx(429))
    half = load({}, {"Терапия": 1}, [Post(50, date(2026, 11, 16))], [], so_far)
    assert (half.done, half.days, half.minutes, half.expected) == (0, 6, 15, pytest.approx(79.2))
    assert load({K.FIRST: 3}, {}, [], [], so_far) == Load(3, 0.0, 0, 15), "no post: visits, and no norm"
    assert k.LOAD.measure(found + half).value == pytest.approx(4 / (429 + 79.2))
    assert k.LOAD.measure(Load(3)).value is None
    assert not k.LOAD.measure(Load(3, 4.4)).is_reliable, "a norm of four visits says little"


def test_visits_without_a_norm_are_left_out_of_the_share() -> None:
    """Of a doctor without a post, and those of one with a post that were done outside it; whatever the order in which doctors are added."""
    so_far = standard(Period(MONTH.start, TODAY), norms_on)
    known = load({K.FIRST: 4}, {"Терапия": 1}, [Post(100, date(2026, 11, 16))], [], so_far, outside=7)
    stranger = load({}, {}, [], [], so_far, outside=3)
    assert (known.done, known.counted, known.expected) == (11, 4, pytest.approx(6 * 26.4))
    assert (stranger.done, stranger.counted, k.LOAD.measure(stranger).value) == (3, 0, None)
    for each in (known + stranger + Load(), Load() + stranger + known, stranger + stranger + known + Load()):
        assert k.LOAD.measure(each).value == k.LOAD.measure(known).value == pytest.approx(4 / 158.4)
    assert (known + stranger).without_norm == 10


def test_two_roles_in_one_department_are_one_doctor() -> None:
    so_far = standard(Period(MONTH.start, TODAY), norms_on)
    posts = [Post(100, date(2020, 1, 1)), Post(50, date(2020, 1, 1))]
    found = load({}, {"Терапия": 1}, posts, [], so_far)
    assert (found.rates, found.expected) == ((100,), pytest.approx(15 * 26.4))


def test_minutes_follow_kinds_and_specialties() -> None:
    """Two thirds of the hours cardiology (24 minutes), one third therapy (15): 21 on the average; of no specialty the usual 15."""
    assert visit_minutes({K.FIRST: 2}, {"Кардиология": 480, "Терапия": 240}, NORMS[0]) == 21
    assert visit_minutes({}, {}, NORMS[0]) == 15
    assert visit_minutes({K.PROPHYLACTIC: 1}, {"Терапия": 60}, NORMS[0]) == 10


def test_another_days_norm_is_another_row() -> None:
    """From the 16th on the week has 30 hours: nine days by the old norm, six by the new one."""
    history = (*NORMS, Norms(since=date(2026, 11, 16), reception_hours=30))
    found = load(
        {},
        {"Терапия": 1},
        [Post(100, date(2020, 1, 1))],
        [],
        standard(Period(MONTH.start, TODAY), lambda day: norms_on(day, history)),
    )
    assert found.expected == pytest.approx((9 * 33 + 6 * 30) * 60 / 5 / 15)


@given(
    st.lists(st.tuples(st.integers(5, 200), st.integers(0, 40), st.integers(0, 40)), max_size=3),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=3), st.integers(0, 40),
)  # fmt: skip
def test_a_norm_adds_up_day_by_day(posts: list[tuple[int, int, int]], spans: list[tuple[int, int]], days: int) -> None:
    """Whatever posts and absences: the norm of a period is that of its days together, never below nothing."""
    first = date(2026, 10, 20)
    held = [Post(rate, first + timedelta(since), first + timedelta(since + length)) for rate, since, length in posts]
    away = [Period(first + timedelta(since), first + timedelta(since + length)) for since, length in spans]

    def of(period: Period) -> float:
        return load({}, {"Терапия": 1}, held, away, standard(period, norms_on)).expected

    whole = Period(first, first + timedelta(days))
    each = [of(Period(day, day)) for day in (first + timedelta(number) for number in range(days + 1))]
    assert of(whole) == pytest.approx(sum(each))
    assert min(each) >= 0


async def counted(cast: Cast) -> None:
    """The visits, posts and days away of the heading."""
    made = [
        Visit(
            CLINIC, WARD, cast.doctor.person_id, AppointmentStatus.DONE, starts, starts + timedelta(minutes=15), kind=kind,
        )
        for starts, kind in (
            (datetime(2026, 11, 16, 6, 15 * n, tzinfo=UTC), kind) for n, kind in enumerate([K.FIRST, K.REPEAT, K.REPEAT, K.REPEAT])
        )
    ]  # fmt: skip
    async with db.transaction() as session:
        await kept.add(session, total(change(None, each, clock.MOSCOW) for each in made))
        for who in (cast.doctor, cast.colleague, cast.unverified):
            session.add(PracticeRight(person_id=who.person_id, specialty="Терапия"))
        rows = (await session.exec(select(Membership).where(Membership.department_id == WARD))).all()
        posts = {row.person_id: row for row in rows}
        posts[cast.colleague.person_id].rate, posts[cast.colleague.person_id].since = 50, date(2026, 11, 16)
        posts[cast.unverified.person_id].until = date(2026, 10, 31)
        session.add(
            ReceptionClosed(
                organisation_id=CLINIC,
                practitioner_id=cast.doctor.person_id,
                since=date(2026, 11, 9),
                until=date(2026, 11, 10),
            )
        )
        session.add(
            ReceptionClosed(
                organisation_id=CLINIC,
                practitioner_id=cast.doctor.person_id,
                since=date(2026, 11, 12),
                until=date(2026, 11, 12),
                ends=720,
            )
        )  # half a day is no day away


async def done_too(cast: Cast, day: int = 16) -> None:
    """One visit more of the doctor's."""
    starts = datetime(2026, 11, day, 9, tzinfo=UTC)
    one = Visit(
        CLINIC,
        WARD,
        cast.doctor.person_id,
        AppointmentStatus.DONE,
        starts,
        starts + timedelta(minutes=15),
        kind=K.FIRST,
    )
    async with db.transaction() as session:
        await kept.add(session, change(None, one, clock.MOSCOW))
        live.publish(session, f"figures:{WARD}")


async def found(cast: Cast, **more: object) -> Workforce:
    async with db.reading() as session:
        at = Address(MONTH, WARD, **more)  # type: ignore[arg-type]
        return await service.workforce(session, cast.head, department_id=WARD, address=at)


async def test_the_department_of_the_paper(cast: Cast) -> None:
    await counted(cast)
    here = await found(cast)
    by_name = {who.name: (each.done, each.days, round(each.expected, 1)) for who, each in here.loads.items()}
    assert by_name == {"Иванова А. П.": (4, 13, 429.0), "Петрова А. П.": (0, 6, 79.2)}
    assert k.LOAD.measure(here.load).value == pytest.approx(4 / 508.2)
    one = await found(cast, selection=Selection(cast.doctor.person_id))
    assert [who.name for who in one.loads] == ["Иванова А. П."]
    drawn = charts.load(here)
    go.Figure(drawn["figure"])  # Plotly's own validators
    assert drawn["marks"] == [f"doctor:{cast.colleague.person_id}", f"doctor:{cast.doctor.person_id}"]
    assert [plain(cell) for cell in drawn["rows"][0]] == [
        "Иванова А. П.",
        "1,00",
        "13",
        "12,0",
        "429",
        "4",
        "0",
        "0,9 %",
    ]
    assert "по норме 508" in plain(drawn["conclusion"])
    [tile, *_] = tiles(here, Address(MONTH, WARD))
    assert (plain(tile["value"]), plain(tile["part"]), tile["standing"]) == ("0,8 %", "4 приёма при норме 508", "")


async def test_load_is_compared_with_the_span_before(cast: Cast) -> None:
    """Four visits in the week of the 16th; nothing known of the week before, then two: three days of it were worked (away on the 9th and 10th)."""
    await counted(cast)
    week = Period(date(2026, 11, 16), date(2026, 11, 20))
    async with db.reading() as session:
        assert (
            await service.workforce(session, cast.head, department_id=WARD, address=Address(week, WARD))
        ).before == Load()
    for _ in range(2):
        await done_too(cast, day=11)
    async with db.reading() as session:
        here = await service.workforce(session, cast.head, department_id=WARD, address=Address(week, WARD))
    assert here.before.done == 2
    assert here.before.expected == pytest.approx(3 * 33 * 60 / 5 / 15)
    [tile, *_] = tiles(here, Address(week, WARD))
    assert tile["change"] != ""


async def test_a_day_of_the_staff_has_its_date(cast: Cast) -> None:
    drawn = charts.staff(await found(cast))
    assert [row[0] for row in drawn["rows"]] == ["Сегодня, 23.11.2026", "Через 90 дней, 21.02.2027"]
    assert drawn["figure"]["data"][0]["y"] == ["Через 90 дней, 21.02.2027", "Сегодня, 23.11.2026"]


async def test_days_to_come_have_no_load(cast: Cast) -> None:
    """Nothing is expected of them yet; who may work is as it is today."""
    await counted(cast)
    async with db.reading() as session:
        at = Address(Period(date(2026, 12, 7), date(2026, 12, 20)), WARD)
        here = await service.workforce(session, cast.head, department_id=WARD, address=at)
    assert (here.loads, k.LOAD.measure(here.load).value) == ({}, None)
    assert charts.load(here)["conclusion"].startswith("Норма не посчитана")
    assert len(here.staff.people) == 5
    [tile, *_] = tiles(here, at)
    assert (tile["value"], tile["part"]) == ("нет данных", "")


async def test_a_day_that_has_only_begun_is_no_load_of_nothing(cast: Cast) -> None:
    await counted(cast)
    with clock.frozen(datetime(2026, 11, 27, 4, tzinfo=UTC)):
        async with db.reading() as session:
            at = Address(Period(date(2026, 11, 27), date(2026, 11, 27)), WARD)
            here = await service.workforce(session, cast.head, department_id=WARD, address=at)
    assert here.load.expected
    assert charts.load(here)["conclusion"].startswith("Завершённых приёмов пока нет, по норме на сегодня ")
    assert tiles(here, at)[0]["value"] == "нет данных"


async def test_somebody_suspended_has_no_norm_meanwhile(cast: Cast) -> None:
    await counted(cast)
    async with db.transaction() as session:
        session.add(
            StaffDecision(
                person_id=cast.doctor.person_id, organisation_id=CLINIC, kind=DecisionKind.SUSPENSION, since=date(2026, 11, 16), decided_by_id=cast.admin.person_id,
                decided_at=clock.now(),
            )
        )  # fmt: skip
    loads = {who.id: each.days for who, each in (await found(cast)).loads.items()}
    assert loads[cast.doctor.person_id] == 13 - 6


@pytest.mark.parametrize(("lifted_on", "days"), [(18, 13 - 2), (16, 13), (30, 13 - 5)])
async def test_a_suspension_taken_back_stays_in_the_past(cast: Cast, lifted_on: int, days: int) -> None:
    """From the 16th to the 20th at most: the day on which it was taken back was worked again."""
    await counted(cast)
    lifted_at = datetime(2026, 11, lifted_on - 1, 22, tzinfo=UTC)  # in Moscow the day has come
    async with db.transaction() as session:
        session.add(
            StaffDecision(
                person_id=cast.doctor.person_id, organisation_id=CLINIC, kind=DecisionKind.SUSPENSION, since=date(2026, 11, 16),
                until=date(2026, 11, 20), decided_by_id=cast.admin.person_id, decided_at=clock.now(), lifted_at=lifted_at,
            )
        )  # fmt: skip
    loads = {who.id: each.days for who, each in (await found(cast)).loads.items()}
    assert loads[cast.doctor.person_id] == days


@given(
    st.lists(st.tuples(st.integers(5, 200), st.integers(0, 60)), max_size=4), st.lists(st.integers(0, 60), max_size=3), st.integers(0, 60),
)  # fmt: skip
def test_load_of_a_span_is_the_sum_over_its_days(written: list[tuple[int, int]], cuts: list[int], lasted: int) -> None:
    """However often the rate changes, and wherever the span is cut: the parts' norms together are the norm of the whole."""
    first = date(2026, 10, 1)
    last = first + timedelta(60)
    changes = [Terms(first + timedelta(day), None, "", rate) for rate, day in written]
    told = history(Terms(first, first + timedelta(lasted), "", 100), changes)
    posts = [Post(each.rate, each.since, each.until) for each in told]

    def of(starts: date, ends: date) -> Load:
        return load({}, {"Терапия": 1}, posts, [], standard(Period(starts, ends), norms_on))

    edges = [first, *sorted({first + timedelta(cut) for cut in cuts} - {first}), last + timedelta(1)]
    parts = [of(one, other - timedelta(1)) for one, other in itertools.pairwise(edges)]
    whole = of(first, last)
    assert whole.expected == pytest.approx(sum(each.expected for each in parts))
    assert whole.days == sum(each.days for each in parts)
    assert whole.expected == pytest.approx(
        sum(of(day, day).expected for day in (first + timedelta(number) for number in range(61)))
    )


async def rate_from(cast: Cast, day: date, rate: int) -> None:
    """Of the doctor's one post."""
    async with db.transaction() as session:
        held = (await session.exec(select(Membership).where(Membership.person_id == cast.doctor.person_id))).one()
        session.add(EmploymentTerms(membership_id=held.id, since=day, rate=rate, made_at=clock.now()))


async def test_a_rate_that_changed_in_the_middle_of_a_week(cast: Cast) -> None:
    """Full until Tuesday the 17th, half from Wednesday the 18th on.

    2 days × 6.6 h + 3 days × 3.3 h = 23.1 h = 1386 minutes; at 12 minutes a visit 115.5 visits by the norm. Of the week before nothing changes:
    3 days (9th and 10th away) × 6.6 h = 1188 minutes ÷ 15 = 79.2.
    """
    await counted(cast)
    week, before = Period(date(2026, 11, 16), date(2026, 11, 20)), Period(date(2026, 11, 9), date(2026, 11, 15))
    former = await of_doctor(cast, before)
    await rate_from(cast, date(2026, 11, 18), 50)
    now = await of_doctor(cast, week)
    assert (now.expected, now.rates, now.days) == (pytest.approx(115.5), (100, 50), 5)
    assert now.outside == 0, "the visits of the 16th are of the same post"
    assert await of_doctor(cast, before) == former
    assert former.expected == pytest.approx(79.2)
    async with db.reading() as session:
        here = await service.workforce(session, cast.head, department_id=WARD, address=Address(week, WARD))
    assert plain(charts.load(here)["rows"][0][1]) == "1,00 → 0,50"


async def of_doctor(cast: Cast, period: Period) -> Load:
    async with db.reading() as session:
        here = await service.workforce(session, cast.head, department_id=WARD, address=Address(period, WARD))
    return next((each for who, each in here.loads.items() if who.id == cast.doctor.person_id), Load())


async def test_a_rate_that_is_put_right_counts_for_the_days_that_have_been(cast: Cast) -> None:
    """What was replaced does not count, and what begins tomorrow counts for no day before."""
    await counted(cast)
    await rate_from(cast, date(2026, 11, 24), 200)
    assert (await of_doctor(cast, MONTH)).rates == (100,)
    place = NewPlace(Role.SPECIALIST, WARD, "", 50, "01.11.2026", is_correction=True)
    membership_id = await membership_of(cast.doctor)
    await do(staff.change_place, cast.admin, membership_id=membership_id, place=place)
    half = await of_doctor(cast, MONTH)
    assert (half.rates, half.expected) == ((50,), pytest.approx(429 / 2))
    await do(staff.change_place, cast.admin, membership_id=membership_id, place=replace(place, rate=100))
    assert (await of_doctor(cast, MONTH)).expected == pytest.approx(429)


async def test_the_former_time_of_a_rehired_doctor_has_its_norm(cast: Cast) -> None:
    """At half a post until the 13th, come back at a full one on the 17th: the 16th is of no post.

    Half of 7 days (2, 3, 5, 6, 11–13; the 9th and the 10th away) and 5 whole ones (17–20, 23): 8.5 × 396 minutes ÷ 12.
    """
    await counted(cast)
    await done_too(cast, day=12)
    async with db.transaction() as session:
        held = (await session.exec(select(Membership).where(Membership.person_id == cast.doctor.person_id))).one()
        held.rate, held.until = 50, date(2026, 11, 13)
        again = Membership(
            person_id=held.person_id,
            organisation_id=CLINIC,
            department_id=WARD,
            role=held.role,
            since=date(2026, 11, 17),
        )
        session.add(again)
    found = await of_doctor(cast, MONTH)
    assert (found.done, found.outside, found.days, found.rates) == (5, 4, 12, (50, 100))
    assert found.expected == pytest.approx(8.5 * 396 / 15), "the visit of the 12th is a first one"


async def test_visits_before_any_post_are_left_out_and_named(cast: Cast) -> None:
    """The one membership begins on the 17th: the four visits of the 16th stand against no norm that is known, the one of the 18th does."""
    await counted(cast)
    await done_too(cast, day=18)
    async with db.transaction() as session:
        rows = (await session.exec(select(Membership).where(Membership.person_id == cast.doctor.person_id))).all()
        rows[0].since = date(2026, 11, 17)
    here = await found(cast)
    [doctor] = [each for who, each in here.loads.items() if who.id == cast.doctor.person_id]
    assert (doctor.done, doctor.outside, doctor.days) == (5, 4, 5)
    assert k.LOAD.measure(here.load).value == pytest.approx(1 / (5 * 26.4 + 79.2))
    drawn = charts.load(here)
    told = plain(drawn["conclusion"])
    assert told.startswith("Проведено 1 приём, по норме 211")
    assert told.endswith("В долю не вошли 4 приёма вне известных должностей или рабочих дней: Иванова А. П.")
    assert drawn["rows"][0][5:7] == ["5", "4"]
    [tile, *_] = tiles(here, Address(MONTH, WARD))
    assert plain(tile["part"]) == "1 приём при норме 211, ещё 4 без нормы"


async def test_specialties_weigh_as_long_as_their_hours(cast: Cast) -> None:
    """One morning of six hours in cardiology (24 minutes), two hours in two parts in therapy (15): 6 to 2, not 1 to 2."""
    await counted(cast)
    for starts, ends, name in ((0, 360, "Кардиология"), (360, 420, "Терапия"), (420, 480, "Терапия")):
        await offer(cast.colleague.person_id, starts=starts, ends=ends, specialty=name)
    loads = {who.id: each.minutes for who, each in (await found(cast)).loads.items()}
    assert loads[cast.colleague.person_id] == pytest.approx((6 * 24 + 2 * 15) / 8)


@pytest.mark.parametrize("seed", range(2))
async def test_the_rows_behind_each_doctors_mark_are_as_many_as_it_says(cast: Cast, seed: int) -> None:
    """On random histories: the bar of each doctor opens as many finished visits."""
    await test_visits.fill(cast, seed)
    at = Address(test_visits.PERIOD, WARD)
    async with db.reading() as session:
        here = await service.workforce(session, cast.head, department_id=WARD, address=at)
        drawn = charts.load(here)
        [done, _] = drawn["figure"]["data"]
        assert sum(done["x"]) == here.load.done > 0
        for mark, count in zip(drawn["marks"], done["x"], strict=True):
            [code] = drawn["parts"]
            opened = Address(at.period, WARD, rows=mark, cases=code)
            assert len(await visits.rows(session, cast.head, PARTS[code], WARD, opened)) == count


def worker(
    number: int, standing: Standing = Standing.ACTIVE, until: date | None = None, **specialties: date | None
) -> Worker:
    return Worker(UUID(int=number), f"Иванова {number}", "Врач", Right(standing, until, specialties))


def test_staff_by_hand() -> None:
    """Six people. Valid today: those without an end, until January, and until today; in ninety days (21.02.2027) only the first and the fifth."""
    staff = Staff(
        [
            worker(1), worker(2, until=date(2027, 1, 14)), worker(3, Standing.SUSPENDED, date(2029, 1, 1)), worker(4, терапия=TODAY - timedelta(1)),
            worker(5, терапия=TODAY - timedelta(1), кардиология=TODAY + AHEAD), worker(6, until=TODAY),
        ],
        TODAY,
    )  # fmt: skip
    assert [each.id.int for each in staff.valid()] == [1, 2, 5, 6]
    assert [each.id.int for each in staff.valid(ahead=True)] == [1, 5]
    assert [each.id.int for each in staff.invalid()] == [3, 4]
    assert [each.id.int for each in staff.invalid(ahead=True)] == [3, 4, 6, 2], (
        "whoever has no right is first, whatever ends when"
    )
    assert k.VALID.measure(staff).value == pytest.approx(4 / 6)
    assert k.VALID_AHEAD.measure(staff).value == pytest.approx(2 / 6)
    assert k.VALID.standing(k.VALID.measure(staff)) is k.Standing.BELOW
    few = k.VALID.measure(Staff(staff.people[:4], TODAY))
    assert (few.is_reliable, k.VALID.standing(few)) == (True, k.Standing.BELOW), "a census is no sample"
    assert k.VALID.measure(Staff([], TODAY)).value is None
    assert staff.people[3].why_not(TODAY) == "право по всем специальностям подтверждено только по 22.11.2026"
    assert plain(conclusion(staff)) == (
        "Право на работу действует у 4 из 6 сотрудников. Без него сегодня: Иванова 3, Иванова 4. "
        "За 90 дней закончится, если не продлить: Иванова 6 (23.11.2026), Иванова 2 (14.01.2027)."
    )


async def test_the_people_behind_each_mark_are_as_many_as_it_says(cast: Cast) -> None:
    """Whatever rights they have; every page, and the file."""
    chance = random.Random(5)
    async with db.transaction() as session:
        for who in cast.everyone().values():
            one = await person(session, who.person_id)
            one.standing, one.standing_until = (
                chance.choice(list(Standing)),
                chance.choice([None, TODAY, TODAY + timedelta(40)]),
            )
            for name in chance.sample(["Терапия", "Хирургия"], chance.randint(0, 2)):
                until = chance.choice([None, TODAY - timedelta(1), TODAY + timedelta(30)])
                session.add(PracticeRight(person_id=who.person_id, specialty=name, until=until))
    drawn = charts.staff(await found(cast))
    go.Figure(drawn["figure"])
    for trace, codes in zip(drawn["figure"]["data"], charts.STAFF_PARTS, strict=True):
        for count, code in zip(trace["x"], codes, strict=True):
            at = Address(MONTH, WARD, cases=code)
            async with db.transaction() as session:
                rows = await opened.found(session, cast.head, department_id=WARD, address=at)
                sheet = await opened.export(session, cast.head, department_id=WARD, address=at, ending="csv")
                await opened.exported(session, cast.head, department_id=WARD, address=at, sheet=sheet)
            assert (len(rows.people), rows.extent.rows, rows.rows) == (count, count, [])
            _, _, _, headings, *lines = csv.reader(
                StringIO(sheet.content.decode().removeprefix("\ufeff"), newline=""), delimiter=";"
            )
            assert len(lines) == count
            assert {len(line) for line in lines} <= {len(headings)}
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))).all()
    assert {entry.action for entry in entries} == {Action.FIGURES_VISITS_VIEW, Action.FIGURES_VISITS_EXPORT}
    assert any(str(cast.doctor.person_id) in entry.details for entry in entries), "who was named"


async def test_the_whole_cast(cast: Cast) -> None:
    for name, actor in cast.everyone().items():
        for ward in (WARD, OTHER_WARD):
            expected = {"head": None if ward == WARD else NotFound, "admin": None}.get(name, Forbidden)
            async with db.reading() as session:
                for ask in (
                    service.workforce(session, actor, department_id=ward, address=Address(MONTH, ward)),
                    service.again(actor, department_id=ward, address=Address(MONTH, ward)),
                    opened.found(
                        session, actor, department_id=ward, address=Address(MONTH, ward, cases="staff"), refreshed=True
                    ),
                ):
                    if expected:
                        with pytest.raises(expected):
                            await ask
                    else:
                        await ask


def test_every_part_of_people_says_so() -> None:
    assert {code for code, part in PARTS.items() if part.rows is Rows.PEOPLE} == {"staff", *sum(charts.STAFF_PARTS, ())}
