"""The forms of the activation: personal numbers never pass through Reflex state."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from medcab import clock, db
from medcab.accounts.codes.service import WrongCode
from medcab.accounts.identity.service import Identity
from medcab.api.bodies import Code, Filled, Form, Nothing, Text
from medcab.api.http import Answer, Call, Doors, settled
from medcab.documents import service as documents
from medcab.documents.rules import PERMITS, DocumentKind
from medcab.errors import Invalid, NotFound
from medcab.identifiers import parse_form, parsers
from medcab.verification import service as verification
from medcab.verification.rules import Employment, Specialisation

doors = Doors()
PAGE = "/activation"
Kind = Literal["diploma", "certificate", "accreditation", "licence", "employment", "other"]


class IdentityForm(Form):
    family_name: Filled
    given_name: Filled
    patronymic: Text = ""
    birth_date: Filled
    snils: Filled
    inn: Filled


class Details(Form):
    register_number: Filled
    organisation: Filled
    post: Filled
    specialty: Filled
    okpd2: Filled
    second_specialty: Text = ""
    second_okpd2: Text = ""


class Paper(Form):
    id: Text = ""
    kind: Kind
    number: Filled
    series: Annotated[Text, StringConstraints(max_length=20)] = ""
    issuer: Text = ""
    specialty: Annotated[Text, StringConstraints(max_length=160)] = ""
    issued_on: Filled
    expires_on: Text = ""
    file_id: Text = ""


class CodeForm(Form):
    code: Code


@doors.form("identity")
async def identity_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        claim = (await verification.overview(session, actor)).claim
    values = {
        "family_name": claim.last_name, "given_name": claim.first_name, "patronymic": claim.patronymic,
        "birth_date": _shown(claim.birth_date), "snils": claim.snils, "inn": claim.inn,
    }  # fmt: skip
    return {"values": values}


@doors.post("/api/verification/identity", IdentityForm)
async def save_identity(call: Call, body: IdentityForm) -> Answer:
    actor = await call.signed_in()
    given = {name: getattr(body, name) for name in IdentityForm.model_fields}
    parsed = parse_form(given, today=clock.today())
    async with db.transaction() as session:
        answer = await verification.save_identity(session, actor, Identity(**parsed))
    settled(answer)
    return {"message": "Сохранено.", "next": PAGE}


@doors.form("details")
async def details_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        claim = (await verification.overview(session, actor)).claim
    values = {"register_number": claim.register_number}
    if claim.employment:
        values |= {"organisation": claim.employment.organisation, "post": claim.employment.post}
    for prefix, each in zip(("", "second_"), claim.specialisations, strict=False):
        values |= {f"{prefix}specialty": each.name, f"{prefix}okpd2": each.okpd2}
    return {"values": values}


@doors.post("/api/verification/details", Details)
async def save_details(call: Call, body: Details) -> Answer:
    actor = await call.signed_in()
    given = [("specialty", body.specialty, body.okpd2), ("second_specialty", body.second_specialty, body.second_okpd2)]
    specialisations = [
        Specialisation(name=name, okpd2=_okpd2(code, field.replace("specialty", "okpd2")))
        for field, name, code in given
        if name
    ]
    async with db.transaction() as session:
        await verification.save_details(
            session, actor, register_number=body.register_number, specialisations=specialisations,
            employment=Employment(organisation=body.organisation, post=body.post),
        )  # fmt: skip
    return {"message": "Сохранено.", "next": PAGE}


@doors.form("paper")
async def paper_form(call: Call) -> Answer:
    """`?id=` of a paper to correct, or `?kind=` of a new one."""
    actor = await call.signed_in()
    wanted = call.request.query_params
    if not wanted.get("id"):
        return {"values": {"kind": wanted.get("kind", "")}}
    async with db.reading() as session:
        rows = await documents.papers(session, actor)
    row = next((row for row in rows if str(row.id) == wanted["id"]), None)
    if row is None:
        raise NotFound("Документ не найден.")
    values = {
        "id": str(row.id), "kind": row.kind.value, "number": row.number, "series": row.series, "issuer": row.issuer,
        "specialty": row.specialty, "issued_on": _shown(row.issued_on), "expires_on": _shown(row.expires_on),
        "file_id": str(row.file_id or ""),
    }  # fmt: skip
    return {"values": values, "data": {"file_name": row.file_name, "file_mime": row.file_mime}}


@doors.post("/api/verification/paper", Paper)
async def save_paper(call: Call, body: Paper) -> Answer:
    actor = await call.signed_in()
    number = _licence(body.number) if body.kind == "licence" else body.number
    if DocumentKind(body.kind) in PERMITS and not body.specialty:
        raise Invalid("Укажите специальность: по ней открывается право работать.", field="specialty")
    paper = documents.Paper(
        kind=DocumentKind(body.kind), number=number, series=body.series, issuer=body.issuer, specialty=body.specialty,
        issued_on=_day(body.issued_on, "issued_on"), expires_on=_day(body.expires_on, "expires_on"),
        file_id=_id(body.file_id, "file_id"),
    )  # fmt: skip
    async with db.transaction() as session:
        saved = await documents.save(session, actor, paper, replaces=_id(body.id, "id"))
    back = "/documents" if call.request.query_params.get("back") == "documents" else PAGE
    return {"message": "Документ сохранён.", "data": {"id": str(saved)}, "next": back}


@doors.post("/api/verification/code/begin", Nothing, limit="10/minute")
async def begin_sending(call: Call, _body: Nothing) -> Answer:
    """The one way on: sends at once when a code was confirmed a moment ago, and asks for one otherwise."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        if (await verification.overview(session, actor)).code_confirmed:
            await verification.submit(session, actor)
            return {"next": PAGE}
        await verification.send_code(session, actor)
    return {"next": f"{PAGE}?step=code"}


@doors.form("activation-code")
async def code_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        state = await verification.code_state(session, actor)
    return {"data": {"sent_to": state.sent_to, "resend_in": state.resend_in}}


@doors.post("/api/verification/code/resend", Nothing, limit="10/minute")
async def resend_code(call: Call, _body: Nothing) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        sent = await verification.send_code(session, actor, again=True)
    return {"data": {"resend_in": sent.resend_in}, "message": "Новый код отправлен."}


@doors.post("/api/verification/code", CodeForm, limit="20/minute")
async def confirm_code(call: Call, body: CodeForm) -> Answer:
    """The right code sends everything that is new to the check."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        right = await verification.confirm_code(session, actor, code=body.code)
    if not right:
        raise WrongCode
    return await submit(call, Nothing())


@doors.post("/api/verification/submit", Nothing)
async def submit(call: Call, _body: Nothing) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        await verification.submit(session, actor)
    return {"next": PAGE}


@doors.post("/api/verification/retry", Nothing, limit="6/minute")
async def retry(call: Call, _body: Nothing) -> Answer:
    """Somebody else has mended it, or might have."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        await verification.retry(session, actor)
    return {"next": PAGE}


def _okpd2(text: str, field: str) -> str:
    try:
        return str(parsers(clock.today())["okpd2"](text))
    except Invalid as problem:
        raise Invalid(problem.message, field=field) from None


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


def _shown(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else ""


def _id(text: str, field: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Не найдено. Обновите страницу.", field=field) from None
