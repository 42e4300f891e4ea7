"""The composition root: builds the application and turns failures into words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import reflex as rx
from reflex.event import EventSpec

from medcab import api, checks, deliveries, frontend, jobs, live, storage, watch
from medcab.accounts import service as accounts
from medcab.accounts.frame.components import framed
from medcab.accounts.frame.state import SECTIONS, Frame, SectionOf
from medcab.api import floods
from medcab.compliance.reminding import service as reminding
from medcab.dashboards.monthly import service as monthly
from medcab.errors import MedcabError, SignInRequired
from medcab.guard import failure, framework
from medcab.guard.middleware import SIGN_IN, Guard
from medcab.live import bus
from medcab.routes import PUBLIC_ROUTES, ROUTES, Route
from medcab.schedule.absences.telling import service as absences_telling
from medcab.schedule.reminders.sending import service as patients_reminding
from medcab.schedule.waiting.offers import service as offers
from medcab.security import asgi, logs
from medcab.settings import get_settings
from medcab.ui.appearance import app_options, not_found_page

PERFORMERS = (deliveries, checks, watch, reminding, patients_reminding, offers, absences_telling, monthly)
"""Importing them registers who carries out the messages of the outbox."""
log = logging.getLogger(__name__)
settings = get_settings()
TITLE = "Личный кабинет медицинского работника"


def show_error(exception: Exception) -> EventSpec:
    """Show a refusal to the person who met it; hand a bug to the log."""
    match exception:
        case SignInRequired():
            return rx.redirect(SIGN_IN, replace=True)
        case MedcabError():
            return failure(exception.message)
        case _:
            log.error("a handler failed", exc_info=exception)
            return failure("Что-то сломалось на нашей стороне. Введённое сохранено, попробуйте ещё раз.")


@asynccontextmanager
async def at_work() -> AsyncIterator[None]:
    """Hear the other workers and carry out the outbox while the server runs; first remove what a killed one left in clear."""
    await asyncio.to_thread(storage.sweep)
    async with _among_others(), jobs.running(settings):
        yield


@asynccontextmanager
async def _among_others() -> AsyncIterator[None]:
    if not settings.redis_url:
        yield
        return
    async with bus.running(settings.redis_url, heard=live.heard, missed=live.missed) as tell:
        with live.telling(tell):
            yield
    await floods.close()


def _show_demo() -> None:
    """Put the demo's accounts on the sign-in page."""
    from medcab.demo.accounts import DEMO_ACCOUNTS

    shown = [
        {
            "label": f"{one.name}, {one.role_title}",
            "note": one.note,
            "fill": {"login": one.login, "password": one.password},
        }
        for one in DEMO_ACCOUNTS
    ]
    api.session.hints.append(lambda: {"inbox": settings.sandbox_url, "demo": shown})


def _protected(inner: asgi.ASGI) -> asgi.ASGI:
    """The wrappers around everything, from the inside out."""
    policy = asgi.content_policy(frontend.client_dir(), settings.origins)
    guarded = asgi.SocketToken(inner, settings.origins)
    dressed = asgi.SecurityHeaders(asgi.BodyLimit(guarded, api.BODY_LIMITS), policy, https=settings.is_https)
    return asgi.KnownHost(dressed, settings.origins)


def _in_frame(route: Route) -> rx.Component:
    return framed(route.title, route.page(), path=route.section or route.path)


def build() -> rx.App:
    """The whole application. Pages are given as functions: only a build of the front end draws them, a server starts without."""
    logs.configure()
    if settings.mode == "demo":
        _show_demo()
    made = rx.App(
        backend_exception_handler=show_error, api_transformer=[api.application(), _protected], **app_options()
    )
    framework.heed_only_messages(made)
    alone = not settings.redis_url
    made.add_middleware(Guard(cookie=api.SESSION_COOKIE, resolve=accounts.actor_for, keeps_left=alone))
    made.register_lifespan_task(at_work)
    live.deliver_with(lambda tab, refresh: framework.push(made, tab, refresh))
    SECTIONS[:] = [SectionOf(r.title, r.short or r.title, r.path, r.icon, r.permission) for r in ROUTES if r.icon]
    for route in ROUTES:
        made.add_page(
            partial(_in_frame, route),
            route=route.path, title=f"{route.title} · {TITLE}", on_load=[Frame.load, *(route.on_load if isinstance(route.on_load, list) else [route.on_load])],
        )  # fmt: skip
    for page in PUBLIC_ROUTES:
        unlisted = [{"name": "robots", "content": "noindex, nofollow"}] if page.is_unlisted else []
        made.add_page(page.page, route=page.path, title=f"{page.title} · {TITLE}", meta=unlisted)
    made.add_page(not_found_page, route="404", title=f"Такой страницы нет · {TITLE}")
    return made


app = build()
