"""Default deny, for every event: socket, background, chained, pushed.

cookie → session row → actor, read anew each time; the tab belongs to one session with its rights (anything else empties it first); the
handler's policy; its arguments; a rate limit; a line in the journal for each refusal.
"""

import asyncio
import dataclasses
from functools import partial
from typing import Any
from urllib.parse import quote

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from medcab import audit, db, live
from medcab.access import Action, Actor
from medcab.guard import framework
from medcab.guard.framework import Caller
from medcab.guard.pace import Pace
from medcab.guard.policy import faults_of, has_policy, is_moderate, policy_of
from medcab.guard.tab import Owner, Resolve, Tab, current

SIGN_IN, PASSWORD = "/sign-in", "/security/password"
_LOOKS_AFTER = (0, 2, 30)
"""Seconds after a tab has gone: at first its last event may still be at work, and make or hold its state."""
EVENTS_A_SECOND, REFUSALS_A_MINUTE, COMPLAINTS_A_MINUTE = 40, 30, 10


class Refused(Exception):
    """Why an event was not let through; `answer` is what the tab gets."""

    def __init__(self, reason: str, answer: Any = None) -> None:
        super().__init__(reason)
        self.answer = answer


@dataclasses.dataclass
class Guard(rx.Middleware):
    """Stands before every handler. `cookie` is the session cookie's name, `resolve` finds the actor behind its value.

    `keeps_left`: the state of a tab that has gone waits for it. Among several workers it would not: the tab may come back to another
    one, and later find here what it showed long ago.
    """

    cookie: str
    resolve: Resolve
    keeps_left: bool = True
    events: Pace = dataclasses.field(default_factory=lambda: Pace(EVENTS_A_SECOND, 1))
    refusals: Pace = dataclasses.field(default_factory=lambda: Pace(REFUSALS_A_MINUTE, 60))
    complaints: Pace = dataclasses.field(default_factory=lambda: Pace(COMPLAINTS_A_MINUTE, 60))
    _listening: set[str] = dataclasses.field(default_factory=set, init=False)
    """Connected tabs that will be told when their session ends."""
    _sees_leaving: bool = dataclasses.field(default=False, init=False)

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event through; anything else is the answer to a refused one."""
        found = framework.handler_named(event.name)
        if found is None:
            return StateUpdate()
        self._watch_for_leaving(app)
        caller = framework.caller(state)
        ip, user_agent = caller.came_from
        audit.origin.set(audit.Origin(ip=ip, user_agent=user_agent))
        is_asked = not framework.is_pushed() and not framework.is_chained()
        if is_asked and (over := self.events.count(caller.tab) - self.events.most) > 0:
            await self._record("too many events", event, None)
            return StateUpdate(events=Event.from_event_type(_too_many()) if over == 1 else [])
        actor = await self._actor(caller)
        await self._bind(state, caller, actor)
        try:
            self._demand(state, found, event, actor)
        except Refused as refusal:
            await self._record(str(refusal), event, actor)
            events = Event.from_event_type(refusal.answer) if refusal.answer else []
            return StateUpdate(delta=await framework.changes(state), events=events)
        current.set(actor)
        return None

    async def _actor(self, caller: Caller) -> Actor | None:
        token = cookie_value(caller.cookies, self.cookie)
        if not token:
            return None
        return await self.resolve(None, token, touch=not framework.is_pushed())

    async def _bind(self, state: BaseState, caller: Caller, actor: Actor | None) -> None:
        """A tab shows what one session may see with its present rights: when either is another, it begins empty."""
        tab, name = await state.get_state(Tab), caller.tab
        before, now = tab._owner, Owner.of(actor)
        if before == now and (now is None or name in self._listening):
            return
        if before and before != now:
            is_takeover = before.session_id != (now and now.session_id) and tab._came_from != caller.came_from
            await framework.wipe(state)
            live.forget(name)
            if is_takeover:
                await _record_takeover(actor, before)
        tab._owner, tab._came_from = now, caller.came_from
        if now:
            live.watch(name, {f"session:{now.session_id}": Tab.present}, group="frame")
            self._listening.add(name)
        if before and now and before != now and before.session_id == now.session_id:
            await framework.load_page()

    def _demand(self, state: BaseState, found: tuple[Any, bool], event: Event, actor: Actor | None) -> None:
        """Raise `Refused` unless the actor may call this handler with these arguments."""
        handler, is_framework = found
        if not is_moderate(event.payload):
            raise Refused("bad arguments: too large or unreadable", _broken())
        if is_framework:
            return self._demand_of_framework(handler.__name__)
        if not has_policy(handler):
            raise Refused("no policy", _forbidden())
        needed = policy_of(handler)
        if needed is not None:
            if actor is None:
                raise Refused("not signed in", to_sign_in(framework.page(state)))
            if missing := needed - actor.permissions:
                answer = rx.redirect(PASSWORD, replace=True) if actor.must_change_password else _forbidden()
                raise Refused(f"lacks {', '.join(sorted(missing))}", answer)
        if faults := faults_of(handler, event.payload):
            raise Refused(f"bad arguments: {', '.join(faults)}", _broken())

    def _demand_of_framework(self, name: str) -> None:
        if name not in framework.NEEDED:
            raise Refused("closed")
        if name == framework.COMPLAINT and not self.complaints.allows(audit.origin.get().ip):
            raise Refused("too many complaints")

    async def _record(self, reason: str, event: Event, actor: Actor | None) -> None:
        """A line in the journal; a flood must not fill it, so the last one of a minute says that more are not written."""
        count = self.refusals.count(audit.origin.get().ip)
        if count > self.refusals.most:
            return
        details: dict[str, Any] = {"reason": reason[:200]}
        if count == self.refusals.most:
            details["more_unwritten"] = True
        async with db.transaction() as session:
            audit.record(session, actor, Action.EVENT_REFUSED, event.name[-80:], outcome="refused", **details)

    def _watch_for_leaving(self, app: rx.App) -> None:
        """A tab that has gone is pushed nothing; of one that nobody signed in to, or that may come back elsewhere, nothing is kept."""
        if self._sees_leaving:
            return
        self._sees_leaving = True

        def left(tab: str) -> None:
            live.forget(tab)
            self._listening.discard(tab)
            drop, loop = partial(framework.drop, app, tab, unless=self._is_kept), asyncio.get_running_loop()
            for seconds in _LOOKS_AFTER:
                loop.call_later(seconds, drop)

        framework.when_gone(app, left)

    def _is_kept(self, root: BaseState) -> bool:
        tab = root.substates.get(Tab.get_name())
        return self.keeps_left and isinstance(tab, Tab) and tab._owner is not None


async def _record_takeover(actor: Actor | None, before: Owner) -> None:
    """Another browser came with the token of a tab that was not its own; it was shown nothing."""
    async with db.transaction() as session:
        audit.record(session, actor, Action.TAB_TAKEOVER, before.session_id, outcome="refused")


def _forbidden() -> Any:
    return Tab.tell("act", "У вас нет доступа к этому действию.")


def _too_many() -> Any:
    return Tab.tell("soon", "Слишком много действий подряд: последнее не выполнено. Подождите секунду и повторите.")


def _broken() -> Any:
    return Tab.tell("act", "Не получилось: обновите страницу.")


def to_sign_in(page: str) -> Any:
    """Send the tab to the sign-in page, and from there back to where it was."""
    is_local = page.startswith("/") and not page.startswith(("//", "/\\", SIGN_IN)) and page != "/"
    return rx.redirect(f"{SIGN_IN}?next={quote(page, safe='')}" if is_local else SIGN_IN, replace=True)


def cookie_value(header: str, name: str) -> str:
    """One cookie out of a Cookie header, the last of that name as the HTTP doors take it; empty when absent.

    Read leniently: a broken cookie of another program on this host must not hide ours. A token needs no unquoting.
    """
    found = ""
    for part in header.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            found = value.strip()
    return found
