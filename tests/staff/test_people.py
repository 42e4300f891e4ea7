"""What an administrator does about one person: at once, in this clinic only, never leaving it without an administrator."""

import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Action, Actor, Permission, Role
from medcab.accounts.administration import service as administration
from medcab.accounts.models import DecisionKind, LoginSession, Membership, Person, StaffDecision, Standing
from medcab.accounts.queries import holds_on
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import AppointmentStatus, VisitKind
from medcab.staff import queries
from medcab.staff.people import service as people
from medcab.staff.person import service
from medcab.staff.person.state import story_row
from medcab.staff.queries import Wanted
from medcab.staff.rules import Days, Employment, State
from medcab.staff.service import NewPlace
from tests.accounts.conftest import Enter
from tests.api.browser import sent
from tests.cast import CLINIC, FOREIGN_WARD, MORNING, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import book, offer

DAY = timedelta(days=1)
NURSE = NewPlace(Role.NURSE, WARD, "медсестра", 50)


async def membership_of(actor: Actor) -> UUID:
    async with db.reading() as session:
        query = select(Membership.id).where(Membership.person_id == actor.person_id)
        return (await session.exec(query)).first() or uuid4()


async def do(verb, actor: Actor, **facts):
    async with db.transaction() as session:
        return await verb(session, actor, **facts)


async def suspend(cast: Cast, whom: Actor, *, until: str = "", agreed: bool = True) -> None:
    await do(
        service.suspend, cast.admin, person_id=whom.person_id, until=until, reason="Служебная проверка", agreed=agreed
    )


async def dismiss(cast: Cast, whom: Actor, last: date, *, agreed: bool = True) -> None:
    last_day = last.strftime("%d.%m.%Y")
    await do(service.dismiss, cast.admin, person_id=whom.person_id, last_day=last_day, reason="", agreed=agreed)


async def second_admin(cast: Cast) -> None:
    await do(
        service.add_place, cast.admin, person_id=cast.head.person_id, place=NewPlace(Role.CLINIC_ADMIN, None, "", 100)
    )


async def visit(cast: Cast, starts, *, status: AppointmentStatus = AppointmentStatus.BOOKED) -> None:
    async with db.transaction() as session:
        session.add(
            Appointment(
                organisation_id=CLINIC, department_id=WARD, practitioner_id=cast.doctor.person_id, patient_id=cast.patient_id,
                kind=next(iter(VisitKind)), status=status, starts_at=starts, ends_at=starts + timedelta(minutes=15), booked_at=MORNING,
            )
        )  # fmt: skip


def verbs(person_id: UUID, membership_id: UUID) -> dict[str, tuple]:
    """Everything that can be done about a person, with facts that would do."""
    return {
        "look": (service.look, {"person_id": person_id}),
        "add_place": (service.add_place, {"person_id": person_id, "place": NewPlace(Role.PHARMACIST, None, "", 100)}),
        "change_place": (service.change_place, {"membership_id": membership_id, "place": NURSE}),
        "end_place": (service.end_place, {"membership_id": membership_id}),
        "suspend": (service.suspend, {"person_id": person_id, "until": "", "reason": "x", "agreed": True}),
        "restore": (service.restore, {"person_id": person_id}),
        "dismiss": (service.dismiss, {"person_id": person_id, "last_day": "30.11.2026", "reason": "", "agreed": True}),
        "keep": (service.keep, {"person_id": person_id}),
    }


VERBS = list(verbs(uuid4(), uuid4()))


@pytest.mark.parametrize("name", VERBS)
async def test_people_of_another_clinic_do_not_exist(cast: Cast, foreign_admin: Actor, name: str) -> None:
    """Theirs for us, ours for them, and nobody at all: one and the same answer."""
    theirs = verbs(cast.foreigner.person_id, await membership_of(cast.foreigner))[name]
    ours = verbs(cast.doctor.person_id, await membership_of(cast.doctor))[name]
    nobody = verbs(uuid4(), uuid4())[name]
    told = set()
    for actor, (verb, facts) in ((cast.admin, theirs), (foreign_admin, ours), (cast.admin, nobody)):
        with pytest.raises(NotFound) as refusal:
            await do(verb, actor, **facts)
        told.add(refusal.value.message)
    assert len(told) == 1


