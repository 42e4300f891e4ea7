"""Some hours of an absence, and many visits moved without one: what was open and booked comes back exactly."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.accounts.models import Person, Standing
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.jobs import Later
from medcab.schedule import service as schedule
from medcab.schedule.absences import service
from medcab.schedule.absences.models import Absence, Outcome
from medcab.schedule.absences.planning.service import Line, Task
from medcab.schedule.absences.rows import service as drawn
from medcab.schedule.absences.service import Decision, Unsettled
from medcab.schedule.absences.state import AbsenceState
from medcab.schedule.absences.telling.service import tell
from medcab.schedule.calendar.service import Choice
from medcab.schedule.hours.days import service as days
from medcab.schedule.models import Appointment
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceClosed, ResourceKind
from medcab.schedule.rules import visits
from medcab.schedule.rules.proposals import Aim, Policy
from medcab.schedule.rules.slots import Span, slots, without
from medcab.schedule.rules.templates import Block, Closed, Template
from medcab.schedule.rules.templates import Plan as Rota
from medcab.schedule.rules.visits import Act, AppointmentStatus
from medcab.schedule.waiting.offers import service as offers
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.outbox import sent
from tests.schedule.moving import (
    AFTERNOON,
    MORNING,
    TODAY,
    TOMORROW,
    applied,
    as_proposed,
    everything,
    free,
    moved,
    planned,
    taken_back,
    weekly,
)
from tests.schedule.reception import assert_figures_true, at, book, monday, offer, stored
from tests.schedule.waiting import wish


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Twenty to eight on the Monday."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def test_whoever_is_there_already_is_named(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    ids = [await book(cast, cast.doctor, minutes) for minutes in (0, 15, 30)]
    now.tick(timedelta(minutes=85))
    async with db.transaction() as session:
        await schedule.mark(session, cast.nurse, appointment_id=ids[1], version=1, act=Act.ARRIVED)
    found = await planned(cast.head, cast, Closed(TODAY, TODAY))
    assert [visit.id for visit, _ in found.present] == ids[:2]
    assert [line.visit.id for line in found.lines] == ids[2:]
    with pytest.raises(Invalid, match="уже прошло"):
        await applied(cast.head, cast, Closed(TODAY, TODAY, 0, 9 * 60), {})
    with pytest.raises(Invalid, match="позже начала"):
        await applied(cast.head, cast, Closed(TODAY, TODAY, 14 * 60, 14 * 60), {})


async def test_a_list_goes_to_a_colleague(cast: Cast, now: clock.Clock) -> None:
    """Half of the morning: the rest stays, and so do the hours."""
    await monday(cast)
    ids = [await book(cast, cast.doctor, minutes) for minutes in (0, 15, 30)]
    before, hours_before = await everything(), await free(cast)
    staying = {ids[1]}
    aim = Aim(worker=cast.colleague.person_id)
    found = await planned(cast.nurse, cast, MORNING, aim, closes=False, staying=staying)
    assert [bool(line.offers) for line in found.lines] == [True, False, True], "nothing is proposed to whoever stays"
    decisions = {line.visit.id: moved(line) for line in found.lines if line.offers} | {ids[1]: Decision(1, None)}
    key = await applied(cast.nurse, cast, MORNING, decisions, closes=False)
    rows = [await stored(one) for one in ids]
    whose = {True: cast.colleague.person_id, False: cast.doctor.person_id}
    assert [row.practitioner_id for row in rows] == [whose[True], whose[False], whose[True]]
    assert [row.starts_at for row in rows] == [at(0), at(15), at(30)], "at the same times"
    assert await free(cast) == sorted({*hours_before, 0, 30})
    await assert_figures_true()
    async with db.reading() as session:
        [entry] = await session.exec(select(AuditEntry).where(AuditEntry.action == Action.ABSENCE_APPLY.value))
    assert '"moved": 2' in entry.details
    assert isinstance(await tell(key, {"absence_id": str(key)}), Later)
    assert await taken_back(cast.nurse, key) == []
    assert await everything() == before
    now.tick(timedelta(hours=1))
    await tell(key, {"absence_id": str(key)})
    assert await sent("sms") == []


async def test_a_day_goes_to_another_day(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    ids = [await book(cast, cast.doctor, minutes) for minutes in (0, 45, 240)]
    found = await planned(cast.admin, cast, Closed(TODAY, TODAY), Aim(Policy.OWN, day=TOMORROW), closes=False)
    assert [line.offers[0].span.starts_at for line in found.lines] == [at(0, days=1), at(45, days=1), at(165, days=1)]
    to_colleague = Aim(Policy.OWN, worker=cast.colleague.person_id, day=TODAY)
    found_there = await planned(cast.admin, cast, Closed(TODAY, TODAY), to_colleague, closes=False)
    assert [line.offers[0].span.starts_at for line in found_there.lines] == [at(0), at(45), at(240)], "to the hour"
    decisions = as_proposed(found)
    decisions[ids[2]] = Decision(1, Outcome.CALL)
    key = await applied(cast.admin, cast, Closed(TODAY, TODAY), decisions, closes=False)
    now.tick(timedelta(minutes=10))
    await tell(key, {"absence_id": str(key)})
    texts = " ".join(one["text"] for one in await sent("sms"))
    assert texts.count("перенесена на 24.11") == 2, "whoever is called is not written to"
    with pytest.raises(Conflict):
        await taken_back(cast.admin, key)


async def test_it_is_done_once(cast: Cast, now: clock.Clock) -> None:
    """A second click, an answer that was lost, a colleague with the same list."""
    await monday(cast)
    await book(cast, cast.doctor, 0)
    decisions = as_proposed(await planned(cast.head, cast, MORNING, closes=False))
    key = uuid4()
    for _ in range(2):
        assert await applied(cast.head, cast, MORNING, decisions, closes=False, key=key) == key
    with pytest.raises(Unsettled, match="изменили"):
        await applied(cast.admin, cast, MORNING, decisions, closes=False)
    async with db.reading() as session:
        assert len((await session.exec(select(Absence))).all()) == 1
    async with db.transaction() as session:
        task = Task(cast.colleague.person_id, MORNING, closes=False)
        with pytest.raises(NotFound):
            await service.apply(session, cast.head, key=key, task=task, reason="", decisions={})


async def test_what_was_changed_meanwhile_is_named_and_nothing_is_done(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    ids = [await book(cast, cast.doctor, minutes) for minutes in (0, 15)]
    decisions = as_proposed(await planned(cast.head, cast, MORNING, closes=False))
    async with db.transaction() as session:
        await schedule.cancel(session, cast.head, appointment_id=ids[0], version=1, reason="По просьбе пациента")
    with pytest.raises(Unsettled, match=r"изменили: Сидоров И\. С\., 23\.11\.2026, 09:00"):
        await applied(cast.head, cast, MORNING, decisions, closes=False)
    assert (await stored(ids[1])).practitioner_id == cast.doctor.person_id
    await book(cast, cast.doctor, 60)
    del decisions[ids[0]]
    with pytest.raises(Unsettled, match="записали ещё одного"):
        await applied(cast.head, cast, MORNING, decisions, closes=False)
    stay = {line.visit.id: Decision(1, None) for line in (await planned(cast.head, cast, MORNING, closes=False)).lines}
    with pytest.raises(Invalid, match="кого перенести"):
        await applied(cast.head, cast, MORNING, stay, closes=False)
    with pytest.raises(Unsettled, match="решите"):
        await applied(cast.head, cast, MORNING, stay)


async def test_on_top_of_the_plan_and_confirmed_is_how_it_comes_back(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    sure = await book(cast, cast.doctor, 0)
    above = await book(cast, cast.head, 5, over_reason="Острая боль")
    async with db.transaction() as session:
        await session.execute(sa.update(Appointment).where(col(Appointment.id) == sure).values(confirmed_at=at(-90)))
    before = await everything()
    key = await applied(cast.head, cast, MORNING, as_proposed(await planned(cast.head, cast, MORNING)))
    row = await stored(above)
    assert (row.is_over, row.practitioner_id) == (False, cast.colleague.person_id), (
        "with the colleague it has a time of its own"
    )
    assert (await stored(sure)).confirmed_at is None
    assert await taken_back(cast.head, key) == []
    assert await everything() == before


async def test_one_move_is_taken_back_as_it_was(cast: Cast, now: clock.Clock) -> None:
    """By the bar of the page: on top of the plan where it stood so, confirmed where it was, whatever else the patient has."""
    await monday(cast)
    await book(cast, cast.doctor, 0)
    above = await book(cast, cast.head, 5, over_reason="Острая боль")
    patient_id = (await stored(above)).patient_id
    await book(cast, cast.doctor, 45, patient_id=patient_id, knows_of=frozenset({above}))
    async with db.transaction() as session:
        await session.execute(sa.update(Appointment).where(col(Appointment.id) == above).values(confirmed_at=at(-90)))
    before = await everything()
    former = await moved_by_hand(cast, above, 1, 60)
    async with db.transaction() as session:
        await schedule.put_back(
            session, cast.head, appointment_id=above, version=2, within_hours=True, **visits.former(former)
        )
    assert await everything() == before
    former = await moved_by_hand(cast, above, 3, 240)
    await applied(cast.head, cast, Closed(TODAY, TODAY, 8 * 60, 9 * 60 + 15), {
        line.visit.id: Decision(line.visit.version, Outcome.CALL)
        for line in (await planned(cast.head, cast, Closed(TODAY, TODAY, 8 * 60, 9 * 60 + 15))).lines
    })  # fmt: skip
    async with db.transaction() as session:
        with pytest.raises(Conflict, match="больше не принимает"):
            await schedule.put_back(
                session, cast.head, appointment_id=above, version=4, within_hours=True, **visits.former(former)
            )


async def moved_by_hand(cast: Cast, visit: UUID, version: int, minutes: int) -> visits.Visit:
    patient = frozenset({each.id for each in await of_patient(visit)})
    async with db.transaction() as session:
        return await schedule.move(
            session, cast.head, appointment_id=visit, version=version, starts_at=at(minutes), knows_of=patient
        )


async def of_patient(visit: UUID) -> list[Appointment]:
    patient_id = (await stored(visit)).patient_id
    async with db.reading() as session:
        return list(await session.exec(select(Appointment).where(Appointment.patient_id == patient_id)))


async def test_freed_time_is_not_offered_while_it_may_be_taken_back(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    now.tick(timedelta(hours=1, minutes=25))
    await book(cast, cast.doctor, 240)
    await wish(cast)
    found = await planned(cast.head, cast, AFTERNOON, closes=False)
    await applied(cast.head, cast, AFTERNOON, as_proposed(found), closes=False)
    asked = {
        "organisation_id": str(CLINIC), "practitioner_id": str(cast.doctor.person_id), "starts_at": at(240).isoformat(), "ends_at": at(255).isoformat(),
        "after": clock.now().isoformat(),
    }  # fmt: skip
    assert isinstance(await offers.offer_freed(uuid4(), asked), Later)
    now.tick(timedelta(minutes=10))
    assert await offers.offer_freed(uuid4(), asked) is None
    async with db.reading() as session:
        held = select(Appointment).where(Appointment.status == AppointmentStatus.OFFERED)
        assert len((await session.exec(held)).all()) == 1


async def test_somebody_had_the_time_when_it_was_taken_back(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    first = await book(cast, cast.doctor, 0)
    key = await applied(
        cast.head, cast, MORNING, as_proposed(await planned(cast.head, cast, MORNING, closes=False)), closes=False
    )
    await book(cast, cast.doctor, 0)
    [left] = await taken_back(cast.head, key)
    assert "заняли" in left
    assert (await stored(first)).practitioner_id == cast.colleague.person_id
    await assert_figures_true()


async def test_those_of_one_ward_move_their_own(cast: Cast, now: clock.Clock) -> None:
    """Visits of the same doctor elsewhere are not theirs to move; an absence, which is of all of them, is the clinic's to enter."""
    await monday(cast)
    own = await book(cast, cast.doctor, 0)
    other = await book(cast, cast.doctor, 15)
    async with db.transaction() as session:
        await session.execute(
            sa.update(Appointment).where(col(Appointment.id) == other).values(department_id=OTHER_WARD)
        )
    assert [line.visit.id for line in (await planned(cast.head, cast, MORNING, closes=False)).lines] == [own]
    with pytest.raises(Conflict, match="администратор"):
        await planned(cast.head, cast, MORNING)


