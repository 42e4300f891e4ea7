"""«Кабинеты и оборудование»: what the clinic has, how full it is, when it is serviced; what a change would do before it is done."""

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.identifiers import day_time
from medcab.schedule.calendar.service import Choice
from medcab.schedule.resources import service
from medcab.schedule.resources.listing.queries import Affected, Listed
from medcab.schedule.resources.models import Resource, ResourceClosed, ResourceKind
from medcab.schedule.resources.service import NewResource, Overview
from medcab.schedule.resources.taking.service import topic
from medcab.schedule.rules.given import day, identity, needed_minute, one_of
from medcab.schedule.rules.resources import EVERY_DAY, Availability
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import Block
from medcab.schedule.service import zone
from medcab.ui import formats

PATH = "/schedule/resources"
DAYS = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")
WORKDAYS, WHOLE_DAY = 0b0011111, 24 * 60
_DOINGS = ("room", "device", "change", "close")
_SHOWN = 20


class ServiceRow(TypedDict):
    """A time in which something cannot be used."""

    id: str
    words: str


class ResourceRow(TypedDict):
    """A room or a device in the list; `share` is a percentage for the eye."""

    id: str
    icon: str
    name: str
    place: str
    when: str
    load: str
    share: str
    services: list[ServiceRow]
    may_change: bool


class LeftRow(TypedDict):
    id: str
    at: str
    name: str


class Typed(TypedDict):
    """What the form begins with."""

    id: str
    kind: str
    name: str
    note: str
    department: str
    days: list[bool]
    starts: str
    ends: str


def _new(kind: str) -> Typed:
    return {"id": "", "kind": kind, "name": "", "note": "", "department": "", "days": [True] * 7, "starts": "00:00", "ends": "24:00"}  # fmt: skip


