"""The pure rules of verification: what is compared, what the register may say, and what follows from it.

Everything here is a dataclass, an enum or a function of its arguments: no clock, no database, no network.
"""

from medcab.verification.rules.change import Change, Diff, difference, evidence, upheld
from medcab.verification.rules.checklist import Row, checklist, is_needed, way_to
from medcab.verification.rules.codes import REFUSALS, Code, Refusal
from medcab.verification.rules.comparison import compare
from medcab.verification.rules.findings import (
    Finding,
    Override,
    Permit,
    beginning,
    given_text,
    in_state,
    may_be_overridden,
    refused,
    to_ask_again,
)
from medcab.verification.rules.items import IDENTITY, CaseState, Item, ItemState, Mender
from medcab.verification.rules.records import (
    Card,
    Claim,
    Document,
    Employment,
    Missing,
    Person,
    RegisteredDocument,
    RegisterRecord,
    Specialisation,
    Status,
    items_to_check,
    may_submit,
)
from medcab.verification.rules.report import Summary, Told, case_badge, summary, tell
from medcab.verification.rules.standing import Standing, case_state, is_active, permits_of, required_items, standing

__all__ = [
    "IDENTITY",
    "REFUSALS",
    "Card",
    "CaseState",
    "Change",
    "Claim",
    "Code",
    "Diff",
    "Document",
    "Employment",
    "Finding",
    "Item",
    "ItemState",
    "Mender",
    "Missing",
    "Override",
    "Permit",
    "Person",
    "Refusal",
    "RegisterRecord",
    "RegisteredDocument",
    "Row",
    "Specialisation",
    "Standing",
    "Status",
    "Summary",
    "Told",
    "beginning",
    "case_badge",
    "case_state",
    "checklist",
    "compare",
    "difference",
    "evidence",
    "given_text",
    "in_state",
    "is_active",
    "is_needed",
    "items_to_check",
    "may_be_overridden",
    "may_submit",
    "permits_of",
    "refused",
    "required_items",
    "standing",
    "summary",
    "tell",
    "to_ask_again",
    "upheld",
    "way_to",
]
