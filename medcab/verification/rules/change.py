"""What the register says otherwise than it did, and which specialties that closes or opens again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from medcab.verification.rules.findings import REFUSED, Finding, Permit, day_text
from medcab.verification.rules.items import Item, ItemState
from medcab.verification.rules.standing import standing

Findings = Mapping[Item, Finding]


@dataclass(frozen=True, slots=True)
class Change:
    """One item: what was known of it and what the register says now, both Russian."""

    item: Item
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Diff:
    """Every change of one comparison; `closes` and `opens` are specialties that may no longer, or may again, be practised."""

    changes: tuple[Change, ...]
    closes: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()


def evidence(findings: Findings) -> dict[Item, Finding]:
    """The answers among the findings: a yes or a no. What was not answered changes nothing."""
    spoken = {ItemState.CONFIRMED} | REFUSED
    return {item: finding for item, finding in findings.items() if finding.state in spoken}


def upheld(before: Findings, answered: Findings, *, today: date) -> dict[Item, Finding]:
    """The answers that count. What two operators have accepted stands while the register says of it just what it said then, and not
    beyond its last day.
    """
    return {item: found for item, found in answered.items() if not _stands(before.get(item), found, today)}


def _stands(before: Finding | None, found: Finding, today: date) -> bool:
    kept = before.override if before else None
    return kept is not None and today <= kept.until and _meaning(found) == _meaning(kept.register)


def difference(before: Findings, answered: Findings, *, today: date, were_open: Iterable[str]) -> Diff:
    """Between what stands written down and what was answered now. `were_open`: the specialties open until now."""
    told = [item for item in answered if _meaning(before.get(item)) != _meaning(answered[item])]
    changes = tuple(Change(item, _said(before.get(item)), _said(answered[item])) for item in Item if item in told)
    was, now = frozenset(were_open), standing({**before, **answered}, today=today).specialities
    return Diff(changes, tuple(sorted(was - now)), tuple(sorted(now - was)))


def _meaning(finding: Finding | None) -> object:
    """All that counts: what the worker gave is the same in both."""
    return finding and (
        finding.state,
        finding.code,
        finding.differs,
        finding.in_register,
        finding.permits,
        finding.override,
    )


def _said(finding: Finding | None) -> str:
    if finding is None:
        return "Не сверялось."
    permits = "; ".join(_permit(permit) for permit in finding.permits)
    if finding.state is ItemState.CONFIRMED and not finding.override:
        return f"Подтверждено: {permits}." if permits else finding.sentence
    return f"{finding.sentence} Действует: {permits}." if permits else finding.sentence


def _permit(permit: Permit) -> str:
    return f"{permit.speciality} до {day_text(permit.valid_until)}" if permit.valid_until else permit.speciality
