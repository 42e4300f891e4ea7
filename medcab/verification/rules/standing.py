"""What follows from the findings: the state of the whole, and the rights it gives today.

A right needs every required item confirmed and a permit (accreditation or certificate) that is valid on the
day. A permit that ran out or was excluded closes its own specialty; the others stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from medcab.identifiers.sameness import plain
from medcab.verification.rules.codes import LOST, WITHDRAWN
from medcab.verification.rules.findings import REFUSED, Finding, Permit
from medcab.verification.rules.items import PERMITS, CaseState, Item, ItemState

Findings = Mapping[Item, Finding]


@dataclass(frozen=True, slots=True)
class Standing:
    """The rights on one day. `specialities` are those that may be practised; `until` is the last day of the
    longest permit (None: no end, or no right); `reasons` are Russian sentences: what has been lost, or what
    stands in the way.
    """

    is_active: bool
    specialities: frozenset[str]
    until: date | None
    reasons: tuple[str, ...]

    def allows(self, speciality: str) -> bool:
        return self.is_active and plain(speciality) in {plain(each) for each in self.specialities}


def required_items(findings: Findings) -> frozenset[Item]:
    """All but the permit that was not given: of certificate and accreditation one is enough."""
    given = {item for item in PERMITS if item in findings and findings[item].state is not ItemState.NOT_GIVEN}
    return (frozenset(Item) - PERMITS) | (given or {Item.ACCREDITATION})


def standing(findings: Findings, *, today: date) -> Standing:
    """The rights that the findings give on the day. What rests on an override ends with it at the latest."""
    findings = _in_force(findings, today)
    reasons = [*_obstacles(findings), *_losses(findings, today)]
    permits = permits_of(findings)
    valid = [permit for permit in permits if permit.is_valid(today)]
    if not valid:
        reasons.append("Нет ни одной действующей аккредитации, ни одного действующего сертификата.")
    if _obstacles(findings) or not valid:
        return Standing(is_active=False, specialities=frozenset(), until=None, reasons=tuple(reasons))
    ends = [permit.valid_until for permit in valid if permit.valid_until]
    last = [finding.override.until for finding in findings.values() if finding.override]
    last += [max(ends)] if len(ends) == len(valid) else []
    until = min(last) if last else None
    return Standing(
        is_active=True,
        specialities=frozenset(p.speciality for p in valid),
        until=until,
        reasons=tuple(reasons),
    )


def permits_of(findings: Findings) -> list[Permit]:
    """Everything that the register has confirmed a specialty by, run out or not."""
    return [permit for item in PERMITS if item in findings for permit in findings[item].permits]


def is_active(findings: Findings, *, today: date) -> bool:
    """Whether the cabinet may be active on the day."""
    return standing(findings, today=today).is_active


def _in_force(findings: Findings, today: date) -> dict[Item, Finding]:
    return {item: finding.on(today) for item, finding in findings.items()}


def _is_confirmed(finding: Finding | None) -> bool:
    """A permit that was true and has been lost harms nothing but its own specialty."""
    if finding is None:
        return False
    lost_permit = finding.item in PERMITS and finding.code in LOST
    return finding.state is ItemState.CONFIRMED or lost_permit


def _obstacles(findings: Findings) -> list[str]:
    blocking = [item for item in Item if item in required_items(findings) and not _is_confirmed(findings.get(item))]
    return [f"{item.label}: {_sentence(findings.get(item))}" for item in blocking]


def _sentence(finding: Finding | None) -> str:
    sentence = finding.sentence if finding else "Не указано."
    return sentence[0].lower() + sentence[1:]


def _losses(findings: Findings, today: date) -> list[str]:
    """Permits that ran out since the check, and those that the check itself found lost."""
    said = []
    for item in (item for item in Item if item in PERMITS and item in findings):
        finding = findings[item]
        for permit in finding.permits:
            if not permit.is_valid(today):
                day = permit.valid_until.strftime("%d.%m.%Y") if permit.valid_until else ""
                said.append(f"{item.label} («{permit.speciality}»): срок истёк {day}.")
        if finding.code in WITHDRAWN:
            said.append(f"{item.label}: {_sentence(finding)}")
    return said


def case_state(findings: Findings, *, today: date, submitted: bool, activated: bool) -> CaseState:
    """The state of the whole. `submitted`: checked or sent to be; `activated`: the cabinet was opened."""
    if not submitted:
        return CaseState.DRAFT
    findings = _in_force(findings, today)
    found = [findings.get(item) or Finding(item, ItemState.NOT_GIVEN) for item in required_items(findings)]
    if any(finding.state is ItemState.CHECKING for finding in found):
        return CaseState.CHECKING
    if standing(findings, today=today).is_active:
        return CaseState.ACTIVE if activated else CaseState.CONFIRMED
    return _inactive_state(findings, found, activated=activated)


def _inactive_state(findings: Findings, found: list[Finding], *, activated: bool) -> CaseState:
    refusals = {finding.code for finding in found if finding.state in REFUSED}
    if refusals and not (activated and refusals <= LOST):
        return CaseState.MISMATCH
    if refusals:
        return CaseState.WITHDRAWN if refusals & WITHDRAWN else CaseState.EXPIRED
    return _waiting_state(found) if _obstacles(findings) else CaseState.EXPIRED


def _waiting_state(found: list[Finding]) -> CaseState:
    states = {finding.state for finding in found}
    if ItemState.NOT_GIVEN in states:
        return CaseState.DRAFT
    if ItemState.POSTPONED in states:
        return CaseState.CHECKING
    return CaseState.SENT
