"""Codes of an authenticator app (RFC 6238): right now, used before, or right at another minute because a clock is off.

A code of another minute is never accepted, only recognised. Whoever guesses could be told in this way of a code that will become
right; so at most one such step is told at a time (`told_step`), and it is never accepted. While it is still to come, every wrong code
gets the same hint about the clock, which tells nothing about the code.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP

from medcab.accounts.rules.codes import typed_code
from medcab.accounts.rules.policy import POLICY, Policy


@dataclass(frozen=True)
class Accepted:
    """Right. Keep `step` in one statement (`UPDATE … SET last_step=:step WHERE last_step<:step`); no row changed means replayed."""

    step: int


@dataclass(frozen=True)
class Wrong:
    sentence: str = "Код не подошёл. Введите код, который приложение показывает сейчас."


_CHECK_CLOCK = "Код не подошёл. Проверьте часы телефона и введите код, который приложение покажет после этого."


@dataclass(frozen=True)
class Replayed:
    sentence: str = "Этот код уже использован. Дождитесь следующего: он появится не позже чем через 30 секунд."


@dataclass(frozen=True)
class ClockOff:
    """Right at another time: `minutes` ahead of it (a fast phone) or, negative, behind. Keep `step` as `told_step`."""

    minutes: int
    step: int

    @property
    def sentence(self) -> str:
        when = "раньше, чем он начнёт действовать" if self.minutes > 0 else "позже, чем он действовал"
        return f"Код введён на {_minutes(abs(self.minutes))} {when}: проверьте часы телефона."


Verdict = Accepted | Wrong | Replayed | ClockOff


def check_totp(
    secret: str, text: str, now: datetime, *, last_step: int, told_step: int = 0, policy: Policy = POLICY
) -> Verdict:
    """The verdict on a typed code. `secret` is base32; `last_step` the last one accepted, 0 before the first."""
    code, present = typed_code(text, policy), _step(now, policy)
    if not code:
        return Wrong()
    matching = _matching_steps(secret, code, present, policy)
    near = [step for step in matching if abs(step - present) <= policy.totp_window]
    fresh = [step for step in near if step > last_step and step != told_step]
    if fresh:
        return Accepted(fresh[0])
    if near:
        return Replayed()
    if told_step >= present - policy.totp_window and told_step not in matching:
        return Wrong(_CHECK_CLOCK)
    if not matching:
        return Wrong()
    step = told_step if told_step in matching else matching[0]
    return ClockOff(_minutes_between(step, present, policy), step)


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return random_base32(length=32)


def enrolment_uri(secret: str, account: str, *, policy: Policy = POLICY) -> str:
    """What the QR code says to the app."""
    return _totp(secret, policy).provisioning_uri(name=account, issuer_name="medcab")


def _matching_steps(secret: str, code: str, present: int, policy: Policy) -> list[int]:
    """Steps that give this code, the nearest first. All are compared, so that the time taken tells nothing."""
    totp = _totp(secret, policy)
    around = range(max(0, present - policy.totp_horizon), present + policy.totp_horizon + 1)
    found = [step for step in around if hmac.compare_digest(totp.generate_otp(step), code)]
    return sorted(found, key=lambda step: abs(step - present))


def _totp(secret: str, policy: Policy) -> TOTP:
    return TOTP(secret, digits=policy.code_digits, interval=_seconds(policy))


def _step(now: datetime, policy: Policy) -> int:
    return int(now.timestamp()) // _seconds(policy)


def _seconds(policy: Policy) -> int:
    return int(policy.totp_interval.total_seconds())


def _minutes_between(step: int, present: int, policy: Policy) -> int:
    """Signed, at least one."""
    away = max(1, round(abs(step - present) * _seconds(policy) / 60))
    return away if step > present else -away


def _minutes(count: int) -> str:
    """In words after «на»: минуту, 2 минуты, 5 минут (there are never more than twenty)."""
    few = range(2, 5)
    return "минуту" if count == 1 else f"{count} минуты" if count in few else f"{count} минут"