@pytest.mark.parametrize("who", ["neighbour", "foreigner", "pharmacist", "unverified", "colleague", "support"])
async def test_only_those_of_the_place(cast: Cast, now: clock.Clock, who: str) -> None:
    await monday(cast)
    await book(cast, cast.doctor, 0)
    decisions = as_proposed(await planned(cast.head, cast, MORNING, closes=False))
    key = await applied(cast.head, cast, MORNING, decisions, closes=False)
    actor: Actor = getattr(cast, who)
    attempts: list[Any] = [
        planned(actor, cast, MORNING, closes=False), applied(actor, cast, MORNING, decisions, closes=False), taken_back(actor, key),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises((NotFound, Forbidden)):
            await attempt


async def test_as_many_questions_for_a_hundred_as_for_one(cast: Cast, now: clock.Clock) -> None:
    """The plan's; and what is asked for each visit that is moved stays little."""
    await monday(cast)
    asked: list[str] = []
    for engine in {db.engine("read"), db.engine("write")}:
        sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for number in (1, 8):
        for minutes in range(0, number * 15, 15):
            if minutes in await free(cast):
                await book(cast, cast.doctor, minutes)
        asked.clear()
        found = await planned(cast.head, cast, MORNING, closes=False)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    asked.clear()
    await applied(cast.head, cast, MORNING, as_proposed(found), closes=False)
    assert len(asked) < 40 + 20 * len(found.lines)


minutes = st.integers(0, 60 * 24)
parts = st.tuples(st.integers(0, 600), st.integers(1, 400), st.integers(5, 60), minutes, minutes)


@given(parts)
def test_what_is_left_of_hours_keeps_its_cuts(asked: tuple[int, ...]) -> None:
    starts, length, step, one, other = asked
    whole, gone = Span(at(starts), at(starts + length)), Span(at(min(one, other)), at(max(one, other) + 1))
    left = without(whole, gone, step)
    before = slots(whole, step)
    after = [slot for each in left for slot in slots(each, step)]
    assert after == [slot for slot in before if not slot.overlaps(gone)]
    blocks = Block(starts, starts + length).without(Block(min(one, other), max(one, other) + 1), step)
    assert [Span(at(block.starts), at(block.ends)) for block in blocks] == left


@given(st.integers(0, 5), st.integers(0, 5), minutes, minutes)
def test_closed_hours_take_what_lies_in_them(first: int, more: int, one: int, other: int) -> None:
    closed = Closed(TODAY + timedelta(days=first), TODAY + timedelta(days=first + more), one % 1440, max(other, 1))
    span = closed.span(schedule.zone())
    template = Template(
        weekdays=frozenset(range(7)),
        starts=540,
        ends=900,
        break_starts=720,
        break_ends=780,
        slot_minutes=20,
        since=TODAY,
    )
    rota = Rota(((uuid4(), template, TODAY - timedelta(days=1)),))
    shut = replace(rota, closed=(closed,))
    for number in range(12):
        day = TODAY + timedelta(days=number)
        whole = [slot for each in rota.spans_on(day, schedule.zone()) for slot in slots(each, 20)]
        left = [slot for each in shut.spans_on(day, schedule.zone()) for slot in slots(each, 20)]
        if span.minutes > 0:
            assert left == [slot for slot in whole if not slot.overlaps(span)]


def test_a_long_plan_is_shown_in_parts() -> None:
    """What is sent with every choice stays small; the summary and what is done are of all."""
    page = AbsenceState()
    options: list[Choice] = [
        {"id": f"{uuid4()}/{at(0).isoformat()}", "name": "24.11.2026, 09:00, Петрова А. П., каб. 214"}
    ] * 6
    page._all = [
        {"id": str(number), "version": 1, "when": "", "name": "Сидоров И. С.", "options": options if number % 100 else [], "problem": ""}
        for number in range(224)
    ]  # fmt: skip
    page._choices = {line["id"]: drawn.proposed(line) for line in page._all}
    page._count()
    assert (len(page.lines), page.part, page.has_more) == (50, "1–50 из 224", True)
    assert page.summary.endswith("приёма: перенести 221, позвонить 3")
    page._first += 50
    page._choose({line["id"]: "cancelled" for line in page._all})
    assert ([page.lines[0]["id"], page.lines[-1]["id"]], page.part) == (["50", "99"], "51–100 из 224")
    assert page.summary.endswith("приёма: отменить 224")
    assert page.chosen == {str(number): "cancelled" for number in range(50, 100)}
    page._first += 5000
    page._count()
    assert ([page.lines[0]["id"], page.lines[-1]["id"]], page.has_more) == (["200", "223"], False)
    page.is_only_hopeless, page._first = True, 0
    page._count()
    assert ([line["id"] for line in page.lines], page.part) == (["0", "100", "200"], "")
    page._trouble("130", "Это время только что заняли.")
    page._count()
    assert page.part == "101–150 из 224"
    assert page.lines[30]["problem"]
    page._forget()
    page._count()
    assert (page.lines, page.chosen, page.part) == ([], {}, "")


async def test_devices_go_along_or_it_is_refused(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    async with db.transaction() as session:
        holter = Resource(organisation_id=CLINIC, department_id=WARD, kind=ResourceKind.DEVICE, name="Холтер")
        session.add(holter)
    with_it = await book(cast, cast.doctor, 0, devices={holter.id})
    decisions = as_proposed(await planned(cast.head, cast, MORNING))
    assert decisions[with_it].to == (cast.colleague.person_id, at(0))
    async with db.transaction() as session:
        closed = ResourceClosed(resource_id=holter.id, starts_at=at(0), ends_at=at(100), reason="Поверка")
        session.add(closed)
    with pytest.raises(Unsettled, match="на обслуживание"):
        await applied(cast.head, cast, MORNING, decisions)
    [line] = (await planned(cast.head, cast, MORNING)).lines
    assert line.offers[0].span.starts_at == at(105), "as soon as the device is there"
    before = await everything()
    key = await applied(cast.head, cast, MORNING, {with_it: moved(line)})
    async with db.reading() as session:
        [row] = await session.exec(select(AppointmentResource).where(AppointmentResource.resource_id == holter.id))
    assert row.starts_at == at(105)
    async with db.transaction() as session:
        await session.execute(sa.delete(ResourceClosed))
    assert await taken_back(cast.head, key) == []
    assert await everything() == before


async def test_a_substitute_who_may_not_any_more(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    await book(cast, cast.doctor, 0)
    decisions = as_proposed(await planned(cast.head, cast, MORNING, closes=False))
    async with db.transaction() as session:
        suspended = sa.update(Person).where(col(Person.id) == cast.colleague.person_id)
        await session.execute(suspended.values(standing=Standing.SUSPENDED))
    with pytest.raises(Unsettled, match="Запись закрыта"):
        await applied(cast.head, cast, MORNING, decisions, closes=False)
    [line] = (await planned(cast.head, cast, MORNING, closes=False)).lines
    assert {slot.practitioner_id for slot in line.offers} == {cast.doctor.person_id}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_was_done_is_taken_back_exactly(cast: Cast, now: clock.Clock, seed: int) -> None:
    """Any hours, any visits, any time, any decisions."""
    chance = random.Random(seed)
    await weekly(cast)
    async with db.transaction() as session:
        await days.write_days(session)
    for day in chance.sample(range(1, 4), 2):
        await offer(
            cast.doctor.person_id, days=day, starts=chance.choice((-60, 0, 420)), ends=chance.choice((480, 600))
        )
    for day in range(4):
        for start in (await minutes_free(cast, day))[:: chance.randint(2, 4)]:
            await book(cast, cast.doctor, start, days=day)
    first = TODAY + timedelta(days=chance.randint(0, 2))
    time = Closed(
        first, first + timedelta(days=chance.randint(0, 1)), 60 * chance.randint(0, 13), 60 * chance.randint(14, 24)
    )
    closes = chance.random() < 0.6
    before = await everything()
    found = await planned(cast.head, cast, time, Aim(chance.choice(list(Policy))), closes=closes)
    decisions = {line.visit.id: _any(chance, line, closes=closes) for line in found.lines}
    if not closes and not any(each.outcome for each in decisions.values()):
        return
    key = await applied(cast.head, cast, time, decisions, closes=closes)
    await assert_figures_true()
    gone = time.span(schedule.zone())
    if closes:
        for number in range(5):
            slots_left = await free(cast, day=TODAY + timedelta(days=number))
            assert not any(Span(at(start), at(start + 15)).overlaps(gone) for start in slots_left)
    assert await taken_back(cast.admin, key) == []
    assert await everything() == before


async def minutes_free(cast: Cast, day: int) -> list[int]:
    return [start - day * 24 * 60 for start in await free(cast, day=TODAY + timedelta(days=day))]


def _any(chance: random.Random, line: Line, *, closes: bool) -> Decision:
    what = chance.choice((Outcome.MOVED, Outcome.MOVED, Outcome.CANCELLED, Outcome.CALL, None))
    if what is Outcome.MOVED and line.offers:
        return moved(line)
    if what is None and not closes:
        return Decision(line.visit.version, None)
    return Decision(line.visit.version, Outcome.CANCELLED if what is Outcome.CANCELLED else Outcome.CALL)
