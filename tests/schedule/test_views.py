"""Month, list and many workers side by side as they are read, and the pure rules behind them."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.audit import AuditEntry
from medcab.clock import Clock
from medcab.errors import Forbidden, MedcabError, NotFound
from medcab.schedule import service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Board
from medcab.schedule.models import Appointment, ReceptionClosed
from medcab.schedule.rules import grid, months
from medcab.schedule.rules.address import VIEWS, Address
from medcab.schedule.rules.moves import Fate, fate
from medcab.schedule.rules.rows import NO_LINE, OVER, DayRow
from medcab.schedule.rules.visits import AppointmentStatus
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, at, book, monday, offer

MONDAY = date(2026, 11, 23)
SIDE = Address(MONDAY, "people")


@pytest.fixture
async def the_morning(cast: Cast) -> AsyncIterator[Clock]:
    await monday(cast)
    with clock.frozen(NINE - timedelta(minutes=30)) as stopped:
        yield stopped


async def _board(actor: Actor, asked: Address = SIDE) -> Board:
    async with db.reading() as session:
        return await calendar.board(session, actor, at=asked)


SEES: dict[str, list[str] | type[MedcabError]] = {
    "head": ["Иванова А. П.", "Петрова А. П.", "Новикова А. П."], "nurse": ["Иванова А. П.", "Петрова А. П.", "Новикова А. П."],
    "doctor": [], "pharmacist": Forbidden, "support": Forbidden, "unverified": Forbidden,
}  # fmt: skip


@pytest.mark.parametrize("who", SEES)
async def test_who_sees_whom_side_by_side(cast: Cast, the_morning: Clock, who: str) -> None:
    expected, actor = SEES[who], cast.everyone()[who]
    if isinstance(expected, list):
        assert [column["head"] for column in (await _board(actor)).columns] == expected
        return
    with pytest.raises(expected):
        await _board(actor)


async def test_departments_are_those_of_the_scope_and_others_do_not_exist(cast: Cast, the_morning: Clock) -> None:
    of_admin, of_head = await _board(cast.admin), await _board(cast.head)
    assert [each["id"] for each in of_admin.departments] == [str(WARD), str(OTHER_WARD)]
    assert [each["id"] for each in of_head.departments] == [str(WARD)]
    assert [column["head"] for column in (await _board(cast.admin, replace(SIDE, department=OTHER_WARD))).columns] == [
        "Соседова А. П."
    ]
    for actor, department in ((cast.head, OTHER_WARD), (cast.admin, FOREIGN_WARD), (cast.admin, uuid4())):
        with pytest.raises(NotFound):
            await _board(actor, replace(SIDE, department=department))


async def test_a_board_shows_what_each_day_shows(cast: Cast, the_morning: Clock) -> None:
    await book(cast, cast.doctor, 0)
    await book(cast, cast.colleague, 30, practitioner=cast.colleague)
    board = await _board(cast.head)
    for actor in (cast.doctor, cast.colleague):
        async with db.reading() as session:
            day = await calendar.day(session, cast.head, practitioner_id=actor.person_id, day=MONDAY)
        [column] = [each for each in board.columns if each["who"] == str(actor.person_id)]
        assert [(one["key"], one["top"], one["length"]) for one in column["blocks"]] == [
            (line["key"], line["top"], line["length"]) for line in day["lines"]
        ]
    first = board.columns[0]["blocks"][0]
    assert (first.get("title"), first.get("word"), first.get("can_move")) == ("Сидоров И. С.", "Записан", True)


async def test_a_board_takes_as_many_queries_however_many_work_there(cast: Cast, the_morning: Clock) -> None:
    asked: list[str] = []
    engine = db.engine("read").sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    await _board(cast.head)
    tables = [statement.split("FROM ")[1].split()[0] for statement in asked if statement.startswith("SELECT")]
    assert sorted(tables) == ["appointment", "person", "person", "reception", "reception_template", "resource"]


async def test_what_is_out_of_scope_stays_out_of_a_board(cast: Cast, the_morning: Clock) -> None:
    await offer(cast.doctor.person_id, starts=400, ends=460, department_id=OTHER_WARD)
    await offer(cast.doctor.person_id, starts=500, ends=560, department_id=FOREIGN_WARD, organisation_id=OTHER_CLINIC)
    await book(cast, cast.doctor, 400)
    board = await _board(cast.nurse)
    assert "Сидоров" not in json.dumps([board.columns, board.rows], ensure_ascii=False)
    assert "busy" in [one["what"] for one in board.columns[0]["blocks"]]
    assert board.versions == {}


async def test_what_others_have_called_off_is_not_taken(cast: Cast, the_morning: Clock) -> None:
    await offer(cast.doctor.person_id, starts=400, ends=460, department_id=OTHER_WARD)
    made = await book(cast, cast.admin, 400)
    async with db.transaction() as session:
        await service.cancel(session, cast.admin, appointment_id=made, version=1, reason="Передумал")
    assert "busy" not in [one["what"] for one in (await _board(cast.nurse)).columns[0]["blocks"]]


async def test_rooms_hold_what_their_doctors_have_in_them(cast: Cast, the_morning: Clock) -> None:
    await book(cast, cast.doctor, 0)
    [room] = (await _board(cast.head, replace(SIDE, by="room"))).columns
    assert (room["head"], room["note"]) == ("Каб. 214", "Иванова А. П., Петрова А. П.")
    at_nine = [one for one in room["blocks"] if one["top"] == 540]
    assert [(one.get("who"), one.get("title")) for one in at_nine] == [
        (str(cast.doctor.person_id), "Сидоров И. С."), (str(cast.colleague.person_id), "Петрова А. П."),
    ]  # fmt: skip
    assert "break" not in [one["what"] for one in room["blocks"]]
    assert len({one["key"] for one in room["blocks"]}) == len(room["blocks"])


async def test_a_look_at_a_department_is_journalled_with_everybody_in_it(cast: Cast, the_morning: Clock) -> None:
    async with db.transaction() as session:
        found = await calendar.read(session, cast.head, SIDE)
        calendar.looked(session, cast.head, found, SIDE)
    async with db.reading() as session:
        [entry] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.SCHEDULE_VIEW.value))).all()
    assert entry.subject == str(WARD)
    assert str(cast.colleague.person_id) in entry.details


async def test_a_month_counts_what_its_days_show(cast: Cast, the_morning: Clock) -> None:
    for minutes in (0, 15, 240):
        await book(cast, cast.doctor, minutes)
    gone = await book(cast, cast.doctor, 60, days=1)
    away = ReceptionClosed(
        organisation_id=CLINIC, practitioner_id=cast.doctor.person_id, since=MONDAY + timedelta(2), until=MONDAY + timedelta(3), reason="учёба",
    )  # fmt: skip
    async with db.transaction() as session:
        await service.cancel(session, cast.doctor, appointment_id=gone, version=1, reason="Заболел")
        session.add(away)
    async with db.reading() as session:
        month = await calendar.month(session, cast.head, at=Address(MONDAY, "month", cast.doctor.person_id))
    cells = {cell["date"]: cell for week in month.weeks for cell in week["cells"]}
    for number in range(7):
        day = MONDAY + timedelta(number)
        async with db.reading() as session:
            row = await calendar.day(session, cast.head, practitioner_id=cast.doctor.person_id, day=day)
        shown = ", ".join(filter(None, (cells[str(day)]["planned"], cells[str(day)]["free"])))
        assert shown == row["summary"]
    assert [cells[str(MONDAY + timedelta(number))]["mark"] for number in (1, 2, 3, 4)] == ["", "учёба", "учёба", ""]
    assert cells["2026-11-04"]["mark"] == "праздник"


@pytest.mark.parametrize("who", ["colleague", "foreigner"])
@pytest.mark.parametrize("view", ["month", "list"])
async def test_a_month_and_a_list_are_closed_to_others(cast: Cast, the_morning: Clock, who: str, view: str) -> None:
    asked = Address.read({"view": view, "who": str(cast.doctor.person_id)}, today=MONDAY)
    with pytest.raises(NotFound):
        async with db.reading() as session:
            await calendar.read(session, cast.everyone()[who], asked)


async def test_a_list_is_paged_and_narrowed_in_the_database(
    cast: Cast, the_morning: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "LIST_PAGE", 2)
    made = [await book(cast, cast.doctor, minutes) for minutes in (0, 15, 60)] + [
        await book(cast, cast.doctor, 30, days=1)
    ]
    async with db.transaction() as session:
        await service.cancel(session, cast.doctor, appointment_id=made[1], version=1, reason="Заболел")
    asked = Address(MONDAY, "list", cast.doctor.person_id)
    pages = [await _listed(cast.doctor, replace(asked, page=page)) for page in (1, 2, 3)]
    assert pages == [([str(made[0]), str(made[1])], 4, 2), ([str(made[2]), str(made[3])], 4, 2), ([], 4, 2)]
    only = await _listed(cast.doctor, replace(asked, status=AppointmentStatus.CANCELLED))
    assert only == ([str(made[1])], 1, 1)


async def _listed(actor: Actor, asked: Address) -> tuple[list[str], int, int]:
    async with db.reading() as session:
        found = await calendar.listing(session, actor, at=asked)
    return [line["id"] for row in found.days for line in row["lines"]], found.count, found.pages


async def test_one_visit_is_read_in_scope_only(cast: Cast, the_morning: Clock) -> None:
    made = await book(cast, cast.doctor, 0)
    async with db.reading() as session:
        mine = await calendar.visit(session, cast.doctor, appointment_id=made)
        hidden = await calendar.visit(session, cast.colleague, appointment_id=made)
    assert (mine["id"], mine["who"], mine["version"]) == (str(made), str(cast.doctor.person_id), 1)
    assert hidden == NO_LINE


async def test_a_visit_on_top_of_the_plan_is_marked_and_holds_nothing(cast: Cast, the_morning: Clock) -> None:
    made = await book(cast, cast.doctor, 0)
    async with db.transaction() as session:
        put = sa.update(Appointment).where(col(Appointment.id) == made).values(is_over=True, over_reason="Острая боль")
        await session.execute(put)
    blocks = (await _board(cast.head)).columns[0]["blocks"]
    assert [(one["what"], one.get("mark")) for one in blocks if one["top"] == 540] == [
        ("visit", OVER),
        ("free", None),
    ]


def test_an_address_of_any_view_reproduces_it() -> None:
    for view in VIEWS:
        wanted = Address(MONDAY, view, uuid4(), uuid4(), "room", AppointmentStatus.BOOKED, 3)
        query = str(wanted).removeprefix("/schedule?")
        assert Address.read(dict(pair.split("=") for pair in query.split("&")), today=date(2026, 1, 1)) == wanted
        assert wanted.turned(1).page == 1
    assert Address.read({"page": "-1", "by": "x", "status": "x", "department": "x"}, today=MONDAY) == Address(MONDAY)
    assert Address.read({"page": "9" * 30}, today=MONDAY).page == 1


@given(st.dates(date(2024, 1, 1), date(2029, 1, 1)), st.integers(-30, 30))
def test_turning_months_and_back_comes_to_the_same_month(day: date, by: int) -> None:
    there = Address(day, "month").turned(by)
    back = there.turned(-by)
    assert (back.day.year, back.day.month, there.day.day) == (day.year, day.month, 1)


@given(st.dates(date(2024, 1, 1), date(2029, 1, 1)))
def test_a_month_is_whole_weeks_and_all_of_its_days(day: date) -> None:
    days = months.days_of(day)
    assert (days[0].weekday(), days[-1].weekday(), len(days) % 7) == (0, 6, 0)
    assert [each for each in days if (each.year, each.month) == (day.year, day.month)] == [
        day.replace(day=number) for number in range(1, len([each for each in days if each.month == day.month]) + 1)
    ]
    drawn = months.weeks(day, months.Counted(), dict.fromkeys(days, ""), day)
    assert [cell["date"] for week in drawn for cell in week["cells"]] == [str(each) for each in days]
    assert [cell["date"] for week in drawn for cell in week["cells"] if cell["is_today"]] == [str(day)]


@given(st.lists(st.dates(date(2026, 11, 1), date(2026, 11, 30)), max_size=200))
def test_a_months_counts_add_up(days: list[date]) -> None:
    counted = months.Counted(planned=months.count(days))
    drawn = months.weeks(MONDAY, counted, dict.fromkeys(months.days_of(MONDAY), ""), MONDAY)
    shown = [int(cell["planned"].split("\u00a0")[0]) for week in drawn for cell in week["cells"] if cell["planned"]]
    assert sum(shown) == len(days)


@given(version=st.integers(1, 4), same_worker=st.booleans(), same_time=st.booleans(), is_gone=st.booleans())
def test_the_fate_of_a_move_is_never_told_as_done_while_the_visit_stands(
    version: int, *, same_worker: bool, same_time: bool, is_gone: bool
) -> None:
    line = {**NO_LINE, "id": "" if is_gone else "x", "version": version, "who": "a" if same_worker else "b", "at": at(0 if same_time else 15).isoformat()}  # fmt: skip
    told = fate(line, 1, "a", at(0))  # pyright: ignore[reportArgumentType]
    assert (told is Fate.KEPT) == (version == 1 and not is_gone)
    assert (told is Fate.DONE) == (version > 1 and same_worker and same_time and not is_gone)


async def test_a_column_is_small_and_says_only_what_is_not_usual(cast: Cast, the_morning: Clock) -> None:
    await book(cast, cast.doctor, 0)
    column = (await _board(cast.head)).columns[0]
    assert column["blocks"][1] == {
        "key": column["blocks"][1]["key"], "what": "free", "at": at(15).isoformat(), "top": 555, "length": 15,
    }  # fmt: skip
    marked = grid.marked([column], {column["blocks"][0].get("id", "")})
    assert [one.get("is_new", False) for one in marked[0]["blocks"]][:2] == [True, False]
    assert grid.marked([column], set()) == [column]


def _row(made: datetime) -> DayRow:
    return {
        "date": str(made.date()), "weekday": "", "number": "", "title": "", "is_today": False, "summary": "", "room": "", "closed": "", "lines": [],
    }  # fmt: skip


def test_a_grid_without_todays_column_has_no_line_of_now() -> None:
    columns = [grid.column(_row(NINE), key="a", head="", note="", says="", href="", who="")]
    assert grid.grid("", "", [], columns, 600)["now"] == -1
    assert grid.grid("", "", [], [{**columns[0], "is_today": True}], 600)["now"] == 600
