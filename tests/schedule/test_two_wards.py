"""A head of one ward who is a plain doctor in another: a head in the first, a plain doctor in the second, in every place that asks."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from medcab import clock, db
from medcab.access import Actor, Permission, Role
from medcab.accounts.models import Factor, Membership, Person
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.compliance import service as compliance
from medcab.errors import Conflict, Forbidden, NotFound
from medcab.guard.tab import Owner
from medcab.schedule import service as schedule
from medcab.schedule.absences.planning.service import Task, plan
from medcab.schedule.booking.service import left_above
from medcab.schedule.calendar import service as calendar
from medcab.schedule.hours import service as hours
from medcab.schedule.queue import service as queue
from medcab.schedule.resources import service as desk
from medcab.schedule.rules.address import Address
from medcab.schedule.rules.proposals import Aim, Policy
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import Closed
from medcab.schedule.waiting import service as waiting
from medcab.schedule.waiting.queries import Filter
from medcab.settings import get_settings
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule import test_resources as resources
from tests.schedule import waiting as wishes
from tests.schedule.reception import NINE, at, book, offer
from tests.schedule.rotas import COLLEAGUE, NEIGHBOUR, keep, long, look, row
from tests.schedule.test_hours import close, weekly
from tests.schedule.test_hours import keep as keep_template

TODAY = NINE.date()


async def works_too(actor: Actor, role: Role, ward: UUID) -> Actor:
    """With one more role in another ward, as the guard sees them."""
    async with db.transaction() as session:
        session.add(
            Membership(person_id=actor.person_id, organisation_id=CLINIC, department_id=ward, role=role, since=TODAY)
        )
        person = await session.get(Person, actor.person_id)
        assert person
        token = (await sessions.start(session, person, Factor.TOTP)).token
    found = await actor_for(None, token)
    assert found
    return found


@pytest.fixture
async def both(cast: Cast) -> AsyncIterator[Actor]:
    """Head of WARD, doctor in OTHER_WARD, where the neighbour sees patients too; everybody's Monday is open."""
    with clock.frozen(NINE - timedelta(minutes=30)):
        actor = await works_too(cast.head, Role.SPECIALIST, OTHER_WARD)
        await offer(cast.doctor.person_id)
        for who in (cast.neighbour, actor):
            await offer(who.person_id, department_id=OTHER_WARD)
        yield actor


def test_a_role_opens_its_own_department(cast: Cast) -> None:
    posts = frozenset({(Role.DEPARTMENT_HEAD, WARD), (Role.SPECIALIST, OTHER_WARD)})
    both = replace(
        cast.head,
        department_ids=frozenset({WARD, OTHER_WARD}),
        roles=frozenset(role for role, _ in posts),
        posts=posts,
    )
    assert both.departments_with(Permission.SCHEDULE_DEPARTMENT) == {WARD}
    assert both.departments_with(Permission.SCHEDULE_EDIT) == {WARD, OTHER_WARD}
    assert both.departments_with(Permission.STAFF) == frozenset()
    closed = replace(both, is_active=False)
    assert closed.departments_with(Permission.SCHEDULE_DEPARTMENT) == frozenset(), "the standing is lost"
    old = replace(both, must_change_password=True)
    assert old.departments_with(Permission.SCHEDULE_DEPARTMENT) == frozenset(), "the password is too old"
    swapped = replace(both, posts=frozenset({(Role.DEPARTMENT_HEAD, OTHER_WARD), (Role.SPECIALIST, WARD)}))
    assert Owner.of(both) != Owner.of(swapped), "a tab that was filled for one is wiped for the other"


async def test_the_guard_sees_which_role_is_held_where(cast: Cast, both: Actor) -> None:
    assert both.posts == {(Role.DEPARTMENT_HEAD, WARD), (Role.SPECIALIST, OTHER_WARD)}


