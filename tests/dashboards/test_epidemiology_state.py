"""The page's handlers: the address is the view, a new case is shown, who may no longer see it is left with nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import reflex as rx
from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor
from medcab.audit import AuditEntry
from medcab.dashboards.epidemiology.state import NOT_YOURS, EpidemiologyState
from medcab.errors import NotFound
from medcab.guard.tab import current
from tests.cast import FOREIGN_WARD, Cast
from tests.dashboards.test_epidemiology import NOW, found
from tests.dashboards.test_state import target


@pytest.fixture
async def cases(cast: Cast) -> AsyncIterator[Cast]:
    with clock.frozen(NOW):
        await found(cast, NOW - timedelta(3), "J06.9")
        yield cast


def at(address: str, actor: Actor) -> EpidemiologyState:
    """The page as it is when a browser has just gone there."""
    current.set(actor)
    root = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
    given = {
        "pathname": "/epidemiology",
        "asPath": address,
        "token": "tab",
        "headers": {"origin": "http://clinic.example"},
    }
    root.router_data, root.router = given, rx.istate.data.RouterData.from_router_data(given)  # pyright: ignore[reportAttributeAccessIssue]
    return root.substates[EpidemiologyState.get_name()]  # pyright: ignore[reportReturnType]


async def journal() -> int:
    async with db.reading() as session:
        return len((await session.exec(select(AuditEntry))).all())


async def test_names_are_read_only_when_asked_for(cases: Cast) -> None:
    state = at("/epidemiology", cases.head)
    await EpidemiologyState.show.fn(state)
    assert state.ready
    assert state.lines == []
    assert state.tiles[0]["value"] == "1"
    assert state.tiles[0]["doubt"].startswith("меньше 5")
    opened = await EpidemiologyState.open_mark.fn(state, "classes", 0)
    assert "rows=chapter%3AX" in target(opened[0] if isinstance(opened, list) else opened)
    for chart, index in (("classes", 99), ("classes", -1), ("nothing", 0)):
        assert await EpidemiologyState.open_mark.fn(state, chart, index) is None
    assert await EpidemiologyState.choose.fn(state, "rows", "x") is None
    state = at("/epidemiology?rows=chapter:X", cases.head)
    await EpidemiologyState.show.fn(state)
    assert [line["patient"] for line in state.lines] == ["Сидоров\xa0И.\xa0С."]


async def test_a_push_shows_the_new_case_and_writes_no_journal(cases: Cast) -> None:
    state = at("/epidemiology?rows=all", cases.head)
    await EpidemiologyState.show.fn(state)
    before = await journal()
    await found(cases, NOW - timedelta(2), "A09")
    await EpidemiologyState.refresh.fn(state)
    assert state.tiles[0]["value"] == "2"
    assert len(state.lines) == 2
    assert await journal() == before


async def test_who_may_no_longer_see_it_is_left_with_nothing(cases: Cast) -> None:
    state = at("/epidemiology?rows=all", cases.head)
    await EpidemiologyState.show.fn(state)
    current.set(replace(cases.head, posts=frozenset()))
    await EpidemiologyState.refresh.fn(state)
    assert not state.ready
    assert state.lines == state.tiles == state.cuts == []
    assert state.weeks["rows"] == []
    state = at(f"/epidemiology?department={FOREIGN_WARD}", cases.head)
    with pytest.raises(NotFound):
        await EpidemiologyState.show.fn(state)
    assert state.is_missing


async def test_a_nurse_is_told_why(cases: Cast) -> None:
    state = at("/epidemiology", cases.nurse)
    assert await EpidemiologyState.load.fn(state) is None
    assert state.closed == NOT_YOURS
