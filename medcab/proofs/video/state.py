"""«Видеозвонок»: a time is chosen, the call awaited and held."""

from datetime import date, datetime
from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission
from medcab.accounts import queries as accounts
from medcab.errors import Invalid
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.proofs.queries import proof_of
from medcab.proofs.service import topic
from medcab.proofs.video import queries, service
from medcab.proofs.video.models import VideoSession
from medcab.proofs.video.rules import EARLY, SessionState, may_come
from medcab.ui import formats


class Day(TypedDict):
    """A day on which there is a time to choose."""

    day: str
    label: str
    is_shown: bool


class Time(TypedDict):
    at: str
    label: str
    is_chosen: bool


class VideoState(rx.State):
    """`mode`: choose, booked, running, proved."""

    ready: bool = False
    mode: str = "choose"
    days: list[Day] = []
    times: list[Time] = []
    chosen: str = ""
    """What would be booked, in words; empty: nothing is chosen."""
    when: str = ""
    word: str = ""
    has_come: bool = False
    opens_in: int = 0
    """Seconds until one may come."""
    call: int = 0
    offer: str = ""
    relays: list[dict[str, str]] = []
    is_elsewhere: bool = False
    """The call is open in another tab or on another device."""
    _call: int = 0
    """What `call` was when this tab has come."""
    _day: str = ""
    _at: str = ""

    @rx.event
    @requires(Permission.ACCOUNT)
    async def load(self):
        """Show where it stands, and keep it shown."""
        self._day, self._at, self.relays = "", "", service.relays_for(actor())
        async with reading(self) as (session, who):
            await self._fill(session, who)
            watch(self, {topic(who.person_id): VideoState.refresh, service.DESK: VideoState.refresh})

    @rx.event
    @requires(Permission.ACCOUNT)
    async def refresh(self):
        """The operator has called, decided, or called it off; or others have taken times that are shown."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.ACCOUNT)
    async def show_day(self, day: str):
        """Another day's times."""
        self._day, self._at = day[:10], ""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.ACCOUNT)
    async def choose(self, at: str):
        """One of the times shown."""
        self._at = at[:32]
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.ACCOUNT)
    async def book(self):
        """Take the chosen time."""
        async with transaction(self) as (session, actor):
            await service.book(session, actor, starts_at=_moment(self._at))
            await session.flush()
            await self._fill(session, actor)
        return success("Вы записаны. Время пришло в SMS и письме.")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def cancel(self):
        """Do not come after all."""
        async with transaction(self) as (session, actor):
            await service.cancel(session, actor)
            await session.flush()
            await self._fill(session, actor)
        return success("Звонок отменён.")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def come(self):
        """The camera is on: be called."""
        self.relays = service.relays_for(actor())
        async with transaction(self) as (session, who):
            self._call = (await service.arrive(session, who)).call
            await session.flush()
            await self._fill(session, who)

    @rx.event
    @requires(Permission.ACCOUNT)
    async def say(self, call: int, description: str):
        """What this browser answers to the operator's."""
        async with transaction(self) as (session, actor):
            await service.answer(session, actor, call=call, description=description)

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        found = await queries.open_of(session, actor.person_id)
        if found:
            self._show(found)
        elif await proof_of(session, await accounts.person(session, actor.person_id)):
            self.mode = "proved"
        else:
            await self._offer_times(session, actor)
        self.ready = True

    def _show(self, found: VideoSession) -> None:
        now = clock.now()
        self.mode = "running" if found.state is SessionState.RUNNING else "booked"
        self.when, self.word = _words(found.starts_at), found.word
        self.has_come, self.call = found.arrived_at is not None and found.call == self._call, found.call
        self.is_elsewhere = found.arrived_at is not None and not self.has_come
        self.offer = found.offer if self.has_come else ""
        self.opens_in = (
            0 if may_come(found.starts_at, now) else max(0, int((found.starts_at - EARLY - now).total_seconds()) + 1)
        )

    async def _offer_times(self, session: AsyncSession, actor: Actor) -> None:
        self.mode = "choose"
        starts = list(await queries.free(session, actor.person_id))
        days = sorted({_day(at) for at in starts})
        shown = next((day for day in days if day.isoformat() == self._day), days[0] if days else None)
        self.days = [{"day": day.isoformat(), "label": _day_words(day), "is_shown": day == shown} for day in days]
        self.times = [
            {"at": at.isoformat(), "label": formats.time(at), "is_chosen": at.isoformat() == self._at}
            for at in starts if _day(at) == shown
        ]  # fmt: skip
        chosen = next((row for row in self.times if row["is_chosen"]), None)
        self.chosen = _words(_moment(chosen["at"])) if chosen else ""


def _day(at: datetime) -> date:
    return at.astimezone(clock.MOSCOW).date()


def _day_words(day: date) -> str:
    near = {0: "Сегодня", 1: "Завтра"}.get((day - clock.today()).days)
    return f"{near}, {formats.day_words(day)}" if near else f"{formats.weekday_short(day)}, {formats.day_words(day)}"


def _words(at: datetime) -> str:
    return f"{formats.day_words(_day(at))} в {formats.time(at)}"


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("Сначала выберите время.") from None
    if found.tzinfo is None:
        raise Invalid("Сначала выберите время.")
    return found
