"""Files of a worker over HTTP: taken in, given back, shown page by page. Only to their owner, another's file is like none; and to
the operators what a worker has laid before them in a dispute.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

from limits import RateLimitItem, parse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from medcab import audit, clock, db, storage
from medcab.access import Actor
from medcab.api import http, uploads
from medcab.api.http import Call
from medcab.documents import intake
from medcab.documents import service as documents
from medcab.documents.kinds.rules import TITLES
from medcab.documents.rules import MAX_PAGES, MAX_TOGETHER, MEBIBYTE
from medcab.documents.service import Again, Kept, OpenedFile
from medcab.errors import MedcabError, NotFound
from medcab.verification.disputes.desk import service as disputes

PREFIX = "/api/files"
PAPER = "/api/disputes/{dispute_id}/papers/{document_id}/preview"
LARGEST_BODY = MAX_TOGETHER + MEBIBYTE
"""The photographs of one document with what multipart puts around them."""

_UPLOADS, _READINGS = parse("30/minute"), parse("120/minute")
INERT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

Act = Callable[[Call], Awaitable[Response]]


def answering(act: Act, ceiling: RateLimitItem, name: str) -> Callable[[Request], Awaitable[Response]]:
    """Who asks and how often, before `act`; refusals become sentences."""

    async def endpoint(request: Request) -> Response:
        call = Call(request, http.client_ip(request))
        audit.origin.set(audit.Origin(ip=call.ip, user_agent=call.user_agent, request_id=uuid4().hex))
        try:
            await http.limit(ceiling, name, call.ip)
            response = await act(call)
        except MedcabError as refusal:
            response = http.refused(refusal, request)
        call.jar.write(response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return endpoint


async def _form(call: Call) -> Response:
    """What the uploader needs before it may send."""
    await call.signed_in()
    return JSONResponse({"csrf": call.csrf()})


async def _take_in(call: Call) -> Response:
    """`{"id", "warnings": [{"sentence", "how"}], "straightened", "again"}`; nothing of the body is read before all that can refuse it
    has been asked. `again`: the file was here already, and `id` is that one's.
    """
    actor = await call.signed_in()
    await http.require_our_page(call, PREFIX)
    try:
        async with db.reading() as session:
            await documents.require_room(session, actor, 0)
        with storage.private_folder() as folder:
            answer = await _received(call.request, actor, folder)
    except (uploads.NotRead, intake.Refused, documents.NoRoom) as refusal:
        async with db.transaction() as session:
            await documents.refuse_file(session, actor, _code(refusal))
        raise
    return JSONResponse(answer)


async def _received(request: Request, actor: Actor, folder: Path) -> dict[str, object]:
    """Read, look at, seal and note the file, unless the very same is here already."""
    received = await uploads.receive(request, folder)
    async with _turn(actor):
        if len(received.files) == 1:
            path, name = received.files[0]
            seen = await intake.examine(path, name, straighten=received.straighten)
        else:
            seen = await intake.examine_together(received.files, straighten=received.straighten)
        async with db.reading() as session:
            again = await documents.known_file(session, actor, seen.sha256)
        file_id = again.file_id if again else await _kept(actor, seen, await intake.read_text(seen.clean_path))
    warnings = [{"sentence": each.sentence, "how": each.how_to_do_better} for each in seen.warnings]
    told: dict[str, object] = {"id": str(file_id), "warnings": warnings, "straightened": seen.straightened}
    return told | ({"again": _already(again)} if again else {})


async def _kept(actor: Actor, seen: intake.Accepted, text: str) -> UUID:
    """Seal and note the file; a note that fails takes the sealed object with it."""
    kept = Kept(
        file_id=uuid4(),
        name=seen.name,
        mime=seen.mime,
        size=seen.size,
        pages=seen.pages,
        sha256=seen.sha256,
        warnings=seen.warnings,
        text=text,
    )
    with storage.announced(kept.file_id):
        await storage.write(kept.file_id, seen.clean_path)
        async with db.transaction() as session:
            await documents.keep_file(session, actor, kept)
    return kept.file_id


def _already(again: Again) -> str:
    """Which one it is, since when, and where it is shown."""
    since = again.since.astimezone(clock.MOSCOW)
    shown = f" Он приложен к документу «{TITLES[again.paper]}»." if again.paper else ""
    return f"Такой файл уже есть: «{again.name}», загружен {since:%d.%m.%Y в %H:%M}.{shown} Второй раз он не сохранён."


def _code(refusal: MedcabError) -> str:
    if isinstance(refusal, intake.Refused):
        return refusal.reason.code
    return refusal.code if isinstance(refusal, uploads.NotRead) else "quota"


async def _download(call: Call) -> Response:
    file = await _opened(call, await call.signed_in())
    chunks = storage.read(file.id)
    first = await anext(chunks)  # what cannot be opened is told as a sentence, not as half a file
    headers = {**INERT, "Content-Disposition": attachment(file.name), "Content-Length": str(file.size)}
    return StreamingResponse(_all(first, chunks), media_type=file.mime, headers=headers)


async def _all(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk


async def _preview(call: Call) -> Response:
    """One page as a picture drawn in the sandbox: the file itself is never opened by the person's browser."""
    page, actor = _page_asked(call), await call.signed_in()
    return await _picture(call, actor, await _opened(call, actor), page)


