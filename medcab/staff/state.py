"""«Сотрудники»: the people of the clinic, as the address asks for them."""

from typing import TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import GIVEN_BY_CLINIC, ROLE_TITLES, Actor, Permission, Role, why_closed
from medcab.errors import Forbidden
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.staff import service
from medcab.staff.departments import service as departments
from medcab.staff.invitations import service as invitations
from medcab.staff.people import service as people
from medcab.staff.queries import Colleague, Place, Wanted
from medcab.staff.rules import STATE_TITLES, STATE_TONES, State, rate_words
from medcab.ui import formats

PATH = "/staff"
_ALL = "all"
_NOT_YOURS = "Сотрудниками управляют администраторы клиник."
_LONGEST_PAGE, _LONGEST_NAME = 4, 100
STATES = [(_ALL, "Все"), *((state.value, STATE_TITLES[state]) for state in State)]
ROLES = [(_ALL, "Все роли"), *((role.value, ROLE_TITLES[role]) for role in GIVEN_BY_CLINIC)]


class StaffRow(TypedDict):
    """One line of the list, ready to draw; `href` is empty for somebody who is only invited."""

    id: str
    name: str
    href: str
    places: list[str]
    word: str
    tone: str
    note: str


def closed_to(who: Actor) -> str:
    """Why the pages of this section show nothing; empty when they are open."""
    sentence = why_closed(who, Permission.STAFF)
    return _NOT_YOURS if sentence == Forbidden.message else sentence


def place_line(place: Place) -> str:
    """«Терапевт · Терапевтическое отделение · 0,5 ставки»."""
    rate = f"{rate_words(place.rate)} ставки" if place.rate != 100 else ""  # noqa: PLR2004 - a full post
    return " · ".join(filter(None, (ROLE_TITLES[place.role], place.department, place.post, rate)))


def place_lines(one: Colleague) -> list[str]:
    """What the person is or is to be; of somebody who has gone, what they were. Each once, however often they came back."""
    places = [place for place in one.places if not place.days.are_over(clock.today())] or one.places
    return list(dict.fromkeys(place_line(place) for place in places))


def staff_row(one: Colleague) -> StaffRow:
    is_invited = one.state is State.INVITED
    return {
        "id": str(one.id), "name": one.name, "href": "" if is_invited else f"{PATH}/person?id={one.id}",
        "places": place_lines(one), "word": STATE_TITLES[one.state],
        "tone": STATE_TONES[one.state], "note": "" if one.words == "Работает." else one.words,
    }  # fmt: skip


class StaffState(rx.State):
    """One page of the list, and what it was asked for."""

    closed: str = ""
    ready: bool = False
    rows: list[StaffRow] = []
    name: str = ""
    department: str = _ALL
    role: str = _ALL
    state: str = _ALL
    departments: list[tuple[str, str]] = []
    page: int = 1
    pages: int = 1
    summary: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = closed_to(actor())
        return None if self.closed else StaffState.show

    @rx.event
    @requires(Permission.STAFF)
    async def show(self):
        """Read the list, and watch it from now on."""
        asked = self.router.url.query_parameters
        self.name = asked.get("name", "")[:_LONGEST_NAME]
        self.department, self.role = asked.get("department") or _ALL, asked.get("role") or _ALL
        self.state, page = asked.get("state") or _ALL, asked.get("page", "1")
        self.page = int(page) if page.isdecimal() and len(page) <= _LONGEST_PAGE else 1
        async with reading(self) as (session, who):
            await self._fill(session, who)
            watch(self, {service.topic(service.clinic(who)): StaffState.refresh})

    @rx.event
    @requires(Permission.STAFF)
    async def refresh(self):
        """Somebody came, left or was changed."""
        async with reading(self) as (session, who):
            await self._fill(session, who)

    @rx.event
    @requires(Permission.STAFF)
    async def search(self, text: str):
        """By the beginnings of names."""
        return rx.redirect(self._address(name=text[:_LONGEST_NAME]))

    @rx.event
    @requires(Permission.STAFF)
    async def choose(self, department: str, kind: str, state: str):
        """Another filter: a new address; `kind` is a role."""
        return rx.redirect(self._address(department=department, role=kind, state=state))

    @rx.event
    @requires(Permission.STAFF)
    async def turn(self, page: int):
        """Another page of the same filter."""
        return rx.redirect(self._address(page=str(max(page, 1))))

    @rx.event
    @requires(Permission.STAFF)
    async def resend(self, invitation_id: str):
        """A new link; the old one dies."""
        async with transaction(self) as (session, who):
            await invitations.resend(session, who, invitation_id=UUID(invitation_id))
        return success("Отправили новую ссылку. Прежняя больше не действует.")

    @rx.event
    @requires(Permission.STAFF)
    async def revoke(self, invitation_id: str):
        """The link dies."""
        async with transaction(self) as (session, who):
            await invitations.revoke(session, who, invitation_id=UUID(invitation_id))
        return success("Приглашение отозвано.")

    def _address(self, **changed: str) -> str:
        asked = {"name": self.name, "department": self.department, "role": self.role, "state": self.state, **changed}
        return f"{PATH}?{urlencode({key: value for key, value in asked.items() if value not in ('', _ALL)})}"

    async def _fill(self, session: AsyncSession, who: Actor) -> None:
        wards = [(str(one.id), one.name) for one in await departments.listed(session, who)]
        self.departments = [(_ALL, "Все отделения"), *wards]
        known = {key for key, _ in self.departments}
        self.department = self.department if self.department in known else _ALL
        self.role = self.role if self.role in dict(ROLES) else _ALL
        self.state = self.state if self.state in dict(STATES) else _ALL
        wanted = Wanted(
            self.name, None if self.department == _ALL else UUID(self.department),
            None if self.role == _ALL else Role(self.role), None if self.state == _ALL else State(self.state),
        )  # fmt: skip
        found = await people.listed(session, who, wanted=wanted, page=self.page)
        self.rows = [staff_row(one) for one in found.lines]
        self.page, self.pages = found.page, found.pages
        self.summary = formats.plural(found.total, "человек", "человека", "человек")
        self.ready = True
