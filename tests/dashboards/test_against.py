"""The same span a year ago: weeks against the same weekdays, calendar months against the same months."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.dashboards import service
from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.against import Against, is_of_months, read, told, working_days, year_ago
from medcab.dashboards.rules.period import Period, Preset
from medcab.dashboards.rules.tally import Tally
from tests.cast import MORNING, Cast
from tests.dashboards.test_service import MONDAY, WEEK, figures
from tests.dashboards.test_words import plain, visits

TODAY = date(2026, 11, 28)


def span(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("period", "other"),
    [
        (span("2026-11-16", "2026-11-22"), span("2025-11-17", "2025-11-23")),
        (span("2026-11-20", "2026-11-20"), span("2025-11-21", "2025-11-21")),
        (span("2026-11-01", "2026-11-30"), span("2025-11-01", "2025-11-30")),
        (span("2026-07-01", "2026-09-30"), span("2025-07-01", "2025-09-30")),
        (span("2026-01-01", "2026-12-31"), span("2025-01-01", "2025-12-31")),
        (span("2028-02-01", "2028-02-29"), span("2027-02-01", "2027-02-28")),
        (span("2029-02-01", "2029-02-28"), span("2028-02-01", "2028-02-29")),
        (span("2028-02-29", "2028-02-29"), span("2027-03-02", "2027-03-02")),
        (span("2027-12-01", "2028-01-31"), span("2026-12-01", "2027-01-31")),
    ],
)
def test_a_year_ago(period: Period, other: Period):
    assert year_ago(period) == other == Against.YEAR.of(period)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 799))
def test_the_two_never_share_a_day_and_are_alike(start: date, length: int):
    period = Period(start, start + timedelta(length))
    other = Against.YEAR.of(period)
    if other is None:
        assert period.days > 364
        return
    assert other.end < period.start
    if is_of_months(period):
        assert (other.start.month, other.end.month) == (period.start.month, period.end.month)
        assert abs(other.days - period.days) <= 1
    else:
        assert (other.start.weekday(), other.days) == (period.start.weekday(), period.days)
    assert Against.BEFORE.of(period) == period.previous


@pytest.mark.parametrize("preset", list(Preset))
def test_every_ready_period_has_a_year_ago(preset: Preset):
    assert Against.YEAR.of(preset.period(TODAY)) is not None


def test_the_page_says_with_what_and_how_many_working_days():
    week, month = span("2026-11-16", "2026-11-22"), span("2026-11-01", "2026-11-30")
    assert plain(told(Against.BEFORE, week, today=TODAY, is_compared=True)) == (
        "Изменения показаны в сравнении с показателями за такой же срок до этого: 9–15 ноября 2026. Рабочих дней поровну: 5."
    )
    assert "17–23 ноября 2025 (ровно 52 недели раньше: дни недели те же)" in told(
        Against.YEAR, week, today=TODAY, is_compared=True
    )
    assert plain(told(Against.YEAR, month, today=date(2026, 12, 1), is_compared=True)) == (
        "Изменения показаны в сравнении с показателями за тот же срок год назад: 1–30 ноября 2025 (те же календарные месяцы). "
        "По производственному календарю сейчас 20 рабочих дней, тогда 19."
    )
    assert told(Against.YEAR, week, today=TODAY, is_compared=False) == (
        "Сравнения нет: за тот же срок год назад (17–23 ноября 2025) показателей недостаточно."
    )
    assert told(Against.BEFORE, month, today=TODAY, is_compared=False) == "Сравнения пока нет: выбранный срок ещё идёт."
    assert "длиннее года" in told(Against.YEAR, span("2025-01-01", "2026-06-01"), today=TODAY, is_compared=False)
    assert working_days(span("2025-11-01", "2025-11-04")) == 1, (
        "Saturday the first was worked, Monday and Tuesday were not"
    )


def test_the_sentences_say_against_what():
    year = Against.YEAR
    assert plain(words.on_visits(visits(110), visits(100), year)).endswith(
        "на 10 % больше, чем за тот же срок год назад."
    )
    assert plain(words.on_no_shows({0: visits(82, 18)}, visits(94, 6), year)) == "Неявки за год выросли до 18 %."
    assert (
        plain(words.on_no_shows({0: visits(82, 18)}, visits(82, 18), year))
        == "Неявки держатся на уровне 18 %, как год назад."
    )


@pytest.mark.parametrize("text", ["", "before", "x", "YEAR", "year "])
def test_nonsense_in_the_address_is_the_span_before(text: str):
    assert Address.read({"compare": text}, today=TODAY).compare is read(text) is Against.BEFORE
    assert "compare" not in str(Address.read({"compare": text}, today=TODAY))


def test_the_choice_stays_with_another_period():
    address = Address.read({"compare": "year"}, today=TODAY)
    assert "compare=year" in str(address.of_period(WEEK))
    assert address.of_rows("weekday:1").compare is Against.YEAR
    assert "compare" not in str(address.of_compare(Against.BEFORE))


async def test_the_figures_of_a_year_ago(session: AsyncSession, cast: Cast):
    session.add(figures(MONDAY, cast.doctor))
    session.add(figures(MONDAY - timedelta(1), cast.doctor, done=11))
    session.add(figures(MONDAY - timedelta(364), cast.doctor, done=7))
    session.add(figures(MONDAY - timedelta(365), cast.doctor, done=1000))
    given_ = {"department_id": None, "start": MONDAY, "end": MONDAY}
    with clock.frozen(MORNING):
        before = await service.overview(session, cast.head, **given_)
        year = await service.overview(session, cast.head, **given_, compare=Against.YEAR)
        long = await service.overview(
            session, cast.head, department_id=None, start=MONDAY - timedelta(400), end=MONDAY, compare=Against.YEAR
        )
    assert (before.before.done, year.before.done, long.before) == (11, 7, Tally())
