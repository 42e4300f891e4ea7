"""A signed JSON channel to one outside system: every request and every answer is signed, dated, digested and
limited.

Only the configured address is ever called: paths are constants of the clients, redirects are not followed and
the environment's proxies are not used.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
import pydantic_core
import structlog

from medcab.errors import Unavailable
from medcab.integrations.signatures import (
    ANSWER_PARTS,
    REQUEST_PARTS,
    BadSignature,
    content_digest,
    sign,
    verify,
)

KEY_ID = "medcab"
_log = structlog.get_logger()
# httpx writes every address at INFO, and there is a SNILS in the register's.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Outage(Unavailable):
    """The other side did not answer or was not able to: the same question may be asked again."""

    message = "Внешняя система временно не отвечает. Введённое сохранено, повторим позже."


class Distrusted(Unavailable):
    """The other side's answer is not what it must be: asking again at once would not help."""

    message = "Внешняя система ответила с ошибкой. Введённое сохранено, повторим позже."


@dataclass(frozen=True, slots=True)
class Reply:
    """A verified answer: `body` is the parsed JSON object."""

    status: int
    body: dict[str, Any]
    retry_after: int | None = None


@dataclass(slots=True)
class SignedChannel:
    """`url` is the base address (a path prefix is kept), `key` is shared with the other side; seconds and
    bytes.
    """

    url: str
    key: bytes
    schema_version: str = "1.0"
    timeout: float = 10.0
    max_bytes: int = 1_000_000
    clock: Callable[[], float] = time.time
    _client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self._client = httpx.AsyncClient(
            base_url=self.url.rstrip("/"), timeout=self.timeout, follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, path: str, operation: str, params: Mapping[str, str] | None = None) -> Reply:
        request = self._client.build_request("GET", path, params=dict(params or {}))
        return await self._ask(request, b"", operation, {})

    async def post(self, path: str, operation: str, body: Mapping[str, Any], *, idempotency_key: str) -> Reply:
        content = json.dumps(body, ensure_ascii=False).encode()
        request = self._client.build_request("POST", path, content=content)
        headers = {"Idempotency-Key": idempotency_key, "Content-Type": "application/json"}
        return await self._ask(request, content, operation, headers)

    async def _ask(self, request: httpx.Request, body: bytes, operation: str, headers: Mapping[str, str]) -> Reply:
        request_id = str(uuid4())
        request.headers.update({**headers, **self._signed(request, body, operation, request_id, headers)})
        try:
            reply = await self._reply(request, request_id)
        except Unavailable as problem:
            _log.warning(
                "integration.failed",
                operation=operation,
                request_id=request_id,
                reason=repr(problem.__cause__),
            )
            raise
        return reply

    def _signed(
        self, request: httpx.Request, body: bytes, operation: str, request_id: str, headers: Mapping[str, str]
    ) -> dict[str, str]:
        said = {
            "Content-Digest": content_digest(body),
            "X-Operation": operation,
            "X-Schema-Version": self.schema_version,
            "X-Request-Id": request_id,
        }
        values = {name.lower(): value for name, value in {**headers, **said}.items()}
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        values |= {"@method": request.method, "@path": path, "@query": f"?{request.url.query.decode()}"}
        return said | sign(self.key, KEY_ID, REQUEST_PARTS, values, created=int(self.clock()))

    async def _reply(self, request: httpx.Request, request_id: str) -> Reply:
        try:
            answer = await self._client.send(request, stream=True)
            try:
                content = await self._content(answer)
            finally:
                await answer.aclose()
        except (httpx.TransportError, httpx.InvalidURL) as problem:
            raise Outage from problem
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Outage from ValueError(f"status {answer.status_code}")
        self._verify(answer, content, request_id)
        return Reply(answer.status_code, _object(content), _seconds(answer.headers.get("retry-after")))

    async def _content(self, answer: httpx.Response) -> bytes:
        """The body, up to the limit: what is counted is what was unpacked."""
        parts, size = [], 0
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > self.max_bytes:
                raise Distrusted from ValueError(f"the answer is longer than {self.max_bytes} bytes")
            parts.append(part)
        return b"".join(parts)

    def _verify(self, answer: httpx.Response, content: bytes, request_id: str) -> None:
        values = {name.lower(): value for name, value in answer.headers.items()}
        values["@status"] = str(answer.status_code)
        try:
            if values.get("content-digest") != content_digest(content):
                raise BadSignature("the digest does not match")  # noqa: TRY301
            if values.get("x-request-id") != request_id:
                raise BadSignature("the answer is to another question")  # noqa: TRY301
            verify(self.key, values, ANSWER_PARTS, values, at=self.clock())
        except BadSignature as problem:
            raise Distrusted from problem


def _object(content: bytes) -> dict[str, Any]:
    """A JSON object; NaN, infinities, other shapes and bottomless nesting are refused."""
    try:
        parsed = pydantic_core.from_json(content, allow_inf_nan=False)
    except ValueError as problem:
        raise Distrusted from problem
    if not isinstance(parsed, dict):
        raise Distrusted from ValueError("not an object")
    return parsed


def _seconds(header: str | None) -> int | None:
    """`Retry-After` in seconds, at most a day; the form with a date is not used between us."""
    return min(int(header), 86_400) if header and header.isascii() and header.isdigit() else None
