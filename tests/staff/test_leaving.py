"""Who is suspended, dismissed, or leaves: what bites at once, what waits for its day, what can be taken back."""

from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, live
from medcab.access import Actor, Role
from medcab.accounts.administration import service as administration
from medcab.accounts.models import DecisionKind, Membership, Person, StaffDecision, Standing
from medcab.accounts.queries import holds_on
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.errors import Conflict, Invalid, NotFound
from medcab.schedule.rules.visits import AppointmentStatus
from medcab.staff import queries
from medcab.staff.person import service
from medcab.staff.rules import State
from medcab.staff.service import NewPlace
from tests.accounts.conftest import Enter
from tests.cast import CLINIC, FOREIGN_WARD, MORNING, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import book, offer
from tests.staff.deeds import DAY, NURSE, dismiss, do, membership_of, second_admin, suspend, verbs, visit


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


async def test_whoever_looks_at_the_figures_of_a_department_sees_who_may_work_at_once(cast: Cast) -> None:
    """Suspended, restored, dismissed, kept; another role, another department, one that ends the day it began."""
    heard: list[UUID] = []

    async def told(deed: Awaitable[object]) -> set[UUID]:
        heard.clear()
        await deed
        return set(heard)

    with ExitStack() as stack:
        for ward in (WARD, OTHER_WARD, FOREIGN_WARD):
            stack.enter_context(live.listening(f"figures:{ward}", partial(heard.append, ward)))
        whom = {"person_id": cast.doctor.person_id}
        assert await told(suspend(cast, cast.doctor)) == {WARD}
        assert await told(do(service.restore, cast.admin, **whom)) == {WARD}
        assert await told(dismiss(cast, cast.doctor, clock.today() + DAY)) == {WARD}
        assert await told(do(service.keep, cast.admin, **whom)) == {WARD}
        there = NewPlace(Role.NURSE, OTHER_WARD, "", 100)
        assert await told(do(service.add_place, cast.admin, place=there, **whom)) == {WARD, OTHER_WARD}
        async with db.reading() as session:
            places = select(Membership.id, Membership.department_id).where(
                Membership.person_id == cast.doctor.person_id
            )
            held = {ward: key for key, ward in (await session.exec(places)).all()}
        assert await told(do(service.end_place, cast.admin, membership_id=held[OTHER_WARD])) == {WARD, OTHER_WARD}
        moved = NewPlace(Role.SPECIALIST, OTHER_WARD, "", 100)
        assert await told(do(service.change_place, cast.admin, membership_id=held[WARD], place=moved)) == {
            WARD,
            OTHER_WARD,
        }
