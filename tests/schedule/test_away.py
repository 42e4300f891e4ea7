"""Days away out of one's own calendar: read as they were meant whatever wrote them, entered once, never over a booked visit."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.audit import AuditEntry
from medcab.clock import MOSCOW
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.integrations.calendars import client, mapping
from medcab.schedule.away import service
from medcab.schedule.away.service import Looked
from medcab.schedule.models import Reception, ReceptionClosed
from medcab.schedule.rules import away as rules
from medcab.schedule.rules.away import Away, Candidates, Event, Found, candidates, days_in, left_of, pack, runs, unpack
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.templates import Closed
from tests.cast import Cast
from tests.schedule.away import BAD, day, ics, whole
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday, offer
from tests.staff.deeds import do

TODAY = NINE.date()
NEXT = TODAY + timedelta(days=7)
WORKING = {NEXT: [Span(at(0, days=7), at(180, days=7)), Span(at(240, days=7), at(360, days=7))]}
"""Nine to noon, one to three."""


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Twenty to eight on the Monday."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


def found_in(data: bytes, hours: dict[date, list[Span]] | None = None) -> Candidates:
    return candidates(mapping.read(data, TODAY), hours or {}, TODAY, MOSCOW)


def days_found(data: bytes, hours: dict[date, list[Span]] | None = None) -> list[tuple[int, int]]:
    """First and last day of each, counted from today."""
    return [((each.closed.since - TODAY).days, (each.closed.until - TODAY).days) for each in found_in(data, hours).away]


# Reading.

_PERIODS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 60)), min_size=1, max_size=6, unique_by=lambda period: period[0]
)


@given(_PERIODS, st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
def test_whole_days_are_read_as_they_were_written(periods: list[tuple[int, int]], title: str) -> None:
    made = icalendar.Calendar()
    wanted = set[date]()
    for number, (first, count) in enumerate(periods):
        event = icalendar.Event()
        since = TODAY + timedelta(first)
        event.add("uid", str(number))
        event.add("summary", title)
        event.add("dtstart", since)
        event.add("dtend", since + timedelta(count))
        made.add_component(event)
        wanted |= {since + timedelta(each) for each in range(count)}
    found = found_in(made.to_ical()).away
    assert {one for each in found for one in days_in(each.closed)} == wanted
    assert [each.closed for each in found] == runs(wanted), "what touches under one title is one absence"


@given(
    st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 10)), st.integers(0, 4 * 24 * 60),
    st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "America/New_York", "UTC", ""]),
)  # fmt: skip
def test_a_time_takes_the_days_that_it_covers_at_the_clinic(starts: datetime, minutes: int, zone: str) -> None:
    starts = starts.replace(microsecond=0)
    zoned = starts.replace(tzinfo=ZoneInfo(zone)) if zone else starts
    event = icalendar.Event()
    for name, value in {
        "uid": "1",
        "summary": "x",
        "dtstart": zoned,
        "dtend": zoned + timedelta(minutes=minutes),
    }.items():
        event.add(name, value)
    made = icalendar.Calendar()
    made.add_component(event)
    here = starts.replace(tzinfo=ZoneInfo(zone) if zone else MOSCOW)
    span = Span(
        here,
        here.astimezone(UTC)
        + ((zoned + timedelta(minutes=minutes)).replace(tzinfo=here.tzinfo).astimezone(UTC) - here.astimezone(UTC)),
    )
    found = {one for each in found_in(made.to_ical(), WORKING).away for one in days_in(each.closed)}
    around = [TODAY + timedelta(number) for number in range(40)]
    holds = lambda inner: span.starts_at <= inner.starts_at and inner.ends_at <= span.ends_at
    assert found == {
        one for one in around if holds(bounds(one, 1, MOSCOW)) or (one in WORKING and all(map(holds, WORKING[one])))
    }


@given(st.lists(st.integers(0, 40)), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=4))
def test_what_is_left_is_what_nobody_closed(wanted: list[int], closed: list[tuple[int, int]]) -> None:
    taken = [Closed(TODAY + timedelta(first), TODAY + timedelta(first + more)) for first, more in closed]
    for each in runs(TODAY + timedelta(number) for number in wanted):
        left = left_of(each, taken)
        days = [one for period in left for one in days_in(period)]
        assert days == [one for one in days_in(each) if not any(one in days_in(other) for other in taken)]


_TITLES = st.text(max_size=80).map(rules.title_of)
_AWAY = st.builds(
    Away,
    _TITLES,
    st.tuples(st.integers(0, 365), st.integers(0, 365)).map(
        lambda p: Closed(TODAY + timedelta(p[0]), TODAY + timedelta(sum(p)))
    ),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(_AWAY, max_size=rules.MOST), st.tuples(*[st.integers(0, 5000)] * 5))
def test_what_travels_through_the_browser_comes_back(away: list[Away], counts: tuple[int, ...]) -> None:
    text = pack(Candidates(tuple(away), *counts))
    assert len(text) < 10_000, "the guard's longest text"
    back = unpack(text)
    assert back.away == tuple(away)[: len(back.away)]
    assert back.more == counts[4] + len(away) - len(back.away)


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", "[[], []]", '[[["2026-12-01", 0, 1, ""]], [0,0,0,0,0]]', '[[["9999-12-31", 9, 1, ""]], [0,0,0,0,0]]', '[[["x", 1, 1, ""]], [0,0,0,0,0]]', "[" * 9000],
)  # fmt: skip
def test_what_nobody_packed_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        unpack(text)


def test_recurrence_is_expanded_and_its_exceptions_kept() -> None:
    weekly = whole("Учёба", 3, 4, "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:" + day(10))
    moved = whole("Учёба", 18, 19, f"RECURRENCE-ID;VALUE=DATE:{day(17)}")
    assert days_found(ics(weekly, moved)) == [(3, 3), (18, 18), (24, 24)]
    assert days_found(ics(whole("Отпуск", 3, 4, "RRULE:FREQ=DAILY;COUNT=14"))) == [(3, 16)], "day by day is one leave"
    assert days_found(ics(whole("Год", -200, -199, "RRULE:FREQ=YEARLY"))) == [(165, 165)]


def test_odd_events_are_read_for_what_they_are() -> None:
    assert days_found(ics(f"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:{day(5)}")) == [(5, 5)], "a start alone is its day"
    assert days_found(ics(whole("x", 5, 5))) == [(5, 5)]
    assert days_found(ics(whole("x", -3, 2))) == [(0, 1)], "what has begun begins today"
    assert days_found(ics(whole("x", 360, 400))) == [(360, 365)]
    assert days_found(ics(f"UID:1\nDTSTART;VALUE=DATE:{day(5)}\nDURATION:P3D")) == [(5, 7)]
    found = found_in(
        ics(
            whole("а", 5, 6, "TRANSP:TRANSPARENT"),
            whole("б", 7, 8, "STATUS:CANCELLED"),
            f"UID:3\nDTSTART:{day(5)}T090000\nSUMMARY:мгновение",
        )
    )
    assert [(each.is_busy, each.is_cancelled) for each in found.away] == [(False, False), (True, True)]
    assert found.short == 1


def test_what_is_left_out_is_counted() -> None:
    found = found_in(
        ics(
            whole("прошлый", -30, -20), whole("далеко", 500, 510), whole("отпуск", 5, 9), f"UID:s\nDTSTART:{day(7)}T100000\nDTEND:{day(7)}T110000",
            f"UID:b\nDTSTART:{day(7)}T000000\nRRULE:FREQ=SECONDLY;COUNT=1000000", "UID:n\nSUMMARY:без начала",
            f"UID:h\nDTSTART:{day(7)}T000000\nRRULE:FREQ=DAILY;BYHOUR=1,2,3",
        ),
        WORKING,
    )  # fmt: skip
    assert (len(found.away), found.past, found.beyond, found.short, found.unread) == (1, 1, 1, 1, 3)


def test_a_time_that_covers_all_reception_of_a_day_is_that_day() -> None:
    event = f"UID:1\nSUMMARY:Конференция\nDTSTART;TZID=Europe/Moscow:{day(7)}T090000\nDTEND;TZID=Europe/Moscow:{day(7)}T{{}}0000"
    assert days_found(ics(event.format(15)), WORKING) == [(7, 7)]
    assert days_found(ics(event.format(14)), WORKING) == []
    assert days_found(ics(event.format(18))) == [], "no reception, nothing to close"


def test_no_more_is_shown_than_can_be_ticked() -> None:
    found = found_in(ics(*[whole(f"{number}", 2 * number, 2 * number + 1) for number in range(130)]))
    assert (len(found.away), found.more) == (rules.MOST, 30)


def test_an_event_of_all_time_costs_nothing() -> None:
    event = Event(
        "x",
        is_busy=True,
        is_cancelled=False,
        span=Span(datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)),
    )
    [found] = candidates(Found((event,)), {}, TODAY, MOSCOW).away
    assert found.closed == Closed(TODAY, TODAY + timedelta(rules.AHEAD - 1))


# Files that are none.


@pytest.mark.parametrize("name", BAD)
async def test_a_wrong_file_gets_a_sentence(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await client.read(BAD[name], TODAY)
    assert set(refused.value.errors) == {"file"}
    assert refused.value.errors["file"].endswith((".", "»)."))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
async def test_encodings_of_russian_offices_are_read(encoding: str) -> None:
    found = await client.read(ics(whole("Отпуск", 5, 9)).decode().encode(encoding), TODAY)
    assert [event.title for event in found.events] == ["Отпуск"]


async def test_endless_rules_end_and_harm_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library would expand for minutes is given up; meanwhile others are served."""
    monkeypatch.setattr("medcab.integrations.calendars.reader.WALL_SECONDS", -4)  # one second in all
    bombs = [whole(f"{number}", -8000, -7999, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") for number in range(20)]
    ticks = 0
    reading = asyncio.create_task(client.read(ics(*bombs), TODAY))
    while not reading.done():
        await asyncio.sleep(0.02)
        ticks += 1
    with pytest.raises(Invalid, match="слишком сложный"):
        await reading
    assert ticks > 10


async def test_a_million_repetitions_are_read_within_bounds() -> None:
    found = await client.read(ics(whole("x", 3, 4, "RRULE:FREQ=DAILY;COUNT=1000000")), TODAY)
    assert len(found.events) == rules.AHEAD - 3


# Entering.


async def look(actor: Actor, *wanted: Closed) -> list[Looked]:
    async with db.reading() as session:
        return await service.look(session, actor, wanted=wanted)


async def bring(actor: Actor, *wanted: Closed, reason: str = "Отпуск") -> list[Closed]:
    return await do(service.bring_in, actor, wanted=wanted, reason=reason)


async def closed_days() -> list[tuple[date, date, str]]:
    async with db.reading() as session:
        rows = await session.exec(select(ReceptionClosed).order_by(col(ReceptionClosed.since)))
        return [(row.since, row.until, row.reason) for row in rows]


async def journal() -> list[AuditEntry]:
    async with db.reading() as session:
        return list(
            (
                await session.exec(
                    select(AuditEntry).where(
                        col(AuditEntry.action).in_([Action.ABSENCES_BRING.value, Action.RECEPTION_CLOSE.value])
                    )
                )
            ).all()
        )


def days(first: int, last: int) -> Closed:
    return Closed(TODAY + timedelta(first), TODAY + timedelta(last))


async def test_who_plans_hours_brings_in_their_own_days_only(cast: Cast, now: clock.Clock) -> None:
    places = {"doctor", "colleague", "head", "nurse", "neighbour", "foreigner"}
    for name, actor in cast.everyone().items():
        if name in places:
            assert await bring(actor, days(7, 8)) == [days(7, 8)], name
        else:
            with pytest.raises(NotFound if name == "admin" else Forbidden):
                await bring(actor, days(7, 8))
    async with db.reading() as session:
        rows = list(await session.exec(select(ReceptionClosed)))
    assert {row.practitioner_id for row in rows} == {
        actor.person_id for name, actor in cast.everyone().items() if name in places
    }


async def test_several_periods_are_one_act_and_open_again_one_by_one(cast: Cast, now: clock.Clock) -> None:
    await offer(cast.doctor.person_id, days=7)
    assert await bring(cast.doctor, days(7, 9), days(20, 20)) == [days(7, 9), days(20, 20)]
    assert [(since, reason) for since, _, reason in await closed_days()] == [
        (NEXT, "Отпуск"),
        (TODAY + timedelta(20), "Отпуск"),
    ]
    [entry] = await journal()
    assert entry.action == Action.ABSENCES_BRING
    assert "Отпуск" not in entry.details, "why somebody is away may say how they are"
    async with db.reading() as session:
        assert list(await session.exec(select(Reception))) == []


async def test_the_second_time_is_told_and_nothing_is_doubled(cast: Cast, now: clock.Clock) -> None:
    await bring(cast.doctor, days(7, 9))
    with pytest.raises(Conflict, match="уже внесены"):
        await bring(cast.doctor, days(7, 9), days(8, 8))
    assert await bring(cast.doctor, days(6, 11), days(10, 12)) == [days(6, 6), days(10, 11), days(12, 12)]
    seen = set[date]()
    for since, until, _ in await closed_days():
        assert not seen & set(days_in(Closed(since, until)))
        seen |= set(days_in(Closed(since, until)))
    [looked] = await look(cast.doctor, days(7, 9))
    assert (looked.left, looked.visits) == ([], [])


async def test_two_tabs_at_once_close_it_once(cast: Cast, now: clock.Clock) -> None:
    answers = await asyncio.gather(*[bring(cast.doctor, days(7, 9)) for _ in range(5)], return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 4 + ["list"]
    assert len(await closed_days()) == 1


async def test_days_with_visits_are_never_closed_from_here(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    await book(cast, cast.head, 0, days=1)
    looked = await look(cast.doctor, days(0, 0), days(1, 3), days(9, 9))
    assert [(len(each.visits), each.has_hours) for each in looked] == [(0, True), (1, True), (0, False)]
    assert looked[1].visits[0].name == "Сидоров И. С."
    with pytest.raises(Conflict, match=r"24\.11\.2026"):
        await bring(cast.doctor, days(9, 9), days(1, 3))
    assert await closed_days() == []
    assert await journal() == []
    await bring(cast.doctor, days(0, 0))
    await assert_figures_true()


async def test_somebody_booked_after_the_preview_is_not_left_outside(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    [looked] = await look(cast.doctor, days(1, 1))
    assert looked.visits == []
    answers = await asyncio.gather(
        book(cast, cast.head, 0, days=1), bring(cast.doctor, days(1, 1)), return_exceptions=True
    )
    assert sum(isinstance(answer, Exception) for answer in answers) == 1


@pytest.mark.parametrize(
    "wanted", [(), (days(-1, 3),), (days(3, 2),), (days(1, 400),), tuple(days(n, n) for n in range(101))]
)
async def test_nonsense_is_refused(cast: Cast, now: clock.Clock, wanted: tuple[Closed, ...]) -> None:
    with pytest.raises(Invalid):
        await bring(cast.doctor, *wanted)
    assert await closed_days() == []


async def test_a_file_is_offered_by_the_actors_own_hours(cast: Cast, now: clock.Clock) -> None:
    await offer(cast.doctor.person_id, days=7)
    timed = mapping.read(ics(f"UID:1\nSUMMARY:Курсы\nDTSTART:{day(7)}T090000\nDTEND:{day(7)}T120000"), TODAY)
    for actor, expected in ((cast.doctor, [days(7, 7)]), (cast.colleague, [])):
        async with db.reading() as session:
            found: Any = await service.candidates(session, actor, timed)
        assert [each.closed for each in found.away] == expected
