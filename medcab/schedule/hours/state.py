"""«Часы приёма»: whose they are, what comes again every week, which days have none, and what a change would do before it is done."""

from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.identifiers import day_time
from medcab.schedule.calendar.service import Choice
from medcab.schedule.hours import service
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.queries import closed_of
from medcab.schedule.hours.service import Affected, NewTemplate, Overview
from medcab.schedule.models import ReceptionClosed, ReceptionTemplate
from medcab.schedule.rules.given import day, identity, minute, needed_minute, one_of
from medcab.schedule.rules.templates import Closed, Template, Weeks, said_of
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.service import topic
from medcab.ui import formats

PATH = "/schedule/hours"
DAYS = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")
NORM_OF = {kind.value: kind for kind in VisitKind}
WEEKS = {Weeks.ALL: "каждую неделю", Weeks.ODD: "по нечётным неделям", Weeks.EVEN: "по чётным неделям"}
_SHOWN = 20
"""Visits named when a change leaves them outside."""


class TemplateRow(TypedDict):
    """A template in the list."""

    id: str
    days: str
    time: str
    slot: str
    place: str
    holds: str


class ClosedRow(TypedDict):
    id: str
    days: str
    reason: str


class LeftRow(TypedDict):
    id: str
    at: str
    name: str


class Typed(TypedDict):
    """What the form begins with."""

    id: str
    days: list[bool]
    weeks: str
    starts: str
    ends: str
    break_starts: str
    break_ends: str
    slot: str
    room: str
    since: str
    until: str
    department: str
    specialty: str
    on_holidays: bool


NEW: Typed = {
    "id": "", "days": [True] * 5 + [False] * 2, "weeks": Weeks.ALL.value, "starts": "09:00", "ends": "15:00", "break_starts": "", "break_ends": "",
    "slot": VisitKind.FIRST.value, "room": "", "since": "", "until": "", "department": "", "specialty": "", "on_holidays": False,
}  # fmt: skip


