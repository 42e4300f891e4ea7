"""Views that a person keeps and sends: own ones only, twenty at most, one of them first; a colleague sees what their own role may."""

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.accounts.inbox import service as inbox
from medcab.audit import AuditEntry
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.period import Period, Preset
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.state import FiguresState
from medcab.dashboards.views import service
from medcab.dashboards.views.state import FigureViews
from medcab.desk import service as desk
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.outbox import OutboxMessage
from medcab.schedule.rules.visits import VisitKind
from tests.cast import MORNING, OTHER_WARD, WARD, Cast
from tests.dashboards.test_state import at, current, target

TODAY = MORNING.date()
VIEW = Address(Preset.MONTH.period(TODAY), WARD, "weekday:0", 2, "no_show", 3, Selection(UUID(int=1), VisitKind.REPEAT))


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen(MORNING):
        yield


async def keep(actor: Actor, name: str = "Утро", address: Address = VIEW) -> UUID:
    async with db.transaction() as session:
        await service.keep(session, actor, name=name, address=address)
    async with db.reading() as session:
        return next(view.id for view in await service.listed(session, actor) if view.name == name.strip())


async def names(actor: Actor) -> list[str]:
    async with db.reading() as session:
        return [view.name for view in await service.listed(session, actor)]


def reread(text: str, today: date) -> Address:
    return Address.read(dict(parse_qsl(urlsplit(text).query)), today=today)


def test_a_ready_period_moves_on_and_own_days_stay():
    later = date(2027, 2, 1)
    kept = VIEW.kept(TODAY)
    assert "period=month" in kept
    assert reread(kept, TODAY) == VIEW
    assert reread(kept, later) == replace(VIEW, period=Preset.MONTH.period(later))
    own = replace(VIEW, period=Period(date(2026, 10, 3), date(2026, 10, 9)))
    assert reread(own.kept(TODAY), later) == own


def test_nothing_but_the_pages_own_words_is_kept():
    strange = replace(VIEW, rows="<script>" * 500, cases="../../etc")
    assert len(strange.kept(TODAY)) < 300
    assert "script" not in strange.kept(TODAY)
    assert "etc" not in strange.kept(TODAY)


async def test_own_views_are_kept_renamed_put_first_and_deleted(cast: Cast):
    one, other = await keep(cast.head, "  Утро  "), await keep(cast.head, "Неявки")
    assert await names(cast.head) == ["Неявки", "Утро"]
    for view_id, first in ((one, "Утро"), (other, "Неявки"), (other, "")):
        async with db.transaction() as session:
            await service.choose(session, cast.head, view_id=view_id)
        async with db.reading() as session:
            kept = await service.listed(session, cast.head)
            assert [view.name for view in kept if view.is_default] == ([first] if first else [])
            assert bool(await service.first(session, cast.head)) == bool(first)
    async with db.transaction() as session:
        await service.rename(session, cast.head, view_id=one, name="Утро понедельника")
        await service.remove(session, cast.head, view_id=other)
    assert await names(cast.head) == ["Утро понедельника"]


@pytest.mark.parametrize(
    ("name", "said"), [("", "Назовите"), ("  ", "Назовите"), ("я" * 61, "длиннее"), ("утро", "уже есть")]
)
async def test_names_that_will_not_do(cast: Cast, name: str, said: str):
    await keep(cast.head)
    other = await keep(cast.head, "Другой")
    async with db.transaction() as session:
        with pytest.raises(Invalid, match=said):
            await service.keep(session, cast.head, name=name, address=VIEW)
        with pytest.raises(Invalid, match=said):
            await service.rename(session, cast.head, view_id=other, name=name)


async def test_twenty_at_most(cast: Cast):
    for number in range(service.MOST_VIEWS):
        await keep(cast.head, f"Вид {number}")
    with pytest.raises(Conflict, match="20"):
        await keep(cast.head, "Ещё один")
    await keep(cast.admin, "Мой")  # somebody else's count for themselves


async def test_whose_views_are_whose(cast: Cast):
    view_id = await keep(cast.head)
    moved = replace(cast.head, organisation_id=uuid4())
    for name, actor in {**cast.everyone(), "moved": moved}.items():
        if name == "head":
            continue
        refusal = NotFound if name in ("admin", "moved") else Forbidden
        async with db.transaction() as session:
            for deed in (service.choose, service.remove):
                with pytest.raises(refusal):
                    await deed(session, actor, view_id=view_id)
            with pytest.raises(refusal):
                await service.rename(session, actor, view_id=view_id, name="Чужой")
            if refusal is Forbidden:
                for call in (service.listed, service.colleagues, service.first):
                    with pytest.raises(Forbidden):
                        await call(session, actor)
                with pytest.raises(Forbidden):
                    await service.keep(session, actor, name="Вид", address=VIEW)
                with pytest.raises(Forbidden):
                    await service.send(session, actor, to=cast.head.person_id, note="", address=VIEW)
                with pytest.raises(Forbidden):
                    await service.open_sent(session, actor, view_id=view_id)
            else:
                assert await service.listed(session, actor) == []
    assert await names(cast.head) == ["Утро"]


async def send(cast: Cast, address: Address = VIEW, note: str = " Посмотрите  понедельники ") -> None:
    async with db.transaction() as session:
        assert await service.send(session, cast.head, to=cast.admin.person_id, note=note, address=address)


