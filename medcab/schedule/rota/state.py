"""«График из файла»: what was read, day by day, before anything is done with it; and the way back into a file."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires, success, transaction
from medcab.schedule.rota import service
from medcab.schedule.rota.applying import service as applying
from medcab.schedule.rota.applying.service import StalePreview
from medcab.schedule.rota.export import service as exports
from medcab.schedule.rota.export.service import Asked
from medcab.schedule.rota.service import Preview
from medcab.schedule.rules.cells import month_of
from medcab.schedule.rules.facts import Booked, Change, Kind, Open
from medcab.schedule.rules.given import day, identity
from medcab.schedule.rules.months import MONTHS
from medcab.schedule.service import zone
from medcab.tables.writer import CSV, XLSX
from medcab.ui import formats
from medcab.ui.files import saved

PATH = "/schedule/rota"
PAGE, _LONGEST_PAGE = 50, 4
_MONTHS_AHEAD, _LEFT_SHOWN = 7, 4
ONLY = (
    ("work", "Изменения и ошибки"), ("wrong", "Только ошибки"), ("left", "Где задеты приёмы"), ("all", "Все дни файла"),
)  # fmt: skip
_LOOKS = {
    Kind.NEW: ("новый", "info"), Kind.CHANGED: ("изменится", "soon"), Kind.CLOSED: ("закроется", "soon"), Kind.SAME: ("без изменений", "quiet"),
    Kind.WRONG: ("ошибка", "act"),
}  # fmt: skip


class RotaRow(TypedDict):
    """A worker's day of the file: where it stands there, what is open now, what will be, what there is to say."""

    key: str
    where: str
    name: str
    day: str
    before: list[str]
    after: list[str]
    word: str
    tone: str
    errors: list[str]
    warnings: list[str]
    left: list[str]


