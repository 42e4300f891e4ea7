"""An invitation is for one address, once, for some days; it tells strangers nothing and its link changes nothing."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor, Role
from medcab.accounts.models import Membership
from medcab.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from medcab.staff.invitations import service
from medcab.staff.invitations.service import Guest, Offer
from medcab.staff.models import Invitation
from medcab.staff.person import service as person
from medcab.staff.rules import LETTERS_A_DAY, LINK_LIVES
from medcab.staff.service import NewPlace
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, WARD, Cast
from tests.cast import person as a_person
from tests.outbox import sent
from tests.staff.conftest import email_of

PLACE = NewPlace(Role.NURSE, WARD, "медсестра", 50)


async def invite(cast: Cast, email: str, place: NewPlace = PLACE, actor: Actor | None = None) -> tuple[UUID, str]:
    """The invitation's id, and the token of its letter."""
    async with db.transaction() as session:
        await service.invite(session, actor or cast.admin, guest=Guest("Новенькая", "Анна", "", email, place))
    return await newest(email), await link(email)


async def newest(email: str) -> UUID:
    async with db.reading() as session:
        rows = (await session.exec(select(Invitation))).all()
    return max((one for one in rows if one.email == email), key=lambda one: (one.is_open, one.created_at)).id


async def link(email: str) -> str:
    letters = [one["text"] for one in await sent("mail") if one["to"] == email and "/invitation?key=" in one["text"]]
    return re.findall(r"/invitation\?key=(\S+)", letters[-1])[0]


async def behind(actor: Actor, token: str) -> Offer:
    async with db.reading() as session:  # a session in which the database itself refuses to write
        return await service.behind(session, actor, token=token)


async def answer(verb, actor: Actor, invitation_id: UUID):
    async with db.transaction() as session:
        return await verb(session, actor, invitation_id=invitation_id)


async def test_whoever_holds_the_address_joins(cast: Cast, newcomer: Actor) -> None:
    key, token = await invite(cast, await email_of(newcomer))
    offer = await behind(newcomer, token)
    assert (offer.id, offer.clinic) == (key, "Городская клиника № 1")
    async with db.reading() as session:
        assert [one.id for one in await service.offered(session, newcomer)] == [key]
    await answer(service.accept, newcomer, key)
    async with db.reading() as session:
        [held] = (await session.exec(select(Membership).where(Membership.person_id == newcomer.person_id))).all()
    assert (held.organisation_id, held.role, held.department_id, held.rate) == (CLINIC, Role.NURSE, WARD, 50)
    assert held.since == clock.today()
    with pytest.raises(Conflict):
        await answer(service.accept, newcomer, key)
    with pytest.raises(NotFound):
        await behind(newcomer, token)


async def test_whoever_registers_later_finds_the_offer(cast: Cast) -> None:
    """Invited before there was a cabinet; the letter may be lost meanwhile."""
    key, _ = await invite(cast, "person31@medcab.example")
    async with db.transaction() as session:
        session.add(made := a_person(31, "Поздняя"))
    late = Actor(person_id=made.id, session_id=uuid4(), name="П", is_active=False)
    async with db.reading() as session:
        assert [one.id for one in await service.offered(session, late)] == [key]
    await answer(service.accept, late, key)


async def test_the_token_is_kept_nowhere(cast: Cast, newcomer: Actor) -> None:
    _, token = await invite(cast, await email_of(newcomer))
    async with db.reading() as session:
        raw = (await session.execute(sa.text("SELECT * FROM invitation"))).all()
    assert token not in str(raw)
    assert "person30" not in str(raw)


async def test_a_link_is_nothing_in_other_hands(cast: Cast, newcomer: Actor) -> None:
    key, token = await invite(cast, await email_of(newcomer))
    with pytest.raises(Forbidden) as refusal:
        await behind(cast.doctor, token)
    assert "другой адрес" in refusal.value.message
    assert not re.search("клиника № 1|person30|Новенькая", refusal.value.message)
    for verb in (service.accept, service.decline):
        told = set()
        for wanted in (key, uuid4()):
            with pytest.raises(NotFound) as refusal:
                await answer(verb, cast.doctor, wanted)
            told.add(refusal.value.message)
        assert len(told) == 1
    for bad in ("", "x", token[:-1], token[:-1] + "!", "а" * 43):
        with pytest.raises(NotFound):
            await behind(newcomer, bad)


async def test_a_link_dies_with_time_with_a_newer_one_and_with_the_clinics_word(
    cast: Cast, newcomer: Actor, now: clock.Clock
) -> None:
    email = await email_of(newcomer)
    key, first = await invite(cast, email)
    with pytest.raises(TooMany):
        await answer(service.resend, cast.admin, key)
    now.tick(timedelta(minutes=2))
    await answer(service.resend, cast.admin, key)
    second = await link(email)
    with pytest.raises(NotFound):
        await behind(newcomer, first)
    await behind(newcomer, second)
    now.tick(LINK_LIVES)
    with pytest.raises(NotFound):
        await behind(newcomer, second)
    with pytest.raises(Conflict):
        await answer(service.accept, newcomer, key)
    again, third = await invite(cast, email)  # the expired one makes room
    await answer(service.revoke, cast.admin, again)
    for token in (second, third):
        with pytest.raises(NotFound):
            await behind(newcomer, token)
    with pytest.raises(Conflict):
        await answer(service.accept, newcomer, again)
    with pytest.raises(Conflict):
        await answer(service.resend, cast.admin, again)


async def test_one_may_decline(cast: Cast, newcomer: Actor) -> None:
    key, _ = await invite(cast, await email_of(newcomer))
    await answer(service.decline, newcomer, key)
    with pytest.raises(Conflict):
        await answer(service.accept, newcomer, key)
    await invite(cast, await email_of(newcomer))  # may be asked again


