"""Times of a video session: how they are found, taken and kept, and the hours they come from."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Actor
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.proofs.video import queries, service
from medcab.proofs.video.desk import queries as piles
from medcab.proofs.video.desk import service as desk
from medcab.proofs.video.hours import service as hours
from medcab.proofs.video.models import VideoOperator, VideoSession
from medcab.proofs.video.rules import SessionState
from tests.cast import MORNING, Cast
from tests.proofs.calls import AT_TEN, booked
from tests.proofs.conftest import WORKING, Operators


async def test_a_time_is_taken_with_whoever_has_least_to_do(
    session: AsyncSession, cast: Cast, operators: Operators
) -> None:
    people = (cast.doctor, cast.colleague, cast.nurse, cast.head)
    times = (AT_TEN, AT_TEN, AT_TEN + timedelta(minutes=15), AT_TEN + timedelta(minutes=15))
    made = [await booked(session, who, at) for who, at in zip(people, times, strict=True)]
    assert [sum(one.operator_id == who.person_id for one in made) for who in (operators.first, operators.second)] == [
        2,
        2,
    ]
    with pytest.raises(service.Taken):
        await booked(session, cast.neighbour)


async def test_of_many_who_want_the_last_time_one_gets_it(cast: Cast, operators: Operators) -> None:
    async def take(actor: Actor) -> str:
        try:
            async with db.transaction() as session:
                await service.book(session, actor, starts_at=AT_TEN)
        except service.Taken:
            return "taken"
        return "booked"

    everybody = [cast.doctor, cast.colleague, cast.nurse, cast.head, cast.neighbour, cast.pharmacist]
    ends = await asyncio.gather(*(take(who) for who in everybody))
    assert sorted(ends) == ["booked"] * 2 + ["taken"] * 4


@pytest.mark.parametrize("at", [AT_TEN + timedelta(minutes=7), AT_TEN - timedelta(days=1), AT_TEN + timedelta(days=30), AT_TEN + timedelta(hours=12)])  # fmt: skip
async def test_no_time_is_made_up(session: AsyncSession, cast: Cast, at: datetime) -> None:
    with pytest.raises(service.Taken):
        await service.book(session, cast.doctor, starts_at=at)


async def test_one_session_at_a_time(session: AsyncSession, cast: Cast) -> None:
    assert await booked(session, cast.doctor) is await booked(session, cast.doctor), "a second click"
    with pytest.raises(Conflict, match="уже записаны"):
        await booked(session, cast.doctor, AT_TEN + timedelta(hours=1))
    await service.cancel(session, cast.doctor)
    await session.flush()
    await booked(session, cast.doctor)


async def test_the_database_keeps_it_so_too(cast: Cast, operators: Operators) -> None:
    def row(person: Actor, operator: Actor, at: datetime = AT_TEN, **more: Any) -> VideoSession:
        given = {"state": SessionState.BOOKED, "booked_at": MORNING, "word": "1234"} | more
        return VideoSession(person_id=person.person_id, operator_id=operator.person_id, starts_at=at, **given)

    async with db.transaction() as session:
        session.add(row(cast.doctor, operators.first))
    later, over = AT_TEN + timedelta(hours=1), {"state": SessionState.PROVED, "ended_at": MORNING}
    wrong = [
        row(cast.nurse, operators.first), row(cast.doctor, operators.first, later), row(operators.first, operators.first, later),
        row(cast.nurse, operators.second, **over), row(cast.nurse, operators.second, state=SessionState.CANCELLED),
    ]  # fmt: skip
    for made in wrong:
        with pytest.raises(IntegrityError):
            async with db.transaction() as session:
                session.add(made)


async def test_nobody_proves_oneself_and_strangers_see_nothing(
    session: AsyncSession, cast: Cast, operators: Operators
) -> None:
    own = await booked(session, operators.first)
    assert own.operator_id == operators.second.person_id
    for actor in (operators.first, operators.foreign):
        assert own.id not in {place.session.id for place in await piles.to_come(session, actor)}
        with pytest.raises(NotFound):
            await desk.opened(session, actor, session_id=own.id)
    with pytest.raises(Forbidden):
        await piles.to_come(session, cast.doctor)
    with pytest.raises(Forbidden):
        await desk.opened(session, cast.doctor, session_id=own.id)


async def test_a_clinic_without_an_operator_is_served_by_all(
    session: AsyncSession, cast: Cast, operators: Operators
) -> None:
    await session.execute(sa.text("DELETE FROM membership WHERE role = 'support' AND organisation_id = :home"), {"home": cast.doctor.organisation_id.hex if session.get_bind().dialect.name == "sqlite" else cast.doctor.organisation_id})  # fmt: skip
    made = await booked(session, cast.doctor)
    assert made.operator_id == operators.foreign.person_id


async def test_booking_has_an_end(session: AsyncSession, cast: Cast, operators: Operators) -> None:
    for number in range(5):
        await booked(session, cast.doctor, AT_TEN + timedelta(minutes=15 * number))
        await service.cancel(session, cast.doctor)
        await session.flush()
    with pytest.raises(Conflict, match="слишком много раз"):
        await booked(session, cast.doctor)


async def test_an_operator_without_hours_hides_nobody(session: AsyncSession, cast: Cast, operators: Operators) -> None:
    for operator in (operators.first, operators.second):
        await session.execute(sa.delete(VideoOperator).where(col(VideoOperator.operator_id) == operator.person_id))
    assert (await booked(session, cast.doctor)).operator_id == operators.foreign.person_id


async def test_hours_are_the_operators_own(session: AsyncSession, cast: Cast, operators: Operators) -> None:
    with pytest.raises(Forbidden):
        await hours.keep_hours(session, cast.doctor, days=[WORKING] * 7, away_until=None)
    with pytest.raises(Invalid):
        await hours.keep_hours(session, operators.first, days=[(600, 540)] * 7, away_until=None)
    for operator in (operators.first, operators.second):
        await hours.keep_hours(session, operator, days=[WORKING] * 7, away_until=clock.today() + timedelta(days=20))
    assert await queries.free(session, cast.doctor.person_id) == {}
