"""Every handler that exists, called by everybody who must not, with everything that it must not be given."""

from typing import Any

import pytest

import medcab.medcab  # noqa: F401 - registers every handler
from medcab.access import Actor
from medcab.guard import framework
from medcab.guard.policy import has_policy, policy_of
from tests.abuse.conftest import FOREIGN, FOREIGN_NAME, contents, enter, refusals
from tests.abuse.matrix import EVENTS, NOBODY_IN_PARTICULAR, Event, short
from tests.abuse.wire import Site
from tests.cast import Cast

pytestmark = pytest.mark.one_database

HANDLERS = {short(name): name for name, function in framework.own_handlers() if ".medcab___" in name}
ROWS = pytest.mark.parametrize("row", [name for name in EVENTS if name in HANDLERS])
SECRETS_OF_OTHERS = (FOREIGN_NAME, "Чужакова", "Областная больница")


def test_every_handler_has_a_row_and_every_row_a_handler() -> None:
    assert {*HANDLERS} - {*EVENTS} == set(), "handlers without a row in tests/abuse/matrix.py"
    assert {*EVENTS} - {*HANDLERS} == set(), "rows without a handler"


def test_every_handler_demands_what_its_row_says() -> None:
    said = {
        short(name): policy_of(function) if has_policy(function) else "no policy"
        for name, function in framework.own_handlers()
    }
    assert {name: said[name] for name in HANDLERS} == {name: EVENTS[name].needs for name in HANDLERS if name in EVENTS}


def _holders(cast: Cast, event: Event) -> list[Actor]:
    return [actor for actor in cast.everyone().values() if event.needs is None or event.needs <= actor.permissions]


def _strangers(cast: Cast, event: Event) -> dict[str, Actor]:
    """Everybody signed in who lacks the right."""
    holders = _holders(cast, event)
    return {name: actor for name, actor in cast.everyone().items() if actor not in holders}


@ROWS
async def test_nobody_without_the_right_gets_anything(site: Site, cast: Cast, row: str) -> None:
    """Nothing changes, nothing is shown, and it is written down; without a session and for each wrong role."""
    event, strangers = EVENTS[row], _strangers(cast, EVENTS[row])
    if event.needs is None:
        pytest.skip("open to everybody: changes nothing but the caller's own tab")
    cookies = {"": None, **{await enter(actor): actor for actor in strangers.values()}}
    before = contents()
    for cookie, actor in cookies.items():
        async with site.socket(cookie) as caller:
            answer = await caller.ask(HANDLERS[row], event.args)
        [written] = await refusals(caller.ip)
        assert written.action == "security:event:refuse"
        assert written.subject == HANDLERS[row][-80:]
        assert written.person_id == (actor.person_id if actor else None)
        assert ("_redirect" in answer) is (actor is None)
        assert ("нет доступа" in answer) is (actor is not None)
        assert not any(secret in answer for secret in SECRETS_OF_OTHERS)
    assert contents() == before


def _wrong(args: dict[str, Any]) -> list[Any]:
    """Payloads that are each wrong in one way; tests/guard has every way that types can be wrong."""
    wrong: list[Any] = [{**args, "role": "clinic_admin"}, {**args, "self": 1}]
    for name, right in args.items():
        others: list[Any] = [None, True, [{"$gt": ""}], "x" * 20_000, 10**40, "1" if isinstance(right, int) else 7]
        if name.endswith("_id"):
            others += ["../../etc/passwd", "' OR '1'='1", NOBODY_IN_PARTICULAR + " "]
        wrong += [{**args, name: other} for other in others]
        wrong += [{key: value for key, value in args.items() if key != name}]
    return wrong


@ROWS
async def test_wrong_arguments_reach_no_handler(site: Site, cast: Cast, row: str) -> None:
    event = EVENTS[row]
    cookie = await enter(_holders(cast, event)[0])
    before, wrong = contents(), _wrong(event.args)
    for some in (wrong[start : start + 12] for start in range(0, len(wrong), 12)):
        async with site.socket(cookie) as caller:
            for payload in some:
                await caller.call(HANDLERS[row], payload)
            await caller.settle()
        written = [entry.details for entry in await refusals(caller.ip)]
        assert len(written) == len(some), (row, some)
        assert all("bad arguments" in details for details in written)
    assert contents() == before


@pytest.mark.parametrize(
    ("row", "name"), [(row, name) for row, event in EVENTS.items() if row in HANDLERS for name in event.ids]
)
async def test_what_is_another_clinics_is_as_if_it_did_not_exist(site: Site, cast: Cast, row: str, name: str) -> None:
    """The answers to a foreign id and to one that nobody has are the same words."""
    event = EVENTS[row]
    for actor in [holder for holder in _holders(cast, event) if holder != cast.foreigner][:3]:
        cookie = await enter(actor)
        before, answers = contents(), []
        for value in (str(FOREIGN[name]), NOBODY_IN_PARTICULAR):
            async with site.socket(cookie) as caller:
                answers.append(await caller.ask(HANDLERS[row], {**event.args, name: value}))
        assert contents() == before
        assert not any(secret in answer for secret in SECRETS_OF_OTHERS for answer in answers)
        assert "сломалось" not in "".join(answers)
        assert _words(answers[0]) == _words(answers[1])


def _words(answer: str) -> set[str]:
    """The sentences said to the person."""
    return {part.partition('"')[0] for part in answer.split('"text":"')[1:] if " " in part.partition('"')[0]}


@ROWS
async def test_the_right_person_is_let_through(site: Site, cast: Cast, row: str) -> None:
    """Otherwise the rest of this file would prove nothing."""
    event = EVENTS[row]
    cookie = "" if event.needs is None else await enter(_holders(cast, event)[0])
    async with site.socket(cookie) as caller:
        await caller.ask(HANDLERS[row], event.args)
    assert await refusals(caller.ip) == []
