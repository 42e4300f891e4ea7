"""Sending one letter by SMTP."""

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Literal

import aiosmtplib

from medcab import clock
from medcab.errors import Invalid, Unavailable

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_PERMANENT = 500


class MailClient:
    """`await MailClient(host, port, sender="medcab <no-reply@…>").send(to, subject, text, key=str(outbox_id))`.

    `security`: "tls" from the first byte, "starttls" or no letter, "auto" when the server offers it. `timeout` in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        security: Literal["auto", "starttls", "tls"] = "auto",
        user: str = "",
        password: str = "",
        timeout: float = 10.0,
    ) -> None:
        self._sender = sender
        self._way: dict[str, Any] = {
            "hostname": host, "port": port, "username": user or None, "password": password or None, "timeout": timeout,
            "use_tls": security == "tls", "start_tls": {"auto": None, "starttls": True, "tls": False}[security],
        }  # fmt: skip

    async def send(self, to: str, subject: str, text: str, key: str) -> None:
        """Hand a letter over. `key` becomes its Message-ID, so that a letter sent twice is seen as one.

        Raises `Invalid` when the address cannot be written to, `Unavailable` when the server cannot take it
        now.
        """
        letter = self._letter(to, subject, text, key)
        try:
            await aiosmtplib.send(letter, **self._way)
        except aiosmtplib.SMTPAuthenticationError as problem:
            raise Unavailable from problem  # ours, not the letter's
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as refusal:
            raise self._error(refusal) from refusal
        except (aiosmtplib.SMTPException, OSError) as problem:
            raise Unavailable from problem

    def _letter(self, to: str, subject: str, text: str, key: str) -> EmailMessage:
        name, address = parseaddr(self._sender)
        letter = EmailMessage(policy=SMTP)
        letter["From"] = Address(name, addr_spec=address)
        letter["To"] = _address(to)
        letter["Subject"] = _CONTROL.sub(" ", subject)
        letter["Date"] = format_datetime(clock.now())
        letter["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9-]', '', key)}@{address.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        return letter

    @staticmethod
    def _error(refusal: aiosmtplib.SMTPException) -> Exception:
        refusals = refusal.recipients if isinstance(refusal, aiosmtplib.SMTPRecipientsRefused) else [refusal]
        codes = [each.code for each in refusals if isinstance(each, aiosmtplib.SMTPResponseException)]
        if codes and min(codes) >= _PERMANENT:
            return Invalid("Почтовый сервер не принял письмо на этот адрес. Проверьте адрес.", field="email")
        return Unavailable()


def _address(to: str) -> Address:
    """Exactly one address: a list, a name or a line break in it is an attempt to write to somebody else."""
    refusal = Invalid("Проверьте адрес электронной почты.", field="email")
    if _CONTROL.search(to) or "," in to or not to.isascii():
        raise refusal
    try:
        return Address(addr_spec=to)
    except (ValueError, IndexError, HeaderParseError) as problem:
        raise refusal from problem
