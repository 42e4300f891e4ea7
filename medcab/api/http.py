"""The one HTTP door of the cabinet: what every JSON request passes before a service is asked, and how every answer leaves.

Cookies are `__Host-…`, Secure, HttpOnly and SameSite=Strict. Strict costs nothing here: pages are static files, and what needs the cookie
(the socket, these routes) is always called by our own page, so a link from a letter still finds its reader signed in. On plain-http
localhost outside production browsers refuse Secure, so the names lose their prefix there.

A form's token is an HMAC over the browser's own cookie (the session's, or before it the visit's), so it changes with the session.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

from limits import RateLimitItem, parse
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab import audit, db
from medcab.access import Action, Actor
from medcab.accounts import service as accounts
from medcab.api import bodies, cookies, floods
from medcab.errors import (
    Conflict,
    Forbidden,
    Invalid,
    MedcabError,
    NotFound,
    SignInRequired,
    StepUpRequired,
    TooMany,
    Unavailable,
)  # fmt: skip
from medcab.security import tokens
from medcab.security.addresses import address_of, network_of
from medcab.settings import get_settings

STATUS: dict[type[MedcabError], int] = {
    SignInRequired: 401, Forbidden: 403, NotFound: 404, Conflict: 409, Invalid: 422, TooMany: 429, Unavailable: 503,
    bodies.TooLarge: 413,
}  # fmt: skip
CONFIRM_PAGE = "/security/confirm"
EVERY_REQUEST = parse("1200/minute")
"""From one address: a whole clinic may stand behind it."""
_REFUSALS = parse("30/minute")

_LOCAL_PATH = re.compile(r"/(?!/)[\w\-./?=&%]*")


class NotOurPage(Forbidden):
    """The request did not come from a page of this cabinet, or its token is stale."""

    message = "Страница устарела. Обновите её и попробуйте ещё раз."


@dataclass
class Call:
    """One request: who asks, from where, with which cookies; and the cookies to set on its answer."""

    request: Request
    ip: str
    jar: cookies.Jar = field(init=False)
    headers: dict[str, str] = field(default_factory=dict)
    """More headers for the answer."""

    def __post_init__(self) -> None:
        self.jar = cookies.Jar(self.request.cookies)

    @property
    def user_agent(self) -> str:
        return self.request.headers.get("user-agent", "")

    @property
    def network(self) -> str:
        """What one visitor holds: an IPv4 address, or the /64 of an IPv6 one."""
        return network_of(self.ip)

    @property
    def session_token(self) -> str:
        return self.jar.get(cookies.SESSION)

    async def actor(self) -> Actor | None:
        """Whoever is signed in."""
        if not self.session_token:
            return None
        async with db.reading() as session:
            return await accounts.actor_for(session, self.session_token)

    async def signed_in(self) -> Actor:
        """Whoever is signed in, or `SignInRequired`."""
        found = await self.actor()
        if found is None:
            raise SignInRequired
        return found

    def csrf(self) -> str:
        """The token for this browser's forms; gives it a visit cookie when it has none."""
        bound = self.session_token or self.jar.get(cookies.VISIT)
        if not bound:
            bound = tokens.make()
            self.jar.set(cookies.VISIT, bound)
        return tokens.csrf(bound)


Answer = dict[str, Any]
Body = TypeVar("Body", bound=BaseModel)
Get = Callable[[Call], Awaitable[Answer]]
Post = Callable[[Call, Any], Awaitable[Answer]]


class Doors:
    """The routes of one module, each behind the same checks::

    doors = Doors()

    @doors.post("/auth/sign-in", SignIn, limit="30/minute")
    async def sign_in(call: Call, body: SignIn) -> Answer: ...
    """

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.forms: dict[str, Get] = {}

    def post(self, path: str, body: type[Body], *, limit: str = "60/minute") -> Callable[[Post], Post]:
        """A change: exact Origin, form token, `limit` per address and route, a body of exactly these types."""
        ceiling = parse(limit)

        def mount(handler: Post) -> Post:
            async def endpoint(request: Request) -> Response:
                return await _answer(request, lambda call: _changing(call, handler, body, ceiling, path))

            self.routes.append(Route(path, endpoint, methods=["POST"]))
            return handler

        return mount

    def form(self, name: str) -> Callable[[Get], Get]:
        """What `GET /auth/form/<name>` answers: `{"values", "data"}` or `{"next"}`; the token is added to it."""

        def mount(handler: Get) -> Get:
            self.forms[name] = handler
            return handler

        return mount


