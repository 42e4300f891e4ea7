"""The forms by which a clinic's administrator changes its people, and the answer to an invitation."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import GIVEN_BY_CLINIC, ROLE_TITLES, Actor
from medcab.api.bodies import Filled, Form, Text
from medcab.api.http import Answer, Call, Doors
from medcab.errors import Invalid, NotFound
from medcab.identifiers import parse_form
from medcab.staff import queries, rules
from medcab.staff.departments import service as departments
from medcab.staff.invitations import service as invitations
from medcab.staff.invitations.service import Guest
from medcab.staff.person import service as people
from medcab.staff.service import NewPlace, clinic

doors = Doors()
LIST, PERSON, DEPARTMENTS = "/staff", "/staff/person", "/staff/departments"
_NAMES = ("family_name", "given_name", "patronymic", "email")


class Place(Form):
    role: Text = ""
    department_id: Text = ""
    post: Text = ""
    rate: Text = ""
    since: Text = ""
    correction: bool | Text = False


class Invite(Place):
    family_name: Text = ""
    given_name: Text = ""
    patronymic: Text = ""
    email: Text = ""


class Suspend(Form):
    until: Text = ""
    reason: Text = ""
    agreed: bool | Text = False


class Dismiss(Form):
    last_day: Text = ""
    reason: Text = ""
    agreed: bool | Text = False


class Named(Form):
    name: Text = ""


class Answered(Form):
    id: Filled


@doors.form("staff-place")
async def place_form(call: Call) -> Answer:
    """`?id=` of a person, and `&place=` of the role to change."""
    actor = await call.signed_in()
    async with db.reading() as session:
        here = clinic(actor)
        _, _, places = await queries.worker(session, here, _id(call, "id"))
        options = await _options(session, actor)
    wanted = call.request.query_params.get("place", "")
    held = next((one for one in places if str(one.id) == wanted), None)
    if wanted and held is None:
        raise NotFound("Роль не найдена.")
    if held is None:
        return {"values": {"rate": "1"}, "data": {"options": options}}
    values = {
        "role": held.role.value, "department_id": str(held.department_id or ""), "post": held.post, "rate": rules.rate_words(held.rate),
    }  # fmt: skip
    return {"values": values, "data": {"options": options}}


@doors.post("/api/staff/place", Place)
async def save_place(call: Call, body: Place) -> Answer:
    actor, person_id = await call.signed_in(), _id(call, "id")
    wanted = call.request.query_params.get("place", "")
    clinic(actor)
    place = _place(body)
    async with db.transaction() as session:
        if wanted:
            await people.change_place(session, actor, membership_id=_uuid(wanted), place=place)
        else:
            await people.add_place(session, actor, person_id=person_id, place=place)
    return {"next": f"{PERSON}?id={person_id}"}


@doors.form("staff-person")
async def person_form(call: Call) -> Answer:
    """What is booked ahead, before somebody is suspended or dismissed."""
    actor = await call.signed_in()
    async with db.reading() as session:
        found = await people.look(session, actor, person_id=_id(call, "id"), again=True)
    return {"data": {"ahead": found.ahead or "Впереди ни одного записанного приёма."}}


@doors.post("/api/staff/suspend", Suspend)
async def suspend(call: Call, body: Suspend) -> Answer:
    actor, person_id = await call.signed_in(), _id(call, "id")
    async with db.transaction() as session:
        await people.suspend(
            session, actor, person_id=person_id, until=body.until, reason=body.reason, agreed=body.agreed is True
        )
    return {"next": f"{PERSON}?id={person_id}"}


@doors.post("/api/staff/dismiss", Dismiss)
async def dismiss(call: Call, body: Dismiss) -> Answer:
    actor, person_id = await call.signed_in(), _id(call, "id")
    async with db.transaction() as session:
        await people.dismiss(
            session, actor, person_id=person_id, last_day=body.last_day, reason=body.reason, agreed=body.agreed is True
        )
    return {"next": f"{PERSON}?id={person_id}"}


@doors.form("staff-invite")
async def invite_form(call: Call) -> Answer:
    actor = await call.signed_in()
    async with db.reading() as session:
        return {"values": {"rate": "1"}, "data": {"options": await _options(session, actor)}}


@doors.post("/api/staff/invite", Invite, limit="30/minute")
async def invite(call: Call, body: Invite) -> Answer:
    actor = await call.signed_in()
    clinic(actor)
    names = parse_form({name: getattr(body, name) for name in _NAMES}, today=clock.today())
    async with db.transaction() as session:
        await invitations.invite(session, actor, guest=Guest(**names, place=_place(body)))
    return {"next": f"{LIST}?state=invited"}


@doors.form("staff-department")
async def department_form(call: Call) -> Answer:
    """`?id=` of a department to rename; none: a new one."""
    actor = await call.signed_in()
    here = clinic(actor)
    if not call.request.query_params.get("id"):
        return {}
    async with db.reading() as session:
        return {"values": {"name": (await queries.department(session, here, _id(call, "id"))).name}}


@doors.post("/api/staff/department", Named)
async def save_department(call: Call, body: Named) -> Answer:
    actor = await call.signed_in()
    wanted = call.request.query_params.get("id", "")
    async with db.transaction() as session:
        await departments.save(session, actor, name=body.name, department_id=_uuid(wanted) if wanted else None)
    return {"next": DEPARTMENTS}


@doors.post("/api/invitations/accept", Answered, limit="20/minute")
async def accept(call: Call, body: Answered) -> Answer:
    """Opening the link changes nothing: this does."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        await invitations.accept(session, actor, invitation_id=_uuid(body.id))
    return {"next": "/"}


@doors.post("/api/invitations/decline", Answered, limit="20/minute")
async def decline(call: Call, body: Answered) -> Answer:
    actor = await call.signed_in()
    async with db.transaction() as session:
        await invitations.decline(session, actor, invitation_id=_uuid(body.id))
    return {"next": "/"}


async def _options(session: AsyncSession, actor: Actor) -> dict[str, list[dict[str, str]]]:
    """What the selects of a place offer."""
    wards = await queries.departments(session, clinic(actor))
    return {
        "role": [{"value": role.value, "label": ROLE_TITLES[role]} for role in GIVEN_BY_CLINIC],
        "department_id": [{"value": str(one.id), "label": one.name} for one in wards],
    }


def _place(body: Place) -> NewPlace:
    """Everything that is wrong, at its field."""
    errors: dict[str, str] = {}
    values: dict[str, object] = {}
    for name, parse in (
        ("role", rules.may_give),
        ("rate", rules.rate_of),
        ("post", lambda text: rules.line_of(text, field="post", longest=rules.LONGEST_POST)),
        ("since", lambda text: rules.day_of(text, field="since") and text),
        ("department_id", lambda text: _uuid(text) if text else None),
    ):
        try:
            values[name] = parse(getattr(body, name))
        except Invalid as refusal:
            errors[name] = refusal.message
    if errors:
        raise Invalid.many(errors)
    return NewPlace(**{**values, "since": values["since"] or "", "is_correction": body.correction is True})  # pyright: ignore[reportArgumentType]


def _id(call: Call, name: str) -> UUID:
    return _uuid(call.request.query_params.get(name, ""))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
