"""One read for many: never an older one than the topic's last news, and never for somebody who may see something else."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab import clock, live
from medcab.access import Actor
from medcab.errors import Forbidden, NotFound
from medcab.live.shared import Reads
from medcab.schedule.calendar import service as calendar
from tests.cast import MORNING, Cast
from tests.schedule.reception import book, monday

DAY = MORNING.date()


@given(st.lists(st.sampled_from(["news", "read", "yield"]), max_size=30))
def test_whoever_asks_after_the_news_sees_it(steps: list[str]) -> None:
    async def play() -> None:
        reads, truth, asked = Reads(), 0, []

        async def read() -> int:
            seen = truth
            await asyncio.sleep(0)
            return seen

        async def ask(known: int) -> None:
            assert await reads.read("day", "alike", read) >= known

        for step in steps:
            if step == "news":
                truth += 1
                reads.outdate("day")
            elif step == "read":
                asked.append(asyncio.create_task(ask(truth)))
            else:
                await asyncio.sleep(0)
        await asyncio.gather(*asked)

    asyncio.run(play())


async def test_a_failure_and_a_caller_who_left_are_no_ones_else() -> None:
    reads, counted = Reads(), Counter[str]()

    async def read() -> str:
        counted["reads"] += 1
        await asyncio.sleep(0.01)
        return "seen"

    leaves = asyncio.create_task(reads.read("day", "alike", read))
    stays = asyncio.create_task(reads.read("day", "alike", read))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == "seen"
    assert counted["reads"] == 1


async def test_a_week_is_shared_by_those_with_the_same_rights_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Actor] = []
    week = calendar.week

    async def counted(session, actor, **which):
        reads.append(actor)
        return await week(session, actor, **which)

    monkeypatch.setattr(calendar, "week", counted)
    doctor = cast.doctor.person_id

    async def names(actor: Actor) -> str:
        found = await calendar.week_again(actor, practitioner_id=doctor, day=DAY)
        return " ".join(line["title"] for line in found.days[0]["lines"] if line["what"] in ("visit", "busy"))

    with clock.frozen(MORNING - timedelta(hours=1)):
        await monday(cast)
        await book(cast, cast.doctor)
        live._reads.forget()
        await asyncio.gather(*(names(actor) for actor in [cast.doctor] * 20 + [cast.head] * 20))
        assert len(reads) == 2
        assert "Сидоров" in await names(cast.doctor)
        for actor, refusal in ((cast.foreigner, NotFound), (cast.neighbour, NotFound), (cast.pharmacist, Forbidden)):
            with pytest.raises(refusal):
                await names(actor)
        before = await names(cast.doctor)
        await book(cast, cast.doctor, 30)
        assert await names(cast.doctor) != before


async def test_reads_follow_each_other_at_a_pace_and_see_what_was_changed_until_they_begin() -> None:
    reads, state, begun = Reads(apart=0.05), [0], []

    async def read() -> int:
        begun.append(asyncio.get_running_loop().time())
        return state[0]

    assert await reads.read("day", "same", read) == 0
    asked = []
    for _ in range(20):
        state[0] += 1
        reads.outdate("day")
        asked.append(asyncio.create_task(reads.read("day", "same", read)))
        await asyncio.sleep(0)
    assert await asyncio.gather(*asked) == [20] * 20
    assert len(begun) == 2
    assert begun[1] - begun[0] >= 0.05
    reads.outdate("day")
    await reads.read("day", "another", read)
    assert begun[2] - begun[1] < 0.05, "the pace is of the same"
