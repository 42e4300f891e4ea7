"""Asking somebody to join the clinic by e-mail. The link is good once, for some days, and only for whoever holds that address.

A clinic learns nothing about people it does not know: whether an address has a cabinet already shows nowhere but in who accepts. Opening a
link changes nothing, since programs that look through letters open links too.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.models import DecisionKind, Department, Organisation, Person
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from medcab.security import tokens
from medcab.settings import get_settings
from medcab.staff import queries, rules
from medcab.staff.models import Invitation
from medcab.staff.service import NewPlace, changed, clinic, need_place, place_words, take_on, take_turn
from medcab.ui import formats

PAGE = "/invitation"
ACCEPTED, DECLINED, REVOKED, EXPIRED = "accepted", "declined", "revoked", "expired"
_BREATH = 50
_BETWEEN_LETTERS = timedelta(minutes=1)
_DAY = timedelta(days=1)
_DEAD = "Приглашение не действует: ссылка устарела, уже использована или отозвана. Попросите администратора клиники прислать новую."
_OTHER = "Приглашение отправлено на другой адрес почты. Войдите в кабинет, где указан тот адрес, или попросите пригласить вас на этот."


@dataclass(frozen=True)
class Guest:
    """Whom to ask and what for, checked but for the clinic's own side."""

    family_name: str
    given_name: str
    patronymic: str
    email: str
    place: NewPlace


@dataclass(frozen=True)
class Offer:
    """What the person is asked to agree to."""

    id: UUID
    clinic: str
    place: str
    since: date | None
    expires_at: datetime


async def invite(session: AsyncSession, actor: Actor, *, guest: Guest) -> None:
    """Send the link to one person."""
    here = clinic(actor)
    await take_turn(session, here)
    await need_place(session, here, guest.place)
    index = accounts.index_of("email", guest.email)
    if index in await working(session, here, [index]):
        raise Invalid("Человек с этим адресом уже работает в клинике: найдите его в списке.", field="email")
    if index in await invited(session, here, [index]):
        raise Invalid("На этот адрес приглашение уже отправлено: его можно отправить ещё раз из списка.", field="email")
    await need_letters(session, here, [index])
    await send(session, actor, here, [guest])
    await changed(session, here)


async def send(session: AsyncSession, actor: Actor, here: UUID, guests: list[Guest]) -> None:
    """For whoever has checked them all and has the turn: make and mail the invitations."""
    name = (await queries.organisation(session, here)).name
    await _close_expired(session, here, [accounts.index_of("email", guest.email) for guest in guests])
    for number, guest in enumerate(guests, start=1):
        token, now = tokens.make(), clock.now()
        since = rules.day_of(guest.place.since, field="since")
        made = Invitation(
            organisation_id=here, department_id=guest.place.department_id, email=guest.email,
            email_index=accounts.index_of("email", guest.email), family_name=guest.family_name, given_name=guest.given_name,
            patronymic=guest.patronymic, role=guest.place.role, post=guest.place.post, rate=guest.place.rate,
            since=rules.first_day(since, clock.today()) if since else None, token_hash=tokens.fingerprint(token),
            invited_by_id=actor.person_id, created_at=now, sent_at=now, expires_at=now + rules.LINK_LIVES,
        )  # fmt: skip
        session.add(made)
        _letter(session, made, name, token)
        audit.record(session, actor, Action.INVITATION_SEND, made.id, role=made.role.value)
        if number % _BREATH == 0:
            await session.flush()  # others have their turn while a long list is written


async def resend(session: AsyncSession, actor: Actor, *, invitation_id: UUID) -> None:
    """A new link for some days more; the old one dies."""
    here = clinic(actor)
    await take_turn(session, here)
    one = await _of_clinic(session, here, invitation_id)
    if one.sent_at + _BETWEEN_LETTERS > clock.now():
        raise TooMany("Письмо только что отправлено. Повторить можно через минуту.")
    await need_letters(session, here, [one.email_index])
    token = tokens.make()
    one.token_hash, one.sent_at, one.letters = tokens.fingerprint(token), clock.now(), one.letters + 1
    one.expires_at = clock.now() + rules.LINK_LIVES
    _letter(session, one, (await queries.organisation(session, here)).name, token)
    audit.record(session, actor, Action.INVITATION_RESEND, one.id)
    await changed(session, here)


