"""«Отделения»."""

from typing import TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.staff.departments import service
from medcab.staff.service import clinic, topic
from medcab.staff.state import closed_to
from medcab.ui import formats

PATH = "/staff/departments"


class DepartmentRow(TypedDict):
    """A department, ready to draw."""

    id: str
    name: str
    people: str
    who: str
    edit: str
    is_empty: bool


def department_row(one: service.Counted) -> DepartmentRow:
    invited = f", {formats.plural(one.invited, 'приглашённый', 'приглашённых', 'приглашённых')}" if one.invited else ""
    return {
        "id": str(one.id), "name": one.name, "who": f"/staff?department={one.id}", "edit": f"{PATH}?id={one.id}",
        "people": formats.plural(one.people, "человек", "человека", "человек") + invited,
        "is_empty": not (one.people or one.invited),
    }  # fmt: skip


class DepartmentsState(rx.State):
    """The clinic's departments; the form is for the one of the address, or a new one."""

    closed: str = ""
    ready: bool = False
    rows: list[DepartmentRow] = []
    query: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show the departments; to whom it is not open, say why."""
        self.closed = closed_to(actor())
        return None if self.closed else DepartmentsState.show

    @rx.event
    @requires(Permission.STAFF)
    async def show(self):
        """Read them, and watch from now on."""
        wanted = self.router.url.query_parameters.get("id", "")
        async with reading(self) as (session, who):
            await self._fill(session, who)
            watch(self, {topic(clinic(who)): DepartmentsState.refresh})
        self.query = f"?id={wanted}" if any(row["id"] == wanted for row in self.rows) else ""

    @rx.event
    @requires(Permission.STAFF)
    async def refresh(self):
        """Something was changed."""
        async with reading(self) as (session, who):
            await self._fill(session, who)

    @rx.event
    @requires(Permission.STAFF)
    async def close(self, department_id: str):
        """Close an empty one."""
        async with transaction(self) as (session, who):
            await service.close(session, who, department_id=UUID(department_id))
        return success("Отделение закрыто.")

    async def _fill(self, session: AsyncSession, who: Actor) -> None:
        self.rows = [department_row(one) for one in await service.listed(session, who)]
        self.ready = True
