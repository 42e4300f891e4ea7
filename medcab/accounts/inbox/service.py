"""«Уведомления»: what the person was told, until they have read it. Put in by `accounts.notices`, beside the letter."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, jobs, live
from medcab.access import Actor, Permission, require
from medcab.accounts.inbox import queries
from medcab.accounts.inbox.models import Notice
from medcab.accounts.inbox.queries import Found
from medcab.errors import NotFound

KEPT = timedelta(days=365)
_BATCH = 10_000


def topics(person_id: UUID) -> tuple[str, str]:
    """What the list and the bell of each page watch; a tab has one answer to each topic."""
    return f"notices:{person_id}", f"bell:{person_id}"


def put(session: AsyncSession, person_id: UUID, *, subject: str, text: str, href: str = "") -> None:
    """Tell it in the caller's transaction. `subject` as a sentence begins, without the end."""
    session.add(Notice(person_id=person_id, subject=subject[:1].upper() + subject[1:], text=text, href=href, told_at=clock.now()))  # fmt: skip
    _changed(session, person_id)


async def unread(session: AsyncSession, actor: Actor) -> int:
    """How many the bell shows."""
    require(actor, Permission.ACCOUNT)
    return await queries.unread(session, actor.person_id)


async def listed(session: AsyncSession, actor: Actor, *, is_unread: bool = False, page: int = 1) -> Found:
    """The actor's own."""
    require(actor, Permission.ACCOUNT)
    return await queries.listed(session, actor.person_id, is_unread=is_unread, page=page)


async def read(session: AsyncSession, actor: Actor, *, notice_id: UUID) -> str:
    """It was read, and is read still after a second click; where it is looked after."""
    require(actor, Permission.ACCOUNT)
    found = await session.get(Notice, notice_id)
    if found is None or found.person_id != actor.person_id:
        raise NotFound("Такого уведомления нет.")
    if found.read_at is None:
        found.read_at = clock.now()
        _changed(session, actor.person_id)
    return found.href


async def read_all(session: AsyncSession, actor: Actor) -> None:
    """Everything told so far."""
    require(actor, Permission.ACCOUNT)
    unread_ones = col(Notice.person_id) == actor.person_id, col(Notice.read_at).is_(None)
    await session.execute(sa.update(Notice).where(*unread_ones).values(read_at=clock.now()))
    _changed(session, actor.person_id)


@jobs.hourly
async def forget(session: AsyncSession) -> None:
    """What was told a year ago, a batch at a time."""
    old = sa.select(col(Notice.id)).where(col(Notice.told_at) < clock.now() - KEPT).limit(_BATCH)
    await session.execute(sa.delete(Notice).where(col(Notice.id).in_(old)))


def _changed(session: AsyncSession, person_id: UUID) -> None:
    for topic in topics(person_id):
        live.publish(session, topic)
