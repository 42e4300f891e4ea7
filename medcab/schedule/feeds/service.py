"""Links by which a worker's calendar is read by other programs: made, taken back, read.

A link outlives sessions and passwords (a phone must not ask for them), and shows nothing from the moment its person may not see the schedule: then
its calendar is empty, so that what a phone has kept disappears. Whoever shows an unknown secret learns only that there is no such thing.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.notices import service as notices
from medcab.accounts.queries import person, take_turns
from medcab.accounts.sessions.service import require_step_up
from medcab.errors import Conflict, Invalid, NotFound
from medcab.schedule.feeds import queries
from medcab.schedule.feeds.models import CalendarFeed
from medcab.schedule.feeds.queries import Held
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.queries import hours_at, names_of_departments
from medcab.schedule.rules.feeds import LONGEST_NAME, TOUCH_EVERY, Feed, Open, feed_of, window
from medcab.schedule.rules.slots import Span
from medcab.schedule.service import zone
from medcab.security import tokens

MOST_LINKS = 10
_PURPOSE = "calendar feed"


class NoLink(NotFound):
    """Unknown, taken back, or somebody else's."""

    message = "Такой ссылки нет."


@dataclass(frozen=True)
class Reading:
    """What a link shows now. `is_to_journal`: names are in it, and nobody has written down yet that they were read today."""

    held: Held
    feed: Feed
    is_to_journal: bool


def topic(person_id: UUID) -> str:
    """What a tab watches to learn of a person's links."""
    return f"calendars:{person_id}"


async def make(session: AsyncSession, actor: Actor, *, name: str, with_names: bool, with_hours: bool) -> str:
    """A new link to the actor's own visits in the chosen clinic; its secret, which is never known again."""
    require(actor, Permission.SCHEDULE_READ)
    here = clinic_of(actor)
    if with_names:
        require_step_up(actor)
    await take_turns(session, topic(actor.person_id))
    named = _name(name, [feed for feed, _ in await queries.own(session, actor.person_id)])
    secret = tokens.make()
    made = CalendarFeed(
        person_id=actor.person_id, organisation_id=here, secret_hash=_hash(secret), name=named, with_names=with_names,
        with_hours=with_hours, made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.CALENDAR_MAKE, made.id, with_names=with_names, with_hours=with_hours)
    shown = "с именами пациентов" if with_names else "без имён пациентов"
    notices.told_by_mail(
        session, await person(session, actor.person_id), "новая ссылка на календарь",
        f"Создана ссылка «{named}» на календарь ваших приёмов, {shown}. Отозвать её можно в разделе «Расписание» → «Календарь в телефоне».",
    )  # fmt: skip
    live.publish(session, topic(actor.person_id))
    return secret


async def revoke(session: AsyncSession, actor: Actor, *, feed_id: UUID) -> None:
    """The link shows nothing any more, to anybody."""
    require(actor, Permission.SCHEDULE_READ)
    await take_turns(session, topic(actor.person_id))
    found = await session.get(CalendarFeed, feed_id, populate_existing=True)
    if found is None or found.person_id != actor.person_id:
        raise NoLink
    await session.delete(found)
    audit.record(session, actor, Action.CALENDAR_REVOKE, feed_id)
    live.publish(session, topic(actor.person_id))


async def listed(session: AsyncSession, actor: Actor) -> list[tuple[CalendarFeed, str]]:
    """The actor's links with their clinics, of every clinic: a lost phone held all of them."""
    require(actor, Permission.SCHEDULE_READ)
    return await queries.own(session, actor.person_id)


async def read(session: AsyncSession, secret: str) -> Reading:
    """What the link with this secret shows, or `NoLink`. Changes nothing: see `journal` and `touch`."""
    today = clock.today(zone())
    held = await queries.held(session, _hash(secret), today) if tokens.is_token(secret) else None
    if held is None:
        raise NoLink
    if held.actor is None or not held.actor.may(Permission.SCHEDULE_READ):
        return Reading(held, feed_of(held.clinic, (), (), shown_since=None), is_to_journal=False)
    feed, span = held.feed, window(today, zone())
    visits = await queries.visits(session, feed, span)
    shown_since = feed.made_at if feed.with_hours else None
    made = feed_of(held.clinic, visits, await _hours(session, feed, span), shown_since=shown_since)
    return Reading(held, made, is_to_journal=feed.with_names and feed.journalled_on != today)


async def journal(session: AsyncSession, held: Held) -> None:
    """Names are about to be read; one line a day."""
    if await queries.mark_journalled(session, held.feed.id, clock.today(zone())):
        audit.record(session, held.actor, Action.CALENDAR_READ, held.feed.id)


def is_touch_due(feed: CalendarFeed) -> bool:
    """Whether the link's last reading was written down long enough ago."""
    return feed.read_at is None or feed.read_at <= clock.now() - TOUCH_EVERY


async def touch(session: AsyncSession, feed_id: UUID) -> None:
    """It was read; written down once an hour at most."""
    now = clock.now()
    await queries.mark_read(session, feed_id, now, now - TOUCH_EVERY)


async def _hours(session: AsyncSession, feed: CalendarFeed, span: Span) -> list[Open]:
    found = await hours_at(session, feed.person_id, feed.organisation_id, span)
    wards = await names_of_departments(session, {each.department_id for each in found})
    return [Open(each.span, each.room, wards.get(each.department_id, "")) for each in found]


def _name(typed: str, known: list[CalendarFeed]) -> str:
    name = " ".join(typed.split())
    if not name:
        raise Invalid("Назовите устройство: по названию вы узнаете ссылку, когда захотите её отозвать.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Не больше {LONGEST_NAME} знаков.", field="name")
    if any(feed.name.casefold() == name.casefold() for feed in known):
        raise Invalid("Ссылка с таким названием уже есть. Назовите эту иначе или отзовите прежнюю.", field="name")
    if len(known) >= MOST_LINKS:
        raise Conflict(f"Ссылок уже {MOST_LINKS}. Отзовите те, которые не нужны.")
    return name


def _hash(secret: str) -> str:
    return tokens.keyed(_PURPOSE, secret)
