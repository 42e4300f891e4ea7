"""The federal supervision service: it changes the register and tells the cabinet so, until the cabinet has taken it.

Signing is written apart from the cabinet's own: a mistake there is seen here.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx

from medcab.sandbox.store import Store

_PATH = "/api/supervision/notices"
_PAUSE_SECONDS = 1.0
_TAKEN, _LATER, _BROKEN = 202, 429, 500


class Kind(StrEnum):
    """What the service may tell of."""

    LICENCE_WITHDRAWN = "licence_withdrawn"
    LICENCE_SUSPENDED = "licence_suspended"
    LICENCE_RESTORED = "licence_restored"
    ACCREDITATION_EXCLUDED = "accreditation_excluded"
    ACCREDITATION_RESTORED = "accreditation_restored"


KINDS = {
    Kind.LICENCE_WITHDRAWN: "Лицензия прекращена",
    Kind.LICENCE_SUSPENDED: "Лицензия приостановлена",
    Kind.LICENCE_RESTORED: "Лицензия возобновлена",
    Kind.ACCREDITATION_EXCLUDED: "Аккредитация исключена",
    Kind.ACCREDITATION_RESTORED: "Аккредитация восстановлена",
}
_LICENCE_STATUS = {
    Kind.LICENCE_WITHDRAWN: "прекращена",
    Kind.LICENCE_SUSPENDED: "приостановлена",
    Kind.LICENCE_RESTORED: "действует",
}


@dataclass(frozen=True)
class Addressee:
    """The cabinet: its address and the shared key."""

    url: str
    key: bytes


class Supervision:
    """Issues notices and delivers them."""

    def __init__(self, store: Store, cabinet: Addressee) -> None:
        self._store = store
        self.cabinet = cabinet
        self._wake = asyncio.Event()

    def issue(self, kind: Kind, subject: str, basis: str, *, is_true: bool = True, number: str = "") -> str:
        """Tell the cabinet, and write it into the register first unless the notice is a mistake (`is_true`).

        Returns the notice's number. Raises `ValueError` when the register knows no such licence or person.
        """
        if is_true:
            self._apply(kind, subject)
        number = number or f"РЗН-{datetime.now(UTC):%Y%m%d}-{uuid4().hex[:6].upper()}"
        body = {"number": number, "kind": kind.value, "subject": subject, "basis": basis}
        self._store.put_notice(number, body | {"issuedAt": datetime.now(UTC).isoformat(timespec="seconds")})
        self._wake.set()
        return number

    def _apply(self, kind: Kind, subject: str) -> None:
        if status := _LICENCE_STATUS.get(kind):
            licence = self._store.licence(subject)
            if licence is None:
                raise ValueError("Такой лицензии в реестре нет.")
            self._store.put_people([], [licence | {"status": status}])
            return
        row = self._store.person(snils=re.sub(r"\D", "", subject))
        if row is None:
            raise ValueError("Человека с таким СНИЛС в регистре нет.")
        record = json.loads(row["body"])
        for paper in record.get("accreditation", []):
            for procedure in paper["procedures"]:
                procedure["excluded"] = kind is Kind.ACCREDITATION_EXCLUDED
        self._store.put_people([record | {"refusal": row["refusal"]}], [])

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Deliver while the block runs."""
        task = asyncio.create_task(self._deliver())
        try:
            yield
        finally:
            task.cancel()

    async def _deliver(self) -> None:
        async with httpx.AsyncClient(timeout=10, trust_env=False, follow_redirects=False) as http:
            while True:
                for number, body in self._store.waiting_notices():
                    self._store.mark_notice(number, await self._send(http, body))
                self._wake.clear()
                try:
                    async with asyncio.timeout(_PAUSE_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def _send(self, http: httpx.AsyncClient, body: dict[str, Any]) -> str:
        """How it stands now: `accepted`, `known`, `refused <status>`, or `waiting` for another try."""
        content = json.dumps(body, ensure_ascii=False).encode()
        request_id = str(uuid4())
        headers = self._headers(content, request_id, body["number"])
        try:
            answer = await http.post(self.cabinet.url + _PATH, content=content, headers=headers)
        except httpx.HTTPError:
            return "waiting"
        if answer.status_code in (_LATER, *range(_BROKEN, 600)) or not self._is_from_cabinet(answer, request_id):
            return "waiting"
        return answer.json()["status"] if answer.status_code == _TAKEN else f"refused {answer.status_code}"

    def _headers(self, content: bytes, request_id: str, number: str) -> dict[str, str]:
        said = {
            "content-digest": _digest(content), "x-operation": "supervision.notice", "x-schema-version": "1.0", "x-request-id": request_id,
            "idempotency-key": base64.urlsafe_b64encode(number.encode()).decode(),
        }  # fmt: skip
        signed = {"@method": "POST", "@path": _PATH, "@query": "?", **said}
        listed = " ".join(f'"{name}"' for name in signed)
        params = f'({listed});created={int(time.time())};keyid="supervision";alg="hmac-sha256"'
        lines = [f'"{name}": {value}' for name, value in signed.items()]
        mac = hmac.digest(self.cabinet.key, "\n".join([*lines, f'"@signature-params": {params}']).encode(), "sha256")
        signature = {"signature-input": f"sig={params}", "signature": f"sig=:{base64.b64encode(mac).decode()}:"}
        return {**said, **signature, "content-type": "application/json"}

    def _is_from_cabinet(self, answer: httpx.Response, request_id: str) -> bool:
        params = answer.headers.get("signature-input", "").removeprefix("sig=")
        values = {"@status": answer.status_code, "content-digest": _digest(answer.content), "x-request-id": request_id}
        lines = [f'"{name}": {value}' for name, value in values.items()]
        right = hmac.digest(self.cabinet.key, "\n".join([*lines, f'"@signature-params": {params}']).encode(), "sha256")
        return hmac.compare_digest(f"sig=:{base64.b64encode(right).decode()}:", answer.headers.get("signature", ""))


def _digest(content: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(content).digest()).decode() + ":"
