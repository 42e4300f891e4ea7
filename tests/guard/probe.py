"""States of the kinds that features write, and of the kinds they must not."""

from uuid import UUID

import reflex as rx
from sqlmodel import select

from medcab.access import Permission
from medcab.accounts.models import Department
from medcab.errors import Conflict, NotFound
from medcab.guard import public, reading, requires, success, transaction, watch

SECRET = "диагноз пациента"


class Probe(rx.State):
    """What the tests call. `shown` and `_kept` hold something that only its owner may see."""

    shown: str = ""
    calls: list[str] = []
    _kept: str = ""

    @rx.event
    @requires()
    async def open(self):
        self.shown = self._kept = SECRET

    @rx.event
    @public
    async def greet(self):
        self.calls = [*self.calls, "greet"]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def edit(self, count: int, note: str, item_id: str = "00000000-0000-0000-0000-000000000000"):
        self.calls = [*self.calls, f"edit {count} {note}"]

    @rx.event
    @requires()
    async def fill(self, form: dict[str, str], is_final: bool = False):
        self.calls = [*self.calls, f"fill {form} {is_final}"]

    @rx.event
    @requires(Permission.SCHEDULE_EDIT, Permission.FIGURES_DEPARTMENT)
    async def sum_up(self):
        self.calls = [*self.calls, "sum up"]

    @rx.event
    async def forgotten(self):
        """No policy."""
        self.calls = [*self.calls, "forgotten"]

    async def undecorated(self, role: str = "admin"):
        """Public by Reflex's rules although nobody meant it to be called."""
        self.calls = [*self.calls, f"undecorated {role}"]

    @rx.event
    @requires()
    async def chain(self):
        return [Probe.edit(1, "chained"), Probe.forgotten()]

    @rx.event(background=True)
    @requires(Permission.FIGURES_DEPARTMENT)
    async def work(self):
        async with self:
            self.calls = [*self.calls, "work"]

    @rx.event
    @requires()
    async def collide(self):
        async with transaction(self) as (session, _):
            session.add(Department(id=UUID(int=0xBAD), organisation_id=UUID(int=0xC1), name="не должно остаться"))
            await session.flush()
            raise Conflict("Это время уже занято.")

    @rx.event
    @requires()
    async def look_for_another(self):
        async with reading(self) as (session, _):
            if (await session.exec(select(Department).where(Department.id == UUID(int=1)))).first() is None:
                raise NotFound

    @rx.event
    @requires()
    async def break_down(self):
        raise RuntimeError("password=hunter2")

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def watch_day(self):
        watch(self, {"day": Probe.refresh})
        return success("Смотрим за днём.")

    @rx.event
    @requires(Permission.SCHEDULE_READ)
    async def refresh(self):
        self.calls = [*self.calls, "refresh"]
