"""Somebody's own calendar over HTTP: read, told back as whole days away, and forgotten. Nothing of it is kept."""

from limits import parse
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import clock, db, storage
from medcab.access import Permission, require
from medcab.api import http, uploads
from medcab.api.files import answering
from medcab.api.http import Call
from medcab.integrations.calendars import client, mapping
from medcab.schedule.away import service
from medcab.schedule.rules.away import pack
from medcab.schedule.service import zone

PREFIX = "/api/away"
LARGEST_BODY = mapping.LARGEST + 64 * 1024
"""With what multipart puts around the file."""
_UPLOADS, _READINGS = parse("20/minute"), parse("60/minute")


async def _form(call: Call) -> Response:
    require(await call.signed_in(), Permission.SCHEDULE_EDIT)
    return JSONResponse({"csrf": call.csrf()})


async def _take_in(call: Call) -> Response:
    """`{"id", "warnings"}`, `id` being what was found; nothing of the body is read before all that can refuse it has been asked."""
    actor = await call.signed_in()
    await http.require_our_page(call, PREFIX)
    require(actor, Permission.SCHEDULE_EDIT)
    with storage.private_folder() as folder:
        received = await uploads.receive(call.request, folder)
        path, _ = received.files[0]
        if path.stat().st_size > mapping.LARGEST:
            raise mapping.refused(mapping.TOO_LARGE)
        found = await client.read(path.read_bytes(), clock.today(zone()))
    async with db.reading() as session:
        offered = await service.candidates(session, actor, found)
    return JSONResponse({"id": pack(offered), "warnings": []})


routes = [
    Route(f"{PREFIX}/form", answering(_form, _READINGS, "away"), methods=["GET"]),
    Route(PREFIX, answering(_take_in, _UPLOADS, "away-upload"), methods=["POST"]),
]
