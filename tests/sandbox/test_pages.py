"""The pages, as a person with a browser and as somebody who writes scripts into names meets them."""

import re
from dataclasses import replace
from html import unescape

from medcab.integrations.federal_register.client import Answered, Refused, RegisterClient
from medcab.integrations.mail.client import MailClient
from medcab.integrations.sms.client import SmsClient
from medcab.verification.rules import Code
from tests.sandbox.running import REGISTER_KEY, SMS_KEY, Sandbox
from tests.verification.people import doctor, held

EVIL = "<script>alert(1)</script>\"'&"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send back when nothing is touched."""
    fields = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_tick = 'type="checkbox"' in tag
        if name and not (is_tick and " checked" not in tag):
            fields[unescape(name[1])] = "on" if is_tick else unescape(value[1] if value else "")
    for name, options in re.findall(r'<select name="([^"]*)">(.*?)</select>', page):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        fields[unescape(name)] = unescape(chosen[1]) if chosen else ""
    return fields


async def ask(sandbox: Sandbox) -> object:
    async with RegisterClient(sandbox.url, REGISTER_KEY, attempts=1) as register:
        return await register.ask(doctor().snils)


async def test_saving_a_record_untouched_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    address = f"/register/{held(doctor()).person.oid}"
    before = await ask(sandbox)
    saved = sandbox.http.post(address, data=form_of(sandbox.http.get(address).text))
    assert saved.status_code == 303
    assert await ask(sandbox) == before


async def test_a_record_edited_on_the_page_is_answered_at_once(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    address = f"/register/{held(doctor()).person.oid}"
    form = form_of(sandbox.http.get(address).text)
    form |= {"person.lastName": "Иванова", "accreditation.0.procedures.0.excluded": "on", "remove:prof.0": "on"}
    sandbox.http.post(address, data=form)
    answer = await ask(sandbox)
    assert isinstance(answer, Answered)
    assert answer.record.person.last_name == "Иванова"
    statuses = {document.item.value: document.status.value for document in answer.record.documents}
    assert statuses == {"certificate": "valid", "accreditation": "excluded"}


async def test_a_refusal_chosen_on_the_page_is_given(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    address = f"/register/{held(doctor()).person.oid}"
    form = form_of(sandbox.http.get(address).text) | {"refusal": "PERSON_CARD_NOT_FOUND"}
    sandbox.http.post(address, data=form)
    assert await ask(sandbox) == Refused(Code.PERSON_CARD_NOT_FOUND)


async def test_a_newcomer_is_entered_found_and_known_to_the_register(sandbox: Sandbox) -> None:
    address = sandbox.http.post("/register", data={"snils": "112-233-445 95"}).headers["location"]
    form = form_of(sandbox.http.get(address).text)
    names = {"person.lastName": "Соловьёва", "person.firstName": "Алёна", "remove:prof.0": "on", "remove:card.0": "on"}
    sandbox.http.post(address, data=form | names | {"remove:accreditation.0": "on"})
    answer = await ask(sandbox)
    assert isinstance(answer, Answered)
    assert answer.record.person.full_name == "Соловьёва Алёна"
    assert "Соловьёва" in sandbox.http.get("/register", params={"q": "соловьёва"}).text
    assert sandbox.http.post("/register", data={"snils": "11223344595"}).headers["location"] == address
    assert "11 цифр" in sandbox.http.post("/register", data={"snils": "123"}).text


async def test_one_snils_cannot_be_given_to_two(sandbox: Sandbox) -> None:
    other = replace(held(doctor()), person=replace(held(doctor()).person, oid="1.2.0", snils="16072239447"))
    sandbox.load(held(doctor()), other)
    form = form_of(sandbox.http.get("/register/1.2.0").text) | {"person.snils": doctor().snils}
    assert sandbox.http.post("/register/1.2.0", data=form).status_code == 422
    assert sandbox.http.get("/health").json()["people"] == 2


async def test_switches_are_turned_and_put_right_on_the_page(sandbox: Sandbox) -> None:
    form = form_of(sandbox.http.get("/").text)
    sandbox.http.post("/", data=form | {"frmr.person:mode": "outage", "sms.send:delay_ms": "250"})
    switches = sandbox.http.get("/control/switches").json()
    assert switches["frmr.person"]["mode"] == "outage"
    assert switches["sms.send"]["delay_ms"] == 250
    assert sandbox.http.post("/", data=form | {"*:delay_ms": "-1"}).status_code == 422
    sandbox.http.post("/", data=form | {"reset": "1"})
    assert "изменено" not in sandbox.http.get("/").text


async def test_licences_are_edited_on_their_page(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    form = form_of(sandbox.http.get("/licences").text) | {"1.number": "ЛО-37-01-000001", "1.organization": "1.2.3"}
    sandbox.http.post("/licences", data=form | {"0.status": "прекращена"})
    page = sandbox.http.get("/licences").text
    assert "ЛО-37-01-000001" in page
    assert 'value="прекращена"' in page
    sandbox.http.post("/licences", data=form_of(page) | {"0.number": "", "1.number": "ЛО-37-01-000002"})
    page = sandbox.http.get("/licences").text
    assert "ЛО-37-01-000002" in page
    assert "ЛО-37-01-000001" not in page
    assert "Л041-01137-77/00584930" not in page


async def test_a_message_is_shown_and_never_run(sandbox: Sandbox) -> None:
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        await sms.send("+79123456789", EVIL, key="k")
        await sms.send("+79123456789", "Код 123456: http://127.0.0.1:8080/a?b=1&c=2", key="l")
    mail = MailClient("127.0.0.1", sandbox.mail_port, sender="medcab <a@b.example>")
    await mail.send("c@d.example", EVIL, EVIL, key="k")
    for path in ("/sms", "/mail"):
        page = sandbox.http.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    page = sandbox.http.get("/sms").text
    assert "<mark>123456</mark>" in page
    assert 'href="http://127.0.0.1:8080/a?b=1&amp;c=2"' in page


def test_nothing_that_was_given_becomes_markup(sandbox: Sandbox) -> None:
    record = held(replace(doctor(), last_name=EVIL))
    sandbox.load(record)
    sandbox.http.post(f"/register/{record.person.oid}", data={"person.firstName": EVIL, "person.snils": doctor().snils})
    for path in ("/register", f"/register?q={EVIL}", f"/register/{record.person.oid}"):
        page = sandbox.http.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
