"""Rooms and devices: had by one visit at a time, whatever becomes of the visits; kept by those who may."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Actor
from medcab.audit import AuditEntry
from medcab.clock import MOSCOW, Clock
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.schedule import queries, service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.hours import service as hours
from medcab.schedule.hours.service import NewTemplate
from medcab.schedule.models import Reception
from medcab.schedule.resources import service as desk
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceClosed, ResourceKind
from medcab.schedule.resources.service import NewResource
from medcab.schedule.rules.resources import Availability, key_of, merged, open_minutes
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.templates import Template
from medcab.schedule.rules.visits import Act
from medcab.schedule.service import ResourceTaken, SlotTaken
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday, offer, stored

ROOM, DEVICE = ResourceKind.ROOM, ResourceKind.DEVICE
MONDAY, CROWD = NINE.date(), 100


@pytest.fixture(autouse=True)
async def the_morning(cast: Cast) -> AsyncIterator[Clock]:
    """Doctor and colleague see patients in room 214 at the same hours."""
    await monday(cast)
    with clock.frozen(NINE - timedelta(minutes=30)) as stopped:
        yield stopped


async def keep(actor: Actor, name: str, kind: ResourceKind = ROOM, **more: Any) -> list[Any]:
    seen, resource_id = more.pop("seen", frozenset()), more.pop("resource_id", None)
    new = NewResource(kind=kind, name=name, **({"department_id": WARD, "available": Availability()} | more))
    async with db.transaction() as session:
        return await desk.keep(session, actor, new=new, seen=seen, resource_id=resource_id)


async def listed(cast: Cast, name: str, kind: ResourceKind = ROOM, **more: Any) -> UUID:
    """On the clinic's list from now on."""
    assert await keep(cast.admin, name, kind, **more) == []
    return (await one(name)).id


async def one(name: str) -> Resource:
    async with db.reading() as session:
        return (await session.exec(select(Resource).where(Resource.name == name))).one()


async def rows(appointment_id: UUID) -> dict[UUID, tuple[datetime, bool]]:
    """What the visit takes: since when, and whether it is held."""
    async with db.reading() as session:
        query = select(AppointmentResource).where(AppointmentResource.appointment_id == appointment_id)
        return {row.resource_id: (row.starts_at, row.is_held) for row in (await session.exec(query)).all()}


async def free(cast: Cast, who: Actor, devices: tuple[UUID, ...] = ()) -> list[datetime]:
    async with db.reading() as session:
        found = await queries.free_slots(
            session, cast.head, who.person_id, bounds(MONDAY, 1, MOSCOW), clock.now(), MOSCOW, devices=devices
        )
    return [slot.starts_at for slot in found]


async def move(cast: Cast, visit: UUID, minutes: int, to: Actor, *, version: int = 1) -> None:
    async with db.transaction() as session:
        await service.move(
            session, cast.head, appointment_id=visit, version=version, starts_at=at(minutes), practitioner_id=to.person_id
        )  # fmt: skip


async def cancel(cast: Cast, visit: UUID, *, version: int = 1) -> None:
    async with db.transaction() as session:
        await service.cancel(session, cast.head, appointment_id=visit, version=version, reason="Заболел врач")


async def mark(cast: Cast, visit: UUID, act: Act, *, version: int) -> None:
    async with db.transaction() as session:
        await service.mark(session, cast.head, appointment_id=visit, version=version, act=act)


async def close(actor: Actor, resource_id: UUID, starts: int, ends: int, **more: Any) -> list[Any]:
    async with db.transaction() as session:
        return await desk.close(session, actor, resource_id=resource_id, span=Span(at(starts), at(ends)), **more)


async def test_a_room_on_the_list_is_had_by_one_visit_at_a_time(cast: Cast) -> None:
    room = await listed(cast, "214")
    made = await book(cast, cast.doctor, 30)
    assert await rows(made) == {room: (at(30), True)}
    assert at(30) not in await free(cast, cast.colleague)
    with pytest.raises(ResourceTaken, match="Кабинет 214 в это время занят: выберите другое время") as refused:
        await book(cast, cast.colleague, 30, practitioner=cast.colleague)
    assert [slot.starts_at for slot in refused.value.nearest[:2]] == [at(15), at(45)]
    async with db.reading() as session:
        day = await calendar.day(session, cast.head, practitioner_id=cast.colleague.person_id, day=MONDAY)
    assert at(30).isoformat() not in [line["at"] for line in day["lines"] if line["what"] == "free"]
    await assert_figures_true()


