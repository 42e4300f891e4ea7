"""What a signed-in person changes about how they get in: factors, contacts, password, consent. Secrets never pass Reflex state."""

from datetime import datetime
from typing import Literal

from medcab import clock, db, identifiers
from medcab.access import Actor
from medcab.accounts.contacts import service as contacts
from medcab.accounts.contacts.service import Contact
from medcab.accounts.factors import service as factors
from medcab.accounts.passwords import service as passwords
from medcab.accounts.rules import PasswordStanding, is_stepped_up
from medcab.accounts.signature import service as signature
from medcab.accounts.step_up import service as step_up
from medcab.api import cookies
from medcab.api.bodies import Code, Form, Nothing, Secret, Text
from medcab.api.http import Answer, Call, Doors, confirm_page, gone_on_to, local_path, settled
from medcab.api.session import FACTORS, NAMES
from medcab.identifiers import email, phone
from medcab.security.passwords import hash_password, verify_password

doors = Doors()

HOME, SECURITY_PAGE = "/", "/security"
_FORMATTED = {"phone": phone.formatted, "email": email.formatted}
_KINDS = {"phone": "mobile"}


class StepUp(Form):
    code: Code
    method: Literal["sms", "totp", "recovery"] | None = None
    next: Text = ""


class GivenCode(Form):
    code: Code


class NewPhone(Form):
    phone: Text = ""


class NewEmail(Form):
    email: Text = ""


class NewPassword(Form):
    current: Secret
    new: Secret


class Consent(Form):
    agree: bool


@doors.form("step-up")
async def step_up_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        options = await step_up.options(session, actor)
    names = [NAMES[method] for method in options.methods]
    data = {
        "method": names[0], "methods": names, "can": dict.fromkeys(names, True),
        "sent_to": options.sent_to, "resend_in": options.resend_in,
    }  # fmt: skip
    return {"values": {"next": local_path(call.request.query_params.get("next", ""))}, "data": data}


@doors.post("/account/step-up/send", Nothing, limit="10/minute")
async def step_up_send(call: Call, _body: Nothing) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        sent = await step_up.send(session, actor)
    return {"data": {"resend_in": sent.resend_in}, "message": "Код отправлен."}


@doors.post("/account/step-up", StepUp, limit="20/minute")
async def step_up_code(call: Call, body: StepUp) -> Answer:
    """A new token for the same session; the page is loaded anew, so that its socket knows it."""
    actor = await call.signed_in()
    method = FACTORS[body.method] if body.method else None
    async with db.transaction() as session:
        answer = await step_up.give_code(session, actor, code=body.code, method=method)
    call.jar.set(cookies.SESSION, settled(answer))
    return {"next": local_path(body.next) or SECURITY_PAGE}


@doors.form("security")
async def security_form(call: Call) -> Answer:
    """What is enrolled, for the security page."""
    actor = await call.signed_in()
    async with db.reading() as session:
        state = await factors.overview(session, actor)
        age = await passwords.age(session, actor.person_id)
    return {
        "data": {
            "totp": state.totp_since is not None, "totp_since": _day(state.totp_since), "recovery_codes_left": state.recovery_codes_left,
            "recovery_codes_few": state.recovery_codes_warning, "phone": phone.masked(state.phone), "email": email.masked(state.email),
            "password_days": age.days, "password_remind": age.sentence, "password_must_change": age.standing is PasswordStanding.MUST_CHANGE,
        }
    }  # fmt: skip


@doors.post("/account/totp/begin", Nothing, limit="10/minute")
async def totp_begin(call: Call, _body: Nothing) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        made = await factors.begin_totp(session, actor)
    return {"data": {"secret": made.grouped, "uri": made.uri, "qr_svg": made.qr_svg}}


@doors.post("/account/totp/confirm", GivenCode, limit="20/minute")
async def totp_confirm(call: Call, body: GivenCode) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        answer = await factors.confirm_totp(session, actor, code=body.code)
    settled(answer)
    return {"next": SECURITY_PAGE}


@doors.post("/account/totp/remove", Nothing, limit="10/minute")
async def totp_remove(call: Call, _body: Nothing) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        await factors.remove_totp(session, actor)
    return {"next": SECURITY_PAGE}