@pytest.mark.parametrize("name", VERBS)
async def test_only_an_administrator_may(cast: Cast, name: str) -> None:
    verb, facts = verbs(cast.colleague.person_id, await membership_of(cast.colleague))[name]
    for part, actor in cast.everyone().items():
        if part == "admin":
            continue
        with pytest.raises(Forbidden):
            await do(verb, actor, **facts)


async def test_a_foreign_department_is_none(cast: Cast) -> None:
    for department in (FOREIGN_WARD, uuid4()):
        place = NewPlace(Role.NURSE, department, "", 100)
        with pytest.raises(NotFound):
            await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=place)
        with pytest.raises(NotFound):
            await do(service.change_place, cast.admin, membership_id=await membership_of(cast.doctor), place=place)


async def test_a_suspension_bites_at_the_next_click_and_only_here(cast: Cast, enter: Enter) -> None:
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=cast.doctor.person_id, organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, role=Role.NURSE, since=date(2021, 1, 1)
            )
        )  # fmt: skip
    seen, token = await enter(cast.doctor)
    assert seen.organisation_id == CLINIC
    await suspend(cast, cast.doctor)
    after = await actor_for(None, token)
    assert after
    assert (after.organisation_id, after.roles) == (OTHER_CLINIC, {Role.NURSE})
    with pytest.raises(NotFound):
        await do(sessions.choose_organisation, after, organisation_id=CLINIC)
    await do(service.restore, cast.admin, person_id=cast.doctor.person_id)
    await do(sessions.choose_organisation, after, organisation_id=CLINIC)
    again = await actor_for(None, token)
    assert again
    assert (again.organisation_id, again.roles) == (CLINIC, {Role.SPECIALIST})


async def test_rights_follow_the_choice_of_clinic(cast: Cast, enter: Enter, foreign_admin: Actor) -> None:
    """Administrator in one clinic, nurse in the other: what may be done is of the one chosen."""
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=foreign_admin.person_id,
                organisation_id=CLINIC,
                department_id=WARD,
                role=Role.NURSE,
                since=date(2021, 1, 1),
            )
        )
    _, token = await enter(foreign_admin)
    for clinic, may in ((OTHER_CLINIC, True), (CLINIC, False), (OTHER_CLINIC, True)):
        actor = await actor_for(None, token)
        assert actor
        await do(sessions.choose_organisation, actor, organisation_id=clinic)
        actor = await actor_for(None, token)
        assert actor
        assert actor.may(Permission.STAFF) is may
        with pytest.raises(NotFound if may else Forbidden):
            await do(service.look, actor, person_id=cast.doctor.person_id)


async def test_a_suspension_ends_by_itself_after_its_last_day(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    await suspend(cast, cast.doctor, until="24.11.2026")
    roles = []
    for _ in range(3):
        _, token = await enter(cast.doctor)
        actor = await actor_for(None, token)
        assert actor
        roles.append(bool(actor.roles))
        now.tick(DAY)
    assert roles == [False, False, True]
    await suspend(cast, cast.doctor)  # the one that has run out is no obstacle


async def test_the_last_day_is_worked_and_the_next_is_not(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    await dismiss(cast, cast.doctor, clock.today())
    _, token = await enter(cast.doctor)
    actor = await actor_for(None, token)
    assert actor
    assert actor.roles
    now.tick(DAY)
    _, token = await enter(cast.doctor)
    actor = await actor_for(None, token)
    assert actor
    assert not actor.roles


async def test_a_dismissal_can_be_taken_back_until_it_comes_true(cast: Cast, now: clock.Clock) -> None:
    await dismiss(cast, cast.doctor, clock.today() + DAY)
    await do(service.keep, cast.admin, person_id=cast.doctor.person_id)
    await dismiss(cast, cast.doctor, clock.today() + DAY)
    with pytest.raises(Conflict):
        await dismiss(cast, cast.doctor, clock.today())
    now.tick(2 * DAY)
    with pytest.raises(Conflict):
        await do(service.keep, cast.admin, person_id=cast.doctor.person_id)


async def test_who_comes_back_begins_anew(cast: Cast, now: clock.Clock) -> None:
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=NURSE)
    await dismiss(cast, cast.doctor, clock.today())
    with pytest.raises(Conflict):
        await do(
            service.add_place,
            cast.admin,
            person_id=cast.doctor.person_id,
            place=NewPlace(Role.PHARMACIST, None, "", 100),
        )
    now.tick(DAY)
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=NURSE)
    async with db.reading() as session:
        _, known, places = await queries.worker(session, CLINIC, cast.doctor.person_id)
    assert known.state_on(clock.today()) is State.WORKS
    assert [place.role for place in places if place.days.hold_on(clock.today())] == [Role.NURSE]


