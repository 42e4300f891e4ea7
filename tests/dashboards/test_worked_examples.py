"""Every figure of the catalogue worked out by hand from a day that can be read like a paper list: who was to come, who came, when they were taken in.

The Monday of two doctors. Иванова sees patients 09:00–11:00 in slots of 15 minutes, Петрова 09:00–10:00:

    Иванова  09:00 first         no-show
             09:15 repeat        came 09:10, taken in 09:20, done          5 min after the plan: the day began in time; waited 5
             09:30 repeat        came 09:41, taken in 09:45, done          waited 4 (from the arrival, which was later)
             09:45 prophylactic  came 09:40, taken in 10:05, done          waited 20
             10:00 first         came 09:55, taken in 10:50, done          waited 50
             10:15 repeat        called off at 08:00 on the same day       a late cancellation
             10:30 repeat        called off four days before
             10:45 first         still to come
    Петрова  09:00 repeat        came 08:58, taken in 09:06, done          six minutes after the plan: the day did not begin in time; waited 6
             09:15 repeat        came 09:10, done, no mark of the start    not measured
             09:30 first         no-show
             09:45 first         offered to the waiting list, no answer yet: not booked
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.dashboards import service
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.kpi import CATALOGUE, Kpi
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.schedule.figures import queries as figures
from medcab.schedule.rules.figures import Figures, change, key_of, offer, opening, start_of, total
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import AppointmentStatus, Visit, VisitKind
from tests.cast import CLINIC, WARD, Cast

NINE = datetime(2026, 11, 23, 6, tzinfo=UTC)
S, K = AppointmentStatus, VisitKind
IVANOVA, PETROVA = UUID(int=1), UUID(int=2)


def at(clock_face: str) -> datetime:
    hours, minutes = map(int, clock_face.split(":"))
    return NINE + timedelta(hours=hours - 9, minutes=minutes)


def visit(who: UUID, planned: str, kind: VisitKind, status: AppointmentStatus, came: str = "", taken_in: str = "", called_off: datetime | None = None) -> Visit:  # fmt: skip
    starts = at(planned)
    return Visit(
        CLINIC, WARD, who, status, starts, starts + timedelta(minutes=15), kind=kind, cancelled_at=called_off,
        arrived_at=at(came) if came else None, started_at=at(taken_in) if taken_in else None,
    )  # fmt: skip


DAY = [
    visit(IVANOVA, "9:00", K.FIRST, S.NO_SHOW),
    visit(IVANOVA, "9:15", K.REPEAT, S.DONE, "9:10", "9:20"),
    visit(IVANOVA, "9:30", K.REPEAT, S.DONE, "9:41", "9:45"),
    visit(IVANOVA, "9:45", K.PROPHYLACTIC, S.DONE, "9:40", "10:05"),
    visit(IVANOVA, "10:00", K.FIRST, S.DONE, "9:55", "10:50"),
    visit(IVANOVA, "10:15", K.REPEAT, S.CANCELLED, called_off=at("8:00")),
    visit(IVANOVA, "10:30", K.REPEAT, S.CANCELLED, called_off=at("8:00") - timedelta(days=4)),
    visit(IVANOVA, "10:45", K.FIRST, S.BOOKED),
    visit(PETROVA, "9:00", K.REPEAT, S.DONE, "8:58", "9:06"),
    visit(PETROVA, "9:15", K.REPEAT, S.DONE, "9:10"),
    visit(PETROVA, "9:30", K.FIRST, S.NO_SHOW),
    visit(PETROVA, "9:45", K.FIRST, S.OFFERED),
]
BY_HAND: dict[Kpi, Fraction] = {
    k.PLANNED: Fraction(9),  # 12 less two called off and one only offered
    k.DONE: Fraction(6),
    k.DONE_SHARE: Fraction(6, 9),
    k.UTILISATION: Fraction(9 * 15, 180),  # two hours and one hour offered
    k.ATTENDED: Fraction(6 * 15, 180),
    k.NO_SHOW: Fraction(2, 6 + 2),
    k.LATE_CANCEL: Fraction(1, 9 + 2),
    # Of the five waits one is under 5 minutes and two (5 and 6) under 15: half of five is reached at 2.5, so 1.5 of the 2 between 5 and 15.
    k.WAIT_MEDIAN: 5 + 10 * Fraction(3, 2) / 2,
    k.WAIT_P90: Fraction(45),  # the 4.5th of five is the one beyond 45 minutes: all that is known is that it is longer
    k.WAIT_15: Fraction(3, 5),
    k.WAIT_45: Fraction(4, 5),
    k.ON_TIME: Fraction(1, 2),
}
OF_REPEAT: dict[Kpi, Fraction | None] = {
    k.PLANNED: Fraction(4), k.DONE: Fraction(4), k.DONE_SHARE: Fraction(1), k.UTILISATION: None, k.ATTENDED: None, k.NO_SHOW: Fraction(0),
    k.LATE_CANCEL: Fraction(1, 6), k.WAIT_MEDIAN: 5 + 10 * Fraction(1, 2) / 2, k.WAIT_P90: 5 + 10 * Fraction(17, 10) / 2,
    k.WAIT_15: Fraction(1), k.WAIT_45: Fraction(1), k.ON_TIME: Fraction(1, 2),
}  # fmt: skip
"""Hours are offered for no kind; both days began with a repeated visit."""


def counted() -> Figures:
    hours = [(IVANOVA, Span(at("9:00"), at("11:00"))), (PETROVA, Span(at("9:00"), at("10:00")))]
    key = {each.practitioner_id: key_of(each, clock.MOSCOW) for each in DAY}
    parts = [change(None, each, clock.MOSCOW) for each in DAY]
    parts += [offer(key[who], span, 15) for who, span in hours]
    for who, day in key.items():
        starts = (start_of(UUID(int=n), each) for n, each in enumerate(DAY) if each.practitioner_id == who)
        parts.append(opening(day, starts))
    return total(parts)


def test_every_figure_is_worked_out():
    assert set(BY_HAND) == set(OF_REPEAT) == set(CATALOGUE)


@pytest.mark.parametrize(("selection", "by_hand"), [(EVERYTHING, BY_HAND), (Selection(kind=K.REPEAT), OF_REPEAT)])
async def test_the_figures_of_a_day_are_those_on_the_paper(
    session: AsyncSession, cast: Cast, selection: Selection, by_hand: dict[Kpi, Fraction | None]
):
    await figures.add(session, counted())
    today = NINE.date()
    found = await service.overview(session, cast.head, department_id=WARD, start=today, end=today, selection=selection)
    for kpi, expected in by_hand.items():
        value = kpi.measure(found.now).value
        assert value == (expected if expected is None else pytest.approx(float(expected))), kpi.code
    assert k.WAIT_P90.measure(found.now).or_more is (selection == EVERYTHING)
    assert found.now.waited_minutes == (4 + 5 + 6 + 20 + 50 if selection == EVERYTHING else 5 + 4 + 6)


async def test_one_doctor_alone(session: AsyncSession, cast: Cast):
    await figures.add(session, counted())
    today, chosen = NINE.date(), Selection(doctor_id=PETROVA)
    found = await service.overview(session, cast.head, department_id=WARD, start=today, end=today, selection=chosen)
    assert k.ON_TIME.measure(found.now).value == 0
    assert k.ATTENDED.measure(found.now).value == 30 / 60
    assert k.NO_SHOW.measure(found.now).value == pytest.approx(1 / 3)
