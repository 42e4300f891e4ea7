"""The gateway's own reading of RFC 9421 and RFC 9530, written apart from the cabinet's: a mistake there is
seen here.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

SUPPORTED = ("1.0",)
_WINDOW = 120
_MUST_SIGN = {
    "@method",
    "@path",
    "@query",
    "content-digest",
    "x-operation",
    "x-schema-version",
    "x-request-id",
}
_INPUT = re.compile(r'sig=(\(((?:"[^"]+" ?)*)\);created=(\d{1,12});keyid="medcab";alg="hmac-sha256")')


class Refuse(Exception):
    """The message is not taken: `status` and a code with a Russian sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.body = {"code": code, "message": message, "retryable": False}
        super().__init__(code)


class Gatekeeper:
    """Checks what comes in and signs what goes out, with the key that is shared with the cabinet."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._seen: dict[str, float] = {}

    def admit(self, request: Request, body: bytes, operation: str) -> None:
        """Raises `Refuse` unless the request is signed, fresh, new, whole and for this operation."""
        self._check_signature(request, body)
        if request.headers.get("x-operation") != operation:
            raise Refuse(400, "OPERATION_MISMATCH", f"Ожидалась операция {operation}.")
        if request.headers["x-schema-version"].split(".")[0] not in {each.split(".")[0] for each in SUPPORTED}:
            raise Refuse(409, "SCHEMA_VERSION", f"Поддерживаются версии схемы: {', '.join(SUPPORTED)}.")
        self._check_new(request.headers["x-request-id"])

    def _check_signature(self, request: Request, body: bytes) -> None:
        said = _INPUT.fullmatch(request.headers.get("signature-input", ""))
        mac = re.fullmatch(r"sig=:([A-Za-z0-9+/]+={0,2}):", request.headers.get("signature", ""))
        if not said or not mac:
            raise Refuse(401, "NOT_SIGNED", "Запрос не подписан.")
        parts = re.findall(r'"([^"]+)"', said[2])
        must = _MUST_SIGN | ({"idempotency-key"} if request.method == "POST" else set())
        lines = [f'"{part}": {_value(request, part)}' for part in parts] + [f'"@signature-params": {said[1]}']
        right = base64.b64encode(hmac.digest(self._key, "\n".join(lines).encode(), "sha256"))
        fresh = abs(self._clock() - int(said[3])) <= _WINDOW
        if not (must <= set(parts) and fresh and hmac.compare_digest(right, mac[1].encode())):
            raise Refuse(401, "BAD_SIGNATURE", "Подпись запроса не подходит.")
        if request.headers.get("content-digest") != _digest(body):
            raise Refuse(400, "BAD_DIGEST", "Контрольная сумма не совпадает с телом запроса.")

    def _check_new(self, request_id: str) -> None:
        now = self._clock()
        while self._seen and now - next(iter(self._seen.values())) > 2 * _WINDOW:  # oldest first
            del self._seen[next(iter(self._seen))]
        if request_id in self._seen:
            raise Refuse(409, "REPLAYED", "Запрос с таким номером уже был.")
        self._seen[request_id] = now

    def sign(self, request: Request, answer: Response) -> Response:
        """Add the digest and the signature that binds the answer to its question."""
        content, question = bytes(answer.body), request.headers.get("x-request-id", "")
        answer.headers["Content-Digest"] = _digest(content)
        answer.headers["X-Request-Id"] = question
        params = f'("@status" "content-digest" "x-request-id");created={int(self._clock())};keyid="sandbox";alg="hmac-sha256"'
        signed = f'"@status": {answer.status_code}\n"content-digest": {_digest(content)}\n"x-request-id": {question}'
        mac = hmac.digest(self._key, f'{signed}\n"@signature-params": {params}'.encode(), "sha256")
        answer.headers["Signature-Input"] = f"sig={params}"
        answer.headers["Signature"] = f"sig=:{base64.b64encode(mac).decode()}:"
        return answer


def _value(request: Request, part: str) -> str:
    special = {
        "@method": request.method,
        "@path": request.scope.get("raw_path", request.url.path.encode()).partition(b"?")[0].decode("latin-1"),
        "@query": "?" + request.url.query,
    }
    return special.get(part, request.headers.get(part, ""))


def _digest(body: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