async def test_the_register_brings_nobody_back_whom_the_clinic_sent_away(cast: Cast, session: AsyncSession) -> None:
    """A suspended or dismissed worker who has the register confirm their employment once more gains nothing."""
    for person, kind in ((cast.doctor, DecisionKind.SUSPENSION), (cast.colleague, DecisionKind.DISMISSAL)):
        session.add(
            StaffDecision(
                person_id=person.person_id, organisation_id=CLINIC, kind=kind, since=clock.today() - DAY, decided_at=clock.now()
            )
        )  # fmt: skip
        await session.flush()
        assert not await administration.employ(
            session, person.person_id, organisation="Городская клиника № 1", post="врач", role=Role.NURSE
        )


async def test_what_is_booked_is_told_first(cast: Cast) -> None:
    for days in (1, 9):
        await visit(cast, MORNING + timedelta(days=days))
    await visit(cast, MORNING + timedelta(days=2), status=AppointmentStatus.CANCELLED)
    with pytest.raises(Invalid) as refusal:
        await suspend(cast, cast.doctor, until="25.11.2026", agreed=False)
    assert "1\u00a0приём" in refusal.value.errors["agreed"]
    with pytest.raises(Invalid) as refusal:
        await dismiss(cast, cast.doctor, clock.today(), agreed=False)
    assert "2\u00a0приёма" in refusal.value.errors["agreed"]
    await dismiss(cast, cast.doctor, clock.today() + 20 * DAY, agreed=False)  # nothing is booked after that


async def test_an_administrator_stays_in_the_clinic(cast: Cast) -> None:
    own = await membership_of(cast.admin)
    for verb, facts in (
        (service.end_place, {"membership_id": own}),
        (service.change_place, {"membership_id": own, "place": NURSE}),
        (service.suspend, {"person_id": cast.admin.person_id, "until": "", "reason": "x", "agreed": True}),
        (service.dismiss, {"person_id": cast.admin.person_id, "last_day": "30.11.2026", "reason": "", "agreed": True}),
    ):
        with pytest.raises(Conflict):
            await do(verb, cast.admin, **facts)


async def test_whoever_leaves_later_does_not_count_as_the_administrator_who_is_left(cast: Cast) -> None:
    """Each takes care of the other's departure: the second must not succeed."""
    await second_admin(cast)
    await dismiss(cast, cast.head, clock.today() + 5 * DAY)
    head = Actor(
        person_id=cast.head.person_id, session_id=uuid4(), name="Г", organisation_id=CLINIC, roles=frozenset({Role.CLINIC_ADMIN}), is_active=True
    )  # fmt: skip
    for name in ("suspend", "dismiss", "end_place", "change_place"):
        verb, facts = verbs(cast.admin.person_id, await membership_of(cast.admin))[name]
        with pytest.raises(Conflict):
            await do(verb, head, **facts)


async def test_places_are_given_changed_and_taken(cast: Cast, now: clock.Clock) -> None:
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=NURSE)
    with pytest.raises(Conflict):
        await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=NURSE)
    with pytest.raises(Invalid):
        await do(
            service.add_place,
            cast.admin,
            person_id=cast.doctor.person_id,
            place=NewPlace(Role.DEPARTMENT_HEAD, None, "", 100),
        )
    moved = NewPlace(Role.SPECIALIST, OTHER_WARD, "врач", 75)
    own = await membership_of(cast.doctor)
    await do(service.change_place, cast.admin, membership_id=own, place=moved)
    async with db.reading() as session:
        found = await service.look(session, cast.admin, person_id=cast.doctor.person_id, again=True)
    now_held = {(one.role, one.department_id, one.rate) for one in found.places if one.days.hold_on(clock.today())}
    assert now_held == {(Role.NURSE, WARD, 50), (Role.SPECIALIST, OTHER_WARD, 75)}
    assert [line.action for line in found.history] == [Action.STAFF_PLACE_CHANGE, Action.STAFF_PLACE_ADD]
    async with db.reading() as session:
        for department, count in ((WARD, 0), (OTHER_WARD, 1)):
            wanted = Wanted(name="Иванова", department_id=department, role=Role.SPECIALIST)
            assert (await people.listed(session, cast.admin, wanted=wanted)).total == count
    with pytest.raises(Conflict):
        await do(service.end_place, cast.admin, membership_id=own)
    for place in found.places:
        if place.role is Role.NURSE:
            await do(service.end_place, cast.admin, membership_id=place.id)
    [left] = [place.id for place in found.places if place.role is Role.SPECIALIST and place.days.until is None]
    with pytest.raises(Conflict):
        await do(service.end_place, cast.admin, membership_id=left)


