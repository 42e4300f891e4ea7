"""SMS and letters, sent to the real sandbox."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from medcab.errors import Invalid, Unavailable
from medcab.integrations.mail.client import MailClient
from medcab.integrations.sms.client import SmsClient
from tests.sandbox.running import SMS_KEY, Sandbox, free_port

PHONE = "+79123456789"
SENDER = "Медкаб <no-reply@medcab.example>"


async def test_an_sms_arrives_once_however_often_it_is_sent(sandbox: Sandbox) -> None:
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        sent = [await sms.send(PHONE, "Код 123456", key="k1") for _ in range(3)]
        await sms.send("+79000000000", "Другому", key="k2")
    assert len(set(sent)) == 1
    assert [each["text"] for each in sandbox.sms(PHONE)] == ["Код 123456"]


async def test_fifty_at_once_with_one_key_are_one_sms(sandbox: Sandbox) -> None:
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        sent = await asyncio.gather(*(sms.send(PHONE, "Код 123456", key="k") for _ in range(50)))
    assert len(set(sent)) == 1
    assert len(sandbox.sms()) == 1


async def test_a_key_used_for_another_message_sends_nothing(sandbox: Sandbox) -> None:
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        await sms.send(PHONE, "Код 123456", key="k")
        with pytest.raises(Unavailable):
            await sms.send(PHONE, "Код 654321", key="k")
    assert [each["text"] for each in sandbox.sms()] == ["Код 123456"]


@pytest.mark.parametrize("mode", ["outage", "hang", "garbage"])
async def test_a_gateway_that_is_out_takes_nothing_and_the_next_try_does(sandbox: Sandbox, mode: str) -> None:
    sandbox.switch("sms.send", mode, times=1)
    async with SmsClient(sandbox.url, SMS_KEY, timeout=0.5) as sms:
        with pytest.raises(Unavailable):
            await sms.send(PHONE, "Код 123456", key="k")
        assert sandbox.sms() == []
        await sms.send(PHONE, "Код 123456", key="k")
    assert len(sandbox.sms()) == 1


async def test_an_answer_lost_on_the_way_makes_no_second_sms(sandbox: Sandbox) -> None:
    sandbox.switch("sms.send", "tampered", times=1)
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        with pytest.raises(Unavailable):
            await sms.send(PHONE, "Код 123456", key="k")
        await sms.send(PHONE, "Код 123456", key="k")
    assert len(sandbox.sms()) == 1


@pytest.mark.parametrize("to", ["+74951234567", "89123456789", "+79123456789\n", "", "+7912345678X"])
async def test_a_number_that_is_no_mobile_is_refused_for_good(sandbox: Sandbox, to: str) -> None:
    async with SmsClient(sandbox.url, SMS_KEY) as sms:
        with pytest.raises(Invalid) as refused:
            await sms.send(to, "Код 123456", key="k")
    assert "phone" in refused.value.errors
    assert sandbox.sms() == []


async def test_another_key_sends_nothing(sandbox: Sandbox) -> None:
    async with SmsClient(sandbox.url, b"wrong" * 8) as sms:
        with pytest.raises(Unavailable):
            await sms.send(PHONE, "Код 123456", key="k")
    assert sandbox.sms() == []


def mailer(sandbox: Sandbox, **more: Any) -> MailClient:
    return MailClient("127.0.0.1", sandbox.mail_port, sender=SENDER, **more)


async def test_a_letter_arrives_in_russian(sandbox: Sandbox) -> None:
    text = "Здравствуйте, Алёна Игоревна!\n\nКод: 123456 — " + "очень длинная строка " * 60
    await mailer(sandbox).send("a@b.example", "Подтвердите адрес: «медкаб»", text, key="k")
    [letter] = sandbox.mail("a@b.example")
    assert letter["subject"] == "Подтвердите адрес: «медкаб»"
    assert letter["text"] == text.strip()
    assert letter["sender"] == SENDER


async def test_a_subject_cannot_add_headers_or_letters(sandbox: Sandbox) -> None:
    subject = "Привет\r\nBcc: victim@b.example\r\n\r\nТекст\u2028X-Evil: 1"
    await mailer(sandbox).send("a@b.example", subject, "текст", key="k\r\nX-Evil: 1")
    [letter] = sandbox.mail()
    assert letter["recipient"] == "a@b.example"
    assert letter["subject"] == "Привет  Bcc: victim@b.example    Текст X-Evil: 1"
    assert letter["text"] == "текст"


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example, c@d.example",
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "",
        "a",
        "@",
        "a b@c",
        "Имя <a@b.example>",
        "a@b\0",
    ],
)
async def test_an_address_is_exactly_one_address(sandbox: Sandbox, to: str) -> None:
    with pytest.raises(Invalid) as refused:
        await mailer(sandbox).send(to, "Тема", "текст", key="k")
    assert "email" in refused.value.errors
    assert sandbox.mail() == []


@pytest.mark.parametrize("mode", ["outage", "hang"])
async def test_a_mail_server_that_is_out_is_unavailable(sandbox: Sandbox, mode: str) -> None:
    sandbox.switch("mail.send", mode, times=1)
    with pytest.raises(Unavailable):
        await mailer(sandbox, timeout=0.5).send("a@b.example", "Тема", "текст", key="k")
    assert sandbox.mail() == []


@pytest.fixture
def locked_mail() -> Iterator[tuple[int, list[Envelope]]]:
    """A mail server that wants a name and a password, and has no encryption to offer: its port and what it took."""
    taken: list[Envelope] = []

    class Keeps:
        async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
            taken.append(envelope)
            return "250 OK"

    def is_ours(
        _server: object, _session: object, _envelope: object, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"medcab", b"right"))

    controller = Controller(
        Keeps(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=is_ours,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    yield controller.port, taken
    controller.stop()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # there is no certificate to make it otherwise
async def test_a_mail_server_that_asks_who_we_are(locked_mail: tuple[int, list[Envelope]]) -> None:
    port, taken = locked_mail
    for password, fits in (("wrong", False), ("right", True)):
        mail = MailClient("127.0.0.1", port, sender=SENDER, user="medcab", password=password, timeout=2)
        with nullcontext() if fits else pytest.raises(Unavailable):
            await mail.send("a@b.example", "Тема", "текст", key="k")
        assert len(taken) == int(fits)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_no_letter_leaves_in_clear_where_encryption_is_demanded(locked_mail: tuple[int, list[Envelope]]) -> None:
    port, taken = locked_mail
    mail = MailClient("127.0.0.1", port, sender=SENDER, security="starttls", user="medcab", password="right")
    with pytest.raises(Unavailable):
        await mail.send("a@b.example", "Тема", "текст", key="k")
    assert taken == []


async def test_no_mail_server_is_unavailable(unused_tcp_port: int) -> None:
    with pytest.raises(Unavailable):
        await MailClient("127.0.0.1", unused_tcp_port, sender=SENDER).send("a@b.example", "Тема", "текст", key="k")
