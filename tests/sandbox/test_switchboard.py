"""Switches by themselves, with a clock in the hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medcab.sandbox.store import Store
from medcab.sandbox.switches import Mode, Switch, Switchboard


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


async def test_the_promised_answer_is_there_when_its_time_has_come(store: Store) -> None:
    time = Time()
    board = Switchboard(store, time)
    switch = Switch(Mode.NOT_YET, retry_after=30)
    assert board.seconds_left("frmr.person", "one", switch) == 30
    time.now += 10
    assert board.seconds_left("frmr.person", "one", switch) == 20
    assert board.seconds_left("frmr.person", "another", switch) == 30
    time.now += 20
    assert board.seconds_left("frmr.person", "one", switch) == 0


async def test_a_counted_switch_turns_itself_off(store: Store) -> None:
    board = Switchboard(store)
    board.put("frmr.person", Switch(Mode.OUTAGE, times=2))
    assert [(await board.take("frmr.person")).mode for _ in range(3)] == [Mode.OUTAGE, Mode.OUTAGE, Mode.NORMAL]


async def test_an_operations_own_switch_goes_before_the_whole_registers(store: Store) -> None:
    board = Switchboard(store)
    board.put("*", Switch(Mode.OUTAGE))
    board.put("frmr.card", Switch(Mode.GARBAGE))
    assert (await board.take("frmr.card")).mode is Mode.GARBAGE
    assert (await board.take("frmr.full")).mode is Mode.OUTAGE
    assert (await board.take("sms.send")).mode is Mode.NORMAL


async def test_switches_and_people_outlive_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path)
    Switchboard(first).put("*", Switch(Mode.OUTAGE))
    first.put_people([{"person": {"oid": "1", "snils": "11223344595"}}], [])
    first.close()
    second = Store(tmp_path)
    assert Switchboard(second).current()["*"].mode is Mode.OUTAGE
    assert second.person(snils="11223344595")
    second.close()
