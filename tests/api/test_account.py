"""What a signed-in person changes about how they get in; each change needs a fresh second factor and is told to the owner."""

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from urllib.parse import quote

import pyotp
import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action
from medcab.accounts.factors import service as factors
from medcab.accounts.models import Factor, Person, TotpFactor
from medcab.accounts.passwords import service as passwords
from medcab.accounts.queries import index_of
from medcab.accounts.rules import POLICY
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.api import cookies, floods
from medcab.errors import SignInRequired
from medcab.settings import get_settings
from tests.api.browser import Browser, forget_limits, journalled, last_code
from tests.api.conftest import EMAIL, PASSWORD, PHONE, enter
from tests.cast import Cast
from tests.outbox import sent

NEW = "Granite-Window-41-rain"
CHANGES = [
    ("/account/totp/begin", {}), ("/account/totp/confirm", {"code": "123456"}), ("/account/totp/remove", {}),
    ("/account/recovery-codes", {}), ("/account/phone", {"phone": "+79991112233"}), ("/account/email", {"email": "x@mail.ru"}),
    ("/account/password", {"current": PASSWORD, "new": NEW}),
]  # fmt: skip


async def _enrol(browser: Browser) -> str:
    begun = (await browser.post("/account/totp/begin")).json()["data"]
    secret = begun["secret"].replace(" ", "")
    answer = await browser.post("/account/totp/confirm", {"code": pyotp.TOTP(secret).at(clock.now())})
    assert answer.json() == {"next": "/security"}
    return secret


@pytest.mark.parametrize(("path", "body"), CHANGES)
async def test_a_change_needs_a_fresh_factor(
    doctor: Browser, now: clock.Clock, path: str, body: dict[str, str]
) -> None:
    now.tick(timedelta(minutes=5))
    answer = await doctor.post(path, body, headers={"referer": "http://127.0.0.1:8080/security/totp"})
    assert answer.status_code == 403
    assert answer.json()["data"] == {"step_up": True}
    assert answer.json()["next"] == "/security/confirm?next=/security/totp"


async def test_a_fresh_factor_makes_a_new_token_of_the_same_session(
    doctor: Browser, staff: Cast, now: clock.Clock
) -> None:
    now.tick(timedelta(minutes=6))
    before = doctor.cookie(cookies.SESSION)
    assert (await doctor.form("password"))["next"] == "/security/confirm"
    assert (await doctor.post("/account/step-up/send")).json()["data"] == {"resend_in": 60}
    answer = await doctor.post("/account/step-up", {"code": await last_code(PHONE), "next": "/security/password"})
    assert answer.json() == {"next": "/security/password"}
    after = doctor.cookie(cookies.SESSION)
    assert before != after
    async with db.reading() as session:
        assert await actor_for(session, before) is None
        assert await actor_for(session, after)
    assert "next" not in await doctor.form("password")
    assert (await journalled())[-1] == Action.SESSION_STEP_UP


async def test_a_step_up_needs_the_right_code_of_this_session(doctor: Browser, now: clock.Clock) -> None:
    await doctor.post("/account/step-up/send")
    code = await last_code(PHONE)
    other = Browser(ip="203.0.113.50")
    await enter(other)
    assert (await other.post("/account/step-up", {"code": code})).status_code == 422
    assert (await journalled())[-1] == Action.CODE_REFUSED
    assert (await doctor.post("/account/step-up", {"code": code})).status_code == 200
    assert (await doctor.post("/account/step-up", {"code": code})).status_code == 422


