"""Passwords as they are kept: nothing is cut, nothing tells who is registered, nothing floods the machine."""

import asyncio
import statistics
import time
import unicodedata

import pytest
from passlib.hash import argon2

from medcab.errors import Invalid
from medcab.security import passwords
from medcab.security.passwords import hash_password, needs_update, verify_password

PHRASE = "верблюд чинит тихий трамвай"


async def test_a_password_fits_only_itself() -> None:
    kept = await hash_password(PHRASE)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(kept) <= 200  # the column
    assert await verify_password(PHRASE, kept)
    assert not await verify_password(PHRASE + " ", kept)
    assert not await verify_password(PHRASE.upper(), kept)
    assert kept != await hash_password(PHRASE)


@pytest.mark.parametrize("length", [72, 73, 128])
async def test_every_sign_counts_up_to_the_last(length: int) -> None:
    text = ("абвгд ежзик " * 11)[:length]
    kept = await hash_password(text)
    assert await verify_password(text, kept)
    assert not await verify_password(text[:-1] + "!", kept)
    assert not await verify_password(text[:-1], kept)


async def test_nul_and_emoji_are_signs_like_others() -> None:
    kept = await hash_password("до\0после 🩺 осмотра")
    assert await verify_password("до\0после 🩺 осмотра", kept)
    assert not await verify_password("до", kept)
    assert not await verify_password("до\0после 🩻 осмотра", kept)


async def test_a_letter_is_the_same_however_a_keyboard_composes_it() -> None:
    composed, taken_apart = (unicodedata.normalize(form, "ёлка йогурт шёлк") for form in ("NFC", "NFD"))
    assert composed != taken_apart
    assert await verify_password(taken_apart, await hash_password(composed))


@pytest.mark.parametrize("text", ["x" * 129, "x" * 1_000_000, "\ud800" + "x" * 14])
async def test_what_cannot_be_a_password_is_refused_before_any_hashing(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await hash_password(PHRASE)
    monkeypatch.setattr(passwords, "_run", None)
    with pytest.raises(Invalid) as caught:
        await hash_password(text)
    assert "password" in caught.value.errors
    assert not await verify_password(text, kept)
    assert not await verify_password(text, None)


async def test_128_signs_count_after_composition() -> None:
    taken_apart = unicodedata.normalize("NFD", "й" * 128)
    assert await verify_password("й" * 128, await hash_password(taken_apart))


async def test_an_unknown_name_costs_exactly_one_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    verify = passwords._argon2id.verify
    monkeypatch.setattr(passwords._argon2id, "verify", lambda text, kept: seen.append(kept) or verify(text, kept))
    kept = await hash_password(PHRASE)
    assert await verify_password(PHRASE, kept)
    assert not await verify_password(PHRASE, None)
    assert not await verify_password("", None)
    assert len(seen) == 3
    assert not any(needs_update(one) for one in seen)  # the same work


async def test_an_unknown_name_takes_as_long() -> None:
    kept = await hash_password(PHRASE)

    async def took(given: str | None) -> float:
        began = time.process_time()
        await verify_password("not this one", given)
        return time.process_time() - began

    known, unknown = [], []
    for _ in range(15):
        known.append(await took(kept))
        unknown.append(await took(None))
    assert abs(statistics.median(known) - statistics.median(unknown)) < statistics.median(known) / 2


async def test_older_parameters_are_noticed() -> None:
    assert not needs_update(await hash_password(PHRASE))
    older = argon2.using(type="ID", memory_cost=8192, time_cost=1, parallelism=1).hash(PHRASE)
    assert needs_update(older)
    assert await verify_password(PHRASE, older)


async def test_many_at_once_share_few_threads_and_leave_the_loop_free() -> None:
    kept = await hash_password(PHRASE)
    work = asyncio.gather(*(verify_password(PHRASE, kept) for _ in range(20)))
    turns = 0
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    assert all(await work)
    assert turns > 20
    assert len(passwords._pool._threads) <= 4
