"""The page's handlers: the address is the view, a push shows newer figures, nothing is changed by a wrong click."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import reflex as rx
from sqlmodel import select

from medcab import clock, db, live
from medcab.access import Actor, Role
from medcab.audit import AuditEntry
from medcab.dashboards.state import NOT_YOURS, FiguresState
from medcab.dashboards.visits.state import FigureVisits, VisitLine
from medcab.errors import Invalid, NotFound
from medcab.guard.tab import current
from medcab.schedule.models import AppointmentStatus
from tests.cast import CLINIC, FOREIGN_WARD, MORNING, OTHER_WARD, WARD, Cast
from tests.dashboards.test_service import MONDAY, figures, fill
from tests.dashboards.test_visits import visit

LAST_WEEK = f"/figures?from={MONDAY}&to={MONDAY + timedelta(6)}"


@pytest.fixture
async def week(database: str, cast: Cast):
    """The Monday after a week with figures."""
    with clock.frozen(MORNING):
        async with db.transaction() as session:
            fill(session, cast)
        yield cast


def at(address: str, actor: Actor) -> FiguresState:
    """The page as it is when a browser has just gone there."""
    current.set(actor)
    root = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
    root.router_data = {
        "pathname": "/figures",
        "asPath": address,
        "token": "tab",
        "headers": {"origin": "http://clinic.example"},
    }
    root.router = rx.istate.data.RouterData.from_router_data(root.router_data)  # pyright: ignore[reportAttributeAccessIssue]
    return root.substates[FiguresState.get_name()]  # pyright: ignore[reportReturnType]


def target(event: Any) -> str:
    """Where a redirect leads."""
    return next(str(value) for name, value in event.args if str(name) == "path").strip('"')


async def test_the_page_shows_what_its_address_asks(week: Cast):
    state = at(f"{LAST_WEEK}&rows=weekday:0", week.head)
    await FiguresState.show.fn(state)
    assert state.ready
    assert (state.start, state.end, state.preset) == ("2026-11-16", "2026-11-22", "week")
    assert state.visits["conclusion"].startswith("Проведено")
    assert state.rows_of == "weekday:0"
    assert {line["day"] for line in state.lines} == {"16.11.2026"}
    assert not state.has_departments


async def test_a_foreign_department_leaves_the_page_without_figures(week: Cast):
    state = at(f"{LAST_WEEK}&department={FOREIGN_WARD}", week.head)
    with pytest.raises(NotFound):
        await FiguresState.show.fn(state)
    assert state.is_missing
    assert not state.ready
    assert state.tiles == []


async def test_a_push_shows_newer_figures_and_writes_no_journal(week: Cast):
    state = at(LAST_WEEK, week.head)
    await FiguresState.show.fn(state)
    pushed: list[Any] = []
    live.deliver_with(lambda tab, refresh: pushed.append((tab, refresh)))
    async with db.transaction() as session:
        session.add(figures(MONDAY + timedelta(5), week.doctor, planned=1, done=1, no_show=0))
        live.publish(session, f"figures:{WARD}")
    assert pushed == [("tab", FiguresState.refresh)]
    before = state.tiles[0]["value"]
    await FiguresState.refresh.fn(state)
    assert (before, state.tiles[0]["value"]) == ("200", "201")
    async with db.reading() as session:
        assert len((await session.exec(select(AuditEntry))).all()) == 1


async def test_a_click_on_a_bar_opens_its_lines(week: Cast):
    state = at(LAST_WEEK, week.head)
    await FiguresState.show.fn(state)
    event = await FiguresState.open_mark.fn(state, "no_shows", 1, 0)
    assert target(event) == f"{LAST_WEEK}&rows=weekday%3A1&cases=no_show"
    event = await FiguresState.open_mark.fn(state, "visits", 0, 1)
    assert target(event) == f"{LAST_WEEK}&rows=week%3A2026-11-16&cases=planned"
    for chart, index, trace in (
        ("no_shows", 7, 0),
        ("no_shows", -1, 0),
        ("no_shows", 1, 1),
        ("no_shows", 1, -1),
        ("nonsense", 0, 0),
    ):
        assert await FiguresState.open_mark.fn(state, chart, index, trace) is None


async def test_another_period_is_another_address(week: Cast):
    state = at(f"{LAST_WEEK}&rows=weekday:0", week.head)
    await FiguresState.show.fn(state)
    assert target(await FiguresState.choose_preset.fn(state, "today")) == "/figures?from=2026-11-23&to=2026-11-23"
    assert target(await FiguresState.choose_period.fn(state, {"from": "2026-11-01", "to": "2026-11-02"})).endswith(
        "to=2026-11-02"
    )
    assert await FiguresState.choose_preset.fn(state, "century") is None
    with pytest.raises(Invalid, match="позже конца"):
        await FiguresState.choose_period.fn(state, {"from": "2026-11-03", "to": "2026-11-02"})


async def test_the_export_is_a_file_of_the_lines_shown(week: Cast):
    state = at(f"{LAST_WEEK}&rows=weekday:0", week.head)
    await FiguresState.show.fn(state)
    for ending in ("csv", "xlsx"):
        event = await FiguresState.export.fn(state, ending)
        assert f"pokazateli-2026-11-16-2026-11-22.{ending}" in str(event.args)
        event = await FiguresState.export_chart.fn(state, "no_shows", ending)
        assert f"no_shows-2026-11-16-2026-11-22.{ending}" in str(event.args)
    assert await FiguresState.export_chart.fn(state, "nonsense", "csv") is None
    with pytest.raises(Invalid):
        await FiguresState.export.fn(state, "exe")
    with pytest.raises(Invalid):
        await FiguresState.export_chart.fn(state, "visits", "exe")


async def test_paper_is_made_ready_before_it_is_printed(week: Cast):
    state = at(f"{LAST_WEEK}&rows=weekday:0", week.head)
    await FiguresState.show.fn(state)
    assert state.paper_lines == []
    assert "все строки: 2" in state.paper_note
    await FiguresState.for_paper.fn(state)
    assert [line["day"] for line in state.paper_lines] == ["16.11.2026"] * 2
    assert state.printed == 1
    await FiguresState.show.fn(state)
    assert state.paper_lines == [], "nothing is left of it for another view"


async def test_free_time_is_shown_with_what_it_is_left_of(week: Cast):
    """Of days that the page does not show: they are named, and the page keeps its own."""
    state = at(f"{LAST_WEEK}&rows=days:2026-11-09..2026-11-10&cases=free", week.head)
    await FiguresState.show.fn(state)
    visits = await state.get_state(FigureVisits)
    await FigureVisits.show.fn(visits)
    plain = visits.summary.replace("\xa0", " ")
    assert plain == "2 строки: предложено 12 ч, занято 10 ч, свободно 2 ч"
    assert [line["free"].replace("\xa0", " ") for line in visits.rooms] == ["1 ч", "1 ч"]
    assert visits.when.replace("\xa0", " ") == "9–10 ноября 2026; срок показателей над ними прежний."
    assert (state.start, state.end) == ("2026-11-16", "2026-11-22")
    event = await FigureVisits.export.fn(visits, "xlsx")
    assert "free-2026-11-09-2026-11-10.xlsx" in str(event.args)


async def test_a_period_without_figures_says_so(week: Cast):
    state = at("/figures?from=2024-01-01&to=2024-01-02", week.head)
    await FiguresState.show.fn(state)
    assert state.is_empty
    assert state.ready
    assert {tile["value"] for tile in state.tiles} == {"нет данных"}


async def test_who_may_not_see_figures_is_told_why(week: Cast):
    for reader, closed in ((week.doctor, NOT_YOURS), (week.head, "")):
        state = at(LAST_WEEK, reader)
        assert (await FiguresState.load.fn(state) is None) == bool(closed)
        assert state.closed == closed
    assert "активирован" in await _why_closed(replace(week.head, is_active=False))


async def _why_closed(reader: Actor) -> str:
    state = at(LAST_WEEK, reader)
    await FiguresState.load.fn(state)
    return state.closed


async def test_figures_are_narrowed_to_a_doctor_and_a_kind_and_stay_so(week: Cast):
    doctor = week.doctor.person_id
    state = at(f"{LAST_WEEK}&doctor={doctor}", week.head)
    await FiguresState.show.fn(state)
    assert state.tiles[0]["value"] == "100"
    assert [choice["label"].replace("\u00a0", " ") for choice in state.doctors] == [
        "Все врачи",
        "Иванова А. П.",
        "Петрова А. П.",
    ]
    assert state.doctor == str(doctor)
    assert state.lead.replace("\u00a0", " ").endswith("Иванова А. П.")
    assert {line["doctor"].replace("\u00a0", " ") for line in state.lines} == {"Иванова А. П."}
    both = target(await FiguresState.choose_kind.fn(state, "repeat"))
    assert both == f"{LAST_WEEK}&doctor={doctor}&kind=repeat"
    month = target(await FiguresState.choose_preset.fn(state, "month"))
    assert f"doctor={doctor}&kind=repeat" in month, "a click before the page has followed the one before loses nothing"
    await FiguresState.show.fn(state)
    assert target(await FiguresState.choose_everything.fn(state)) == LAST_WEEK
    await FiguresState.show.fn(state)
    assert target(await FiguresState.choose_doctor.fn(state, "all")) == LAST_WEEK
    await FiguresState.show.fn(state)
    assert target(await FiguresState.choose_kind.fn(state, "nonsense")) == f"{LAST_WEEK}&doctor={doctor}"


async def test_somebody_without_figures_is_no_name(week: Cast):
    """A name is told only of who has figures here: an address is no way to learn who is who."""
    state = at(f"{LAST_WEEK}&doctor={week.foreigner.person_id}", week.head)
    await FiguresState.show.fn(state)
    assert state.is_empty
    assert "Чужакова" not in str(state.dict())
    assert state.doctors[-1]["label"] == "Врач без данных за этот период"


async def test_a_push_keeps_the_choice(week: Cast):
    state = at(f"{LAST_WEEK}&doctor={week.doctor.person_id}", week.head)
    await FiguresState.show.fn(state)
    async with db.transaction() as session:
        session.add(figures(MONDAY + timedelta(5), week.colleague, planned=7, done=7, no_show=0))
        session.add(figures(MONDAY + timedelta(5), week.doctor, planned=1, done=1, no_show=0))
    await FiguresState.refresh.fn(state)
    assert state.tiles[0]["value"] == "101"


async def test_who_may_no_longer_see_the_department_is_left_with_nothing(week: Cast):
    """Moved to another department while the page is open: the next push takes everything away, names of patients first."""
    state = at(f"{LAST_WEEK}&cases=planned", week.head)
    await FiguresState.show.fn(state)
    visits = await state.get_state(FigureVisits)
    visits.is_open, visits.lines = True, [VisitLine(**dict.fromkeys(VisitLine.__annotations__, "Сидоров"))]  # pyright: ignore[reportArgumentType]
    current.set(
        replace(
            week.head, department_ids=frozenset({OTHER_WARD}), posts=frozenset({(Role.DEPARTMENT_HEAD, OTHER_WARD)})
        )
    )
    assert "больше не открыты" in str((await FiguresState.refresh.fn(state)).args)
    assert state.is_missing
    assert not state.ready
    assert state.tiles == state.lines == visits.lines == []
    assert not visits.is_open
    assert state.visits["rows"] == []
    await FiguresState.show.fn(at(LAST_WEEK, week.head))
    current.set(replace(week.head, roles=frozenset()))
    await FiguresState.refresh.fn(state)
    assert state.tiles == []


async def test_a_push_shows_newer_visits_where_they_are_open(week: Cast):
    state = at(f"{LAST_WEEK}&cases=planned", week.head)
    await FiguresState.show.fn(state)
    visits = await state.get_state(FigureVisits)
    await FigureVisits.show.fn(visits)
    assert (visits.is_open, visits.lines) == (True, [])
    async with db.transaction() as session:
        made = visit(random.Random(1), week.doctor, WARD, CLINIC, week.patient_id, 0)
        made.status, made.started_at, made.arrived_at, made.cancelled_at, made.held_until = (
            AppointmentStatus.BOOKED,
            None,
            None,
            None,
            None,
        )
        made.starts_at, made.ends_at = (
            MORNING - timedelta(days=7),
            MORNING - timedelta(days=7) + timedelta(minutes=15),
        )
        session.add(made)
    first, *_ = await FiguresState.refresh.fn(state) or []
    assert first is FigureVisits.refresh
    await FigureVisits.refresh.fn(visits)
    assert [line["patient"].replace("\u00a0", " ") for line in visits.lines] == ["Сидоров И. С."]
    assert visits.is_open
    state = at(LAST_WEEK, week.head)
    await FigureVisits.refresh.fn(await state.get_state(FigureVisits))