def form_route(*rooms: Doors) -> Route:
    """`GET /auth/form/{name}` for every form of these modules."""
    forms = {name: handler for room in rooms for name, handler in room.forms.items()}

    async def endpoint(request: Request) -> Response:
        async def show(call: Call) -> Answer:
            handler = forms.get(request.path_params["name"])
            if handler is None:
                raise NotFound
            return {"values": {}, "data": {}, **await handler(call), "csrf": call.csrf()}

        return await _answer(request, show)

    return Route("/auth/form/{name}", endpoint, methods=["GET"])


def from_our_page(request: Request) -> None:
    """Raise `NotOurPage` unless Origin is exactly ours and the form's token belongs to this browser."""
    jar = cookies.Jar(request.cookies)
    bound = jar.get(cookies.SESSION) or jar.get(cookies.VISIT)
    if request.headers.get("origin") not in get_settings().origins:
        raise NotOurPage
    if not tokens.csrf_holds(request.headers.get("x-csrf-token", ""), bound):
        raise NotOurPage


async def limit(ceiling: RateLimitItem, name: str, ip: str) -> None:
    """Count one request of `name` from the address; `TooMany` over the ceiling."""
    if seconds := await floods.wait(ceiling, name, network_of(ip)):
        raise TooMany(retry_after=seconds)


def client_ip(request: Request) -> str:
    """The browser's address: the socket's, or what the outermost trusted proxy saw."""
    return address_of(request.scope)


T = TypeVar("T")


def settled(answer: T | MedcabError) -> T:
    """The answer of a service whose refusals had to be committed; raises the refusal now."""
    if isinstance(answer, MedcabError):
        raise answer
    return answer


def local_path(text: str) -> str:
    """A path of this cabinet to go on to; empty for anything that could lead elsewhere."""
    return text if _LOCAL_PATH.fullmatch(text) else ""


async def _changing(call: Call, handler: Post, body: type[BaseModel], ceiling: RateLimitItem, path: str) -> Answer:
    await require_our_page(call, path)
    await limit(ceiling, path, call.ip)
    return await handler(call, await bodies.read(call.request, body))


async def require_our_page(call: Call, path: str) -> None:
    """Raise `NotOurPage` for whoever asks from elsewhere, with a line in the journal."""
    try:
        from_our_page(call.request)
    except NotOurPage:
        await _record_refusal(call, path)
        raise


async def _record_refusal(call: Call, path: str) -> None:
    if await floods.wait(_REFUSALS, "refusals", call.network):
        return  # a flood must not fill the journal
    actor = await call.actor()
    async with db.transaction() as session:
        audit.record(
            session,
            actor,
            Action.REQUEST_REFUSED,
            path,
            outcome="refused",
            origin=call.request.headers.get("origin", "")[:100],
        )


async def _answer(request: Request, act: Callable[[Call], Awaitable[Answer]]) -> Response:
    """Run one request; a refusal becomes a sentence, cookies leave with success and refusal alike."""
    call = Call(request, client_ip(request))
    audit.origin.set(audit.Origin(ip=call.ip, user_agent=call.user_agent, request_id=uuid4().hex))
    try:
        await limit(EVERY_REQUEST, "http", call.ip)
        response = JSONResponse(await act(call))
    except MedcabError as refusal:
        response = refused(refusal, request)
    call.jar.write(response)
    response.headers.update(call.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def confirm_page(request: Request) -> str:
    """Where the second factor is shown again, and from there back to the page that asked."""
    came_from = local_path(urlsplit(request.headers.get("referer", "")).path)
    return f"{CONFIRM_PAGE}?next={quote(came_from)}" if came_from else CONFIRM_PAGE


def gone_on_to(request: Request) -> str:
    """Where the page that asks was told to lead next (its `?next=`); empty when nowhere."""
    query = parse_qs(urlsplit(request.headers.get("referer", "")).query)
    return local_path(query.get("next", [""])[0])


def refused(refusal: MedcabError, request: Request) -> JSONResponse:
    """The answer to a request that may not, cannot, or not yet."""
    status = next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 400)
    body: Answer = {"errors": refusal.errors, "message": "" if refusal.errors else refusal.message}
    if isinstance(refusal, StepUpRequired):
        body |= {"data": {"step_up": True}, "next": confirm_page(request)}
    headers = {}
    if isinstance(refusal, TooMany):
        body["retry_after"] = refusal.retry_after
        headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, NotOurPage):
        del body["errors"]
    return JSONResponse(body, status, headers)
