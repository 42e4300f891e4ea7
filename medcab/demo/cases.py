"""The verification of every worker: case, papers and findings, as the check itself would have left them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from medcab.accounts.models import PracticeRight, Standing
from medcab.demo.clinic import identity
from medcab.demo.dossiers import Dossier, dossiers, file_id, paper_id
from medcab.demo.loader import insert
from medcab.demo.scans import Scan
from medcab.demo.staff import Story, Worker
from medcab.documents.models import Document, StoredFile
from medcab.verification.models import CaseItem, CaseItemEvent, CheckRun, VerificationCase
from medcab.verification.queries import CLAIM, FINDING
from medcab.verification.rules import (
    Claim,
    Code,
    Finding,
    Item,
    ItemState,
    case_state,
    compare,
    in_state,
    permits_of,
    refused,
    standing,
)
from medcab.verification.rules.findings import last_days
from medcab.verification.rules.items import Source

_SENT_DAYS_AGO = {
    Story.MISMATCH: 1,
    Story.DISPUTED: 3,
    Story.PROPOSED: 2,
    Story.POSTPONED: 0,
    Story.NO_RECORD: 2,
    Story.EXPIRED: 400,
}
_SENT_LONG_AGO = 200
_EVENT = ("id", "case_id", "item", "state", "code", "finding")
_NEVER_SENT = frozenset({Story.DRAFT, Story.READY})
_WAS_ACTIVE = frozenset({Story.ACTIVE, Story.EXPIRING, Story.EXPIRED})


@dataclass(frozen=True)
class Rights:
    """What the case makes of the person."""

    standing: Standing = Standing.UNVERIFIED
    until: date | None = None
    reason: str = ""


def rights_of(dossier: Dossier, today: date) -> Rights:
    """The standing that the rules give today."""
    if dossier.worker.story not in _WAS_ACTIVE:
        return Rights()
    held = standing(_findings(dossier, today), today=today)
    if held.is_active:
        return Rights(Standing.ACTIVE, held.until)
    return Rights(Standing.SUSPENDED, reason=" ".join(held.reasons)[:300])


def load(connection: sa.Connection, now: datetime, today: date, scans: Mapping[str, Scan]) -> None:
    """Cases, findings, runs, papers and the rows of their files (`scans` by file id)."""
    everybody = dossiers(today)
    insert(connection, VerificationCase, [_case(dossier, now, today) for dossier in everybody])
    items = [row for dossier in everybody for row in _items(dossier, now, today)]
    insert(connection, CaseItem, items)
    insert(connection, CaseItemEvent, [_event(row) for row in items])
    insert(
        connection, CheckRun, [_run(dossier, now) for dossier in everybody if dossier.worker.story not in _NEVER_SENT]
    )
    insert(connection, PracticeRight, [
        {"person_id": dossier.worker.id, "specialty": specialty, "until": until}
        for dossier in everybody for specialty, until in last_days(permits_of(_findings(dossier, today))).items()
    ])  # fmt: skip
    papers = [(dossier, paper) for dossier in everybody for paper in dossier.claim.documents]
    insert(
        connection,
        StoredFile,
        [_file(dossier.worker, paper.item, now, scans) for dossier, paper in papers if paper.file],
    )
    insert(connection, Document, [_paper(dossier, paper.item, now) for dossier, paper in papers])


def _sent_at(worker: Worker, now: datetime) -> datetime | None:
    if worker.story in _NEVER_SENT:
        return None
    return now - timedelta(days=_SENT_DAYS_AGO.get(worker.story, _SENT_LONG_AGO), minutes=40)


def _findings(dossier: Dossier, today: date) -> dict[Item, Finding]:
    """What the register answered on the day it was asked."""
    story, claim = dossier.worker.story, dossier.claim
    if story in _NEVER_SENT:
        return {}
    if dossier.record is None:
        return refused(Code.PERSON_NOT_FOUND, claim)
    if story is Story.POSTPONED:
        return in_state((item for item in Item if claim.gives(item)), ItemState.POSTPONED)
    return compare(claim, dossier.record, today=today - timedelta(days=_SENT_DAYS_AGO.get(story, 0)))


def _case(dossier: Dossier, now: datetime, today: date) -> dict[str, Any]:
    worker, sent = dossier.worker, _sent_at(dossier.worker, now)
    is_postponed = worker.story is Story.POSTPONED
    state = case_state(
        _findings(dossier, today), today=today, submitted=sent is not None, activated=worker.story in _WAS_ACTIVE
    )
    return {
        "id": identity("case", worker.login), "person_id": worker.id, "state": state.value, "claim": _details(dossier.claim),
        "checked_claim": CLAIM.dump_json(dossier.claim).decode() if sent else "", "version": 1 if sent else 0,
        "code_confirmed_at": sent and sent - timedelta(minutes=1), "submitted_at": sent,
        "decided_at": None if is_postponed else sent and sent + timedelta(minutes=2),
        "postponed_until": now + timedelta(hours=1) if is_postponed else None,
        "created_at": (sent or now) - timedelta(hours=1), "updated_at": sent or now,
    }  # fmt: skip


def _details(claim: Claim) -> str:
    """The part of the claim that the case itself keeps (see verification.service.save_details)."""
    kept = {
        "register_number": claim.register_number,
        "employment": asdict(claim.employment) if claim.employment else None,
        "specialisations": [asdict(each) for each in claim.specialisations],
    }
    return json.dumps(kept, ensure_ascii=False)


def _items(dossier: Dossier, now: datetime, today: date) -> list[dict[str, Any]]:
    case, sent = identity("case", dossier.worker.login), _sent_at(dossier.worker, now)
    return [
        {
            "id": identity("case-item", f"{dossier.worker.login}/{item.value}"), "case_id": case, "item": item.value,
            "state": finding.state.value, "code": finding.code.value if finding.code else "",
            "finding": FINDING.dump_json(finding).decode(), "checked_at": sent,
        }
        for item, finding in _findings(dossier, today).items()
    ]  # fmt: skip


def _event(row: dict[str, Any]) -> dict[str, Any]:
    """The first thing that became of the item."""
    return {**{name: row[name] for name in _EVENT}, "at": row["checked_at"], "source": Source.REGISTER}


def _run(dossier: Dossier, now: datetime) -> dict[str, Any]:
    sent, story = _sent_at(dossier.worker, now), dossier.worker.story
    is_open = story is Story.POSTPONED
    return {
        "id": identity("check-run", dossier.worker.login), "case_id": identity("case", dossier.worker.login), "case_version": 1,
        "items": json.dumps(sorted(Item)), "started_at": sent, "finished_at": None if is_open else sent and sent + timedelta(minutes=2),
        "outcome": "" if is_open else "refused" if dossier.record is None else "answered",
    }  # fmt: skip


def _file(worker: Worker, item: Item, now: datetime, scans: Mapping[str, Scan]) -> dict[str, Any]:
    made = scans[str(file_id(worker, item))]
    return {
        "id": file_id(worker, item), "person_id": worker.id, "name": f"{item.label}.pdf", "mime": "application/pdf", "size": made.size,
        "pages": 1, "sha256": made.sha256, "created_at": now - timedelta(days=3),
    }  # fmt: skip


def _paper(dossier: Dossier, item: Item, now: datetime) -> dict[str, Any]:
    [paper] = dossier.claim.of(item)
    held = dossier.record.of(item)[0] if dossier.record else None
    return {
        "id": paper_id(dossier.worker, item), "person_id": dossier.worker.id, "kind": item.value, "series": paper.series,
        "number": paper.number, "issuer": paper.issuer, "specialty": paper.speciality, "issued_on": paper.issued,
        "expires_on": held.ends if held else None, "file_id": file_id(dossier.worker, item) if paper.file else None,
        "created_at": now - timedelta(days=_SENT_LONG_AGO if dossier.worker.story in _WAS_ACTIVE else 3),
    }  # fmt: skip
