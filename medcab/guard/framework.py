"""The only place that touches Reflex's insides, so that a new version of it is one file's work. Written for 0.10.1."""

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex.istate.shared import SharedState
from reflex.state import BaseState, OnLoadInternalState
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext

NEEDED = frozenset({"hydrate", "hydrate_and_load", "set_is_hydrated", "on_load_internal", "handle_frontend_exception"})
"""Handlers of the framework that a page cannot do without; its others (such as `setvar`, which writes variables) stay closed."""
COMPLAINT = "handle_frontend_exception"
_OWN_MODULES = ("reflex.", "reflex_base.", "reflex_components")
_KEPT = ("router_data", "_reflex_internal_links")
MESSAGES = ("event", "ping", "client_error")
"""What a page sends."""
_PUSHED, _PUSH = "pushed", secrets.token_hex()
"""How a push is marked: a value that no browser knows, or it could pass its own doing off as one."""
_underway: set[asyncio.Task[Any]] = set()
"""Pushes not yet done: the loop itself holds tasks only weakly."""


def handler_named(name: str) -> tuple[Callable[..., Any], bool] | None:
    """The function behind an event's name and whether it is the framework's own; None when there is none."""
    registered = RegistrationContext.get().event_handlers.get(name)
    if registered is None:
        return None
    function = registered.handler.fn
    inherited = bool(registered.states) and registered.states[0].__module__.startswith(_OWN_MODULES)
    return function, inherited or _module_of(function).startswith(_OWN_MODULES)


def own_handlers() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every event name that a browser can call and that is ours, with its function."""
    for name in RegistrationContext.get().event_handlers:
        found = handler_named(name)
        if found and not found[1]:
            yield name, found[0]


def _module_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__module__", None) or ""


class Caller(NamedTuple):
    """What a tab's socket says of itself: its token, its Cookie header as sent at the handshake, where it comes from."""

    tab: str
    cookies: str
    came_from: tuple[str, str]
    """IP address and user agent."""


def caller(state: BaseState) -> Caller:
    """Whose socket this event came by; read once for each event, as every reading makes a guarded copy."""
    session, headers = _router(state, "session"), _router(state, "headers")
    return Caller(session.client_token, headers.cookie, (session.client_ip, headers.user_agent))


def page(state: BaseState) -> str:
    """Path and query of the page the tab shows, as the tab says."""
    url = state._get_root_state().router.url  # pyright: ignore[reportAttributeAccessIssue]
    return f"{url.path}?{url.query}" if url.query else url.path


def tab_token(state: BaseState) -> str:
    return _router(state, "session").client_token


def _router(state: BaseState, part: str) -> Any:
    """One part of `state.router`, which puts all of them together anew at each reading: too dear for every event."""
    return getattr(state._get_root_state(), f"rx_router_{part}")


def is_pushed() -> bool:
    """Whether the present event, or the one it follows from, was caused by a push and not by the person."""
    return EventContext.get().router_data.get(_PUSHED) == _PUSH


def is_chained() -> bool:
    """Whether one of our own handlers asked for the present event, and not the browser."""
    return EventContext.get().parent_txid is not None


async def changes(state: BaseState) -> dict[str, dict[str, Any]]:
    """What the browser does not know yet; for an event that ends before its handler would have sent it."""
    root = state._get_root_state()
    try:
        return await root._get_resolved_delta()  # pyright: ignore[reportAttributeAccessIssue]
    finally:
        root._clean()


async def load_page() -> None:
    """Run the page's own loading after the present event, as on arrival."""
    [event] = Event.from_event_type(OnLoadInternalState.on_load_internal)  # pyright: ignore[reportArgumentType]
    await EventContext.get().enqueue(event)


async def wipe(state: BaseState) -> None:
    """Give every private state of the tab its defaults; shared ones are unlinked, not reset for everybody."""
    root = state._get_root_state()
    for name in list(root._reflex_internal_links or {}):  # pyright: ignore[reportAttributeAccessIssue]
        shared = await root.get_state(type(root).get_class_substate(name))
        await shared._unlink()  # pyright: ignore[reportAttributeAccessIssue]
    _reset(root)


def _reset(state: BaseState) -> None:
    if isinstance(state, SharedState) and state._linked_to:
        return
    for name, field in type(state).get_fields().items():
        if field._owner is type(state) and not name.startswith("rx_router_") and name not in _KEPT:  # pyright: ignore[reportAttributeAccessIssue]
            setattr(state, name, field.default_value())
    for substate in state.substates.values():
        _reset(substate)


def heed_only_messages(app: rx.App) -> None:
    """Drop what a browser sends under any other name.

    "connect" and "disconnect" would run the server's own handlers with whatever it made up: cookies, an address, another tab's token.
    """
    server = app.sio
    assert server is not None
    handle = server._handle_event

    async def heeding(eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:  # noqa: A002
        if isinstance(data, list) and data and data[0] in MESSAGES:
            await handle(eio_sid, namespace, id, data)

    server._handle_event = heeding


def is_connected(app: rx.App, tab: str) -> bool:
    namespace = app.event_namespace
    return namespace is not None and tab in namespace._token_manager.token_to_socket


def push(app: rx.App, tab: str, spec: Any) -> asyncio.Task[Any] | None:
    """Run a handler in a connected tab as if it had asked, with the cookie of the socket that is connected now.

    The task ends with the handler.
    """
    namespace = app.event_namespace
    record = namespace._token_manager.token_to_socket.get(tab) if namespace else None
    static = namespace._static_router_data.get(record.sid) if namespace and record else None
    if static is None:
        return None
    [event] = Event.from_event_type(spec)
    event = dataclasses.replace(
        event, router_data={**static, "headers": dict(static["headers"]), "token": tab, _PUSHED: _PUSH}
    )
    task = asyncio.create_task(_through(app, tab, event))
    _underway.add(task)
    task.add_done_callback(_underway.discard)
    return task


async def _through(app: rx.App, tab: str, event: Event) -> None:
    await asyncio.wait([await app.event_processor.enqueue(tab, event)])


def when_gone(app: rx.App, left: Callable[[str], None]) -> None:
    """Call `left` with a tab's token when its socket has closed."""
    namespace = app.event_namespace
    if namespace is None:
        return
    leaving = namespace.on_disconnect

    def on_disconnect(sid: str) -> Any:
        tab = namespace.sid_to_token.get(sid)
        answer = leaving(sid)
        if tab:
            left(tab)
        return answer

    namespace.on_disconnect = on_disconnect


def drop(app: rx.App, tab: str, *, unless: Callable[[BaseState], bool]) -> None:
    """Forget a tab's state now instead of at its age limit; one that is in use, back, or kept outside this process is left alone."""
    manager = app.state_manager
    if not isinstance(manager, StateManagerMemory) or is_connected(app, tab):
        return
    token = BaseStateToken(ident=tab, cls=rx.State)
    root, lock = manager.states.get(token.cache_key), manager._states_locks.get(token.lock_key)
    if root is not None and not (lock and lock.locked()) and not unless(root):
        manager._purge_token(token)