class ResourcesState(rx.State):
    """`do`: what is being written (room, device, change, close); `left`: whom it would affect, until that is agreed to or given up."""

    closed: str = ""
    ready: bool = False
    rows: list[ResourceRow] = []
    kind: str = ""
    page: int = 1
    pages: int = 1
    summary: str = ""
    may_change: bool = False
    may_share: bool = False
    places: list[Choice] = []
    do: str = ""
    form: Typed = _new("room")
    fault: str = ""
    left: list[LeftRow] = []
    left_more: str = ""
    _asked: dict[str, Any] = {}
    _seen: list[str] = []

    @rx.event
    @requires()
    async def load(self):
        """Show the list; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_DEPARTMENT)
        return None if self.closed else ResourcesState.show

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def show(self):
        """Read it, and watch it from now on."""
        self._forget()
        asked = self.router.url.query_parameters
        self.do, wanted = asked.get("do", "") if asked.get("do", "") in _DOINGS else "", asked.get("id", "")[:36]
        async with reading(self) as (session, who):
            found = await self._fill(session, who)
            watch(self, {topic(who.organisation_id or ""): ResourcesState.refresh})
        chosen = next((each.row for each in found.rows if str(each.row.id) == wanted and each.may_change), None)
        self.form = _typed(chosen) if chosen else _new(self.do)
        self.do = "" if (self.do in ("change", "close") and not chosen) or not self.may_change else self.do

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def refresh(self):
        """Something was booked or changed; what is being written stays."""
        async with reading(self) as (session, who):
            await self._fill(session, who)

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def choose(self, kind: str):
        """Rooms only, devices only, or both."""
        self.kind, self.page = kind if kind in ("room", "device") else "", 1
        return ResourcesState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def turn(self, page: int):
        """Another page."""
        self.page = min(max(1, page), self.pages)
        return ResourcesState.refresh

    @rx.event
    @requires(Permission.SCHEDULE_RESOURCES)
    async def save(self, form: dict[str, Any]):
        """Ask for what the form says: done at once when nobody is affected, shown first otherwise."""
        self._forget()
        self._asked = {name: value for name, value in form.items() if isinstance(value, str)}
        return await self._carry_out()

    @rx.event
    @requires(Permission.SCHEDULE_RESOURCES)
    async def agree(self):
        """Do it, although visits stand there."""
        self._seen = [row["id"] for row in self.left] + self._seen
        return await self._carry_out()

    @rx.event
    @requires(Permission.SCHEDULE_RESOURCES)
    async def give_up(self):
        """Leave everything as it is."""
        self._forget()

    @rx.event
    @requires(Permission.SCHEDULE_RESOURCES)
    async def remove(self, resource_id: str):
        """Out of use."""
        async with transaction(self) as (session, who):
            await service.remove(session, who, resource_id=identity(resource_id))
        return [ResourcesState.refresh, success("Выведено из работы.")]

    @rx.event
    @requires(Permission.SCHEDULE_RESOURCES)
    async def reopen(self, closed_id: str):
        """It can be used again."""
        async with transaction(self) as (session, who):
            await service.reopen(session, who, closed_id=identity(closed_id))
        return [ResourcesState.refresh, success("Снова в работе.")]

    async def _carry_out(self) -> Any:
        """One request, with whom one has been shown so far; a refusal is said in the form."""
        try:
            async with transaction(self) as (session, who):
                left = await self._request(session, who)
        except MedcabError as refusal:
            self.fault, self.left = refusal.message, []
            return None
        self.left, self._seen = [_left(one) for one in left[:_SHOWN]], [str(one.id) for one in left]
        more = len(left) - _SHOWN
        self.left_more = f"и ещё {formats.plural(more, 'приём', 'приёма', 'приёмов')}" if more > 0 else ""
        return None if left else [rx.redirect(PATH), success("Сохранили.")]

    async def _request(self, session: AsyncSession, who: Actor) -> list[Affected]:
        asked, seen = self._asked, frozenset(UUID(one) for one in self._seen)
        if self.do == "close":
            span = Span(_moment(asked, "since", "starts", "начало"), _moment(asked, "until", "ends", "конец"))
            return await service.close(
                session, who, resource_id=identity(self.form["id"]), span=span, reason=asked.get("reason", ""), seen=seen
            )  # fmt: skip
        chosen = identity(self.form["id"]) if self.form["id"] else None
        return await service.keep(session, who, new=_read(asked, self.form["kind"]), resource_id=chosen, seen=seen)

    def _forget(self) -> None:
        self.fault, self.left, self.left_more, self._asked, self._seen = "", [], "", {}, []

    async def _fill(self, session: AsyncSession, who: Actor) -> Overview:
        kind = one_of(ResourceKind, self.kind) if self.kind else None
        found = await service.overview(session, who, kind=kind, page=self.page)
        self.rows, self.ready = [_row(each) for each in found.rows], True
        self.pages = max(1, -(-found.total // service.PAGE))
        self.summary = formats.plural(found.total, "запись", "записи", "записей")
        self.may_change, self.may_share = found.may_change, found.may_share
        self.places = [{"id": str(key), "name": name} for key, name in found.places.items()]
        return found


def _row(one: Listed) -> ResourceRow:
    row, share = one.row, one.booked / one.open if one.open else 0.0
    is_room = row.kind is ResourceKind.ROOM
    load = f"занято {formats.percent(share)}: {formats.duration(one.booked)} из {formats.duration(one.open)}"
    return {
        "id": str(row.id), "icon": "door-open" if is_room else "stethoscope", "name": f"Кабинет {row.name}" if is_room else row.name,
        "place": " · ".join(filter(None, [one.department or "вся клиника", row.note])), "when": _when(row),
        "load": load if one.open else "в эти дни не работает", "share": f"{min(100, round(share * 100))}%",
        "services": [_service(each) for each in one.closed], "may_change": one.may_change,
    }  # fmt: skip


def _when(row: Resource) -> str:
    """«Пн, Вт, 08:00–18:00»; what can be used at any time says so."""
    if (row.weekdays, row.starts, row.ends) == (EVERY_DAY, 0, WHOLE_DAY):
        return "в любое время"
    every = {EVERY_DAY: "каждый день", WORKDAYS: "Пн–Пт"}
    names = ", ".join(name for number, name in enumerate(DAYS) if row.weekdays >> number & 1)
    return f"{every.get(row.weekdays, names)}, {day_time.formatted(row.starts)}–{day_time.formatted(row.ends)}"


def _service(one: ResourceClosed) -> ServiceRow:
    since, until = one.starts_at.astimezone(zone()), one.ends_at.astimezone(zone())
    end = formats.time(until, zone()) if since.date() == until.date() else formats.moment(until, zone())
    words = f"{formats.moment(since, zone())} – {end}"
    return {"id": str(one.id), "words": f"{words}: {one.reason}" if one.reason else words}


def _left(one: Affected) -> LeftRow:
    name = f"{one.name}, {one.doctor}" if one.name else "приём другого отделения"
    return {"id": str(one.id), "at": formats.moment(one.starts_at, zone()), "name": name}


def _typed(row: Resource) -> Typed:
    return {
        "id": str(row.id), "kind": row.kind.value, "name": row.name, "note": row.note, "department": str(row.department_id or ""),
        "days": [bool(row.weekdays >> number & 1) for number in range(len(DAYS))], "starts": day_time.formatted(row.starts),
        "ends": day_time.formatted(row.ends),
    }  # fmt: skip


def _read(asked: dict[str, Any], kind: str) -> NewResource:
    """The form as it was typed; raises `Invalid` with a sentence."""
    weekdays = sum(1 << number for number in range(len(DAYS)) if asked.get(f"day{number}"))
    hours = Availability(weekdays, needed_minute(asked, "starts", "начало"), needed_minute(asked, "ends", "конец"))
    place = asked.get("department", "")
    return NewResource(
        kind=one_of(ResourceKind, kind), name=asked.get("name", ""), note=asked.get("note", ""), available=hours,
        department_id=identity(place, "Выберите отделение.") if place else None,
    )  # fmt: skip


def _moment(asked: dict[str, Any], day_name: str, minute_name: str, what: str) -> datetime:
    """A day and a time of the clinic's clock; the last day may be left out when it is the first."""
    on: date = day(asked, day_name, asked.get("since", ""))
    return Block(0, needed_minute(asked, minute_name, what)).on(on, zone()).ends_at
