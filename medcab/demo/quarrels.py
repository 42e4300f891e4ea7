"""Two disputes with the register: one waits for an operator, one for the second pair of eyes."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from medcab.demo.clinic import identity
from medcab.demo.loader import insert
from medcab.verification.disputes.models import Dispute, DisputeEntry, DisputePaper
from medcab.verification.disputes.rules import REVIEW_DAYS, DisputeState, EntryKind

_FIRST = identity("person", "podderzhka")
_HOURS_AGO = {"sporit": 27, "sporit2": 20}
_SAID = {
    "sporit": "В дипломе номер именно такой, как я указала: скан приложен. В регистре при вводе переставили две цифры.",
    "sporit2": "Номер в регистре чужой. Прикладываю скан диплома, вуз готов подтвердить его письмом.",
}
_PROPOSAL = "На скане диплома номер совпадает с указанным сотрудником, печать и подпись читаются."


def load(connection: sa.Connection, now: datetime, today: date) -> None:
    """Disputes, their stories and papers."""
    logins = [*_HOURS_AGO]
    insert(connection, Dispute, [_dispute(login, now, today) for login in logins])
    entries = [_entry(login, EntryKind.OPENED, now - timedelta(hours=_HOURS_AGO[login]), identity("person", login), _SAID[login]) for login in logins]  # fmt: skip
    proposed = _entry("sporit2", EntryKind.PROPOSED, now - timedelta(hours=1), _FIRST, _PROPOSAL)
    insert(connection, DisputeEntry, [*entries, proposed])
    insert(connection, DisputePaper, [
        {"dispute_id": identity("dispute", login), "document_id": identity("document", f"{login}/{kind}"), "added_at": now}
        for login in logins for kind in ("diploma", "accreditation")
    ])  # fmt: skip


def _dispute(login: str, now: datetime, today: date) -> dict[str, Any]:
    opened = now - timedelta(hours=_HOURS_AGO[login])
    row = {
        "id": identity("dispute", login), "case_id": identity("case", login), "person_id": identity("person", login), "item": "diploma",
        "code": "DIPLOMA_MISMATCH", "state": DisputeState.WAITING, "opened_at": opened, "waiting_since": opened, "version": 1,
    }  # fmt: skip
    if login != "sporit2":
        return row
    review_on = today + timedelta(days=REVIEW_DAYS)
    decided = {"state": DisputeState.PROPOSED, "proposed_by_id": _FIRST, "proposal": _PROPOSAL, "review_on": review_on}
    return {**row, **decided, "version": 2}


def _entry(login: str, kind: EntryKind, at: datetime, by: object, text: str) -> dict[str, Any]:
    return {
        "id": identity("dispute-entry", f"{login}/{kind.value}"), "dispute_id": identity("dispute", login), "at": at, "kind": kind,
        "by_id": by, "text": text,
    }  # fmt: skip
