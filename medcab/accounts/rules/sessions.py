"""How many sessions there may be, how long the second factor stays fresh."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from medcab.accounts.rules.policy import POLICY, Policy

Session = TypeVar("Session")


def sessions_to_end(living: Sequence[Session], policy: Policy = POLICY) -> Sequence[Session]:
    """Which of the living, oldest first, give way to one more."""
    return living[: max(0, len(living) - policy.session_parallel + 1)]


def is_stepped_up(at: datetime | None, now: datetime, policy: Policy = POLICY) -> bool:
    """Whether the second factor was shown a few minutes ago; a clock set back asks again rather than wait."""
    return at is not None and timedelta() <= now - at < policy.step_up_valid
