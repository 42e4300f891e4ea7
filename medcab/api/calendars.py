"""Calendars for other programs: the form that makes a link, and the feed itself, where the secret in the address is the key.

The feed may be kept by whoever reads it, but must be asked for again each time (`no-cache`): a calendar program that is told `no-store` may
forget the tag by which an unchanged feed costs nothing.
"""

from io import BytesIO
from urllib.parse import urlsplit

import segno
from limits import parse
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from medcab import db
from medcab.access import Permission, require
from medcab.api import http
from medcab.api.bodies import Form, Text
from medcab.api.files import INERT, answering
from medcab.api.http import Answer, Call, Doors
from medcab.integrations.calendars import mapping
from medcab.schedule.feeds import service
from medcab.schedule.feeds.service import NoLink, Reading
from medcab.settings import get_settings

doors = Doors()
PREFIX = "/api/calendar"
_READINGS, _MISSES = parse("240/minute"), parse("30/minute")
"""From one address: the phones of a whole clinic may stand behind it."""
_WRITINGS = parse("20/minute")
"""Of one link: a year of visits takes half a second to write, and a program asks a few times an hour."""
_ONCE = "Ссылка показана один раз: сохраните её сейчас."


class NewLink(Form):
    name: Text = ""
    with_names: bool | Text = False
    with_hours: bool | Text = False


@doors.form("calendar")
async def link_form(call: Call) -> Answer:
    require(await call.signed_in(), Permission.SCHEDULE_READ)
    return {"values": {}, "data": {}}


@doors.post(PREFIX, NewLink, limit="10/minute")
async def make_link(call: Call, body: NewLink) -> Answer:
    """The address, shown this once."""
    actor = await call.signed_in()
    async with db.transaction() as session:
        secret = await service.make(
            session, actor, name=body.name, with_names=body.with_names is True, with_hours=body.with_hours is True
        )
    address = f"{get_settings().origin}{PREFIX}/{secret}.ics"
    opening = urlsplit(address)._replace(scheme="webcal").geturl()
    return {
        "data": {"links": [address], "opening": opening, "qr_svg": _picture(opening)},
        "message": _ONCE,
        "cleared": True,
    }


def _picture(address: str) -> str:
    drawn = BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, nl=False, scale=4, border=4, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode()


async def _feed(call: Call) -> Response:
    """The calendar, or 304 when it is the one that the program has."""
    reading = await _read(call)
    if reading.is_to_journal:
        async with db.transaction() as session:
            await service.journal(session, reading.held)
    tag = mapping.tag(reading.feed)
    headers = {
        **INERT, "Cache-Control": "private, no-cache", "ETag": tag, "X-Robots-Tag": "noindex, nofollow",
        "Content-Disposition": 'inline; filename="medcab.ics"',
    }  # fmt: skip
    touch = BackgroundTask(_touch, reading)
    if _has(call.request, tag):
        return Response(status_code=304, headers=headers, background=touch)
    await http.limit(_WRITINGS, "calendar-writings", str(reading.held.feed.id))
    content = await mapping.in_a_thread(reading.feed)
    return Response(content, headers=headers, media_type="text/calendar", background=touch)


async def _read(call: Call) -> Reading:
    try:
        async with db.reading() as session:
            return await service.read(session, call.request.path_params["secret"])
    except NoLink:
        await http.limit(_MISSES, "calendar-misses", call.ip)
        raise


async def _touch(reading: Reading) -> None:
    """After the answer has gone: who reads does not wait for it."""
    if service.is_touch_due(reading.held.feed):
        async with db.transaction() as session:
            await service.touch(session, reading.held.feed.id)


def _has(request: Request, tag: str) -> bool:
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag in known or "*" in known


routes = [Route(f"{PREFIX}/{{secret}}.ics", answering(_feed, _READINGS, "calendars"), methods=["GET"])]
