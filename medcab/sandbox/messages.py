"""The SMS gateway over HTTP and the mail server over SMTP: they take messages and show them, and send nothing
anywhere.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab.sandbox.register import misbehaviour, spoiled
from medcab.sandbox.requests import TooLong, read_body
from medcab.sandbox.signatures import Gatekeeper, Refuse
from medcab.sandbox.store import KeyReused, Store
from medcab.sandbox.switches import Mode, Switch, Switchboard

_MOBILE = re.compile(r"\+79\d{9}")
_LONGEST_SMS = 1_000
_LONGEST_KEY = 255
_LONGEST_BODY = 16_384
_LONGEST_MAIL = 5_000_000


class SmsGateway:
    """`POST /sms/messages` with `{"to", "text"}` and an `Idempotency-Key`."""

    def __init__(self, store: Store, switchboard: Switchboard, gatekeeper: Gatekeeper) -> None:
        self._store = store
        self._switchboard = switchboard
        self._gatekeeper = gatekeeper

    def routes(self) -> list[Route]:
        return [Route("/sms/messages", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        switch = Switch()
        try:
            body = await read_body(request, _LONGEST_BODY)
            self._gatekeeper.admit(request, body, "sms.send")
            switch = await self._switchboard.take("sms.send")
            response = await misbehaviour(switch.mode) or self._accepted(request, body)
        except Refuse as refusal:
            response = JSONResponse(refusal.body, refusal.status)
        except TooLong:
            response = JSONResponse({"code": "TOO_LONG"}, 413)
        self._gatekeeper.sign(request, response)
        return spoiled(response) if switch.mode is Mode.TAMPERED else response

    def _accepted(self, request: Request, body: bytes) -> Response:
        key = request.headers.get("idempotency-key", "")
        to, text = _message(body)
        if not (_MOBILE.fullmatch(to) and 0 < len(text) <= _LONGEST_SMS and 0 < len(key) <= _LONGEST_KEY):
            raise Refuse(422, "BAD_MESSAGE", "Нужны мобильный номер +79…, текст до 1000 знаков и ключ.")
        try:
            number = self._store.take_sms(key, to, text)
        except KeyReused as reused:
            raise Refuse(409, "KEY_REUSED", "Ключ уже использован для другого сообщения.") from reused
        return JSONResponse({"id": f"sms-{number}", "status": "accepted"}, 201)


def _message(body: bytes) -> tuple[str, str]:
    """The recipient and the text; empty ones, that nobody takes, when the body is not a message."""
    try:
        given = json.loads(body)
        return str(given["to"]), str(given["text"])
    except (ValueError, KeyError, TypeError):
        return "", ""


class MailServer:
    """aiosmtpd on the loop of the web server: keeps a copy for each recipient."""

    def __init__(self, store: Store, switchboard: Switchboard) -> None:
        self._store = store
        self._switchboard = switchboard

    @asynccontextmanager
    async def running(self, host: str, port: int) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._session, host, port)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    def _session(self) -> SMTP:
        return SMTP(self, data_size_limit=_LONGEST_MAIL, enable_SMTPUTF8=True, hostname="sandbox")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        switch = await self._switchboard.take("mail.send")
        if switch.mode is Mode.HANG:
            await asyncio.sleep(600)
        if switch.mode is not Mode.NORMAL:
            return "451 4.3.0 Try again later"
        letter = message_from_bytes(envelope.original_content or b"", _class=EmailMessage, policy=default)
        for recipient in envelope.rcpt_tos:
            self._store.take_mail(str(letter["from"]), recipient, str(letter["subject"] or ""), _text(letter))
        return "250 2.0.0 OK"


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(preferencelist=("plain", "html"))
    return "\n".join(body.get_content().strip().splitlines()) if body else ""
