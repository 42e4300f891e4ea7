"""The supervision service's door: who may knock, what is taken, and that the register decides what follows."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from medcab import api, clock, db, jobs, watch
from medcab.access import Action
from medcab.accounts.models import Standing
from medcab.api import floods
from medcab.audit import AuditEntry
from medcab.integrations.signatures import content_digest
from medcab.outbox import OutboxMessage
from medcab.sandbox.store import Store
from medcab.sandbox.supervision import Addressee, Kind, Supervision
from medcab.settings import Settings
from medcab.verification.models import RegisterRound, SupervisionNotice
from medcab.verification.rules import Code, Item
from medcab.verification.supervision import service as supervision
from medcab.verification.watch.queries import own
from tests.api.browser import journalled
from tests.cast import MORNING, Cast
from tests.test_watch import Ward, changes, now, ward, without

__all__ = ["now", "ward"]
KEY, ORIGIN = b"n" * 32, "http://127.0.0.1:8080"
LICENCE = "Л041-01137-77/00584930"
WITHDRAWN = {"number": "РЗН-1", "kind": "licence_withdrawn", "subject": LICENCE, "basis": "Приказ № 12-Л", "issuedAt": "2026-11-20T09:00:00+00:00"}  # fmt: skip


@pytest.fixture(autouse=True)
def key(settings: Settings) -> Iterator[None]:
    before, settings.supervision_key = settings.supervision_key, SecretStr(KEY.hex())
    floods.limiter.storage.reset()
    yield
    settings.supervision_key = before


@pytest.fixture
async def door(database: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=api.application())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield http


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Supervision]:
    """The other side, as the sandbox plays it."""
    store = Store(tmp_path)
    yield Supervision(store, Addressee(ORIGIN, KEY))
    store.close()


async def notices() -> list[SupervisionNotice]:
    async with db.reading() as session:
        return list((await session.exec(select(SupervisionNotice))).all())


async def asked() -> None:
    """Carry out what the notices asked for."""
    for kind in (supervision.NOTICE, "register.round"):
        async with db.reading() as session:
            waiting = select(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.done_at == None)  # noqa: E711
            messages = (await session.exec(waiting)).all()
        for message in messages:
            for _ in range(10):
                if await jobs.perform(message.id) is None:
                    break


async def test_a_signed_notice_is_taken_once(door: httpx.AsyncClient, service: Supervision) -> None:
    assert [await service._send(door, WITHDRAWN) for _ in range(3)] == ["accepted", "known", "known"]
    [kept] = await notices()
    assert (kept.number, kept.subject, kept.basis) == ("РЗН-1", LICENCE, "Приказ № 12-Л")
    assert (await journalled()).count(Action.SUPERVISION_NOTICE) == 1


async def test_a_number_belongs_to_one_notice(door: httpx.AsyncClient, service: Supervision) -> None:
    await service._send(door, WITHDRAWN)
    assert await service._send(door, {**WITHDRAWN, "subject": "Л041-00000-77/00000001"}) == "refused 409"
    assert len(await notices()) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda h, b: ({**h, "signature": "sig=:AAAA:"}, b),
        lambda h, b: ({name: value for name, value in h.items() if name != "signature"}, b),
        lambda h, b: (h, b.replace("Л041", "Л042".encode().decode()).replace("12-Л", "13-Л")),
        lambda h, b: ({**h, "x-operation": "frmr.person"}, b),
        lambda h, b: ({**h, "x-request-id": "another"}, b),
        lambda h, b: ({**h, "signature-input": h["signature-input"].replace("created=1", "created=9")}, b),
    ],
)
async def test_whoever_does_not_hold_the_key_is_refused_and_written_down(
    door: httpx.AsyncClient, service: Supervision, spoil: Any
) -> None:
    text = json.dumps(WITHDRAWN, ensure_ascii=False)
    headers, body = spoil(service._headers(text.encode(), "r-1", "РЗН-1"), text)
    answer = await door.post("/api/supervision/notices", content=body.encode(), headers=headers)
    assert answer.status_code == 401
    assert await notices() == []
    assert (await journalled())[-1] == Action.REQUEST_REFUSED


async def test_a_stranger_writes_nothing_of_theirs_into_the_journal(door: httpx.AsyncClient) -> None:
    odd = 'sig=("@method" "112-233-445 95");created=1;keyid="x";alg="hmac-sha256"'
    headers = {"signature-input": odd, "signature": "sig=:AAAA:", "content-digest": content_digest(b"{}")}
    answer = await door.post("/api/supervision/notices", content=b"{}", headers=headers)
    assert answer.status_code == 401
    assert "signature" not in answer.headers
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry))).all()
    assert "112-233" not in str(entries)


async def test_strangers_cannot_fill_the_journal(door: httpx.AsyncClient) -> None:
    answers = [(await door.post("/api/supervision/notices", content=b"{}")).status_code for _ in range(15)]
    assert answers == [401] * 10 + [429] * 5
    assert (await journalled()).count(Action.REQUEST_REFUSED) == 10


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "licence_sold"), ("number", ""), ("number", "x" * 61), ("subject", None), ("subject", "a\0b"), ("basis", 7),
        ("issuedAt", "вчера"), ("issuedAt", "2026-11-20T09:00:00"), ("issuedAt", "0001-01-01T00:00:00+03:00"), ("issuedAt", "9999-12-31T23:00:00Z"), ("subject", "Иванов"), ("basis", "x" * 301),
    ],
)  # fmt: skip
async def test_a_notice_that_cannot_be_understood_is_refused(
    door: httpx.AsyncClient, service: Supervision, field: str, value: Any
) -> None:
    assert await service._send(door, {**WITHDRAWN, field: value}) == "refused 422"
    assert await notices() == []


async def test_a_cabinet_that_is_down_is_told_later(service: Supervision) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))) as http:
        assert await service._send(http, WITHDRAWN) == "waiting"


async def test_an_answer_of_somebody_else_is_no_answer(service: Supervision) -> None:
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(202, json={"status": "accepted"}))
    ) as http:
        assert await service._send(http, WITHDRAWN) == "waiting"


async def tell(service: Supervision, door: httpx.AsyncClient, **given: str) -> None:
    assert await service._send(door, {**WITHDRAWN, **given}) == "accepted"
    await asked()


async def test_a_withdrawn_licence_closes_those_who_work_by_it(
    ward: Ward, service: Supervision, door: httpx.AsyncClient
) -> None:
    """All of a clinic at once, past the brake that stops a sick register; typed with Latin letters and spaces."""
    await ward.staff(watch.PAGE + 2)
    await ward.compare()
    ward.register.load(*(without(record, Item.LICENCE) for record in ward.records))
    await tell(service, door, subject=" L041 - 01137-77/00584930")
    assert {(await ward.person(n)).standing for n in (0, 20, watch.PAGE + 1)} == {Standing.SUSPENDED}
    told = await changes()
    assert len(told) == watch.PAGE + 2
    assert {change.notice_id for change in told} == {kept.id for kept in await notices()}


async def test_a_notice_that_the_register_does_not_confirm_closes_nothing(
    ward: Ward, service: Supervision, door: httpx.AsyncClient
) -> None:
    await ward.staff(2)
    await ward.compare()
    await tell(service, door)
    assert {(await ward.person(n)).standing for n in (0, 1)} == {Standing.ACTIVE}
    assert await changes() == []


async def test_only_those_whom_it_concerns_are_asked_about(
    ward: Ward, service: Supervision, door: httpx.AsyncClient, cast: Cast
) -> None:
    await ward.staff(3)
    await ward.compare()
    for number in range(3):
        ward.says(number, without(without(ward.records[number], Item.ACCREDITATION), Item.CERTIFICATE))
    whom = await ward.person(1)
    await tell(service, door, kind="accreditation_excluded", subject=whom.snils)
    standings = [(await ward.person(n)).standing for n in range(3)]
    assert standings == [Standing.ACTIVE, Standing.SUSPENDED, Standing.ACTIVE]
    async with db.reading() as session:
        lines = await own(session, replace(cast.doctor, person_id=whom.id))
    assert {line.reason for line in lines} == {
        "Уведомление надзора № РЗН-1 от 20.11.2026: запись об аккредитации исключена. Приказ № 12-Л"
    }


async def test_what_is_restored_opens_again_at_once(ward: Ward, service: Supervision, door: httpx.AsyncClient) -> None:
    await ward.staff(1)
    await ward.compare()
    whole = ward.records[0]
    ward.says(0, without(whole, Item.LICENCE))
    await tell(service, door)
    assert (await ward.person(0)).standing is Standing.SUSPENDED
    ward.says(0, whole)
    await tell(service, door, number="РЗН-2", kind="licence_restored")
    assert (await ward.person(0)).standing is Standing.ACTIVE


async def test_a_notice_waits_for_the_round_before_it(
    ward: Ward, service: Supervision, door: httpx.AsyncClient
) -> None:
    await ward.staff(1)
    async with db.transaction() as session:
        await watch.service.begin(session)
    assert await service._send(door, WITHDRAWN) == "accepted"
    async with db.reading() as session:
        waiting = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == supervision.NOTICE))).one()
    assert await jobs.perform(waiting.id) == jobs.Later(watch._TURN_SECONDS)
    await ward.go_on()
    await asked()
    assert (await ward.person(0)).standing is Standing.ACTIVE


@pytest.mark.parametrize("kind", list(Kind))
def test_the_service_writes_what_it_tells_into_the_register(service: Supervision, kind: Kind) -> None:
    record = {"person": {"oid": "1", "snils": "11223344595"}, "accreditation": [{"procedures": [{"excluded": False}]}]}
    service._store.put_people([record], [{"number": LICENCE, "status": "действует"}])
    subject = LICENCE if kind.value.startswith("licence") else "112-233-445 95"
    service.issue(kind, subject, "Приказ")
    [(_, body)] = service._store.waiting_notices()
    assert (body["kind"], body["subject"]) == (kind.value, subject)
    row, licence = service._store.person(snils="11223344595"), service._store.licence(LICENCE)
    assert row
    assert licence
    is_excluded = json.loads(row["body"])["accreditation"][0]["procedures"][0]["excluded"]
    assert is_excluded is (kind is Kind.ACCREDITATION_EXCLUDED)
    assert licence["status"] == {"licence_withdrawn": "прекращена", "licence_suspended": "приостановлена"}.get(
        kind.value, "действует"
    )


def test_a_notice_about_nobody_is_not_issued(service: Supervision) -> None:
    with pytest.raises(ValueError, match="лицензии"):
        service.issue(Kind.LICENCE_WITHDRAWN, "Л000", "Приказ")
    assert service._store.waiting_notices() == []


def test_both_sides_know_the_same_kinds() -> None:
    assert {kind.value for kind in Kind} == {kind.value for kind in supervision.NoticeKind}


async def test_a_licence_that_was_given_back_is_not_called_withdrawn_any_more(
    ward: Ward, service: Supervision, door: httpx.AsyncClient
) -> None:
    """The brake holds again: only the newest notice counts."""
    await ward.staff(12)
    await ward.compare()
    await tell(service, door)
    await tell(service, door, number="РЗН-2", kind="licence_restored", issuedAt="2026-11-21T09:00:00+00:00")
    ward.register.load(*(without(record, Item.LICENCE) for record in ward.records))
    with clock.frozen(MORNING + timedelta(hours=20)):
        assert (await ward.compare()).halted
    assert {(await ward.person(n)).standing for n in range(12)} == {Standing.ACTIVE}


async def test_many_pages_of_few_are_judged_together(
    ward: Ward, service: Supervision, door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine of each page would slip under a brake that forgets."""
    monkeypatch.setattr(watch, "PAGE", 9)
    await ward.staff(27)
    await ward.compare()
    ward.register.load(*ward.records, refusal=Code.PERSON_NOT_FOUND)
    await tell(service, door, kind="licence_restored")
    closed = [number for number in range(27) if (await ward.person(number)).standing is Standing.SUSPENDED]
    assert len(closed) == 9, "the second page stops the round"


async def test_a_notice_is_the_reason_of_one_round_however_often_it_is_carried_out(
    ward: Ward, service: Supervision, door: httpx.AsyncClient
) -> None:
    await ward.staff(1)
    await ward.compare()
    await service._send(door, WITHDRAWN)
    [kept] = await notices()
    await watch.ask_after_notice(kept.id, {"notice_id": str(kept.id)})
    await ward.go_on()
    await watch.ask_after_notice(kept.id, {"notice_id": str(kept.id)})
    async with db.reading() as session:
        rounds = (await session.exec(select(RegisterRound).where(RegisterRound.notice_id == kept.id))).all()
    assert len(rounds) == 1
