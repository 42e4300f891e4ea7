"""Files to begin a rota with: the table, or next month drawn for the people of one's departments. All cells are text, so that Excel makes no date of «9-12»."""

from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.schedule.rota import queries, service
from medcab.schedule.rules.layouts import COLUMNS
from medcab.schedule.rules.months import MONTHS
from medcab.schedule.rules.roster import Roster
from medcab.schedule.rules.rows import WEEKDAYS
from medcab.schedule.service import zone
from medcab.tables.writer import Sheet
from medcab.ui import formats

_SHOWN = 3
_NOBODY = "Иванова Анна Петровна"


async def table(session: AsyncSession, actor: Actor) -> Sheet:
    """A row of each kind, with names of one's own people."""
    first, roster = await _next_month(session, actor)
    names = ([name for name, _ in _people(roster)] or [_NOBODY])[:_SHOWN]
    rows = (
        {"starts": "09:00", "ends": "15:00", "break_starts": "12:00", "break_ends": "12:30", "minutes": "15", "room": "214"},
        {"starts": "14:00", "ends": "19:00"},
        {"off": "Отпуск"},
    )  # fmt: skip
    lines = [
        [{"who": names[at % len(names)], "day": formats.day(first + timedelta(at)), **row}.get(name, "") for name in COLUMNS]
        for at, row in enumerate(rows)
    ]  # fmt: skip
    return Sheet("Образец графика.xlsx", list(COLUMNS.values()), lines, is_text=True)


async def month(session: AsyncSession, actor: Actor) -> Sheet:
    """Next month, a column for each day, a line for each of one's people, nothing in the cells."""
    first, roster = await _next_month(session, actor)
    days = [first + timedelta(number) for number in range(31) if (first + timedelta(number)).month == first.month]
    people = _people(roster) or [(_NOBODY, "")]
    lines = [
        ["", "", *(WEEKDAYS[day.weekday()].lower() for day in days)], *([name, ward, *([""] * len(days))] for name, ward in people)
    ]  # fmt: skip
    title = f"График приёма на {MONTHS[first.month - 1]} {first.year} г."
    hint = "В ячейке: 9:00-15:00, или 9-12 и 13-15, или О (отпуск), Б (болезнь), В (выходной). Пустые дни останутся как есть."  # fmt: skip
    headings = ["ФИО", "Отделение", *(str(day.day) for day in days)]
    return Sheet(f"График {first:%m.%Y}.xlsx", headings, lines, (title, hint), is_text=True)


async def _next_month(session: AsyncSession, actor: Actor) -> tuple[date, Roster]:
    service.may_bring(actor)
    first = (clock.today(zone()).replace(day=1) + timedelta(31)).replace(day=1)
    return first, await queries.roster(session, actor, first, first + timedelta(30))


def _people(roster: Roster) -> list[tuple[str, str]]:
    """Name and department, by department."""
    found = {
        (roster.departments[ward], each.name) for each in roster.workers for ward in each.departments & roster.mine
    }
    return [(name, ward) for ward, name in sorted(found)]
