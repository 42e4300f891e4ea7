"""The smallest cabinet: a guarded handler that reads one row, beside a bare one that the guard does not see; a move, beside a write of one row."""

from datetime import datetime, timedelta
from uuid import UUID

import reflex as rx
import sqlalchemy as sa
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from sqlmodel import col

from medcab import audit
from medcab.access import Action, Permission
from medcab.accounts.service import actor_for
from medcab.guard import reading, requires, transaction
from medcab.guard.middleware import Guard
from medcab.schedule import service
from medcab.schedule.models import Appointment, Reception

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


class Moves(rx.State):
    """Both change one visit, of which the browser knows where it stands."""

    count: int = 0

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def write(self, visit_id: str, version: int, starts_at: str):
        """The least that a write can be here: one row, in the version that was seen, and its line of the journal."""
        at = datetime.fromisoformat(starts_at)
        seen = sa.update(Appointment).where(col(Appointment.id) == UUID(visit_id), col(Appointment.version) == version)
        async with transaction(self) as (session, actor):
            put = seen.values(starts_at=at, ends_at=at + SLOT, version=version + 1, changed_by_id=actor.person_id)
            await session.execute(put.execution_options(synchronize_session=False))
            audit.record(session, actor, Action.APPOINTMENT_MOVE, visit_id)
        self.count += 1

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def move(self, visit_id: str, version: int, starts_at: str):
        at = datetime.fromisoformat(starts_at)
        async with transaction(self) as (session, actor):
            await service.move(session, actor, appointment_id=UUID(visit_id), version=version, starts_at=at)
        self.count += 1


SLOT = timedelta(minutes=15)
BARE, GUARDED = (f"{Clicks.get_full_name()}.{name}" for name in ("bare", "guarded"))
WRITE, MOVE = (f"{Moves.get_full_name()}.{name}" for name in ("write", "move"))


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
