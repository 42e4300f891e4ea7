"""The framework's event pipeline and socket namespace without a server: connect, send, read what the browser would be sent."""

import asyncio
import itertools
from typing import Any
from uuid import uuid4

import reflex as rx
from reflex.app import EventNamespace
from reflex.app_mixins.middleware import MiddlewareMixin
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import StateUpdate
from reflex_base.event import Event
from reflex_base.event.processor import BaseStateEventProcessor

from medcab import live
from medcab.accounts import service as accounts
from medcab.guard import framework
from medcab.guard.middleware import Guard
from medcab.medcab import show_error
from tests.guard.probe import Probe

COOKIE = "medcab"
HOME_AGENT, OTHER_AGENT = "Firefox at home", "curl"
PREFIX = Probe.get_full_name()
TAB_STATE = "reflex___state____state.medcab___guard___tab____tab"
_sids = itertools.count(1)


class Namespace(EventNamespace):
    """Keeps what would go to each socket."""

    def __init__(self, app: Any) -> None:
        super().__init__("/_event", app)
        self.sent: dict[str, list[tuple[str, Any]]] = {}

    async def emit(self, event: str, data: Any = None, to: str = "", **_: Any) -> None:
        self.sent.setdefault(to, []).append((event, data))


class House(MiddlewareMixin):
    """As much of an application as events need."""

    def __init__(self) -> None:
        self._middlewares = []
        self._state = rx.State
        self.sio = None
        self.state_manager = StateManagerMemory()
        self.guard = Guard(cookie=COOKIE, resolve=accounts.actor_for)
        self.add_middleware(self.guard)
        self.event_namespace = Namespace(self)
        self.event_processor = self._event_processor = BaseStateEventProcessor(
            middleware=self, backend_exception_handler=show_error, graceful_shutdown_timeout=1
        )
        self.event_processor.configure(state_manager=self.state_manager, event_namespace=self.event_namespace)
        self.on_load: list[Any] = []
        live.deliver_with(lambda tab, refresh: framework.push(self, tab, refresh))  # type: ignore[arg-type]

    def router(self, path: str) -> str:
        return path

    def get_load_events(self, _path: str) -> list[Any]:
        return self.on_load

    async def settle(self) -> None:
        """Return when every event, chained and pushed ones too, has been worked off."""
        while self._is_busy():  # noqa: ASYNC110 - no event tells that all is done
            await asyncio.sleep(0)

    def _is_busy(self) -> bool:
        processor = self.event_processor
        assert processor._queue
        return bool(
            live.is_owed()
            or framework._underway
            or processor._tasks
            or processor._token_queues
            or not processor._queue.empty()
        )

    def states(self) -> int:
        return len(self.state_manager.states)


class Socket:
    """One browser tab's socket."""

    def __init__(self, house: House, token: str, sid: str) -> None:
        self.house, self.token, self.sid = house, token, sid
        self.path = "/probe"

    async def send(self, name: str, path: str | None = None, **payload: Any) -> "Socket":
        """A raw event with this payload; `name` is the probe's handler, or a full name. Waits until all is done."""
        self._sent.clear()
        full = name if "." in name else f"{PREFIX}.{name}"
        asked = path or self.path
        await self.house.event_namespace.on_event(
            self.sid,
            {
                "name": full,
                "payload": payload,
                "router_data": {"pathname": asked.partition("?")[0], "asPath": asked, "query": {}},
            },
        )
        await self.house.settle()
        return self

    async def leave(self) -> None:
        task = self.house.event_namespace.on_disconnect(self.sid)
        if task:
            await task

    @property
    def _sent(self) -> list[tuple[str, Any]]:
        return self.house.event_namespace.sent.setdefault(self.sid, [])

    def forget(self) -> None:
        self._sent.clear()

    @property
    def updates(self) -> list[StateUpdate]:
        return [data for _, data in self._sent if isinstance(data, StateUpdate)]

    @property
    def text(self) -> str:
        """Everything the browser was told since the last event."""
        return str(self._sent)

    def value(self, name: str, state: str = PREFIX) -> Any:
        """The newest value of a variable that was sent; None when it was not."""
        found = [
            update.delta[state][f"{name}_rx_state_"]
            for update in self.updates
            if f"{name}_rx_state_" in (update.delta or {}).get(state, {})
        ]
        return found[-1] if found else None

    @property
    def calls(self) -> list[str]:
        return self.value("calls") or []

    @property
    def notices(self) -> list[str]:
        return [notice["text"] for notice in self.value("notices", TAB_STATE) or []]

    @property
    def redirects(self) -> list[str]:
        events: list[Event] = [event for update in self.updates for event in update.events or []]
        return [event.payload["path"] for event in events if event.name == "_redirect"]


async def connect(
    house: House, cookie: str = "", *, token: str = "", agent: str = HOME_AGENT, ip: str = "198.51.100.7"
) -> Socket:
    """Open a socket as a browser with this session cookie, as a new tab or with the token of an old one."""
    sid = f"socket{next(_sids)}"
    asked = token or str(uuid4())
    headers = [(b"user-agent", agent.encode()), (b"cookie", f"{COOKIE}={cookie}".encode() if cookie else b"")]
    environ = {"QUERY_STRING": f"token={asked}", "asgi.scope": {"headers": headers, "client": (ip, 40000)}}
    await house.event_namespace.on_connect(sid, environ)
    given = house.event_namespace.sid_to_token[sid]
    return Socket(house, given, sid)
