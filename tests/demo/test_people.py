"""Whoever the demo's list names can sign in, and the register says of them what the demo promises."""

from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa
from sqlmodel import select

from medcab import db, demo
from medcab.accounts.models import Organisation, PasswordRecord, Person, TotpFactor
from medcab.demo import names
from medcab.demo.accounts import TOTP_LOGIN, TOTP_SECRET
from medcab.demo.clinic import identity
from medcab.demo.register import newcomers as told_newcomers
from medcab.documents.models import Document, StoredFile
from medcab.integrations.federal_register.mapping import FullAnswer, LicenceAnswer, to_record
from medcab.sandbox.store import Store
from medcab.security.password_rules import password_rules
from medcab.security.passwords import verify_password
from medcab.staff import queries as staff
from medcab.staff.models import Invitation
from medcab.staff.queries import Wanted
from medcab.staff.rules import State
from medcab.storage import read_whole
from medcab.verification import queries
from medcab.verification.disputes.models import Dispute, DisputePaper
from medcab.verification.disputes.rules import DisputeState
from medcab.verification.models import CaseItem, CaseItemEvent, VerificationCase
from medcab.verification.rules import (
    Item,
    ItemState,
    RegisterRecord,
    case_state,
    compare,
    items_to_check,
    may_be_overridden,
    may_submit,
)
from tests.demo.conftest import MONDAY, rows


def records() -> dict[str, RegisterRecord]:
    """What the register would answer about each SNILS, read as the client reads it."""
    licences = tuple(LicenceAnswer.model_validate({"licence": each}).licence for each in demo.register_licences())
    answers = [FullAnswer.model_validate(each) for each in demo.register_people()]
    return {answer.person.snils: to_record(answer, licences) for answer in answers}


