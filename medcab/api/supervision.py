"""The door of the supervision service: signed notices (RFC 9421), each taken once, each answer signed.

Whoever calls is known by the shared key alone: no cookie, no Origin, no person. The protocol, for the other side:

POST /api/supervision/notices {"number", "kind", "subject", "basis", "issuedAt"} -> 202 {"status": "accepted" | "known"}
401, itself unsigned, unless everything of `REQUEST_PARTS` is signed with the key, now; 409 for a number that was used for something else;
413 and 422 for what cannot be taken; 429 with Retry-After for too many: send those again.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from limits import parse
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import audit, clock, db
from medcab.access import Action
from medcab.api import bodies, http
from medcab.errors import Invalid, MedcabError, SignInRequired
from medcab.identifiers import parsers
from medcab.integrations.signatures import ANSWER_PARTS, REQUEST_PARTS, BadSignature, content_digest, sign, verify
from medcab.settings import get_settings
from medcab.verification.supervision import service
from medcab.verification.supervision.rules import OF_LICENCE, Notice, NoticeKind

PATH, OPERATION = "/api/supervision/notices", "supervision.notice"
_EARLIEST, _AHEAD = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=1)
_CEILING = parse("600/minute")
_STRANGERS = parse("10/minute")
Short = Annotated[bodies.Filled, Field(max_length=60)]


class NoticeBody(bodies.Form):
    number: Short
    kind: Annotated[NoticeKind, Field(strict=False)]
    subject: Short
    basis: bodies.Filled
    issuedAt: Annotated[AwareDatetime, Field(strict=False)]  # noqa: N815 - the service's own name


class Stranger(SignInRequired):
    """Not signed with the shared key, old, or changed on the way."""

    message = "Подпись уведомления не подходит."


async def take(request: Request) -> Response:
    """One notice."""
    ip = http.client_ip(request)
    audit.origin.set(audit.Origin(ip=ip, user_agent=request.headers.get("user-agent", "")))
    try:
        notice = await _admitted(request, ip)
        async with db.transaction() as session:
            is_new = await service.receive(session, notice)
    except Stranger as refusal:
        return http.refused(refusal, request)  # nothing is signed for whoever does not hold the key
    except MedcabError as refusal:
        return _signed(request, http.refused(refusal, request))
    return _signed(request, JSONResponse({"status": "accepted" if is_new else "known"}, 202))


async def _admitted(request: Request, ip: str) -> Notice:
    """The notice of whoever holds the key."""
    raw = await bodies.raw(request)
    try:
        _verify(request, raw)
    except BadSignature as problem:
        await http.limit(_STRANGERS, f"{PATH}:stranger", ip)
        async with db.transaction() as session:
            audit.record(session, None, Action.REQUEST_REFUSED, PATH, outcome="refused", reason=str(problem))
        raise Stranger from problem
    await http.limit(_CEILING, PATH, ip)
    body = bodies.parsed(raw, NoticeBody)
    issued_at = body.issuedAt.replace(microsecond=0)
    if not _EARLIEST <= issued_at <= clock.now() + _AHEAD:
        raise Invalid("Дата уведомления вне разумных пределов.", field="issuedAt")
    return Notice(number=body.number, kind=body.kind, subject=_subject(body), basis=body.basis, issued_at=issued_at)


def _subject(body: NoticeBody) -> str:
    """A licence's number or a SNILS that can be one; raises `Invalid`."""
    try:
        return str(parsers(clock.today())["licence" if body.kind in OF_LICENCE else "snils"](body.subject))
    except Invalid as problem:
        raise Invalid(problem.message, field="subject") from None


def _verify(request: Request, raw: bytes) -> None:
    values = {name.lower(): value for name, value in request.headers.items()}
    values |= {"@method": request.method, "@path": request.url.path, "@query": f"?{request.url.query}"}
    if values.get("content-digest") != content_digest(raw):
        raise BadSignature("the digest does not match")
    verify(_key(), values, REQUEST_PARTS, values, at=time.time())
    if values["x-operation"] != OPERATION:
        raise BadSignature("signed for another operation")


def _signed(request: Request, answer: JSONResponse) -> Response:
    """The service must know that it was this cabinet that answered this notice."""
    said = {
        "Content-Digest": content_digest(bytes(answer.body)),
        "X-Request-Id": request.headers.get("x-request-id", ""),
    }
    values = {name.lower(): value for name, value in said.items()} | {"@status": str(answer.status_code)}
    answer.headers.update(said | sign(_key(), "medcab", ANSWER_PARTS, values, created=int(time.time())))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _key() -> bytes:
    return bytes.fromhex(get_settings().supervision_key.get_secret_value())


routes = [Route(PATH, take, methods=["POST"])]
