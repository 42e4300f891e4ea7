"""What an administrator does about one person: at once, in this clinic only, never leaving it without an administrator."""

import random
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor, Permission, Role
from medcab.accounts.models import DecisionKind, LoginSession, Membership, StaffDecision
from medcab.accounts.queries import holds_on
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.staff import queries
from medcab.staff.people import service as people
from medcab.staff.person import service
from medcab.staff.person.state import story_row
from medcab.staff.queries import Wanted
from medcab.staff.rules import Days, Employment, State
from medcab.staff.service import NewPlace
from tests.accounts.conftest import Enter
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.outbox import sent
from tests.staff.deeds import DAY, NURSE, dismiss, do, membership_of, suspend, verbs

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
    told = {
        word: letter["text"]
        for letter in letters
        for word in ("приостановлены", "возвращены", "увольнение")
        if word in letter["text"]
    }  # the clock stands still here: which was written first is not known
    assert len(letters) == len(told) == 3
    assert "Служебная проверка" in told["приостановлены"]
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