class HoursState(rx.State):
    """`do`: what is being written (template, close); `left`: whom it would leave outside, until that is agreed to or given up."""

    closed: str = ""
    ready: bool = False
    is_missing: bool = False
    people: list[Choice] = []
    has_colleagues: bool = False
    who: str = ""
    name: str = ""
    departments: list[Choice] = []
    specialties: list[str] = []
    is_to_choose_specialty: bool = False
    rows: list[TemplateRow] = []
    free_days: list[ClosedRow] = []
    own: str = ""
    """Until when hours are open day by day, a sentence."""
    may_bring: bool = False
    """A rota for many at once."""
    do: str = ""
    form: Typed = NEW
    fault: str = ""
    left: list[LeftRow] = []
    left_more: str = ""
    _asked: dict[str, Any] = {}
    _seen: list[str] = []

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SCHEDULE_EDIT)
        return None if self.closed else HoursState.show

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def show(self):
        """Read the hours of whom the address names, and watch them."""
        self._forget()
        asked = self.router.url.query_parameters
        self.do, self.who = (
            asked.get("do", "") if asked.get("do", "") in ("template", "close") else "",
            asked.get("who", "")[:36],
        )
        async with reading(self) as (session, actor):
            await self._fill(session, actor, asked.get("id", "")[:36])
            watch(self, {topic(self.who): HoursState.refresh})

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def refresh(self):
        """Somebody has booked or changed the hours; what is being written stays."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor, self.form["id"])

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def choose(self, who: str):
        """Another worker."""
        return rx.redirect(f"{PATH}?who={who[:36]}")

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def save(self, form: dict[str, Any]):
        """Ask for what the form says: done at once when nobody is left outside, shown first otherwise."""
        self._forget()
        self._asked = {name: value for name, value in form.items() if isinstance(value, str)}
        return await self._carry_out()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def agree(self):
        """Do it, although visits are left outside of the hours."""
        self._seen = [row["id"] for row in self.left] + self._seen
        return await self._carry_out()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def give_up(self):
        """Leave everything as it is."""
        self._forget()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def end(self, template_id: str):
        """The template holds today and no longer."""
        self._forget()
        self._asked = {"end": template_id[:36]}
        return await self._carry_out()

    @rx.event
    @requires(Permission.SCHEDULE_EDIT)
    async def reopen(self, closed_id: str):
        """The days have hours again."""
        async with transaction(self) as (session, actor):
            await closing.open_days(session, actor, closed_id=identity(closed_id))
            await session.flush()
            await self._fill(session, actor, "")
        return success("Приём в эти дни снова открыт.")

    async def _carry_out(self) -> Any:
        """One request, with whom one has been shown so far; a refusal is said in the form."""
        try:
            async with transaction(self) as (session, actor):
                left = await self._request(session, actor)
        except MedcabError as refusal:
            self.fault, self.left = refusal.message, []
            return None
        self.left = [_left(one) for one in left[:_SHOWN]]
        self._seen = [str(one.id) for one in left]
        more = len(left) - _SHOWN
        self.left_more = f"и ещё {formats.plural(more, 'приём', 'приёма', 'приёмов')}" if more > 0 else ""
        return None if left else [rx.redirect(f"{PATH}?who={self.who}"), success("Часы приёма изменены.")]

    async def _request(self, session: AsyncSession, actor: Actor) -> list[Affected]:
        asked, who = self._asked, identity(self.who)
        seen = frozenset(UUID(one) for one in self._seen)
        if "end" in asked:
            template_id = identity(asked["end"])
            return await service.end_template(
                session, actor, template_id=template_id, last_day=clock.today(), seen=seen
            )
        if self.do == "close":
            days = Closed(day(asked, "since"), day(asked, "until", asked.get("since", "")))
            return await closing.close_days(
                session, actor, practitioner_id=who, closed=days, reason=asked.get("reason", ""), seen=seen
            )
        return await service.keep_template(
            session, actor, practitioner_id=who, new=_read(asked, self.form["id"]), seen=seen
        )

    def _forget(self) -> None:
        self.fault, self.left, self.left_more, self._asked, self._seen = "", [], "", {}, []

    async def _fill(self, session: AsyncSession, actor: Actor, template_id: str) -> None:
        found = await service.overview(session, actor, who=self.who)
        self.may_bring = actor.may(Permission.SCHEDULE_DEPARTMENT)
        self.ready, self.is_missing = True, found is None
        if found is None:
            return
        self._show_worker(found)
        chosen = next((row for row in found.templates if str(row.id) == template_id), None)
        self.form = _typed(chosen) if chosen else {**NEW, "since": formats.day(found.earliest)}

    def _show_worker(self, found: Overview) -> None:
        self.people, self.who, self.name = found.people, str(found.practitioner_id), found.name
        self.departments = [{"id": str(key), "name": name} for key, name in found.departments.items()]
        self.specialties, self.is_to_choose_specialty = found.specialties, len(found.specialties) > 1
        self.has_colleagues = len(found.people) > 1
        self.rows = [_row(row, found) for row in found.templates]
        self.free_days = [_free(row) for row in found.closed]
        until = found.own_until
        self.own = (
            f"До {formats.day(until)} часы уже открыты по дням: в такие дни шаблон ничего не меняет." if until else ""
        )


def _row(row: ReceptionTemplate, found: Overview) -> TemplateRow:
    names = [name for number, name in enumerate(DAYS) if row.weekdays >> number & 1]
    pause = f", перерыв {_clock(row.break_starts)}–{_clock(row.break_ends)}" if row.break_starts is not None else ""
    holds = f"с {formats.day(row.since)}" + (f" до {formats.day(row.until)}" if row.until else "")
    place = [found.departments.get(row.department_id, ""), row.specialty, f"каб. {row.room}" if row.room else ""]
    return {
        "id": str(row.id), "days": f"{', '.join(names)}, {WEEKS[row.weeks]}" + (", и в праздники" if row.on_holidays else ""),
        "time": f"{_clock(row.starts)}–{_clock(row.ends)}{pause}", "slot": f"по {row.slot_minutes} мин", "place": " · ".join(filter(None, place)),
        "holds": holds,
    }  # fmt: skip


def _free(row: ReceptionClosed) -> ClosedRow:
    return {"id": str(row.id), "days": said_of(closed_of(row)), "reason": row.reason}


def _left(one: Affected) -> LeftRow:
    return {"id": str(one.id), "at": formats.moment(one.starts_at), "name": one.name or "занято"}


def _typed(row: ReceptionTemplate) -> Typed:
    return {
        "id": str(row.id), "days": [bool(row.weekdays >> number & 1) for number in range(len(DAYS))], "weeks": row.weeks.value,
        "starts": _clock(row.starts), "ends": _clock(row.ends), "break_starts": _clock(row.break_starts), "break_ends": _clock(row.break_ends),
        "slot": str(row.slot_minutes), "room": row.room, "since": "", "until": formats.day(row.until) if row.until else "",
        "department": str(row.department_id), "specialty": row.specialty, "on_holidays": row.on_holidays,
    }  # fmt: skip


def _read(asked: dict[str, Any], replaces: str) -> NewTemplate:
    """The form as it was typed; raises `Invalid` with a sentence."""
    minutes, norm_of = asked.get("slot", ""), NORM_OF.get(asked.get("slot", ""))
    template = Template(
        weekdays=frozenset(number for number in range(len(DAYS)) if asked.get(f"day{number}")), weeks=one_of(Weeks, asked.get("weeks", "")),
        starts=needed_minute(asked, "starts", "начало приёма"), ends=needed_minute(asked, "ends", "конец приёма"), break_starts=minute(asked, "break_starts"),
        break_ends=minute(asked, "break_ends"), slot_minutes=int(minutes) if minutes.isdecimal() and len(minutes) <= len("240") else 0,
        since=day(asked, "since"), until=day(asked, "until") if asked.get("until") else None, on_holidays=bool(asked.get("on_holidays")),
    )  # fmt: skip
    department = identity(asked.get("department", ""), "Выберите отделение.")
    return NewTemplate(
        department_id=department, template=template, norm_of=norm_of, room=asked.get("room", ""), specialty=asked.get("specialty", "")[:500],
        replaces=identity(replaces) if replaces else None,
    )  # fmt: skip


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else day_time.formatted(minutes)