async def test_a_room_that_is_not_on_the_list_is_text(cast: Cast) -> None:
    mine, theirs = (
        await book(cast, cast.head, 30),
        await book(cast, cast.head, 30, practitioner=cast.colleague),
    )
    assert (await rows(mine), await rows(theirs)) == ({}, {})


async def test_a_name_is_compared_as_people_type_it(cast: Cast) -> None:
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    async with db.transaction() as session:
        for row in (await session.exec(select(Reception))).all():
            row.room = "  Процедурный  А " if row.practitioner_id == cast.neighbour.person_id else "процедурный а"
    room = await listed(cast, "ПРОЦЕДУРНЫЙ А", department_id=None)
    assert list(await rows(await book(cast, cast.doctor, 0))) == [room]
    with pytest.raises(ResourceTaken):
        await book(cast, cast.neighbour, 0, practitioner=cast.neighbour)
    with pytest.raises(Invalid, match="в клинике уже есть"):
        await keep(cast.admin, "Процедурный а", department_id=None)


async def test_a_room_is_put_on_the_list_with_the_visits_that_stand_in_it(cast: Cast) -> None:
    made = await book(cast, cast.doctor, 30)
    room = await listed(cast, "214")
    assert await rows(made) == {room: (at(30), True)}
    with pytest.raises(ResourceTaken):
        await book(cast, cast.colleague, 30, practitioner=cast.colleague)


async def test_a_room_in_which_two_visits_stand_at_once_does_not_come_onto_the_list(cast: Cast) -> None:
    await book(cast, cast.head, 30)
    await book(cast, cast.head, 30, practitioner=cast.colleague)
    with pytest.raises(Conflict, match=r"Кабинет 214 нужен приёму .*09:30, но в это время занят"):
        await keep(cast.head, "214")
    async with db.reading() as session:
        assert (await session.exec(select(Resource))).all() == []


async def test_what_a_visit_takes_goes_with_it_whatever_becomes_of_it(cast: Cast, the_morning: Clock) -> None:
    room, scanner = await listed(cast, "214"), await listed(cast, "УЗИ-аппарат", DEVICE)
    made = await book(cast, cast.doctor, 30, devices=[scanner])
    assert await rows(made) == {room: (at(30), True), scanner: (at(30), True)}
    await move(cast, made, 60, cast.doctor)
    assert await rows(made) == {room: (at(60), True), scanner: (at(60), True)}
    await cancel(cast, made, version=2)
    assert await rows(made) == {room: (at(60), False), scanner: (at(60), False)}
    other = await book(cast, cast.head, 60, practitioner=cast.colleague, devices=[scanner])
    with pytest.raises(ResourceTaken):
        await mark(cast, made, Act.UNDO, version=3)
    await cancel(cast, other)
    await mark(cast, made, Act.UNDO, version=3)
    assert await rows(made) == {room: (at(60), True), scanner: (at(60), True)}
    the_morning.tick(timedelta(minutes=100))
    await mark(cast, made, Act.NO_SHOW, version=4)
    assert at(75) in await free(cast, cast.colleague, (scanner,))
    assert {held for _, held in (await rows(made)).values()} == {False}
    await mark(cast, made, Act.UNDO, version=5)
    await mark(cast, made, Act.ARRIVED, version=6)
    assert {held for _, held in (await rows(made)).values()} == {True}
    await assert_figures_true()


async def test_a_visit_moved_to_other_hours_takes_their_room(cast: Cast) -> None:
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    async with db.transaction() as session:
        query = select(Reception).where(Reception.practitioner_id == cast.neighbour.person_id)
        for row in (await session.exec(query)).all():
            row.room = "301"
    here, there = await listed(cast, "214"), await listed(cast, "301", department_id=OTHER_WARD)
    holter = await listed(cast, "Холтер", DEVICE, department_id=None)
    made = await book(cast, cast.doctor, 30, devices=[holter])
    async with db.transaction() as session:
        await service.move(
            session, cast.admin, appointment_id=made, version=1, starts_at=at(45), practitioner_id=cast.neighbour.person_id
        )  # fmt: skip
    assert await rows(made) == {there: (at(45), True), holter: (at(45), True)}
    assert here not in await rows(made)


