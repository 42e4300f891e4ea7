"""A caller who is no browser: raw socket messages and raw requests, as anybody can send them."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from medcab import api

ROOT = "reflex___state____state."
TELL = f"{ROOT}medcab___guard___tab____tab.tell"
HYDRATE = f"{ROOT}hydrate_and_load"
_addresses = itertools.count(1)
PATIENCE = 10


def fresh_address() -> str:
    """An address of nobody else: limits and journal lines of one caller do not mix with another's."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass
class Caller:
    """One socket. `said` is everything that came back since the last question."""

    socket: aiohttp.ClientWebSocketResponse
    token: str
    ip: str
    said: str = ""
    messages: list[Any] = field(default_factory=list)

    async def raw(self, text: str) -> None:
        await self.socket.send_str(text)

    async def call(self, name: str, payload: Any, *, path: str = "/") -> None:
        """Send an event; do not wait."""
        event = {"name": name, "payload": payload, "router_data": {"pathname": path, "asPath": path, "query": {}}}
        await self.raw(f"42/_event,{json.dumps(['event', event])}")

    async def settle(self) -> str:
        """Everything that came back for what was sent until now: events of one tab are worked off in their order.

        Twice, because what an event causes in its turn stands behind the first mark.
        """
        seen = ""
        for mark in (uuid4().hex, uuid4().hex):
            await self.call(TELL, {"tone": "quiet", "text": mark})
            seen += await self.until(mark)
        return seen

    async def until(self, text: str) -> str:
        """What came back up to the message with this text in it."""
        seen = ""
        async with asyncio.timeout(PATIENCE):
            while True:
                seen += await self.hear()
                if text in seen:
                    return seen

    async def hear(self) -> str:
        """The next message; empty strings for the protocol's own."""
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(f"the socket was closed: {message}")
        if message.data == "2":
            await self.raw("3")
            return ""
        return message.data

    async def ask(self, name: str, payload: Any) -> str:
        """One event and all that it caused."""
        await self.call(name, payload)
        return await self.settle()


@dataclass
class Site:
    """The running server, as outsiders see it."""

    origin: str
    log: Any
    pid: int

    @asynccontextmanager
    async def socket(
        self, cookie: str = "", *, token: str = "", ip: str = "", headers: dict[str, str] | None = None,
    ) -> AsyncIterator[Caller]:  # fmt: skip
        """Open a socket with this session's cookie; `headers` replaces our page's Origin and Host."""
        token, ip = token or str(uuid4()), ip or fresh_address()
        given = {
            "Origin": self.origin,
            "X-Forwarded-For": ip,
            **({"Cookie": f"{api.SESSION_COOKIE}={cookie}"} if cookie else {}),
        }
        given |= headers or {}
        sent = {name: value for name, value in given.items() if value}
        async with aiohttp.ClientSession() as http:
            url = f"{self.origin}/_event/?EIO=4&transport=websocket&token={token}"
            async with http.ws_connect(
                url, headers=sent, max_msg_size=0, timeout=aiohttp.ClientWSTimeout(ws_close=0.2)
            ) as socket:
                made = Caller(socket, token, ip)
                await made.until("0{")
                await made.raw("40/_event,{}")
                greeting = await made.until("40/_event,")
                if '"new_token"' in greeting:
                    made.token = greeting.partition('"new_token","')[2].partition('"')[0]
                yield made

    async def refuses_socket(self, **how: Any) -> bool:
        """Whether the handshake itself is refused."""
        try:
            async with asyncio.timeout(PATIENCE), self.socket(**how):
                return False
        except (aiohttp.WSServerHandshakeError, ConnectionError):
            return True
