"""Identity through the bank, over real HTTP with the sandbox's: the whole way, everybody else's answers, and a bank that cannot be believed."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person
from medcab.api import identity as door
from medcab.proofs.models import BankAttempt, IdentityProof
from medcab.proofs.queries import proof_of
from medcab.settings import Settings
from tests.api.browser import Browser, journalled
from tests.api.conftest import enter
from tests.cast import Cast
from tests.sandbox.running import BANK_KEY, Sandbox

ASK, ANSWER = "/account/identity/bank", "/account/identity/bank/answer"


@pytest.fixture
def bank(register: Sandbox, settings: Settings) -> Iterator[Sandbox]:
    """The sandbox's bank as the configured one; its clients are the doctor and a stranger."""
    before = settings.bank_url, settings.bank_key
    settings.bank_url, settings.bank_key = f"{register.url}/bank", SecretStr(BANK_KEY.hex())
    door._known.cache_clear()
    register.put("/control/bank", {"fault": "", "url": settings.origin})
    yield register
    settings.bank_url, settings.bank_key = before


async def client_of(bank: Sandbox, person: Person, **changed: str) -> str:
    """Make this person a client of the bank, as the bank knows them; the SNILS."""
    known = {
        "oid": f"1.2.643.{person.snils}", "snils": person.snils, "lastName": person.family_name, "firstName": person.given_name,
        "patronymic": person.patronymic, "birthDate": person.birth_date.isoformat(),
    } | changed  # fmt: skip
    bank.put("/control/register/people", {"people": [{"person": known}], "licences": []})
    return known["snils"]


async def person_of(actor: object) -> Person:
    async with db.reading() as session:
        return await accounts.person(session, actor.person_id)  # type: ignore[attr-defined]


@pytest.fixture
async def me(bank: Sandbox, staff: Cast) -> str:
    return await client_of(bank, await person_of(staff.doctor))


async def asked(browser: Browser) -> str:
    """The bank's address that the browser is sent to."""
    answer = await browser.post(ASK)
    assert answer.status_code == 200, answer.text
    return answer.json()["next"]


async def at_the_bank(address: str, snils: str) -> dict[str, str]:
    """Sign in there as this client (nobody: refuse); what comes back in the address."""
    async with httpx.AsyncClient(trust_env=False) as http:
        page = await http.get(address)
        assert page.status_code == 200, page.text
        link = address.replace("/authorize?", "/authorize/as?") + f"&who={snils}"
        back = await http.get(link)
    assert back.status_code == 302
    return dict(parse_qsl(urlsplit(back.headers["location"]).query))


async def brought(browser: Browser, snils: str) -> dict[str, str]:
    return await at_the_bank(await asked(browser), snils)


async def proofs() -> list[IdentityProof]:
    async with db.reading() as session:
        return list((await session.exec(select(IdentityProof))).all())


async def test_the_whole_way(doctor: Browser, me: str, staff: Cast) -> None:
    address = await asked(doctor)
    question = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert question["code_challenge_method"] == "S256"
    assert len({question["state"], question["nonce"], question["code_challenge"]}) == 3
    answer = await doctor.post(ANSWER, await at_the_bank(address, me))
    assert answer.json() == {"next": "/identity"}
    async with db.reading() as session:
        proof = await proof_of(session, await accounts.person(session, staff.doctor.person_id))
    assert proof
    assert (await journalled())[-2:] == [Action.BANK_ASK, Action.IDENTITY_PROVE]


async def test_a_proof_ends_with_the_name_that_was_proved(doctor: Browser, me: str, staff: Cast) -> None:
    await doctor.post(ANSWER, await brought(doctor, me))
    async with db.transaction() as session:
        person = await accounts.person(session, staff.doctor.person_id)
        person.family_name = "Кузнецова"
    async with db.reading() as session:
        assert await proof_of(session, await accounts.person(session, staff.doctor.person_id)) is None


async def test_spelling_is_no_difference(doctor: Browser, bank: Sandbox, staff: Cast) -> None:
    own = await person_of(staff.doctor)
    me = await client_of(bank, own, lastName=own.family_name.upper(), snils=own.snils)
    assert (await doctor.post(ANSWER, await brought(doctor, me))).status_code == 200


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"lastName": "Чужакова"}, "фамилия, имя или отчество"),
        ({"birthDate": "1980-02-03"}, "дата рождения"),
        ({"snils": "11223344595"}, "СНИЛС"),
    ],
)
async def test_somebody_else_is_told_what_differs_and_not_what_the_bank_knows(
    doctor: Browser, bank: Sandbox, staff: Cast, changed: dict[str, str], told: str
) -> None:
    who = await client_of(bank, await person_of(staff.doctor), **changed)
    answer = await doctor.post(ANSWER, await brought(doctor, who))
    assert answer.status_code == 409
    assert f"не совпадает {told}" in answer.json()["message"]
    assert next(iter(changed.values())) not in answer.text
    assert await proofs() == []
    assert (await journalled())[-1] == Action.BANK_ANSWER


