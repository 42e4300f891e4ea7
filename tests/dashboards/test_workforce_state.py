"""«Нагрузка и право на работу» on the page: after its figures, with its rows and files, live, and gone with the right to see it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, live
from medcab.access import Actor, Role
from medcab.accounts.queries import person
from medcab.accounts.rules.right import Standing
from medcab.audit import AuditEntry
from medcab.dashboards.outlook import service as outlook
from medcab.dashboards.outlook.state import OutlookState
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.period import Period
from medcab.dashboards.state import NO_CHART, FiguresState
from medcab.dashboards.visits.state import FigureVisits
from medcab.dashboards.workforce import service
from medcab.dashboards.workforce.service import Workforce
from medcab.dashboards.workforce.state import WorkforceState
from medcab.errors import Invalid, NotFound
from medcab.guard import framework
from medcab.guard.tab import current
from tests.cast import OTHER_WARD, Cast
from tests.dashboards import test_workforce
from tests.dashboards.test_state import at, target

MONTH = "/figures?from=2026-11-01&to=2026-11-30"


@pytest.fixture
async def month(cast: Cast) -> AsyncIterator[Cast]:
    with clock.frozen(datetime(2026, 11, 23, 6, tzinfo=UTC)):
        await test_workforce.counted(cast)
        async with db.transaction() as session:
            (await person(session, cast.pharmacist.person_id)).standing = Standing.SUSPENDED
        yield cast


async def shown(address: str, cast: Cast) -> tuple[FiguresState, WorkforceState]:
    state = at(address, cast.head)
    people = await state.get_state(WorkforceState)
    await FiguresState.show.fn(state)
    await WorkforceState.show.fn(people)
    return state, people


async def test_nothing_is_shown_before_the_figures(month: Cast) -> None:
    people = await at(MONTH, month.head).get_state(WorkforceState)
    await WorkforceState.show.fn(people)
    assert (people.ready, people.tiles, people.load) == (False, [], NO_CHART)


async def test_marks_open_visits_and_people_and_nothing_else(month: Cast) -> None:
    _, people = await shown(MONTH, month)
    assert [tile["code"] for tile in people.tiles] == ["load", "valid", "valid_ahead"]
    assert (people.tiles[1]["part"], people.tiles[1]["whole"]) == ("4", "5")
    doctor = target(await WorkforceState.open_mark.fn(people, "load", 1, 0))
    assert doctor == f"{MONTH}&rows=doctor%3A{month.doctor.person_id}&cases=done"
    opened = [
        target(await WorkforceState.open_mark.fn(people, "staff", *at)).rpartition("=")[2]
        for at in ((0, 0), (1, 0), (0, 1), (1, 1))
    ]
    assert opened == ["valid_ahead", "valid", "invalid_ahead", "invalid"]
    for chart, index, trace in (
        ("load", 0, 1),
        ("load", 2, 0),
        ("load", -1, 0),
        ("staff", 2, 0),
        ("staff", 0, 2),
        ("x", 0, 0),
    ):
        assert await WorkforceState.open_mark.fn(people, chart, index, trace) is None


async def test_a_right_that_ends_at_midnight_is_gone_from_the_open_page(cast: Cast) -> None:
    """The page watches the day, and counts the staff as of the new one."""
    with clock.frozen(datetime(2026, 11, 23, 20, 59, tzinfo=UTC)) as now:
        await test_workforce.counted(cast)
        async with db.transaction() as session:
            (await person(session, cast.colleague.person_id)).standing_until = date(2026, 11, 23)
        state, people = await shown(MONTH, cast)
        before = people.tiles[1]["part"]
        assert live._watching[live.DAY] == {framework.tab_token(state): FiguresState.refresh}
        now.tick(timedelta(minutes=1))
        await FiguresState.refresh.fn(state)
        await WorkforceState.refresh.fn(people)
        assert int(people.tiles[1]["part"]) == int(before) - 1


async def test_people_are_shown_with_why_and_until(month: Cast) -> None:
    async with db.transaction() as session:
        (await person(session, month.pharmacist.person_id)).standing_until = date(
            2029, 1, 1
        )  # of the right that was suspended
    state = at(f"{MONTH}&cases=invalid", month.head)
    visits = await state.get_state(FigureVisits)
    await FigureVisits.show.fn(visits)
    [line] = visits.people
    assert (line["name"].replace("\u00a0", " "), line["word"], line["until"]) == (
        "Аптекарева А. П.",
        "не действует",
        "",
    )
    assert visits.lines == []
    assert visits.title == "Без права на работу сегодня"
    await FigureVisits.export.fn(visits, "xlsx")
    async with db.reading() as session:
        assert len((await session.exec(select(AuditEntry))).all()) == 2, "the look and the file"


async def test_a_click_that_opens_other_lines_counts_nothing_anew(month: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a minute; another period, another span compared with, or a minute later is counted."""
    counted: list[Address] = []

    async def count(session: AsyncSession, actor: Actor, *, department_id: UUID, address: Address) -> Workforce:
        counted.append(address)
        return await workforce(session, actor, department_id=department_id, address=address)

    workforce = service.workforce
    monkeypatch.setattr(service, "workforce", count)
    state, people = await shown(MONTH, month)
    shape = state._address
    assert shape
    for address, ready in (
        (shape.of_rows("weekday:1"), 1),
        (shape.of_compare(Against.YEAR), 2),
        (shape.of_period(Period(date(2026, 11, 1), date(2026, 11, 10))), 3),
    ):
        state._address = address
        await WorkforceState.show.fn(people)
        assert len(counted) == ready
    with clock.frozen(datetime(2026, 11, 23, 6, 2, tzinfo=UTC)):
        await WorkforceState.show.fn(people)
    assert len(counted) == 4


