"""«Профиль»: who the person is and where they work, as the cabinet knows them."""

from typing import TypedDict

import reflex as rx

from medcab.access import Permission
from medcab.accounts import queries
from medcab.accounts.frame.queries import workplaces
from medcab.accounts.models import Standing
from medcab.guard import reading, requires
from medcab.identifiers import email, phone, snils
from medcab.ui import formats

STANDINGS = {
    Standing.UNVERIFIED: ("quiet", "Статус не подтверждён"),
    Standing.ACTIVE: ("done", "Кабинет активирован"),
    Standing.SUSPENDED: ("act", "Статус приостановлен"),
}


class Place(TypedDict):
    """An organisation and the roles held there."""

    id: str
    name: str
    roles: str


class ProfileState(rx.State):
    """Own data, numbers masked."""

    name: str = ""
    born: str = ""
    snils: str = ""
    phone: str = ""
    email: str = ""
    tone: str = "quiet"
    standing: str = ""
    reason: str = ""
    places: list[Place] = []

    @rx.event
    @requires(Permission.ACCOUNT)
    async def load(self):
        """Read the person anew."""
        async with reading(self) as (session, actor):
            person = await queries.person(session, actor.person_id)
            places = await workplaces(session, actor.person_id)
        self.name = f"{person.family_name} {person.given_name} {person.patronymic}".strip()
        self.born, self.snils = formats.day(person.birth_date), snils.masked(person.snils)
        self.phone, self.email = phone.masked(person.phone), email.masked(person.email)
        (self.tone, self.standing), self.reason = STANDINGS[person.standing], person.standing_reason
        self.places = [{"id": str(place.id), "name": place.name, "roles": place.roles} for place in places]
