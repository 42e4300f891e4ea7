"""A day and a week as they are read: who may, what the rows say, how many queries it takes."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.audit import AuditEntry
from medcab.clock import Clock
from medcab.errors import Forbidden, Invalid, MedcabError, NotFound
from medcab.schedule import service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.rules import given as given_text
from medcab.schedule.rules.address import Address
from medcab.schedule.rules.rows import (
    Change,
    DayRow,
    Line,
    Moment,
    changed_by_others,
    day_row,
    hours_of,
    minute_height,
    side_by_side,
)
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import Act
from tests.cast import FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, Cast
from tests.schedule.reception import NINE, at, book, monday, offer

MONDAY = date(2026, 11, 23)


@pytest.fixture
async def the_morning(cast: Cast) -> AsyncIterator[Clock]:
    await monday(cast)
    with clock.frozen(NINE - timedelta(minutes=30)) as stopped:
        yield stopped


async def _day(actor: Actor, who: UUID, day: date = MONDAY) -> DayRow:
    async with db.reading() as session:
        return await calendar.day(session, actor, practitioner_id=who, day=day)


READERS: dict[str, type[MedcabError] | None] = {
    "doctor": None, "head": None, "nurse": None, "admin": None, "colleague": NotFound, "neighbour": NotFound, "foreigner": NotFound,
    "pharmacist": Forbidden, "unverified": Forbidden, "support": Forbidden, "security": Forbidden,
}  # fmt: skip


@pytest.mark.parametrize("who", READERS)
async def test_who_may_look_at_the_doctors_day(cast: Cast, the_morning: Clock, who: str) -> None:
    refusal, actor = READERS[who], cast.everyone()[who]
    if refusal:
        with pytest.raises(refusal):
            await _day(actor, cast.doctor.person_id)
        return
    assert (await _day(actor, cast.doctor.person_id))["title"] == "Понедельник, 23 ноября"


async def test_a_day_has_visits_free_slots_and_the_break_in_order(cast: Cast, the_morning: Clock) -> None:
    first = await book(cast, cast.doctor, 0)
    row = await _day(cast.doctor, cast.doctor.person_id)
    assert (row["weekday"], row["number"], row["is_today"], row["room"]) == ("Пн", "23", True, "214")
    assert row["summary"] == "1\u00a0приём, свободно 19"
    whats = [line["what"] for line in row["lines"]]
    assert whats == ["visit"] + ["free"] * 11 + ["break"] + ["free"] * 8
    visit = row["lines"][0]
    assert (visit["time"], visit["until"], visit["title"]) == ("09:00", "09:15", "Сидоров И. С.")
    assert (visit["note"], visit["word"], visit["tone"]) == ("56\u00a0лет, первичный", "Записан", "info")
    assert (visit["id"], visit["version"]) == (str(first), 1)
    assert [deed["act"] for deed in visit["deeds"]] == ["arrived", "move", "cancel"]
    assert (row["lines"][12]["time"], row["lines"][12]["until"]) == ("12:00", "13:00")


async def test_a_cancelled_visit_stays_beside_the_slot_it_left(cast: Cast, the_morning: Clock) -> None:
    made = await book(cast, cast.doctor, 0)
    async with db.transaction() as session:
        await service.cancel(session, cast.doctor, appointment_id=made, version=1, reason="Заболел врач")
    first, second = (await _day(cast.doctor, cast.doctor.person_id))["lines"][:2]
    assert (first["word"], first["note"]) == ("Отменён", "56\u00a0лет, первичный, заболел врач")
    assert (second["what"], second["time"]) == ("free", "09:00")
    assert (first["left"], first["width"], second["left"], second["width"]) == (0, 20, 20, 80)


async def test_quick_deeds_follow_the_visit(cast: Cast, the_morning: Clock) -> None:
    made = await book(cast, cast.doctor, 0)
    the_morning.tick(timedelta(minutes=31))
    seen = []
    for version, act in enumerate((Act.ARRIVED, Act.STARTED, Act.DONE), start=1):
        line = (await _day(cast.doctor, cast.doctor.person_id))["lines"][0]
        seen.append((line["word"], [deed["label"] for deed in line["quick"]]))
        async with db.transaction() as session:
            await service.mark(session, cast.doctor, appointment_id=made, version=version, act=act)
    assert seen == [
        ("Записан", ["Пришёл", "Не пришёл"]), ("Пришёл", ["Начать приём", "Завершить"]), ("На приёме", ["Завершить"]),
    ]  # fmt: skip


async def test_a_day_without_reception_is_empty(cast: Cast, the_morning: Clock) -> None:
    row = await _day(cast.doctor, cast.doctor.person_id, MONDAY + timedelta(days=4))
    assert (row["lines"], row["summary"]) == ([], "")


async def test_a_week_from_monday_with_the_people_to_choose_from(cast: Cast, the_morning: Clock) -> None:
    async with db.reading() as session:
        own = await calendar.week(session, cast.doctor, practitioner_id=None, day=date(2026, 11, 29))
        nurses = await calendar.week(session, cast.nurse, practitioner_id=None, day=MONDAY)
        all_of_them = await calendar.week(session, cast.admin, practitioner_id=None, day=MONDAY)
    assert [day["date"] for day in own.days] == [str(MONDAY + timedelta(days=number)) for number in range(7)]
    assert (own.practitioner_id, [person["name"] for person in own.people]) == (
        cast.doctor.person_id,
        ["Иванова А. П."],
    )
    assert [person["name"] for person in nurses.people] == [
        "Иванова А. П.",
        "Новикова А. П.",
        "Петрова А. П.",
        "Сестрина А. П.",
    ]
    assert nurses.practitioner_id == cast.doctor.person_id
    assert "Соседова А. П." in [person["name"] for person in all_of_them.people]
    assert "Чужакова А. П." not in [person["name"] for person in all_of_them.people]


async def test_of_visits_elsewhere_only_the_time_is_known(cast: Cast, the_morning: Clock) -> None:
    await offer(cast.doctor.person_id, starts=400, ends=460, department_id=OTHER_WARD)
    await offer(cast.doctor.person_id, starts=500, ends=560, department_id=FOREIGN_WARD, organisation_id=OTHER_CLINIC)
    made = await book(cast, cast.doctor, 400)
    mine, nurses = await _day(cast.doctor, cast.doctor.person_id), await _day(cast.nurse, cast.doctor.person_id)
    assert [line["title"] for line in mine["lines"] if line["id"] == str(made)] == ["Сидоров И. С."]
    assert [line["title"] for line in nurses["lines"] if line["what"] == "busy"] == ["Занято"]
    assert "Сидоров" not in json.dumps(nurses, ensure_ascii=False)
    assert str(at(500).isoformat()) not in [line["at"] for line in mine["lines"]]


async def test_a_week_takes_one_query_a_table(cast: Cast, the_morning: Clock) -> None:
    for minutes in (0, 15, 60, 240):
        await book(cast, cast.doctor, minutes)
    asked: list[str] = []
    engine = db.engine("read").sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    async with db.reading() as session:
        await calendar.week(session, cast.head, practitioner_id=cast.doctor.person_id, day=MONDAY)
    tables = [statement.split("FROM ")[1].split()[0] for statement in asked if statement.startswith("SELECT")]
    assert sorted(tables) == ["appointment", "person", "person", "reception", "reception_template", "resource"]


async def test_the_nearest_free_slots_in_words(cast: Cast, the_morning: Clock) -> None:
    async with db.reading() as session:
        found = await calendar.offers(session, cast.doctor, practitioner_id=cast.doctor.person_id, wished=at(30))
        hidden = await calendar.offers(session, cast.colleague, practitioner_id=cast.doctor.person_id, wished=at(30))
    assert found[0] == {"at": at(30).isoformat(), "label": "пн, 23.11, 09:30"}
    assert [each["label"][-5:] for each in found[:3]] == ["09:30", "09:15", "09:45"]
    assert hidden == []


async def test_looking_is_journalled(cast: Cast, the_morning: Clock) -> None:
    async with db.transaction() as session:
        calendar.opened(session, cast.head, practitioner_id=cast.doctor.person_id, day=MONDAY)
    async with db.reading() as session:
        [entry] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.SCHEDULE_VIEW.value))).all()
    assert (entry.person_id, entry.subject) == (cast.head.person_id, str(cast.doctor.person_id))


def test_a_visit_across_midnight_stands_on_the_day_it_begins() -> None:
    moment = Moment(NINE, ZoneInfo("Europe/Moscow"))
    start = datetime(2026, 11, 23, 20, 50, tzinfo=UTC)
    line = moment.line("visit", Span(start, start + timedelta(minutes=30)), "")
    assert (line["time"], line["until"], line["top"], line["length"]) == ("23:50", "00:20", 1430, 30)


spans = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 90)), max_size=25)


@given(spans)
def test_rows_side_by_side_never_cover_each_other(given_: list[tuple[int, int]]) -> None:
    moment = Moment(NINE, ZoneInfo("Europe/Moscow"))
    lines = [moment.line("visit", Span(at(top), at(top + length)), "") for top, length in sorted(given_)]
    placed = side_by_side(lines)
    assert [line["top"] for line in placed] == [line["top"] for line in lines]
    for number, one in enumerate(placed):
        assert not any(_covers(one, other) for other in placed[number + 1 :])


def _covers(one: Line, other: Line) -> bool:
    in_time = one["top"] < other["top"] + other["length"] and other["top"] < one["top"] + one["length"]
    return in_time and one["left"] < other["left"] + other["width"] and other["left"] < one["left"] + one["width"]


def test_an_address_reproduces_the_view_and_nonsense_is_today() -> None:
    who = uuid4()
    wanted = Address(MONDAY, "week", who)
    query = str(wanted).removeprefix("/schedule?")
    assert Address.read(dict(pair.split("=") for pair in query.split("&")), today=date(2026, 1, 1)) == wanted
    assert Address.read({"date": "31.02", "view": "year", "who": "x"}, today=MONDAY) == Address(MONDAY)
    assert Address.read({"date": "9999-12-31"}, today=MONDAY) == Address(MONDAY)
    assert wanted.turned(-1).day == MONDAY - timedelta(days=7)
    assert Address(MONDAY).turned(1).day == MONDAY + timedelta(days=1)


def test_the_night_between_two_days_is_no_break() -> None:
    zone = ZoneInfo("Europe/Moscow")
    hours = [Span(NINE + timedelta(days=n), NINE + timedelta(days=n, hours=4)) for n in (0, 1)]
    row = day_row(MONDAY, hours=hours, free=[], visits=[], room="", at=Moment(NINE, zone))
    assert [line["what"] for line in row["lines"]] == []


def test_what_others_changed_is_told_and_ones_own_doing_is_not() -> None:
    me, other = uuid4(), uuid4()
    before = {name: Change(1, None, f"приём {name}") for name in ("same", "mine", "theirs", "gone")}
    after = {
        "same": before["same"], "mine": Change(2, me, "мой"), "theirs": Change(2, other, "09:00 Сидоров И. С., отменён"),
        "new": Change(1, other, "09:15 Смирнов И. С., записан"),
    }  # fmt: skip
    assert changed_by_others(before, after, me) == {
        "theirs": "09:00 Сидоров И. С., отменён", "new": "09:15 Смирнов И. С., записан", "gone": "приём gone: приём перенесён",
    }  # fmt: skip


async def test_the_axis_of_a_week_holds_every_row(cast: Cast, the_morning: Clock) -> None:
    row = await _day(cast.doctor, cast.doctor.person_id)
    hours, first, length = hours_of([row])
    assert (hours[0]["label"], first, length) == ("09:00", 540, 360)
    assert hours_of([]) == hours_of([{**row, "lines": []}])
    assert minute_height([row]) == "2.67px"


@pytest.mark.parametrize("text", ["", "завтра", "2026-11-23T09:00:00", "1e9"])
def test_a_time_that_no_page_of_ours_sends_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        given_text.moment(text)


def test_an_id_or_a_word_that_no_page_of_ours_sends_is_refused() -> None:
    with pytest.raises(NotFound):
        given_text.identity("1")
    with pytest.raises(Invalid):
        given_text.one_of(Act, "explode")
