"""Passwords as they are kept: argon2id, and nothing else knows how. What makes one good stands in `password_rules.py`.

A password is compared in NFC, so that a letter composed on one keyboard equals the same letter from another. Nothing is cut off: text
over the limit is refused before any work is done on it.
"""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from passlib.handlers.argon2 import argon2

from medcab.errors import Invalid

LONGEST: Final = 128
"""Code points, after NFC."""

Result = TypeVar("Result")

# OWASP's choice for argon2id: 19 MiB, two passes, one lane; about 22 ms.
_MEMORY, _PASSES, _LANES = 19456, 2, 1
_argon2id = argon2.using(type="ID", memory_cost=_MEMORY, time_cost=_PASSES, parallelism=_LANES)
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
"""A hash that no known text has; checked for a name that nobody has, so that the answer takes as long."""

# The pool is the limit: more threads than cores would only add memory, 19 MiB each.
_pool = ThreadPoolExecutor(max_workers=min(4, max(2, os.cpu_count() or 2)), thread_name_prefix="password")


def composed(text: str) -> str:
    """The password in the one form that is hashed; `Invalid` when it is too long or is no text (half of a surrogate pair)."""
    if len(text) > 4 * LONGEST or len(nfc := unicodedata.normalize("NFC", text)) > LONGEST:
        raise Invalid(f"Пароль не может быть длиннее {LONGEST} знаков.", field="password")
    if any("\ud800" <= sign <= "\udfff" for sign in nfc):
        raise Invalid("В пароле есть знак, который нельзя сохранить. Наберите пароль заново.", field="password")
    return nfc


async def hash_password(text: str) -> str:
    """What is kept of a password (97 characters), or `Invalid`."""
    return await _run(_argon2id.hash, composed(text))


async def verify_password(text: str, kept: str | None) -> bool:
    """Whether this is the password; with None (nobody of that name) false, after the same work: exactly one hash."""
    try:
        typed = composed(text)
    except Invalid:
        return False  # nobody has such a password, whatever the name
    fits = await _run(_argon2id.verify, typed, kept or _NOBODY)
    return fits and kept is not None


def needs_update(kept: str) -> bool:
    """Whether the hash was made with other parameters, and should be made anew at the next sign-in."""
    return _argon2id.needs_update(kept)


async def _run(work: Callable[..., Result], *args: str) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_pool, work, *args)
