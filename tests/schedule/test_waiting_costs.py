"""What the waiting list costs: as many queries however many wait, work or have free time."""

from datetime import timedelta
from uuid import UUID

import pytest

from medcab import clock, db, live
from medcab.access import Role
from medcab.accounts.models import Membership
from medcab.schedule.rules.slots import Span
from medcab.schedule.waiting import service
from medcab.schedule.waiting.heard.service import topic
from medcab.schedule.waiting.offers.service import offer_next
from tests.cast import CLINIC, MORNING, OTHER_WARD, WARD, Cast, person
from tests.schedule.reception import NINE, at, book, monday, offer
from tests.schedule.waiting import change_patient, counted, free, more_patients, wish


async def test_whom_one_may_wait_for_is_read_at_once(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        async with db.reading() as session:
            with counted("read") as of_few:
                few = await service.choices(session, cast.admin)
        async with db.transaction() as session:
            for number in range(100, 140):
                session.add(person(number, "Врачев"))
            await session.flush()
            for number in range(100, 140):
                session.add(Membership(person_id=UUID(int=number), organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.SPECIALIST, since=MORNING.date()))  # fmt: skip
        async with db.reading() as session:
            with counted("read") as of_many:
                many = await service.choices(session, cast.admin)
    assert len(of_many) == len(of_few)
    assert len(many.workers) == len(few.workers) + 40
    wards = {key: places for key, _, places in many.workers}
    assert (wards[cast.doctor.person_id], wards[UUID(int=100)]) == ({WARD}, {OTHER_WARD})


async def test_many_who_cannot_be_told_are_passed_over_in_a_few_queries(cast: Cast) -> None:
    for days in range(1, 15):
        await offer(cast.doctor.person_id, days=days)
    with clock.frozen(NINE):
        for one in await more_patients(20):
            await change_patient(one, phone="+74950000000")
            await wish(cast, one)
        async with db.transaction() as session:
            with counted("write") as asked:
                month = Span(clock.now(), clock.now() + timedelta(days=28))
                assert not await offer_next(session, CLINIC, cast.doctor.person_id, month)
    assert len(asked) < 20


async def test_a_look_for_time_that_finds_nothing_is_no_news(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        await change_patient(cast.other_patient_id, phone="+74950000000")
        await wish(cast)
        told: list[str] = []
        monkeypatch.setattr(live, "announce", told.append)
        assert not await free(cast, 0, days=1)
        assert told == []
        assert not await free(cast, 60)
        assert told == [topic(CLINIC)], "in an hour there is time: somebody may call"
        assert not await free(cast, 0, days=5)
        assert len(told) == 1


async def test_who_is_elsewhere_just_after_the_freed_time_is_passed_over(cast: Cast) -> None:
    await monday(cast)
    await offer(cast.colleague.person_id, days=1, starts=25, ends=40)
    with clock.frozen(NINE):
        await book(cast, cast.head, 0, days=1)
        await book(cast, cast.head, 25, days=1, practitioner=cast.colleague, patient_id=cast.other_patient_id)
        await wish(cast)
        async with db.transaction() as session:
            freed = Span(at(10, days=1), at(20, days=1))
            assert not await offer_next(session, CLINIC, cast.doctor.person_id, freed), "09:15 goes on until 09:30"
