"""A session that is booked, and one that is going on."""

from datetime import UTC, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.proofs.video import service
from medcab.proofs.video.desk import service as desk
from medcab.proofs.video.models import VideoSession
from tests.cast import Cast

AT_TEN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


SAID = "v=0\r\no=- 1 2 IN IP4 127.0.0.1"


async def booked(session: AsyncSession, actor: Actor, at: datetime = AT_TEN) -> VideoSession:
    made = await service.book(session, actor, starts_at=at)
    await session.flush()
    return made


async def running(session: AsyncSession, cast: Cast, now: clock.Clock) -> tuple[VideoSession, Actor]:
    """The doctor waits and is called by whoever the session is with."""
    made = await booked(session, cast.doctor)
    now.tick(AT_TEN - timedelta(minutes=5) - clock.now())
    await service.arrive(session, cast.doctor)
    await session.flush()
    operator = next(one for one in (cast.support, cast.admin) if one.person_id == made.operator_id)
    operator = Actor(**{**vars(operator), "roles": cast.support.roles})
    await desk.begin(session, operator, session_id=made.id, version=made.version)
    await session.flush()
    return made, operator
