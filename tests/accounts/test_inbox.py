"""«Уведомления»: what is told stands there until it was read, and is nobody else's."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts import queries as accounts
from medcab.accounts.inbox import service
from medcab.accounts.inbox.queries import PAGE
from medcab.accounts.notices import service as notices
from medcab.errors import NotFound
from tests.cast import Cast
from tests.outbox import sent


async def tell(actor: Actor, *subjects: str, href: str = "") -> None:
    async with db.transaction() as session:
        person = await accounts.person(session, actor.person_id)
        for subject in subjects:
            notices.informed(session, person, subject, "Что случилось.", href=href)


async def told(actor: Actor, *, is_unread: bool = False, page: int = 1) -> list[str]:
    async with db.reading() as session:
        return [one.subject for one in (await service.listed(session, actor, is_unread=is_unread, page=page)).rows]


async def unread(actor: Actor) -> int:
    async with db.reading() as session:
        return await service.unread(session, actor)


async def test_what_comes_by_mail_stands_in_the_cabinet_sealed(session: AsyncSession, cast: Cast) -> None:
    await tell(cast.doctor, "отчёт за месяц", href="/figures")
    assert (await told(cast.doctor), await unread(cast.doctor)) == (["Отчёт за месяц"], 1)
    assert [one["subject"] for one in await sent("mail")] == ["medcab: отчёт за месяц"]
    [raw] = (await session.execute(sa.text("SELECT text FROM notice"))).scalars()
    assert "случилось".encode() not in bytes(raw)


async def test_it_is_read_once_and_leads_where_it_is_looked_after(cast: Cast) -> None:
    await tell(cast.doctor, "срок", href="/compliance")
    async with db.reading() as session:
        [one] = (await service.listed(session, cast.doctor)).rows
    for _ in range(2):
        async with db.transaction() as session:
            assert await service.read(session, cast.doctor, notice_id=one.id) == "/compliance"
    assert (await unread(cast.doctor), await told(cast.doctor)) == (0, ["Срок"])
    assert await told(cast.doctor, is_unread=True) == []


async def test_it_is_nobody_elses(cast: Cast) -> None:
    await tell(cast.doctor, "срок")
    assert (await told(cast.head), await unread(cast.head)) == ([], 0)
    async with db.reading() as session:
        [one] = (await service.listed(session, cast.doctor)).rows
    for key in (one.id, uuid4()):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await service.read(session, cast.head, notice_id=key)
    async with db.transaction() as session:
        await service.read_all(session, cast.head)
    assert await unread(cast.doctor) == 1


async def test_pages_hold_the_newest_first_and_a_page_too_far_is_the_last(cast: Cast) -> None:
    with clock.frozen(clock.now()) as now:
        for number in range(PAGE + 1):
            now.tick(timedelta(seconds=1))
            await tell(cast.doctor, f"о {number}")
    assert (await told(cast.doctor))[0] == f"О {PAGE}"
    assert await told(cast.doctor, page=9) == ["О 0"]
    async with db.transaction() as session:
        await service.read_all(session, cast.doctor)
    assert await unread(cast.doctor) == 0


async def test_a_year_later_it_is_forgotten(cast: Cast) -> None:
    await tell(cast.doctor, "старое")
    with clock.frozen(clock.now() + service.KEPT + timedelta(days=1)):
        await tell(cast.doctor, "новое")
        async with db.transaction() as session:
            await service.forget(session)
        assert await told(cast.doctor) == ["Новое"]