async def test_a_place_that_begins_later_gives_nothing_before(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    later = NewPlace(Role.NURSE, WARD, "", 100, since="25.11.2026")
    await do(service.add_place, cast.admin, person_id=cast.pharmacist.person_id, place=later)
    held = []
    for _ in range(3):
        _, token = await enter(cast.pharmacist)
        actor = await actor_for(None, token)
        assert actor
        held.append(Role.NURSE in actor.roles)
        now.tick(DAY)
    assert held == [False, False, True]


async def test_medcabs_own_roles_are_not_the_clinics(cast: Cast, enter: Enter) -> None:
    """Support and security are neither seen nor touched by a clinic, also where the same person is its worker."""
    with pytest.raises(NotFound):
        await suspend(cast, cast.security)
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=cast.doctor.person_id,
                organisation_id=CLINIC,
                role=Role.SECURITY_ADMIN,
                since=date(2021, 1, 1),
            )
        )
    await suspend(cast, cast.doctor)
    _, token = await enter(cast.doctor)
    actor = await actor_for(None, token)
    assert actor
    assert actor.roles == {Role.SECURITY_ADMIN}


async def test_the_person_is_told_and_the_journal_knows(cast: Cast) -> None:
    await suspend(cast, cast.doctor)
    await do(service.restore, cast.admin, person_id=cast.doctor.person_id)
    await dismiss(cast, cast.doctor, clock.today())
    letters = [one for one in await sent("mail") if one["to"] == "person1@medcab.example"]
    assert [
        next(word for word in ("приостановлены", "возвращены", "увольнение") if word in letter["text"])
        for letter in letters
    ] == ["приостановлены", "возвращены", "увольнение"]
    assert "Служебная проверка" in letters[0]["text"]
    async with db.reading() as session:
        mine = select(AuditEntry).where(AuditEntry.subject == str(cast.doctor.person_id)).order_by(col(AuditEntry.seq))
        lines = (await session.exec(mine)).all()
        stored = (await session.exec(select(LoginSession))).all()
    assert [line.action for line in lines] == [Action.STAFF_SUSPEND, Action.STAFF_RESTORE, Action.STAFF_DISMISS]
    assert not any("Служебная" in line.details for line in lines)
    async with db.reading() as session:
        found = await service.look(session, cast.admin, person_id=cast.doctor.person_id, again=True)
    assert [story_row(line)["what"] for line in found.history] == [
        "Оформлено увольнение: по 23.11.2026", "Права возвращены", "Права приостановлены",
    ]  # fmt: skip
    assert not any(one.ended_at for one in stored)


