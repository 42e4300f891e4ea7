"""A doctor calls in sick: all visits are dealt with at once or none; what was done is taken back for a while; patients hear of it once."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action, Actor, Role
from medcab.accounts.models import Membership
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.jobs import Later
from medcab.schedule import service as schedule
from medcab.schedule.absences import queries, service
from medcab.schedule.absences.models import Absence, Outcome
from medcab.schedule.absences.planning.service import Plan, Task, plan
from medcab.schedule.absences.rows import service as drawn
from medcab.schedule.absences.rows.service import DoneRow, Opened
from medcab.schedule.absences.service import Decision, Unsettled
from medcab.schedule.absences.telling.service import day_for, tell
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.models import ReceptionTemplate
from medcab.schedule.rules.proposals import ALTERNATIVES, Aim, Need, Policy, propose
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.visits import Act, AppointmentStatus, VisitKind
from medcab.schedule.rules.waiting import Free, WishState
from medcab.schedule.waiting.offers import service as offers
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.outbox import sent
from tests.schedule import waiting
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday, offer, stored

TODAY = NINE.date()
SICK = Closed(TODAY, TODAY)


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Twenty to eight on the Monday."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def planned(actor: Actor, cast: Cast, closed: Closed = SICK, policy: Policy = Policy.SAME_DAY) -> Plan:
    async with db.reading() as session:
        return await plan(session, actor, task=Task(cast.doctor.person_id, closed), aim=Aim(policy))


def as_proposed(found: Plan) -> dict[UUID, Decision]:
    return {
        line.visit.id: Decision(
            line.visit.version, Outcome.MOVED, (line.offers[0].practitioner_id, line.offers[0].span.starts_at)
        )
        for line in found.lines
    }


async def applied(actor: Actor, cast: Cast, decisions: dict[UUID, Decision], closed: Closed = SICK) -> UUID:
    async with db.transaction() as session:
        task = Task(cast.doctor.person_id, closed)
        return await service.apply(session, actor, key=uuid4(), task=task, reason="Болезнь", decisions=decisions)


async def taken_back(actor: Actor, absence_id: UUID) -> list[str]:
    async with db.transaction() as session:
        return await service.take_back(session, actor, absence_id=absence_id)


async def two_visits(cast: Cast) -> list[UUID]:
    """Of the doctor's Monday, of two patients."""
    await monday(cast)
    async with db.transaction() as session:
        other = await schedule.book(
            session,
            cast.doctor,
            practitioner_id=cast.doctor.person_id,
            patient_id=cast.other_patient_id,
            kind=VisitKind.FIRST,
            starts_at=at(15),
        )
    return [await book(cast, cast.doctor, 0), other]


async def told(absence_id: UUID) -> Later | None:
    return await tell(absence_id, {"absence_id": str(absence_id)})


async def free_of_doctor(cast: Cast) -> list[Span]:
    async with db.reading() as session:
        return await schedule.queries.free_slots(
            session, cast.head, cast.doctor.person_id, bounds(TODAY, 1, schedule.zone()), clock.now(), schedule.zone()
        )