class RotaState(rx.State):
    """The file of the address, one page of its days; without one there are the uploader and the export.

    `seen` tells the preview that is drawn from any other: applying says which one was agreed to.
    """

    closed: str = ""
    ready: bool = False
    sheet: str = ""
    name: str = ""
    rows: list[RotaRow] = []
    only: str = "work"
    seen: str = ""
    month: str = ""
    months: list[tuple[str, str]] = []
    has_month: bool = False
    needs_month: bool = False
    told: str = ""
    done: int = 0
    wrong: int = 0
    left: int = 0
    doing: str = ""
    fault: str = ""
    page: int = 1
    pages: int = 1
    departments: list[tuple[str, str]] = []
    since: str = ""
    until: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show the file of the address; to whom it is not open, say why."""
        self.closed, self.ready = why_closed(actor(), Permission.SCHEDULE_DEPARTMENT), False
        self.fault = ""
        return None if self.closed else RotaState.show

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def show(self):
        """Judge the days by what the clinic knows now."""
        asked = self.router.url.query_parameters
        self.sheet, page = asked.get("sheet", "")[:36], asked.get("page", "1")
        self.only = asked.get("only", "") if asked.get("only", "") in dict(ONLY) else "work"
        self.page = int(page) if page.isdecimal() and len(page) <= _LONGEST_PAGE else 1
        async with reading(self) as (session, who):
            await self._fill(session, who)
        self.ready = True

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def taken(self, sheet_id: str):
        """A file was read: look through it."""
        return rx.redirect(f"{PATH}?sheet={sheet_id[:36]}")

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def choose(self, only: str):
        """Other days of the file."""
        return rx.redirect(f"{PATH}?sheet={self.sheet}&only={only if only in dict(ONLY) else 'work'}")

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def turn(self, page: int):
        """Another page of the same days."""
        return rx.redirect(f"{PATH}?sheet={self.sheet}&only={self.only}&page={max(page, 1)}")

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def choose_month(self, month: str):
        """Of which month the numbers at the head of the file are."""
        found = month_of(month)
        if found is None:
            return None
        async with transaction(self) as (session, who):
            await service.choose_month(session, who, sheet_id=service.known_id(self.sheet), month=found)
        return RotaState.show

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def apply(self, sheet_id: str, rows: str, seen: str):
        """Do what was seen, or nothing; `rows` "right": those without errors, whatever the others are."""
        return await self._apply(service.known_id(sheet_id), seen, drop_wrong=rows == "right")

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def discard(self, sheet_id: str):
        """Forget the file."""
        async with transaction(self) as (session, who):
            await service.discard(session, who, sheet_id=service.known_id(sheet_id))
        return rx.redirect(PATH)

    @rx.event
    @requires(Permission.SCHEDULE_DEPARTMENT)
    async def export(self, form: dict[str, Any]):
        """The rota of a department in these days as a file."""
        self.fault = ""
        return await self._export({name: value for name, value in form.items() if isinstance(value, str)})

    async def _apply(self, sheet_id: UUID, seen: str, *, drop_wrong: bool) -> Any:
        """A preview that is no longer true is drawn anew, and said."""
        self.fault = ""
        try:
            async with transaction(self) as (session, who):
                told = await applying.apply(session, who, sheet_id=sheet_id, seen=seen, drop_wrong=drop_wrong)
        except StalePreview as stale:
            self.fault = stale.message
            return RotaState.show
        except MedcabError as refusal:
            self.fault = refusal.message
            return None
        return [success(_done(told)), rx.redirect(f"/schedule?view=people&date={told.first}")]

    async def _export(self, form: dict[str, str]) -> Any:
        try:
            department = form.get("department", "")
            asked = Asked(
                department_id=identity(department) if department else None, since=day(form, "since"), until=day(form, "until"),
                ending=CSV if form.get("ending") == CSV else XLSX,
            )  # fmt: skip
            async with transaction(self) as (session, who):
                sheet = await exports.export(session, who, asked)
        except MedcabError as refusal:
            self.fault = refusal.message
            return None
        return await saved(sheet)

    async def _fill(self, session: AsyncSession, who: Actor) -> None:
        self.rows, self.seen = [], ""
        today = clock.today(zone())
        if not self.sheet:
            found = await exports.choices(session, who)
            self.departments = [("", "Все отделения"), *((str(key), name) for key, name in found.items())]
            first = (today.replace(day=1) + timedelta(31)).replace(day=1)
            self.since, self.until = formats.day(first), formats.day((first + timedelta(31)).replace(day=1) - timedelta(1))  # fmt: skip
            return
        self.months = [(f"{each:%Y-%m}", f"{MONTHS[each.month - 1]} {each.year}") for each in _months(today)]
        self._draw(await service.preview(session, who, sheet_id=service.known_id(self.sheet)))

    def _draw(self, found: Preview) -> None:
        self.name, self.seen, self.needs_month = found.name, found.seen, found.needs_month and found.month is None
        self.has_month, self.month = found.needs_month, f"{found.month:%Y-%m}" if found.month else ""
        self.done, self.wrong = len(found.done), len(found.of(Kind.WRONG))
        self.left = sum(len(each.left) for each in found.done)
        self.told, self.doing = _summary(found), _doing(found)
        chosen = [each for each in found.changes if _is_chosen(each, self.only)]
        self.pages = max(1, -(-len(chosen) // PAGE))
        self.page = min(max(self.page, 1), self.pages)
        first = (self.page - 1) * PAGE
        self.rows = [_row(first + at, each) for at, each in enumerate(chosen[first : first + PAGE])]


def _months(today: date) -> list[date]:
    first = today.replace(day=1)
    found = [first]
    while len(found) < _MONTHS_AHEAD:
        found.append((found[-1] + timedelta(31)).replace(day=1))
    return found


def _is_chosen(change: Change, only: str) -> bool:
    match only:
        case "all":
            return True
        case "wrong":
            return change.kind is Kind.WRONG
        case "left":
            return bool(change.left)
        case _:
            return change.kind is not Kind.SAME


def _done(told: applying.Applied) -> str:
    parts = [
        f"открыто или изменено: {formats.plural(told.opened, 'день', 'дня', 'дней')}" if told.opened else "",
        f"закрыто: {formats.plural(told.closed, 'день', 'дня', 'дней')}" if told.closed else "",
        f"пропущено с ошибками: {told.dropped}" if told.dropped else "",
    ]
    return f"График применён: {', '.join(filter(None, parts))}."


def _summary(found: Preview) -> str:
    kinds = ((Kind.NEW, "новых"), (Kind.CHANGED, "изменится"), (Kind.CLOSED, "закроется"), (Kind.SAME, "без изменений"), (Kind.WRONG, "с ошибками"))  # fmt: skip
    parts = [f"{word} {len(these)}" for kind, word in kinds if (these := found.of(kind))]
    days = formats.plural(len(found.changes), "день", "дня", "дней")
    return f"{days} в файле: {', '.join(parts)}."


def _doing(found: Preview) -> str:
    """What the person agrees to."""
    left = sum(len(each.left) for each in found.done)
    dropped = len(found.of(Kind.WRONG))
    days = formats.plural(len(found.done), "день", "дня", "дней")
    parts = [f"Изменится {days}."]
    if dropped:
        parts.append(f"Дни с ошибками ({dropped}) останутся как есть.")
    if left:
        visits = formats.plural(left, "назначенный приём останется", "назначенных приёма останутся", "назначенных приёмов останутся")  # fmt: skip
        parts.append(
            f"{formats.capital(visits)} вне часов приёма и не {'отменится' if left == 1 else 'отменятся'}: перенесите в расписании."
        )
    return " ".join(parts)


def _row(number: int, change: Change) -> RotaRow:
    word, tone = _LOOKS[change.kind]
    off = [f"нет приёма: {change.off}"] if change.off else []
    none = [] if change.kind is Kind.WRONG else ["нет приёма"]
    return {
        "key": str(number), "where": _where(change), "name": change.who or "без имени", "day": _day(change.day), "before": _hours(change.before) or none,
        "after": off or _hours(change.after), "word": word, "tone": tone, "errors": list(change.errors), "warnings": list(change.warnings),
        "left": _left(change.left),
    }  # fmt: skip


def _where(change: Change) -> str:
    lines = ", ".join(map(str, change.lines))
    return f"{lines}, столбец «{'», «'.join(change.columns)}»" if change.columns else lines


def _day(found: date | None) -> str:
    return f"{formats.weekday_short(found)}, {formats.day(found)}" if found else ""


def _hours(those: Sequence[Open]) -> list[str]:
    """Times that differ in nothing else go together: «09:00–12:00, 13:00–15:00 · каб. 214 · по 15 мин · Терапия»."""
    found: dict[str, list[str]] = {}
    for one in those:
        times = f"{formats.time(one.starts_at, zone())}–{formats.time(one.ends_at, zone())}".replace("–00:00", "–24:00")
        found.setdefault(_details(one), []).append(times)
    return [" · ".join(filter(None, (", ".join(times), details))) for details, times in found.items()]


def _details(one: Open) -> str:
    return " · ".join(filter(None, (f"каб. {one.room}" if one.room else "", f"по {one.slot_minutes} мин", one.specialty)))  # fmt: skip


def _left(visits: Sequence[Booked]) -> list[str]:
    named = [f"{formats.time(one.span.starts_at, zone())} {one.name or 'занято'}" for one in visits[:_LEFT_SHOWN]]
    more = len(visits) - _LEFT_SHOWN
    return [*named, f"и ещё {more}"] if more > 0 else named
