"""Sending one SMS through the gateway: at most once for a key, whatever happens to the answer."""

from http import HTTPStatus
from types import TracebackType
from typing import Self

from medcab.errors import Invalid
from medcab.integrations.channel import Distrusted, Outage, SignedChannel


class SmsClient:
    """`async with SmsClient(url, key) as sms: await sms.send("+79123456789", "Код 123456",
    key=str(outbox_id))`.
    """

    def __init__(self, url: str, key: bytes, *, timeout: float = 10.0) -> None:
        self._channel = SignedChannel(url, key, timeout=timeout, max_bytes=10_000)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def send(self, to: str, text: str, key: str) -> str:
        """Hand a message over and return the gateway's id for it.

        `to` is E.164. The same `key` with the same message is the same message, so repeating after
        `Unavailable` is safe. Raises `Invalid` when the gateway will never take it, `Unavailable` when it
        cannot now.
        """
        body = {"to": to, "text": text}
        reply = await self._channel.post("/sms/messages", "sms.send", body, idempotency_key=key)
        if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Invalid("Оператор связи не принял сообщение на этот номер. Проверьте номер телефона.", field="phone")
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Outage from ValueError("the gateway asks for a pause")
        message_id = reply.body.get("id")
        if reply.status != HTTPStatus.CREATED or not isinstance(message_id, str) or not message_id:
            raise Distrusted from ValueError(f"status {reply.status}")
        return message_id
