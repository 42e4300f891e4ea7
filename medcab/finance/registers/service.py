"""A month's register of one payer: made from done visits at the tariff of each visit's day, and frozen."""

from datetime import date, datetime, time

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.errors import Conflict, Invalid, NotFound
from medcab.finance import queries
from medcab.finance.models import Bill, BillLine
from medcab.finance.queries import Done
from medcab.finance.rules.address import months_back
from medcab.finance.rules.tariffs import NoTariff, Price, What, price_on
from medcab.schedule.rules.visits import Payer
from medcab.ui import formats


class AlreadyMade(Conflict):
    """Somebody was quicker, or it was long ago."""

    message = "Реестр этого плательщика за этот месяц уже составлен."


async def make(session: AsyncSession, actor: Actor, *, month: date, payer: Payer) -> Bill:
    """Refused whole when a visit has no tariff: a register with holes would be taken for the whole month."""
    require(actor, Permission.FINANCE_ORGANISATION)
    if actor.organisation_id is None:
        raise NotFound
    first, after = month.replace(day=1), months_back(month, -1)
    if after > clock.today():
        raise Invalid("Месяц ещё не закончился. Реестр составляют после его последнего дня.", field="month")
    span = [datetime.combine(day, time(), clock.MOSCOW) for day in (first, after)]
    visits = await queries.unbilled(session, actor.organisation_id, payer, *span)
    if not visits:
        raise Invalid(
            "За этот месяц нет проведённых приёмов этого плательщика, которых ещё нет в реестрах.", field="month"
        )
    prices = await queries.prices(session, actor.organisation_id, payer)
    bill = Bill(
        organisation_id=actor.organisation_id, month=first, payer=payer, made_at=clock.now(), made_by_id=actor.person_id
    )
    lines = [_line(bill, visit, prices) for visit in visits]
    try:
        async with session.begin_nested():
            session.add_all([bill, *lines])
            await session.flush()
    except IntegrityError:
        raise AlreadyMade from None
    audit.record(session, actor, Action.FINANCE_BILL, bill.id, month=first, payer=payer, lines=len(lines))
    return bill


def _line(bill: Bill, visit: Done, prices: list[Price]) -> BillLine:
    day = visit.starts_at.astimezone(clock.MOSCOW).date()
    price = price_on(prices, What(bill.payer, visit.specialty, visit.kind), day)
    if price is None:
        specialty = visit.specialty or "не указана в часах приёма"
        raise NoTariff(f"Нет тарифа на {formats.day(day)}: специальность {specialty}. Реестр не составлен.")
    return BillLine(
        appointment_id=visit.id, bill_id=bill.id, organisation_id=bill.organisation_id, department_id=visit.department_id,
        month=bill.month, payer=bill.payer, kopecks=price.kopecks,
    )  # fmt: skip
