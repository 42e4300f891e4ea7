"""Taking in a notice: it is written down once, and the register is asked about those whom it concerns.

Nothing is closed because of a notice alone: whoever could forge one, or a mistake of the service, would take people's work away.
"""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, outbox
from medcab.access import Action
from medcab.accounts import queries as accounts
from medcab.errors import Conflict
from medcab.identifiers.sameness import plain_licence
from medcab.security.crypto import blind_index
from medcab.verification.models import SupervisionNotice
from medcab.verification.supervision.rules import LOSES_LICENCE, OF_LICENCE, Notice, NoticeKind

NOTICE = "supervision.notice"


class NumberReused(Conflict):
    """The service sent another text under a number that it had used."""

    message = "Уведомление с таким номером уже было, и в нём стояло другое."


def licence_index(number: str) -> str:
    """Finds notices about a licence, however its number was typed."""
    return blind_index("supervision_notice.licence", plain_licence(number))


def _index(notice: Notice) -> str:
    return (
        licence_index(notice.subject) if notice.kind in OF_LICENCE else accounts.index_of("snils", notice.subject_kept)
    )


async def receive(session: AsyncSession, notice: Notice) -> bool:
    """Write the notice down and have the register asked; False: it came before. Raises `NumberReused`."""
    await accounts.take_turns(session, f"supervision:{notice.number}")
    query = select(SupervisionNotice).where(SupervisionNotice.number == notice.number)
    known = (await session.exec(query)).first()
    if known:
        if (known.kind, known.subject_index) != (notice.kind.value, _index(notice)):
            raise NumberReused
        return False
    held = SupervisionNotice(
        number=notice.number, kind=notice.kind.value, subject=notice.subject_kept, subject_index=_index(notice), basis=notice.basis,
        issued_at=notice.issued_at, received_at=clock.now(),
    )  # fmt: skip
    session.add(held)
    audit.record(session, None, Action.SUPERVISION_NOTICE, held.id, number=notice.number, kind=notice.kind.value)
    outbox.add(session, NOTICE, {"notice_id": str(held.id)})
    return True


async def notice_of(session: AsyncSession, notice_id: UUID | None) -> Notice | None:
    """What a round is held for; None: for nobody in particular."""
    held = await session.get(SupervisionNotice, notice_id) if notice_id else None
    if held is None:
        return None
    return Notice(
        number=held.number, kind=NoticeKind(held.kind), subject=held.subject, basis=held.basis, issued_at=held.issued_at
    )


async def withdrawn(session: AsyncSession, licences: Collection[str]) -> frozenset[str]:
    """Which of the licences (by `licence_index`) the newest notice about them calls withdrawn or suspended."""
    query = select(SupervisionNotice).where(col(SupervisionNotice.subject_index).in_(licences))
    oldest_first = query.order_by(col(SupervisionNotice.issued_at), col(SupervisionNotice.received_at))
    newest = {row.subject_index: NoticeKind(row.kind) for row in (await session.exec(oldest_first)).all()}
    return frozenset(index for index, kind in newest.items() if kind in LOSES_LICENCE)
