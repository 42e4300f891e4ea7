"""What the clinics' administrators have been doing: people invited, one suspended, one dismissed."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from medcab.access import Role
from medcab.accounts.models import DecisionKind, StaffDecision
from medcab.demo import fictional
from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.loader import insert
from medcab.security import tokens
from medcab.security.crypto import blind_index
from medcab.staff.models import Invitation
from medcab.staff.rules import LINK_LIVES

_GUESTS = (
    ("kuzmina", "Кузьмина Светлана Олеговна", "п7", "терапия", Role.NURSE, "медицинская сестра участковая", 100, 1),
    ("denisov", "Денисов Роман Ильич", "п7", "хирургия", Role.SPECIALIST, "врач-хирург", 50, 2),
    ("arkhipova", "Архипова Вероника Львовна", "п7", "консультации", Role.SPECIALIST, "врач-невролог", 100, 9),
    ("farmacevt", "Тихонова Анна Игоревна", "роща", "", Role.PHARMACIST, "фармацевт", 25, 1),
)
"""E-mail, name, where, as what, rate, how many days ago; the third has not answered in time, the last one is of the list of accounts."""
SUSPENDED, DISMISSED = "sestra2", "sestra3"


def load(connection: sa.Connection, now: datetime, today: date) -> None:
    """After the people."""
    insert(connection, Invitation, [_invitation(*guest, now) for guest in _GUESTS])
    insert(connection, StaffDecision, [
        _decision(SUSPENDED, DecisionKind.SUSPENSION, today - timedelta(days=2), today + timedelta(days=12), "Не пройден периодический медосмотр", now),
        _decision(DISMISSED, DecisionKind.DISMISSAL, today - timedelta(days=20), None, "По собственному желанию", now),
    ])  # fmt: skip


def _invitation(
    login: str, full: str, clinic: str, ward: str, role: Role, post: str, rate: int, days_ago: int, now: datetime
) -> dict[str, Any]:
    family, given, patronymic = full.split()
    address, sent = f"{login}@{fictional.MAIL_DOMAIN}", now - timedelta(days=days_ago)
    key = identity("invitation", login)
    return {
        "id": key, "organisation_id": CLINICS[clinic].id, "department_id": WARDS[ward].id if ward else None, "email": address,
        "email_index": blind_index("person.email", address), "family_name": family, "given_name": given, "patronymic": patronymic,
        "role": role, "post": post, "rate": rate, "token_hash": tokens.fingerprint(str(key)),
        "invited_by_id": _administrator(clinic), "created_at": sent, "sent_at": sent, "expires_at": sent + LINK_LIVES,
    }  # fmt: skip


def _decision(
    login: str, kind: DecisionKind, since: date, until: date | None, reason: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": identity("decision", login), "person_id": identity("person", login), "organisation_id": CLINICS["п7"].id, "kind": kind,
        "since": since, "until": until, "reason": reason, "decided_by_id": _administrator("п7"),
        "decided_at": now - timedelta(days=(now.date() - since).days),
    }  # fmt: skip


def _administrator(clinic: str) -> Any:
    return identity("person", "administrator" if clinic == "п7" else "administrator2")
