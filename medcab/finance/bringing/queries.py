"""Lines of a register as an answer meets them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.finance.models import BillLine
from medcab.finance.rules.bringing import Given, Line
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import AppointmentStatus


async def lines(session: AsyncSession, bill_id: UUID, *, is_locked: bool = False) -> dict[int, Line]:
    """All of a register by number; held until the transaction ends when something is to be written."""
    stands = sa.and_(col(Appointment.status) == AppointmentStatus.DONE, col(Appointment.payer) == col(BillLine.payer))
    names = (
        BillLine.id, BillLine.number, BillLine.kopecks, BillLine.outcome, BillLine.reason_code, BillLine.reason, BillLine.is_last,
    )  # fmt: skip
    query = (
        sa.select(*(col(name) for name in names), stands)
        .join(Appointment, col(Appointment.id) == col(BillLine.appointment_id))
        .where(col(BillLine.bill_id) == bill_id)
        .order_by(col(BillLine.id))
    )
    found = await session.execute(query.with_for_update() if is_locked else query)
    return {row.number: Line(*row) for row in found}


async def answer(session: AsyncSession, given: Sequence[Given]) -> None:
    """Put the answers down; whoever had marked a line to go again looks at the new answer first."""
    if given:
        await session.execute(sa.update(BillLine), [
            {"id": each.id, "outcome": each.outcome, "reason_code": each.code, "reason": each.reason, "again_at": None} for each in given
        ])  # fmt: skip
