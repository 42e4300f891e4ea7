"""Codes: when one is sent, which one opens, how often; the app's, and those printed for a bad day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp.totp import TOTP

from medcab.accounts.rules import (
    POLICY,
    Accepted,
    ClockOff,
    Replayed,
    SentBefore,
    Wrong,
    check_totp,
    enrolment_uri,
    make_recovery_codes,
    new_secret,
    next_send,
    recovery_code_hash,
    recovery_codes_warning,
    typed_code,
    typed_recovery_code,
)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class TestSending:
    @staticmethod
    def greedy(policy=POLICY, *, for_: timedelta, to: str = "contact") -> list[datetime]:
        """When somebody who asks whenever allowed gets a code."""
        sent: list[datetime] = []
        now = NOW
        while now - NOW < for_:
            before = SentBefore(sent, []) if to == "contact" else SentBefore([], sent)
            wait = next_send(before, now, policy)
            if wait == 0:
                sent.append(now)
            now += max(wait, 1 if to == "contact" else 30) * SECOND
        return sent

    def test_one_a_minute_five_an_hour_ten_a_day_to_one_number(self) -> None:
        sent = self.greedy(for_=2 * DAY)
        assert sent[1] - sent[0] == MINUTE
        assert len([at for at in sent if at < NOW + HOUR]) == 5
        assert len([at for at in sent if at < NOW + DAY]) == 10
        assert len(sent) == 20

    def test_twenty_an_hour_from_one_address(self) -> None:
        assert len(self.greedy(for_=HOUR, to="address")) == 20

    def test_the_countdown_is_in_whole_seconds_rounded_up(self) -> None:
        assert next_send(SentBefore([NOW], []), NOW) == 60
        assert next_send(SentBefore([NOW], []), NOW + timedelta(seconds=59, milliseconds=1)) == 1
        assert next_send(SentBefore([NOW], []), NOW + MINUTE) == 0
        assert next_send(SentBefore(), NOW) == 0
        assert POLICY.send_interval == MINUTE


class TestOneTimeCode:
    @pytest.mark.parametrize(
        ("text", "code"), [("123456", "123456"), (" 123 456\n", "123456"), ("123-456", "123456"), ("000000", "000000")]
    )
    def test_a_code_is_read_as_people_type_it(self, text: str, code: str) -> None:
        assert typed_code(text) == code

    @pytest.mark.parametrize(
        "text", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "１２３４５６", "123456" + " " * 100_000 + "7"]
    )
    def test_anything_else_is_no_code(self, text: str) -> None:
        assert typed_code(text) == ""


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 30


def shown(at: datetime) -> str:
    return TOTP(SECRET).generate_otp(step_of(at))


class TestAuthenticatorApp:
    @pytest.mark.parametrize("offset", [-30, 0, 30])
    def test_a_code_of_this_or_the_neighbouring_half_minute_is_right(self, offset: int) -> None:
        at = NOW + offset * SECOND
        assert check_totp(SECRET, shown(at), NOW, last_step=0) == Accepted(step_of(at))

    def test_the_published_vectors_hold(self) -> None:
        """RFC 6238, appendix B (SHA-1), the last six digits."""
        secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        for seconds, code in [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]:
            assert isinstance(check_totp(secret, code, datetime.fromtimestamp(seconds, UTC), last_step=0), Accepted)

    @given(st.lists(st.tuples(st.integers(0, 120), st.integers(-2, 2)), max_size=25))
    def test_a_step_once_used_is_never_right_again(self, history: list[tuple[int, int]]) -> None:
        last, now, used = 0, NOW, []
        for gap, drift in history:
            now += gap * SECOND
            verdict = check_totp(SECRET, shown(now + drift * 30 * SECOND), now, last_step=last)
            if isinstance(verdict, Accepted):
                used.append(verdict.step)
                last = verdict.step
        assert used == sorted(set(used))

    def test_the_same_code_and_an_older_one_are_replays(self) -> None:
        assert isinstance(check_totp(SECRET, shown(NOW), NOW, last_step=step_of(NOW)), Replayed)
        assert isinstance(check_totp(SECRET, shown(NOW - 30 * SECOND), NOW, last_step=step_of(NOW)), Replayed)

    def test_a_clock_set_back_opens_no_way_for_used_codes(self) -> None:
        """The server's clock jumps back ten minutes: what was used stays used."""
        back = NOW - 10 * MINUTE
        for minutes in range(11):
            at = back + minutes * MINUTE
            assert not isinstance(check_totp(SECRET, shown(at), at, last_step=step_of(NOW)), Accepted)

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (-10, "Код введён на 10 минут позже, чем он действовал: проверьте часы телефона."),
            (-3, "Код введён на 3 минуты позже, чем он действовал: проверьте часы телефона."),
            (-1, "Код введён на минуту позже, чем он действовал: проверьте часы телефона."),
            (1, "Код введён на минуту раньше, чем он начнёт действовать: проверьте часы телефона."),
            (5, "Код введён на 5 минут раньше, чем он начнёт действовать: проверьте часы телефона."),
        ],
    )
    def test_a_clock_that_is_off_is_told_but_not_accepted(self, minutes: int, words: str) -> None:
        at = NOW + minutes * MINUTE
        verdict = check_totp(SECRET, shown(at), NOW, last_step=0)
        assert verdict == ClockOff(minutes, step_of(at))
        assert verdict.sentence == words

    def test_beyond_ten_minutes_a_code_is_just_wrong(self) -> None:
        for minutes in (-11, 11):
            assert isinstance(check_totp(SECRET, shown(NOW + minutes * MINUTE), NOW, last_step=0), Wrong)

    def test_a_coming_code_that_was_told_to_a_guesser_is_worth_nothing(self) -> None:
        later = NOW + 5 * MINUTE
        told = check_totp(SECRET, shown(later), NOW, last_step=0)
        assert isinstance(told, ClockOff)
        assert isinstance(check_totp(SECRET, shown(later), later, last_step=0, told_step=told.step), Replayed)
        # While it is still to come, no other is told.
        others = [
            check_totp(SECRET, code, at, last_step=0, told_step=told.step)
            for at in (NOW, later - 30 * SECOND, later, later + 30 * SECOND)
            for code in (shown(at + 3 * MINUTE), shown(at - 3 * MINUTE), shown(at + HOUR))
        ]
        assert {type(other) for other in others} == {Wrong}
        assert len({other.sentence for other in others if isinstance(other, Wrong)}) == 1  # and the words tell nothing
        assert check_totp(SECRET, shown(later), NOW, last_step=0, told_step=told.step) == told
        # Everybody else's codes go on working.
        after = later + 30 * SECOND
        assert check_totp(SECRET, shown(after), after, last_step=0, told_step=told.step) == Accepted(step_of(after))

    @pytest.mark.parametrize("text", ["", "abcdef", "12345", "１２３４５６", "1" * 1_000_000])
    def test_what_is_no_code_is_wrong(self, text: str) -> None:
        assert isinstance(check_totp(SECRET, text, NOW, last_step=0), Wrong)

    def test_enrolment_tells_the_app_what_we_check(self) -> None:
        secret = new_secret()
        assert len(secret) == 32
        assert secret != new_secret()
        assert (
            enrolment_uri(secret, "anna@mail.ru")
            == f"otpauth://totp/medcab:anna%40mail.ru?secret={secret}&issuer=medcab"
        )


