"""Codes against guessers and races, on whatever database the tests run on."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.accounts.codes import service as codes
from medcab.accounts.codes.service import Challenge, Channel, Purpose
from medcab.accounts.models import OneTimeCode
from medcab.accounts.throttle import service as throttle
from medcab.errors import TooMany
from medcab.outbox import OutboxMessage
from tests.api.browser import last_code
from tests.cast import MORNING

PHONE = "+79990001122"
CHALLENGE = Challenge(Purpose.SIGN_IN, "one", Channel.SMS, PHONE)


@pytest.fixture
def now(database: str) -> Iterator[clock.Clock]:
    with clock.frozen(MORNING) as stopped:
        yield stopped


async def _send(challenge: Challenge = CHALLENGE, *, decoy: bool = False) -> codes.Dispatch:
    async with db.transaction() as session:
        return await codes.send(session, challenge, decoy=decoy)


async def _accept(code: str, challenge: Challenge = CHALLENGE) -> bool:
    async with db.transaction() as session:
        return await codes.accept(session, challenge, code)


async def test_of_fifty_at_once_exactly_one_is_accepted(now: clock.Clock) -> None:
    await _send()
    code = await last_code(PHONE)
    assert Counter(await asyncio.gather(*(_accept(code) for _ in range(50)))) == {True: 1, False: 49}


async def test_of_fifty_guesses_at_once_five_are_compared(now: clock.Clock) -> None:
    await _send()
    code = await last_code(PHONE)
    wrong = [f"{(int(code) + step) % 1_000_000:06}" for step in range(1, 51)]
    assert not any(await asyncio.gather(*(_accept(one) for one in wrong)))
    assert not await _accept(code)
    async with db.reading() as session:
        assert (await session.exec(select(OneTimeCode.tries))).one() == 5


@pytest.mark.parametrize(
    ("seconds", "wrong_tries", "accepted"), [(299, 0, True), (300, 0, False), (0, 4, True), (0, 5, False)]
)
async def test_the_right_code_to_its_last_second_and_fifth_try(
    now: clock.Clock, seconds: int, wrong_tries: int, accepted: bool
) -> None:
    await _send()
    code = await last_code(PHONE)
    for _ in range(wrong_tries):
        assert not await _accept(f"{(int(code) + 1) % 1_000_000:06}")
    now.tick(timedelta(seconds=seconds))
    assert await _accept(code) is accepted


async def test_of_twenty_requests_at_once_one_code_is_sent(now: clock.Clock) -> None:
    sent = await asyncio.gather(*(_send() for _ in range(20)))
    assert [one.sent for one in sent].count(True) == 1
    async with db.reading() as session:
        assert len((await session.exec(select(OutboxMessage))).all()) == 1


@pytest.mark.parametrize(
    "other",
    [
        Challenge(Purpose.SIGN_IN, "two", Channel.SMS, PHONE), Challenge(Purpose.RECOVERY, "one", Channel.SMS, PHONE),
        Challenge(Purpose.SIGN_IN, "one", Channel.SMS, "+79990001133"),
    ],
)  # fmt: skip
async def test_a_code_fits_its_own_challenge_only(now: clock.Clock, other: Challenge) -> None:
    await _send()
    code = await last_code(PHONE)
    assert not await _accept(code, other)
    assert await _accept(code)


async def test_a_decoy_is_never_sent_and_never_right(now: clock.Clock) -> None:
    assert (await _send(decoy=True)).sent
    async with db.reading() as session:
        assert (await session.exec(select(OutboxMessage))).all() == []
        assert len((await session.exec(select(OneTimeCode.code_hash))).one()) < 64


async def test_somebody_elses_requests_for_recovery_do_not_use_up_the_sign_in(now: clock.Clock) -> None:
    for number in range(12):
        await _send(Challenge(Purpose.RECOVERY, str(number), Channel.SMS, PHONE))
        now.tick(timedelta(minutes=61))
    assert (await _send()).sent


async def test_another_code_may_be_asked_for_after_a_minute(now: clock.Clock) -> None:
    await _send()
    async with db.transaction() as session:
        with pytest.raises(TooMany) as refused:
            await codes.resend(session, CHALLENGE)
    assert refused.value.retry_after == 60
    now.tick(timedelta(seconds=60))
    assert (await _send()).sent
    async with db.reading() as session:
        living = select(OneTimeCode).where(col(OneTimeCode.superseded_at).is_(None))
        assert len((await session.exec(living)).all()) == 1


async def test_tries_at_once_are_counted_one_by_one(now: clock.Clock) -> None:
    async def attempt() -> bool:
        async with db.transaction() as session:
            return await throttle.attempt(session, "login:x") is None

    assert Counter(await asyncio.gather(*(attempt() for _ in range(50)))) == {True: 3, False: 47}


async def test_a_key_closes_after_a_hundred_failures_until_it_is_forgiven(now: clock.Clock) -> None:
    for _ in range(100):
        async with db.transaction() as session:
            assert await throttle.attempt(session, "login:x") is None
        now.tick(timedelta(minutes=16))
    now.tick(timedelta(days=30))
    async with db.transaction() as session:
        refusal = await throttle.attempt(session, "login:x")
        assert refusal
        assert "Восстановите доступ" in refusal.message
        await throttle.forgive(session, "login:x")
    async with db.transaction() as session:
        assert await throttle.attempt(session, "login:x") is None