async def test_an_app_becomes_the_second_factor(doctor: Browser, now: clock.Clock) -> None:
    begun = (await doctor.post("/account/totp/begin")).json()["data"]
    assert begun["qr_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert begun["uri"].startswith("otpauth://totp/medcab:")
    assert begun["secret"].count(" ") == 7
    now.tick(timedelta(minutes=1))
    secret = await _enrol(doctor)
    assert {one["to"] for one in await sent() if "аутентификатор" in one["text"]} == {PHONE, EMAIL}
    assert (await journalled())[-1] == Action.TOTP_ENROL
    await doctor.post("/auth/sign-out")
    now.tick(timedelta(minutes=1))
    await doctor.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    data = (await doctor.form("sign-in-code"))["data"]
    assert (data["method"], data["methods"]) == ("totp", ["totp", "sms"])
    answer = await doctor.post("/auth/sign-in/code", {"code": pyotp.TOTP(secret).at(clock.now())})
    assert answer.status_code == 200


async def test_a_code_of_the_app_is_accepted_once_of_many_at_once(
    doctor: Browser, staff: Cast, now: clock.Clock
) -> None:
    secret = await _enrol(doctor)
    now.tick(timedelta(minutes=1))
    code = pyotp.TOTP(secret).at(clock.now())
    browsers = [Browser(ip=f"203.0.113.{number}") for number in range(20)]
    for browser in browsers:
        await browser.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    answers = await asyncio.gather(*(browser.post("/auth/sign-in/code", {"code": code}) for browser in browsers))
    assert Counter(answer.status_code for answer in answers)[200] == 1
    [replayed, *_] = [answer.json() for answer in answers if answer.status_code == 422]
    assert "уже использован" in replayed["errors"]["code"]


async def test_a_phone_with_a_wrong_clock_is_told_so(doctor: Browser, now: clock.Clock) -> None:
    secret = await _enrol(doctor)
    await doctor.post("/auth/sign-out")
    now.tick(timedelta(minutes=10))
    await doctor.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    fast = pyotp.TOTP(secret).at(clock.now() + timedelta(minutes=3))
    answer = await doctor.post("/auth/sign-in/code", {"code": fast})
    assert (
        answer.json()["errors"]["code"]
        == "Код введён на 3 минуты раньше, чем он начнёт действовать: проверьте часы телефона."
    )
    now.tick(timedelta(minutes=3))
    assert (
        await doctor.post("/auth/sign-in/code", {"code": fast})
    ).status_code == 422  # what was told of is never accepted


async def test_a_person_can_choose_another_way_at_sign_in(doctor: Browser, now: clock.Clock) -> None:
    await _enrol(doctor)
    codes = (await doctor.post("/account/recovery-codes")).json()["data"]["codes"]
    assert len(set(codes)) == 10
    await doctor.post("/auth/sign-out")
    now.tick(timedelta(minutes=2))
    await doctor.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    assert (await doctor.post("/auth/sign-in/method", {"method": "sms"})).json()["data"]["method"] == "sms"
    assert await last_code(PHONE)
    assert (await doctor.post("/auth/sign-in/method", {"method": "recovery"})).json()["data"]["method"] == "recovery"
    answer = await doctor.post("/auth/sign-in/code", {"code": codes[0]})
    assert answer.status_code == 200, answer.text
    assert Action.RECOVERY_CODE_USE in await journalled()
    await doctor.post("/auth/sign-out")
    await doctor.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    again = await doctor.post("/auth/sign-in/code", {"code": codes[0], "method": "recovery"})
    assert again.status_code == 422
    assert (await doctor.post("/auth/sign-in/code", {"code": codes[1], "method": "recovery"})).status_code == 200
    assert (await doctor.form("security"))["data"]["recovery_codes_left"] == 8


async def test_a_new_set_of_recovery_codes_voids_the_old(doctor: Browser, now: clock.Clock) -> None:
    old = (await doctor.post("/account/recovery-codes")).json()["data"]["codes"]
    await doctor.post("/account/recovery-codes")
    assert (await doctor.post("/account/step-up", {"code": old[0], "method": "recovery"})).status_code == 422
    assert (await journalled()).count(Action.RECOVERY_CODES_MAKE) == 2


async def test_a_removed_app_asks_for_no_code_any_more(doctor: Browser, staff: Cast) -> None:
    await _enrol(doctor)
    assert (await doctor.post("/account/totp/remove")).json() == {"next": "/security"}
    assert (await journalled())[-1] == Action.TOTP_REMOVE
    async with db.reading() as session:
        assert (await session.exec(select(TotpFactor))).all() == []
    assert (await doctor.post("/account/totp/remove")).status_code == 404


async def test_a_hundred_wrong_codes_close_an_app_until_it_is_set_up_anew(doctor: Browser, now: clock.Clock) -> None:
    secret = await _enrol(doctor)

    async def show_the_app() -> int:
        await doctor.post("/auth/sign-out")
        now.tick(timedelta(hours=2))
        forget_limits()
        await doctor.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
        return (await doctor.post("/auth/sign-in/code", {"code": pyotp.TOTP(secret).at(clock.now())})).status_code

    await _fail(Factor.TOTP, POLICY.failures_total - 1, now)
    assert await show_the_app() == 200  # right within the limit: the count begins anew
    await _fail(Factor.TOTP, POLICY.failures_total, now)
    assert await show_the_app() == 429
    await doctor.post("/auth/sign-in/method", {"method": "sms"})
    assert (await doctor.post("/auth/sign-in/code", {"code": await last_code(PHONE)})).status_code == 200
    secret = await _enrol(doctor)
    assert await show_the_app() == 200


async def _fail(factor: Factor, times: int, now: clock.Clock) -> None:
    """So many wrong codes, as slowly as the hourly limit wants them."""
    async with db.transaction() as session:
        [person_id] = (
            await session.exec(select(Person.id).where(Person.phone_index == index_of("phone", PHONE)))
        ).all()
    for number in range(times):
        if number % POLICY.totp_rate.count == 0:
            now.tick(timedelta(hours=1))
        async with db.transaction() as session:
            assert await factors.prove(session, person_id, factor, "wrong")


async def test_a_new_phone_is_proved_by_a_code_sent_to_it(doctor: Browser, staff: Cast, now: clock.Clock) -> None:
    answer = await doctor.post("/account/phone", {"phone": "8 999 111-22-33"})
    assert answer.json()["data"] == {"pending": "+7 999 111-22-33", "resend_in": 60}
    assert (await doctor.form("phone"))["data"]["pending"] == "+7 999 111-22-33"
    assert (await doctor.post("/account/phone/confirm", {"code": "000000"})).status_code == 422
    done = await doctor.post("/account/phone/confirm", {"code": await last_code("+79991112233")})
    assert done.json() == {"next": "/security"}
    async with db.reading() as session:
        assert (await session.get_one(Person, staff.doctor.person_id)).phone == "+79991112233"
    told = [one["to"] for one in await sent() if "номер телефона" in one["text"] or "изменён на другой" in one["text"]]
    assert set(told) == {PHONE, EMAIL}
    assert (await journalled())[-1] == Action.PHONE_CHANGE
    assert (await doctor.form("phone"))["data"] == {}


async def test_a_new_address_is_told_to_the_old_one(doctor: Browser) -> None:
    await doctor.post("/account/email", {"email": "new@medcab.example"})
    await doctor.post("/account/email/confirm", {"code": await last_code("new@medcab.example")})
    assert {one["to"] for one in await sent() if "почта" in one["text"].lower() or "адрес почты" in one["text"]} == {
        PHONE,
        EMAIL,
    }
    assert (await journalled())[-1] == Action.EMAIL_CHANGE


async def test_a_taken_phone_is_not_revealed(doctor: Browser, staff: Cast) -> None:
    free = await doctor.post("/account/phone", {"phone": "+79991112233"})
    taken = await doctor.post("/account/phone", {"phone": "+79120000002"})
    assert free.status_code == taken.status_code == 200
    assert set(free.json()["data"]) == set(taken.json()["data"])
    assert await last_code("+79120000002") == ""
    assert (await doctor.post("/account/phone/confirm", {"code": "000000"})).status_code == 422
    assert [letter["to"] for letter in await sent("mail")][-1] == "person2@medcab.example"


async def test_messages_to_ever_new_numbers_come_to_an_end(doctor: Browser) -> None:
    """Each costs money and reaches somebody who asked for nothing."""
    for number in range(most := POLICY.sends_per_address[0].count):
        assert (await doctor.post("/account/phone", {"phone": f"+7999111{number:04}"})).json()["data"][
            "resend_in"
        ] == 60
        forget_limits()
    held = await doctor.post("/account/phone", {"phone": "+79992223344"})
    assert held.json()["data"]["resend_in"] > 60
    assert await last_code("+79992223344") == ""
    assert len({one["to"] for one in await sent("sms") if "смены контакта" in one["text"]}) == most


async def test_a_password_change_asks_for_the_present_one_and_ends_other_sessions(
    doctor: Browser, now: clock.Clock
) -> None:
    other = Browser(ip="203.0.113.60")
    await enter(other)
    weak = [await doctor.post("/account/password", {"current": PASSWORD, "new": f"short{n}"}) for n in range(5)]
    assert {answer.status_code for answer in weak} == {422}  # a new one that is no good is no wrong present one
    for guess in ("not it either", "nor this"):
        await doctor.post("/account/password", {"current": guess, "new": NEW})
    wrong = await doctor.post("/account/password", {"current": "not it", "new": NEW})
    assert set(wrong.json()["errors"]) == {"current"}
    forget_limits()
    assert (
        await doctor.post("/account/password", {"current": PASSWORD, "new": NEW})
    ).status_code == 429  # tries are counted
    now.tick(timedelta(seconds=10))
    same = await doctor.post("/account/password", {"current": PASSWORD, "new": PASSWORD})
    assert set(same.json()["errors"]) == {"new"}
    assert (await doctor.post("/account/password", {"current": PASSWORD, "new": NEW})).json() == {"next": "/security"}
    assert (await other.http.get("/auth/form/security")).status_code == 401
    assert (await doctor.http.get("/auth/form/security")).status_code == 200
    assert Action.PASSWORD_CHANGE in await journalled()


async def test_a_password_change_shuts_out_a_copy_of_the_own_session(doctor: Browser) -> None:
    copied = doctor.cookie(cookies.SESSION)
    assert (await doctor.post("/account/password", {"current": PASSWORD, "new": NEW})).status_code == 200
    async with db.reading() as session:
        assert await actor_for(session, copied) is None
        assert await actor_for(session, doctor.cookie(cookies.SESSION))


async def test_a_session_that_ended_meanwhile_changes_no_password(doctor: Browser, staff: Cast) -> None:
    """Its owner recovered access while the passwords were being compared."""
    async with db.reading() as session:
        actor = await actor_for(session, doctor.cookie(cookies.SESSION))
    assert actor
    async with db.transaction() as session:
        await sessions.end_all(session, actor.person_id, "recovered")
    with pytest.raises(SignInRequired):
        async with db.transaction() as session:
            await passwords.change(session, actor, "the thief's")
    async with db.reading() as session:
        assert "the thief's" not in await passwords.history(session, actor.person_id)


async def test_none_of_the_last_five_passwords_comes_back(doctor: Browser, now: clock.Clock) -> None:
    used = [PASSWORD, *(f"Granite-Window-{number}-rain" for number in (11, 22, 33, 44, 55))]
    for current, new in pairwise(used):
        floods.limiter.storage.reset()
        now.tick(timedelta(seconds=1))
        assert (await doctor.post("/account/password", {"current": current, "new": new})).status_code == 200
    assert (await doctor.post("/account/password", {"current": used[-1], "new": used[1]})).status_code == 422
    now.tick(timedelta(seconds=5))
    assert (await doctor.post("/account/password", {"current": used[-1], "new": used[0]})).status_code == 200


@pytest.mark.parametrize(
    ("asked", "next_"),
    [
        ("/invitation?key=a-b_1", "/invitation?key=a-b_1"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_whoever_is_asked_for_consent_goes_on_to_where_they_were_going(
    doctor: Browser, asked: str, next_: str
) -> None:
    page = f"{get_settings().origin}/consent?next={quote(asked, safe='')}"
    answer = await doctor.post("/account/consent", {"agree": True}, headers={"referer": page})
    assert answer.json() == {"next": next_}


async def test_consent_issues_a_certificate_and_refusing_takes_it_back(doctor: Browser) -> None:
    assert (await doctor.post("/account/consent", {"agree": "yes"})).status_code == 422
    assert (await doctor.post("/account/consent", {"agree": True})).json() == {"next": "/"}
    data = (await doctor.form("consent"))["data"]
    assert data["certificate"]["subject"] == "Иванова Анна Петровна"
    assert (await journalled())[-2:] == [Action.CONSENT_GIVE, Action.CERTIFICATE_ISSUE]
    assert (await doctor.post("/account/consent", {"agree": True})).status_code == 409
    await doctor.post("/account/consent", {"agree": False})
    assert "certificate" not in (await doctor.form("consent"))["data"]
    assert (await journalled())[-1] == Action.CONSENT_DECLINE


async def test_an_old_password_is_reminded_of(doctor: Browser, staff: Cast, now: clock.Clock) -> None:
    assert (await doctor.form("security"))["data"]["password_remind"] == ""
    await doctor.post("/auth/sign-out")
    now.tick(timedelta(days=85))
    await enter(doctor)
    data = (await doctor.form("security"))["data"]
    assert "Пора сменить пароль" in data["password_remind"]
    assert data["password_must_change"] is False