async def waiting(session: AsyncSession, actor: Actor) -> list[tuple[str, UUID]]:
    return [(each.view.note, each.view.id) for each in (await desk.desk(session, actor)).sent]


async def test_a_view_is_sent_waits_on_the_desk_and_opens_once(cast: Cast):
    await send(cast)
    async with db.transaction() as session:
        [(note, view_id)] = await waiting(session, cast.admin)
        assert note == "Посмотрите понедельники"
        assert await waiting(session, cast.head) == []
        with pytest.raises(service.NoView):
            await service.open_sent(session, cast.head, view_id=view_id)
        assert await service.open_sent(session, cast.admin, view_id=view_id) == str(VIEW)
    async with db.transaction() as session:
        assert await waiting(session, cast.admin) == []
        with pytest.raises(service.NoView):
            await service.open_sent(session, cast.admin, view_id=view_id)
    async with db.reading() as session:
        [letter] = (await session.exec(select(OutboxMessage))).all()
        assert "Рабочий стол" in letter.payload
        assert "no_show" not in letter.payload, "figures do not travel by mail"
        assert "понедельники" not in letter.payload, "a colleague's words may name a patient"
        [told] = (await inbox.listed(session, cast.admin)).rows
        assert told.text.endswith("Сообщение: «Посмотрите понедельники»")
        actions = [entry.action for entry in (await session.exec(select(AuditEntry))).all()]
    assert Action.FIGURES_VIEW_SEND in actions


async def test_views_are_sent_only_to_those_who_look_at_figures_here(cast: Cast):
    async with db.transaction() as session:
        assert [each.id for each in await service.colleagues(session, cast.head)] == [cast.admin.person_id]
        for other in (cast.doctor, cast.foreigner, cast.unverified, cast.head):
            with pytest.raises(NotFound):
                await service.send(session, cast.head, to=other.person_id, note="", address=VIEW)
        with pytest.raises(Invalid, match="Сократите"):
            await service.send(session, cast.head, to=cast.admin.person_id, note="я" * 201, address=VIEW)
    for _ in range(service.MOST_WAITING):
        await send(cast)
    with pytest.raises(Conflict, match="много"):
        await send(cast)


async def test_a_department_that_is_not_the_colleagues_shows_nothing(cast: Cast):
    """The admin sends the other ward's view to the head: a sentence, and nothing of the figures."""
    async with db.transaction() as session:
        await service.send(
            session, cast.admin, to=cast.head.person_id, note="", address=replace(VIEW, department_id=OTHER_WARD)
        )
        [(_, view_id)] = await waiting(session, cast.head)
    state = at(f"/figures?sent={view_id}", cast.head)
    assert await FiguresState.load.fn(state) is FiguresState.begin
    there = target(await FiguresState.begin.fn(state))
    state = at(there, cast.head)
    with pytest.raises(NotFound):
        await FiguresState.show.fn(state)
    assert state.is_missing
    assert "Хирургическое" not in str(state.dict())


async def test_the_page_begins_with_the_first_view(cast: Cast):
    assert await FiguresState.begin.fn(at("/figures", cast.head)) is FiguresState.show
    view_id = await keep(cast.head)
    async with db.transaction() as session:
        await service.choose(session, cast.head, view_id=view_id)
    state = at("/figures", cast.head)
    assert await FiguresState.load.fn(state) is FiguresState.begin
    assert target(await FiguresState.begin.fn(state)) == VIEW.kept(TODAY)
    assert await FiguresState.load.fn(at("/figures?from=2026-11-01&to=2026-11-02", cast.head)) is FiguresState.show
    with pytest.raises(NotFound, match="больше нет"):
        await FiguresState.begin.fn(at("/figures?sent=nonsense", cast.head))


async def test_handlers_of_the_drawer(cast: Cast):
    state = await at(str(VIEW), cast.head).get_state(FigureViews)
    current.set(cast.head)
    await FigureViews.keep.fn(state, {"name": "Утро"})
    await FigureViews.show.fn(state)
    [view] = state.views
    assert view["href"] == VIEW.kept(TODAY)
    assert state.link == f"http://clinic.example{VIEW}"
    assert [each["value"] for each in state.colleagues] == [str(cast.admin.person_id)]
    await FigureViews.rename.fn(state, view["id"], {"name": "Вечер"})
    await FigureViews.choose.fn(state, view["id"])
    await FigureViews.send.fn(state, {"to": str(cast.admin.person_id), "note": ""})
    for form in ({}, {"to": "nobody"}):
        with pytest.raises(NotFound):
            await FigureViews.send.fn(state, form)
    await FigureViews.show.fn(state)
    assert [(each["name"], each["is_default"]) for each in state.views] == [("Вечер", True)]
    await FigureViews.remove.fn(state, view["id"])
    assert await names(cast.head) == []


async def test_a_view_without_a_department_goes_with_the_one_that_is_shown(cast: Cast):
    """The first department of whoever gets it is another one."""
    async with db.transaction() as session:
        await service.send(session, cast.head, to=cast.admin.person_id, note="", address=Address(VIEW.period))
    async with db.reading() as session:
        [sent] = await service.received(session, cast.admin)
    assert f"department={WARD}" in sent.view.address
