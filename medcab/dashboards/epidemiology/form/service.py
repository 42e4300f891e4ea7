"""Form № 2 of a month, from the same diagnoses as the page: a PDF to sign and an XLSX to fill further."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
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
from medcab.dashboards.epidemiology.rules.form import Cases
from medcab.dashboards.rules.period import months_back
from medcab.dashboards.rules.report import named
from medcab.errors import Invalid
from medcab.schedule.diagnoses.models import VisitDiagnosis
from medcab.schedule.models import Appointment
from medcab.schedule.service import zone
from medcab.tables import paper
from medcab.tables.paper import Chapter, Table
from medcab.tables.writer import MIMES, XLSX, Sheet
from medcab.ui import formats

PDF = "pdf"


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
        f"Составлено {formats.moment(clock.now(), zone())}, {actor.name}" + _unfinished(first), rules.unplaced(found) if found else rules.NOTHING,
    ]  # fmt: skip
    name = f"forma-2-{first:%Y-%m}.{ending}"
    if ending == XLSX:
        rows = [
            [each.row.title, each.number, each.row.codes, each.total, each.minors, each.children, each.infants]
            for each in lines
        ]
        sheet = Sheet(name, rules.HEADINGS, rows, head=[rules.TITLE, *filter(None, lead), *rules.CAVEATS])
        return Made(name, MIMES[XLSX], lambda: sheet.content)
    table = Table(rules.HEADINGS, [_text(each) for each in lines], rules.WIDTHS)
    chapters = [
        Chapter("Зарегистрировано заболеваний", table=table), Chapter("Как посчитано", rules.CAVEATS),
        Chapter("Подписи", ["Руководитель ____________________", "Ответственный за форму ____________________", "Дата ____________"]),
    ]  # fmt: skip
    return Made(
        name, "application/pdf", lambda: paper.pdf_bytes(rules.TITLE, [line for line in lead if line], chapters)
    )


async def cases(session: AsyncSession, departments: list[UUID], address: Address) -> Cases:
    """Primary cases of the months by code and age, counted from the diagnoses themselves."""
    by = col(VisitDiagnosis.code), col(VisitDiagnosis.age_group)
    query = (
        sa.select(*by, sa.func.count())
        .select_from(Appointment)
        .join(VisitDiagnosis, col(VisitDiagnosis.appointment_id) == col(Appointment.id))
        .where(queries.primary(departments, address, Cut()))
        .group_by(*by)
    )
    return {(code, age): count for code, age, count in await session.execute(query)}


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


def _text(line: rules.Line) -> list[str]:
    numbers = (line.total, line.minors, line.children, line.infants)
    title = f"{formats.NBSP * 4}{line.row.title}" if line.row.is_part else line.row.title
    return [title, str(line.number), line.row.codes.replace(",", ", "), *map(formats.number, numbers)]
