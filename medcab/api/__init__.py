"""The HTTP doors: JSON for the forms that must not pass through Reflex state, and files.

`application()` is mounted beside the pages; every route stands in `routes`.
"""

from starlette.applications import Starlette
from starlette.routing import Route

from medcab.api import (
    account,
    away,
    calendars,
    cookies,
    files,
    identity,
    money,
    papers,
    recovery,
    registration,
    rotas,
    session,
    sheets,
    staff,
    stills,
    supervision,
    verification,
    visits,
)  # fmt: skip
from medcab.api.http import form_route

_ROOMS = (
    session.doors, registration.doors, recovery.doors, account.doors, verification.doors, papers.doors, staff.doors,
    identity.doors, visits.doors, calendars.doors,
)  # fmt: skip

routes: list[Route] = [
    form_route(*_ROOMS),
    *(route for room in _ROOMS for route in room.routes),
    *files.routes,
    *supervision.routes,
    *sheets.routes,
    *rotas.routes,
    *money.routes,
    *stills.routes,
    *calendars.routes,
    *away.routes,
]
BODY_LIMITS: dict[str, int] = {
    files.PREFIX: files.LARGEST_BODY, sheets.PREFIX: sheets.LARGEST_BODY, rotas.PREFIX: rotas.LARGEST_BODY, stills.PREFIX: stills.LARGEST_BODY,
    away.PREFIX: away.LARGEST_BODY, money.PREFIX: money.LARGEST_BODY,
}  # fmt: skip
"""Paths that take more than a form's 64 KiB, in bytes."""
SESSION_COOKIE = cookies.name_of(cookies.SESSION)


def application() -> Starlette:
    """All routes as one application."""
    return Starlette(routes=routes)
