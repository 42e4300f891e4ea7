"""Signing in and out."""

from typing import Literal

from limits import parse
from pydantic import Field

from medcab import db
from medcab.accounts.models import Factor
from medcab.accounts.passwords import service as passwords
from medcab.accounts.sessions import service as sessions
from medcab.accounts.sign_in import service as sign_in
from medcab.api import cookies
from medcab.api.bodies import Code, Filled, Form, Nothing, Secret, Text
from medcab.api.http import Answer, Call, Doors, limit, limiter, local_path, settled
from medcab.errors import MedcabError, TooMany

doors = Doors()

SIGN_IN_PAGE, CODE_PAGE = "/sign-in", "/sign-in/code"
FAILURES = parse("10/minute")
SPRAY = parse("10/10minutes")
"""Different names tried from one address: more is somebody trying one password on everybody."""
_SAME_NAME = parse("1/10minutes")


class SignIn(Form):
    login: Filled
    password: Secret
    next: Text = ""


class SecondFactor(Form):
    code: Code
    method: Literal["sms", "totp", "recovery"] | None = Field(default=None)


class Method(Form):
    method: Literal["sms", "totp", "recovery"]


FACTORS = {"sms": Factor.SMS, "totp": Factor.TOTP, "recovery": Factor.RECOVERY_CODE}
NAMES = {factor: name for name, factor in FACTORS.items()}


@doors.form("session")
async def session_form(call: Call) -> Answer:
    """For buttons outside a form, such as «Выйти»: only the token."""
    return {}


@doors.form("sign-in")
async def sign_in_form(call: Call) -> Answer:
    next_page = local_path(call.request.query_params.get("next", ""))
    if await call.actor():
        return {"next": next_page or sign_in.HOME}
    return {"values": {"next": next_page} if next_page else {}}


@doors.post("/auth/sign-in", SignIn, limit="30/minute")
async def give_password(call: Call, body: SignIn) -> Answer:
    """One argon2 for whatever name, known or not."""
    device_token = call.jar.get(cookies.DEVICE)
    async with db.transaction() as session:
        begun = await sign_in.begin(session, login=body.login, device_token=device_token)
    attempt = settled(begun)
    if not attempt.from_known_device:
        _no_spraying(call.ip)
    matches = await passwords.matches(attempt.password_hash, body.password)
    async with db.transaction() as session:
        answer = await sign_in.password_compared(session, attempt, matches=matches, next_page=local_path(body.next))
    if isinstance(answer, MedcabError) and not attempt.from_known_device:
        _count_failure(call.ip, attempt.login_index)
    call.jar.set(cookies.SIGN_IN, settled(answer).token)
    return {"next": CODE_PAGE}


@doors.form("sign-in-code")
async def code_form(call: Call) -> Answer:
    if await call.actor():
        return {"next": sign_in.HOME}
    try:
        async with db.reading() as session:
            step = await sign_in.step(session, call.jar.get(cookies.SIGN_IN))
    except sign_in.flows.FlowEnded:
        return {"next": SIGN_IN_PAGE}
    return {"data": _shown(step)}


@doors.post("/auth/sign-in/code", SecondFactor, limit="30/minute")
async def give_code(call: Call, body: SecondFactor) -> Answer:
    """The only place where a session begins: its token is new, whatever the browser brought."""
    method = FACTORS[body.method] if body.method else None
    async with db.transaction() as session:
        answer = await sign_in.give_code(
            session, call.jar.get(cookies.SIGN_IN), code=body.code, method=method, device_token=call.jar.get(cookies.DEVICE)
        )
    entered = settled(answer)
    call.jar.set(cookies.SESSION, entered.session.token)
    if entered.session.device_token:
        call.jar.set(cookies.DEVICE, entered.session.device_token)
    call.jar.drop(cookies.SIGN_IN, cookies.VISIT)
    return {"next": entered.next}


@doors.post("/auth/sign-in/resend", Nothing, limit="10/minute")
async def resend(call: Call, _body: Nothing) -> Answer:
    async with db.transaction() as session:
        sent = await sign_in.resend(session, call.jar.get(cookies.SIGN_IN))
    return {"data": {"resend_in": sent.resend_in}, "message": "Новый код отправлен."}


@doors.post("/auth/sign-in/method", Method, limit="20/minute")
async def choose_method(call: Call, body: Method) -> Answer:
    async with db.transaction() as session:
        step = await sign_in.choose_method(session, call.jar.get(cookies.SIGN_IN), FACTORS[body.method])
    return {"data": _shown(step)}


@doors.post("/auth/sign-out", Nothing)
async def sign_out(call: Call, _body: Nothing) -> Answer:
    """Ends the session on the server; the browser forgets what it kept of it. Doing it twice is no error."""
    actor = await call.actor()
    if actor:
        async with db.transaction() as session:
            await sessions.sign_out(session, actor)
    call.jar.drop(cookies.SESSION)
    call.headers["Clear-Site-Data"] = '"storage"'
    return {"next": SIGN_IN_PAGE}


def _shown(step: sign_in.CodeStep) -> Answer:
    names = [NAMES[method] for method in step.methods]
    return {
        "method": NAMES[step.method], "methods": names, "can": {name: True for name in names},
        "sent_to": step.sent_to, "resend_in": step.resend_in,
    }  # fmt: skip


def _no_spraying(ip: str) -> None:
    for ceiling, name in ((FAILURES, "sign-in failures"), (SPRAY, "sign-in names")):
        if not limiter.test(ceiling, name, ip):
            raise TooMany(retry_after=ceiling.get_expiry())


def _count_failure(ip: str, login_index: str) -> None:
    limiter.hit(FAILURES, "sign-in failures", ip)
    if limiter.hit(_SAME_NAME, "sign-in name", ip, login_index):
        limiter.hit(SPRAY, "sign-in names", ip)