async def test_a_mailbox_is_not_flooded(cast: Cast, foreign_admin: Actor, newcomer: Actor) -> None:
    """By inviting and revoking again and again, or by several clinics together."""
    email = await email_of(newcomer)
    for _ in range(LETTERS_A_DAY - 1):
        key, _ = await invite(cast, email)
        await answer(service.revoke, cast.admin, key)
    await invite(cast, email, NewPlace(Role.NURSE, FOREIGN_WARD, "", 100), foreign_admin)
    with pytest.raises(TooMany):
        await invite(cast, email)


async def test_whoever_works_here_or_is_asked_already_is_not_asked(cast: Cast, newcomer: Actor) -> None:
    for actor in (cast.doctor, cast.unverified):
        with pytest.raises(Invalid) as refusal:
            await invite(cast, await email_of(actor))
        assert "email" in refusal.value.errors
    await invite(cast, await email_of(newcomer))
    with pytest.raises(Invalid):
        await invite(cast, await email_of(newcomer))


async def test_the_clinic_does_not_learn_who_has_a_cabinet(cast: Cast) -> None:
    """A worker of another clinic and an address that nobody has are invited in the same words."""
    await invite(cast, await email_of(cast.foreigner))
    await invite(cast, "nobody@medcab.example")
    letters = [re.sub(r"key=\S+", "", one["text"]) for one in await sent("mail")]
    assert len(set(letters)) == 1


async def test_invitations_of_another_clinic_do_not_exist(cast: Cast, foreign_admin: Actor, newcomer: Actor) -> None:
    key, _ = await invite(cast, await email_of(newcomer))
    for verb in (service.resend, service.revoke):
        for wanted in (key, uuid4()):
            with pytest.raises(NotFound) as refusal:
                await answer(verb, foreign_admin, wanted)
            assert refusal.value.message == "Приглашение не найдено."
        with pytest.raises(Forbidden):
            await answer(verb, cast.head, key)
    with pytest.raises(NotFound):
        await invite(cast, "a@medcab.example", NewPlace(Role.NURSE, FOREIGN_WARD, "", 100))


async def test_whoever_has_a_cabinet_elsewhere_works_in_both(cast: Cast) -> None:
    key, _ = await invite(cast, await email_of(cast.foreigner))
    await answer(service.accept, cast.foreigner, key)
    async with db.reading() as session:
        query = select(Membership.organisation_id).where(Membership.person_id == cast.foreigner.person_id)
        assert set((await session.exec(query)).all()) == {CLINIC, OTHER_CLINIC}


async def test_who_was_dismissed_is_invited_back(cast: Cast, now: clock.Clock) -> None:
    async with db.transaction() as session:
        await person.dismiss(
            session, cast.admin, person_id=cast.doctor.person_id, last_day="23.11.2026", reason="", agreed=True
        )
    now.tick(timedelta(days=1))
    key, _ = await invite(cast, await email_of(cast.doctor))
    await answer(service.accept, cast.doctor, key)
    async with db.reading() as session:
        query = select(Membership).where(Membership.person_id == cast.doctor.person_id)
        held = {one.role: one.until for one in (await session.exec(query)).all()}
    assert held[Role.NURSE] is None
    assert held[Role.SPECIALIST] == clock.today() - timedelta(days=1)


async def test_a_suspension_is_not_got_round_by_an_invitation(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(
            Invitation(
                organisation_id=CLINIC, department_id=WARD, email="x", email_index=(await service.accounts.person(session, cast.doctor.person_id)).email_index,
                family_name="И", given_name="А", role=Role.NURSE, token_hash="f" * 64, created_at=clock.now(), sent_at=clock.now(),
                expires_at=clock.now() + LINK_LIVES,
            )
        )  # fmt: skip
        await person.suspend(session, cast.admin, person_id=cast.doctor.person_id, until="", reason="x", agreed=True)
    async with db.reading() as session:
        [one] = await service.offered(session, cast.doctor)
    with pytest.raises(Conflict):
        await answer(service.accept, cast.doctor, one.id)


async def test_a_forgotten_invitation_does_not_undo_a_dismissal(cast: Cast, newcomer: Actor, now: clock.Clock) -> None:
    """Invited twice over: the first answer made them a colleague, the second would make them one again after they were dismissed."""
    key, _ = await invite(cast, await email_of(newcomer))
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=newcomer.person_id,
                organisation_id=CLINIC,
                department_id=WARD,
                role=Role.NURSE,
                since=clock.today(),
            )
        )
        await session.flush()
        await person.dismiss(
            session,
            cast.admin,
            person_id=newcomer.person_id,
            last_day=f"{clock.today():%d.%m.%Y}",
            reason="",
            agreed=True,
        )
    now.tick(timedelta(days=1))
    with pytest.raises(Conflict, match="не действует"):
        await answer(service.accept, newcomer, key)


async def test_the_invitations_of_whoever_leaves_end_with_them(cast: Cast, newcomer: Actor) -> None:
    async with db.transaction() as session:
        await person.add_place(
            session, cast.admin, person_id=cast.head.person_id, place=NewPlace(Role.CLINIC_ADMIN, None, "", 100)
        )
    leaving = replace(cast.head, roles=frozenset({Role.CLINIC_ADMIN}))
    key, _ = await invite(cast, await email_of(newcomer), actor=leaving)
    async with db.transaction() as session:
        await person.dismiss(
            session,
            cast.admin,
            person_id=leaving.person_id,
            last_day=f"{clock.today():%d.%m.%Y}",
            reason="",
            agreed=True,
        )
    with pytest.raises(Conflict):
        await answer(service.accept, newcomer, key)
