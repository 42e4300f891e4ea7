"""Tariffs and payers' answers over HTTP: a file in."""

from uuid import UUID

from limits import parse
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import db, storage
from medcab.api import http, uploads
from medcab.api.files import answering
from medcab.api.http import Call
from medcab.finance.bringing import service
from medcab.finance.bringing.service import NoSheet

PREFIX = "/api/finance/sheets"
LARGEST_BODY = service.BOUNDS.largest + 64 * 1024
"""With what multipart puts around the file."""
_UPLOADS, _READINGS = parse("20/minute"), parse("60/minute")


def _register(call: Call) -> UUID | None:
    """Whose answers the file holds; without it they are tariffs."""
    text = call.request.query_params.get("register", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NoSheet from None


async def _form(call: Call) -> Response:
    async with db.reading() as session:
        await service.may_bring(session, await call.signed_in(), None)
    return JSONResponse({"csrf": call.csrf()})


async def _take_in(call: Call) -> Response:
    """`{"id", "warnings"}`; nothing of the body is read before all that can refuse it has been asked."""
    actor = await call.signed_in()
    await http.require_our_page(call, PREFIX)
    bill_id = _register(call)
    async with db.reading() as session:
        await service.may_bring(session, actor, bill_id)
    with storage.private_folder() as folder:
        received = await uploads.receive(call.request, folder)
        path, name = received.files[0]
        if path.stat().st_size > service.BOUNDS.largest:
            raise service.BOUNDS.too_large()
        sheet = await service.read(path.read_bytes(), of_register=bill_id is not None)
    async with db.transaction() as session:
        sheet_id = await service.keep(session, actor, name=name, sheet=sheet, bill_id=bill_id)
    return JSONResponse({"id": str(sheet_id), "warnings": []})


routes = [
    Route(f"{PREFIX}/form", answering(_form, _READINGS, "money"), methods=["GET"]),
    Route(PREFIX, answering(_take_in, _UPLOADS, "money-upload"), methods=["POST"]),
]
