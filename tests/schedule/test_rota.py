"""A rota from a file with the whole cast: what it opens, changes and closes, what it refuses, and that it does it once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Role
from medcab.accounts.models import Membership, Person, PracticeRight, Standing
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.schedule.away import service as away
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.models import Reception
from medcab.schedule.resources.models import Resource, ResourceKind
from medcab.schedule.rota import service
from medcab.schedule.rota.applying.service import StalePreview
from medcab.schedule.rota.models import RotaSheet
from medcab.schedule.rules.facts import Kind
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.waiting import WishState
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast, person
from tests.schedule import waiting
from tests.schedule.reception import NINE, assert_figures_true, at, book, offer
from tests.schedule.rotas import (
    COLLEAGUE,
    DECEMBER,
    DOCTOR,
    NEIGHBOUR,
    apply,
    bring,
    closed,
    count,
    csv_of,
    hours,
    keep,
    long,
    look,
    matrix,
    row,
)  # fmt: skip
from tests.schedule.test_hours import keep as keep_template
from tests.schedule.test_hours import weekly


@pytest.fixture(autouse=True)
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Monday, 23 November, nine in the morning."""
    with clock.frozen(NINE) as stopped:
        yield stopped


def day(number: int) -> date:
    return DECEMBER + timedelta(number - 1)


async def test_a_long_table_opens_its_days(cast: Cast) -> None:
    sheet = await keep(cast.head, long(row(break_starts="12:00", break_ends="13:00"), row(COLLEAGUE, "2.12.26", "8-30", "14.30", minutes="")))  # fmt: skip
    found = await look(cast.head, sheet)
    assert [each.kind for each in found.changes] == [Kind.NEW, Kind.NEW]
    told = await apply(cast.head, sheet)
    assert (told.opened, told.closed, told.dropped, told.first) == (2, 0, 0, day(1))
    assert await hours(cast.doctor, day(1)) == [("09:00", "12:00", "214", 15), ("13:00", "15:00", "214", 15)]
    assert await hours(cast.colleague, day(2)) == [("08:30", "14:30", "214", 15)]
    await assert_figures_true()


async def test_a_drawn_month_is_read_as_it_is_drawn(cast: Cast) -> None:
    """Two lines for one person, a head of a department, words for days off, a line of signatures."""
    data = matrix({DOCTOR: {1: "9–15", 2: "8-12, 13-15", 3: "О", 4: "о", 7: "-", 31: "9.00-12.00"}, "": {1: "16-18"}, COLLEAGUE: {1: "10-14"}})  # fmt: skip
    found = await look(cast.admin, await keep(cast.admin, data))
    kinds = {(each.who, each.day): each.kind for each in found.changes}
    name = "Петрова Анна Петровна"
    assert kinds == {
        (DOCTOR, day(1)): Kind.NEW, (DOCTOR, day(2)): Kind.NEW, (DOCTOR, day(3)): Kind.CLOSED, (DOCTOR, day(4)): Kind.CLOSED,
        (DOCTOR, day(7)): Kind.SAME, (DOCTOR, day(31)): Kind.NEW, (name, day(1)): Kind.NEW,
    }  # fmt: skip
    assert found.month == DECEMBER
    await bring(cast.admin, data)
    assert await hours(cast.doctor, day(1)) == [("09:00", "15:00", "", 15), ("16:00", "18:00", "", 15)]
    assert await closed(cast.doctor) == [(day(3), day(4), "Отпуск")]


