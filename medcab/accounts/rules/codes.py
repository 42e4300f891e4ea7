"""Codes sent by SMS or e-mail: when one may be sent, and whether one typed is right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

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


class CodeVerdict(StrEnum):
    """What is the matter with a typed code; the person is told only that it did not fit."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    USED = "used"
    REPLACED = "replaced"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class SentCode:
    """A code that was sent; `tries` are those before the present one."""

    challenge: str
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None
    superseded_at: datetime | None = None


def judge_code(code: SentCode, *, challenge: str, matches: bool, now: datetime, policy: Policy = POLICY) -> CodeVerdict:
    """The rule that the statement taking a code must keep; `matches` says whether the hashes are equal."""
    closed = [
        (code.challenge != challenge, CodeVerdict.FOREIGN),
        (code.superseded_at is not None, CodeVerdict.REPLACED),
        (code.used_at is not None, CodeVerdict.USED),
        (code.expires_at <= now, CodeVerdict.EXPIRED),
        (code.tries >= policy.code_tries, CodeVerdict.EXHAUSTED),
    ]
    refused = next((verdict for applies, verdict in closed if applies), None)
    return refused or (CodeVerdict.ACCEPTED if matches else CodeVerdict.WRONG)


def typed_code(text: str, policy: Policy = POLICY) -> str:
    """The digits of a code as people type it («123 456», «123-456»); empty when it is no code."""
    bare = re.sub(r"[\s\-]", "", text) if len(text) <= _LONGEST_TYPED else ""
    return bare if re.fullmatch(rf"[0-9]{{{policy.code_digits}}}", bare) else ""