async def test_the_database_and_the_rule_see_the_same(cast: Cast) -> None:
    """200 random histories: a place that SQL counts as held is one that the rule counts, on every day."""
    rng, today = random.Random(7), clock.today()

    def some(days: int) -> date:
        return today + timedelta(days=rng.randint(-days, days))

    for _ in range(40):
        since, ends = some(6), rng.choice([None, rng.randint(0, 6)])
        place = Days(since, since + timedelta(days=ends) if ends is not None else None)
        begins, lasts = some(6), rng.choice([None, rng.randint(0, 6)])
        suspension = rng.choice([None, Days(begins, begins + timedelta(days=lasts) if lasts is not None else None)])
        dismissal = rng.choice([None, Days(some(6))])
        known = Employment((place,), suspension, dismissal)
        async with db.transaction() as session:
            held = await session.get_one(Membership, await membership_of(cast.doctor))
            held.since, held.until = place.since, place.until
            session.add(held)
            for old in (await session.exec(select(StaffDecision))).all():
                await session.delete(old)
            await session.flush()
            for kind, days in ((DecisionKind.SUSPENSION, suspension), (DecisionKind.DISMISSAL, dismissal)):
                if days:
                    session.add(
                        StaffDecision(
                            person_id=cast.doctor.person_id, organisation_id=CLINIC, kind=kind, since=days.since, until=days.until, decided_at=clock.now()
                        )
                    )  # fmt: skip
        async with db.reading() as session:
            for ahead in range(-6, 13, 3):
                day = today + timedelta(days=ahead)
                query = select(Membership.id).where(Membership.person_id == cast.doctor.person_id, holds_on(day))
                assert bool((await session.exec(query)).first()) is known.works_on(day), (known, day)
            for state in State:
                rows, _ = await queries.people(session, CLINIC, Wanted(name="Иванова", state=state), today, 1)
                assert bool(rows) is (known.state_on(today) is state), (known, state)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(name="ивано"), ["Иванова"]),
        (
            Wanted(name="Анна Петро"),
            ["Аптекарева", "Главная", "Иванова", "Новикова", "Петрова", "Порядкова", "Сестрина", "Соседова"],
        ),
        (Wanted(name="чужакова"), []),
        (Wanted(name="охранова"), []),
        (Wanted(name="%"), []),
        (Wanted(department_id=OTHER_WARD), ["Соседова"]),
        (Wanted(department_id=FOREIGN_WARD), []),
        (Wanted(role=Role.CLINIC_ADMIN), ["Порядкова"]),
        (Wanted(state=State.DISMISSED), []),
    ],
)
async def test_the_list_is_searched_and_filtered(cast: Cast, wanted: Wanted, found: list[str]) -> None:
    async with db.reading() as session:
        listed = await people.listed(session, cast.admin, wanted=wanted, page=1)
    assert [line.name.split()[0] for line in listed.lines] == found
    assert listed.total == len(found)


async def test_the_list_is_the_clinics_own_and_paged(cast: Cast, foreign_admin: Actor) -> None:
    async with db.reading() as session:
        theirs = await people.listed(session, foreign_admin, wanted=Wanted(), page=99)
        for actor in (cast.doctor, cast.head, cast.support):
            with pytest.raises(MedcabError):
                await people.listed(session, actor, wanted=Wanted(), page=1)
    assert [line.name.split()[0] for line in theirs.lines] == ["Хозяйкина", "Чужакова"]
    assert (theirs.page, theirs.pages) == (1, 1)


async def test_nobody_takes_back_their_own_dismissal(cast: Cast) -> None:
    await second_admin(cast)
    await dismiss(cast, cast.head, clock.today() + DAY)
    head = replace(cast.head, roles=frozenset({Role.CLINIC_ADMIN}))
    with pytest.raises(Conflict, match="О себе решает"):
        await do(service.keep, head, person_id=head.person_id)


async def test_whoever_has_left_is_not_changed_but_taken_on_anew(cast: Cast, now: clock.Clock) -> None:
    held = await membership_of(cast.doctor)
    await suspend(cast, cast.doctor)
    await dismiss(cast, cast.doctor, clock.today())
    now.tick(DAY)
    for attempt in (
        do(service.change_place, cast.admin, membership_id=held, place=NURSE), do(service.end_place, cast.admin, membership_id=held),
        suspend(cast, cast.doctor),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            await attempt
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=NURSE)
    async with db.reading() as session:
        query = select(Membership.role).where(Membership.person_id == cast.doctor.person_id, holds_on(clock.today()))
        assert (await session.exec(query)).all() == [Role.NURSE], "the suspension was of the time that has ended"


async def test_an_administrator_who_cannot_sign_in_to_it_is_none(cast: Cast) -> None:
    """The clinic would be left to somebody who was never verified."""
    await second_admin(cast)
    async with db.transaction() as session:
        (await session.get_one(Person, cast.head.person_id)).standing = Standing.UNVERIFIED
    head = replace(cast.head, roles=frozenset({Role.CLINIC_ADMIN}))
    with pytest.raises(Conflict):
        await do(
            service.dismiss,
            head,
            person_id=cast.admin.person_id,
            last_day=f"{clock.today():%d.%m.%Y}",
            reason="",
            agreed=True,
        )


async def test_nobody_is_booked_with_somebody_who_will_not_be_there(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=1)
    await dismiss(cast, cast.doctor, clock.today())
    with pytest.raises(Conflict, match="не работает"):
        await book(cast, cast.head, 0, days=1)
