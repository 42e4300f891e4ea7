"""Who waits: by where they are now, since when, in which room; only for those of the place."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from medcab import clock, db
from medcab.access import Actor
from medcab.errors import Forbidden, NotFound
from medcab.schedule import service as schedule
from medcab.schedule.queue import service
from medcab.schedule.queue.service import Place, Queue
from medcab.schedule.rules.stages import Stage
from medcab.schedule.rules.visits import Act
from tests.cast import FOREIGN_WARD, OTHER_WARD, WARD, Cast
from tests.schedule.reception import at, book, monday, stored


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Ten past nine on the Monday."""
    with clock.frozen(at(-60)) as stopped:
        yield stopped


async def today(actor: Actor, ward: UUID | None = None) -> Queue:
    async with db.reading() as session:
        return await service.today(session, actor, department_id=ward)


async def mark(actor: Actor, visit_id: UUID, *acts: Act) -> None:
    for act in acts:
        async with db.transaction() as session:
            version = (await stored(visit_id)).version
            await schedule.mark(session, actor, appointment_id=visit_id, version=version, act=act)


def places(found: Queue) -> dict[UUID, Place]:
    return {each.seen.facts.id: each for each in found.places}


async def test_a_morning(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    early, late, third, gone = [await book(cast, cast.doctor, minutes) for minutes in (0, 15, 30, 45)]
    now.tick(timedelta(minutes=50))
    await mark(cast.nurse, early, Act.ARRIVED)
    now.tick(timedelta(minutes=30))
    await mark(cast.nurse, late, Act.ARRIVED)
    await mark(cast.doctor, early, Act.STARTED)
    async with db.transaction() as session:
        await schedule.cancel(session, cast.doctor, appointment_id=gone, version=1, reason="Ошибка записи")
    found = places(await today(cast.nurse))
    assert {key: each.stage for key, each in found.items()} == {
        early: Stage.INSIDE,
        late: Stage.WAITING,
        third: Stage.EXPECTED,
    }
    assert found[late].since == at(20), "who comes late waits since then"
    assert found[early].since == at(20)
    assert found[early].room == "214"
    now.tick(timedelta(minutes=10))
    await mark(cast.doctor, early, Act.DONE)
    await mark(cast.doctor, third, Act.NO_SHOW)
    found = places(await today(cast.nurse))
    assert {found[key].stage for key in (early, third)} == {Stage.OVER}


async def test_who_waits_before_the_time_waits_from_the_time_on(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    visit_id = await book(cast, cast.doctor, 60)
    await mark(cast.nurse, visit_id, Act.ARRIVED)
    assert places(await today(cast.nurse))[visit_id].since == at(60)


async def test_whose_queue_it_is(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    visit_id = await book(cast, cast.doctor, 0)
    assert visit_id in places(await today(cast.head))
    assert visit_id in places(await today(cast.admin, WARD))
    assert visit_id in places(await today(cast.doctor)), "a doctor's own"
    assert places(await today(cast.colleague)) == {}, "not a colleague's"
    assert places(await today(cast.admin, OTHER_WARD)) == {}
    for actor, ward in (
        (cast.head, OTHER_WARD),
        (cast.admin, FOREIGN_WARD),
        (cast.foreigner, WARD),
        (cast.nurse, OTHER_WARD),
    ):
        with pytest.raises(NotFound):
            await today(actor, ward)
    for actor in (cast.pharmacist, cast.unverified, cast.support):
        with pytest.raises(Forbidden):
            await today(actor)
