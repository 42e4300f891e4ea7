"""What the first lines of the page are about: the last days of a department, and how fresh its figures are."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.dashboards import queries
from medcab.dashboards.queries import Doctor
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.attention import Attention, Recent, attention
from medcab.dashboards.rules.period import Period, Preset
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.staff import Staff
from medcab.dashboards.service import Overview, Place, departments, place_of
from medcab.dashboards.workforce import queries as workforce
from medcab.schedule.service import zone


class Surroundings(NamedTuple):
    """What stands around the figures. `doctors` are those who can be chosen: who has figures in the period."""

    recent: Recent
    counted_at: datetime | None
    doctors: list[Doctor]
    staff: Staff
    """Whose right to practise is looked at: the department's people today."""


async def surroundings(session: AsyncSession, actor: Actor, *, overview: Overview, address: Address) -> Surroundings:
    """Of the department shown, narrowed as the page is."""
    place = await place_of(session, actor, overview.department.id)
    today, selection = clock.today(zone()), address.selection
    span = Period(Recent(today, {}).span.start, today)
    recent = Recent(today, await queries.by_day(session, place.id, span, selection))
    return Surroundings(
        recent,
        await queries.counted_at(session, place.id, address.period, selection),
        await _doctors(session, place.id, overview, address),
        await workforce.staff(session, place.id, today),
    )


class Ward(NamedTuple):
    """A department, its last days and its people: what is told of it where figures are only mentioned."""

    place: Place
    recent: Recent
    staff: Staff

    @property
    def attention(self) -> Attention:
        """As the first lines of its own page say it."""
        return attention(self.recent, Address(Preset.MONTH.period(self.recent.today), self.place.id), self.staff)


async def wards(session: AsyncSession, actor: Actor) -> list[Ward]:
    """Those whose figures the actor may see."""
    places, today = await departments(session, actor), clock.today(zone())
    keys = [place.id for place in places]
    days = await queries.by_department(session, keys, Period(Recent(today, {}).span.start, today))
    people = await workforce.staff_of(session, keys, today)
    return [Ward(place, Recent(today, days[place.id]), people[place.id]) for place in places]


async def _doctors(session: AsyncSession, place: UUID, overview: Overview, address: Address) -> list[Doctor]:
    """Asked for only where the figures themselves are one doctor's."""
    found = overview.doctors
    if address.selection.doctor_id:
        found = await queries.by_doctor(session, place, address.period, Selection(kind=address.selection.kind))
    return sorted(found, key=lambda doctor: doctor.name)
