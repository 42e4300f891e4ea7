"""Registration: the steps are in the address, what was typed is on the server, the order is enforced there."""

from contextlib import suppress

from medcab import clock, db, identifiers
from medcab.accounts import queries
from medcab.accounts.flows.service import FlowEnded
from medcab.accounts.passwords import service as passwords
from medcab.accounts.recovery import service as recovery
from medcab.accounts.registration import service as registration
from medcab.api import cookies
from medcab.api.bodies import Code, Filled, Form, MaybeSecret, Nothing, Secret, Text
from medcab.api.http import Answer, Call, Doors, settled
from medcab.errors import NotFound
from medcab.identifiers import birth_date, email, inn, phone, snils
from medcab.security.passwords import hash_password

doors = Doors()

HOME, SIGN_IN_PAGE = "/", "/sign-in"
PAGES = {step: f"/register/{step}" for step in (*registration.STEPS, registration.DONE)}
_KINDS = {"phone": "mobile"}
_FORMATTED = {"snils": snils.formatted, "inn": inn.formatted, "phone": phone.formatted, "email": email.formatted}
_FIELDS = {
    "person": ("family_name", "given_name", "patronymic", "birth_date", "snils", "inn"),
    "contacts": ("phone", "email"),
}


class Check(Form):
    field: Filled
    value: Text


class Person(Form):
    """An empty field is refused with a sentence of its own kind."""

    family_name: Text = ""
    given_name: Text = ""
    patronymic: Text = ""
    birth_date: Text = ""
    snils: Text = ""
    inn: Text = ""


class Contacts(Form):
    phone: Text = ""
    email: Text = ""


class Password(Form):
    password: Secret


class Typed(Form):
    password: MaybeSecret


class GivenCode(Form):
    code: Code


@doors.post("/auth/check", Check, limit="120/minute")
async def check(call: Call, body: Check) -> Answer:
    """A field while it is typed; nothing is kept and nobody is looked up."""
    known = identifiers.parsers(clock.today())
    kind = _KINDS.get(body.field, body.field)
    if kind not in known:
        raise NotFound
    sentence = identifiers.problem(kind, body.value, today=clock.today())
    return {"error": sentence, "formatted": "" if sentence else _shown(body.field, str(known[kind](body.value)))}


@doors.post("/auth/password-rules", Typed, limit="120/minute")
async def password_rules(call: Call, body: Typed) -> Answer:
    """The list that ticks while a password is typed, knowing whose it will be."""
    context = await _context(call)
    return {"rules": [vars(rule) for rule in passwords.rules_for(body.password, context)]}


@doors.post("/auth/register/person", Person, limit="20/minute")
async def person(call: Call, body: Person) -> Answer:
    values = identifiers.parse_form(body.model_dump(), today=clock.today())
    values["birth_date"] = values["birth_date"].isoformat()
    async with db.transaction() as session:
        token, step = await registration.begin_or_go_on(session, call.jar.get(cookies.REGISTRATION), values)
    call.jar.set(cookies.REGISTRATION, token)
    return {"next": PAGES[step]}


@doors.post("/auth/register/contacts", Contacts, limit="20/minute")
async def contacts(call: Call, body: Contacts) -> Answer:
    values = identifiers.parse_form(body.model_dump(), today=clock.today(), kinds=_KINDS)
    async with db.transaction() as session:
        step = await registration.give_contacts(session, _token(call), values)
    return {"next": PAGES[step]}


@doors.post("/auth/register/password", Password, limit="20/minute")
async def password(call: Call, body: Password) -> Answer:
    """Checked with the person's own data in mind, hashed at once."""
    async with db.reading() as session:
        _, data = await registration.standing(session, _token(call))
    passwords.require_good_for(body.password, list(data["values"].values()))
    made = await hash_password(body.password)
    async with db.transaction() as session:
        step = await registration.give_password(session, _token(call), made)
    return {"next": PAGES[step]}


@doors.post("/auth/register/phone", GivenCode, limit="20/minute")
async def phone_code(call: Call, body: GivenCode) -> Answer:
    return await _give_code(call, "phone", body.code)


@doors.post("/auth/register/email", GivenCode, limit="20/minute")
async def email_code(call: Call, body: GivenCode) -> Answer:
    return await _give_code(call, "email", body.code)


@doors.post("/auth/register/phone/resend", Nothing, limit="10/minute")
async def phone_resend(call: Call, _body: Nothing) -> Answer:
    return await _resend(call, "phone")


@doors.post("/auth/register/email/resend", Nothing, limit="10/minute")
async def email_resend(call: Call, _body: Nothing) -> Answer:
    return await _resend(call, "email")


@doors.form("register-person")
async def person_form(call: Call) -> Answer:
    return await _form(call, "person")


@doors.form("register-contacts")
async def contacts_form(call: Call) -> Answer:
    return await _form(call, "contacts")


@doors.form("register-password")
async def password_form(call: Call) -> Answer:
    return await _form(call, "password")


@doors.form("register-phone")
async def phone_form(call: Call) -> Answer:
    return await _form(call, "phone")


@doors.form("register-email")
async def email_form(call: Call) -> Answer:
    return await _form(call, "email")


async def _context(call: Call) -> list[str]:
    """Whose password it will be: the signed-in person's, the one's who recovers access, or of whoever registers."""
    actor = await call.actor()
    async with db.reading() as session:
        if actor:
            return passwords.context_of(await queries.person(session, actor.person_id))
        with suppress(FlowEnded):
            return passwords.context_of(await recovery.owner(session, call.jar.get(cookies.RECOVERY)))
        with suppress(FlowEnded):
            _, data = await registration.standing(session, _token(call))
            return list(data["values"].values())
    return []


async def _form(call: Call, step: str) -> Answer:
    """What was typed so far, never the password; a step whose turn it is not leads to the one that is."""
    if await call.actor():
        return {"next": HOME}
    try:
        async with db.reading() as session:
            flow, data = await registration.standing(session, _token(call))
            if not registration.may_open(data, step):
                return {"next": PAGES[registration.next_step(data)]}
            wait = await registration.resend_in(session, flow, data, step) if step in registration.CONFIRMED else 0
    except FlowEnded:
        return {} if step == "person" else {"next": PAGES["person"]}
    shown = {name: _shown(name, data["values"][name]) for name in _FIELDS.get(step, ()) if name in data["values"]}
    return {"values": shown, "data": {"resend_in": wait, "sent_to": _shown(step, data["values"].get(step, ""))}}


async def _give_code(call: Call, step: str, code: str) -> Answer:
    async with db.transaction() as session:
        answer = await registration.give_code(session, _token(call), step, code)
    reached = settled(answer)
    if reached == registration.DONE:
        call.jar.drop(cookies.REGISTRATION)
    return {"next": PAGES[reached]}


async def _resend(call: Call, step: str) -> Answer:
    async with db.transaction() as session:
        sent = await registration.resend(session, _token(call), step)
    return {"data": {"resend_in": sent.resend_in}, "message": "Новый код отправлен."}


def _shown(field: str, value: str) -> str:
    if field == "birth_date" and value:
        return birth_date.formatted(birth_date.date.fromisoformat(value))
    return _FORMATTED.get(field, str)(value) if value else ""


def _token(call: Call) -> str:
    return call.jar.get(cookies.REGISTRATION)