async def revoke(session: AsyncSession, actor: Actor, *, invitation_id: UUID) -> None:
    """The link dies; nobody is told."""
    here = clinic(actor)
    await take_turn(session, here)
    one = await _of_clinic(session, here, invitation_id)
    _end(one, REVOKED)
    audit.record(session, actor, Action.INVITATION_REVOKE, one.id)
    await changed(session, here)


async def offered(session: AsyncSession, actor: Actor) -> list[Offer]:
    """What waits for the actor's answer: to the address that is theirs and proved."""
    require(actor, Permission.ACCOUNT)
    mine = (await accounts.person(session, actor.person_id)).email_index
    query = select(Invitation).where(
        Invitation.email_index == mine, col(Invitation.is_open), Invitation.expires_at > clock.now()
    )
    rows = (await session.exec(query.order_by(col(Invitation.created_at)))).all()
    return [await _offer(session, one) for one in rows]


async def behind(session: AsyncSession, actor: Actor, *, token: str) -> Offer:
    """What the link offers to whoever opened it; nothing changes."""
    require(actor, Permission.ACCOUNT)
    found = None
    if tokens.is_token(token):
        query = select(Invitation).where(Invitation.token_hash == tokens.fingerprint(token))
        found = (await session.exec(query)).first()
    if found is None or not _is_alive(found):
        raise NotFound(_DEAD)
    if found.email_index != (await accounts.person(session, actor.person_id)).email_index:
        raise Forbidden(_OTHER)
    return await _offer(session, found)


async def accept(session: AsyncSession, actor: Actor, *, invitation_id: UUID) -> str:
    """The actor works in the clinic from now on, or from the day agreed; the clinic's name."""
    one, person = await _own(session, actor, invitation_id)
    await _demand_newer(session, one, person.id)
    since = formats.day(one.since) if one.since and one.since > clock.today() else ""
    place = NewPlace(one.role, one.department_id, one.post, one.rate, since)
    await need_place(session, one.organisation_id, place)
    await take_on(session, one.organisation_id, person, place, again=True)  # the register may have been first
    _end(one, ACCEPTED)
    there = replace(actor, organisation_id=one.organisation_id)
    audit.record(session, there, Action.INVITATION_ACCEPT, person.id, place=await _place(session, one))
    organisation = await queries.organisation(session, one.organisation_id)
    what = f"{organisation.short_name}: вы приняли приглашение. Ваша роль: {await _place(session, one)}."
    notices.informed(session, person, "вы добавлены в клинику", what)
    await changed(session, one.organisation_id, person.id)
    return organisation.short_name


async def decline(session: AsyncSession, actor: Actor, *, invitation_id: UUID) -> None:
    one, _ = await _own(session, actor, invitation_id)
    _end(one, DECLINED)
    audit.record(session, replace(actor, organisation_id=one.organisation_id), Action.INVITATION_DECLINE, one.id)
    await changed(session, one.organisation_id)


async def working(session: AsyncSession, here: UUID, indexes: list[str]) -> set[str]:
    """Of these addresses, those of people who work in the clinic, are suspended or are still to begin."""
    query = sa.select(col(Person.id), col(Person.email_index)).where(col(Person.email_index).in_(indexes))
    known = {row.id: row.email_index for row in await session.execute(query)}
    employments, _ = await queries.employed(session, here, list(known))
    today = clock.today()
    return {known[key] for key, one in employments.items() if one.state_on(today) is not rules.State.DISMISSED}


async def invited(session: AsyncSession, here: UUID, indexes: list[str]) -> set[str]:
    """Of these addresses, those that the clinic has asked and that may still answer."""
    query = select(Invitation.email_index).where(
        Invitation.organisation_id == here, col(Invitation.email_index).in_(indexes), col(Invitation.is_open),
        Invitation.expires_at > clock.now(),
    )  # fmt: skip
    return set((await session.exec(query)).all())


async def flooded(session: AsyncSession, indexes: list[str]) -> set[str]:
    """Of these addresses, those that have had their letters of today, whoever sent them."""
    lately = col(Invitation.sent_at) > clock.now() - _DAY
    query = select(Invitation.email_index).where(lately, col(Invitation.email_index).in_(indexes))
    by_address = query.group_by(col(Invitation.email_index))
    found = await session.exec(by_address.having(sa.func.sum(col(Invitation.letters)) >= rules.LETTERS_A_DAY))
    return set(found.all())


