"""The smallest cabinet: one guarded handler that reads one row, beside a bare one that the guard does not see."""

from uuid import UUID

import reflex as rx
import sqlalchemy as sa
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from sqlmodel import col

from medcab.access import Permission
from medcab.accounts.service import actor_for
from medcab.guard import reading, requires
from medcab.guard.middleware import Guard
from medcab.schedule.models import Reception

COOKIE = "medcab_session"
ROOM = sa.select(col(Reception.room)).where(col(Reception.id) == sa.bindparam("id"))


class Clicks(rx.State):
    """What both handlers change is the same, so that their answers are."""

    count: int = 0
    room: str = ""

    @rx.event
    async def bare(self, reception_id: str):
        self.count += 1
        self.room = reception_id[-4:]

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def guarded(self, reception_id: str):
        async with reading(self) as (session, _actor):
            found = await (await session.connection()).execute(ROOM, {"id": UUID(reception_id)})
        self.room = found.scalar_one()
        self.count += 1


BARE, GUARDED = (f"{Clicks.get_full_name()}.{name}" for name in ("bare", "guarded"))


class GuardButBare(Guard):
    """The real guard, which lets the floor it is measured against pass untouched."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        return None if event.name == BARE else await super().preprocess(app, state, event)


def build() -> rx.App:
    made = rx.App()
    made.add_middleware(GuardButBare(cookie=COOKIE, resolve=actor_for))
    made.add_page(rx.fragment(), route="/")
    return made


app = build()
