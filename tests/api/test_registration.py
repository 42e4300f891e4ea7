"""Registration over HTTP: the steps in order, and nothing that tells a stranger who is registered."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action
from medcab.accounts.models import Flow, PasswordRecord, Person
from medcab.api import cookies
from tests.api.browser import Browser, journalled, last_code
from tests.api.conftest import EMAIL, PASSWORD, PHONE
from tests.cast import Cast
from tests.outbox import sent

NEW_PHONE, NEW_EMAIL = "+79991234567", "newcomer@medcab.example"
PERSON = {
    "family_name": "Новичкова", "given_name": "Мария", "patronymic": "", "birth_date": "14.03.1990",
    "snils": "112-233-445 95", "inn": "500100732259",
}  # fmt: skip
CONTACTS = {"phone": "8 999 123-45-67", "email": "NewComer@medcab.example"}


async def _until_codes(
    browser: Browser, contacts: dict[str, str] = CONTACTS, person: dict[str, str] = PERSON
) -> list[Any]:
    return [
        (await browser.post("/auth/register/person", person)).json(),
        (await browser.post("/auth/register/contacts", contacts)).json(),
        (await browser.post("/auth/register/password", {"password": PASSWORD})).json(),
    ]


async def _register(
    browser: Browser, contacts: dict[str, str] = CONTACTS, person: dict[str, str] = PERSON
) -> list[Any]:
    steps = await _until_codes(browser, contacts, person)
    steps.append((await browser.post("/auth/register/phone", {"code": await last_code(NEW_PHONE)})).json())
    steps.append((await browser.post("/auth/register/email", {"code": await last_code(NEW_EMAIL)})).json())
    return steps


STEPS = [{"next": f"/register/{step}"} for step in ("contacts", "password", "phone", "email", "done")]


async def test_somebody_new_registers_and_signs_in(browser: Browser, now: clock.Clock) -> None:
    assert await _register(browser) == STEPS
    assert await journalled() == [Action.CODE_SEND, Action.CODE_SEND, Action.ACCOUNT_REGISTER]
    async with db.reading() as session:
        person = (await session.exec(select(Person).where(Person.family_name == "Новичкова"))).one()
    assert (person.phone, person.email, person.snils) == (NEW_PHONE, NEW_EMAIL, "11223344595")
    answer = await browser.post("/auth/sign-in", {"login": NEW_PHONE, "password": PASSWORD})
    assert answer.json() == {"next": "/sign-in/code"}
    entered = await browser.post("/auth/sign-in/code", {"code": await last_code(NEW_PHONE)})
    assert entered.json() == {"next": "/consent"}  # the first time: the electronic signature


async def test_what_was_typed_comes_back_but_never_the_password(browser: Browser) -> None:
    await _until_codes(browser)
    assert (await browser.form("register-person"))["values"] == PERSON
    assert (await browser.form("register-contacts"))["values"] == {"phone": "+7 999 123-45-67", "email": NEW_EMAIL}
    for name in ("person", "contacts", "password", "phone", "email"):
        assert PASSWORD not in str(await browser.form(f"register-{name}"))
    async with db.reading() as session:
        [flow] = (await session.exec(select(Flow))).all()
    assert PASSWORD not in flow.data
    assert "$argon2id$" in flow.data


async def test_no_step_can_be_skipped(browser: Browser) -> None:
    assert (await browser.form("register-email"))["next"] == "/register/person"
    for path, body in (("contacts", CONTACTS), ("password", {"password": PASSWORD}), ("email", {"code": "123456"})):
        assert (await browser.post(f"/auth/register/{path}", body)).status_code == 409
    await browser.post("/auth/register/person", PERSON)
    assert (await browser.form("register-email"))["next"] == "/register/contacts"
    assert (await browser.post("/auth/register/email", {"code": "123456"})).status_code == 409


async def test_every_wrong_field_is_told_at_once(browser: Browser) -> None:
    wrong = {**PERSON, "snils": "112-233-445 96", "inn": "7707083893", "given_name": "", "birth_date": "31.02.1990"}
    errors = (await browser.post("/auth/register/person", wrong)).json()["errors"]
    assert set(errors) == {"snils", "inn", "given_name", "birth_date"}


async def test_a_password_is_measured_by_whose_it_is(browser: Browser) -> None:
    await browser.post("/auth/register/person", PERSON)
    await browser.post("/auth/register/contacts", CONTACTS)
    answer = await browser.post("/auth/register/password", {"password": "Novichkova-1990!"})
    assert answer.status_code == 422
    assert "password" in answer.json()["errors"]
    rules = (await browser.post("/auth/password-rules", {"password": "Novichkova-1990!"})).json()["rules"]
    assert [rule["code"] for rule in rules if not rule["ok"]] == ["personal"]
    assert all(set(rule) == {"code", "sentence", "ok"} for rule in rules)


async def test_a_changed_contact_is_proved_again(browser: Browser) -> None:
    await _until_codes(browser)
    await browser.post("/auth/register/phone", {"code": await last_code(NEW_PHONE)})
    changed = await browser.post("/auth/register/contacts", {**CONTACTS, "phone": "+7 999 765-43-21"})
    assert changed.json() == {"next": "/register/phone"}
    assert await last_code("+79997654321")


TAKEN = [
    ({**CONTACTS, "phone": PHONE}, PERSON, "phone"),
    ({**CONTACTS, "email": EMAIL}, PERSON, "email"),
]


@pytest.mark.parametrize(("contacts", "person", "field"), TAKEN)
async def test_a_taken_contact_looks_like_a_free_one_and_its_owner_is_told(
    browser: Browser, contacts: dict[str, str], person: dict[str, str], field: str
) -> None:
    assert await _until_codes(browser, contacts, person) == STEPS[:3]
    if field == "email":
        code = await last_code(NEW_PHONE)
        assert (await browser.post("/auth/register/phone", {"code": code})).json() == STEPS[3]
    data = (await browser.form(f"register-{field}"))["data"]
    assert data["resend_in"] == 60
    assert await last_code(PHONE if field == "phone" else EMAIL) == ""
    wrong = await browser.post(f"/auth/register/{field}", {"code": "000000"})
    assert set(wrong.json()["errors"]) == {"code"}
    [letter] = [letter for letter in await sent("mail") if letter["to"] == EMAIL]
    assert "Кто-то пытался зарегистрироваться" in letter["text"]
    assert Action.ACCOUNT_REGISTER_TAKEN in await journalled()


async def test_a_taken_snils_ends_on_the_same_page_and_makes_nobody(browser: Browser, staff: Cast) -> None:
    async with db.transaction() as session:
        from medcab.accounts import queries

        owner = await session.get_one(Person, staff.doctor.person_id)
        owner.snils, owner.snils_index = "11223344595", queries.index_of("snils", "11223344595")
    assert await _register(browser) == STEPS
    async with db.reading() as session:
        assert (await session.exec(select(Person).where(Person.family_name == "Новичкова"))).first() is None
    assert [letter["to"] for letter in await sent("mail") if "попытка регистрации" in letter["subject"]] == [EMAIL]
    assert (await journalled())[-1] == Action.ACCOUNT_REGISTER_TAKEN
    assert (await browser.post("/auth/sign-in", {"login": NEW_PHONE, "password": PASSWORD})).status_code == 422


async def test_an_owner_is_not_flooded_with_letters(browser: Browser, now: clock.Clock) -> None:
    for _ in range(3):
        await _until_codes(browser, {**CONTACTS, "phone": PHONE})
        now.tick(timedelta(minutes=2))
        await browser.post("/auth/register/phone/resend")
        browser.http.cookies.delete(cookies.name_of(cookies.REGISTRATION))
        now.tick(timedelta(minutes=2))
    assert len([letter for letter in await sent("mail") if letter["to"] == EMAIL]) == 1


async def test_two_who_finish_at_once_make_one_person(staff: Cast, now: clock.Clock) -> None:
    first, second = Browser(), Browser()
    await _until_codes(first)
    code = await last_code(NEW_PHONE)
    await first.post("/auth/register/phone", {"code": code})
    code_of_first = await last_code(NEW_EMAIL)
    now.tick(timedelta(seconds=61))
    await _until_codes(second)
    await second.post("/auth/register/phone", {"code": await last_code(NEW_PHONE)})
    codes = (code_of_first, await last_code(NEW_EMAIL))
    answers = await asyncio.gather(
        *(
            browser.post("/auth/register/email", {"code": code})
            for browser, code in zip((first, second), codes, strict=True)
        )
    )
    assert [answer.json() for answer in answers] == [STEPS[4]] * 2
    async with db.reading() as session:
        made = (await session.exec(select(Person).where(Person.family_name == "Новичкова"))).all()
        assert len(made) == 1
        assert (
            len((await session.exec(select(PasswordRecord).where(col(PasswordRecord.person_id) == made[0].id))).all())
            == 1
        )


async def test_codes_of_other_steps_and_registrations_do_not_fit(browser: Browser, now: clock.Clock) -> None:
    await _until_codes(browser)
    phone_code = await last_code(NEW_PHONE)
    await browser.post("/auth/register/phone", {"code": phone_code})
    assert (await browser.post("/auth/register/email", {"code": phone_code})).status_code == 422
    assert (await browser.post("/auth/register/phone", {"code": phone_code})).status_code == 409


async def test_one_address_cannot_have_messages_sent_without_end(staff: Cast, now: clock.Clock) -> None:
    for number in range(25):
        browser = Browser(ip="203.0.113.77")
        await _until_codes(browser, {"phone": f"+7999000{number:04}", "email": f"n{number}@medcab.example"})
        now.tick(timedelta(seconds=70))
    assert len(await sent("sms")) == 20


@pytest.mark.parametrize(
    ("field", "value", "formatted"),
    [
        ("snils", "11223344595", "112-233-445 95"), ("phone", "89123456789", "+7 912 345-67-89"), ("inn", "500100732259", "500100732259"),
        ("email", "A@Mail.RU", "a@mail.ru"), ("birth_date", "1990-03-14", "14.03.1990"), ("family_name", "Иванова", "Иванова"),
    ],
)  # fmt: skip
async def test_a_field_is_checked_while_it_is_typed(browser: Browser, field: str, value: str, formatted: str) -> None:
    assert (await browser.post("/auth/check", {"field": field, "value": value})).json() == {
        "error": "",
        "formatted": formatted,
    }
    refused = (await browser.post("/auth/check", {"field": field, "value": "?"})).json()
    assert refused["error"]
    assert refused["formatted"] == ""


async def test_an_unknown_field_is_not_checked(browser: Browser) -> None:
    assert (await browser.post("/auth/check", {"field": "__class__", "value": "x"})).status_code == 404
