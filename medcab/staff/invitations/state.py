"""«Пригласить» for the administrator, and «Приглашение» for whoever is invited."""

from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.errors import MedcabError
from medcab.guard import actor, reading, requires
from medcab.staff.invitations import service
from medcab.staff.state import closed_to
from medcab.ui import formats


class OfferRow(TypedDict):
    """What the person is asked to agree to."""

    id: str
    clinic: str
    place: str
    since: str
    until: str


def offer_row(one: service.Offer) -> OfferRow:
    return {
        "id": str(one.id), "clinic": one.clinic, "place": one.place, "until": formats.moment(one.expires_at),
        "since": formats.day(one.since) if one.since else "со дня, когда вы согласитесь",
    }  # fmt: skip


class InviteState(rx.State):
    """Whether the form is open to this person; it speaks plain HTTP itself."""

    closed: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Say why it is closed to whom it is."""
        self.closed = closed_to(actor())


class InvitationState(rx.State):
    """What waits for the person's answer; opening a link changes nothing."""

    ready: bool = False
    refusal: str = ""
    rows: list[OfferRow] = []

    @rx.event
    @requires(Permission.ACCOUNT)
    async def load(self):
        """By the link of the address, or everything offered to the person's own address."""
        token = self.router.url.query_parameters.get("key", "")
        async with reading(self) as (session, who):
            self.rows, self.refusal = await _found(session, who, token)
        self.ready = True


async def _found(session: AsyncSession, who: Actor, token: str) -> tuple[list[OfferRow], str]:
    """A link that leads nowhere is told on the page itself, where the person can read it twice."""
    if not token:
        return [offer_row(one) for one in await service.offered(session, who)], ""
    try:
        return [offer_row(await service.behind(session, who, token=token))], ""
    except MedcabError as refusal:
        return [], refusal.message
