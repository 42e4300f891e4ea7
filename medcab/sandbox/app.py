"""The sandbox as one program: HTTP on one port, SMTP on another, both on loopback only."""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from medcab.sandbox.bank import Bank
from medcab.sandbox.control import Control
from medcab.sandbox.messages import MailServer, SmsGateway
from medcab.sandbox.pages import Pages
from medcab.sandbox.register import Register
from medcab.sandbox.signatures import Gatekeeper
from medcab.sandbox.store import Store
from medcab.sandbox.supervision import Addressee, Supervision
from medcab.sandbox.switches import Switchboard

_HEADERS = {
    b"content-security-policy": b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
}
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


class PortTaken(Exception):
    """Somebody else listens there already; `port` says where."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} is taken")


class OwnPagesOnly:
    """Forms of foreign pages change nothing here, and no page may frame or script these."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin, host = headers.get(b"origin"), headers.get(b"host", b"")
        if scope["method"] not in ("GET", "HEAD") and origin not in (None, b"http://" + host):
            await PlainTextResponse("foreign origin", 403)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS.items()]
            await send(message)

        await self._app(scope, receive, with_headers)


def build(
    data_dir: Path,
    *,
    register_key: bytes,
    sms_key: bytes,
    bank_secret: str,
    supervision: Addressee,
    mail_port: int,
    host: str = "127.0.0.1",
) -> Starlette:
    """The application; its lifespan opens the mail server on `mail_port`. The keys are shared with the
    cabinet.
    """
    store = Store(data_dir)
    switchboard = Switchboard(store)
    mail = MailServer(store, switchboard)
    service = Supervision(store, supervision)
    bank = Bank(store, switchboard, service, bank_secret)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with mail.running(host, mail_port), service.delivering():
            yield
        store.close()

    routes = [
        *Register(store, switchboard, Gatekeeper(register_key)).routes(),
        *SmsGateway(store, switchboard, Gatekeeper(sms_key)).routes(),
        *bank.routes(),
        *Control(store, switchboard, service, bank).routes(),
        *Pages(store, switchboard, service).routes(),
        Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
    ]
    middleware = [Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS), Middleware(OwnPagesOnly)]
    return Starlette(routes=routes, middleware=middleware, lifespan=lifespan)


def serve(
    data_dir: Path,
    *,
    port: int,
    mail_port: int,
    register_key: bytes,
    sms_key: bytes,
    bank_secret: str,
    supervision: Addressee,
    host: str = "127.0.0.1",
) -> None:
    """Run until SIGINT or SIGTERM. Raises `ValueError` for an address beyond this machine, `PortTaken`."""
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError("the sandbox shows one-time codes: it listens on this machine only")
    for each in (port, mail_port):
        _require_free(host, each)
    app = build(
        data_dir,
        register_key=register_key,
        sms_key=sms_key,
        bank_secret=bank_secret,
        supervision=supervision,
        mail_port=mail_port,
        host=host,
    )
    asyncio.run(_run(app, host, port))


async def _run(app: Starlette, host: str, port: int) -> None:
    server = Server(
        app, address=host, port=port, interface=Interfaces.ASGI, websockets=False, log_level=LogLevels.error
    )
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, server.stop)
    await server.serve()


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PortTaken(port) from problem
