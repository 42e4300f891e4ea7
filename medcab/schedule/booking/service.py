"""What is demanded of a visit before it stands: that the actor knows where else the patient is to be, and a limit on top of the plan.

Asked under the patient's and the worker's turn, in the transaction that writes the visit.
"""

from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.errors import Conflict
from medcab.schedule import queries as schedule
from medcab.schedule.booking import queries
from medcab.schedule.rules import over
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.visits import Visit
from medcab.schedule.times.service import may_book_above
from medcab.settings import get_settings

_ELSEWHERE = {True: "у другого врача отделения", False: "в другом отделении"}


class PatientTwice(Conflict):
    """The patient is to be elsewhere then, or here already on that day: `visits` are what has been told, to be named when it is meant so."""

    def __init__(self, sentence: str, visits: frozenset[UUID]) -> None:
        super().__init__(sentence)
        self.visits = visits


async def left_above(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, day: date) -> int:
    """How many visits the actor may still book on top of the worker's plan of that day."""
    whole = bounds(day, 1, clock.MOSCOW)
    hours = await schedule.receptions(session, actor, practitioner_id, whole)
    if not any(may_book_above(actor, each) for each in hours):
        return 0
    made = await queries.booked_over(session, practitioner_id, whole)
    return max(0, get_settings().overbook_a_day - made)


async def demand_room_above(session: AsyncSession, appointment_id: UUID, visit: Visit) -> None:
    """No more than the clinic's limit stands on top of one day's plan."""
    if not visit.is_over:
        return
    limit = get_settings().overbook_a_day
    if await queries.booked_over(session, visit.practitioner_id, _day(visit), but=appointment_id) >= limit:
        raise Conflict(over.too_many_over(limit))


async def demand_hours(session: AsyncSession, visit: Visit) -> None:
    """A visit that is called off comes back only while the worker still sees patients then: the day may have been closed since."""
    found = await schedule.hours_at(session, visit.practitioner_id, visit.organisation_id, visit.span)
    is_inside = any(each.starts_at <= visit.starts_at and visit.ends_at <= each.ends_at for each in found)
    if visit.starts_at > clock.now() and not is_inside:
        raise Conflict("Вернуть приём нельзя: в это время врач больше не принимает. Запишите пациента на другое время.")


async def demand_known(
    session: AsyncSession, actor: Actor, appointment_id: UUID, patient_id: UUID, visit: Visit, knows_of: frozenset[UUID]
) -> None:  # fmt: skip
    """What else the patient has then, or with this worker on the day, has been told to the actor; `PatientTwice` tells it."""
    found = await queries.others_of_patient(session, actor, patient_id, visit, _day(visit), but=appointment_id)
    if all(each.id in knows_of for each in found):
        return
    listed = [(each.starts_at, each.doctor or _ELSEWHERE[each.department_id in actor.department_ids]) for each in found]
    raise PatientTwice(over.twice_words(listed, clock.MOSCOW), frozenset(each.id for each in found))


def _day(visit: Visit) -> Span:
    return bounds(day_of(visit.starts_at, clock.MOSCOW), 1, clock.MOSCOW)