class TestRecoveryCodes:
    def test_a_set_is_ten_different_codes_of_eighty_bits(self) -> None:
        codes = make_recovery_codes()
        assert len(set(codes)) == 10
        assert all(len(code.replace("-", "")) == 16 and typed_recovery_code(code) == code for code in codes)

    @pytest.mark.parametrize(
        "text", ["0101-ABEK-MHPC-TX23", "oiol abek mhpc tx23", "ОIОL–АВЕК–МНРС–ТХ23", " 0101ABEKMHPCTX23\n"]
    )
    def test_a_code_is_read_however_it_is_typed(self, text: str) -> None:
        assert typed_recovery_code(text) == "0101-ABEK-MHPC-TX23"

    @given(st.text(max_size=80))
    def test_anything_else_is_no_code(self, text: str) -> None:
        read = typed_recovery_code(text)
        assert read == "" or typed_recovery_code(read) == read

    def test_only_a_keyed_hash_is_kept(self) -> None:
        code = make_recovery_codes()[0]
        kept = recovery_code_hash(code, b"k" * 32)
        assert kept == recovery_code_hash(code, b"k" * 32)
        assert kept != recovery_code_hash(code, b"l" * 32)
        assert len(kept) == 64

    def test_few_left_is_said(self) -> None:
        assert recovery_codes_warning(4) == ""
        assert recovery_codes_warning(3).startswith("Резервных кодов осталось: 3.")
        assert recovery_codes_warning(0).startswith("Резервные коды закончились.")