async def test_a_day_off_lets_its_offers_go(cast: Cast) -> None:
    """Whoever waits is not offered time in which nobody sees them."""
    await offer(cast.doctor.person_id, days=8)
    key = await waiting.wish(cast)
    assert await waiting.free(cast, 0, days=8)
    assert (await waiting.row(key)).state is WishState.OFFERED
    await bring(cast.head, matrix({DOCTOR: {1: "О"}}))
    found = await waiting.row(key)
    assert (found.state, found.appointment_id, found.offers) == (WishState.WAITING, None, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
async def test_the_month_is_asked_where_nothing_tells_it(cast: Cast, encoding: str) -> None:
    data = csv_of([["ФИО", "1", "2"], [DOCTOR, "9-15", "В"]], encoding=encoding)
    sheet = await keep(cast.head, data, "без имени.csv")
    assert (await look(cast.head, sheet)).needs_month
    with pytest.raises(Conflict):
        await apply(cast.head, sheet)
    async with db.transaction() as session:
        await service.choose_month(session, cast.head, sheet_id=sheet, month=day(15))
    found = await look(cast.head, sheet)
    assert ([each.day for each in found.changes], found.month) == ([day(1), day(2)], DECEMBER)
    named = await look(cast.head, await keep(cast.head, data, "График_январь_2027.csv"))
    assert named.month == date(2027, 1, 1)


async def test_what_was_open_is_replaced_and_days_that_are_not_named_stay(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=8)  # 1 December, 9 to 12
    await offer(cast.doctor.person_id, days=9)
    data = long(row(starts="10:00"), row(day="02.12.2026", starts="09:00", ends="12:00"))
    found = await look(cast.head, await keep(cast.head, data))
    assert [each.kind for each in found.changes] == [Kind.CHANGED, Kind.SAME]
    await bring(cast.head, data)
    assert await hours(cast.doctor, day(1)) == [("10:00", "15:00", "214", 15)]
    assert await hours(cast.doctor, day(2)) == [("09:00", "12:00", "214", 15)]
    again = await look(cast.head, await keep(cast.head, data))
    assert [each.kind for each in again.changes] == [Kind.SAME, Kind.SAME]
    await assert_figures_true()


async def test_a_template_gives_way_on_the_days_of_the_file(cast: Cast) -> None:
    """What the drawn month leaves unsaid, room and minutes, is as the template has it."""
    await keep_template(cast.head, cast.doctor, weekly())
    data = matrix({DOCTOR: {1: "10-14", 2: "9-13", 3: "В", 4: "", 5: "-"}})
    found = await look(cast.head, await keep(cast.head, data))
    assert [each.kind for each in found.changes] == [Kind.CHANGED, Kind.SAME, Kind.CLOSED, Kind.SAME]
    await bring(cast.head, data)
    assert await hours(cast.doctor, day(1)) == [("10:00", "14:00", "214", 15)]
    assert await hours(cast.doctor, day(3)) == []
    assert await hours(cast.doctor, day(4)) == [("09:00", "13:00", "214", 15)]
    assert await closed(cast.doctor) == [(day(3), day(3), "Выходной")]


async def test_hours_of_a_department_that_is_not_ones_own_are_not_touched(cast: Cast) -> None:
    """The head's file; the other department's template stays on that day, as hours of its own."""
    async with db.transaction() as session:
        session.add(Membership(person_id=cast.doctor.person_id, organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.THERAPIST, since=date(2020, 1, 1)))  # fmt: skip
    other = weekly()
    await keep_template(cast.admin, cast.doctor, replace(other, department_id=OTHER_WARD, room="7"))
    clash = await look(cast.head, await keep(cast.head, long(row())))
    assert "Хирургическое" in clash.changes[0].errors[0]
    await bring(cast.head, long(row(starts="13:00", ends="15:00")))
    assert await hours(cast.doctor, day(1)) == [("09:00", "13:00", "7", 15), ("13:00", "15:00", "214", 15)]
    # of one who plans all of the clinic the file is all there is on that day
    await bring(cast.admin, long(row(starts="13:00", ends="15:00", department="Терапевтическое отделение")))
    assert await hours(cast.doctor, day(1)) == [("13:00", "15:00", "214", 15)]


async def test_closed_days_open_where_the_file_has_hours(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=10)
    leave = dict.fromkeys(range(1, 8), "О")
    await bring(cast.head, matrix({DOCTOR: leave}))
    assert await closed(cast.doctor) == [(day(1), day(7), "Отпуск")]
    assert await hours(cast.doctor, day(3)) == []
    same = await look(cast.head, await keep(cast.head, matrix({DOCTOR: leave})))
    assert {each.kind for each in same.changes} == {Kind.SAME}
    data = long(row(day="04.12.2026"))
    found = await look(cast.head, await keep(cast.head, data))
    assert "Отпуск" in found.changes[0].warnings[0]
    await bring(cast.head, data)
    assert await closed(cast.doctor) == [(day(1), day(3), "Отпуск"), (day(5), day(7), "Отпуск")]
    assert await hours(cast.doctor, day(4)) == [("09:00", "15:00", "214", 15)]
    await assert_figures_true()


async def test_visits_that_would_stand_outside_are_named_and_stay(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=8)
    visit = await book(cast, cast.head, 0, days=8)
    data = long(row(starts="10:00"))
    found = await look(cast.head, await keep(cast.head, data))
    assert [(one.id, one.name) for one in found.changes[0].left] == [(visit, "Сидоров И. С.")]
    off = await look(cast.head, await keep(cast.head, long(row(starts="", ends="", off="болен"))))
    assert [one.id for one in off.changes[0].left] == [visit]
    await bring(cast.head, data)
    assert await hours(cast.doctor, day(1)) == [("10:00", "15:00", "214", 15)]
    await assert_figures_true()


async def test_a_stale_preview_does_nothing(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=8)
    sheet = await keep(cast.head, long(row(starts="10:00")))
    seen = (await look(cast.head, sheet)).seen
    await book(cast, cast.head, 0, days=8)
    with pytest.raises(StalePreview):
        await apply(cast.head, sheet, seen=seen)
    assert await hours(cast.doctor, day(1)) == [("09:00", "12:00", "214", 15)]
    assert (await apply(cast.head, sheet)).opened == 1
    with pytest.raises(NotFound, match="уже применён"):
        await apply(cast.head, sheet, seen=seen)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"who": "Иваноа Анна"}, "Похоже: Иванова Анна Петровна"), ({"who": ""}, "укажите, чьи"), ({"who": NEIGHBOUR}, "в другом отделении"),
    ({"who": "Чужакова Анна Петровна"}, "нет"), ({"who": "Новикова А.П."}, "статус ещё не подтверждён"), ({"day": "23.11.2026"}, "Сегодняшний день"),
    ({"day": "20.11.2026"}, "уже прошёл"), ({"day": "31.02.2026"}, "нет в календаре"), ({"day": "завтра"}, "не похоже на дату"),
    ({"starts": "15:00", "ends": "9:00"}, "позже, чем начался"), ({"ends": "9:10"}, "не помещается"), ({"ends": ""}, "укажите время"),
    ({"starts": "утро"}, "не похоже на время"), ({"minutes": "1"}, "от 5 до 240"), ({"minutes": "много"}, "от 5 до 240"),
    ({"department": "Хирургическое отделение"}, "вам оно не открыто"), ({"department": "Чудес"}, "не найдено"), ({"off": "отпуск"}, "и часы, и причина"),
    ({"break_starts": "12:00"}, "и начало, и конец"), ({"break_starts": "8:00", "break_ends": "10:00"}, "внутри приёма"),
    ({"specialty": "Хирургия"}, "не подтверждена"), ({"email": "nobody@medcab.example"}, "в клинике нет"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "words"), WRONG)
