"""The register's client against the real sandbox: every fault, every code, and never an automatic yes."""

import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from medcab.errors import Unavailable
from medcab.integrations.federal_register.client import Answered, NotYet, Refused, RegisterClient
from medcab.verification.rules import Code, Item, ItemState, compare, is_active
from tests.sandbox.running import REGISTER_KEY, Sandbox
from tests.verification.people import TODAY, doctor, held

LICENCES = ["Л041-01137-77/00584930"]
BROKEN = ["outage", "garbage", "malformed", "oversize", "tampered", "foreign", "hang"]


@pytest.fixture
async def register(sandbox: Sandbox) -> AsyncIterator[RegisterClient]:
    sandbox.load(held(doctor()))
    async with RegisterClient(sandbox.url, REGISTER_KEY, timeout=2, attempts=1) as client:
        yield client


async def test_a_true_claim_is_confirmed_over_the_wire(register: RegisterClient) -> None:
    answer = await register.ask(doctor().snils, licence_numbers=LICENCES)
    assert isinstance(answer, Answered)
    assert answer.record == held(doctor())
    assert is_active(compare(doctor(), answer.record, today=TODAY), today=TODAY)


@pytest.mark.parametrize("item", Item)
async def test_one_item_reads_no_more_than_it_needs(register: RegisterClient, sandbox: Sandbox, item: Item) -> None:
    parts = {
        Item.DIPLOMA: "prof",
        Item.CERTIFICATE: "cert",
        Item.ACCREDITATION: "accreditation",
        Item.EMPLOYMENT: "card",
        Item.LICENCE: "card",
    }
    for part in {"card", "prof", "cert", "accreditation", "full"} - {parts.get(item)}:
        sandbox.switch(f"frmr.{part}", "outage")
    numbers = LICENCES if item is Item.LICENCE else []
    answer = await register.ask(doctor().snils, items={item}, licence_numbers=numbers)
    assert isinstance(answer, Answered)
    found = compare(doctor(), answer.record, today=TODAY, items={item})
    assert found[item].state is ItemState.CONFIRMED


@pytest.mark.parametrize("mode", BROKEN)
@pytest.mark.parametrize("operation", ["frmr.person", "frmr.full", "frmr.licence"])
async def test_a_broken_register_is_unavailable_and_never_a_match(
    register: RegisterClient, sandbox: Sandbox, operation: str, mode: str
) -> None:
    stranger = replace(
        held(doctor()), person=replace(held(doctor()).person, oid="1.2.0", snils="16072239447", last_name="Чужая")
    )
    sandbox.load(stranger)
    sandbox.switch(operation, mode)
    with pytest.raises(Unavailable):
        await register.ask(doctor().snils, licence_numbers=LICENCES)


@pytest.mark.parametrize("part", ["card", "prof", "cert", "accreditation"])
async def test_a_part_about_somebody_else_is_not_taken(register: RegisterClient, sandbox: Sandbox, part: str) -> None:
    item = {"card": Item.EMPLOYMENT, "prof": Item.DIPLOMA, "cert": Item.CERTIFICATE}.get(part, Item.ACCREDITATION)
    sandbox.switch(f"frmr.{part}", "foreign")
    with pytest.raises(Unavailable):
        await register.ask(doctor().snils, items={item})


async def test_a_short_outage_is_ridden_out(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    sandbox.switch("*", "outage", times=2)
    async with RegisterClient(sandbox.url, REGISTER_KEY, attempts=3, max_wait=0.01) as client:
        assert isinstance(await client.ask(doctor().snils), Answered)


async def test_tries_are_bounded(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    sandbox.switch("*", "outage", times=3)
    async with RegisterClient(sandbox.url, REGISTER_KEY, attempts=2, max_wait=0.01) as client:
        with pytest.raises(Unavailable):
            await client.ask(doctor().snils)
    assert sandbox.http.get("/control/switches").json()["*"]["times"] == 1


async def test_a_changed_answer_is_not_asked_for_again(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    sandbox.switch("frmr.person", "tampered", times=1)
    async with RegisterClient(sandbox.url, REGISTER_KEY, attempts=3, max_wait=0.01) as client:
        with pytest.raises(Unavailable):
            await client.ask(doctor().snils)


async def test_nobody_listening_is_unavailable(unused_tcp_port: int) -> None:
    async with RegisterClient(f"http://127.0.0.1:{unused_tcp_port}", REGISTER_KEY, attempts=2, max_wait=0.01) as client:
        with pytest.raises(Unavailable):
            await client.ask(doctor().snils)


async def test_another_key_is_refused_by_the_register(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))
    async with RegisterClient(sandbox.url, b"x" * 32, attempts=1) as client:
        with pytest.raises(Unavailable):
            await client.ask(doctor().snils)


@pytest.mark.parametrize("code", list(Code))
async def test_every_code_can_be_provoked_and_arrives(register: RegisterClient, sandbox: Sandbox, code: Code) -> None:
    sandbox.put("/control/register/refusal", {"snils": doctor().snils, "code": code})
    assert await register.ask(doctor().snils) == Refused(code)
    sandbox.put("/control/register/refusal", {"snils": doctor().snils, "code": None})
    assert isinstance(await register.ask(doctor().snils), Answered)


async def test_a_person_who_is_not_there_is_not_found(register: RegisterClient) -> None:
    assert await register.ask("16072239447") == Refused(Code.PERSON_NOT_FOUND)


async def test_an_unknown_licence_is_simply_not_in_the_record(register: RegisterClient) -> None:
    answer = await register.ask(doctor().snils, licence_numbers=["Л041-00000-77/00000000"])
    assert isinstance(answer, Answered)
    assert compare(doctor(), answer.record, today=TODAY)[Item.LICENCE].code is Code.LICENCE_NOT_FOUND


async def test_a_licence_is_found_however_its_number_is_typed(register: RegisterClient) -> None:
    answer = await register.ask(doctor().snils, items={Item.LICENCE}, licence_numbers=["l041 – 01137-77/00584930"])
    assert isinstance(answer, Answered)
    assert len(answer.record.of(Item.LICENCE)) == 1


async def test_not_yet_is_a_promise_with_a_time(register: RegisterClient, sandbox: Sandbox) -> None:
    sandbox.switch("frmr.full", "not_yet", retry_after=90)
    answer = await register.ask(doctor().snils)
    assert isinstance(answer, NotYet)
    assert 0 < answer.retry_after <= 90
    sandbox.switch("frmr.full", "not_yet", retry_after=0)
    assert isinstance(await register.ask(doctor().snils), NotYet)  # what was promised stays promised
    sandbox.switch("frmr.full")
    assert isinstance(await register.ask(doctor().snils), Answered)


@pytest.mark.parametrize("mode", ["normal", *BROKEN])
async def test_nothing_personal_gets_into_logs_or_errors(
    register: RegisterClient,
    sandbox: Sandbox,
    mode: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    sandbox.switch("frmr.full", mode)
    said = ""
    try:
        await register.ask(doctor().snils, licence_numbers=LICENCES)
    except Unavailable as problem:
        said = "".join(traceback.format_exception(problem))
    said += caplog.text + "".join(capfd.readouterr())
    for secret in (doctor().snils, doctor().last_name, doctor().inn, "1985-03-14"):
        assert secret not in said


async def test_a_slow_answer_within_the_limit_is_an_answer(register: RegisterClient, sandbox: Sandbox) -> None:
    sandbox.switch("frmr.person", delay_ms=50)
    assert isinstance(await register.ask(doctor().snils), Answered)
