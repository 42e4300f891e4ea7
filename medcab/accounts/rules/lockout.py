"""Timed locks after failures: they slow a guesser down, and cannot be used to lock anybody out.

Failures are counted under the key of whoever fails. A browser that has signed this person in before (a known device) has a count
of its own; all strangers to an account share one. So a stranger's failures never hold the owner's own browser, nor a passkey, which
does not come here at all; they hold strangers, for at most the longest delay. A name that nobody has is counted in the same way, so
that a lock tells nothing about who is registered.

Count a failure before the password is looked at and forgive it after success, in the same transaction: then many tries at once
cannot slip through together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from medcab.accounts.rules.policy import POLICY, Policy


@dataclass(frozen=True)
class Failures:
    """What is remembered under one key: failures in a row, all since the last success, the last one, the lock."""

    failures: int = 0
    total: int = 0
    updated_at: datetime | None = None
    locked_until: datetime | None = None


NO_FAILURES = Failures()
"""What success leaves of a key, and what restored access leaves of all keys of an account."""


class Reason(StrEnum):
    """Why a try is not even looked at."""

    LOCKED = "locked"
    CLOSED = "closed"
    ADDRESS = "address"


@dataclass(frozen=True)
class Held:
    """A try that must wait; `until` is None when only restored access opens the key again."""

    reason: Reason
    until: datetime | None

    def retry_after(self, now: datetime) -> int:
        """Whole seconds to wait, at least 1."""
        return max(1, -(-(self.until - now) // timedelta(seconds=1))) if self.until else 24 * 3600

    def sentence(self, now: datetime) -> str:
        if self.until is None:
            return "Слишком много неверных попыток: вход по паролю закрыт. Восстановите доступ по телефону."
        seconds = self.retry_after(now)
        wait = f"{seconds} с" if seconds <= 60 else f"{-(-seconds // 60)} мин"  # noqa: PLR2004
        return f"Слишком много попыток. Попробуйте снова через {wait}."


def failed(before: Failures, now: datetime, policy: Policy = POLICY) -> Failures:
    """One more failure under this key."""
    is_stale = before.updated_at is not None and now - before.updated_at >= policy.failures_forgotten_after
    count = 1 if is_stale else before.failures + 1
    delay = policy.failure_delays[min(count, len(policy.failure_delays)) - 1]
    return Failures(failures=count, total=before.total + 1, updated_at=now, locked_until=now + delay if delay else None)


def held(state: Failures, now: datetime, policy: Policy = POLICY) -> Held | None:
    """Whether this key must wait; None: it may try."""
    if state.total >= policy.failures_total:
        return Held(Reason.CLOSED, None)
    if state.locked_until is None or state.locked_until <= now:
        return None
    # A clock that was set back must not turn seconds into hours.
    return Held(Reason.LOCKED, min(state.locked_until, now + policy.failure_delays[-1]))


@dataclass(frozen=True)
class Address:
    """What came from one network address lately: tries, and failures with the account (or unknown name) they were for."""

    tries: Sequence[datetime] = ()
    failures: Sequence[tuple[datetime, str]] = ()


def address_held(address: Address, now: datetime, policy: Policy = POLICY) -> Held | None:
    """Whether strangers from this address must wait."""
    free = max(
        policy.address_attempts.free_at(list(address.tries), now),
        policy.address_failures.free_at([at for at, _ in address.failures], now),
        policy.spraying.free_at(_last_per_account(address), now),
    )
    return Held(Reason.ADDRESS, free) if free > now else None


def is_spraying(address: Address, now: datetime, policy: Policy = POLICY) -> bool:
    """One address fails on many accounts: worth telling the security administrator."""
    return policy.spraying.free_at(_last_per_account(address), now) > now


def _last_per_account(address: Address) -> list[datetime]:
    last: dict[str, datetime] = {}
    for at, account in address.failures:
        last[account] = max(at, last.get(account, at))
    return list(last.values())