async def test_the_schedule_of_the_other_ward_is_closed_but_for_the_own(cast: Cast, both: Actor) -> None:
    theirs = await book(cast, cast.neighbour, 0, practitioner=cast.neighbour)
    own = await book(cast, both, 0, practitioner=both)
    async with db.transaction() as session:
        known = await calendar.people(session, both)
        assert set(known) == {str(each.person_id) for each in (both, cast.doctor, cast.colleague, cast.unverified)}
        with pytest.raises(NotFound):
            await calendar.week(session, both, practitioner_id=cast.neighbour.person_id, day=TODAY)
        with pytest.raises(NotFound):
            await calendar.board(session, both, at=Address(day=TODAY, department=OTHER_WARD))
        with pytest.raises(NotFound):
            await schedule.cancel(session, both, appointment_id=theirs, version=1, reason="Не придёт")
        await schedule.cancel(session, both, appointment_id=own, version=1, reason="Не придёт")
    with pytest.raises(NotFound):
        await book(cast, both, 30, practitioner=cast.neighbour)


async def test_the_queue_is_the_headed_wards_and_of_the_other_the_own(cast: Cast, both: Actor) -> None:
    await book(cast, cast.neighbour, 0, practitioner=cast.neighbour)
    own = await book(cast, both, 0, practitioner=both)
    ours = await book(cast, cast.doctor, 0)
    async with db.reading() as session:
        found = await queue.today(session, both)
        assert (list(found.departments), found.department_id) == ([WARD, OTHER_WARD], WARD)
        assert [each.seen.facts.id for each in found.places] == [ours]
        there = await queue.today(session, both, department_id=OTHER_WARD)
        assert [(each.seen.facts.id, each.seen.visit.practitioner_id) for each in there.places] == [
            (own, both.person_id)
        ]
        assert set(there.people) == {both.person_id}, "of nobody else's there"
        assert there.places[0].room == "214"


async def test_a_nurse_of_one_ward_has_her_own_queue_as_a_doctor_of_another(cast: Cast) -> None:
    with clock.frozen(NINE - timedelta(minutes=30)):
        both = await works_too(cast.nurse, Role.SPECIALIST, OTHER_WARD)
        await offer(both.person_id, department_id=OTHER_WARD)
        own = await book(cast, both, 0, practitioner=both)
        async with db.reading() as session:
            found = await queue.today(session, both, department_id=OTHER_WARD)
    assert ([each.seen.facts.id for each in found.places], set(found.people)) == ([own], {both.person_id})


async def test_hours_are_the_heads_in_the_own_ward_and_ones_own_everywhere(cast: Cast, both: Actor) -> None:
    there = replace(weekly(), department_id=OTHER_WARD)
    with pytest.raises(NotFound):
        await keep_template(both, cast.neighbour, there)
    with pytest.raises(NotFound):
        await close(both, cast.neighbour, TODAY, TODAY)
    assert await keep_template(both, cast.doctor, weekly()) == []
    assert await keep_template(both, both, there) == []


async def test_a_doctor_of_both_wards_is_left_to_who_answers_for_both(cast: Cast, both: Actor) -> None:
    """The doctor works in the other ward too: neither these hours are closed nor these visits dealt with."""
    await works_too(cast.doctor, Role.SPECIALIST, OTHER_WARD)
    await offer(cast.doctor.person_id, starts=240, ends=360, department_id=OTHER_WARD)
    await book(cast, cast.doctor, 240)
    task = Task(cast.doctor.person_id, Closed(TODAY, TODAY))
    async with db.reading() as session:
        assert await hours.require_worker(session, both, cast.doctor.person_id) == {WARD}
        with pytest.raises(Conflict, match="администратор клиники"):
            await plan(session, both, task=task, aim=Aim(Policy.SAME_DAY))
        with pytest.raises(NotFound):
            await plan(
                session, both, task=replace(task, practitioner_id=cast.neighbour.person_id), aim=Aim(Policy.SAME_DAY)
            )
    with pytest.raises(Conflict, match="администратор клиники"):
        await close(both, cast.doctor, TODAY, TODAY)


async def test_a_rota_plans_the_headed_ward(cast: Cast, both: Actor) -> None:
    found = await look(both, await keep(both, long(row(COLLEAGUE), row(NEIGHBOUR))))
    assert [bool(each.errors) for each in found.changes] == [False, True]
    assert "в другом отделении" in found.changes[1].errors[0]


