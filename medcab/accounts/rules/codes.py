"""Codes sent by SMS or e-mail: when one may be sent, and what was typed. Which one is right, the statement that takes it decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from medcab.accounts.rules.policy import POLICY, Policy

_LONGEST_TYPED = 32


@dataclass(frozen=True)
class SentBefore:
    """When codes went to this contact, and when they were asked for from this address; the last day is enough."""

    to_contact: Sequence[datetime] = field(default_factory=list)
    from_ip: Sequence[datetime] = field(default_factory=list)


def next_send(sent: SentBefore, now: datetime, policy: Policy = POLICY) -> int:
    """Whole seconds until the next code may be sent; 0: now."""
    free = [limit.free_at(list(sent.to_contact), now) for limit in policy.sends_per_contact]
    free += [limit.free_at(list(sent.from_ip), now) for limit in policy.sends_per_address]
    return -(-(max(free) - now) // timedelta(seconds=1))


def typed_code(text: str, policy: Policy = POLICY) -> str:
    """The digits of a code as people type it («123 456», «123-456»); empty when it is no code."""
    bare = re.sub(r"[\s\-]", "", text) if len(text) <= _LONGEST_TYPED else ""
    return bare if re.fullmatch(rf"[0-9]{{{policy.code_digits}}}", bare) else ""