async def need_letters(session: AsyncSession, here: UUID, indexes: list[str]) -> None:
    """Raise when one of the addresses, or the clinic, has had its letters of today."""
    if await flooded(session, indexes):
        raise TooMany(rules.FLOODED, retry_after=3600)
    lately = col(Invitation.sent_at) > clock.now() - _DAY
    query = sa.select(sa.func.sum(col(Invitation.letters))).where(lately, col(Invitation.organisation_id) == here)
    sent = (await session.execute(query)).scalar() or 0
    if sent + len(indexes) > rules.LETTERS_OF_A_CLINIC:
        raise TooMany("За сутки отправлено слишком много приглашений. Продолжите завтра.", retry_after=3600)


async def _close_expired(session: AsyncSession, here: UUID, indexes: list[str]) -> None:
    """What nobody answered in time makes room."""
    late = sa.update(Invitation).where(
        col(Invitation.organisation_id) == here, col(Invitation.email_index).in_(indexes), col(Invitation.is_open)
    )
    await session.execute(late.values(is_open=False, outcome=EXPIRED, ended_at=clock.now()))


async def _of_clinic(session: AsyncSession, here: UUID, invitation_id: UUID) -> Invitation:
    found = await session.get(Invitation, invitation_id)
    if found is None or found.organisation_id != here:
        raise NotFound("Приглашение не найдено.")
    if not found.is_open:
        raise Conflict("На это приглашение уже ответили, или оно отозвано.")
    return found


async def _demand_newer(session: AsyncSession, one: Invitation, person_id: UUID) -> None:
    """Whoever was dismissed comes back by an invitation of afterwards, never by one that was forgotten."""
    sent = one.sent_at.astimezone(clock.MOSCOW).date()
    for decision in await accounts.decisions(session, person_id, one.organisation_id):
        if decision.kind is DecisionKind.DISMISSAL and sent < decision.since:
            raise Conflict(_DEAD)


async def _own(session: AsyncSession, actor: Actor, invitation_id: UUID) -> tuple[Invitation, Person]:
    """An invitation to the actor that may still be answered, and the clinic's turn."""
    require(actor, Permission.ACCOUNT)
    person = await accounts.person(session, actor.person_id)
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.email_index == person.email_index)
    seen = (await session.exec(query)).first()
    if seen is None:
        raise NotFound(_DEAD)
    await take_turn(session, seen.organisation_id)
    one = (await session.exec(query.execution_options(populate_existing=True))).one()
    if not _is_alive(one):
        raise Conflict(_DEAD)
    return one, person


def _is_alive(one: Invitation) -> bool:
    return one.is_open and one.expires_at > clock.now()


def _end(one: Invitation, outcome: str) -> None:
    one.is_open, one.outcome, one.ended_at = False, outcome, clock.now()


async def _offer(session: AsyncSession, one: Invitation) -> Offer:
    organisation = await session.get_one(Organisation, one.organisation_id)
    return Offer(one.id, organisation.name, await _place(session, one), one.since, one.expires_at)


async def _place(session: AsyncSession, one: Invitation) -> str:
    department = await session.get(Department, one.department_id) if one.department_id else None
    return place_words(one.role, department.name if department else "", one.post, one.rate)


def _letter(session: AsyncSession, one: Invitation, organisation: str, token: str) -> None:
    """Says what any holder of the address may know; whether they have a cabinet is theirs to know."""
    text = (
        f"Здравствуйте, {one.given_name} {one.patronymic}".rstrip() + "!\n\n"
        f"{organisation} приглашает вас работать в медицинском кабинете medcab.\n\n"
        f"Ответить на приглашение: {get_settings().origin}{PAGE}?key={token}\n\n"
        f"Ссылка действует до {formats.moment(one.expires_at)} (МСК), один раз и только для этого адреса почты. "
        "Если кабинета у вас ещё нет, зарегистрируйтесь с этим адресом: приглашение будет ждать на рабочем столе.\n\n"
        "Если вы не ждали этого письма, ничего делать не нужно."
    )
    notices.letter(session, one.email, "medcab: приглашение на работу", text)
