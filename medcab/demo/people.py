"""Organisations, departments, workers with their roles and passwords, and patients: rows for the database."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from medcab.accounts.models import (
    Department,
    EmploymentTerms,
    Membership,
    Organisation,
    PasswordRecord,
    Person,
    TotpFactor,
)
from medcab.demo.accounts import DEMO_PASSWORD, TOTP_LOGIN, TOTP_SECRET
from medcab.demo.cases import Rights, rights_of
from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.dossiers import dossiers
from medcab.demo.loader import insert
from medcab.demo.patients import Patient as Drawn
from medcab.demo.staff import MISTYPED, Post, Story, Worker, workers
from medcab.demo.waiting import result_of
from medcab.patients.models import Patient
from medcab.security.crypto import blind_index
from medcab.security.passwords import hash_password

HALVED = "terapiya4"
"""A doctor who went over to half a post: load of the weeks before is counted by the whole one."""
HALVED_FOR = timedelta(days=70)
_NEWCOMERS = MISTYPED | {Story.DRAFT, Story.READY, Story.POSTPONED, Story.NO_RECORD}


def load(connection: sa.Connection, now: datetime, today: date) -> None:
    """Everybody who works in the clinics, and the clinics."""
    insert(connection, Organisation, [
        {"id": clinic.id, "name": clinic.name, "short_name": clinic.short_name, "ogrn": clinic.ogrn, "address": clinic.address}
        for clinic in CLINICS.values()
    ])  # fmt: skip
    insert(connection, Department, [
        {"id": ward.id, "organisation_id": CLINICS[ward.clinic].id, "name": ward.name} for ward in WARDS.values()
    ])  # fmt: skip
    rights = {dossier.worker.login: rights_of(dossier, today) for dossier in dossiers(today)}
    insert(connection, Person, [_person(worker, rights.get(worker.login, Rights()), now) for worker in workers()])
    insert(connection, Membership, [_membership(worker, post) for worker in workers() for post in worker.posts])
    insert(connection, EmploymentTerms, _changed_terms(now, today))
    _load_factors(connection, now)


def _joined(worker: Worker, now: datetime) -> datetime:
    """When the account was made. That of the draft is as old as the demo (`loaded_on`)."""
    if worker.story is Story.DRAFT:
        return now
    return now - timedelta(days=4 if worker.story in _NEWCOMERS else 430, hours=1)


def _person(worker: Worker, rights: Rights, now: datetime) -> dict[str, Any]:
    unique = {"snils": worker.snils, "inn": worker.inn, "phone": worker.phone, "email": worker.email}
    indexes = {f"{field}_index": blind_index(f"person.{field}", value) for field, value in unique.items()}
    name = worker.name
    return {
        "id": worker.id, "family_name": name.family, "given_name": name.given, "patronymic": name.patronymic,
        "birth_date": worker.born, **unique, **indexes, "created_at": _joined(worker, now), "standing": rights.standing,
        "standing_until": rights.until, "standing_reason": rights.reason,
    }  # fmt: skip


def _membership(worker: Worker, post: Post) -> dict[str, Any]:
    is_head = post.role == "department_head"
    title = worker.training.post if worker.specialty else "сотрудник"
    return {
        "id": identity("membership", f"{worker.login}/{post.clinic}/{post.ward}/{post.role}"), "person_id": worker.id,
        "organisation_id": CLINICS[post.clinic].id, "department_id": WARDS[post.ward].id if post.ward else None, "role": post.role,
        "post": "заведующий отделением" if is_head else title, "since": date(2024, 1, 9),
        "rate": 50 if len({each.clinic for each in worker.posts}) > 1 else 100,
    }  # fmt: skip


def _changed_terms(now: datetime, today: date) -> list[dict[str, Any]]:
    worker = next(each for each in workers() if each.login == HALVED)
    held = _membership(worker, worker.posts[0])
    return [{
        "id": identity("terms", HALVED), "membership_id": held["id"], "since": today - HALVED_FOR, "post": held["post"], "rate": 50,
        "made_at": now - HALVED_FOR,
    }]  # fmt: skip


def _load_factors(connection: sa.Connection, now: datetime) -> None:
    """One password for all, hashed once: the salt is shared, which a real service never does and a known password may."""
    hashed = result_of(hash_password, DEMO_PASSWORD)
    insert(connection, PasswordRecord, [
        {"id": identity("password", worker.login), "person_id": worker.id, "hash": hashed, "set_at": now - timedelta(days=3)}
        for worker in workers()
    ])  # fmt: skip
    insert(connection, TotpFactor, [{
        "id": identity("totp", TOTP_LOGIN), "person_id": identity("person", TOTP_LOGIN), "secret": TOTP_SECRET,
        "created_at": now - timedelta(days=90), "confirmed_at": now - timedelta(days=90),
    }])  # fmt: skip


def load_patients(connection: sa.Connection, patients: list[Drawn]) -> None:
    """The public of both clinics."""
    insert(connection, Patient, [
        {
            "id": patient.id, "organisation_id": CLINICS[patient.clinic].id, "family_name": patient.name.family,
            "given_name": patient.name.given, "patronymic": patient.name.patronymic,
            "search_name": patient.name.full.lower().replace("ё", "е"), "sex": patient.name.sex, "birth_date": patient.born,
            "snils": patient.snils, "snils_index": blind_index("patient.snils", patient.snils), "policy": patient.policy,
            "policy_index": blind_index("patient.policy", patient.policy), "phone": patient.phone, "created_at": patient.since,
        }
        for patient in patients
    ])  # fmt: skip
