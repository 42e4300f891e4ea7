"""A new password for somebody who cannot sign in."""

from medcab import db
from medcab.accounts.flows.service import FlowEnded
from medcab.accounts.passwords import service as passwords
from medcab.accounts.recovery import service as recovery
from medcab.api import cookies
from medcab.api.bodies import Code, Filled, Form, Nothing, Secret
from medcab.api.http import Answer, Call, Doors, settled
from medcab.security.passwords import hash_password

doors = Doors()

START, SIGN_IN_PAGE = "/recovery", "/sign-in"
PAGES = {step: f"{START}/{step}" for step in (recovery.CODE, recovery.FACTOR, recovery.PASSWORD)}


class Login(Form):
    login: Filled


class GivenCode(Form):
    code: Code


class Password(Form):
    password: Secret


@doors.form("recovery")
async def start_form(call: Call) -> Answer:
    return {}


@doors.post("/auth/recovery", Login, limit="10/minute")
async def start(call: Call, body: Login) -> Answer:
    """The same answer whoever it is."""
    async with db.transaction() as session:
        token = await recovery.begin(session, login=body.login, device_token=call.jar.get(cookies.DEVICE))
    call.jar.set(cookies.RECOVERY, token)
    return {"next": PAGES[recovery.CODE]}


@doors.form("recovery-code")
async def code_form(call: Call) -> Answer:
    return await _form(call, recovery.CODE)


@doors.form("recovery-factor")
async def factor_form(call: Call) -> Answer:
    return await _form(call, recovery.FACTOR)


@doors.form("recovery-password")
async def password_form(call: Call) -> Answer:
    return await _form(call, recovery.PASSWORD)


@doors.post("/auth/recovery/code", GivenCode, limit="20/minute")
async def give_code(call: Call, body: GivenCode) -> Answer:
    async with db.transaction() as session:
        answer = await recovery.give_code(session, _token(call), body.code)
    return {"next": PAGES[settled(answer)]}


@doors.post("/auth/recovery/resend", Nothing, limit="10/minute")
async def resend(call: Call, _body: Nothing) -> Answer:
    async with db.transaction() as session:
        sent = await recovery.resend(session, _token(call))
    return {"data": {"resend_in": sent.resend_in}, "message": "Если такой кабинет есть, новый код отправлен."}


@doors.post("/auth/recovery/factor", GivenCode, limit="20/minute")
async def give_factor(call: Call, body: GivenCode) -> Answer:
    """A code of the app or a recovery code: they never look alike."""
    async with db.transaction() as session:
        answer = await recovery.give_factor(session, _token(call), body.code)
    return {"next": PAGES[settled(answer)]}


@doors.post("/auth/recovery/password", Password, limit="20/minute")
async def give_password(call: Call, body: Password) -> Answer:
    """Nobody is signed in by it: the new password and a code are asked for as always."""
    async with db.reading() as session:
        person = await recovery.owner(session, _token(call))
        before = await passwords.history(session, person.id)
    passwords.require_good_for(body.password, passwords.context_of(person))
    await passwords.require_unused(body.password, before, field="password")
    made = await hash_password(body.password)
    async with db.transaction() as session:
        await recovery.give_password(session, _token(call), made)
    call.jar.drop(cookies.RECOVERY, cookies.SESSION)
    return {"next": f"{SIGN_IN_PAGE}?after=recovery"}


async def _form(call: Call, step: str) -> Answer:
    try:
        async with db.reading() as session:
            reached, resend_in = await recovery.standing(session, _token(call))
    except FlowEnded:
        return {"next": START}
    return {"data": {"resend_in": resend_in}} if reached == step else {"next": PAGES[reached]}


def _token(call: Call) -> str:
    return call.jar.get(cookies.RECOVERY)
