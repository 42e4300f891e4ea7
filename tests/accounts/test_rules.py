"""The sign-in policy: guessers are slowed and stopped, owners are not. Codes stand in `test_code_rules.py`."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules import (
    NO_FAILURES,
    Address,
    Failures,
    Held,
    Limit,
    PasswordStanding,
    Reason,
    address_held,
    failed,
    held,
    is_spraying,
    is_stepped_up,
    password_age,
    sessions_to_end,
)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

gaps = st.integers(0, 20 * 3600).map(lambda seconds: timedelta(seconds=seconds))


class TestLockout:
    def test_the_delays_are_those_of_the_table(self) -> None:
        state, waits = NO_FAILURES, []
        for _ in range(10):
            state = failed(state, NOW)
            lock = held(state, NOW)
            waits.append(lock.retry_after(NOW) if lock else 0)
        assert waits == [0, 0, 1, 5, 30, 300, 600, 900, 900, 900]

    def test_a_lock_ends_by_itself_and_a_quiet_half_day_forgets_the_row(self) -> None:
        state = Failures(failures=7, total=7, updated_at=NOW, locked_until=NOW + 10 * MINUTE)
        assert held(state, NOW + 10 * MINUTE - SECOND)
        assert held(state, NOW + 10 * MINUTE) is None
        later = failed(state, NOW + 12 * HOUR)
        assert (later.failures, later.total) == (1, 8)
        assert held(later, NOW + 12 * HOUR) is None

    def test_a_hundred_failures_close_the_key_however_slow(self) -> None:
        state, now = NO_FAILURES, NOW
        for _ in range(100):
            assert held(state, now) is None
            now += DAY
            state = failed(state, now)
        lock = held(state, now + 365 * DAY)
        assert lock == Held(Reason.CLOSED, None)
        assert "Восстановите доступ" in lock.sentence(now)
        assert lock.retry_after(now) > 0

    def test_a_clock_set_back_lengthens_no_lock(self) -> None:
        state = Failures(failures=3, total=3, updated_at=NOW, locked_until=NOW + SECOND)
        lock = held(state, NOW - 10 * HOUR)
        assert lock
        assert lock.retry_after(NOW - 10 * HOUR) == 900

    def test_the_wait_is_told_in_seconds_and_minutes(self) -> None:
        assert (
            Held(Reason.LOCKED, NOW + 5 * SECOND).sentence(NOW) == "Слишком много попыток. Попробуйте снова через 5 с."
        )
        assert (
            Held(Reason.LOCKED, NOW + 301 * SECOND).sentence(NOW)
            == "Слишком много попыток. Попробуйте снова через 6 мин."
        )
        assert Held(Reason.LOCKED, NOW + timedelta(milliseconds=10)).retry_after(NOW) == 1

    @given(st.lists(gaps, max_size=98))
    def test_nobody_is_held_longer_than_the_longest_delay(self, history: list[timedelta]) -> None:
        account, now = NO_FAILURES, NOW
        for gap in history:
            now += gap
            if held(account, now) is None:
                account = failed(account, now)
            lock = held(account, now)
            assert lock is None or (lock.until is not None and lock.until - now <= 15 * MINUTE)

    @given(st.lists(gaps, max_size=400))
    def test_no_more_than_a_hundred_guesses_are_ever_looked_at(self, history: list[timedelta]) -> None:
        state, now, looked_at = NO_FAILURES, NOW, 0
        for gap in history:
            now += gap
            if held(state, now) is None:
                looked_at += 1
                state = failed(state, now)
        assert looked_at <= 100


class TestAddress:
    def test_one_address_gets_thirty_tries_a_minute(self) -> None:
        tries = [NOW + n * SECOND for n in range(30)]
        assert address_held(Address(tries[:29]), NOW + 30 * SECOND) is None
        lock = address_held(Address(tries), NOW + 30 * SECOND)
        assert lock == Held(Reason.ADDRESS, NOW + MINUTE)
        assert address_held(Address(tries), NOW + MINUTE) is None

    def test_and_ten_failures_a_minute(self) -> None:
        failures = [(NOW + n * SECOND, "one") for n in range(10)]
        assert address_held(Address((), failures[:9]), NOW + 10 * SECOND) is None
        assert address_held(Address((), failures), NOW + 10 * SECOND) == Held(Reason.ADDRESS, NOW + MINUTE)
        assert not is_spraying(Address((), failures), NOW + 10 * SECOND)

    def test_one_password_tried_on_ten_people_is_spraying(self) -> None:
        failures = [(NOW + n * MINUTE, f"person {n}") for n in range(10)]
        now = NOW + 9 * MINUTE
        assert is_spraying(Address((), failures), now)
        assert address_held(Address((), failures), now)
        assert not is_spraying(Address((), failures), NOW + 10 * MINUTE)
        assert not is_spraying(Address((), failures[:9]), now)

    @given(st.lists(st.integers(-3600, 3600), max_size=60), st.integers(1, 30), st.integers(1, 3600))
    def test_a_limit_never_makes_wait_longer_than_its_stretch(self, offsets: list[int], count: int, per: int) -> None:
        times = [NOW + timedelta(seconds=offset) for offset in offsets]
        limit = Limit(count, timedelta(seconds=per))
        free = limit.free_at(times, NOW)
        assert NOW <= free <= NOW + limit.per
        past = [at for at in times if at <= NOW]
        if past == times:
            assert len([at for at in times if free - limit.per < at]) < count  # then it really is free


class TestSessions:
    @given(st.integers(0, 12))
    def test_with_the_new_one_there_are_never_more_than_five(self, count: int) -> None:
        living = list(range(count))
        ended = sessions_to_end(living)
        assert list(ended) == living[: len(ended)]  # the oldest
        assert count - len(ended) + 1 <= 5
        assert not ended or count - len(ended) + 1 == 5

    def test_the_second_factor_stays_fresh_for_five_minutes(self) -> None:
        assert is_stepped_up(NOW, NOW + 5 * MINUTE - SECOND)
        assert not is_stepped_up(NOW, NOW + 5 * MINUTE)
        assert not is_stepped_up(None, NOW)
        assert not is_stepped_up(NOW, NOW - SECOND)  # the clock was set back


class TestPasswordAge:
    @pytest.mark.parametrize(
        ("days", "standing", "sentence"),
        [
            (0, PasswordStanding.FRESH, ""),
            (79, PasswordStanding.FRESH, ""),
            (80, PasswordStanding.SOON, "Пора сменить пароль. До рекомендованного срока осталось дней: 10."),
            (89, PasswordStanding.SOON, "Пора сменить пароль. До рекомендованного срока осталось дней: 1."),
            (90, PasswordStanding.OVERDUE, "Паролю больше 90 дней. Рекомендуем сменить его."),
            (400, PasswordStanding.OVERDUE, "Паролю больше 90 дней. Рекомендуем сменить его."),
        ],
    )
    def test_age_reminds(self, days: int, standing: PasswordStanding, sentence: str) -> None:
        age = password_age(NOW - days * DAY, NOW)
        assert (age.days, age.standing, age.sentence) == (days, standing, sentence)

    def test_a_change_is_forced_by_a_setting_or_a_leak(self) -> None:
        assert password_age(NOW - 90 * DAY, NOW, enforce=True).standing is PasswordStanding.MUST_CHANGE
        assert password_age(NOW - 89 * DAY, NOW, enforce=True).standing is PasswordStanding.SOON
        assert password_age(NOW, NOW, compromised=True).standing is PasswordStanding.MUST_CHANGE

    def test_a_clock_set_back_makes_no_password_old(self) -> None:
        assert password_age(NOW + DAY, NOW).days == 0
