"""However many changes there are, no tab is left with an old picture, and none is refreshed for each of them."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab import live
from medcab.live.rounds import Rounds

TABS = ("a", "b", "c", "d")
_STEPS = st.lists(st.tuples(st.sampled_from(["change", "yield", "wait"]), st.sampled_from(TABS)), max_size=40)


class Screens:
    """Tabs that show what they read, a moment after they began to."""

    def __init__(self, **how: float) -> None:
        self.truth: Counter[str] = Counter()
        self.shown: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self.rounds = Rounds(lambda tab, _: asyncio.ensure_future(self._read(tab)), **how)  # type: ignore[arg-type]

    async def _read(self, tab: str) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        seen = self.truth[tab]
        self.reads[tab] += 1
        for _ in range(3):
            await asyncio.sleep(0)
        self.shown[tab] = seen
        self.at_once -= 1

    def change(self, tab: str) -> None:
        self.truth[tab] += 1
        self.rounds.ask(tab, "refresh")

    async def settle(self) -> None:
        while self.rounds.owes or self.rounds._tasks:  # noqa: ASYNC110
            await asyncio.sleep(0)


@given(_STEPS, st.integers(1, 3), st.sampled_from([0, 0.0005]))
def test_no_last_change_is_lost(steps: list[tuple[str, str]], at_once: int, apart: float) -> None:
    async def play() -> Screens:
        screens = Screens(at_once=at_once, apart=apart)
        for step, tab in steps:
            if step == "change":
                screens.change(tab)
            else:
                await asyncio.sleep(0 if step == "yield" else 0.0003)
        await screens.settle()
        return screens

    screens = asyncio.run(play())
    assert screens.shown == screens.truth
    assert screens.most_at_once <= at_once
    assert all(screens.reads[tab] <= changes for tab, changes in screens.truth.items())


async def test_a_hundred_changes_in_a_moment_are_two_refreshes() -> None:
    """One at once, and one for all that came while it ran."""
    screens = Screens(apart=0.001)
    for _ in range(100):
        screens.change("a")
    await screens.settle()
    assert (screens.reads["a"], screens.shown["a"]) == (2, 100)


async def test_a_tab_that_changes_all_the_time_does_not_keep_the_others_waiting() -> None:
    screens = Screens(at_once=1, apart=0)
    screens.change("a")
    for tab in ("b", "c"):
        screens.change(tab)
    while not screens.shown["c"]:
        screens.change("a")
        await asyncio.sleep(0)
    assert screens.reads["a"] <= 3
    await screens.settle()


async def test_a_refresh_that_hangs_holds_up_its_own_tab_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medcab.live.rounds._SLOW", 0.01)
    never, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def quick() -> None:
        done.set()

    rounds = Rounds(lambda tab, _: never if tab == "a" else asyncio.ensure_future(quick()), at_once=1)
    rounds.ask("a", "refresh")
    rounds.ask("b", "refresh")
    await asyncio.wait_for(done.wait(), 5)
    never.cancel()


async def test_a_tab_on_another_page_by_then_is_left_alone() -> None:
    """While its turn had not come the person went elsewhere."""
    told: list[tuple[str, str]] = []

    async def tell(tab: str, refresh: str) -> None:
        told.append((tab, refresh))

    live.deliver_with(lambda tab, refresh: asyncio.ensure_future(tell(tab, refresh)))
    [rounds] = live._rounds
    rounds._at_once = 0
    live.watch("here", {"day": "refresh"})
    live.watch("gone on", {"day": "refresh"})
    live.announce("day")
    live.watch("gone on", {"other": "another page's"})
    rounds._at_once = 4
    live.announce("other day")
    rounds._begin()
    while rounds.owes or rounds._tasks:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert told == [("here", "refresh")]
    live.forget("here")
    live.forget("gone on")
