"""What there is at certain times: whose hours, which slot, and whether the worker may and does practise then."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, require
from medcab.accounts.queries import right_of, rights_of
from medcab.accounts.rules.right import Right
from medcab.clock import MOSCOW
from medcab.errors import Conflict, Forbidden, NotFound
from medcab.schedule import queries
from medcab.schedule.hours.queries import Hours
from medcab.schedule.rules import over
from medcab.schedule.rules.slots import MINUTE, Span, day_of, is_open, slots
from medcab.schedule.vacant.queries import at_work


class NoRight(Conflict):
    """The worker may not practise this on that day, as far as the register knows; `why` goes on the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Запись закрыта: {why}. Выберите другого врача или более раннюю дату.")


@dataclass(frozen=True)
class Timetable:
    """Slots in the actor's scope at certain times, and whether their workers may and do practise then."""

    slots: dict[tuple[UUID, datetime], tuple[Hours, Span]]
    rights: dict[UUID, Right]
    works: frozenset[tuple[UUID, date]]

    def slot(self, practitioner_id: UUID, starts_at: datetime) -> tuple[Hours, Span]:
        """The slot that starts exactly then; whose it is and when are never told apart."""
        found = self.slots.get((practitioner_id, starts_at))
        if found is None or not is_open(found[1], clock.now()):
            raise NotFound("На это время записать нельзя: выберите другое.")
        self.demand_practice(*found)
        return found

    def demand_practice(self, reception: Hours, slot: Span) -> None:
        """The worker may practise this then, and works here."""
        day = day_of(slot.starts_at, MOSCOW)
        if why := self.rights[reception.practitioner_id].why_not(day, reception.specialty):
            raise NoRight(why)
        if (reception.practitioner_id, day) not in self.works:
            raise NoRight("в этот день врач в клинике не работает")


async def timetable(session: AsyncSession, actor: Actor, wanted: Iterable[tuple[UUID, datetime]]) -> Timetable:
    """What there is at these times of these workers: a few queries for each worker, however many times."""
    times: dict[UUID, set[datetime]] = defaultdict(set)
    for practitioner_id, starts_at in wanted:
        times[practitioner_id].add(starts_at)
    found: dict[tuple[UUID, datetime], tuple[Hours, Span]] = {}
    for whose, moments in times.items():
        for each in await queries.receptions(session, actor, whose, Span(min(moments), max(moments) + MINUTE)):
            for slot in slots(each.span, each.slot_minutes):
                if slot.starts_at in moments:
                    found.setdefault((whose, slot.starts_at), (each, slot))
    days = sorted({day_of(at, MOSCOW) for moments in times.values() for at in moments})
    works = await at_work(session, actor.organisation_id, times, days) if actor.organisation_id and days else set()
    return Timetable(found, await rights_of(session, times), frozenset(works))


async def over_plan(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, starts_at: datetime
) -> tuple[Hours, Span]:
    """The same for any time within the hours, of those who may book on top of the plan."""
    require(actor, Permission.SCHEDULE_OVERBOOK)
    for reception in await queries.reception_of_slot(session, actor, practitioner_id, starts_at):
        slot = over.over_span(reception.span, reception.slot_minutes, starts_at)
        if slot and is_open(slot, clock.now()):
            demand_right_above(actor, reception)
            (await timetable(session, actor, [(practitioner_id, starts_at)])).demand_practice(reception, slot)
            if slot in await queries.free_slots(session, actor, practitioner_id, slot, clock.now(), MOSCOW):
                raise Conflict("Это время свободно: запишите обычным порядком.")
            return reception, slot
    raise NotFound("Сверх плана можно записать только в часы приёма: выберите другое время.")


def demand_right_above(actor: Actor, hours: Hours) -> None:
    if not may_book_above(actor, hours):
        raise Forbidden


def may_book_above(actor: Actor, hours: Hours) -> bool:
    """On top of the own plan, of those of the departments where the actor's role gives it, or of the whole clinic's."""
    if not actor.may(Permission.SCHEDULE_OVERBOOK):
        return False
    is_all = hours.practitioner_id == actor.person_id or actor.may(Permission.SCHEDULE_ORGANISATION)
    return is_all or hours.department_id in actor.departments_with(Permission.SCHEDULE_OVERBOOK)


async def demand_right(session: AsyncSession, practitioner_id: UUID, hours: Span, specialty: str) -> None:
    """Nobody is booked with somebody who may not see them then."""
    right = await right_of(session, practitioner_id)
    if why := right.why_not(day_of(hours.starts_at, MOSCOW), specialty):
        raise NoRight(why)
