"""Password age: a reminder from day 80, overdue from day 90; a change is forced only where somebody decided so.

NIST SP 800-63B-4 forbids forced rotation, state practice asks for 90 days: hence the reminder, and `enforce` as a setting.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from medcab.accounts.rules.policy import POLICY, Policy


class PasswordStanding(StrEnum):
    """What the age of a password asks of its owner."""

    FRESH = "fresh"
    SOON = "soon"
    OVERDUE = "overdue"
    MUST_CHANGE = "must_change"


@dataclass(frozen=True)
class PasswordAge:
    """The age in full days, what follows, and the sentence of the reminder (empty while fresh)."""

    days: int
    standing: PasswordStanding
    sentence: str


def password_age(
    set_at: datetime, now: datetime, *, compromised: bool = False, enforce: bool = False, policy: Policy = POLICY
) -> PasswordAge:
    """What to say about a password set at `set_at`; `compromised` when it may be known to others."""
    days = max(0, (now - set_at).days)
    if compromised:
        sentence = "Пароль мог стать известен другим. Смените его, чтобы продолжить."
        return PasswordAge(days, PasswordStanding.MUST_CHANGE, sentence)
    if days < policy.password_reminder_days:
        return PasswordAge(days, PasswordStanding.FRESH, "")
    left = policy.password_age_days - days
    if left > 0:
        return PasswordAge(
            days, PasswordStanding.SOON, f"Пора сменить пароль. До рекомендованного срока осталось дней: {left}."
        )
    if enforce:
        sentence = f"Паролю больше {policy.password_age_days} дней. Смените его, чтобы продолжить."
        return PasswordAge(days, PasswordStanding.MUST_CHANGE, sentence)
    return PasswordAge(
        days, PasswordStanding.OVERDUE, f"Паролю больше {policy.password_age_days} дней. Рекомендуем сменить его."
    )
