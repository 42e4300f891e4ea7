"""«Видеозвонки» of the operators: who is to be called, the call with everything that has to be seen, and the own hours."""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.accounts.models import Person
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.identifiers import person_name, snils
from medcab.proofs.queries import identity_index
from medcab.proofs.video.desk import queries, service
from medcab.proofs.video.desk.queries import PAGE, Place
from medcab.proofs.video.desk.service import NotThere
from medcab.proofs.video.models import VideoSession
from medcab.proofs.video.rules import OPEN, WORDS, SessionState, is_late
from medcab.proofs.video.service import DESK, relays_for
from medcab.ui import formats

PATH = "/identity/desk"
_DONE = {
    "prove": "Личность подтверждена. Человеку сообщим.", "refuse": "Не подтверждена. Человек прочтёт причину.",
    "call-off": "Звонок отменён. Человеку сообщим.",
}  # fmt: skip


class PlaceRow(TypedDict):
    """A session in the list."""

    id: str
    href: str
    name: str
    at: str
    word: str
    tone: str
    operator: str
    is_shown: bool


class SessionView(TypedDict):
    """One session; `stage`: booked, running, over."""

    id: str
    stage: str
    name: str
    born: str
    snils: str
    digits: str
    at: str
    word: str
    tone: str
    told: str
    operator: str
    still: str
    is_there: bool
    is_another: bool
    """The data is not what it was when the call began: nobody must be compared with it."""
    is_mine: bool
    is_late: bool
    version: int
    call: int
    answer: str


NOTHING: SessionView = {
    "id": "", "stage": "", "name": "", "born": "", "snils": "", "digits": "", "at": "", "word": "", "tone": "quiet", "told": "", "operator": "",
    "still": "", "is_there": False, "is_another": False, "is_mine": False, "is_late": False, "version": 0, "call": 0, "answer": "",
}  # fmt: skip


