"""Who gets through: every kind of caller and every kind of event, through the framework's own pipeline."""

import json
from uuid import UUID

import pytest
from reflex_base.registry import RegistrationContext

from medcab import clock, db
from medcab.accounts.models import Department, PasswordRecord
from medcab.guard import framework
from tests.cast import Cast
from tests.guard.conftest import dismiss, enter, refusals, sign_out
from tests.guard.probe import SECRET
from tests.guard.wire import House, connect

pytestmark = pytest.mark.one_database

ROOT = "reflex___state____state"


async def test_without_a_session_only_what_is_public_runs(house: House) -> None:
    socket = await connect(house)
    assert (await socket.send("greet")).calls == ["greet"]
    await socket.send("open")
    assert SECRET not in socket.text
    assert socket.redirects == ["/sign-in?next=%2Fprobe"]


@pytest.mark.parametrize("cookie", ["x", "A" * 43, "../../etc", "medcab=1; medcab="])
async def test_a_made_up_cookie_is_no_session(house: House, cookie: str) -> None:
    socket = await connect(house, cookie)
    await socket.send("open")
    assert SECRET not in socket.text
    assert socket.redirects


async def test_another_programs_broken_cookie_does_not_hide_ours(house: House, cast: Cast) -> None:
    socket = await connect(house, f'{await enter(cast.doctor)}; strange[name]={{"a":1}}; =;;')
    assert (await socket.send("open")).value("shown") == SECRET


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("/journal?page=2&outcome=success", "/sign-in?next=%2Fjournal%3Fpage%3D2%26outcome%3Dsuccess"),
        ("/", "/sign-in"),
        ("//evil.example/x", "/sign-in?next=%2Fx"),
        ("/sign-in/code", "/sign-in"),
        ("https://evil.example/journal", "/sign-in?next=%2Fjournal"),
    ],
)
async def test_after_signing_in_one_comes_back_to_the_page_and_never_elsewhere(
    house: House, page: str, address: str
) -> None:
    socket = await connect(house)
    await socket.send("open", path=page)
    assert socket.redirects == [address]


async def test_whoever_must_change_the_password_is_sent_to_do_so(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    async with db.transaction() as session:
        session.add(PasswordRecord(person_id=cast.doctor.person_id, hash="x", set_at=clock.now(), must_change=True))
    await socket.send("edit", count=1, note="")
    assert socket.redirects == ["/security/password"]
    assert "edit" not in socket.text


async def test_a_role_opens_what_it_grants_and_nothing_else(house: House, cast: Cast) -> None:
    for name, actor in cast.everyone().items():
        socket = await connect(house, await enter(actor))
        await socket.send("edit", count=1, note="x")
        may = "schedule:edit" in actor.permissions
        assert (socket.calls == ["edit 1 x"]) is may, name
        assert (socket.notices == ["У вас нет доступа к этому действию."]) is not may, name


async def test_all_permissions_are_needed_not_one_of_them(house: House, cast: Cast) -> None:
    doctor, head = await connect(house, await enter(cast.doctor)), await connect(house, await enter(cast.head))
    assert (await doctor.send("sum_up")).calls == []
    assert (await head.send("sum_up")).calls == ["sum up"]


async def test_a_right_that_was_taken_away_is_gone_at_the_next_event(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("edit", count=1, note="x")
    await dismiss(cast.doctor)
    await socket.send("edit", count=2, note="y")
    assert "edit 2 y" not in socket.text
    assert socket.notices


async def test_an_event_after_sign_out_is_refused(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("open")
    await sign_out(cast.doctor)
    await socket.send("edit", count=1, note="x")
    assert socket.calls == []
    assert socket.redirects


async def test_methods_nobody_meant_to_open_are_closed(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.head))
    for name, payload in (("undecorated", {"role": "head"}), ("forgotten", {})):
        await socket.send(name, **payload)
        assert socket.calls == [], name
    assert [json.loads(entry.details)["reason"] for entry in await refusals()] == ["no policy", "no policy"]


async def test_the_frameworks_writers_are_closed(house: House, cast: Cast) -> None:
    """`setvar` on every state, and the door for values kept in browsers, which this cabinet does not use."""
    socket = await connect(house, await enter(cast.doctor))
    for name in ("setvar", f"{ROOT}.setvar", f"{ROOT}.medcab___guard___tab____tab.setvar"):
        await socket.send(name, var_name="shown", value="written")
        assert "written" not in socket.text, name
    assert {json.loads(entry.details)["reason"] for entry in await refusals()} == {"closed"}
    storage = f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal"
    await socket.send(storage, vars={f"{ROOT}.tests___guard___probe____probe.shown": "written"})
    await socket.send(f"{ROOT}.hydrate_and_load", vars={f"{ROOT}.tests___guard___probe____probe._kept": "written"})
    await socket.send("open")
    assert "written" not in socket.text


def test_only_the_needed_handlers_of_the_framework_are_open() -> None:
    """A new version that adds one finds it closed."""
    names = {
        name.rpartition(".")[2]
        for name in RegistrationContext.get().event_handlers
        if (framework.handler_named(name) or (0, False))[1]
    }
    assert names >= framework.NEEDED
    assert names - framework.NEEDED == {"setvar", "update_vars_internal"}


@pytest.mark.parametrize(
    "name", ["nothing", "_kept", "__init__", "reset", "_filled", "get_state", "open.fn", f"{ROOT}.evil", ""]
)
async def test_names_that_are_no_handlers_do_nothing(house: House, cast: Cast, name: str) -> None:
    socket = await connect(house, await enter(cast.doctor))
    await socket.send(name)
    assert socket.text == "[]"


async def test_chained_events_pass_the_same_door(house: House, cast: Cast) -> None:
    doctor, pharmacist = (
        await connect(house, await enter(cast.doctor)),
        await connect(house, await enter(cast.pharmacist)),
    )
    assert (await doctor.send("chain")).calls == ["edit 1 chained"]
    assert (await pharmacist.send("chain")).calls == []


async def test_background_events_pass_the_same_door(house: House, cast: Cast) -> None:
    head, doctor = await connect(house, await enter(cast.head)), await connect(house, await enter(cast.doctor))
    assert (await head.send("work")).calls == ["work"]
    assert (await doctor.send("work")).calls == []
    nobody = await connect(house)
    assert (await nobody.send("work")).calls == []


async def test_a_services_refusal_becomes_a_sentence_and_leaves_nothing_behind(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    assert (await socket.send("collide")).notices == ["Это время уже занято."]
    assert (await socket.send("look_for_another")).notices[-1] == "Ничего не найдено."
    async with db.reading() as session:
        assert await session.get(Department, UUID(int=0xBAD)) is None


async def test_a_bug_tells_the_person_nothing_of_its_inside(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("break_down")
    assert "hunter2" not in socket.text
    assert socket.notices == ["Что-то сломалось на нашей стороне. Введённое сохранено, попробуйте ещё раз."]
