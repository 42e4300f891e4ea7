"""«Уведомления»: the filter and the page live in the address; what is told meanwhile comes by itself."""

from typing import TypedDict
from uuid import UUID

import reflex as rx

from medcab.access import Permission
from medcab.accounts.inbox import service
from medcab.accounts.inbox.models import Notice
from medcab.guard import actor, reading, requires, transaction, watch
from medcab.ui import formats

PATH, UNREAD = "/notices", "unread"


class NoticeRow(TypedDict):
    """One message, ready to draw."""

    id: str
    subject: str
    text: str
    at: str
    exact: str
    href: str
    is_unread: bool


class NoticesState(rx.State):
    """One page of the person's own."""

    ready: bool = False
    rows: list[NoticeRow] = []
    show_only: str = ""
    has_unread: bool = False
    page: int = 1
    pages: int = 1
    counted: str = ""

    @rx.event
    @requires(Permission.ACCOUNT)
    async def load(self):
        """Rebuild the page from the address, and watch from now on."""
        asked = self.router.url.query_parameters
        self.show_only = UNREAD if asked.get("show", "") == UNREAD else ""
        page = asked.get("page", "1")
        self.page = int(page) if page.isdecimal() and len(page) <= len("9999") else 1
        watch(self, {service.topics(actor().person_id)[0]: NoticesState.refresh})
        return NoticesState.refresh

    @rx.event
    @requires(Permission.ACCOUNT)
    async def refresh(self):
        """Read the same page again."""
        async with reading(self) as (session, actor):
            found = await service.listed(session, actor, is_unread=self.show_only == UNREAD, page=self.page)
            self.has_unread = await service.unread(session, actor) > 0
        self.rows = [_row(one) for one in found.rows]
        self.page, self.pages = found.page, found.pages
        self.counted = formats.plural(found.total, "уведомление", "уведомления", "уведомлений")
        self.ready = True

    @rx.event
    @requires(Permission.ACCOUNT)
    async def choose(self, show: str):
        """All, or those that were not read: a new address."""
        return rx.redirect(f"{PATH}?show={UNREAD}" if show == UNREAD else PATH)

    @rx.event
    @requires(Permission.ACCOUNT)
    async def turn(self, page: int):
        """Another page of the same filter."""
        return rx.redirect(f"{PATH}?show={self.show_only}&page={max(page, 1)}")

    @rx.event
    @requires(Permission.ACCOUNT)
    async def read(self, notice_id: str):
        """It was read; where it leads somewhere, go there."""
        async with transaction(self) as (session, actor):
            href = await service.read(session, actor, notice_id=UUID(notice_id))
        return rx.redirect(href) if href else None

    @rx.event
    @requires(Permission.ACCOUNT)
    async def read_all(self):
        """Nothing is unread any more."""
        async with transaction(self) as (session, actor):
            await service.read_all(session, actor)


def _row(one: Notice) -> NoticeRow:
    return {
        "id": str(one.id), "subject": one.subject, "text": one.text, "at": one.told_at.isoformat(), "exact": formats.moment(one.told_at),
        "href": one.href, "is_unread": one.read_at is None,
    }  # fmt: skip
