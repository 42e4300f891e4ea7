"""A browser that talks to the doors as our own pages do: cookies, Origin, the form's token."""

import json
import re
from typing import Any

import httpx
from sqlmodel import col, select
from starlette.applications import Starlette

from medcab import api, db
from medcab.api import cookies, floods
from medcab.api.addresses import addresses
from medcab.audit import AuditEntry
from medcab.settings import get_settings
from tests.outbox import sent

PHONE_AGENT = "Mozilla/5.0 (Linux; Android 15) Chrome/156.0"


class Browser:
    """`ip` is the socket's address; each browser keeps its own cookies."""

    def __init__(self, *, ip: str = "198.51.100.7", agent: str = PHONE_AGENT) -> None:
        transport = httpx.ASGITransport(app=Starlette(routes=api.routes), client=(ip, 40000))
        self.http = httpx.AsyncClient(
            transport=transport, base_url=get_settings().origin, headers={"user-agent": agent}
        )

    async def form(self, name: str, **query: str) -> dict[str, Any]:
        """What the page of this form is given."""
        answer = await self.http.get(f"/auth/form/{name}", params=query)
        return answer.json()

    async def post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> httpx.Response:
        """As a page does: with a fresh token and our Origin; `headers` overrides them."""
        token = (await self.form("session"))["csrf"]
        given = {"origin": get_settings().origin, "x-csrf-token": token, **(headers or {})}
        return await self.http.post(path, content=json.dumps(body or {}), headers=given)

    def cookie(self, kind: cookies.Kind) -> str:
        return self.http.cookies.get(cookies.name_of(kind), "")


def forget_limits() -> None:
    """The doors' flood limits begin anew."""
    floods.limiter.storage.reset()
    addresses.forget()


async def last_code(to: str) -> str:
    """The newest code sent to this phone or address."""
    texts = [one["text"] for one in await sent() if one["to"] == to]
    found = [match[0] for text in texts if (match := re.search(r"\b\d{6}\b", text))]
    return found[-1] if found else ""


async def journalled() -> list[str]:
    """Actions of the audit journal, oldest first."""
    async with db.reading() as session:
        return list((await session.exec(select(AuditEntry.action).order_by(col(AuditEntry.seq)))).all())
