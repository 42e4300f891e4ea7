"""The picture that an operator takes in a video session: in from the call, and out to the same operator."""

from pathlib import Path
from uuid import UUID, uuid4

from limits import parse
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import db, storage
from medcab.api import http, uploads
from medcab.api.files import INERT, answering
from medcab.api.http import Call
from medcab.documents import intake
from medcab.errors import Invalid
from medcab.proofs.video.desk import service

PREFIX = "/api/video"
STILL = f"{PREFIX}/{{video_id}}/still"
LARGEST = 4 * 1024 * 1024
LARGEST_BODY = LARGEST + 64 * 1024
"""With what multipart puts around the picture."""
_UPLOADS, _READINGS = parse("30/minute"), parse("120/minute")
_JPEG = b"\xff\xd8\xff"


async def _take(call: Call) -> Response:
    """Only while the actor holds the session; nothing of the body is read before that has been asked. What is kept was drawn anew."""
    actor = await call.signed_in()
    await http.require_our_page(call, PREFIX)
    session_id = _id(call)
    async with db.transaction() as session:
        await service.require_running(session, actor, session_id=session_id)
    still_id = uuid4()
    with storage.private_folder() as folder, storage.announced(still_id):
        await storage.write(still_id, await _drawn(call, folder))
        async with db.transaction() as session:
            await service.keep_still(session, actor, session_id=session_id, still_id=still_id)
    return JSONResponse({"id": str(still_id)})


async def _drawn(call: Call, folder: Path) -> Path:
    """The picture as the sandbox has decoded and drawn it: nothing else that the sender has put into the file."""
    received = await uploads.receive(call.request, folder)
    path, _ = received.files[0]
    if path.stat().st_size > LARGEST or not path.read_bytes().startswith(_JPEG):
        raise Invalid("Это не кадр. Снимите его ещё раз.", field=uploads.PART)
    drawn = folder / "still.jpg"
    drawn.write_bytes(await intake.render_preview(path, is_large=True))
    return drawn


async def _show(call: Call) -> Response:
    actor, session_id = await call.signed_in(), _id(call)
    async with db.transaction() as session:
        still_id = await service.open_still(session, actor, session_id=session_id)
    return Response(await storage.read_whole(still_id), media_type="image/jpeg", headers=INERT)


def _id(call: Call) -> UUID:
    try:
        return UUID(call.request.path_params["video_id"])
    except ValueError:
        raise service.NotThere from None


routes = [
    Route(STILL, answering(_take, _UPLOADS, "still-upload"), methods=["POST"]),
    Route(STILL, answering(_show, _READINGS, "stills"), methods=["GET"]),
]
