"""The form of a paper: what is written on it, and the file that shows it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from medcab import clock, db
from medcab.api.bodies import Filled, Form, Text
from medcab.api.http import Answer, Call, Doors
from medcab.documents import service as documents
from medcab.documents.kinds.rules import BY_SPECIALTY, TRAINING, Category, DocumentKind, Facts
from medcab.errors import Invalid, NotFound
from medcab.identifiers import parsers
from medcab.verification.rules.findings import day_text

doors = Doors()
_Number = Annotated[Text, StringConstraints(max_length=10)]


class Paper(Form):
    id: Text = ""
    renews: Text = ""
    kind: Filled
    number: Filled
    series: Annotated[Text, StringConstraints(max_length=20)] = ""
    issuer: Text = ""
    specialty: Annotated[Text, StringConstraints(max_length=160)] = ""
    issued_on: Filled
    expires_on: Text = ""
    file_id: Text = ""
    hours: _Number = ""
    category: _Number = ""
    rate: _Number = ""
    years: _Number = ""
    months: _Number = ""


@doors.form("paper")
async def paper_form(call: Call) -> Answer:
    """`?id=` of a paper to correct, `?renews=` of one to follow, or `?kind=` of a new one."""
    actor = await call.signed_in()
    wanted = call.request.query_params
    asked = wanted.get("id") or wanted.get("renews")
    if not asked:
        return {"values": {"kind": wanted.get("kind", "")}}
    async with db.reading() as session:
        rows = await documents.papers(session, actor)
    row = next((row for row in rows if str(row.id) == asked), None)
    if row is None:
        raise NotFound("Документ не найден.")
    if not wanted.get("id"):
        return _renewing(row)
    values = {
        "id": str(row.id), "kind": row.kind.value, "number": row.number, "series": row.series, "issuer": row.issuer,
        "specialty": row.specialty, "issued_on": day_text(row.issued_on), "expires_on": day_text(row.expires_on),
        "file_id": str(row.file_id or ""), **_typed(row.facts),
    }  # fmt: skip
    return {"values": values, "data": {"file_name": row.file_name, "file_mime": row.file_mime}}


def _renewing(row: documents.DocumentRow) -> Answer:
    """What the next paper has in common with the one before; the person checks it."""
    return {
        "values": {"renews": str(row.id), "kind": row.kind.value}, "offered": {"issuer": row.issuer, "specialty": row.specialty},
    }  # fmt: skip


@doors.form("paper-read")
async def read_paper(call: Call) -> Answer:
    """`?file_id=&kind=`: what stands in the file, for the fields of the form that are still empty; the person checks each."""
    actor, asked = await call.signed_in(), call.request.query_params
    file_id = _id(asked.get("file_id", ""), "file_id")
    if file_id is None:
        return {}
    async with db.reading() as session:
        read = await documents.read_file(session, actor, file_id)
    values = {
        "number": read.found.number or "", "issued_on": day_text(read.found.issued_on), "expires_on": day_text(read.found.expires_on),
        "hours": str(read.found.hours or "") if asked.get("kind") in set(TRAINING) else "",
    }  # fmt: skip
    note = (
        "В файле названы другие люди, а вашей фамилии нет. Проверьте, ваш ли это документ." if read.is_anothers else ""
    )
    return {"values": values, "data": {"note": note}}


@doors.post("/api/verification/paper", Paper)
async def save_paper(call: Call, body: Paper) -> Answer:
    actor = await call.signed_in()
    kind = _kind(body.kind)
    if kind in BY_SPECIALTY and not body.specialty:
        raise Invalid("Укажите специальность: по ней открывается право работать.", field="specialty")
    paper = documents.Paper(
        kind=kind, number=_licence(body.number) if kind is DocumentKind.LICENCE else body.number, series=body.series,
        issuer=body.issuer, specialty=body.specialty, issued_on=_day(body.issued_on, "issued_on"),
        expires_on=_day(body.expires_on, "expires_on"), file_id=_id(body.file_id, "file_id"), facts=_facts(body),
    )  # fmt: skip
    async with db.transaction() as session:
        saved = await documents.save(
            session, actor, paper, replaces=_id(body.id, "id"), renews=_id(body.renews, "renews")
        )
    back = "/documents" if call.request.query_params.get("back") == "documents" else "/activation"
    return {"message": "Документ сохранён.", "data": {"id": str(saved)}, "next": back}


def _facts(body: Paper) -> Facts:
    """Years and months come apart; each is a number of its own field."""
    years, months = _whole(body.years, "years"), _whole(body.months, "months")
    return Facts(
        hours=_whole(body.hours, "hours"),
        category=Category(body.category) if body.category in set(Category) else None,
        rate=_part(body.rate),
        months=None if years is None and months is None else (years or 0) * 12 + (months or 0),
    )


def _typed(facts: Facts) -> dict[str, str]:
    """What a person would have typed."""
    years, months = divmod(facts.months, 12) if facts.months else ("", "")
    return {
        "hours": str(facts.hours or ""), "category": facts.category or "", "rate": f"{facts.rate or ''}".replace(".", ","),
        "years": str(years), "months": str(months),
    }  # fmt: skip


def _kind(text: str) -> DocumentKind:
    if text not in set(DocumentKind):
        raise Invalid("Выберите вид документа.", field="kind")
    return DocumentKind(text)


def _whole(text: str, field: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise Invalid("Напишите целое число.", field=field)
    return int(text)


def _part(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise Invalid("Напишите число, например 0,5.", field="rate") from None


def _licence(text: str) -> str:
    try:
        return str(parsers(clock.today())["licence"](text))
    except Invalid as problem:
        raise Invalid(problem.message, field="number") from None


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise Invalid("Такой даты нет. Напишите день, месяц и год: 22.11.2021.", field=field) from None


def _id(text: str, field: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Не найдено. Обновите страницу.", field=field) from None