@doors.post("/account/recovery-codes", Nothing, limit="10/minute")
async def recovery_codes(call: Call, _body: Nothing) -> Answer:
    """Shown this once; the former ones are void."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        made = await factors.make_recovery_codes(session, actor)
    left = {"recovery_codes_left": len(made), "recovery_codes_few": False}
    return {"data": {"codes": made, **left}, "message": "Сохраните коды: больше они показаны не будут."}


@doors.post("/account/phone", NewPhone, limit="10/minute")
async def new_phone(call: Call, body: NewPhone) -> Answer:
    return await _new_contact(call, "phone", body.phone)


@doors.post("/account/email", NewEmail, limit="10/minute")
async def new_email(call: Call, body: NewEmail) -> Answer:
    return await _new_contact(call, "email", body.email)


@doors.post("/account/phone/confirm", GivenCode, limit="20/minute")
async def confirm_phone(call: Call, body: GivenCode) -> Answer:
    return await _confirm_contact(call, "phone", body.code)


@doors.post("/account/email/confirm", GivenCode, limit="20/minute")
async def confirm_email(call: Call, body: GivenCode) -> Answer:
    return await _confirm_contact(call, "email", body.code)


@doors.post("/account/phone/resend", Nothing, limit="10/minute")
async def resend_phone(call: Call, _body: Nothing) -> Answer:
    return await _resend_contact(call, "phone")


@doors.post("/account/email/resend", Nothing, limit="10/minute")
async def resend_email(call: Call, _body: Nothing) -> Answer:
    return await _resend_contact(call, "email")


@doors.form("phone")
async def phone_form(call: Call) -> Answer:
    return await _contact_form(call, "phone")


@doors.form("email")
async def email_form(call: Call) -> Answer:
    return await _contact_form(call, "email")


@doors.form("password")
async def password_form(call: Call) -> Answer:
    """Also for setting up an app: a page whose change needs a fresh factor asks for it before anything is typed."""
    return _confirm_first(call, await call.signed_in())


@doors.post("/account/password", NewPassword, limit="10/minute")
async def new_password(call: Call, body: NewPassword) -> Answer:
    """The current one is asked for as well, and its tries are counted; other sessions end, this one gets a new token."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        attempt = await passwords.begin_change(session, actor)
    before = settled(attempt)
    if not await verify_password(body.current, before.hashes[0] if before.hashes else None):
        raise passwords.WrongCurrent
    async with db.transaction() as session:
        await passwords.current_was_right(session, actor)
    passwords.require_good_for(body.new, before.context, field="new")
    await passwords.require_unused(body.new, before.hashes, field="new")
    made = await hash_password(body.new)
    async with db.transaction() as session:
        token = await passwords.change(session, actor, made)
    call.jar.set(cookies.SESSION, token)
    return {"next": SECURITY_PAGE}


@doors.form("consent")
async def consent_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        consent = await signature.consent_of(session, actor)
        held = await signature.certificate_of(session, actor)
    data: Answer = {
        "text": signature.CONSENT_TEXT,
        "without": signature.WITHOUT_CONSENT,
        "version": signature.CONSENT_VERSION,
    }
    if consent:
        data["answer"] = {"agreed": consent.agreed, "at": _day(consent.at)}
    if held:
        data["certificate"] = {
            "serial": held.serial, "subject": held.subject, "issuer": held.issuer,
            "not_before": _day(held.not_before), "not_after": _day(held.not_after),
        }  # fmt: skip
    return {"data": data}


@doors.post("/account/consent", Consent, limit="10/minute")
async def consent(call: Call, body: Consent) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        await signature.answer(session, actor, agree=body.agree)
    return {"next": gone_on_to(call.request) or HOME}


async def _new_contact(call: Call, contact: Contact, typed: str) -> Answer:
    actor = await call.signed_in()
    value = identifiers.parse_form({contact: typed}, today=clock.today(), kinds=_KINDS)[contact]
    async with db.transaction() as session:
        sent = await contacts.begin(session, actor, contact=contact, value=value)
    return {
        "data": {"pending": _FORMATTED[contact](value), "resend_in": sent.resend_in},
        "message": "Мы отправили код. Введите его.",
    }


async def _confirm_contact(call: Call, contact: Contact, code: str) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        answer = await contacts.confirm(session, actor, contact=contact, code=code)
    settled(answer)
    return {"next": SECURITY_PAGE}


async def _resend_contact(call: Call, contact: Contact) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        sent = await contacts.resend(session, actor, contact=contact)
    return {"data": {"resend_in": sent.resend_in}, "message": "Новый код отправлен."}


async def _contact_form(call: Call, contact: Contact) -> Answer:
    actor = await call.signed_in()
    if first := _confirm_first(call, actor):
        return first
    async with db.reading() as session:
        waiting = await contacts.pending(session, actor, contact=contact)
    return {"data": {"pending": _FORMATTED[contact](waiting.value), "resend_in": waiting.resend_in} if waiting else {}}


def _confirm_first(call: Call, actor: Actor) -> Answer:
    """Where to show the second factor again, when it is not fresh; empty when it is."""
    return {} if is_stepped_up(actor.stepped_up_at, clock.now()) else {"next": confirm_page(call.request)}


def _day(moment: datetime | None) -> str:
    return moment.astimezone(clock.MOSCOW).strftime("%d.%m.%Y") if moment else ""
