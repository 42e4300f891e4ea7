"""A hundred at once on one offered time, and on one freed one: there is one outcome."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

from sqlmodel import select

from medcab import audit, clock, db
from medcab.errors import Conflict, MedcabError
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.reminders import service as links
from medcab.schedule.reminders.service import Answer, Result
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.waiting import WishState
from medcab.schedule.waiting import service
from medcab.schedule.waiting.offers import service as offers
from medcab.schedule.waiting.offers.service import _Lost  # pyright: ignore[reportPrivateUsage]
from tests.cast import CLINIC, Cast
from tests.outbox import sent
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday
from tests.schedule.waiting import free, more_patients, row, texts, token_in, wish
from tests.schedule.waiting import links as sent_links

CROWD = 20


async def test_of_all_that_can_happen_to_an_offer_at_once_one_thing_happens(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE) as stopped:
        made = await wish(cast)
        assert await free(cast, 0, days=1)
        [asked] = await sent(offers.OFFER)
        await offers.carry_offer(CLINIC, asked)
        token = token_in((await texts())[0])
        stopped.tick(timedelta(minutes=59))

        async def by_staff(act: str) -> str:
            async with db.transaction() as session:
                await getattr(service, act)(session, cast.nurse, wish_id=made, version=2)
            return act

        async def by_link(said: Answer) -> str:
            async with db.transaction() as session:
                result = await links.answer(session, token, said, seen=1)
            return {Result.HEARD: "accept", Result.PASSED: "decline", Result.CHANGED: ""}[result]

        async def booked() -> str:
            await book(cast, cast.head, 0, days=1)
            return "book"

        async def ran_out() -> str:
            async with db.transaction() as session:
                await offers.expire(session, UUID(asked["appointment_id"]))
            return ""

        deeds = [by_staff("accept"), by_staff("decline"), by_link(Answer.YES), by_link(Answer.NO), booked(), ran_out()]
        more = [
            job for _ in range(CROWD - 1)
            for job in (by_staff("accept"), by_staff("decline"), by_link(Answer.YES), by_link(Answer.NO), booked())
        ]  # fmt: skip
        results = await asyncio.gather(*deeds, *more, return_exceptions=True)
        strange = [one for one in results if isinstance(one, BaseException) and not isinstance(one, MedcabError)]
        assert strange == []
        done = Counter(one for one in results if isinstance(one, str) and one)
        wished = await row(made)
        async with db.reading() as session:
            living = (await session.exec(select(Appointment).where(Appointment.starts_at == at(0, days=1)))).all()
        if done["accept"]:
            assert not done["decline"]
            assert wished.state is WishState.BOOKED
        else:
            assert done["decline"], "said twice, it is said once"
            assert (wished.state, wished.offers) == (WishState.WAITING, 1)
        assert done["book"] <= 1
        assert sum(one.status is AppointmentStatus.BOOKED for one in living) <= 1
        assert not [one for one in living if one.status is AppointmentStatus.OFFERED]
    await assert_figures_true()
    async with db.reading() as session:
        assert await audit.verify(session) == []


async def test_one_freed_time_is_offered_to_one_of_many(cast: Cast) -> None:
    await monday(cast)
    people = await more_patients(10)
    with clock.frozen(NINE):
        made = [await wish(cast, one) for one in people]

        async def offer() -> bool:
            try:
                async with db.transaction() as session:
                    return await offers.offer_next(
                        session, CLINIC, cast.doctor.person_id, Span(at(0, days=1), at(15, days=1))
                    )
            except _Lost:
                return False

        results = await asyncio.gather(*(offer() for _ in range(CROWD)), return_exceptions=True)
        assert [one for one in results if isinstance(one, BaseException)] == []
        assert results.count(True) == 1
        states = [(await row(one)).state for one in made]
    assert Counter(states) == {WishState.OFFERED: 1, WishState.WAITING: 9}


async def test_of_many_freed_times_a_patient_is_offered_one(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast)

        async def offer(minutes: int) -> bool:
            try:
                return await free(cast, minutes, days=1)
            except _Lost:
                return False

        results = await asyncio.gather(*(offer(15 * number) for number in range(10)), return_exceptions=True)
        assert not [one for one in results if isinstance(one, BaseException) and not isinstance(one, Conflict)]
        assert results.count(True) == 1
    assert (await row(made)).state is WishState.OFFERED


async def test_of_many_who_carry_one_offer_one_sends_the_message(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        await wish(cast)
        assert await free(cast, 0, days=1)
        [asked] = await sent(offers.OFFER)
        await asyncio.gather(*(offers.carry_offer(CLINIC, asked) for _ in range(CROWD)))
    assert (len(await texts()), len(await sent_links())) == (1, 1)
