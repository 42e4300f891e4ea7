"""Encryption at rest: AES-256-GCM with a key id and bound data, column types, and blind indexes for look-ups.

A sealed value is `version(1) · key id(2) · nonce(12) · ciphertext and tag`. What it is bound to (a column, a file's chunk) is
authenticated with it, so that a value moved to another column or file does not open. Random 96-bit nonces: rotate a key before
2^32 writes.
"""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from medcab.settings import get_settings

VERSION = 1
_HEAD = struct.Struct(">BH")
_NONCE = 12


class CannotOpen(Exception):
    """The value was changed, moved, or sealed with a key that is not here."""


@dataclass(frozen=True)
class Keyring:
    """`keys` opens, `current` seals."""

    current: int
    keys: dict[int, AESGCM]

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """From `"2:<hex>,1:<hex>"`: the first seals, all open."""
        pairs = [part.split(":", 1) for part in text.split(",")]
        keys = {int(number): AESGCM(bytes.fromhex(key)) for number, key in pairs}
        return cls(int(pairs[0][0]), keys)


@lru_cache
def keyring() -> Keyring:
    return Keyring.parse(get_settings().encryption_keys.get_secret_value())


def seal(plaintext: bytes, *, bound: str) -> bytes:
    """Encrypt with the current key, bound to `bound` (such as "person.snils")."""
    ring = keyring()
    nonce = os.urandom(_NONCE)
    head = _HEAD.pack(VERSION, ring.current)
    return head + nonce + ring.keys[ring.current].encrypt(nonce, plaintext, head + bound.encode())


def open_sealed(blob: bytes, *, bound: str) -> bytes:
    """Decrypt; raises `CannotOpen`."""
    try:
        head = blob[: _HEAD.size]
        version, key_id = _HEAD.unpack(head)
        key = keyring().keys[key_id]
        if version != VERSION:
            raise CannotOpen(f"unknown version {version}")
        nonce = blob[_HEAD.size : _HEAD.size + _NONCE]
        return key.decrypt(nonce, blob[_HEAD.size + _NONCE :], head + bound.encode())
    except (InvalidTag, struct.error, KeyError, ValueError) as problem:
        raise CannotOpen(bound) from problem


def key_id(blob: bytes) -> int:
    """Which key sealed it."""
    return _HEAD.unpack(blob[: _HEAD.size])[1]


def current_head() -> bytes:
    """How a value sealed with the current key begins: what rotation looks for."""
    return _HEAD.pack(VERSION, keyring().current)


def reseal(blob: bytes, *, bound: str) -> bytes:
    """The same plaintext under the current key."""
    return seal(open_sealed(blob, bound=bound), bound=bound)


def blind_index(namespace: str, value: str) -> str:
    """A keyed fingerprint to look an encrypted value up by; 32 hex characters."""
    key = bytes.fromhex(get_settings().index_key.get_secret_value())
    return hmac.new(key, f"{namespace}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]


class SealedColumn(TypeDecorator[Any]):
    """A column that is sealed on the way in and opened on the way out."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, bound: str) -> None:
        super().__init__()
        self.bound = bound

    def _to_bytes(self, value: Any) -> bytes:
        raise TypeError

    def _from_bytes(self, value: bytes) -> Any:
        raise TypeError

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else seal(self._to_bytes(value), bound=self.bound)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self._from_bytes(open_sealed(bytes(value), bound=self.bound))


class EncryptedText(SealedColumn):
    """`str`, for example `EncryptedText("person.snils")`."""

    cache_ok = True

    def _to_bytes(self, value: str) -> bytes:
        return value.encode()

    def _from_bytes(self, value: bytes) -> str:
        return value.decode()


class EncryptedDate(SealedColumn):
    """`datetime.date`."""

    cache_ok = True

    def _to_bytes(self, value: date) -> bytes:
        return value.isoformat().encode()

    def _from_bytes(self, value: bytes) -> date:
        return date.fromisoformat(value.decode())


class EncryptedBytes(SealedColumn):
    """`bytes`."""

    cache_ok = True

    def _to_bytes(self, value: bytes) -> bytes:
        return value

    def _from_bytes(self, value: bytes) -> bytes:
        return value
