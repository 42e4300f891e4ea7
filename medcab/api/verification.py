"""The forms of the activation: personal numbers never pass through Reflex state."""

from collections.abc import Mapping

from medcab import clock, db
from medcab.accounts.codes.service import WrongCode
from medcab.accounts.identity.service import Identity
from medcab.api.bodies import Code, Filled, Form, Nothing, Text
from medcab.api.http import Answer, Call, Doors, settled
from medcab.errors import Invalid
from medcab.identifiers import parse_form, parsers
from medcab.identifiers.sameness import plain
from medcab.verification import service as verification
from medcab.verification.rules import Employment, Specialisation
from medcab.verification.rules.findings import day_text

doors = Doors()
PAGE = "/activation"
_SUFFIXES = ("", "_2", "_3", "_4", "_5")
"""Of the fields of each specialisation."""
_SHOWN_AT_ONCE = 2


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
    specialty_2: Text = ""
    okpd2_2: Text = ""
    specialty_3: Text = ""
    okpd2_3: Text = ""
    specialty_4: Text = ""
    okpd2_4: Text = ""
    specialty_5: Text = ""
    okpd2_5: Text = ""


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
    for suffix, each in zip(_SUFFIXES, claim.specialisations, strict=False):
        values |= {f"specialty{suffix}": each.name, f"okpd2{suffix}": each.okpd2}
    return {"values": values, "data": {"many": "yes" if len(claim.specialisations) > _SHOWN_AT_ONCE else ""}}


@doors.post("/api/verification/details", Details)
async def save_details(call: Call, body: Details) -> Answer:
    actor = await call.signed_in()
    given = {suffix: one for suffix in _SUFFIXES if (one := _specialisation(body, suffix))}
    _demand_each_once(given)
    async with db.transaction() as session:
        await verification.save_details(
            session, actor, register_number=body.register_number, specialisations=list(given.values()),
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


def _specialisation(body: Details, suffix: str) -> Specialisation | None:
    name, code = getattr(body, f"specialty{suffix}"), getattr(body, f"okpd2{suffix}")
    if not name:
        if code:
            raise Invalid("Укажите специальность, к которой относится этот код.", field=f"specialty{suffix}")
        return None
    return Specialisation(name=name, okpd2=_okpd2(code, f"okpd2{suffix}"))


def _demand_each_once(given: Mapping[str, Specialisation]) -> None:
    seen: set[str] = set()
    for suffix, each in given.items():
        if plain(each.name) in seen:
            raise Invalid("Эта специальность уже указана выше.", field=f"specialty{suffix}")
        seen.add(plain(each.name))


def _okpd2(text: str, field: str) -> str:
    try:
        return str(parsers(clock.today())["okpd2"](text))
    except Invalid as problem:
        raise Invalid(problem.message, field=field) from None
