"""Who stands how on which day, for any history; and what an administrator may type."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.access import GIVEN_BY_CLINIC, ROLE_TITLES, Role
from medcab.errors import Conflict, Invalid
from medcab.staff import rules
from medcab.staff.rules import Days, Employment, State

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
near = st.integers(-40, 40).map(lambda n: TODAY + n * DAY)


@st.composite
def days(draw: st.DrawFn, *, endless: bool = True) -> Days:
    since = draw(near)
    ends = st.integers(0, 60).map(lambda n: since + n * DAY)
    return Days(since, draw(st.none() | ends if endless else ends))


employments = st.builds(
    Employment,
    st.lists(days(), min_size=1, max_size=4).map(tuple),
    st.none() | days(),
    st.none() | near.map(Days),
)


@given(employments, near)
def test_rights_hold_only_while_somebody_works(known: Employment, day: date) -> None:
    state = known.state_on(day)
    assert not known.works_on(day) or state is State.WORKS
    assert known.works_on(day) == (
        any(place.hold_on(day) for place in known.places)
        and not (known.suspension and known.suspension.hold_on(day))
        and not (known.dismissal and known.dismissal.hold_on(day))
    )
    assert known.words_on(day).endswith(".")


@given(employments, near)
def test_whoever_is_dismissed_does_not_come_back_by_waiting(known: Employment, day: date) -> None:
    if known.dismissal and known.dismissal.hold_on(day):
        assert all(known.state_on(day + n * DAY) is State.DISMISSED for n in range(0, 80, 7))


@given(st.integers(0, 366))
def test_the_last_day_is_still_worked(ahead: int) -> None:
    last = TODAY + ahead * DAY
    known = Employment((Days(date(2020, 1, 1)),), dismissal=rules.dismissal(last, TODAY))
    assert known.works_on(last)
    assert not known.works_on(last + DAY)


@given(st.integers(0, 366))
def test_rights_come_back_by_themselves_after_the_last_day_of_a_suspension(ahead: int) -> None:
    last = TODAY + ahead * DAY
    known = Employment((Days(date(2020, 1, 1)),), suspension=rules.suspension(last, TODAY))
    assert not known.works_on(TODAY)
    assert not known.works_on(last)
    assert known.works_on(last + DAY)


@pytest.mark.parametrize("day", [TODAY - DAY, TODAY + timedelta(days=400)])
def test_days_that_cannot_be_meant_are_refused(day: date) -> None:
    for decide in (rules.dismissal, rules.suspension, rules.first_day):
        with pytest.raises(Invalid):
            decide(day, TODAY)


@given(st.sets(st.uuids(), max_size=5), st.uuids())
def test_a_clinic_is_never_left_without_an_administrator(lasting: set[UUID], leaving: UUID) -> None:
    if lasting - {leaving}:
        rules.keep_an_administrator(lasting, leaving)
    else:
        with pytest.raises(Conflict):
            rules.keep_an_administrator(lasting, leaving)


def test_the_only_administrator_stays() -> None:
    alone = uuid4()
    with pytest.raises(Conflict):
        rules.keep_an_administrator({alone}, alone)


@given(st.integers(rules.LEAST, rules.MOST))
def test_a_rate_reads_as_it_is_written(hundredths: int) -> None:
    assert rules.rate_of(rules.rate_words(hundredths)) == hundredths


@given(st.text(max_size=12))
def test_a_rate_is_a_rate_or_refused(text: str) -> None:
    try:
        rate = rules.rate_of(text)
    except Invalid:
        return
    assert rules.LEAST <= rate <= rules.MOST


@pytest.mark.parametrize("text", ["0", "0,04", "2,01", "полставки", "-1", "1/2", "0,333", "١", "1e0"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(Invalid):
        rules.rate_of(text)


def test_only_the_clinics_own_roles_are_given() -> None:
    assert set(GIVEN_BY_CLINIC) == set(Role) - {Role.SUPPORT, Role.SECURITY_ADMIN}
    for role in (Role.SUPPORT, Role.SECURITY_ADMIN):
        with pytest.raises(Invalid):
            rules.may_give(role.value)
        with pytest.raises(Invalid):
            rules.role_called(ROLE_TITLES[role])


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+7", "-1", "@x", "a\u202eb", "x" * 161])
def test_no_line_that_a_spreadsheet_would_run(text: str) -> None:
    with pytest.raises(Invalid):
        rules.line_of(text, field="post", longest=160)