async def test_a_change_of_template_takes_the_visits_to_the_new_room(cast: Cast) -> None:
    old, new = await listed(cast, "214"), await listed(cast, "215")
    first = MONDAY + timedelta(days=2)
    template = Template(
        weekdays=frozenset(range(7)), starts=9 * 60, ends=12 * 60, slot_minutes=15, since=first, on_holidays=True
    )
    async with db.transaction() as session:
        asked = NewTemplate(department_id=WARD, template=template, room="214")
        await hours.keep_template(session, cast.head, practitioner_id=cast.doctor.person_id, new=asked)
        plan = await hours.overview(session, cast.head, who=str(cast.doctor.person_id))
    assert plan
    made = await book(cast, cast.doctor, 0, days=2)
    assert list(await rows(made)) == [old]
    async with db.transaction() as session:
        asked = NewTemplate(department_id=WARD, template=template, room="215", replaces=plan.templates[0].id)
        await hours.keep_template(session, cast.head, practitioner_id=cast.doctor.person_id, new=asked)
    assert list(await rows(made)) == [new]


async def test_of_a_hundred_who_want_one_device_at_once_exactly_one_wins(cast: Cast) -> None:
    scanner = await listed(cast, "УЗИ-аппарат", DEVICE)
    tries = [
        book(cast, cast.head, 0, practitioner=(cast.doctor, cast.colleague)[number % 2], devices=[scanner])
        for number in range(CROWD)
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert not [r for r in results if not isinstance(r, UUID | SlotTaken)][:2]
    won = [result for result in results if isinstance(result, UUID)]
    assert len(won) == 1
    other = [r for r in results if isinstance(r, ResourceTaken)]
    assert other
    assert all("«УЗИ-аппарат» в это время занято" in refusal.message for refusal in other)
    assert all(at(0) not in [slot.starts_at for slot in refusal.nearest] for refusal in other)
    await assert_figures_true()


async def test_the_database_itself_gives_nothing_to_two_at_once(cast: Cast) -> None:
    scanner = await listed(cast, "УЗИ-аппарат", DEVICE)
    mine = await book(cast, cast.doctor, 0, devices=[scanner])
    theirs = await book(cast, cast.head, 15, practitioner=cast.colleague)
    made = AppointmentResource(appointment_id=theirs, resource_id=scanner, starts_at=at(10), ends_at=at(25))
    with pytest.raises(IntegrityError, match="ex_resource_overlap"):
        async with db.transaction() as session:
            session.add(made)
    assert await rows(mine) == {scanner: (at(0), True)}


async def test_a_service_closes_what_is_free_and_says_first_who_is_there(cast: Cast) -> None:
    room = await listed(cast, "214")
    made = await book(cast, cast.doctor, 30)
    left = await close(cast.head, room, 0, 60, reason="Кварцевание")
    assert [(each.id, each.name) for each in left] == [(made, "Сидоров И. С.")]
    assert len(await free(cast, cast.doctor)) == 19, "nothing has been done"
    assert await close(cast.head, room, 0, 60, reason="Кварцевание", seen=frozenset({made})) == []
    assert await free(cast, cast.doctor) == await free(cast, cast.colleague)
    assert (await free(cast, cast.doctor))[0] == at(60)
    with pytest.raises(ResourceTaken, match="закрыт на обслуживание"):
        await book(cast, cast.doctor, 0)
    await mark(cast, made, Act.ARRIVED, version=1)  # who stands there stays
    async with db.reading() as session:
        closed = (await session.exec(select(ResourceClosed))).one()
    async with db.transaction() as session:
        await desk.reopen(session, cast.head, closed_id=closed.id)
    assert (await free(cast, cast.doctor))[0] == at(0)


async def test_a_room_is_had_in_its_own_hours_only(cast: Cast) -> None:
    room = await listed(cast, "214")
    made = await book(cast, cast.doctor, 150)
    short = {"resource_id": room, "available": Availability(starts=9 * 60, ends=11 * 60)}
    assert [each.id for each in await keep(cast.head, "214", **short)] == [made]
    assert await keep(cast.head, "214", seen=frozenset({made}), **short) == []
    assert max(await free(cast, cast.doctor)) == at(105)
    with pytest.raises(ResourceTaken, match="не работает"):
        await book(cast, cast.doctor, 120)


async def test_what_visits_ahead_need_is_not_taken_out_of_use(cast: Cast) -> None:
    room = await listed(cast, "214")
    made = await book(cast, cast.doctor, 30)

    async def remove() -> None:
        async with db.transaction() as session:
            await desk.remove(session, cast.head, resource_id=room)

    with pytest.raises(Conflict, match=r"1.приём впереди, первый .*09:30"):
        await remove()
    await cancel(cast, made)
    await remove()
    with pytest.raises(ResourceTaken, match="больше не в работе"):
        await mark(cast, made, Act.UNDO, version=2)
    assert await rows(await book(cast, cast.doctor, 45)) == {}
    assert await listed(cast, "214") == room, "it comes back as itself"


KEEPERS: dict[str, type[MedcabError] | None] = {
    "admin": None, "head": None, "doctor": Forbidden, "colleague": Forbidden, "nurse": Forbidden, "neighbour": Forbidden, "foreigner": Forbidden,
    "pharmacist": Forbidden, "unverified": Forbidden, "support": Forbidden, "security": Forbidden,
}  # fmt: skip


@pytest.mark.parametrize("who", KEEPERS)
async def test_who_may_keep_the_list(cast: Cast, who: str) -> None:
    actor, refusal = cast.everyone()[who], KEEPERS[who]
    if refusal:
        with pytest.raises(refusal):
            await keep(actor, "214")
        return
    await keep(actor, "214")
    room = await one("214")
    await keep(actor, "214", resource_id=room.id, note="Второй этаж")
    await close(actor, room.id, 0, 60)
    async with db.transaction() as session:
        await desk.remove(session, actor, resource_id=room.id)
    async with db.reading() as session:
        query = select(AuditEntry).where(AuditEntry.subject == str(room.id)).order_by(col(AuditEntry.seq))
        done = [entry.action.rsplit(":")[-1] for entry in (await session.exec(query)).all()]
    assert done == ["add", "change", "close", "remove"]


async def test_a_room_in_which_another_department_receives_is_the_administrators(cast: Cast) -> None:
    await offer(cast.neighbour.person_id, days=1, department_id=OTHER_WARD)  # in 214 as well
    with pytest.raises(Conflict, match="другое отделение"):
        await keep(cast.head, "214")
    await keep(cast.admin, "214")
    with pytest.raises(Conflict, match="другое отделение"):
        await keep(cast.head, "214", resource_id=(await one("214")).id, note="Наш")


@pytest.mark.parametrize("who", ["admin", "head", "nurse", "doctor", "foreigner", "pharmacist"])
async def test_who_sees_the_list(cast: Cast, who: str) -> None:
    for name, ward in (("214", WARD), ("301", OTHER_WARD), ("Холтер", None)):
        await listed(cast, name, DEVICE if ward is None else ROOM, department_id=ward)
    seen = {"admin": ["214", "301", "Холтер"], "head": ["214", "Холтер"], "nurse": ["214", "Холтер"]}
    actor = cast.everyone()[who]
    async with db.reading() as session:
        if who not in seen:
            with pytest.raises(Forbidden):
                await desk.overview(session, actor)
            return
        found = await desk.overview(session, actor)
    assert [each.row.name for each in found.rows] == seen[who]
    changeable = {"admin": ["214", "301", "Холтер"], "head": ["214"], "nurse": []}
    assert [each.row.name for each in found.rows if each.may_change] == changeable[who]
    assert found.total == len(seen[who])


async def test_what_is_of_others_is_not_there(cast: Cast) -> None:
    foreign = Resource(organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, kind=DEVICE, name="Чужой")
    async with db.transaction() as session:
        session.add(foreign)
    beside = await listed(cast, "Соседский", DEVICE, department_id=OTHER_WARD)
    for device in (foreign.id, beside, uuid4()):
        with pytest.raises(NotFound):
            await book(cast, cast.doctor, 0, devices=[device])
    for resource_id in (foreign.id, beside, uuid4()):
        with pytest.raises(NotFound):
            await keep(cast.head, "Моё", DEVICE, resource_id=resource_id)
        with pytest.raises(NotFound):
            await close(cast.head, resource_id, 0, 60)
    for ward in (OTHER_WARD, FOREIGN_WARD, uuid4()):
        with pytest.raises(NotFound):
            await keep(cast.head, "215", department_id=ward)
    with pytest.raises(Invalid, match="Выберите отделение"):
        await keep(cast.head, "215", department_id=None)


async def test_a_room_is_no_device(cast: Cast) -> None:
    room = await listed(cast, "301")
    with pytest.raises(NotFound):
        await book(cast, cast.doctor, 0, devices=[room])


async def test_the_load_is_what_is_booked_of_what_is_open(cast: Cast) -> None:
    room = await listed(cast, "214", available=Availability(0b0011111, 9 * 60, 15 * 60))
    for minutes in (0, 15, 30):
        await book(cast, cast.doctor, minutes)
    await cancel(cast, await book(cast, cast.doctor, 45))
    await close(cast.head, room, 300, 600)
    async with db.reading() as session:
        [row] = (await desk.overview(session, cast.head)).rows
    assert (row.booked, row.open) == (45, 5 * 6 * 60 - 60)


MINUTES = st.integers(0, 3 * 1440)
SPANS = st.builds(
    lambda start, length: Span(NINE + timedelta(minutes=start), NINE + timedelta(minutes=start + length)), MINUTES, st.integers(1, 600)
)  # fmt: skip
AVAILABLE = st.builds(
    lambda days, hours: Availability(days, min(hours), max(hours)),
    st.integers(1, 127), st.sets(st.integers(0, 1440), min_size=2, max_size=2),
)  # fmt: skip


def _is_open(available: Availability, moment: datetime) -> bool:
    local = moment.astimezone(MOSCOW)
    return (
        bool(available.weekdays >> local.weekday() & 1)
        and available.starts <= local.hour * 60 + local.minute < available.ends
    )


@given(available=AVAILABLE, span=SPANS)
def test_available_is_every_minute_of_it(available: Availability, span: Span) -> None:
    minutes = [span.starts_at + timedelta(minutes=number) for number in range(span.minutes)]
    assert available.holds(span, MOSCOW) == all(_is_open(available, minute) for minute in minutes)


@given(available=AVAILABLE, closed=st.lists(SPANS, max_size=4))
def test_open_minutes_are_counted_as_minutes(available: Availability, closed: list[Span]) -> None:
    frame = bounds(MONDAY, 3, MOSCOW)
    minutes = [frame.starts_at + timedelta(minutes=number) for number in range(3 * 1440)]
    shut = merged(closed)
    wanted = sum(
        _is_open(available, minute) and not any(each.starts_at <= minute < each.ends_at for each in shut)
        for minute in minutes
    )
    assert open_minutes(available, closed, MONDAY, 3, MOSCOW) == wanted


def test_a_day_of_25_hours_is_no_trouble() -> None:
    from zoneinfo import ZoneInfo

    berlin, night = ZoneInfo("Europe/Berlin"), date(2026, 10, 25)
    span = bounds(night, 1, berlin)
    assert span.minutes == 25 * 60
    assert Availability().holds(span, berlin)
    late = Span(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))  # 02:30 to 02:30
    assert Availability(ends=4 * 60).holds(late, berlin)
    assert key_of(" А  б ") == key_of("а Б")


async def test_the_clinics_keep_their_names_apart(cast: Cast) -> None:
    await listed(cast, "214")
    async with db.transaction() as session:
        session.add(Resource(organisation_id=OTHER_CLINIC, kind=ROOM, name="214"))
    made = await book(cast, cast.doctor, 0)
    assert (await stored(made)).organisation_id == CLINIC
    assert len(await rows(made)) == 1
