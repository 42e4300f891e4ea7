"""What a handler is given: exactly what it declares."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.guard.policy import LARGEST_NUMBER, LONGEST_LIST, LONGEST_TEXT, faults_of, is_moderate
from tests.cast import Cast
from tests.guard.conftest import enter, refusals
from tests.guard.probe import Probe
from tests.guard.wire import House, connect

pytestmark = pytest.mark.one_database

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
GOOD = {"count": 1, "note": "x", "item_id": ID}
BAD: dict[str, dict[str, Any]] = {
    "text for a number": {**GOOD, "count": "1"},
    "true for a number": {**GOOD, "count": True},
    "fraction for a whole number": {**GOOD, "count": 1.5},
    "whole fraction for a whole number": {**GOOD, "count": 1.0},
    "not a number": {**GOOD, "count": float("nan")},
    "infinity": {**GOOD, "count": float("inf")},
    "number beyond any column": {**GOOD, "count": 10**30},
    "nothing for a number": {**GOOD, "count": None},
    "query operator for a number": {**GOOD, "count": {"$gt": 0}},
    "object for a text": {**GOOD, "note": {"$ne": ""}},
    "number for a text": {**GOOD, "note": 1},
    "list for a text": {**GOOD, "note": ["x"]},
    "a megabyte of text": {**GOOD, "note": "x" * 1_000_000},
    "NUL in a text": {**GOOD, "note": "x\0y"},
    "half a character": {**GOOD, "note": "\ud800"},
    "too much": {**GOOD, "role": "head"},
    "too little": {"note": "x"},
    "nothing": {},
    "an id that is none": {**GOOD, "item_id": "1 OR 1=1"},
    "an id with a tail": {**GOOD, "item_id": ID + "\n"},
}


@pytest.mark.parametrize("payload", BAD.values(), ids=BAD)
async def test_anything_but_the_declared_arguments_is_refused(
    house: House, cast: Cast, payload: dict[str, Any]
) -> None:
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("edit", **payload)
    assert socket.calls == []
    assert socket.notices == ["Не получилось: обновите страницу."]
    [entry] = await refusals()
    assert (entry.outcome, entry.person_id) == ("refused", cast.doctor.person_id)


async def test_the_declared_arguments_pass(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    assert (await socket.send("edit", **GOOD)).calls == ["edit 1 x"]
    assert (await socket.send("fill", form={"from": "01.11.2026"})).calls[-1] == "fill {'from': '01.11.2026'} False"


@pytest.mark.parametrize(
    "form", [{"a": 1}, {"a": None}, {"a": {"b": "c"}}, [["a", "b"]], "a=b", {"a": "x" * (LONGEST_TEXT + 1)}]
)
async def test_forms_hold_texts_only(house: House, cast: Cast, form: Any) -> None:
    socket = await connect(house, await enter(cast.doctor))
    assert (await socket.send("fill", form=form)).calls == []


async def test_a_payload_that_is_no_object_is_not_run(house: House, cast: Cast) -> None:
    socket = await connect(house, await enter(cast.doctor))
    name = f"{Probe.get_full_name()}.greet"
    for payload in ([1], "x", None, 7):
        await house.event_namespace.on_event(socket.sid, {"name": name, "payload": payload, "router_data": {}})
        await house.settle()
        assert socket.calls == []


async def test_what_was_sent_does_not_reach_the_journal(house: House, cast: Cast) -> None:
    """Neither values nor made-up names: a number typed in the wrong place must not be kept."""
    socket = await connect(house, await enter(cast.doctor))
    await socket.send("edit", **{**GOOD, "112-233-445 95": "112-233-445 95", "count": "112-233-445 95"})
    [entry] = await refusals()
    assert json.loads(entry.details) == {"reason": "bad arguments: (unknown), count"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["count", "note", "item_id", "x"]), _JSON, max_size=4))
def test_only_exact_types_pass_whatever_comes(payload: dict[str, Any]) -> None:
    passes = is_moderate(payload) and not faults_of(Probe.event_handlers["edit"].fn, payload)
    exact = set(payload) in ({"count", "note"},) and type(payload["count"]) is int and type(payload["note"]) is str
    assert not passes or exact


def test_moderation_has_edges() -> None:
    assert is_moderate({"a": ["x" * LONGEST_TEXT, LARGEST_NUMBER, -LARGEST_NUMBER, 0.5, None, True]})
    assert not is_moderate("x" * (LONGEST_TEXT + 1))
    assert not is_moderate(LARGEST_NUMBER + 1)
    assert not is_moderate([0] * (LONGEST_LIST + 1))
    assert not is_moderate([[[[[]]]]])
    assert not is_moderate({"x" * (LONGEST_TEXT + 1): 1})
