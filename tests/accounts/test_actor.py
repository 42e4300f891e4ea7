"""Who is behind a token: as the database sees them now, and nobody once the session is over."""

import time
from datetime import date, timedelta
from statistics import median
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action, Actor, Permission, Role, require
from medcab.accounts.models import LoginSession, Membership, PasswordRecord, Person, Standing
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.audit import AuditEntry
from medcab.errors import Forbidden, NotFound
from medcab.security import tokens
from medcab.settings import get_settings
from tests.accounts.conftest import Enter
from tests.cast import CLINIC, OTHER_CLINIC, WARD, Cast


async def _look(token: str, *, touch: bool = True) -> Actor | None:
    """As the guard sees them; a session must see the same."""
    async with db.reading() as session:
        seen = await actor_for(session, token, touch=False)
    found = await actor_for(None, token, touch=touch)
    assert found == seen
    return found


async def test_an_actor_has_the_roles_of_the_organisation_and_no_more(cast: Cast, enter: Enter) -> None:
    for name, expected in cast.everyone().items():
        actor, _ = await enter(expected)
        assert (actor.person_id, actor.organisation_id, actor.department_ids, actor.roles, actor.is_active, actor.name) == (
            expected.person_id, expected.organisation_id, expected.department_ids, expected.roles, expected.is_active, expected.name,
        ), name  # fmt: skip


async def test_roles_follow_the_chosen_organisation(cast: Cast, enter: Enter) -> None:
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=cast.doctor.person_id,
                organisation_id=OTHER_CLINIC,
                role=Role.DEPARTMENT_HEAD,
                since=date(2021, 1, 1),
            )
        )
    actor, token = await enter(cast.doctor)
    assert (actor.organisation_id, actor.roles) == (CLINIC, {Role.SPECIALIST})
    async with db.transaction() as session:
        await sessions.choose_organisation(session, actor, organisation_id=OTHER_CLINIC)
    there = await _look(token)
    assert there
    assert (there.organisation_id, there.roles, there.department_ids) == (
        OTHER_CLINIC,
        {Role.DEPARTMENT_HEAD},
        frozenset(),
    )
    async with db.reading() as session:
        assert (await session.exec(select(AuditEntry.action).order_by(AuditEntry.seq))).all()[
            -1
        ] == Action.ORGANISATION_CHOOSE


@pytest.mark.parametrize("organisation_id", [OTHER_CLINIC, uuid4()])
async def test_nobody_chooses_an_organisation_they_do_not_work_in(
    cast: Cast, enter: Enter, organisation_id: object
) -> None:
    actor, _ = await enter(cast.doctor)
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await sessions.choose_organisation(session, actor, organisation_id=organisation_id)  # type: ignore[arg-type]


async def test_a_membership_counts_from_its_first_to_its_last_day(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    today = clock.today()
    async with db.transaction() as session:
        for role, since, until in (
            (Role.NURSE, today, today), (Role.PHARMACIST, today + timedelta(days=1), None), (Role.THERAPIST, date(2020, 1, 1), today - timedelta(days=1)),
        ):  # fmt: skip
            session.add(
                Membership(
                    person_id=cast.doctor.person_id,
                    organisation_id=CLINIC,
                    department_id=WARD,
                    role=role,
                    since=since,
                    until=until,
                )
            )
    actor, _ = await enter(cast.doctor)
    assert actor.roles == {Role.SPECIALIST, Role.NURSE}


async def test_a_lost_standing_takes_clinical_rights_with_the_next_click(
    cast: Cast, enter: Enter, now: clock.Clock
) -> None:
    actor, token = await enter(cast.doctor)
    assert actor.may(Permission.SCHEDULE_EDIT)
    for standing, until, active in (
        (Standing.ACTIVE, clock.today(), True), (Standing.ACTIVE, clock.today() - timedelta(days=1), False), (Standing.SUSPENDED, None, False),
    ):  # fmt: skip
        async with db.transaction() as session:
            change = sa.update(Person).where(Person.id == actor.person_id)  # type: ignore[arg-type]
            await session.execute(change.values(standing=standing, standing_until=until))
        seen = await _look(token)
        assert seen
        assert seen.is_active is active
        assert seen.may(Permission.SCHEDULE_EDIT) is active


async def test_a_password_to_be_changed_leaves_only_the_own_account_open(
    cast: Cast, enter: Enter, now: clock.Clock
) -> None:
    actor, token = await enter(cast.head)
    for number, must in enumerate((False, True, False)):
        async with db.transaction() as session:
            at = clock.now() + timedelta(seconds=number)
            session.add(PasswordRecord(person_id=actor.person_id, hash="x", set_at=at, must_change=must))
        seen = await _look(token)
        assert seen
        assert seen.permissions == ({Permission.ACCOUNT} if must else actor.permissions)
        if must:
            with pytest.raises(Forbidden, match="смените пароль"):
                require(seen, Permission.SCHEDULE_READ)


async def test_an_old_password_closes_the_cabinet_only_where_that_was_decided(
    cast: Cast, enter: Enter, now: clock.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, token = await enter(cast.doctor)
    async with db.transaction() as session:
        session.add(PasswordRecord(person_id=actor.person_id, hash="x", set_at=clock.now() - timedelta(days=90)))
    for enforced in (False, True):
        settings = get_settings().model_copy(update={"enforce_rotation": enforced})
        monkeypatch.setattr("medcab.accounts.service.get_settings", lambda found=settings: found)
        seen = await _look(token)
        assert seen
        assert seen.must_change_password is enforced


async def test_a_blocked_or_ended_session_has_nobody_behind_it(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    actor, token = await enter(cast.doctor)
    async with db.transaction() as session:
        (await session.get_one(Person, actor.person_id)).blocked_at = clock.now()
    assert await _look(token) is None
    colleague, token = await enter(cast.colleague)
    async with db.transaction() as session:
        await sessions.sign_out(session, colleague)
    assert await _look(token) is None


@pytest.mark.parametrize(
    "token",
    ["", "x", tokens.make(), "'; DROP TABLE person; --", "А" * 43],
    ids=["empty", "short", "unknown", "sql", "letters"],
)
async def test_what_is_no_token_of_ours_is_nobody(cast: Cast, token: str) -> None:
    assert await _look(token) is None


async def test_being_here_is_written_down_once_a_minute(cast: Cast, enter: Enter, now: clock.Clock) -> None:
    actor, token = await enter(cast.doctor)

    async def seen() -> object:
        async with db.reading() as session:
            return (await session.get_one(LoginSession, actor.session_id)).seen_at

    first = await seen()
    now.tick(timedelta(seconds=50))
    await _look(token)
    assert await seen() == first
    now.tick(timedelta(seconds=20))
    await _look(token, touch=False)
    assert await seen() == first
    await _look(token)
    assert await seen() == clock.now()
    now.tick(timedelta(minutes=2))
    async with db.transaction() as session:
        assert await actor_for(session, token)
    assert await seen() == clock.now()


async def test_a_look_up_is_fast(cast: Cast, enter: Enter) -> None:
    _, token = await enter(cast.doctor)
    times = []
    async with db.reading() as session:
        for _ in range(200):
            start = time.perf_counter()
            await actor_for(session, token)
            times.append(time.perf_counter() - start)
    print(f"\nactor_for: median {median(times) * 1000:.3f} ms")
    assert median(times) < 0.005  # a machine under load; alone it takes a tenth of it