async def test_a_morning_on_which_the_doctor_is_sick(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    found = await planned(cast.head, cast)
    assert [line.visit.id for line in found.lines] == ids
    assert [line.offers[0].span.starts_at for line in found.lines] == [at(0), at(15)], (
        "the colleague has the same times"
    )
    assert {line.offers[0].practitioner_id for line in found.lines} == {cast.colleague.person_id}
    absence_id = await applied(cast.head, cast, as_proposed(found))
    assert {(await stored(one)).practitioner_id for one in ids} == {cast.colleague.person_id}
    assert await free_of_doctor(cast) == []
    await assert_figures_true()
    async with db.reading() as session:
        [entry] = await session.exec(select(AuditEntry).where(AuditEntry.action == Action.ABSENCE_APPLY.value))
    assert '"moved": 2' in entry.details

    assert isinstance(await told(absence_id), Later), "nobody is told while it can be taken back"
    assert await sent("sms") == []
    now.tick(timedelta(minutes=10))
    assert await told(absence_id) is None
    assert await told(absence_id) is None
    texts = [one["text"] for one in await sent("sms")]
    assert len(texts) == 1, "both patients have one telephone, and it rings once"
    assert texts[0].startswith("Ваша запись")
    assert texts[0].count("в силе, примет другой специалист") == len(ids), "nobody is moved to the time they had"
    assert not any(word in texts[0].lower() for word in ("врач", "терап", "иванов", "сидоров"))
    with pytest.raises(Conflict, match="уже нельзя"):
        await taken_back(cast.head, absence_id)


async def test_it_is_taken_back_as_a_whole(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    before = await free_of_doctor(cast)
    found = await planned(cast.head, cast)
    decisions = as_proposed(found)
    decisions[ids[1]] = Decision(1, Outcome.CANCELLED)
    absence_id = await applied(cast.head, cast, decisions)
    assert (await stored(ids[1])).status is AppointmentStatus.CANCELLED
    assert await taken_back(cast.admin, absence_id) == []
    for one, minutes in zip(ids, (0, 15), strict=True):
        row = await stored(one)
        assert (row.practitioner_id, row.starts_at, row.status) == (
            cast.doctor.person_id,
            at(minutes),
            AppointmentStatus.BOOKED,
        )
    assert await free_of_doctor(cast) == before
    await assert_figures_true()
    now.tick(timedelta(hours=1))
    assert await told(absence_id) is None
    assert await sent("sms") == []
    await applied(cast.head, cast, as_proposed(await planned(cast.head, cast)))  # it may be entered anew


async def test_what_was_changed_since_stays_and_is_named(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    absence_id = await applied(cast.head, cast, as_proposed(await planned(cast.head, cast)))
    async with db.transaction() as session:
        await schedule.move(session, cast.head, appointment_id=ids[0], version=2, starts_at=at(60))
    [left] = await taken_back(cast.head, absence_id)
    assert left.startswith("Сидоров И. С.")
    assert (await stored(ids[0])).starts_at == at(60)
    assert (await stored(ids[1])).practitioner_id == cast.doctor.person_id
    await assert_figures_true()


async def test_patients_hear_how_it_stands_when_they_are_told(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    absence_id = await applied(cast.head, cast, as_proposed(await planned(cast.head, cast)))
    async with db.transaction() as session:  # within the grace
        await schedule.move(session, cast.head, appointment_id=ids[0], version=2, starts_at=at(60))
        await schedule.cancel(session, cast.head, appointment_id=ids[1], version=2, reason="По просьбе пациента")
    now.tick(timedelta(minutes=10))
    await told(absence_id)
    [text] = [one["text"] for one in await sent("sms")]
    assert text.startswith("Ваша запись 23.11 в 09:00 перенесена на 23.11 в 10:00. Ваша запись 23.11 в 09:15 отменена.")


@pytest.mark.parametrize(("hour", "told_at"), [(7, 7), (12, 12), (20, 20), (21, 31), (23, 31), (3, 7)])
def test_nobody_is_woken(hour: int, told_at: int) -> None:
    midnight = bounds(TODAY, 1, schedule.zone()).starts_at
    assert day_for(midnight + timedelta(hours=hour)) == midnight + timedelta(hours=told_at)


async def looked_at(actor: Actor, absence_id: UUID) -> tuple[Opened, list[DoneRow], int]:
    """The page of an absence; and how many are still to be called, as the list says."""
    async with db.transaction() as session:
        row, dealt = await service.opened(session, actor, absence_id=absence_id)
        [(_, _, count)], _ = await queries.listed(session, CLINIC, [row.practitioner_id], 1, closes=True)
    return drawn.opened(row, "Иванова А. П.", dealt), [drawn.done(each, row.taken_back_at) for each in dealt], count


async def test_whoever_could_not_be_put_back_is_named_and_told(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    absence_id = await applied(cast.head, cast, as_proposed(await planned(cast.head, cast)))
    async with db.transaction() as session:
        await schedule.move(session, cast.head, appointment_id=ids[0], version=2, starts_at=at(60))
    assert len(await taken_back(cast.head, absence_id)) == 1
    head, rows, _ = await looked_at(cast.head, absence_id)
    assert head["standing"] == "Отсутствие отменено, всё возвращено, кроме отмеченных ниже."
    assert rows[0]["what"].startswith("не вернулся, изменён позже")
    assert rows[1]["what"] == "на прежнем месте"
    assert isinstance(await told(absence_id), Later)
    now.tick(timedelta(minutes=11))
    for _ in range(2):
        assert await told(absence_id) is None
    [text] = [one["text"] for one in await sent("sms")]
    assert text == "Ваша запись 23.11 в 09:00 перенесена на 23.11 в 10:00. ГК № 1"
    with pytest.raises(Conflict, match="уже возвращено"):
        await taken_back(cast.head, absence_id)


async def test_whoever_needs_no_call_is_not_counted(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    absence_id = await applied(cast.head, cast, {one: Decision(1, Outcome.CALL) for one in ids})
    _, rows, count = await looked_at(cast.head, absence_id)
    assert ([row["to_call"] for row in rows], count) == ([True, True], 2)
    async with db.transaction() as session:
        await schedule.cancel(session, cast.nurse, appointment_id=ids[0], version=1, reason="Позвонил сам")
    _, rows, count = await looked_at(cast.head, absence_id)
    assert ([row["to_call"] for row in rows], count) == ([False, True], 1)
    assert await taken_back(cast.head, absence_id) == []
    head, rows, count = await looked_at(cast.head, absence_id)
    assert ([row["to_call"] for row in rows], count) == ([False, False], 0)
    assert head["standing"] == "Отсутствие отменено, всё возвращено."


async def test_at_night_it_is_said_that_messages_go_in_the_morning(cast: Cast, now: clock.Clock) -> None:
    tuesday = Closed(TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    await monday(cast)
    now.tick(timedelta(hours=13, minutes=15))
    absence_id = await applied(cast.head, cast, {}, tuesday)
    head, _, _ = await looked_at(cast.head, absence_id)
    assert head["until"] == "Всё можно вернуть до 21:05. Сообщения пациентам уйдут в 07:00."
    now.tick(timedelta(minutes=11))
    head, _, _ = await looked_at(cast.head, absence_id)
    assert (head["until"], head["standing"]) == ("", "Сообщения пациентам уйдут в 07:00.")
    with pytest.raises(Conflict, match="уже нельзя: десять минут прошли"):
        await taken_back(cast.head, absence_id)


def test_a_reason_is_shown_as_it_was_written() -> None:
    row = Absence(
        organisation_id=CLINIC,
        practitioner_id=OWN,
        closed_id=uuid4(),
        since=TODAY,
        until=TODAY,
        reason="ОРВИ",
        made_by_id=OWN,
        made_at=NINE,
        tell_at=NINE,
    )
    assert drawn.row(row, "Иванова А. П.", 0)["note"] == "ОРВИ"


async def test_nobody_is_woken_after_an_outage(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    absence_id = await applied(cast.head, cast, {one: Decision(1, Outcome.CANCELLED) for one in ids})
    now.tick(timedelta(hours=18))  # twenty to two at night
    assert await told(absence_id) == Later(timedelta(hours=5, minutes=20).total_seconds())
    assert await sent("sms") == []


async def test_nobody_is_sent_to_two_places_at_once(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    decisions = as_proposed(await planned(cast.head, cast))
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    patient_id = (await stored(ids[0])).patient_id
    await book(cast, cast.admin, 0, practitioner=cast.neighbour, patient_id=patient_id, knows_of=frozenset(ids))
    with pytest.raises(Unsettled, match="другой приём") as refused:
        await applied(cast.head, cast, decisions)
    assert refused.value.appointment_id == ids[0]
    assert {(await stored(one)).practitioner_id for one in ids} == {cast.doctor.person_id}
    [first, _] = (await planned(cast.head, cast)).lines
    assert at(0) not in {slot.span.starts_at for slot in first.offers}


async def test_all_or_nothing(cast: Cast, now: clock.Clock) -> None:
    ids = await two_visits(cast)
    decisions = as_proposed(await planned(cast.head, cast))
    async with db.transaction() as session:  # the colleague's second time is taken meanwhile
        await schedule.book(
            session, cast.colleague, practitioner_id=cast.colleague.person_id, patient_id=cast.patient_id, kind=VisitKind.FIRST,
            starts_at=at(15), knows_of=frozenset(ids),
        )  # fmt: skip
    with pytest.raises(Unsettled, match="заняли") as refused:
        await applied(cast.head, cast, decisions)
    assert refused.value.appointment_id == ids[1]
    assert {(await stored(one)).practitioner_id for one in ids} == {cast.doctor.person_id}
    assert await free_of_doctor(cast)
    async with db.reading() as session:
        assert (await session.exec(select(Absence))).all() == []
    third = await book(cast, cast.doctor, 300)
    with pytest.raises(Unsettled, match="записали ещё одного"):
        await applied(cast.head, cast, decisions)
    decisions = {one: Decision(1, Outcome.CALL) for one in (*ids, third)}
    absence_id = await applied(cast.head, cast, decisions)
    assert (await stored(third)).starts_at == at(300), "whoever is called keeps the visit until then"
    async with db.transaction() as session:
        await service.called(session, cast.nurse, absence_id=absence_id, appointment_id=third, is_called=True)
        _, dealt = await service.opened(session, cast.head, absence_id=absence_id)
    assert [bool(each.done.called_at) for each in dealt] == [False, False, True]
    await assert_figures_true()


async def test_the_same_absence_is_entered_once(cast: Cast, now: clock.Clock) -> None:
    await two_visits(cast)
    decisions = as_proposed(await planned(cast.head, cast))
    await applied(cast.head, cast, decisions)
    for closed in (SICK, Closed(TODAY, TODAY + timedelta(days=3))):
        with pytest.raises(Conflict, match="уже внесено"):
            await applied(cast.admin, cast, decisions, closed)


async def test_days_that_were_opened_again_may_be_entered_anew(cast: Cast, now: clock.Clock) -> None:
    """Also when some of them have been: what has been stays closed, what is ahead is nobody's absence."""
    await monday(cast)
    absence_id = await applied(cast.head, cast, {}, Closed(TODAY, TODAY + timedelta(days=5)))
    now.tick(timedelta(days=1))
    async with db.transaction() as session:
        row = await session.get_one(Absence, absence_id)
        assert row.closed_id
        await closing.open_days(session, cast.head, closed_id=row.closed_id)
    now.tick(timedelta(days=1))
    day = TODAY + timedelta(days=3)
    await applied(cast.head, cast, {}, Closed(day, day))
    with pytest.raises(Conflict, match="уже внесено"):
        await applied(cast.head, cast, {}, Closed(day, day + timedelta(days=1)))


@pytest.mark.parametrize("who", ["neighbour", "foreigner", "pharmacist", "unverified", "colleague", "support"])
async def test_only_those_of_the_place(cast: Cast, now: clock.Clock, who: str) -> None:
    await two_visits(cast)
    decisions = as_proposed(await planned(cast.head, cast))
    absence_id = await applied(cast.head, cast, decisions)
    actor: Actor = getattr(cast, who)
    attempts: list[Any] = [planned(actor, cast), applied(actor, cast, decisions), taken_back(actor, absence_id)]
    for attempt in attempts:
        with pytest.raises((NotFound, Forbidden)):
            await attempt
    async with db.transaction() as session:
        with pytest.raises((NotFound, Forbidden)):
            await service.opened(session, actor, absence_id=absence_id)


async def in_two_wards(cast: Cast) -> list[UUID]:
    """The doctor sees somebody in the morning, and somebody in another ward in the afternoon; both wards have a colleague."""
    for who in (cast.doctor, cast.colleague):
        await offer(who.person_id)
    for who in (cast.doctor, cast.neighbour):
        await offer(who.person_id, starts=240, ends=360, department_id=OTHER_WARD)
    async with db.transaction() as session:
        session.add(Membership(
            person_id=cast.doctor.person_id, organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.SPECIALIST, since=date(2020, 1, 1)
        ))  # fmt: skip
    return [await book(cast, cast.admin, 0), await book(cast, cast.admin, 240)]


async def test_an_absence_of_two_wards_is_taken_back_by_the_clinic(cast: Cast, now: clock.Clock) -> None:
    """Half of it would leave the other half moved, and nobody told."""
    ids = await in_two_wards(cast)
    absence_id = await applied(cast.admin, cast, as_proposed(await planned(cast.admin, cast)))
    places = [(row.practitioner_id, row.department_id) for row in [await stored(one) for one in ids]]
    assert places == [(cast.colleague.person_id, WARD), (cast.neighbour.person_id, OTHER_WARD)]
    for who in (cast.head, cast.nurse, cast.doctor):
        with pytest.raises(Conflict, match="администратор"):
            await taken_back(who, absence_id)
    assert [(row.practitioner_id, row.department_id) for row in [await stored(one) for one in ids]] == places
    assert await taken_back(cast.admin, absence_id) == []
    assert {(await stored(one)).practitioner_id for one in ids} == {cast.doctor.person_id}


async def test_a_call_of_another_ward_is_not_ticked(cast: Cast, now: clock.Clock) -> None:
    own, other = await in_two_wards(cast)
    calls = {one: Decision(1, Outcome.CALL) for one in (own, other)}
    absence_id = await applied(cast.admin, cast, calls)
    for one, is_theirs in ((own, True), (other, False)):
        with pytest.raises(NotFound) if not is_theirs else nullcontext():
            async with db.transaction() as session:
                await service.called(session, cast.head, absence_id=absence_id, appointment_id=one, is_called=True)


async def test_hours_of_another_ward_are_not_closed_or_opened(cast: Cast, now: clock.Clock) -> None:
    """Nobody is booked there yet, and still they are that ward's."""
    await in_two_wards(cast)
    person_id, tuesday = cast.doctor.person_id, TODAY + timedelta(days=1)
    async with db.transaction() as session:
        for ward, starts in ((WARD, 540), (OTHER_WARD, 840)):
            session.add(ReceptionTemplate(
                organisation_id=CLINIC, department_id=ward, practitioner_id=person_id, weekdays=127, weeks="all", starts=starts, ends=starts + 60,
                slot_minutes=15, since=TODAY, written_until=TODAY,
            ))  # fmt: skip
    both, own = Closed(tuesday, tuesday), Closed(tuesday, tuesday, 0, 12 * 60)
    attempts: list[Any] = [
        planned(cast.head, cast, both),
        applied(cast.head, cast, {}, both),
        shut(cast.head, person_id, both),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict, match="другом отделении"):
            await attempt
    await applied(cast.head, cast, {}, own)
    absence_id = await applied(cast.doctor, cast, {}, Closed(tuesday + timedelta(days=1), tuesday + timedelta(days=1)))
    with pytest.raises(Conflict, match="другом отделении"):
        await taken_back(cast.head, absence_id)
    assert await taken_back(cast.doctor, absence_id) == []


@pytest.mark.parametrize("is_absence", [True, False])
async def test_a_visit_does_not_come_back_into_closed_time(cast: Cast, now: clock.Clock, *, is_absence: bool) -> None:
    """Called off, then the day was closed: nobody would tell the patient that the doctor is not there."""
    await monday(cast)
    visit = await book(cast, cast.nurse, 0)
    async with db.transaction() as session:
        await schedule.cancel(session, cast.nurse, appointment_id=visit, version=1, reason="По просьбе пациента")
    absence_id = None
    if is_absence:
        absence_id = await applied(cast.head, cast, {})
    else:
        await shut(cast.head, cast.doctor.person_id, SICK)
    with pytest.raises(Conflict, match="больше не принимает"):
        await undone(cast.nurse, visit)
    assert (await stored(visit)).status is AppointmentStatus.CANCELLED
    if absence_id:
        assert await taken_back(cast.head, absence_id) == []
        await undone(cast.nurse, visit)
    await assert_figures_true()


@pytest.mark.parametrize("is_absence", [True, False])
async def test_closed_time_is_not_offered(cast: Cast, now: clock.Clock, *, is_absence: bool) -> None:
    """Whoever waits was not asked yet, and has refused nothing."""
    await monday(cast)
    wish = await waiting.wish(cast)
    tuesday = Closed(TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    assert await waiting.free(cast, 0, days=1)
    assert await waiting.free(cast, 240) is False, "one offer at a time"
    if is_absence:
        await applied(cast.head, cast, {}, tuesday)
    else:
        await shut(cast.head, cast.doctor.person_id, tuesday)
    row = await waiting.row(wish)
    assert (row.state, row.appointment_id, row.offers) == (WishState.WAITING, None, 0)
    now.tick(timedelta(minutes=90))
    [payload] = await sent(offers.OFFER)
    assert await offers.carry_offer(uuid4(), payload) is None
    assert await waiting.texts() == []
    assert await waiting.free(cast, 0, days=1) is False
    assert await waiting.free(cast, 240), "another day's may be"


async def undone(actor: Actor, visit: UUID) -> None:
    async with db.transaction() as session:
        await schedule.mark(session, actor, appointment_id=visit, version=2, act=Act.UNDO)


async def shut(actor: Actor, practitioner_id: UUID, closed: Closed) -> None:
    """On the page of hours."""
    async with db.transaction() as session:
        assert await closing.close_days(session, actor, practitioner_id=practitioner_id, closed=closed) == []


async def test_a_doctor_enters_their_own(cast: Cast, now: clock.Clock) -> None:
    await two_visits(cast)
    found = await planned(cast.doctor, cast, policy=Policy.OWN)
    assert {slot.practitioner_id for line in found.lines for slot in line.offers} == {cast.doctor.person_id}
    assert found.lines[0].offers[0].span.starts_at == at(0, days=1), "on Tuesday"
    await applied(cast.doctor, cast, as_proposed(found))


async def test_days_make_sense(cast: Cast, now: clock.Clock) -> None:
    with pytest.raises(Invalid):
        await planned(cast.head, cast, Closed(TODAY - timedelta(days=1), TODAY))


OWN, OTHER = UUID(int=1), UUID(int=2)
THINGS = [UUID(int=3), UUID(int=4)]
spans = st.integers(0, 400).map(lambda n: Span(at(15 * n), at(15 * n + 15)))
frees = st.lists(
    st.builds(Free, spans, st.just(WARD), st.sampled_from([OWN, OTHER]), st.sampled_from(["Терапия", "Хирургия"])),
    max_size=30,
    unique=True,
)
needs = st.lists(
    st.builds(
        Need, st.uuids(), spans, st.sampled_from(["Терапия", "Хирургия"]), st.lists(spans, max_size=3).map(tuple),
        st.frozensets(st.sampled_from(THINGS)),
    ),
    max_size=12, unique_by=lambda need: need.id,
)  # fmt: skip
days = st.integers(-1, 4).map(lambda n: TODAY + timedelta(days=n))
aims = st.builds(Aim, st.sampled_from(Policy), st.sampled_from([None, OWN, OTHER]), st.none() | days)


@given(needs, frees, aims)
def test_proposals(asked: list[Need], offered: list[Free], aim: Aim) -> None:
    found = propose(asked, offered, OWN, aim, schedule.zone())
    assert found.keys() == {need.id for need in asked}, "every visit is accounted for"
    first = [slots[0] for slots in found.values() if slots]
    assert len(first) == len(set(first)), "no time is proposed twice"
    for one, other in combinations([need for need in asked if found[need.id]], 2):
        if one.things & other.things:
            best = found[one.id][0].span
            assert not any(best.overlaps(slot.span) for slot in found[other.id]), "nobody is to be in two places"
    for need in asked:
        _demand_good(need, found[need.id], offered, aim)
    assert propose(list(reversed(asked)), list(reversed(offered)), OWN, aim, schedule.zone()) == found


def _demand_good(need: Need, slots: list[Free], offered: list[Free], aim: Aim) -> None:
    assert len(slots) <= 1 + ALTERNATIVES
    could = [slot for slot in offered if slot.specialty == need.specialty and aim.lets(slot, schedule.zone())]
    for slot in slots:
        assert slot in could
        assert aim.day or day_of(slot.span.starts_at, schedule.zone()) >= day_of(need.span.starts_at, schedule.zone())
        assert not any(slot.span.overlaps(busy) for busy in need.busy)
    if slots and aim == Aim(Policy.OWN):
        is_later = [slot.practitioner_id == OWN and slot.span.starts_at >= need.span.starts_at for slot in slots]
        assert is_later[0] or not any(is_later)
    if slots and aim.policy is Policy.SAME_DAY and not aim.day:
        day = day_of(need.span.starts_at, schedule.zone())
        is_on_day = [
            day_of(slot.span.starts_at, schedule.zone()) == day for slot in slots if slot.practitioner_id != OWN
        ]
        assert is_on_day == sorted(is_on_day, reverse=True)