async def test_one_client_of_the_bank_proves_one_cabinet(doctor: Browser, bank: Sandbox, me: str, staff: Cast) -> None:
    await doctor.post(ANSWER, await brought(doctor, me))
    twin = Browser(ip="203.0.113.5")
    await enter(twin, "+79120000002", "+79120000002")
    async with db.transaction() as session:  # a cabinet of the same name; that SNILS is not told by every bank
        own = await accounts.person(session, staff.doctor.person_id)
        other = await accounts.person(session, staff.colleague.person_id)
        other.family_name, other.given_name, other.patronymic = own.family_name, own.given_name, own.patronymic
        other.birth_date, other.snils = own.birth_date, own.snils
    answer = await twin.post(ANSWER, await brought(twin, me))
    assert "уже подтверждён другой кабинет" in answer.json()["message"]
    assert [proof.person_id for proof in await proofs()] == [staff.doctor.person_id]


async def test_an_answer_is_for_one_use_in_the_session_that_asked(doctor: Browser, me: str, now: clock.Clock) -> None:
    back, elsewhere = await brought(doctor, me), Browser(ip="203.0.113.9")
    await enter(elsewhere)
    refusal = await elsewhere.post(
        ANSWER, back
    )  # the same person in another browser: an attacker's answer slipped to them
    assert (refusal.status_code, "другом браузере" in refusal.text) == (409, True)
    assert (await doctor.post(ANSWER, back | {"state": "x" * 43})).status_code == 409
    assert (await Browser().post(ANSWER, back)).status_code == 401
    both = await asyncio.gather(doctor.post(ANSWER, back), doctor.post(ANSWER, back))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert len(await proofs()) == 1


async def test_an_old_answer_and_that_of_a_former_question_are_refused(
    doctor: Browser, me: str, now: clock.Clock
) -> None:
    first = await brought(doctor, me)
    second = await brought(doctor, me)
    assert (await doctor.post(ANSWER, first)).status_code == 409
    now.tick(timedelta(minutes=11))
    assert (await doctor.post(ANSWER, second)).status_code == 409
    assert await proofs() == []


async def test_a_code_of_somebody_elses_question_is_worth_nothing(doctor: Browser, me: str) -> None:
    """The code is stolen and put into the thief's own answer: the bank wants the verifier of the question it was given for."""
    thief = Browser(ip="203.0.113.77")
    await enter(thief, "+79120000002", "+79120000002")
    stolen, own = await brought(doctor, me), await brought(thief, me)
    assert (await thief.post(ANSWER, own | {"code": stolen["code"]})).status_code == 503
    assert await proofs() == []


async def test_whoever_refuses_may_try_again(doctor: Browser, me: str) -> None:
    back = await brought(doctor, "")
    assert back["error"] == "access_denied"
    answer = await doctor.post(ANSWER, back)
    assert (answer.status_code, "отменён" in answer.text) == (409, True)
    assert (await doctor.post(ANSWER, await brought(doctor, me))).status_code == 200


@pytest.mark.parametrize(
    "fault",
    ["nonce", "audience", "issuer", "expired", "future", "alg_none", "alg_hmac", "foreign_key", "weak", "no_subject", "mix_up"],
)  # fmt: skip
async def test_an_answer_that_cannot_be_believed_proves_nothing(
    doctor: Browser, me: str, bank: Sandbox, fault: str
) -> None:
    bank.put("/control/bank", {"fault": fault})
    answer = await doctor.post(ANSWER, await brought(doctor, me))
    assert (answer.status_code, "нельзя верить" in answer.text) == (503, True), answer.text
    assert await proofs() == []
    async with db.reading() as session:
        [way] = (await session.exec(select(BankAttempt))).all()
    assert "нельзя верить" in way.refusal


@pytest.mark.parametrize("mode", ["outage", "garbage", "oversize", "tampered"])
async def test_a_broken_bank_is_told_and_the_next_try_goes_through(
    doctor: Browser, me: str, bank: Sandbox, mode: str
) -> None:
    bank.switch("bank.token", mode, times=1)
    answer = await doctor.post(ANSWER, await brought(doctor, me))
    assert answer.status_code == 503
    assert re.search("не отвечает|нельзя верить", answer.json()["message"])
    assert (await doctor.post(ANSWER, await brought(doctor, me))).status_code == 200


async def test_a_bank_that_is_down_before_the_way_there(doctor: Browser, me: str, bank: Sandbox) -> None:
    bank.switch("bank.configuration", "outage", times=1)
    answer = await doctor.post(ASK)
    assert (answer.status_code, "не отвечает" in answer.text) == (503, True)
    assert (await doctor.post(ANSWER, await brought(doctor, me))).status_code == 200


async def test_the_banks_new_key_is_learnt(
    doctor: Browser, me: str, bank: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await doctor.post(ANSWER, await brought(doctor, ""))
    await doctor.post(ANSWER, await brought(doctor, me))
    monkeypatch.setattr(door._bank(), "keys_at_most_every", 0.0)
    bank.put("/control/bank", {"renew_key": True})
    assert (await doctor.post(ANSWER, await brought(doctor, me))).status_code == 200


async def test_a_configuration_of_another_issuer_is_not_followed(doctor: Browser, me: str, settings: Settings) -> None:
    settings.bank_url = settings.bank_url.replace("/bank", "//bank")
    answer = await doctor.post(ASK)
    assert answer.status_code == 503


async def test_where_there_is_no_bank_nobody_is_sent(
    doctor: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "bank_url", "")
    monkeypatch.setattr(settings, "mode", "production")
    assert door.get_settings().bank == ""
    with pytest.raises(door.NoBank):
        door._bank()
