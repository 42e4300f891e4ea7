"""Who carries out each kind of message of the outbox: what reaches people, and what leaves the storage."""

from typing import Any
from uuid import UUID

from medcab import storage
from medcab.integrations.mail.client import MailClient
from medcab.integrations.sms.client import SmsClient
from medcab.jobs import performer
from medcab.settings import get_settings


@performer("sms")
async def send_sms(key: UUID, payload: dict[str, Any]) -> None:
    """`{"to": E.164, "text": …}`; the gateway knows a repeated key."""
    settings = get_settings()
    secret = bytes.fromhex(settings.sms_key.get_secret_value())
    async with SmsClient(settings.sms_url or settings.sandbox_url, secret) as sms:
        await sms.send(payload["to"], payload["text"], key=str(key))


@performer("mail")
async def send_mail(key: UUID, payload: dict[str, Any]) -> None:
    """`{"to": address, "subject": …, "text": …}`."""
    settings = get_settings()
    mail = MailClient(
        settings.smtp_host, settings.mail_port, sender=settings.mail_from, security=settings.smtp_security,
        user=settings.smtp_user, password=settings.smtp_password.get_secret_value(),
    )  # fmt: skip
    await mail.send(payload["to"], payload["subject"], payload["text"], key=str(key))


@performer(storage.FORGET)
async def forget_file(_key: UUID, payload: dict[str, Any]) -> None:
    """`{"file_id"}`: its row says already that it is gone."""
    await storage.delete(UUID(payload["file_id"]))
