"""Lists of workers over HTTP: a file in, a sample out."""

from limits import parse
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import db, storage
from medcab.api import http, uploads
from medcab.api.files import INERT, answering, attachment
from medcab.api.http import Call
from medcab.staff.service import clinic
from medcab.staff.sheets import rules, service
from medcab.tables import reader

PREFIX = "/api/staff/sheets"
LARGEST_BODY = reader.LIST.largest + 64 * 1024
"""With what multipart puts around the file."""
_UPLOADS, _READINGS = parse("20/minute"), parse("60/minute")


async def _form(call: Call) -> Response:
    clinic(await call.signed_in())
    return JSONResponse({"csrf": call.csrf()})


async def _take_in(call: Call) -> Response:
    """`{"id", "warnings"}`; nothing of the body is read before all that can refuse it has been asked."""
    actor = await call.signed_in()
    await http.require_our_page(call, PREFIX)
    clinic(actor)
    with storage.private_folder() as folder:
        received = await uploads.receive(call.request, folder)
        path, name = received.files[0]
        if path.stat().st_size > reader.LIST.largest:
            raise reader.LIST.too_large()
        lines = await service.read(path.read_bytes())
    async with db.transaction() as session:
        sheet_id = await service.keep(session, actor, name=name, lines=lines)
    return JSONResponse({"id": str(sheet_id), "warnings": []})


async def _sample(call: Call) -> Response:
    clinic(await call.signed_in())
    headers = {**INERT, "Content-Disposition": attachment("Список сотрудников.csv")}
    return Response(rules.sample(), media_type="text/csv; charset=utf-8", headers=headers)


routes = [
    Route(f"{PREFIX}/form", answering(_form, _READINGS, "sheets"), methods=["GET"]),
    Route(f"{PREFIX}/sample", answering(_sample, _READINGS, "sheets"), methods=["GET"]),
    Route(PREFIX, answering(_take_in, _UPLOADS, "sheet-upload"), methods=["POST"]),
]