def _page_asked(call: Call) -> int:
    page = call.request.query_params.get("page", "1")
    if not (page.isdecimal() and len(page) <= len(str(MAX_PAGES)) and 1 <= int(page) <= MAX_PAGES):
        raise NotFound
    return int(page)


async def _picture(call: Call, actor: Actor, file: OpenedFile, page: int) -> Response:
    """As large as a window, or with `?large=1` as sharp as small print needs."""
    is_large = call.request.query_params.get("large") == "1"
    with storage.private_folder() as folder:
        path = folder / "shown"
        path.write_bytes(await storage.read_whole(file.id))
        async with _turn(actor):
            picture = await intake.render_preview(path, page, is_large=is_large)
    return Response(picture, media_type="image/jpeg" if is_large else "image/png", headers=INERT)


async def _disputed(call: Call) -> Response:
    """A page of a paper that a worker has laid before the operators, for one of them."""
    page, actor = _page_asked(call), await call.signed_in()
    dispute_id, document_id = (_id(call, name) for name in ("dispute_id", "document_id"))
    async with db.transaction() as session:
        file = await disputes.open_paper(session, actor, dispute_id=dispute_id, document_id=document_id)
    return await _picture(call, actor, file, page)


async def _opened(call: Call, actor: Actor) -> OpenedFile:
    """The actor's own file; the reading is in the journal before a byte is shown."""
    file_id = _id(call, "id")
    async with db.transaction() as session:
        return await documents.open_file(session, actor, file_id)


def _id(call: Call, name: str) -> UUID:
    try:
        return UUID(call.request.path_params[name])
    except ValueError:
        raise documents.NoFile from None


def _turn(actor: Actor) -> asyncio.Lock:
    """One file of a person is looked at at a time: whoever sends many heavy ones waits for them, and nobody else does."""
    return _turns.setdefault(actor.person_id, asyncio.Lock())


def attachment(name: str) -> str:
    """RFC 6266: a plain name for old programs, the real one for the others."""
    ending = name.rpartition(".")[2]
    return f"attachment; filename=\"document.{ending}\"; filename*=UTF-8''{quote(name, safe='')}"


routes = [
    Route(f"{PREFIX}/form", answering(_form, _READINGS, "files"), methods=["GET"]),
    Route(PREFIX, answering(_take_in, _UPLOADS, "upload"), methods=["POST"]),
    Route(f"{PREFIX}/{{id}}", answering(_download, _READINGS, "files"), methods=["GET"]),
    Route(f"{PREFIX}/{{id}}/preview", answering(_preview, _READINGS, "files"), methods=["GET"]),
    Route(PAPER, answering(_disputed, _READINGS, "files"), methods=["GET"]),
]
