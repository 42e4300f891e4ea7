"""The frame around each signed-in page: who this is, where they work, what is open to them."""

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from medcab.access import Actor, Permission
from medcab.accounts.frame.queries import workplaces
from medcab.accounts.inbox import service as inbox
from medcab.accounts.sessions import service as sessions
from medcab.guard import actor as whoever
from medcab.guard import reading, requires, transaction, watch
from medcab.shell.frame import Section

_WHY_CLOSED = "Откроется после активации кабинета"
_NO_CLINIC = "Откроется, когда администратор клиники добавит вас в medcab"
_OF_NEARLY_EVERYBODY = frozenset({Permission.SCHEDULE_READ})
"""Shown closed, with the reason, to whoever has no role yet."""


@dataclass(frozen=True)
class SectionOf:
    """A section of the navigation and what it takes to open it."""

    title: str
    short: str
    path: str
    icon: str
    permission: Permission


SECTIONS: list[SectionOf] = []
"""In the order of the navigation; filled by routes.py, where every page stands."""


class Frame(rx.State):
    """What the frame draws; rights are decided by the guard, never from here."""

    name: str = ""
    roles: str = ""
    organisation: str = ""
    organisation_name: str = ""
    organisations: list[tuple[str, str]] = []
    """Id and name of each, for the switch."""
    has_choice: bool = False
    sections: list[Section] = []
    unread: int = 0
    """What the person was told and has not read."""

    @rx.event
    @requires()
    async def load(self):
        """Before each page."""
        watch(self, {inbox.topics(whoever().person_id)[1]: Frame.count}, group="bell")
        async with reading(self) as (session, actor):
            places = await workplaces(session, actor.person_id)
            self.unread = await inbox.unread(session, actor)
        self.name = actor.name
        self.organisation = str(actor.organisation_id or "")
        self.organisations = [(str(place.id), place.name) for place in places]
        self.has_choice = len(places) > 1
        here = next((place for place in places if place.id == actor.organisation_id), None)
        self.organisation_name, self.roles = (here.name, here.roles) if here else ("", "")
        self.sections = sections_of(actor)

    @rx.event
    @requires()
    async def count(self):
        """Something was told, or read in another tab."""
        async with reading(self) as (session, actor):
            self.unread = await inbox.unread(session, actor)

    @rx.event
    @requires()
    async def choose(self, organisation_id: str):
        """Work in another organisation from now on: rights follow at once."""
        async with transaction(self) as (session, actor):
            await sessions.choose_organisation(session, actor, organisation_id=UUID(organisation_id))
        return rx.redirect("/", replace=True) if self.router.url.path != "/" else Frame.load


def sections_of(actor: Actor) -> list[Section]:
    """Open ones, and those that activation or a clinic would open; others do not exist for this person."""
    rows: list[Section] = []
    closed = actor.closed if actor.roles else _OF_NEARLY_EVERYBODY
    why = _WHY_CLOSED if actor.roles or not actor.is_active else _NO_CLINIC
    for item in SECTIONS:
        is_open = actor.may(item.permission)
        if is_open or item.permission in closed:
            rows.append(
                {
                    "title": item.title, "short": item.short, "path": item.path, "icon": item.icon,
                    "open": is_open, "why_closed": "" if is_open else why,
                }
            )  # fmt: skip
    return rows
