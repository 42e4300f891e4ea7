"""A tab belongs to one session with its rights: anybody else, or anything less, sees it empty."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from medcab import clock, db, live
from medcab.accounts.models import LoginSession, Membership
from medcab.accounts.service import actor_for
from medcab.accounts.sessions.service import end_all
from medcab.guard.middleware import EVENTS_A_SECOND, REFUSALS_A_MINUTE
from tests.cast import OTHER_CLINIC, Cast
from tests.guard.conftest import dismiss, enter, refusals, sign_out
from tests.guard.probe import SECRET, Probe
from tests.guard.wire import HOME_AGENT, OTHER_AGENT, PREFIX, House, connect

pytestmark = pytest.mark.one_database

ROOT = "reflex___state____state"


async def _filled(house: House, cookie: str) -> str:
    """A tab that shows something private and was then closed; its token."""
    socket = await connect(house, cookie)
    await socket.send("open")
    assert SECRET in socket.text
    await socket.leave()
    return socket.token


async def test_its_owner_finds_the_tab_as_it_was(house: House, cast: Cast) -> None:
    """A reload must not lose anything: this is what makes the next tests worth something."""
    cookie = await enter(cast.doctor)
    again = await connect(house, cookie, token=await _filled(house, cookie))
    await again.send(f"{ROOT}.hydrate")
    assert SECRET in again.text


async def test_a_stolen_tab_token_shows_nothing(house: House, cast: Cast) -> None:
    for thief_cookie in ("", await enter(cast.colleague)):
        for first in (f"{ROOT}.hydrate", f"{ROOT}.hydrate_and_load", "greet", "forgotten", f"{ROOT}.setvar"):
            token = await _filled(house, await enter(cast.doctor))
            thief = await connect(house, thief_cookie, token=token, agent=OTHER_AGENT)
            await thief.send(first)
            assert SECRET not in thief.text, first
            await thief.send(f"{ROOT}.hydrate")
            assert SECRET not in thief.text, first
            await thief.leave()


async def test_a_stolen_tab_token_is_written_down(house: House, cast: Cast) -> None:
    token = await _filled(house, await enter(cast.doctor))
    thief = await connect(house, await enter(cast.foreigner), token=token, agent=OTHER_AGENT)
    await thief.send(f"{ROOT}.hydrate")
    [entry] = await refusals()
    assert (entry.action, entry.person_id) == ("security:tab:takeover", cast.foreigner.person_id)


async def test_the_next_person_at_the_same_browser_starts_clean_and_is_no_thief(house: House, cast: Cast) -> None:
    token = await _filled(house, await enter(cast.doctor))
    await sign_out(cast.doctor)
    after = await connect(house, await enter(cast.nurse), token=token, agent=HOME_AGENT)
    await after.send(f"{ROOT}.hydrate")
    assert SECRET not in after.text
    assert await refusals() == []


async def test_a_token_in_use_is_not_shared(house: House, cast: Cast) -> None:
    owner = await connect(house, await enter(cast.doctor))
    await owner.send("open")
    thief = await connect(house, "", token=owner.token)
    assert thief.token != owner.token
    await thief.send(f"{ROOT}.hydrate")
    assert SECRET not in thief.text
    assert (await owner.send("edit", count=1, note="x")).calls == ["edit 1 x"]


async def test_the_end_of_the_session_empties_every_tab_at_once(house: House, cast: Cast) -> None:
    cookie = await enter(cast.doctor)
    tabs = [await connect(house, cookie), await connect(house, cookie)]
    for tab in tabs:
        await tab.send("open", path="/journal?page=2")
        tab.forget()
    await sign_out(cast.doctor)
    await house.settle()
    for tab in tabs:
        assert tab.redirects == ["/sign-in?next=%2Fjournal%3Fpage%3D2"]
        assert tab.value("shown") == ""  # the browser's own memory is emptied too
        await tab.send(f"{ROOT}.hydrate")
        assert SECRET not in tab.text


async def test_ending_one_session_leaves_the_others(house: House, cast: Cast) -> None:
    first, second = await enter(cast.doctor), await enter(cast.doctor)
    ended, kept = await connect(house, first), await connect(house, second)
    for tab in (ended, kept):
        await tab.send("open")
        tab.forget()
    async with db.transaction() as session:
        mine = await actor_for(session, second, touch=False)
        assert mine
        await end_all(session, mine.person_id, "test", but=mine.session_id)
    await house.settle()
    assert ended.redirects
    assert kept.text == "[]"


async def test_rights_that_changed_empty_the_tab_and_load_the_page_anew(house: House, cast: Cast) -> None:
    house.on_load = [Probe.refresh]
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("open")
    await dismiss(cast.doctor)
    await socket.send("greet")
    assert socket.value("shown") == ""
    assert socket.notices == ["У вас нет доступа к этому действию."]  # the page's own loading is refused now
    await socket.send(f"{ROOT}.hydrate")
    assert SECRET not in socket.text


async def test_another_organisation_starts_with_an_empty_tab(house: House, cast: Cast) -> None:
    house.on_load = [Probe.refresh]
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=cast.doctor.person_id,
                organisation_id=OTHER_CLINIC,
                role=next(iter(cast.doctor.roles)),
                since=clock.today(),
            )
        )
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("open")
    async with db.transaction() as session:
        await session.execute(sa.update(LoginSession).values(organisation_id=OTHER_CLINIC))
    await socket.send("greet")
    assert socket.value("shown") == ""
    assert sorted(socket.calls) == ["greet", "refresh"]


async def test_a_push_uses_the_cookie_of_the_socket_that_is_connected_now(house: House, cast: Cast) -> None:
    owner = await connect(house, await enter(cast.doctor))
    await owner.send("watch_day")
    assert owner.notices == ["Смотрим за днём."]
    owner.forget()
    live.announce("day")
    await house.settle()
    assert owner.calls == ["refresh"]
    await owner.leave()
    house.event_namespace._token_manager.token_to_socket.pop(owner.token, None)
    thief = await connect(house, "", token=owner.token)
    live.watch(owner.token, {"day": Probe.refresh})
    live.announce("day")
    await house.settle()
    assert thief.calls == []
    assert thief.redirects


async def test_a_tab_that_left_is_pushed_nothing_and_forgotten(house: House, cast: Cast) -> None:
    owner = await connect(house, await enter(cast.doctor))
    await owner.send("watch_day")
    await owner.leave()
    assert live._watching == {}
    owner.forget()
    live.announce("day")
    await house.settle()
    assert owner.text == "[]"


async def test_a_tab_that_came_back_is_told_again_when_its_session_ends(house: House, cast: Cast) -> None:
    cookie = await enter(cast.doctor)
    again = await connect(house, cookie, token=await _filled(house, cookie))
    await again.send(f"{ROOT}.hydrate")
    again.forget()
    await sign_out(cast.doctor)
    await house.settle()
    assert again.redirects


async def test_a_push_does_not_keep_an_unattended_screen_signed_in(house: House, cast: Cast, now: clock.Clock) -> None:
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("watch_day")

    async def seen() -> object:
        async with db.reading() as session:
            return (await session.exec(sa.select(LoginSession.seen_at))).scalar_one()  # type: ignore[call-overload]

    before = await seen()
    now.tick(timedelta(minutes=5))
    live.announce("day")
    await house.settle()
    assert await seen() == before
    await socket.send("greet")
    assert await seen() != before


async def test_visitors_who_left_leave_no_state_behind(house: House, cast: Cast) -> None:
    for _ in range(300):
        visitor = await connect(house)
        await visitor.send("greet")
        await visitor.leave()
    assert house.states() == 0
    worker = await connect(house, await enter(cast.doctor))
    await worker.send("greet")
    await worker.leave()
    assert house.states() == 1  # somebody's work outlives a short break of the line


async def test_a_flood_from_one_tab_is_cut_off_and_others_are_not(house: House, cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("medcab.guard.pace.monotonic", lambda: 1000.0)
    cookie = await enter(cast.doctor)
    loud, quiet = await connect(house, cookie), await connect(house, cookie)
    told = [(await loud.send("greet")).text for _ in range(EVENTS_A_SECOND + 5)]
    assert loud.calls == []
    assert sum("Подождите секунду" in text for text in told) == 1, "a flood is not answered by a flood"
    assert (await quiet.send("greet")).calls == ["greet"]
    monkeypatch.setattr("medcab.guard.pace.monotonic", lambda: 1001.0)
    assert len((await loud.send("greet")).calls) == EVENTS_A_SECOND + 1


async def test_only_what_the_browser_asks_is_counted(house: House, cast: Cast, monkeypatch) -> None:
    """A click that goes on in handlers of our own is one: the last of a quick series must not end half-way."""
    monkeypatch.setattr("medcab.guard.pace.monotonic", lambda: 2000.0)
    busy = await connect(house, await enter(cast.doctor))
    for _ in range(EVENTS_A_SECOND - 1):
        await busy.send("chain")
    assert busy.calls[-1] == "edit 1 chained"
    assert (await busy.send("chain")).calls[-1] == "edit 1 chained"


async def test_a_flood_of_refusals_does_not_fill_the_journal_and_says_so(house: House, cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("medcab.guard.pace.monotonic", lambda: 1000.0)
    for _ in range(3):
        socket = await connect(house, await enter(cast.doctor))
        for _ in range(15):
            await socket.send("forgotten")
    written = await refusals()
    assert len(written) == REFUSALS_A_MINUTE
    assert [json.loads(entry.details).get("more_unwritten") for entry in written[-2:]] == [None, True]
    elsewhere = await connect(house, await enter(cast.nurse), ip="203.0.113.9")
    await elsewhere.send("forgotten")
    assert len(await refusals()) == REFUSALS_A_MINUTE + 1


async def test_a_refusal_says_who_what_and_from_where(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.pharmacist), ip="203.0.113.9")
    await socket.send("edit", count=1, note="x")
    [entry] = await refusals()
    assert (entry.action, entry.outcome, entry.person_id, entry.ip, entry.user_agent) == (
        "security:event:refuse", "refused", cast.pharmacist.person_id, "203.0.113.9", HOME_AGENT,
    )  # fmt: skip
    assert entry.subject == f"{PREFIX}.edit"[-80:]
    assert json.loads(entry.details) == {"reason": "lacks schedule:edit"}
    assert entry.organisation_id == UUID(int=0xC1)
