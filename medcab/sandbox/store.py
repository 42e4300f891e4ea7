"""What the sandbox keeps: people and licences of the register, switches, and the messages that were sent to
it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS person (oid TEXT PRIMARY KEY, snils TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folded TEXT NOT NULL,
    body TEXT NOT NULL, refusal TEXT);
CREATE TABLE IF NOT EXISTS licence (number TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS switch (operation TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sms (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, text TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
    text TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notice (number TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sms_recipient ON sms (recipient);
CREATE INDEX IF NOT EXISTS mail_recipient ON mail (recipient);
"""
PAGE = 50


class KeyReused(Exception):
    """The idempotency key came back with another message."""


class Store:
    """One SQLite file, used from one event loop: every call is short and never awaits."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(data_dir / "sandbox.db", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def empty(self) -> None:
        for table in ("person", "licence", "switch", "sms", "mail", "notice"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608  (names of our own tables)

    # --- the register

    def put_people(self, people: Iterable[Mapping[str, Any]], licences: Iterable[Mapping[str, Any]]) -> None:
        """Add or replace whole records; a record without `refusal` is answered. All or nothing. Raises
        `ValueError`.
        """
        self._db.execute("BEGIN")
        try:
            self._db.executemany("REPLACE INTO person VALUES (?, ?, ?, ?, ?, ?)", map(_person_row, people))
            self._db.executemany("REPLACE INTO licence VALUES (?, ?)", map(_licence_row, licences))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def person(self, *, oid: str = "", snils: str = "") -> sqlite3.Row | None:
        """The row with `body` (JSON) and `refusal`, by either key."""
        return self._db.execute("SELECT * FROM person WHERE oid = ? OR snils = ?", (oid, snils)).fetchone()

    def someone_else(self, oid: str) -> sqlite3.Row | None:
        return self._db.execute("SELECT * FROM person WHERE oid <> ? ORDER BY oid LIMIT 1", (oid,)).fetchone()

    def people(self, search: str = "") -> list[sqlite3.Row]:
        """The first `PAGE` people by name whose name or SNILS holds the text."""
        wanted = f"%{_escaped(_folded(search))}%"
        digits = f"%{''.join(filter(str.isdigit, search)) or '-'}%"
        found = "SELECT * FROM person WHERE folded LIKE ? ESCAPE '\\' OR snils LIKE ? ORDER BY folded LIMIT ?"
        return self._db.execute(found, (wanted, digits, PAGE)).fetchall()

    def count(self, table: str) -> int:
        return self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  (names of our own tables)

    def licence(self, number: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT body FROM licence WHERE number = ?", (number,)).fetchone()
        return json.loads(row["body"]) if row else None

    def licences(self) -> list[dict[str, Any]]:
        """The first `PAGE` by number."""
        found = self._db.execute("SELECT body FROM licence ORDER BY number LIMIT ?", (PAGE,))
        return [json.loads(row["body"]) for row in found]

    def drop_licence(self, number: str) -> None:
        self._db.execute("DELETE FROM licence WHERE number = ?", (number,))

    def refuse(self, snils: str, code: str | None) -> bool:
        """Answer questions about the person with this code from now on; None answers again. False: nobody
        like that.
        """
        return self._db.execute("UPDATE person SET refusal = ? WHERE snils = ?", (code, snils)).rowcount > 0

    # --- notices of the supervision service

    def put_notice(self, number: str, body: Mapping[str, Any]) -> None:
        """To be delivered; one of the same number is sent anew."""
        text = json.dumps(body, ensure_ascii=False)
        self._db.execute("REPLACE INTO notice VALUES (?, ?, 'waiting', ?)", (number, text, _now()))

    def waiting_notices(self) -> list[tuple[str, dict[str, Any]]]:
        rows = self._db.execute("SELECT * FROM notice WHERE state = 'waiting' ORDER BY at LIMIT ?", (PAGE,))
        return [(row["number"], json.loads(row["body"])) for row in rows]

    def mark_notice(self, number: str, state: str) -> None:
        self._db.execute("UPDATE notice SET state = ? WHERE number = ?", (state, number))

    def notices(self) -> list[dict[str, Any]]:
        """The newest `PAGE`, with their `state`."""
        rows = self._db.execute("SELECT * FROM notice ORDER BY at DESC, rowid DESC LIMIT ?", (PAGE,))
        return [json.loads(row["body"]) | {"state": row["state"]} for row in rows]

    # --- switches

    def switches(self) -> dict[str, dict[str, Any]]:
        return {row["operation"]: json.loads(row["body"]) for row in self._db.execute("SELECT * FROM switch")}

    def put_switch(self, operation: str, body: Mapping[str, Any]) -> None:
        self._db.execute("REPLACE INTO switch VALUES (?, ?)", (operation, json.dumps(body)))

    # --- messages

    def take_sms(self, key: str, recipient: str, text: str) -> int:
        """Keep a message once for a key and return its number. Raises `KeyReused`."""
        self._db.execute(
            "INSERT INTO sms (key, recipient, text, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, recipient, text, _now()),
        )
        kept = self._db.execute("SELECT * FROM sms WHERE key = ?", (key,)).fetchone()
        if (kept["recipient"], kept["text"]) != (recipient, text):
            raise KeyReused(key)
        return kept["id"]

    def take_mail(self, sender: str, recipient: str, subject: str, text: str) -> None:
        self._db.execute(
            "INSERT INTO mail (sender, recipient, subject, text, at) VALUES (?, ?, ?, ?, ?)",
            (sender, recipient, subject, text, _now()),
        )

    def messages(self, table: str, recipient: str = "") -> list[dict[str, Any]]:
        """The newest `PAGE` of `sms` or `mail`, to one recipient or to all."""
        where = "WHERE recipient = ?" if recipient else "WHERE ? = ''"
        rows = self._db.execute(f"SELECT * FROM {table} {where} ORDER BY id DESC LIMIT {PAGE}", (recipient,))  # noqa: S608
        return [dict(row) for row in rows]


def _person_row(record: Mapping[str, Any]) -> tuple[str, str, str, str, str, str | None]:
    try:
        person = record["person"]
        name = " ".join(person.get(part) or "" for part in ("lastName", "firstName", "patronymic")).strip()
        body = {part: rows for part, rows in record.items() if part != "refusal"}
        text = json.dumps(body, ensure_ascii=False)
        return person["oid"], person["snils"], name, _folded(name), text, record.get("refusal")
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError("a record needs person.oid and person.snils") from problem


def _licence_row(licence: Mapping[str, Any]) -> tuple[str, str]:
    try:
        return licence["number"], json.dumps(licence, ensure_ascii=False)
    except (KeyError, TypeError) as problem:
        raise ValueError("a licence needs its number") from problem


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
