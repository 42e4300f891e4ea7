"""Rotas as a ward would bring them: rows of a long table, or a month drawn as a matrix."""

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import select

from medcab import db
from medcab.access import Actor
from medcab.schedule import queries
from medcab.schedule.models import Reception, ReceptionClosed
from medcab.schedule.rota import service
from medcab.schedule.rota.applying import service as applying
from medcab.schedule.rota.service import Preview
from medcab.schedule.rules.layouts import COLUMNS
from medcab.schedule.rules.slots import bounds
from medcab.schedule.service import zone

HEAD = tuple(COLUMNS.values())
DECEMBER = date(2026, 12, 1)
DOCTOR, COLLEAGUE, NEIGHBOUR = "Иванова Анна Петровна", "Петрова А.П.", "Соседова Анна Петровна"


def csv_of(rows: list[list[str]], *, encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def row(
    who: str = DOCTOR, day: str = "01.12.2026", starts: str = "9:00", ends: str = "15:00", **more: str
) -> list[str]:
    """A row of the long table; columns by their names."""
    given = {"who": who, "day": day, "starts": starts, "ends": ends, "room": "214", "minutes": "15", **more}
    return [given.get(name, "") for name in COLUMNS]


def long(*rows: list[str]) -> bytes:
    return csv_of([list(HEAD), *rows])


def matrix(people: dict[str, dict[int, str]], *, title: str = "График работы на декабрь 2026 г.") -> bytes:
    """A title, a line of numbers, a line of weekdays, and what stands in the cells."""
    numbers = range(1, 32)
    days = [(DECEMBER + timedelta(number - 1)).weekday() for number in numbers]
    head = [[title], ["№", "ФИО", *map(str, numbers)], ["", "", *(("пн", "вт", "ср", "чт", "пт", "сб", "вс")[day] for day in days)]]  # fmt: skip
    body = [[str(n), name, *(cells.get(day, "") for day in numbers)] for n, (name, cells) in enumerate(people.items(), start=1)]  # fmt: skip
    return csv_of([*head, *body, ["", "Составила: старшая сестра"]])


async def keep(actor: Actor, data: bytes, name: str = "график.csv") -> UUID:
    sheet = await service.read(data, name)
    async with db.transaction() as session:
        return await service.keep(session, actor, name=name, sheet=sheet)


async def look(actor: Actor, sheet_id: UUID) -> Preview:
    async with db.reading() as session:
        return await service.preview(session, actor, sheet_id=sheet_id)


async def apply(actor: Actor, sheet_id: UUID, *, seen: str | None = None, drop_wrong: bool = False) -> applying.Applied:
    told = (await look(actor, sheet_id)).seen if seen is None else seen
    async with db.transaction() as session:
        return await applying.apply(session, actor, sheet_id=sheet_id, seen=told, drop_wrong=drop_wrong)


async def bring(actor: Actor, data: bytes, **more: bool) -> applying.Applied:
    """Keep, look, apply."""
    return await apply(actor, await keep(actor, data), **more)


async def hours(who: Actor, day: date) -> list[tuple[str, str, str, int]]:
    """What is open on the day: from, to, room, minutes."""
    async with db.reading() as session:
        assert who.organisation_id
        found = await queries.hours_at(session, who.person_id, who.organisation_id, bounds(day, 1, zone()))
    local = [(one.starts_at.astimezone(zone()), one.ends_at.astimezone(zone()), one) for one in found]
    return [(f"{starts:%H:%M}", f"{ends:%H:%M}", one.room, one.slot_minutes) for starts, ends, one in local]


async def closed(who: Actor) -> list[tuple[date, date, str]]:
    async with db.reading() as session:
        rows = await session.exec(select(ReceptionClosed).where(ReceptionClosed.practitioner_id == who.person_id))
        return sorted((one.since, one.until, one.reason) for one in rows)


async def count() -> int:
    async with db.reading() as session:
        return len((await session.exec(select(Reception.id))).all())
