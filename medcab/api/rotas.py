"""Rotas over HTTP: a file in, something to begin with out."""

import asyncio

from limits import parse
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import db, storage
from medcab.api import http, uploads
from medcab.api.files import INERT, answering, attachment
from medcab.api.http import Call
from medcab.schedule.rota import service
from medcab.schedule.rota.samples import service as samples

PREFIX = "/api/schedule/rota"
LARGEST_BODY = service.BOUNDS.largest + 64 * 1024
"""With what multipart puts around the file."""
_UPLOADS, _READINGS = parse("20/minute"), parse("60/minute")


async def _form(call: Call) -> Response:
    service.may_bring(await call.signed_in())
    return JSONResponse({"csrf": call.csrf()})


async def _take_in(call: Call) -> Response:
    """`{"id", "warnings"}`; nothing of the body is read before all that can refuse it has been asked."""
    actor = await call.signed_in()
    await http.require_our_page(call, PREFIX)
    service.may_bring(actor)
    with storage.private_folder() as folder:
        received = await uploads.receive(call.request, folder)
        path, name = received.files[0]
        if path.stat().st_size > service.BOUNDS.largest:
            raise service.BOUNDS.too_large()
        sheet = await service.read(path.read_bytes(), name)
    async with db.transaction() as session:
        sheet_id = await service.keep(session, actor, name=name, sheet=sheet)
    return JSONResponse({"id": str(sheet_id), "warnings": []})


async def _sample(call: Call) -> Response:
    """`?form=month` for a drawn month, otherwise the table."""
    actor = await call.signed_in()
    make = samples.month if call.request.query_params.get("form") == "month" else samples.table
    async with db.reading() as session:
        sheet = await make(session, actor)
    content = await asyncio.to_thread(lambda: sheet.content)
    headers = {**INERT, "Content-Disposition": attachment(sheet.name)}
    return Response(content, media_type=sheet.mime, headers=headers)


routes = [
    Route(f"{PREFIX}/form", answering(_form, _READINGS, "rotas"), methods=["GET"]),
    Route(f"{PREFIX}/sample", answering(_sample, _READINGS, "rotas"), methods=["GET"]),
    Route(PREFIX, answering(_take_in, _UPLOADS, "rota-upload"), methods=["POST"]),
]
