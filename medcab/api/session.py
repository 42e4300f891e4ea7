"""Signing in and out."""

from collections.abc import Callable
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db
from medcab.access import Action
from medcab.accounts.models import Factor
from medcab.accounts.sessions import service as sessions
from medcab.accounts.sign_in import service as sign_in
from medcab.accounts.sign_in.service import Attempt
from medcab.api import addresses, cookies
from medcab.api.bodies import Code, Filled, Form, Nothing, Secret, Text
from medcab.api.http import Answer, Call, Doors, local_path, settled
from medcab.security.passwords import hash_password, needs_update, verify_password

doors = Doors()

hints: list[Callable[[], Answer]] = []
"""What else the sign-in page shows: a demo's accounts, filled in by whoever starts the demo."""

SIGN_IN_PAGE, CODE_PAGE = "/sign-in", "/sign-in/code"


class SignIn(Form):
    login: Filled
    password: Secret
    next: Text = ""


class SecondFactor(Form):
    code: Code
    method: Literal["sms", "totp", "recovery"] | None = None


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
    recovered = call.request.query_params.get("after") == "recovery"
    data = {"interrupted": bool(next_page), "recovered": recovered} | {
        name: value for hint in hints for name, value in hint().items()
    }
    return {"values": {"next": next_page} if next_page else {}, "data": data}


@doors.post("/auth/sign-in", SignIn, limit="120/minute")
async def give_password(call: Call, body: SignIn) -> Answer:
    """One argon2 for whatever name, known or not."""
    device_token = call.jar.get(cookies.DEVICE)
    wait = await addresses.enter(call.network, clock.now())
    async with db.transaction() as session:
        begun = await sign_in.begin(session, login=body.login, device_token=device_token, address=wait)
    attempt = settled(begun)
    matches = await verify_password(body.password, attempt.password_hash)
    renewed = await hash_password(body.password) if matches and needs_update(attempt.password_hash or "") else ""
    async with db.transaction() as session:
        if renewed:
            await sign_in.renew_hash(session, attempt, renewed)
        answer = await sign_in.password_compared(session, attempt, matches=matches, next_page=local_path(body.next))
        if not matches:
            await _count_failure(call, session, attempt)
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


@doors.post("/auth/sign-in/code", SecondFactor, limit="120/minute")
async def give_code(call: Call, body: SecondFactor) -> Answer:
    """The only place where a session begins: its token is new, whatever the browser brought; a former session of it ends."""
    former = await call.actor()
    method = FACTORS[body.method] if body.method else None
    async with db.transaction() as session:
        answer = await sign_in.give_code(
            session,
            call.jar.get(cookies.SIGN_IN),
            code=body.code,
            method=method,
            device_token=call.jar.get(cookies.DEVICE),
        )
        if former and isinstance(answer, sign_in.Entered):
            await sessions.sign_out(session, former)
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
    return {"data": {"sent": True, "resend_in": sent.resend_in}, "message": "Новый код отправлен."}


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
        "method": NAMES[step.method], "methods": names, "can": dict.fromkeys(names, True),
        "sent_to": step.sent_to, "sent": step.is_sent, "resend_in": step.resend_in,
    }  # fmt: skip


async def _count_failure(call: Call, session: AsyncSession, attempt: Attempt) -> None:
    """Also for the address; one that tries many names is worth a line in the journal."""
    if not attempt.from_known_device and await addresses.failed(call.network, attempt.login_index, clock.now()):
        audit.record(session, None, Action.SIGN_IN_REFUSED, call.network, outcome="refused", reason="spraying")