async def test_what_is_wrong_is_said_at_its_row(cast: Cast, typed: dict[str, Any], words: str) -> None:
    sheet = await keep(cast.head, long(row(COLLEAGUE), row(**typed)))
    found = await look(cast.head, sheet)
    assert [each.kind for each in found.changes] == [Kind.NEW, Kind.WRONG]
    assert (found.changes[1].lines, words in " ".join(found.changes[1].errors)) == ((3,), True), found.changes[1].errors
    with pytest.raises(Conflict, match="с ошибками"):
        await apply(cast.head, sheet)
    assert await count() == 0
    assert (await apply(cast.head, sheet, drop_wrong=True)).dropped == 1
    assert await count() == 1


async def test_a_day_that_has_passed_is_no_error_while_it_is_as_it_was(cast: Cast, now: clock.Clock) -> None:
    await offer(cast.doctor.person_id, days=0)
    await offer(cast.doctor.person_id, days=-1)
    found = await look(cast.head, await keep(cast.head, long(row(day="23.11.2026", ends="12:00"), row(day="22.11.2026", ends="12:00"))))  # fmt: skip
    assert {each.kind for each in found.changes} == {Kind.SAME}


async def test_nobody_is_at_two_places(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(Membership(person_id=cast.foreigner.person_id, organisation_id=CLINIC, department_id=WARD, role=Role.SPECIALIST, since=date(2020, 1, 1)))  # fmt: skip
    await offer(cast.foreigner.person_id, days=8, department_id=UUID(int=0xD3), organisation_id=UUID(int=0xC2))
    found = await look(cast.head, await keep(cast.head, long(row("Чужакова А.П."), row(), row(starts="14:00", ends="18:00"))))  # fmt: skip
    assert ["в другом месте" in found.changes[0].errors[0], "накладываются" in found.changes[1].errors[0]] == [
        True,
        True,
    ]
    assert found.changes[1].lines == (3, 4)


async def test_a_room_of_the_list_has_one_worker_at_a_time(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(
            Resource(
                organisation_id=CLINIC, kind=ResourceKind.ROOM, name="214", weekdays=31, starts=8 * 60, ends=16 * 60
            )
        )
    await offer(cast.neighbour.person_id, days=8, department_id=OTHER_WARD)  # in 214 as well
    late, saturday = row(day="02.12.2026", ends="17:00"), row(day="05.12.2026")
    data = long(row(), row(COLLEAGUE, day="03.12.2026"), row(day="03.12.2026"), late, saturday, row(day="04.12.2026"), row(COLLEAGUE, day="04.12.2026", room="7"))  # fmt: skip
    found = await look(cast.head, await keep(cast.head, data))
    assert [each.kind for each in found.changes] == [Kind.WRONG] * 5 + [Kind.NEW] * 2
    assert "Соседова" in found.changes[0].errors[0]
    assert "не работает" in found.changes[3].errors[0]
    swapped = long(row(COLLEAGUE, day="07.12.2026", room="8"), row(day="07.12.2026", room="8"))
    warned = await look(cast.head, await keep(cast.head, swapped))
    assert [each.kind for each in warned.changes] == [Kind.NEW] * 2
    assert all("Кабинет 8" in each.warnings[0] for each in warned.changes)


async def test_two_workers_change_rooms(cast: Cast) -> None:
    """Whoever is left out for an error keeps the room, so that the other cannot have it either."""
    async with db.transaction() as session:
        session.add_all(Resource(organisation_id=CLINIC, kind=ResourceKind.ROOM, name=name) for name in ("214", "215"))
    await bring(cast.head, long(row(), row(COLLEAGUE, room="215")))
    visit = await book(cast, cast.head, 0, days=8)
    swap = long(row(room="215"), row(COLLEAGUE, room="214"))
    assert (await bring(cast.head, swap)).opened == 2
    assert (await hours(cast.doctor, day(1)))[0][2] == "215"
    back = await look(cast.head, await keep(cast.head, long(row(room="214"), row(COLLEAGUE, room="215", minutes="1"))))
    assert [each.kind for each in back.changes] == [Kind.WRONG, Kind.WRONG]
    assert visit


async def test_namesakes_are_told_apart(cast: Cast) -> None:
    async with db.transaction() as session:
        twin = person(50, "Иванова")
        session.add(twin)
        session.add(Membership(person_id=twin.id, organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.THERAPIST, since=date(2020, 1, 1)))  # fmt: skip
    data = long(
        row(), row(department="Хирургическое отделение"), row(email="PERSON50@medcab.example", day="02.12.2026")
    )
    found = await look(cast.admin, await keep(cast.admin, data))
    assert "подходят несколько" in found.changes[0].errors[0]
    assert [each.worker.id for each in found.changes[1:] if each.worker] == [UUID(int=50), UUID(int=50)]


async def test_several_specialties_must_be_told_apart(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add_all(
            PracticeRight(person_id=cast.doctor.person_id, specialty=name) for name in ("Терапия", "Кардиология")
        )
    data = long(row(minutes=""), row(day="02.12.2026", specialty="кардиология", minutes=""))
    found = await look(cast.head, await keep(cast.head, data))
    assert "Терапия" in found.changes[0].errors[0]
    assert [(one.specialty, one.slot_minutes) for one in found.changes[1].after] == [("Кардиология", 24)]


async def test_a_right_or_a_place_that_ends_within_the_month(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(PracticeRight(person_id=cast.doctor.person_id, specialty="Терапия", until=day(10)))
        place = (await session.exec(select(Membership).where(Membership.person_id == cast.colleague.person_id))).one()
        place.until = day(10)
    found = await look(cast.head, await keep(cast.head, matrix({DOCTOR: {9: "9-15", 11: "9-15"}, COLLEAGUE: {10: "9-12", 11: "9-12"}})))  # fmt: skip
    assert [each.kind for each in found.changes] == [Kind.NEW, Kind.WRONG, Kind.NEW, Kind.WRONG]
    assert "в клинике не работает" in found.changes[3].errors[0]


async def test_a_holiday_is_a_warning(cast: Cast) -> None:
    found = await look(cast.head, await keep(cast.head, long(row(day="04.01.2027"), row(COLLEAGUE, day="12.01.2027"))))
    assert [each.warnings for each in found.changes] == [("Праздничный день.",), ()]
    assert found.changes[0].kind is Kind.NEW


async def test_who_may_bring_a_file(cast: Cast) -> None:
    sheet = await keep(cast.head, long(row()))
    for name in ("doctor", "colleague", "neighbour", "pharmacist", "unverified", "support", "security", "foreigner"):
        actor = cast.everyone()[name]
        for act in (look(actor, sheet), keep(actor, long(row()))):
            with pytest.raises(Forbidden):
                await act
        with pytest.raises(Forbidden):
            await apply(actor, sheet, seen="x")
    with pytest.raises(NotFound):
        await look(cast.nurse, sheet)  # another's
    assert (await look(cast.admin, sheet)).changes
    foreign = replace(cast.admin, organisation_id=UUID(int=0xC2))
    told = set()
    for wanted in (sheet, uuid4()):
        for act in (look(foreign, wanted), apply(foreign, wanted, seen="x")):
            with pytest.raises(NotFound) as refusal:
                await act
            told.add(refusal.value.message)
    assert len(told) == 1
    assert (await bring(cast.nurse, long(row()))).opened == 1


async def test_one_entry_in_the_journal(cast: Cast) -> None:
    await bring(cast.head, matrix({DOCTOR: {1: "9-15", 2: "О"}, COLLEAGUE: {1: "9-15"}}))
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).where(col(AuditEntry.action).startswith("schedule:")))).all()
    assert [each.action for each in entries] == [Action.ROTA_ADD, Action.ROTA_APPLY]


async def test_a_file_that_nobody_applies_is_forgotten(cast: Cast, now: clock.Clock) -> None:
    sheet = await keep(cast.head, long(row()))
    other = await keep(cast.head, long(row()))
    async with db.transaction() as session:
        await service.discard(session, cast.head, sheet_id=other)
    now.tick(service.KEPT + timedelta(minutes=1))
    async with db.transaction() as session:
        await service.forget(session)
        assert not (await session.exec(select(RotaSheet))).all()
    with pytest.raises(NotFound):
        await look(cast.head, sheet)


@pytest.mark.parametrize(
    "data", [b"", b"a;b\n1;2\n", "ФИО;Дата\n".encode(), "ФИО;Дата;С;До\n".encode(), "ФИО;1;2\nИванова;;\n".encode()]
)
async def test_what_is_no_rota_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        await service.read(data, "x.csv")
    assert refusal.value.errors.keys() == {"file"}


async def test_a_worker_whose_right_is_suspended(cast: Cast) -> None:
    async with db.transaction() as session:
        worker = await session.get_one(Person, cast.doctor.person_id)
        worker.standing = Standing.SUSPENDED
    found = await look(cast.head, await keep(cast.head, long(row())))
    assert "приостановлено" in found.changes[0].errors[0]


async def test_hours_in_the_night_before_reach_into_the_day(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(Reception(
            organisation_id=CLINIC, department_id=WARD, practitioner_id=cast.doctor.person_id, slot_minutes=30, starts_at=at(11 * 60, days=7),
            ends_at=at(25 * 60, days=7),
        ))  # fmt: skip
    found = await look(cast.head, await keep(cast.head, long(row())))
    assert "уже есть приём" in found.changes[0].errors[0]


async def _two_wards(cast: Cast) -> None:
    """The doctor receives in the other department as well, on the afternoon of the first of December."""
    there = Membership(
        person_id=cast.doctor.person_id, organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.THERAPIST, since=date(2020, 1, 1)
    )  # fmt: skip
    async with db.transaction() as session:
        session.add(there)
    await offer(cast.doctor.person_id, days=8, starts=400, ends=460, department_id=OTHER_WARD)


async def test_leave_that_was_entered_after_the_look_is_not_opened_unseen(cast: Cast) -> None:
    sheet = await keep(cast.head, long(row()))
    seen = (await look(cast.head, sheet)).seen
    async with db.transaction() as session:
        await away.bring_in(session, cast.doctor, wanted=[Closed(DECEMBER, day(7))], reason="Болезнь")
    with pytest.raises(StalePreview):
        await apply(cast.head, sheet, seen=seen)
    assert await closed(cast.doctor) == [(DECEMBER, day(7), "Болезнь")]


async def test_one_department_neither_closes_anothers_hours_nor_loses_them(cast: Cast) -> None:
    await _two_wards(cast)
    before = await hours(cast.doctor, DECEMBER)
    with pytest.raises(Conflict):
        await bring(cast.head, matrix({"Иванова А.П.": {1: "В", 2: "9-12"}}))
    assert await hours(cast.doctor, DECEMBER) == before
    async with db.transaction() as session:
        leave = Closed(DECEMBER, DECEMBER)
        await closing.close_days(
            session, cast.admin, practitioner_id=cast.doctor.person_id, closed=leave, reason="Отпуск"
        )
    await bring(cast.head, long(row(department="Терапевтическое отделение")))
    assert len(await hours(cast.doctor, DECEMBER)) == 2
    await assert_figures_true(OTHER_WARD)
