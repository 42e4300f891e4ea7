"""Form № 2 of a month, from the same diagnoses as the page: a PDF to sign and an XLSX to fill further."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVarTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor
from medcab.accounts.models import Organisation
from medcab.dashboards.epidemiology import queries, service
from medcab.dashboards.epidemiology.rules import form as rules
from medcab.dashboards.epidemiology.rules.address import Address, Cut
from medcab.dashboards.epidemiology.rules.form import Cases, Count, FormAge, Line
from medcab.dashboards.rules.period import months_back
from medcab.dashboards.rules.report import named
from medcab.errors import Invalid
from medcab.patients.models import Patient
from medcab.schedule.diagnoses.models import VisitDiagnosis
from medcab.schedule.diagnoses.rules.ages import AgeGroup, age_on
from medcab.schedule.models import Appointment
from medcab.schedule.rules.slots import day_of
from medcab.schedule.service import zone
from medcab.tables import paper
from medcab.tables.paper import Chapter, Table
from medcab.tables.writer import MIMES, XLSX, Cell, Sheet
from medcab.ui import formats

PDF = "pdf"
_Columns = TypeVarTuple("_Columns")
_PART = 500
"""Birth dates opened in a row, before others have their turn."""


@dataclass(frozen=True)
class Made:
    """A file to download; `draw` takes a while: call it in a thread."""

    name: str
    mime: str
    draw: Callable[[], bytes]


async def make(session: AsyncSession, actor: Actor, *, at: UUID | None, month: str, ending: str) -> Made:
    """The form of one month, «2026-10», of the departments chosen, journalled."""
    _, shown = await service.places(session, actor, at)
    first = _month(month)
    if ending not in {PDF, XLSX}:
        raise Invalid("Скачать можно как PDF или XLSX.")
    address = Address(first, first, at)
    found = await cases(session, [place.id for place in shown], address)
    lines = rules.lines(found)
    clinic = await session.get(Organisation, actor.organisation_id)
    audit.record(session, actor, Action.CASES_FORM, at, month=first, ending=ending)
    lead = [
        rules.FORM, clinic.name if clinic else "", service.whose(actor, shown, at), f"За {named(first)}",
        f"Составлено {formats.moment(clock.now(), zone())}, {actor.name}" + _unfinished(first),
        *(rules.unplaced(found) if found else [rules.NOTHING]),
    ]  # fmt: skip
    lead = [line for line in lead if line]
    name = f"forma-2-{first:%Y-%m}.{ending}"
    if ending == XLSX:
        sheet = Sheet(name, rules.HEADINGS, _cells(lines), head=[rules.TITLE, *lead, *rules.CAVEATS])
        return Made(name, MIMES[XLSX], lambda: sheet.content)
    return Made(name, "application/pdf", lambda: paper.pdf_bytes(rules.TITLE, lead, _chapters(lines)))


def _cells(sections: Mapping[str, Sequence[Line]]) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = []
    for title, lines in sections.items():
        rows.append([title, *[None] * (len(rules.HEADINGS) - 1)])
        rows += [[each.row.title, each.number, each.row.codes, *(each.count or ())] for each in lines]
    return rows


def _chapters(sections: Mapping[str, Sequence[Line]]) -> list[Chapter]:
    return [
        *(
            Chapter(title, table=Table(rules.HEADINGS, [_text(each) for each in lines], rules.WIDTHS))
            for title, lines in sections.items()
        ),
        Chapter("Как посчитано", rules.CAVEATS),
        Chapter(
            "Подписи", [f"{whose} ____________________" for whose in ("Руководитель", "Ответственный за форму", "Дата")]
        ),
    ]


async def cases(session: AsyncSession, departments: list[UUID], address: Address) -> Cases:
    """Primary cases of the months by code and age, counted from the diagnoses themselves.

    The form divides children of 1–14 by years, which only their sealed birth dates tell: they are read a part at a time.
    """
    code, age = col(VisitDiagnosis.code), col(VisitDiagnosis.age_group)
    found: Counter[tuple[str, FormAge]] = Counter()
    others = sa.select(code, age, sa.func.count()).where(age != AgeGroup.CHILD).group_by(code, age)
    for each, group, count in await session.execute(_of(others, departments, address)):
        found[each, rules.SAME_AGE[group]] += count
    children = sa.select(code, col(Appointment.starts_at), col(Patient.birth_date)).where(age == AgeGroup.CHILD)
    born_when = _of(children, departments, address).join(Patient, col(Patient.id) == col(Appointment.patient_id))
    async for part in (await session.stream(born_when)).partitions(_PART):
        found.update((each, rules.age_of_child(age_on(born, day_of(at, zone())))) for each, at, born in part)
    return found


def _of(query: sa.Select[*_Columns], departments: list[UUID], address: Address) -> sa.Select[*_Columns]:
    joined = query.select_from(Appointment).join(
        VisitDiagnosis, col(VisitDiagnosis.appointment_id) == col(Appointment.id)
    )
    return joined.where(queries.primary(departments, address, Cut(), every_class=True))


def _month(text: str) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Invalid("Выберите месяц формы.", field="month") from None
    latest = clock.today(zone()).replace(day=1)
    if not months_back(latest, 120) <= found <= latest:
        raise Invalid("Выберите месяц формы из списка.", field="month")
    return found


def _unfinished(first: date) -> str:
    return ". Месяц ещё не закончился" if first == clock.today(zone()).replace(day=1) else ""


def _text(line: Line) -> list[str]:
    row, indent = line.row, formats.NBSP * 4 * line.row.depth
    numbers = map(formats.number, line.count) if line.count else ["—"] * len(Count._fields)
    return [f"{indent}{row.title}", str(line.number or ""), row.codes.replace(",", ", "), *numbers]