class VideoDeskState(rx.State):
    """What the address asks for, and which decision is being written (`act`)."""

    closed: str = ""
    ready: bool = False
    pile: str = "open"
    rows: list[PlaceRow] = []
    page: int = 1
    pages: int = 1
    summary: str = ""
    mode: str = "none"
    """none, one, gone"""
    view: SessionView = NOTHING
    act: str = ""
    relays: list[dict[str, str]] = []
    _shown_id: str = ""
    _looked: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SUPPORT_DESK)
        return None if self.closed else VideoDeskState.show

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def show(self):
        """Read the list and the session of the address, and watch both from now on."""
        self._read_address(self.router.url.query_parameters)
        self.relays = relays_for(actor())
        async with transaction(self) as (session, operator):
            await self._fill(session, operator)
            if self.mode == "one" and self._looked != self._shown_id:
                service.looked(session, operator, UUID(self._shown_id))
                self._looked = self._shown_id
            watch(self, {DESK: VideoDeskState.refresh})

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def refresh(self):
        """Somebody has booked, come, answered or decided."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def choose(self, pile: str):
        """The other list."""
        return rx.redirect(_address(pile="over" if pile == "over" else "open"))

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def turn(self, page: int):
        """Another page of what is over."""
        return rx.redirect(_address(pile=self.pile, page=max(page, 1)))

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def turn_to(self, act: str):
        """Begin to write a decision; none: leave it."""
        self.act = act if act in ("refuse", "call-off") else ""

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def begin(self):
        """Call the person who waits."""
        self.relays = relays_for(actor())
        async with transaction(self) as (session, operator):
            await service.begin(session, operator, **self._seen())
            await session.flush()
            await self._fill(session, operator)

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def say(self, call: int, description: str):
        """What this browser offers to the person's."""
        async with transaction(self) as (session, actor):
            await service.offer(session, actor, session_id=_id(self._shown_id), call=call, description=description)

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def prove(self, form: dict[str, Any]):
        """Everything on the list was seen."""
        async with transaction(self) as (session, actor):
            await service.prove(session, actor, **self._seen(), seen=[name for name in form if isinstance(name, str)])
            await session.flush()
            await self._fill(session, actor)
        return success(_DONE["prove"])

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def refuse(self, form: dict[str, Any]):
        """Not proved, or called off: with what the person is told."""
        text, act = str(form.get("text", "")), self.act
        async with transaction(self) as (session, actor):
            if act == "refuse":
                await service.refuse(session, actor, **self._seen(), reason=str(form.get("reason", "")), text=text)
            else:
                await service.call_off(session, actor, **self._seen(), text=text)
            await session.flush()
            await self._fill(session, actor)
        self.act = ""
        return success(_DONE.get(act, ""))

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def miss(self):
        """Nobody came."""
        async with transaction(self) as (session, actor):
            await service.miss(session, actor, **self._seen())
            await session.flush()
            await self._fill(session, actor)
        return success("Отмечено: человек не пришёл.")

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def break_off(self):
        """The line does not hold."""
        async with transaction(self) as (session, actor):
            await service.break_off(session, actor, **self._seen())
            await session.flush()
            await self._fill(session, actor)
        return success("Звонок завершён. Человек выберет другое время.")

    def _read_address(self, asked: Any) -> None:
        self.pile = "over" if asked.get("pile", "") == "over" else "open"
        page = asked.get("page", "")
        self.page = int(page) if page.isdecimal() and len(page) <= len("9999") and int(page) else 1
        if asked.get("show", "") != self._shown_id:
            self.act, self.view, self.mode = "", NOTHING, "none"
        self._shown_id = asked.get("show", "")[:36]

    def _seen(self) -> dict[str, Any]:
        """Which session, and as it was when the operator last saw it."""
        return {"session_id": _id(self._shown_id), "version": self.view["version"]}

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        if self.pile == "open":
            places, count = await queries.to_come(session, actor), 0
        else:
            places, count = await queries.held(session, actor, self.page)
        self.rows = [self._row(place, actor) for place in places]
        self.pages = max(1, -(-count // PAGE))
        self.summary = formats.plural(count or len(places), "звонок", "звонка", "звонков")
        if self._shown_id:
            await self._open(session, actor)
        self.ready = True

    async def _open(self, session: AsyncSession, actor: Actor) -> None:
        place = await queries.place_of(session, actor, _id(self._shown_id))
        self.mode, self.view = ("one", _view(place, actor)) if place else ("gone", NOTHING)

    def _row(self, place: Place, actor: Actor) -> PlaceRow:
        found, shown = place.session, str(place.session.id)
        tone, word = _standing(found)
        return {
            "id": shown, "href": _address(pile=self.pile, page=self.page, show=shown), "name": _short(place.person), "at": _at(found),
            "word": word, "tone": tone, "operator": "" if found.operator_id == actor.person_id else _short(place.operator),
            "is_shown": shown == self._shown_id,
        }  # fmt: skip


def _view(place: Place, actor: Actor) -> SessionView:
    found, person = place.session, place.person
    is_another = found.state is SessionState.RUNNING and identity_index(person) != found.identity_index
    tone, word = _standing(found)
    stage = {SessionState.BOOKED: "booked", SessionState.RUNNING: "running"}.get(found.state, "over")
    is_mine = found.operator_id == actor.person_id
    version = f"?taken={int(found.still_at.timestamp())}" if found.still_at else ""
    return {
        "id": str(found.id), "stage": stage, "name": "данные изменены" if is_another else _full(person), "is_another": is_another,
        "born": "" if is_another else formats.day(person.birth_date), "snils": "" if is_another else snils.formatted(person.snils), "digits": found.word, "at": _at(found), "word": word,
        "tone": tone, "told": found.told, "operator": _short(place.operator), "still": f"/api/video/{found.id}/still{version}" if found.still_id and is_mine else "",
        "is_there": found.arrived_at is not None, "is_mine": is_mine, "is_late": is_late(found.starts_at, clock.now()),
        "version": found.version, "call": found.call, "answer": found.answer if is_mine else "",
    }  # fmt: skip


def _standing(found: VideoSession) -> tuple[str, str]:
    """How it stands; of who waits already, for how long."""
    if found.state is not SessionState.BOOKED:
        return WORDS[found.state]
    if found.arrived_at is None:
        return WORDS[found.state] if clock.now() < found.starts_at else ("soon", "пора, но человека нет")
    waits = int((clock.now() - max(found.arrived_at, found.starts_at)).total_seconds() // 60)
    return ("act", f"ждёт {formats.plural(waits, 'минуту', 'минуты', 'минут')}") if waits > 0 else ("done", "на связи")


def _at(found: VideoSession) -> str:
    at = found.starts_at.astimezone(clock.MOSCOW)
    days = (at.date() - clock.today()).days
    day = {0: "сегодня", 1: "завтра"}.get(days, formats.day_words(at.date()))
    return f"{day} в {formats.time(at)}" if found.state in OPEN else formats.moment(at)


def _full(person: Person) -> str:
    return " ".join(filter(None, (person.family_name, person.given_name, person.patronymic)))


def _short(person: Any) -> str:
    return person_name.short(person.family_name, person.given_name, person.patronymic)


def _address(**given: str | int) -> str:
    """Only what differs from the plain list."""
    usual = {"pile": "open", "page": 1}
    kept = {name: value for name, value in given.items() if value and usual.get(name) != value}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotThere from None
