"""How a rota's cells are read and its days are judged: liberal in signs, strict in meaning, and never two things at one time."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcab.accounts.rules.right import Right, Standing
from medcab.clock import MOSCOW
from medcab.errors import Invalid
from medcab.schedule.rules import layouts
from medcab.schedule.rules.cells import day_of, head_day, month_in, off_of, said, time_of
from medcab.schedule.rules.facts import Booked, Change, Facts, Kind, Open, Room, Shut
from medcab.schedule.rules.layouts import Entry
from medcab.schedule.rules.resources import Availability, key_of
from medcab.schedule.rules.roster import Place, Roster, Worker
from medcab.schedule.rules.rota import digest, judge
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import Block
from medcab.tables.reader import serial_of

TODAY = date(2026, 11, 23)
WARD, OTHER = UUID(int=0xD1), UUID(int=0xD2)
MINUTES = st.integers(0, 23 * 60 + 55).map(lambda minute: minute // 5 * 5)


@st.composite
def block(draw: st.DrawFn) -> Block:
    starts = draw(MINUTES)
    return Block(starts, draw(st.integers(starts // 5 + 1, 24 * 12)) * 5)


def written(minute: int, style: str) -> str:
    hour, rest = divmod(minute, 60)
    if style == "bare" and not rest:
        return str(hour)
    sign = "." if style == "dot" else ":"
    return f"{hour}{sign}{rest:02}" if style != "zero" else f"{hour:02}:{rest:02}"


STYLES = st.sampled_from(["bare", "dot", "colon", "zero"])
DASHES = st.sampled_from(["-", "–", "—", "−", " - ", " – ", "\u00a0—\u00a0", " до "])


@given(block(), STYLES, STYLES, DASHES, st.sampled_from(["", "с ", "  "]), st.sampled_from(["", " ", " ч", " час."]))
def test_hours_however_they_are_written(one: Block, left: str, right: str, dash: str, before: str, after: str) -> None:
    found = said(f"{before}{written(one.starts, left)}{dash}{written(one.ends, right)}{after}")
    assert found
    assert found.blocks == (one,)


@given(
    st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True),
    st.sampled_from([", ", ";", "/", "\n", " и ", " + ", " "]),
)
def test_several_hours_of_a_day(edges: list[int], between: str) -> None:
    sorted_edges = sorted(edges)[: len(edges) // 2 * 2]
    blocks = tuple(Block(a * 30, b * 30) for a, b in zip(sorted_edges[::2], sorted_edges[1::2], strict=True))
    text = between.join(f"{written(each.starts, 'colon')}-{written(each.ends, 'colon')}" for each in reversed(blocks))
    found = said(text)
    assert found
    assert found.blocks == blocks


@given(st.text(max_size=40))
@settings(max_examples=400)
def test_any_cell_is_read_or_refused_with_a_sentence(text: str) -> None:
    for read in (said, time_of, lambda cell: day_of(cell, TODAY)):
        try:
            read(text)
        except Invalid as refusal:
            told = refusal.message
            assert told.endswith("."), told
    head_day(text, TODAY)
    month_in(text, TODAY)
    off_of(text)


@given(block())
def test_what_is_read_is_in_order_and_within_a_day(one: Block) -> None:
    with pytest.raises(Invalid, match="позже, чем начался"):
        said(f"{written(one.ends, 'colon')}-{written(one.starts, 'colon')}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("О", "Отпуск"), ("o", "Отпуск"), ("отп.", "Отпуск"), ("Б", "Болезнь"), ("B", "Выходной"), ("—", "Выходной"), ("вых", "Выходной"), ("X", "Выходной"),
     ("ОЖ", "Отпуск по уходу за ребёнком"), ("учёба", "Учёба"), ("К", "Командировка"), ("дежурство", ""), ("9-15", "")],
)  # fmt: skip
def test_words_for_a_day_without_reception(text: str, reason: str) -> None:
    assert off_of(text) == reason


@pytest.mark.parametrize(
    ("text", "words"),
    [(str(serial_of(date(2026, 12, 9))), "9:00–12:00"), ("7,2", "число часов"), ("8", "число часов"), ("9-15-16-20", "не похоже"), ("20-8", "двумя днями"),
     ("9-25", "24 часа"), ("9-13, 12-15", "накладываются"), ("9-9", "позже"), ("Я", "не похоже"), ("=1+1", "не похоже"), ("9-15?", "не похоже")],
)  # fmt: skip
def test_what_is_no_hours_says_how_to_write_them(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        said(text)


@given(st.dates(TODAY - timedelta(300), TODAY + timedelta(300)))
def test_a_day_however_it_is_written(day: date) -> None:
    months = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ]
    forms = [f"{day:%d.%m.%Y}", f"{day:%d.%m.%y}", f"{day.day}.{day.month}.{day.year}", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%dT00:00:00}", str(serial_of(day)),
             f"{serial_of(day)}.0", f"{day.day} {months[day.month - 1]} {day.year} г.", f"{day:%d/%m/%Y}"]  # fmt: skip
    assert {day_of(form, TODAY) for form in forms} == {day}


@given(MINUTES)
def test_a_time_however_it_is_kept(minute: int) -> None:
    forms = [written(minute, "dot" if minute >= 60 else "colon"), written(minute, "zero"), f"{written(minute, 'zero')}:00", f"1899-12-30T{written(minute, 'zero')}:00", f"0{minute / 1440:.12f}"[1:]]  # fmt: skip
    assert {time_of(form) for form in forms} == {minute}


@pytest.mark.parametrize(
    ("text", "month"),
    [("График на декабрь 2026 г.", 12), ("за декабрь", 12), ("12.2026", 12), ("График_врачей_ДЕКАБРЬ_2026.xlsx", 12), ("с 01.12.2026", 12), ("дек", 12),
     ("Марина Майорова", 0), ("2026", 0), ("кабинет 12", 0), ("Декабристов, 5", 0)],
)  # fmt: skip
def test_which_month_a_title_tells(text: str, month: int) -> None:
    found = month_in(text, TODAY)
    assert (found.month if found else 0) == month


def test_two_heads_of_a_matrix() -> None:
    """The label above the numbers, a line of weekdays, a section, totals."""
    rows = [["График", "на декабрь 2026"], ["№", "ФИО", "Числа"], ["", "", "1", "2", "3", "Итого"], ["", "", "вт", "ср", "чт"],
            ["", "Терапевтическое отделение"], ["1", "Иванова", "9-15", "", "О", "6"], ["", "", "16-18"]]  # fmt: skip
    rota = layouts.read(rows, list(range(1, 8)), today=TODAY)
    assert [(one.line, one.who, one.column, one.day, one.section) for one in rota.entries] == [
        (6, "Иванова", "1", date(2026, 12, 1), "Терапевтическое отделение"), (6, "Иванова", "3", date(2026, 12, 3), "Терапевтическое отделение"),
        (7, "Иванова", "1", date(2026, 12, 1), "Терапевтическое отделение"),
    ]  # fmt: skip


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["ФИО", "Дата", "С", "До", "1", "2", "9-15", "О", "", "декабрь", "Иванова", "31", "46357", "пн"]
            ),
            max_size=6,
        ),
        max_size=6,
    )
)
@settings(max_examples=300)
def test_any_table_is_a_rota_or_refused(rows: list[list[str]]) -> None:
    try:
        rota = layouts.read(rows, list(range(1, len(rows) + 1)), today=TODAY)
    except Invalid as refusal:
        told = refusal.errors.keys()
        assert told == {"file"}
        return
    assert rota.entries or rota.needs_month


# --- judging -----------------------------------------------------------------------------------------------------------------

PEOPLE = [Worker(UUID(int=number), name, "Анна", "Петровна", (Place(WARD, date(2020, 1, 1)),)) for number, name in ((1, "Иванова"), (2, "Петрова"), (3, "Сидорова"))]  # fmt: skip
ROSTER = Roster(PEOPLE, {WARD: "Терапия", OTHER: "Хирургия"}, frozenset({WARD}))
RIGHTS = {each.id: Right(Standing.ACTIVE, None) for each in PEOPLE}
DAYS = st.integers(1, 4).map(lambda number: date(2026, 12, number))


def opened(day: date, one: Block, room: str = "214", ward: UUID = WARD) -> Open:
    span = one.on(day, MOSCOW)
    return Open(ward, span.starts_at, span.ends_at, 15, room, "")


@st.composite
def entry(draw: st.DrawFn) -> Entry:
    off = draw(st.sampled_from(["", "", "", "Отпуск", "Выходной"]))
    blocks = () if off else (draw(block()),)
    who = draw(st.sampled_from(["Иванова", "Петрова А.П.", "Никто"]))
    return Entry(
        draw(st.integers(2, 9)),
        who,
        room=draw(st.sampled_from(["214", "215", ""])),
        minutes="5",
        day=draw(DAYS),
        blocks=blocks,
        off=off,
    )


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    there: dict[tuple[UUID, date], list[Open]] = {}
    for who, day in draw(
        st.lists(st.tuples(st.sampled_from(PEOPLE), DAYS), max_size=5, unique_by=lambda pair: (pair[0].id, pair[1]))
    ):
        there[who.id, day] = [
            opened(
                day, draw(block()), draw(st.sampled_from(["214", "215"])), draw(st.sampled_from([WARD, WARD, OTHER]))
            )
        ]
    in_rooms = [(who, one) for (who, _), those in there.items() for one in those]
    visits = {who: [Booked(UUID(int=number + 50), Span(one.starts_at, one.starts_at + timedelta(minutes=5)), "")] for number, (who, one) in enumerate(in_rooms)}  # fmt: skip
    shut = (
        {PEOPLE[0].id: [Shut(date(2026, 12, 2), date(2026, 12, 3), "Отпуск", is_absence=draw(st.booleans()))]}
        if draw(st.booleans())
        else {}
    )
    rooms = {key_of("214"): Room("214", Availability())}
    return Facts(TODAY, MOSCOW, ROSTER, RIGHTS, there, shut=shut, visits=visits, rooms=rooms, in_rooms=in_rooms)


def after_all(changes: list[Change], known: Facts) -> dict[UUID, list[Open]]:
    """Who would have which hours, were everything that is right done."""
    done = {(each.worker.id, each.day): each for each in changes if each.worker and each.is_done}
    found: dict[UUID, list[Open]] = {}
    for day, those in known.open.items():
        if day not in done:
            found.setdefault(day[0], []).extend(those)
    for (who, _), each in done.items():
        found.setdefault(who, []).extend([*each.after, *each.kept])
    return found


@given(st.lists(entry(), max_size=8), facts())
@settings(max_examples=300)
def test_what_is_right_in_a_rota_can_be_done(entries: list[Entry], known: Facts) -> None:
    changes = judge(entries, known)
    lines = {line for each in changes for line in each.lines}
    assert lines == {each.line for each in entries}, "every row is spoken of"
    keys = [(each.worker.id, each.day) for each in changes if each.worker]
    assert len(keys) == len(set(keys)), "a day is judged once"
    hours = after_all(changes, known)
    for those in hours.values():
        spans = sorted(one.span for one in those)
        assert not any(one.overlaps(other) for one, other in pairwise(spans))
    touched = {(each.worker.id) for each in changes if each.worker and each.is_done}
    held = sorted((one.span, who) for who, those in hours.items() for one in those if key_of(one.room) == "214")
    for number, (span, who) in enumerate(held):
        for other, whose in held[number + 1 :]:
            assert not (span.overlaps(other) and who != whose and {who, whose} & touched) or _was(
                known, who, whose, span, other
            )
    assert digest(changes) == digest(judge(entries, known))
    for each in changes:
        assert (each.kind is Kind.WRONG) == bool(each.errors)
        assert each.kind is not Kind.NEW or not each.before


def _was(known: Facts, who: UUID, whose: UUID, span: Span, other: Span) -> bool:
    """Both stood so already: a rota does not mend what others have done."""
    spans = {(key[0], one.span) for key, those in known.open.items() for one in those}
    return {(who, span), (whose, other)} <= spans


@given(st.lists(entry(), max_size=6), facts())
@settings(max_examples=200)
def test_what_stands_as_the_file_says_is_left_alone(entries: list[Entry], known: Facts) -> None:
    """Judged again after it was done, nothing that was done is new."""
    changes = judge(entries, known)
    done = {(each.worker.id, each.day): each for each in changes if each.worker and each.is_done}
    there = {day: list(those) for day, those in known.open.items() if day not in done}
    shut = {who: list(those) for who, those in known.shut.items()}
    for (who, day), each in done.items():
        assert day
        if each.kind is Kind.CLOSED:
            shut.setdefault(who, []).append(Shut(day, day, each.off))
        else:
            there[who, day] = [*each.after, *each.kept]
    in_rooms = [(key[0], one) for key, those in there.items() for one in those]
    again = judge(entries, Facts(TODAY, MOSCOW, ROSTER, RIGHTS, there, shut=shut, rooms=known.rooms, in_rooms=in_rooms))
    kinds = {(each.worker.id, each.day): each.kind for each in again if each.worker}
    assert all(kinds[key] is Kind.SAME for key in done)