def people(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    return {row["email"].split("@")[0]: row for row in rows(connection, Person)}


async def test_listed_accounts_open_with_the_password(clinic: sa.Connection) -> None:
    known = {row["email"]: row for row in rows(clinic, Person)}
    hashes = {row["person_id"]: row["hash"] for row in rows(clinic, PasswordRecord)}
    assert set(hashes) == {row["id"] for row in known.values()}
    assert len(set(hashes.values())) == 1
    assert await verify_password(demo.DEMO_PASSWORD, hashes[known[demo.DEMO_ACCOUNTS[0].login]["id"]])
    assert 12 <= len(demo.DEMO_ACCOUNTS) <= 20
    for account in demo.DEMO_ACCOUNTS:
        person = known[account.login]
        assert account.name == f"{person['family_name']} {person['given_name']} {person['patronymic']}"
        context = [account.login, person["phone"], person["family_name"], person["given_name"], "medcab"]
        assert all(rule.ok for rule in password_rules(account.password, context=context))
        assert account.role_title
        assert account.note


def test_one_account_has_an_authenticator_with_the_shown_key(clinic: sa.Connection) -> None:
    [factor] = rows(clinic, TotpFactor)
    assert factor["person_id"] == people(clinic)[TOTP_LOGIN]["id"]
    assert factor["confirmed_at"] is not None
    assert factor["secret"] == TOTP_SECRET
    assert len(pyotp.TOTP(TOTP_SECRET).now()) == 6
    assert any(TOTP_SECRET in account.note for account in demo.DEMO_ACCOUNTS)


async def test_the_check_would_find_what_the_demo_shows(clinic: sa.Connection) -> None:
    """Claims and findings are read back by verification's own queries and asked again of the register's records."""
    register, today, known = records(), MONDAY.date(), people(clinic)
    async with db.reading() as session:
        for case in (await session.exec(sa.select(VerificationCase))).scalars():
            person = next(each for each in known.values() if each["id"] == case.person_id)
            login = person["email"].split("@")[0]
            claim = await queries.claim_of(session, case.person_id, case)
            findings = await queries.findings_of(session, case, claim)
            activated = login not in {
                "chernovik",
                "gotov",
                "raskhozhdenie",
                "sporit",
                "sporit2",
                "otlozheno",
                "netzapisi",
            }
            submitted = case.submitted_at is not None
            assert case.state == case_state(findings, today=today, submitted=submitted, activated=activated)
            if submitted:
                assert items_to_check(queries.CLAIM.validate_json(case.checked_claim), claim) == frozenset()
            if login == "netzapisi":
                assert person["snils"] not in register
            elif login != "chernovik":
                answer = compare(claim, register[person["snils"]], today=today)
                wrong = {item for item, finding in answer.items() if finding.state is ItemState.MISMATCH}
                expected = {key: {Item.DIPLOMA} for key in ("raskhozhdenie", "sporit", "sporit2")}
                assert wrong == {**expected, "istekla": {Item.ACCREDITATION}}.get(login, set())
            if login in {"gotov", "raskhozhdenie", "otlozheno", "netzapisi", "istekla"}:
                assert may_submit(claim) == []


async def test_one_dispute_waits_for_an_operator_and_one_for_the_second(clinic: sa.Connection) -> None:
    """Both may be accepted: the papers are there, and what is disputed is no loss."""
    found = {row["person_id"]: row for row in rows(clinic, Dispute)}
    known = people(clinic)
    waiting, proposed = found[known["sporit"]["id"]], found[known["sporit2"]["id"]]
    assert (waiting["state"], proposed["state"]) == (DisputeState.WAITING, DisputeState.PROPOSED)
    assert proposed["proposed_by_id"] == known["podderzhka"]["id"]
    assert len(rows(clinic, DisputePaper)) == 4
    async with db.reading() as session:
        for dispute in found.values():
            case = await session.get(VerificationCase, dispute["case_id"])
            findings = await queries.findings_of(
                session, case, await queries.claim_of(session, dispute["person_id"], case)
            )
            assert findings[Item.DIPLOMA].code == dispute["code"]
            assert may_be_overridden(findings[Item.DIPLOMA])
    assert {row["id"] for row in rows(clinic, CaseItem)} == {row["id"] for row in rows(clinic, CaseItemEvent)}


async def test_papers_that_are_to_be_sent_again_have_files(clinic: sa.Connection) -> None:
    files = {row["id"]: row for row in rows(clinic, StoredFile)}
    assert {row["file_id"] for row in rows(clinic, Document)} - {None} == set(files)
    name, row = next(iter(files.items()))
    content = await read_whole(name)
    assert content.startswith(b"%PDF-")
    assert len(content) == row["size"]
    assert {each["name"] for each in files.values()} == {"Диплом.pdf", "Аккредитация.pdf", "Лицензия.pdf"}


def test_newcomers_are_in_the_register_and_not_here(clinic: sa.Connection) -> None:
    here = {row["snils"] for row in rows(clinic, Person)}
    strangers = [record for number, record in records().items() if number not in here]
    assert len(strangers) == len(demo.newcomers()) == 2
    texts = "\n".join(told_newcomers(MONDAY.date()))
    assert all(record.person.full_name in texts for record in strangers)
    confirmed, differing = demo.newcomers()
    assert "Диплом: 1077" in confirmed
    assert "расхождение" not in confirmed
    assert "расхождение" in differing


def test_the_sandbox_takes_the_records(clinic: sa.Connection, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_people(demo.register_people(), demo.register_licences())
    assert store.count("person") == len(demo.register_people())
    assert store.count("licence") == len(rows(clinic, Organisation))
    store.close()


def test_greeting_lists_accounts_and_newcomers(clinic: sa.Connection, settings: Any) -> None:
    said = demo.greeting(settings, 1.9)
    assert all(account.login in said for account in demo.DEMO_ACCOUNTS)
    assert demo.DEMO_PASSWORD in said
    assert settings.origin in said
    assert settings.sandbox_url in said


def test_patronymics_and_family_names_have_right_forms() -> None:
    assert [names.patronymic(father, "F") for father in ("Сергей", "Илья", "Григорий", "Олег", "Игорь", "Дмитрий")] == [
        "Сергеевна", "Ильинична", "Григорьевна", "Олеговна", "Игоревна", "Дмитриевна",
    ]  # fmt: skip
    assert names.family("Соловьёв", "F") == "Соловьёва"
    assert names.family("Покровский", "F") == "Покровская"
    assert names.family("Черных", "F") == "Черных"


async def test_the_clinics_administrators_have_been_at_work(clinic: sa.Connection) -> None:
    """Somebody in every state that a list can show, and an invitation to one who is in the list of accounts."""
    today = MONDAY.date()
    async with db.reading() as session:
        here = identity("organisation", "п7")
        found = {state: await staff.people(session, here, Wanted(state=state), today, 1) for state in State}
        invited = (await session.exec(select(Invitation))).all()
    assert {state: bool(total) for state, (_, total) in found.items()} == dict.fromkeys(State, True)
    assert {one.email for one in invited} & {account.login for account in demo.DEMO_ACCOUNTS}
    assert any(one.expires_at < MONDAY for one in invited)
