"""Registration: who, how to reach them, a password, a code by SMS, a code by e-mail.

That something is taken is never shown. A taken phone or address gets a message that there already is a cabinet instead of a code; a taken
SNILS or INN is found at the very end, after the same steps, and ends on the same page as success: therefore nobody is signed in by
registering, both go on to the sign-in page.
"""

from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action
from medcab.accounts import queries
from medcab.accounts.codes import service as codes
from medcab.accounts.codes.service import Challenge, Channel, Dispatch, Purpose, WrongCode
from medcab.accounts.flows import service as flows
from medcab.accounts.models import Flow, FlowKind, PasswordRecord, Person
from medcab.accounts.notices import service as notices
from medcab.accounts.throttle import service as throttle
from medcab.errors import MedcabError

STEPS = ("person", "contacts", "password", "phone", "email")
CONFIRMED = {"phone": Channel.SMS, "email": Channel.MAIL}
DONE = "done"


async def begin_or_go_on(session: AsyncSession, token: str, values: dict[str, str]) -> tuple[str, str]:
    """The first step, given or given again: `(cookie token, next step)`."""
    try:
        flow, data = await flows.find(session, FlowKind.REGISTRATION, token)
    except flows.FlowEnded:
        data = {"values": values, "done": ["person"]}
        _, token = await flows.start(session, FlowKind.REGISTRATION, data)
        return token, next_step(data)
    _give(data, "person", values)
    flows.save(flow, data)
    return token, next_step(data)


async def give_contacts(session: AsyncSession, token: str, values: dict[str, str]) -> str:
    """Phone and e-mail; a changed one must be proved again. The next step."""
    flow, data = await _at(session, token, "contacts")
    for field in CONFIRMED:
        if data["values"].get(field) != values[field] and field in data["done"]:
            data["done"].remove(field)
    _give(data, "contacts", values)
    return await _go_on(session, flow, data)


async def give_password(session: AsyncSession, token: str, password_hash: str) -> str:
    """The password arrives hashed: it is never kept otherwise. The next step."""
    flow, data = await _at(session, token, "password")
    data["password_hash"] = password_hash
    _give(data, "password", {})
    return await _go_on(session, flow, data)


async def give_code(session: AsyncSession, token: str, step: str, code: str) -> str | MedcabError:
    """Prove the phone or the address; the last proof makes the person. The next step, or `DONE`."""
    flow, data = await _at(session, token, step)
    if not await codes.accept(session, _challenge(flow, data, step), code):
        audit.record(session, None, Action.CODE_REFUSED, flow.id, outcome="refused", purpose="registration", step=step)
        return WrongCode()
    _give(data, step, {})
    if next_step(data) != DONE:
        return await _go_on(session, flow, data)
    await _finish(session, data)
    flows.end(flow)
    return DONE


async def resend(session: AsyncSession, token: str, step: str) -> Dispatch:
    """Another code for the step."""
    flow, data = await _at(session, token, step)
    owner = await _owner(session, data, step)
    return await codes.resend(session, _challenge(flow, data, step), decoy=owner is not None)


async def standing(session: AsyncSession, token: str) -> tuple[Flow, dict[str, Any]]:
    """Where the registration stands: `data["values"]` as typed; the password is only a hash, never to be shown."""
    return await flows.find(session, FlowKind.REGISTRATION, token, to_change=False)


async def resend_in(session: AsyncSession, flow: Flow, data: dict[str, Any], step: str) -> int:
    """Seconds until another code of this step may be asked for."""
    return await codes.resend_in(session, _challenge(flow, data, step))


def next_step(data: dict[str, Any]) -> str:
    """The first step that is still to be done."""
    return next((step for step in STEPS if step not in data["done"]), DONE)


def may_open(data: dict[str, Any], step: str) -> bool:
    """Whether the steps before it are done; a proved contact is not proved again."""
    before = STEPS[: STEPS.index(step)]
    return all(one in data["done"] for one in before) and not (step in CONFIRMED and step in data["done"])


async def _at(session: AsyncSession, token: str, step: str) -> tuple[Flow, dict[str, Any]]:
    flow, data = await flows.find(session, FlowKind.REGISTRATION, token)
    if not may_open(data, step):
        raise flows.FlowEnded("Сначала заполните предыдущие шаги.")
    return flow, data


def _give(data: dict[str, Any], step: str, values: dict[str, str]) -> None:
    data["values"] |= values
    if step not in data["done"]:
        data["done"].append(step)


async def _go_on(session: AsyncSession, flow: Flow, data: dict[str, Any]) -> str:
    """Save, and when the next step asks for a code, send it (a wait in force is shown on that page instead)."""
    flows.save(flow, data)
    step = next_step(data)
    if step in CONFIRMED:
        owner = await _owner(session, data, step)
        sent = await codes.send(session, _challenge(flow, data, step), decoy=owner is not None)
        if owner and sent.sent:
            await _tell_owner(session, owner, step)
    return step


async def _owner(session: AsyncSession, data: dict[str, Any], step: str) -> Person | None:
    return await queries.person_with(session, **{step: data["values"][step]})


async def _tell_owner(session: AsyncSession, owner: Person, what: str) -> None:
    """Once a day at most: a stranger must not be able to flood somebody's mail."""
    audit.record(session, None, Action.ACCOUNT_REGISTER_TAKEN, owner.id, outcome="refused", field=what)
    if await throttle.once_a_day(session, f"told-registered:{owner.id}"):
        notices.already_registered(session, owner)
        if what == "phone":
            notices.sms(
                session,
                owner.phone,
                "medcab: на этот номер уже есть кабинет. Войдите или восстановите доступ на странице входа.",
            )


async def _finish(session: AsyncSession, data: dict[str, Any]) -> None:
    """Make the person. The database's unique constraints decide, also between two who finish at once."""
    person = _person(data["values"])
    try:
        async with session.begin_nested():
            session.add(person)
            await session.flush()
    except IntegrityError:
        for field in queries.UNIQUE:
            owner = await queries.person_with(session, **{field: data["values"][field]})
            if owner:
                await _tell_owner(session, owner, field)
        return
    session.add(PasswordRecord(person_id=person.id, hash=data["password_hash"], set_at=clock.now()))
    audit.record(session, None, Action.ACCOUNT_REGISTER, person.id, person_id=person.id)
    notices.told_by_mail(
        session, person, "вы зарегистрированы", "Личный кабинет создан. Войдите с телефоном или почтой и паролем."
    )


def _person(values: dict[str, str]) -> Person:
    own: dict[str, Any] = {field: values[field] for field in queries.UNIQUE}
    found_by: dict[str, Any] = {f"{field}_index": queries.index_of(field, values[field]) for field in queries.UNIQUE}
    return Person(
        family_name=values["family_name"], given_name=values["given_name"], patronymic=values["patronymic"],
        birth_date=date.fromisoformat(values["birth_date"]), created_at=clock.now(), **own, **found_by,
    )  # fmt: skip


def _challenge(flow: Flow, data: dict[str, Any], step: str) -> Challenge:
    return Challenge(Purpose.REGISTRATION, str(flow.id), CONFIRMED[step], data["values"][step])
