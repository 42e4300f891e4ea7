"""A worker's calendar for other programs: their own visits in one clinic, names only where they were chosen, nothing once the right has gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor, Role
from medcab.accounts.models import Membership, PasswordRecord, Person, Standing
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, NotFound, StepUpRequired
from medcab.integrations.calendars import mapping
from medcab.schedule import service as schedule
from medcab.schedule.feeds import service
from medcab.schedule.feeds.models import CalendarFeed
from medcab.schedule.feeds.service import NoLink, Reading
from medcab.schedule.rules import feeds as rules
from medcab.schedule.rules.feeds import Booked, Event, Feed, Firmness, Open, feed_of, read_words
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import Act, AppointmentStatus, VisitKind
from medcab.security import tokens
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, Cast
from tests.outbox import sent
from tests.schedule.reception import NINE, at, book, monday, offer, stored
from tests.staff.deeds import dismiss, do, suspend

NAMES = ("Сидоров", "Смирнов", "Чужой", "Сергеевич", "Иван")
MAKERS = {"doctor", "colleague", "head", "nurse", "admin", "neighbour", "foreigner"}


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Twenty to eight on the Monday."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def made(actor: Actor, name: str = "Телефон", **chosen: bool) -> str:
    given = {"with_names": False, "with_hours": False} | chosen
    return await do(service.make, replace(actor, stepped_up_at=clock.now()), name=name, **given)


async def read(secret: str) -> Reading:
    async with db.reading() as session:
        return await service.read(session, secret)


async def file_of(secret: str) -> str:
    """As a program gets it, unfolded."""
    return mapping.written((await read(secret)).feed).decode().replace("\r\n ", "")


async def events_of(secret: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(await file_of(secret)).walk("VEVENT"))


async def links() -> list[CalendarFeed]:
    async with db.reading() as session:
        return list((await session.exec(select(CalendarFeed).order_by(col(CalendarFeed.made_at)))).all())


async def journal(action: Action) -> list[AuditEntry]:
    async with db.reading() as session:
        return list((await session.exec(select(AuditEntry).where(AuditEntry.action == action.value))).all())


async def put(table: Any, key: Any, **values: Any) -> None:
    async with db.transaction() as session:
        await session.execute(sa.update(table).where(key).values(**values))


# The rules, and what a library makes of the file.

_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
_TEXTS = st.text(max_size=120)
_EVENTS = st.builds(
    lambda starts, minutes, title, place, note, firm, version, changed, busy: Event(
        f"{uuid4()}@medcab", Span(starts, starts + timedelta(minutes=minutes)), title, place, note, firm, version, changed, busy
    ),
    _MOMENTS, st.integers(5, 600), _TEXTS, _TEXTS, _TEXTS, st.sampled_from(Firmness), st.integers(0, 10**6), _MOMENTS, st.booleans(),
)  # fmt: skip


@given(_TEXTS, st.lists(_EVENTS, max_size=5))
def test_what_is_written_is_read_back(title: str, events: list[Event]) -> None:
    data = mapping.written(Feed(title, tuple(events)))
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    back = icalendar.Calendar.from_ical(data)
    assert back["VERSION"] == "2.0"
    found = back.walk("VEVENT")
    assert [str(each["UID"]) for each in found] == [event.uid for event in events]
    for each, event in zip(found, events, strict=True):
        assert Span(each["DTSTART"].dt, each["DTEND"].dt) == event.span
        assert (each["DTSTAMP"].dt, each["LAST-MODIFIED"].dt) == (event.changed_at, event.changed_at)
        assert (each["STATUS"], int(each["SEQUENCE"])) == (event.firmness.value, event.version)
        plain = "".join(sign if sign.isprintable() else " " for sign in event.title)
        assert str(each.get("SUMMARY", "")) == plain
        assert (each["TRANSP"] == "OPAQUE") is event.is_busy


def test_an_empty_calendar_is_still_a_calendar() -> None:
    back = icalendar.Calendar.from_ical(mapping.written(Feed("Приёмы: ГК № 1")))
    assert [each.name for each in back.subcomponents] == ["VTIMEZONE"]
    assert back["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert str(back["X-WR-CALNAME"]) == "Приёмы: ГК № 1"


def _booked(**changed: Any) -> Booked:
    given: dict[str, Any] = {
        "id": UUID(int=1), "span": Span(NINE, NINE + timedelta(minutes=15)), "kind": VisitKind.REPEAT, "status": AppointmentStatus.BOOKED,
        "is_over": False, "is_confirmed": False, "version": 3, "changed_at": NINE, "department": "Терапия",
    } | changed  # fmt: skip
    return Booked(**given)


def test_words_say_how_a_visit_stands() -> None:
    hours = [Open(Span(NINE, NINE + timedelta(hours=3)), "214", "Терапия")]

    def event(**changed: Any) -> Event:
        [found] = feed_of("ГК", [_booked(**changed)], hours, shown_since=None).events
        return found

    assert (event().title, event().place, event().note) == ("Повторный приём", "каб. 214, Терапия, ГК", "")
    assert event(name="Сидоров И. С.").title == "Сидоров И. С., повторный приём"
    called_off = event(status=AppointmentStatus.CANCELLED)
    assert (called_off.title, called_off.firmness) == ("Отменён: Повторный приём", Firmness.CANCELLED)
    assert event(status=AppointmentStatus.OFFERED).firmness is Firmness.TENTATIVE
    assert event(is_confirmed=True, is_over=True).note == "Пациент подтвердил. Сверх плана"
    assert event(status=AppointmentStatus.NO_SHOW).note == "Не пришёл"
    assert event(span=Span(at(600), at(615))).place == "Терапия, ГК"


def test_a_tag_changes_with_what_is_said_and_only_then() -> None:
    one = feed_of("ГК", [_booked()], [], shown_since=None)
    assert mapping.tag(one) == mapping.tag(feed_of("ГК", [_booked()], [], shown_since=None))
    others = [
        feed_of("ГК", [_booked(version=4)], [], shown_since=None),
        feed_of("ОБ", [_booked()], [], shown_since=None),
    ]
    assert len({mapping.tag(each) for each in (one, *others)}) == 3


def test_a_reading_is_told_by_the_day() -> None:
    moments = {
        None: "ещё не было",
        NINE: "сегодня",
        NINE - timedelta(days=1): "вчера",
        NINE - timedelta(days=9): "14.11.2026",
    }
    assert [read_words(at, NINE + timedelta(hours=3), clock.MOSCOW) for at in moments] == list(moments.values())


# Making and taking back, by everybody.


async def test_who_sees_a_schedule_may_make_a_link_and_nobody_else(cast: Cast, now: clock.Clock) -> None:
    for name, actor in cast.everyone().items():
        if name in MAKERS:
            assert tokens.is_token(await made(actor)), name
        else:
            with pytest.raises(Forbidden):
                await made(actor)
    assert len(await links()) == len(MAKERS) == len(await journal(Action.CALENDAR_MAKE))


async def test_of_a_secret_only_a_keyed_hash_is_kept_and_the_owner_is_told(cast: Cast, now: clock.Clock) -> None:
    secret = await made(cast.doctor, with_names=True)
    [kept] = await links()
    assert kept.secret_hash == tokens.keyed("calendar feed", secret)
    assert secret not in str(vars(kept)) + str([vars(each) for each in await journal(Action.CALENDAR_MAKE)])
    [letter] = await sent("mail")
    assert "с именами пациентов" in letter["text"]
    assert secret not in str(letter)


async def test_names_need_a_fresh_second_factor(cast: Cast, now: clock.Clock) -> None:
    chosen = {"name": "Телефон", "with_names": True, "with_hours": False}
    for stepped_up_at in (None, clock.now() - timedelta(hours=1)):
        with pytest.raises(StepUpRequired):
            await do(service.make, replace(cast.doctor, stepped_up_at=stepped_up_at), **chosen)
    assert await links() == []
    await do(service.make, cast.doctor, **chosen | {"with_names": False})


@pytest.mark.parametrize("name", ["", "   ", "я" * 61, "  ТЕЛЕФОН "])
async def test_a_link_has_a_name_of_its_own(cast: Cast, now: clock.Clock, name: str) -> None:
    await made(cast.doctor)
    await made(cast.colleague)  # another's name is free
    with pytest.raises(Invalid) as refused:
        await made(cast.doctor, name)
    assert "name" in refused.value.errors
    assert len(await links()) == 2


async def test_nobody_has_more_than_ten(cast: Cast, now: clock.Clock) -> None:
    for number in range(service.MOST_LINKS):
        await made(cast.doctor, f"Телефон {number}")
    with pytest.raises(Conflict):
        await made(cast.doctor, "Ещё один")


async def test_only_the_owner_takes_a_link_back_and_once(cast: Cast, now: clock.Clock) -> None:
    first, second = await made(cast.doctor), await made(cast.doctor, "Компьютер")
    [phone, _] = await links()
    for name, actor in cast.everyone().items():
        if name != "doctor":
            with pytest.raises(NotFound if name in MAKERS else Forbidden):
                await do(service.revoke, actor, feed_id=phone.id)
    await do(service.revoke, cast.doctor, feed_id=phone.id)
    with pytest.raises(NoLink):
        await do(service.revoke, cast.doctor, feed_id=phone.id)
    with pytest.raises(NoLink):
        await read(first)
    assert (await read(second)).feed.title == "Приёмы: ГК № 1"
    assert len(await journal(Action.CALENDAR_REVOKE)) == 1
    async with db.reading() as session:
        assert [feed.name for feed, _ in await service.listed(session, cast.doctor)] == ["Компьютер"]
        assert await service.listed(session, cast.colleague) == []


# What a link shows.


async def test_a_feed_has_ones_own_visits_and_nobody_elses(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    mine = await book(cast, cast.head, 0)
    await book(cast, cast.head, 0, practitioner=cast.colleague)
    for actor, expected in (
        (cast.doctor, {f"{mine}@medcab"}),
        (cast.head, set()),
        (cast.admin, set()),
        (cast.nurse, set()),
    ):
        secret = await made(actor)
        assert {str(each["UID"]) for each in await events_of(secret)} == expected, actor.name
    [event] = await events_of(await made(cast.doctor, "Второй"))
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (at(0), at(15))
    assert str(event["LOCATION"]) == "каб. 214, Терапевтическое отделение, ГК № 1"
    assert (event["STATUS"], int(event["SEQUENCE"])) == ("CONFIRMED", 1)


async def test_a_visit_moved_or_called_off_stays_the_same_event(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    visit = await book(cast, cast.head, 0)
    secret = await made(cast.doctor)
    now.tick(timedelta(minutes=5))
    async with db.transaction() as session:
        await schedule.move(session, cast.head, appointment_id=visit, version=1, starts_at=at(30))
    [moved] = await events_of(secret)
    assert (str(moved["UID"]), moved["DTSTART"].dt, int(moved["SEQUENCE"])) == (f"{visit}@medcab", at(30), 2)
    assert moved["LAST-MODIFIED"].dt == clock.now()
    async with db.transaction() as session:
        await schedule.cancel(session, cast.head, appointment_id=visit, version=2, reason="Гипертонический криз")
    [gone] = await events_of(secret)
    assert (str(gone["UID"]), gone["STATUS"], int(gone["SEQUENCE"])) == (f"{visit}@medcab", "CANCELLED", 3)
    assert "криз" not in await file_of(secret)
    now.tick(timedelta(days=rules.BACK + 1))
    assert await events_of(secret) == []


async def test_names_are_there_only_when_they_were_chosen(cast: Cast, now: clock.Clock) -> None:
    """Also not of a visit that was called off, nor of one with a remark."""
    await monday(cast)
    kept = await book(cast, cast.head, 0, patient_id=cast.patient_id)
    away = await book(cast, cast.head, 15, patient_id=cast.other_patient_id)
    await book(cast, cast.doctor, 20, over_reason="Смирнов, острая боль")
    async with db.transaction() as session:
        await schedule.cancel(session, cast.head, appointment_id=away, version=1, reason="Смирнов заболел гриппом")
    without, with_names = (
        await file_of(await made(cast.doctor, with_hours=True)),
        await file_of(await made(cast.doctor, "С именами", with_names=True)),
    )
    assert [name for name in NAMES if name in without] == []
    assert "Сидоров И. С." in with_names
    assert "Смирнов И. С." in with_names
    for text in (without, with_names):
        assert not [word for word in ("грипп", "боль", str(cast.patient_id), "+7912", "1970") if word in text]
    assert (await stored(kept)).version == 1


async def test_hours_are_shown_when_chosen_and_take_no_time(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    found = await events_of(await made(cast.doctor, with_hours=True))
    assert [(each["TRANSP"], each["SUMMARY"]) for each in found] == [("TRANSPARENT", "Часы приёма")] * 3
    assert len({str(each["UID"]) for each in found}) == 3
    assert await events_of(await made(cast.doctor, "Без часов")) == []


async def test_a_feed_is_of_the_clinic_in_which_it_was_made(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    await book(cast, cast.head, 0)
    since = date(2021, 1, 1)
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=cast.doctor.person_id,
                organisation_id=OTHER_CLINIC,
                department_id=FOREIGN_WARD,
                role=Role.SPECIALIST,
                since=since,
            )
        )
    here, there = await made(cast.doctor), await made(replace(cast.doctor, organisation_id=OTHER_CLINIC), "Там")
    assert len(await events_of(here)) == 1
    assert await events_of(there) == []
    async with db.reading() as session:
        found = await service.listed(session, replace(cast.doctor, organisation_id=OTHER_CLINIC))
    assert {(feed.name, clinic) for feed, clinic in found} == {("Телефон", "ГК № 1"), ("Там", "ОБ")}


async def test_whoever_may_not_see_the_schedule_gets_an_empty_calendar(cast: Cast, now: clock.Clock) -> None:
    """Suspended, dismissed, no right to practise, a locked account; what only concerns the way in changes nothing."""
    await monday(cast)
    await book(cast, cast.head, 0, patient_id=cast.patient_id)
    secret = await made(cast.doctor, with_names=True, with_hours=True)
    me = col(Person.id) == cast.doctor.person_id
    assert len(await events_of(secret)) == 4
    for harm, cure in (
        ({"standing": Standing.SUSPENDED}, {"standing": Standing.ACTIVE}),
        ({"standing_until": date(2026, 11, 22)}, {"standing_until": None}),
        ({"blocked_at": NINE}, {"blocked_at": None}),
    ):
        await put(Person, me, **harm)
        reading = await read(secret)
        assert (reading.feed.events, reading.is_to_journal) == ((), False), harm
        assert [name for name in NAMES if name in await file_of(secret)] == []
        await put(Person, me, **cure)
        assert len(await events_of(secret)) == 4
    await suspend(cast, cast.doctor)
    assert await events_of(secret) == []


async def test_a_password_that_others_may_know_concerns_the_way_in_only(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    await book(cast, cast.head, 0)
    secret = await made(cast.doctor)
    async with db.transaction() as session:
        session.add(PasswordRecord(person_id=cast.doctor.person_id, hash="x", set_at=NINE, must_change=True))
    assert len(await events_of(secret)) == 1


async def test_a_dismissal_empties_the_calendar_on_its_day(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    await book(cast, cast.head, 0)
    secret = await made(cast.doctor)
    await dismiss(cast, cast.doctor, NINE.date())
    assert len(await events_of(secret)) == 1
    now.tick(timedelta(days=1))
    assert await events_of(secret) == []


async def test_a_role_that_sees_no_schedule_shows_none(cast: Cast, now: clock.Clock) -> None:
    await offer(cast.doctor.person_id)
    secret = await made(cast.doctor, with_hours=True)
    mine = sa.and_(col(Membership.person_id) == cast.doctor.person_id, col(Membership.organisation_id) == CLINIC)
    await put(Membership, mine, role=Role.PHARMACIST)
    assert await events_of(secret) == []


async def test_a_secret_is_all_of_it_or_nothing(cast: Cast, now: clock.Clock) -> None:
    secret = await made(cast.doctor)
    for wrong in (
        "",
        secret[:-1],
        secret + "A",
        secret.swapcase(),
        tokens.make(),
        tokens.keyed("calendar feed", secret),
        "../" + secret,
    ):
        with pytest.raises(NoLink):
            await read(wrong)


async def test_a_reading_with_names_is_journalled_once_a_day(cast: Cast, now: clock.Clock) -> None:
    secret, plain = await made(cast.doctor, with_names=True), await made(cast.doctor, "Без имён")
    assert not (await read(plain)).is_to_journal
    for _ in range(2):
        first, second = await read(secret), await read(secret)
        assert first.is_to_journal
        for reading in (first, second):  # at once
            async with db.transaction() as session:
                await service.journal(session, reading.held)
        assert not (await read(secret)).is_to_journal
        now.tick(timedelta(days=1))
    entries = await journal(Action.CALENDAR_READ)
    assert [(entry.person_id, entry.organisation_id) for entry in entries] == [(cast.doctor.person_id, CLINIC)] * 2


async def test_when_it_was_read_is_written_once_an_hour(cast: Cast, now: clock.Clock) -> None:
    await made(cast.doctor)
    [feed] = await links()
    began = clock.now()
    for step, expected in ((0, began), (59, began), (61, began + timedelta(minutes=61))):
        now.tick(began + timedelta(minutes=step) - clock.now())
        async with db.transaction() as session:
            await service.touch(session, feed.id)
        assert (await links())[0].read_at == expected


async def test_the_window_and_the_number_of_events_are_bounded(
    cast: Cast, now: clock.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await monday(cast)
    for number in range(4):
        await book(cast, cast.head, 15 * number)
    secret = await made(cast.doctor)
    monkeypatch.setattr("medcab.schedule.feeds.queries.MOST_VISITS", 3)
    assert [each["DTSTART"].dt for each in await events_of(secret)] == [at(0), at(15), at(30)]
    now.tick(-timedelta(days=rules.AHEAD + 2))
    assert await events_of(secret) == []


async def test_marks_are_seen(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    visit, secret = await book(cast, cast.head, 0), await made(cast.doctor)
    before = mapping.tag((await read(secret)).feed)
    async with db.transaction() as session:
        await schedule.mark(session, cast.doctor, appointment_id=visit, version=1, act=Act.ARRIVED)
    [event] = await events_of(secret)
    assert str(event["DESCRIPTION"]) == "Пришёл"
    assert mapping.tag((await read(secret)).feed) != before
