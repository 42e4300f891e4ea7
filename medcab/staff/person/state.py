"""«Сотрудник»: one person of the clinic."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import ROLE_TITLES, Action, Actor, Permission
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.identifiers import person_name
from medcab.staff.person import service
from medcab.staff.queries import Place, Told
from medcab.staff.rules import STATE_TITLES, STATE_TONES, State, rate_words
from medcab.staff.service import clinic, topic
from medcab.staff.state import closed_to
from medcab.staff.terms.rules import days_words
from medcab.ui import formats

PATH = "/staff/person"
DEEDS = frozenset({"place", "suspend", "dismiss"})
_STORY = {
    Action.STAFF_PLACE_ADD: "Назначена роль",
    Action.STAFF_PLACE_CHANGE: "Роль изменена",
    Action.STAFF_PLACE_END: "Роль снята",
    Action.STAFF_SUSPEND: "Права приостановлены",
    Action.STAFF_RESTORE: "Права возвращены",
    Action.STAFF_DISMISS: "Оформлено увольнение",
    Action.STAFF_KEEP: "Увольнение отменено",
    Action.INVITATION_ACCEPT: "Приглашение принято",
}


class PlaceRow(TypedDict):
    """A role of the person; `may_change` while it is not over."""

    id: str
    role: str
    department: str
    post: str
    rate: str
    days: str
    edit: str
    may_change: bool


class TermsRow(TypedDict):
    """A post and a rate of a role, and when they hold."""

    id: str
    days: str
    role: str
    department: str
    post: str
    rate: str


class StoryRow(TypedDict):
    """A line of the history."""

    id: str
    at: str
    what: str
    by: str


def place_row(place: Place) -> PlaceRow:
    until = f" по {formats.day(place.days.until)}" if place.days.until else ""
    return {
        "id": str(place.id), "role": ROLE_TITLES[place.role], "department": place.department or "вся клиника",
        "post": place.post or "не указана", "rate": rate_words(place.rate), "days": f"с {formats.day(place.days.since)}{until}",
        "edit": f"{PATH}?id={place.person_id}&do=place&place={place.id}", "may_change": not place.days.are_over(clock.today()),
    }  # fmt: skip


def terms_rows(places: Sequence[Place]) -> list[TermsRow]:
    """Of roles whose post or rate has changed or will; newest first."""
    return [
        {
            "id": f"{place.id}/{each.since}", "days": days_words(each), "role": ROLE_TITLES[place.role],
            "department": place.department or "вся клиника", "post": each.post or "не указана", "rate": rate_words(each.rate),
        }
        for place in reversed(places) if len(place.told) > 1 for each in reversed(place.told)
    ]  # fmt: skip


def story_row(line: Told) -> StoryRow:
    facts = json.loads(line.details)
    day = facts.get("last_day") or facts.get("until")
    more = (
        _place_words(facts, line)
        if facts.get("place")
        else (f"по {formats.day(date.fromisoformat(day))}" if day else "")
    )
    what = ": ".join(filter(None, (_STORY.get(line.action, line.action.value), more)))
    return {"id": str(line.seq), "at": formats.moment(line.at), "what": what, "by": line.by}


def _place_words(facts: dict[str, Any], line: Told) -> str:
    """«Врач, Хирургическое отделение, ставка 0,5, с 01.10.2026 (исправление; было: ставка 1)»."""
    since, was = facts.get("since", ""), facts.get("was")
    starts = datetime.strptime(since, "%d.%m.%Y").date() if since else date.min  # noqa: DTZ007 - a calendar day has no zone
    is_told = was or starts > line.at.astimezone(clock.MOSCOW).date()
    days = "".join((f", с {since}" if is_told else "", f" по {facts['until']}" if facts.get("until") else ""))
    more = f" ({'исправление; ' if facts.get('is_correction') else ''}было: {was})" if was else ""
    return f"{facts['place']}{days}{more}"


class PersonState(rx.State):
    """The person of the address, and what is being done about them."""

    closed: str = ""
    ready: bool = False
    person: str = ""
    name: str = ""
    word: str = ""
    tone: str = "quiet"
    words: str = ""
    reason: str = ""
    places: list[PlaceRow] = []
    terms: list[TermsRow] = []
    story: list[StoryRow] = []
    deed: str = ""
    query: str = ""
    """Of the form that is open, with the person in it: what is typed for one is not kept for another."""
    is_new_place: bool = True
    may_decide: bool = False
    is_suspended: bool = False
    is_leaving: bool = False
    is_gone: bool = False

    @rx.event
    @requires()
    async def load(self):
        """Show the person of the address; to whom it is not open, say why."""
        self.closed, self.ready, self.deed = closed_to(actor()), False, ""  # nothing of whoever was open before
        return None if self.closed else PersonState.show

    @rx.event
    @requires(Permission.STAFF)
    async def show(self):
        """Read the person, and watch from now on."""
        asked = self.router.url.query_parameters
        self.person, self.deed = asked.get("id", ""), asked.get("do", "")
        self.deed = self.deed if self.deed in DEEDS else ""
        place = asked.get("place", "")
        self.is_new_place = not place
        self.query = f"?id={self.person}" + (f"&place={place}" if place else "")
        async with transaction(self) as (session, who):
            await self._fill(session, who, again=False)
            watch(self, {topic(clinic(who)): PersonState.refresh})

    @rx.event
    @requires(Permission.STAFF)
    async def refresh(self):
        """Something was changed."""
        async with reading(self) as (session, who):
            await self._fill(session, who, again=True)

    @rx.event
    @requires(Permission.STAFF)
    async def end_place(self, membership_id: str):
        """Take one of the roles."""
        async with transaction(self) as (session, who):
            await service.end_place(session, who, membership_id=UUID(membership_id))
        return success("Роль снята.")

    @rx.event
    @requires(Permission.STAFF)
    async def restore(self, person_id: str):
        """Give the rights back."""
        async with transaction(self) as (session, who):
            await service.restore(session, who, person_id=UUID(person_id))
        return success("Права возвращены.")

    @rx.event
    @requires(Permission.STAFF)
    async def keep(self, person_id: str):
        """Take the dismissal back."""
        async with transaction(self) as (session, who):
            await service.keep(session, who, person_id=UUID(person_id))
        return success("Увольнение отменено.")

    async def _fill(self, session: AsyncSession, who: Actor, *, again: bool) -> None:
        found = await service.look(session, who, person_id=service.known_id(self.person), again=again)
        person, today = found.person, clock.today()
        state = found.employment.state_on(today)
        self.name = person_name.full(person.family_name, person.given_name, person.patronymic)
        self.word, self.tone = STATE_TITLES[state], STATE_TONES[state]
        words = found.employment.words_on(today)
        self.words, self.reason = "" if words == "Работает." else words, found.reason
        self.places = [place_row(place) for place in reversed(found.places)]
        self.terms = terms_rows(found.places)
        self.story = [story_row(line) for line in found.history]
        self.is_gone, self.is_suspended = state is State.DISMISSED, state is State.SUSPENDED
        self.is_leaving = found.employment.dismissal is not None and not self.is_gone
        self.may_decide = not found.is_oneself and not self.is_gone
        self.ready = True
