"""Default deny, for every event: socket, background, chained, pushed.

cookie → session row → actor, read anew each time; the tab belongs to one session (another one empties it first); the handler's
policy; its arguments; a rate limit; a line in the journal for each refusal.
"""

import dataclasses
from http.cookies import CookieError, SimpleCookie
from typing import Any

import reflex as rx
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from pydantic import ValidationError
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from medcab import audit, db, live
from medcab.access import Action, Actor
from medcab.guard import framework
from medcab.guard.policy import arguments_of, has_policy, policy_of
from medcab.guard.tab import Resolve, Tab, current

SIGN_IN = "/sign-in"
_EVENTS = RateLimitItemPerSecond(40)
_REFUSALS = RateLimitItemPerMinute(30)
_HYDRATION = ("hydrate", "hydrate_and_load")


class Refused(Exception):
    """Why an event was not let through; `answer` is what the tab gets."""

    def __init__(self, reason: str, answer: Any = None) -> None:
        super().__init__(reason)
        self.answer = answer


@dataclasses.dataclass
class Guard(rx.Middleware):
    """Stands before every handler. `cookie` is the session cookie's name, `resolve` finds the actor behind its value."""

    cookie: str
    resolve: Resolve
    limiter: FixedWindowRateLimiter = dataclasses.field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event through; anything else is the answer to a refused one."""
        found = framework.handler_named(event.name)
        if found is None:
            return StateUpdate()
        handler, is_framework = found
        ip, user_agent = framework.address(state)
        audit.origin.set(audit.Origin(ip=ip, user_agent=user_agent))
        actor = None
        try:
            self._limit(framework.tab_token(state))
            actor = await self._actor(state)
            await self._bind(state, actor)
            if is_framework:
                return _framework_answer(handler)
            _demand(handler, event, actor)
        except Refused as refusal:
            await self._record(refusal, event, actor, ip)
            return StateUpdate(events=Event.from_event_type(refusal.answer)) if refusal.answer else StateUpdate()
        current.set(actor)
        return None

    def _limit(self, tab: str) -> None:
        if not self.limiter.hit(_EVENTS, "events", tab):
            raise Refused("too many events")

    async def _actor(self, state: BaseState) -> Actor | None:
        token = cookie_value(framework.cookie_header(state), self.cookie)
        if not token:
            return None
        async with db.reading() as session:
            return await self.resolve(session, token)

    async def _bind(self, state: BaseState, actor: Actor | None) -> None:
        """A tab that belonged to another session, or to one that has ended, shows nothing of it."""
        tab = await state.get_state(Tab)
        bound = str(actor.session_id) if actor else ""
        if tab._bound == bound:
            return
        if tab._bound:
            await framework.wipe(state)
            live.forget(framework.tab_token(state))
        tab._bound = bound
        if actor:
            live.watch(framework.tab_token(state), {f"session:{bound}": Tab.present}, group="frame")

    async def _record(self, refusal: Refused, event: Event, actor: Actor | None, ip: str) -> None:
        if not self.limiter.hit(_REFUSALS, "refusals", ip):
            return  # a flood must not fill the journal
        async with db.transaction() as session:
            audit.record(
                session, actor, Action.EVENT_REFUSED, event.name[-80:], outcome="refused", reason=str(refusal)[:200]
            )


def cookie_value(header: str, name: str) -> str:
    """One cookie out of a Cookie header; empty when absent or unreadable."""
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _framework_answer(handler: Any) -> StateUpdate | None:
    """The framework's own handlers pass, but for the one that writes any variable it is told to."""
    return StateUpdate() if handler.__name__ == "setvar" else None


def _demand(handler: Any, event: Event, actor: Actor | None) -> None:
    """Raise `Refused` unless the actor may call this handler with these arguments."""
    if not has_policy(handler):
        raise Refused("no policy")
    needed = policy_of(handler)
    if needed is not None:
        if actor is None:
            raise Refused("not signed in", rx.redirect(SIGN_IN, replace=True))
        if missing := needed - actor.permissions:
            raise Refused(f"lacks {', '.join(sorted(missing))}", Tab.tell("act", "У вас нет доступа к этому действию."))
    try:
        arguments_of(handler).model_validate(event.payload)
    except ValidationError as problem:
        fields = ", ".join(".".join(map(str, error["loc"])) for error in problem.errors())
        raise Refused(f"bad arguments: {fields}", Tab.tell("act", "Не получилось: обновите страницу.")) from None
