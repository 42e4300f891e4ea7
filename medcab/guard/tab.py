"""What a handler knows of its caller: the actor found by the guard for this very event, and a transaction to act in."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict
from uuid import UUID, uuid4

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db, live
from medcab.access import Actor, Permission, Role
from medcab.errors import SignInRequired
from medcab.guard import framework
from medcab.guard.policy import public, requires

current: ContextVar[Actor | None] = ContextVar("actor", default=None)
"""Set by the guard for each event, read through `transaction` and `reading`."""

NOTICES_KEPT = 5


class Resolve(Protocol):
    """Finds the actor behind a session's token; `touch` says whether this counts as the person's own doing."""

    async def __call__(self, session: AsyncSession | None, token: str, *, touch: bool) -> Actor | None: ...


@dataclass(frozen=True)
class Owner:
    """Whose a tab is, and with which rights it was filled."""

    session_id: UUID
    organisation_id: UUID | None
    permissions: frozenset[Permission]
    department_ids: frozenset[UUID] = frozenset()
    posts: frozenset[tuple[Role, UUID]] = frozenset()

    @classmethod
    def of(cls, actor: Actor | None) -> "Owner | None":
        if actor is None:
            return None
        return cls(actor.session_id, actor.organisation_id, actor.permissions, actor.department_ids, actor.posts)


class Notice(TypedDict):
    """A short message to the person; `id` differs each time, so that the same words show again."""

    id: str
    tone: str
    text: str


class Tab(rx.State):
    """One browser tab: the session it belongs to, where its socket came from, and the newest messages it shows."""

    notices: list[Notice] = []
    _owner: Owner | None = None
    _came_from: tuple[str, str] = ("", "")

    @rx.event
    @public
    async def tell(self, tone: str, text: str):
        """Show a message in this tab; `tone` is one of the theme's."""
        self.notices = [*self.notices[1 - NOTICES_KEPT :], {"id": uuid4().hex, "tone": tone, "text": text}]

    @rx.event
    @requires()
    async def present(self):
        """Nothing but passing the guard: pushed when a session may have ended."""


def actor() -> Actor:
    """Whoever caused this event."""
    found = current.get()
    if found is None:
        raise SignInRequired
    return found


@asynccontextmanager
async def transaction(_state: rx.State) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """The only commit of a handler: everything inside happens, or nothing."""
    who = actor()
    async with db.transaction() as session:
        yield session, who


@asynccontextmanager
async def reading(_state: rx.State) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """For handlers that only look."""
    who = actor()
    async with db.reading() as session:
        yield session, who


Acting = AbstractAsyncContextManager[tuple[AsyncSession, Actor]]


def watch(state: rx.State, topics: dict[str, Any], *, group: str = "page") -> None:
    """Refresh this tab when a topic is published: `{"schedule:<id>": ScheduleState.refresh}`; replaces what the page watched before."""
    live.watch(framework.tab_token(state), topics, group=group)


def success(text: str) -> Any:
    """To return from a handler: a message that it worked."""
    return Tab.tell("done", text)


def failure(text: str) -> Any:
    """To return from a handler: a message that it did not."""
    return Tab.tell("act", text)
