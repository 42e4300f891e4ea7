"""«Мои виды» and «Отправить коллеге».

What is kept is an address, read and written anew by the page's own rules: nothing else can be put into it, and a ready period stays one («месяц»
is the last month whenever it is opened).
"""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.notices import service as notices
from medcab.accounts.queries import person, take_turns
from medcab.dashboards.rules.address import PATH, Address
from medcab.dashboards.rules.views import LONGEST_NAME, LONGEST_NOTE
from medcab.dashboards.service import departments, sees
from medcab.dashboards.views import queries
from medcab.dashboards.views.models import SavedView, SentView
from medcab.dashboards.views.queries import Colleague, Sent
from medcab.errors import Conflict, Invalid, NotFound

MOST_VIEWS = 20
MOST_WAITING = 30


class NoView(NotFound):
    """Deleted meanwhile, or somebody else's."""

    message = "Такого вида больше нет."


def topic(person_id: UUID) -> str:
    """What a tab watches to learn of views that have come."""
    return f"views:{person_id}"


async def listed(session: AsyncSession, actor: Actor) -> list[SavedView]:
    """The actor's own."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    return await queries.own(session, actor)


async def colleagues(session: AsyncSession, actor: Actor) -> list[Colleague]:
    """To whom a view can be sent."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    return await queries.colleagues(session, actor, clock.today())


async def settled(session: AsyncSession, actor: Actor, address: Address) -> Address:
    """With the department that is shown, where the address leaves it to whoever looks: a colleague's first one is another."""
    if address.department_id:
        return address
    places = await departments(session, actor)
    return replace(address, department_id=places[0].id) if places else address


async def keep(session: AsyncSession, actor: Actor, *, name: str, address: Address) -> None:
    """Keep the view under a name of its own."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    here, address = _clinic(actor), await settled(session, actor, address)
    await take_turns(session, topic(actor.person_id))
    known = await queries.own(session, actor)
    named = _name(name, known)
    if len(known) >= MOST_VIEWS:
        raise Conflict(f"Сохранено уже {MOST_VIEWS} видов. Удалите те, которые не нужны.")
    made = SavedView(
        person_id=actor.person_id, organisation_id=here, name=named, address=address.kept(clock.today()),
        made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.FIGURES_VIEW_KEEP, made.id)


async def rename(session: AsyncSession, actor: Actor, *, view_id: UUID, name: str) -> None:
    """Another name for the same view."""
    found, known = await _own(session, actor, view_id)
    found.name = _name(name, [view for view in known if view.id != view_id])
    audit.record(session, actor, Action.FIGURES_VIEW_KEEP, view_id)


async def choose(session: AsyncSession, actor: Actor, *, view_id: UUID) -> None:
    """The view opens first from now on; if it does already, none does."""
    found, known = await _own(session, actor, view_id)
    was = found.is_default
    for view in known:
        view.is_default = view.id == view_id and not was
    audit.record(session, actor, Action.FIGURES_VIEW_KEEP, view_id, is_default=not was)


async def remove(session: AsyncSession, actor: Actor, *, view_id: UUID) -> None:
    """Forget the view."""
    found, _ = await _own(session, actor, view_id)
    await session.delete(found)
    audit.record(session, actor, Action.FIGURES_VIEW_REMOVE, view_id)


async def first(session: AsyncSession, actor: Actor) -> str:
    """Where the page begins when its address asks for nothing; empty: at its own beginning."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    for view in await queries.own(session, actor):
        place = Address.read(dict(parse_qsl(urlsplit(view.address).query)), today=clock.today()).department_id
        if view.is_default and (place is None or await sees(session, actor, place)):
            return view.address
    return ""


async def send(session: AsyncSession, actor: Actor, *, to: UUID, note: str, address: Address) -> str:
    """Put the view on a colleague's desk and tell them by mail; their name. Days stay as they are: both look at the same ones."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    here, address = _clinic(actor), await settled(session, actor, address)
    known = {each.id: each.name for each in await queries.colleagues(session, actor, clock.today())}
    if to not in known:
        raise NotFound("Этому сотруднику показатели не открыты. Выберите другого.")
    said = " ".join(note.split())
    if len(said) > LONGEST_NOTE:
        raise Invalid(f"Сообщение длиннее {LONGEST_NOTE} знаков. Сократите его.")
    await take_turns(session, topic(to))
    if await queries.waiting_for(session, to) >= MOST_WAITING:
        raise Conflict("У коллеги уже много неоткрытых видов. Скопируйте ссылку и отправьте её иначе.")
    sent = SentView(
        person_id=to, sender_id=actor.person_id, organisation_id=here, note=said, address=str(address),
        sent_at=clock.now(),
    )  # fmt: skip
    session.add(sent)
    audit.record(session, actor, Action.FIGURES_VIEW_SEND, sent.id, to=to)
    told = f"{actor.name}: ссылка на показатели отделения. Она ждёт и в разделе «Рабочий стол»."
    notices.informed(
        session, await person(session, to), "вам отправили показатели", told, href=f"{PATH}?sent={sent.id}",
        inside=f"Сообщение: «{said}»" if said else "",
    )  # fmt: skip
    live.publish(session, topic(to))
    return known[to]


async def received(session: AsyncSession, actor: Actor) -> list[Sent]:
    """What colleagues have sent and the actor has not opened; nothing for whom figures are closed."""
    return await queries.received(session, actor) if actor.may(Permission.FIGURES_DEPARTMENT) else []


async def open_sent(session: AsyncSession, actor: Actor, *, view_id: UUID) -> str:
    """The address of a view that was sent; it waits no longer."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    found = await session.get(SentView, view_id)
    if found is None or (found.person_id, found.organisation_id) != (actor.person_id, actor.organisation_id):
        raise NoView
    await session.delete(found)
    live.publish(session, topic(actor.person_id))
    return found.address


async def _own(session: AsyncSession, actor: Actor, view_id: UUID) -> tuple[SavedView, list[SavedView]]:
    require(actor, Permission.FIGURES_DEPARTMENT)
    await take_turns(session, topic(actor.person_id))
    known = await queries.own(session, actor)
    found = next((view for view in known if view.id == view_id), None)
    if found is None:
        raise NoView
    return found, known


def _clinic(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise NotFound("Выберите клинику в шапке страницы.")
    return actor.organisation_id


def _name(typed: str, known: list[SavedView]) -> str:
    name = " ".join(typed.split())
    if not name:
        raise Invalid("Назовите вид: по названию вы найдёте его снова.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Название длиннее {LONGEST_NAME} знаков. Сократите его.", field="name")
    if any(view.name.casefold() == name.casefold() for view in known):
        raise Invalid("Вид с таким названием уже есть. Назовите этот иначе.", field="name")
    return name
