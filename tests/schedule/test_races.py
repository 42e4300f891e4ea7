"""Many at once, and long random histories: the promises hold."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from medcab import audit, clock, db
from medcab.errors import Conflict, NotFound
from medcab.schedule import service
from medcab.schedule.models import AppointmentStatus
from medcab.schedule.rules.visits import MARKS, Act
from medcab.schedule.service import SlotTaken, StaleVisit
from tests.cast import Cast
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday, stored

CROWD = 100


async def test_of_a_hundred_who_book_one_slot_at_once_exactly_one_wins(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        results = await asyncio.gather(*(book(cast, cast.nurse, 30) for _ in range(CROWD)), return_exceptions=True)
    assert not [r for r in results if not isinstance(r, UUID | SlotTaken)][:2]
    won = [result for result in results if isinstance(result, UUID)]
    lost = [result for result in results if isinstance(result, SlotTaken)]
    assert (len(won), len(lost)) == (1, CROWD - 1)
    assert all(refusal.nearest and at(30) not in [slot.starts_at for slot in refusal.nearest] for refusal in lost)
    await assert_figures_true()
    async with db.reading() as session:
        assert await audit.verify(session) == []


async def test_of_many_who_move_different_visits_to_one_slot_one_wins(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = [await book(cast, cast.doctor, 15 * number) for number in range(8)]

        async def move(visit: UUID) -> None:
            async with db.transaction() as session:
                await service.move(session, cast.head, appointment_id=visit, version=1, starts_at=at(240))

        results = await asyncio.gather(*(move(visit) for visit in made), return_exceptions=True)
    assert [type(result) for result in results if result].count(SlotTaken) == 7
    assert [(await stored(visit)).starts_at for visit in made].count(at(240)) == 1
    await assert_figures_true()


async def test_of_many_who_edit_one_visit_at_once_one_is_heard_and_the_others_told(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await book(cast, cast.doctor, 0)

        async def cancel() -> None:
            async with db.transaction() as session:
                await service.cancel(session, cast.nurse, appointment_id=made, version=1, reason="Заболел врач")

        results = await asyncio.gather(*(cancel() for _ in range(20)), return_exceptions=True)
    assert [type(result) for result in results if result] == [StaleVisit] * 19
    assert ((await stored(made)).status, (await stored(made)).version) == (AppointmentStatus.CANCELLED, 2)
    await assert_figures_true()


async def test_opposite_moves_at_once_end_without_a_deadlock(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        for number in range(5):
            here = await book(cast, cast.head, 15 * number)
            there = await book(cast, cast.head, 15 * number, practitioner=cast.colleague)

            async def swap(visit: UUID, minutes: int, to: UUID) -> None:
                async with db.transaction() as session:
                    await service.move(
                        session, cast.head, appointment_id=visit, version=1, starts_at=at(minutes), practitioner_id=to
                    )

            target = 240 + 15 * number
            await asyncio.gather(
                swap(here, target, cast.colleague.person_id), swap(there, target, cast.doctor.person_id)
            )
    await assert_figures_true()


step = st.tuples(
    st.sampled_from(["book", "move", "cancel", *MARKS]), st.integers(0, 19), st.integers(0, 5), st.integers(0, 90)
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(step, min_size=10, max_size=40), start=st.integers(0, 200))
async def test_figures_equal_a_recount_after_any_history(
    cast: Cast, history: list[tuple[str, int, int, int]], start: int
) -> None:
    with suppress(IntegrityError):  # an earlier example has opened the receptions
        await monday(cast)
    made: list[UUID] = []
    with clock.frozen(NINE + timedelta(minutes=start)) as stopped:
        for what, place, which, later in history:
            stopped.tick(timedelta(minutes=later))
            with suppress(Conflict, NotFound):
                await _live(cast, what, place * 15, made, which)
    await assert_figures_true()


async def _live(cast: Cast, what: str, minutes: int, made: list[UUID], which: int) -> None:
    if what == "book" or not made:
        made.append(await book(cast, cast.head, minutes, practitioner=cast.doctor if which % 2 else cast.colleague))
        return
    visit = made[which % len(made)]
    version = (await stored(visit)).version
    async with db.transaction() as session:
        if what == "move":
            to = cast.doctor if minutes % 2 else cast.colleague
            await service.move(
                session,
                cast.head,
                appointment_id=visit,
                version=version,
                starts_at=at(minutes),
                practitioner_id=to.person_id,
            )
        elif what == "cancel":
            await service.cancel(session, cast.head, appointment_id=visit, version=version, reason="Причина")
        else:
            await service.mark(session, cast.head, appointment_id=visit, version=version, act=Act(what))


async def test_of_many_who_mark_one_visit_alike_at_once_all_are_content_and_it_counts_once(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await book(cast, cast.doctor, 0)

        async def came() -> None:
            async with db.transaction() as session:
                await service.mark(session, cast.nurse, appointment_id=made, version=1, act=Act.ARRIVED)

        await asyncio.gather(*(came() for _ in range(20)))
    assert ((await stored(made)).status, (await stored(made)).version) == (AppointmentStatus.ARRIVED, 2)
    await assert_figures_true()
