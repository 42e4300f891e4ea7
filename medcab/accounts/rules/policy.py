"""Every number of the sign-in policy, in one place; where each comes from stands beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_SECOND, _MINUTE, _HOUR, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most `count` times in any stretch of `per`."""

    count: int
    per: timedelta

    def free_at(self, times: list[datetime], now: datetime) -> datetime:
        """When once more is within the limit; `now` when it already is."""
        recent = sorted(at for at in times if now - self.per < at)
        # A clock that was set back leaves times in the future: nobody waits longer than one stretch for it.
        return now if len(recent) < self.count else min(recent[-self.count], now) + self.per


@dataclass(frozen=True)
class Policy:
    """The defaults are what production runs with; a test or an installation may replace single numbers."""

    failure_delays: tuple[timedelta, ...] = (
        0 * _SECOND, 0 * _SECOND, _SECOND, 5 * _SECOND, 30 * _SECOND, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE,
    )  # fmt: skip
    """Wait after the 1st, 2nd, … failure in a row; the last repeats (kanidm's steps, Keycloak's longest)."""
    failures_forgotten_after: timedelta = 12 * _HOUR
    """A quiet time after which the delays begin anew; the total does not (Keycloak)."""
    failures_total: int = 100
    """Then the key is closed until access is restored (NIST SP 800-63B-4, 3.2.2)."""

    address_attempts: Limit = Limit(30, _MINUTE)
    address_failures: Limit = Limit(10, _MINUTE)
    spraying: Limit = Limit(10, 10 * _MINUTE)
    """Failures on this many different accounts from one address are one password tried on many people."""

    code_digits: int = 6
    code_lifetime: timedelta = 5 * _MINUTE
    code_tries: int = 5
    sends_per_contact: tuple[Limit, ...] = (Limit(1, _MINUTE), Limit(5, _HOUR), Limit(10, _DAY))
    sends_per_address: tuple[Limit, ...] = (Limit(20, _HOUR),)

    totp_interval: timedelta = 30 * _SECOND
    totp_window: int = 1
    """Steps before and after the present one that are accepted."""
    totp_horizon: int = 20
    """Steps before and after in which a code is recognised, to say that a clock is off; never accepted."""
    totp_rate: Limit = Limit(20, _HOUR)
    """Tries at an app's or a recovery code until one is right."""

    recovery_codes: int = 10
    recovery_codes_few: int = 3

    session_idle: timedelta = 30 * _MINUTE
    """Between a shared ward computer's 15 minutes and NIST's hour (AAL2)."""
    session_absolute: timedelta = 12 * _HOUR
    session_parallel: int = 5
    step_up_valid: timedelta = 5 * _MINUTE

    password_reminder_days: int = 80
    password_age_days: int = 90
    password_history: int = 5
    """How many earlier passwords may not come back."""

    @property
    def send_interval(self) -> timedelta:
        """The pause after one code before the next, when no other limit is reached."""
        return self.sends_per_contact[0].per


POLICY = Policy()