async def test_rooms_of_the_other_ward_are_not_kept(cast: Cast, both: Actor) -> None:
    theirs = await resources.listed(cast, "Кабинет УЗИ", department_id=OTHER_WARD)
    ours = await resources.listed(cast, "Перевязочная")
    async with db.transaction() as session:
        found = await desk.overview(session, both)
        assert ([each.row.id for each in found.rows], set(found.places)) == ([ours], {WARD})
        with pytest.raises(NotFound):
            await desk.remove(session, both, resource_id=theirs)
        with pytest.raises(NotFound):
            await desk.close(session, both, resource_id=theirs, span=Span(at(0), at(60)))
        await desk.close(session, both, resource_id=ours, span=Span(at(0), at(60)))
    with pytest.raises(NotFound):
        await resources.keep(both, "Лазерная", department_id=OTHER_WARD)
    with pytest.raises(Conflict, match="администратор клиники"):
        await resources.keep(both, "214")


async def test_a_nurse_of_a_ward_does_not_keep_its_rooms_as_the_head_of_another(cast: Cast) -> None:
    with clock.frozen(NINE):
        both = await works_too(cast.head, Role.NURSE, OTHER_WARD)
        theirs = await resources.listed(cast, "Кабинет УЗИ", department_id=OTHER_WARD)
        async with db.transaction() as session:
            found = {each.row.id: each.may_change for each in (await desk.overview(session, both)).rows}
            assert found == {theirs: False}, "seen, as nurses see it"
            with pytest.raises(NotFound):
                await desk.remove(session, both, resource_id=theirs)


async def test_the_waiting_list_is_the_headed_wards_and_the_own(cast: Cast, both: Actor) -> None:
    theirs = await wishes.wish(cast, actor=cast.neighbour, doctor=cast.neighbour.person_id, department_id=OTHER_WARD)
    own = await wishes.wish(cast, actor=both, doctor=both.person_id, department_id=OTHER_WARD)
    ours = await wishes.wish(cast)
    async with db.transaction() as session:
        found = await waiting.listed(session, both, asked=Filter(), page=1)
        assert {line.wish.id for line in found.lines} == {own, ours}
        with pytest.raises(NotFound):
            await waiting.withdraw(session, both, wish_id=theirs, version=1)
        offered = await waiting.choices(session, both)
        assert {key: wards for key, _, wards in offered.workers if OTHER_WARD in wards} == {
            both.person_id: {OTHER_WARD}
        }, "the head sees no patients in the own ward"
    with pytest.raises(NotFound):
        await wishes.wish(cast, actor=both, doctor=cast.neighbour.person_id, department_id=OTHER_WARD)


async def test_duties_are_shown_of_the_headed_ward(cast: Cast, both: Actor) -> None:
    async with db.reading() as session:
        found = await compliance.people(session, both, compliance.Asked())
        assert [key for key, _ in found.departments] == [WARD]
        assert cast.neighbour.person_id not in {each.id for each in found.workers}
        with pytest.raises(NotFound):
            await compliance.people(session, both, compliance.Asked(department_id=OTHER_WARD))


async def test_a_doctor_of_one_ward_books_above_no_plan_of_another(cast: Cast) -> None:
    """A nurse keeps the schedule of her ward, but not on top of its plan, whatever she is elsewhere."""
    with clock.frozen(NINE - timedelta(minutes=30)):
        both = await works_too(cast.doctor, Role.NURSE, OTHER_WARD)
        for who, ward in ((cast.neighbour, OTHER_WARD), (cast.doctor, WARD)):
            await offer(who.person_id, department_id=ward)
            await book(cast, both, 0, practitioner=who)
        async with db.reading() as session:
            left = [
                await left_above(session, both, practitioner_id=who.person_id, day=TODAY)
                for who in (cast.neighbour, cast.doctor)
            ]
        assert left == [0, get_settings().overbook_a_day]
        with pytest.raises(Forbidden):
            await book(cast, both, 0, practitioner=cast.neighbour, over_reason="Острая ситуация")
        assert await book(cast, both, 0, practitioner=cast.doctor, over_reason="Острая ситуация")


async def test_what_is_shared_between_tabs_is_not_shared_between_reaches(cast: Cast, both: Actor) -> None:
    """Two people of the same roles and wards, the other way round: a push shows each what is theirs."""
    await book(cast, cast.doctor, 0)
    other = replace(
        both, person_id=uuid4(), posts=frozenset({(Role.DEPARTMENT_HEAD, OTHER_WARD), (Role.SPECIALIST, WARD)})
    )
    await calendar.week_again(both, practitioner_id=cast.doctor.person_id, day=TODAY)
    with pytest.raises(NotFound):
        await calendar.week_again(other, practitioner_id=cast.doctor.person_id, day=TODAY)
