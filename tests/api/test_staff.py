"""The administrator's doors over HTTP: refusals at their fields, foreign ids like none, files that are no lists."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Role
from medcab.accounts.models import Membership, Person
from medcab.security import tokens
from medcab.settings import get_settings
from medcab.staff.models import Invitation
from tests.api.browser import Browser
from tests.api.conftest import enter
from tests.cast import CLINIC, FOREIGN_WARD, WARD, Cast
from tests.outbox import sent
from tests.staff.making import xlsx

ADMIN_PHONE, ADMIN_MAIL = "+79120000006", "person6@medcab.example"
GUEST = {"family_name": "Новая", "given_name": "Анна", "email": "new@medcab.example", "role": "nurse", "rate": "0,5"}
HEAD = ["Фамилия", "Имя", "E-mail", "Роль"]


@pytest.fixture
async def admin(browser: Browser, now: clock.Clock) -> Browser:
    await enter(browser, ADMIN_PHONE, ADMIN_PHONE)
    now.tick(timedelta(minutes=2))
    return browser


async def upload(browser: Browser, data: bytes, *, token: str = "") -> tuple[int, dict]:
    csrf = token or (await browser.http.get("/api/staff/sheets/form")).json().get("csrf", "")
    headers = {"origin": get_settings().origin, "x-csrf-token": csrf}
    answer = await browser.http.post("/api/staff/sheets", files={"file": ("список.xlsx", data)}, headers=headers)
    return answer.status_code, answer.json()


async def test_wrong_fields_are_told_one_by_one(admin: Browser) -> None:
    answer = await admin.post("/api/staff/invite", {**GUEST, "email": "мама", "given_name": ""})
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {"email", "given_name"})
    answer = await admin.post(
        "/api/staff/invite", {**GUEST, "role": "security_admin", "rate": "5", "post": "=1", "since": "x"}
    )
    assert set(answer.json()["errors"]) == {"role", "rate", "post", "since"}
    assert await sent("mail") == []
    answer = await admin.post("/api/staff/invite", GUEST)
    assert answer.json() == {"next": "/staff?state=invited"}


@pytest.mark.parametrize("wanted", [11, None])
async def test_foreign_people_and_departments_are_like_none(admin: Browser, wanted: int | None) -> None:
    """`11` works in the other clinic."""
    person = str(uuid4()) if wanted is None else f"00000000-0000-0000-0000-{wanted:012x}"
    ward = str(uuid4()) if wanted is None else str(FOREIGN_WARD)
    for path, body in (
        (f"/api/staff/place?id={person}", {"role": "nurse"}),
        (f"/api/staff/suspend?id={person}", {"reason": "x", "agreed": True}),
        (f"/api/staff/dismiss?id={person}", {"last_day": "30.11.2026"}),
        (f"/api/staff/department?id={ward}", {"name": "Моё"}),
        ("/api/staff/invite", {**GUEST, "department_id": ward}),
    ):
        answer = await admin.post(path, body)
        assert answer.status_code == 404, path
        assert answer.json()["message"] in ("Сотрудник не найден.", "Отделение не найдено.")
    for form in ("staff-place", "staff-person"):
        assert (await admin.http.get(f"/auth/form/{form}", params={"id": person})).status_code == 404
    assert (await admin.http.get("/auth/form/staff-department", params={"id": ward})).status_code == 404


async def test_an_own_person_is_changed(admin: Browser, cast: Cast) -> None:
    person = cast.doctor.person_id
    form = await admin.form("staff-place", id=str(person))
    assert [one["value"] for one in form["data"]["options"]["role"]] == [
        "specialist", "therapist", "nurse", "pharmacist", "department_head", "clinic_admin",
    ]  # fmt: skip
    body = {"role": "nurse", "department_id": str(WARD), "rate": "0,25"}
    answer = await admin.post(f"/api/staff/place?id={person}", body)
    assert answer.json() == {"next": f"/staff/person?id={person}"}
    async with db.reading() as session:
        query = select(Membership).where(Membership.person_id == person, Membership.role == Role.NURSE)
        held = (await session.exec(query)).one()
    assert held.rate == 25
    form = await admin.form("staff-place", id=str(person), place=str(held.id))
    assert (form["values"]["rate"], form["values"]["role"]) == ("0,25", "nurse")


async def test_a_list_is_taken_and_what_is_none_refused(admin: Browser) -> None:
    status, answer = await upload(admin, xlsx([HEAD, ["Новая", "Анна", "new@medcab.example", "Медсестра"]]))
    assert status == 200
    assert set(answer) == {"id", "warnings"}
    for data in (b"", b"\x89PNG\0", xlsx([["Имя"], ["Анна"]]), b"a;b\n" * 300_000):
        status, answer = await upload(admin, data)
        assert (status, set(answer["errors"])) == (422, {"file"})
    assert (await upload(admin, b"x", token="x" * 64))[0] == 403


async def test_the_sample_opens_in_a_russian_spreadsheet(admin: Browser) -> None:
    answer = await admin.http.get("/api/staff/sheets/sample")
    assert answer.content.startswith("\ufeffФамилия;Имя".encode())
    assert "attachment" in answer.headers["content-disposition"]


async def test_whoever_is_no_administrator_has_none_of_it(doctor: Browser) -> None:
    for path in (
        "/api/staff/sheets/form",
        "/api/staff/sheets/sample",
        "/auth/form/staff-invite",
        "/auth/form/staff-department",
    ):
        assert (await doctor.http.get(path)).status_code == 403, path
    assert (await upload(doctor, b"x", token=(await doctor.form("session"))["csrf"]))[0] == 403
    assert (await doctor.post("/api/staff/invite", GUEST)).status_code == 403


async def test_accepting_takes_our_page_and_a_token(doctor: Browser, cast: Cast) -> None:
    """A link that is opened, or a form on another site, changes nothing."""
    async with db.transaction() as session:
        person = await session.get_one(Person, cast.doctor.person_id)
        made = Invitation(
            organisation_id=CLINIC, email="x", email_index=person.email_index, family_name="И", given_name="А", role=Role.NURSE,
            token_hash=tokens.fingerprint("x"), created_at=clock.now(), sent_at=clock.now(), expires_at=clock.now() + timedelta(days=1),
        )  # fmt: skip
        session.add(made)
    for headers in ({"origin": "https://evil.example"}, {"x-csrf-token": "0" * 64}, {"origin": ""}):
        assert (await doctor.post("/api/invitations/accept", {"id": str(made.id)}, headers=headers)).status_code == 403
    assert (await doctor.http.get("/api/invitations/accept")).status_code == 405
    for _ in range(2):
        answer = await doctor.post("/api/invitations/accept", {"id": str(made.id)})
    assert answer.status_code == 409  # the second time
    async with db.reading() as session:
        held = (await session.exec(select(Membership).where(Membership.person_id == cast.doctor.person_id))).all()
    assert {(one.role, one.since) for one in held} == {(Role.SPECIALIST, date(2020, 1, 1)), (Role.NURSE, clock.today())}
