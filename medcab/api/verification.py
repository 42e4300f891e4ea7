"""The forms of the activation: personal numbers never pass through Reflex state."""

from medcab import clock, db
from medcab.accounts.codes.service import WrongCode
from medcab.accounts.identity.service import Identity
from medcab.api.bodies import Code, Filled, Form, Nothing, Text
from medcab.api.http import Answer, Call, Doors, settled
from medcab.errors import Invalid
from medcab.identifiers import parse_form, parsers
from medcab.verification import service as verification
from medcab.verification.rules import Employment, Specialisation
from medcab.verification.rules.findings import day_text

doors = Doors()
PAGE = "/activation"


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


class CodeForm(Form):
    code: Code


@doors.form("identity")
async def identity_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        claim = (await verification.overview(session, actor)).claim
    values = {
        "family_name": claim.last_name, "given_name": claim.first_name, "patronymic": claim.patronymic,
        "birth_date": day_text(claim.birth_date), "snils": claim.snils, "inn": claim.inn,
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