@pytest.mark.parametrize("part", [WorkforceState, OutlookState])
async def test_what_could_not_be_counted_leaves_nothing_of_another_period(
    month: Cast, monkeypatch: pytest.MonkeyPatch, part: type[WorkforceState] | type[OutlookState]
) -> None:
    state, _ = await shown(MONTH, month)
    here = await state.get_state(part)
    await part.show.fn(here)
    assert here.ready

    async def fail(*_given: object, **_named: object) -> None:
        raise NotFound

    monkeypatch.setattr(service, "workforce", fail)
    monkeypatch.setattr(outlook, "outlook", fail)
    assert state._address
    state._address = state._address.of_period(Period(date(2026, 11, 1), date(2026, 11, 10)))
    with pytest.raises(NotFound):
        await part.show.fn(here)
    assert (here.ready, here._shown) == (False, None)


async def test_a_push_sends_only_what_it_changed(month: Cast) -> None:
    _, people = await shown(MONTH, month)
    live._reads.forget()
    people._clean()
    await WorkforceState.refresh.fn(people)
    assert not {"load", "staff", "tiles"} & people.dirty_vars
    await test_workforce.done_too(month)
    await WorkforceState.refresh.fn(people)
    assert {"load", "staff", "tiles"} & people.dirty_vars == {"load", "tiles"}


async def test_one_kind_has_no_load(month: Cast) -> None:
    _, people = await shown(f"{MONTH}&kind=first", month)
    assert (people.load["rows"], people.tiles[0]["value"], people.tiles[0]["part"]) == ([], "нет данных", "")
    assert people.staff["rows"]


async def test_the_table_is_taken_away(month: Cast) -> None:
    _, people = await shown(MONTH, month)
    assert await WorkforceState.export_chart.fn(people, "load", "csv")
    assert await WorkforceState.export_chart.fn(people, "nonsense", "csv") is None
    with pytest.raises(Invalid):
        await WorkforceState.export_chart.fn(people, "load", "exe")


async def test_a_push_shows_newer_load_and_takes_all_away_with_the_right(month: Cast) -> None:
    state, people = await shown(MONTH, month)
    ahead = await state.get_state(OutlookState)
    await OutlookState.show.fn(ahead)
    assert await FiguresState.refresh.fn(state) == [FigureVisits.refresh, WorkforceState.refresh, OutlookState.refresh]
    before = people.load
    await test_workforce.done_too(month)
    await WorkforceState.refresh.fn(people)
    await OutlookState.refresh.fn(ahead)
    assert people.load["figure"]["data"][0]["x"] == [0, 5]
    assert before["figure"]["data"][0]["x"] == [0, 4]
    current.set(
        replace(
            month.head, department_ids=frozenset({OTHER_WARD}), posts=frozenset({(Role.DEPARTMENT_HEAD, OTHER_WARD)})
        )
    )
    for refresh in (lambda: WorkforceState.refresh.fn(people), lambda: OutlookState.refresh.fn(ahead)):
        with pytest.raises(NotFound):
            await refresh()
    await FiguresState.refresh.fn(state)
    assert (people.ready, people.tiles, people.staff, ahead.ready) == (False, [], NO_CHART, False)
