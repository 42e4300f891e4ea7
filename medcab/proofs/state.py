"""«Подтверждение личности»: how it stands, and which ways led nowhere."""

from typing import TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission
from medcab.accounts import queries as accounts
from medcab.guard import reading, requires, watch
from medcab.proofs.bank import service as bank
from medcab.proofs.models import Way
from medcab.proofs.queries import earlier_proof, proof_of
from medcab.proofs.service import topic
from medcab.proofs.video import queries as video
from medcab.settings import get_settings
from medcab.ui import formats

_WAYS = {Way.BANK: "через банк", Way.VIDEO: "по видеосвязи"}
_WHY = "Подтвердите, что кабинет ваш: так никто другой не получит его, представившись вами."
_LAPSED = "Ваши личные данные изменились после подтверждения. Подтвердите личность ещё раз."


class Refusal(TypedDict):
    """A way that led nowhere: when, and why."""

    key: str
    at: str
    why: str


class IdentityState(rx.State):
    """How the person's identity is proved."""

    ready: bool = False
    is_proved: bool = False
    sentence: str = ""
    has_bank: bool = False
    has_video: bool = False
    video: str = ""
    """When the operator will call; empty: no call is arranged."""
    is_required: bool = False
    refusals: list[Refusal] = []

    @rx.event
    @requires(Permission.ACCOUNT)
    async def load(self):
        """Show it, and keep it shown as it becomes."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)
            watch(self, {topic(actor.person_id): IdentityState.refresh})

    @rx.event
    @requires(Permission.ACCOUNT)
    async def refresh(self):
        """Somebody or something has decided."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        person = await accounts.person(session, actor.person_id)
        proof = await proof_of(session, person)
        self.is_proved = proof is not None
        if proof:
            self.sentence = f"Подтверждена {_WAYS[proof.way]} {formats.day_words(proof.proved_at.astimezone(clock.MOSCOW).date(), year=True)}."
        else:
            self.sentence = _LAPSED if await earlier_proof(session, person) else _WHY
        settings = get_settings()
        self.has_bank, self.is_required = bool(settings.bank), settings.identity_proof_required
        self.refusals = [] if proof else await _refusals(session, person.id)
        arranged = await video.open_of(session, person.id)
        self.video = formats.moment(arranged.starts_at) if arranged else ""
        self.has_video = bool(
            arranged or await video.weeks(session, (await video.operators_for(session, [person.id]))[person.id])
        )
        self.ready = True


async def _refusals(session: AsyncSession, person_id: UUID) -> list[Refusal]:
    """Of all ways, newest first."""
    ways = [(one.began_at, one.id, one.refusal) for one in await bank.refused(session, person_id)]
    ways += [(one.starts_at, one.id, one.told) for one in await video.last_of(session, person_id)]
    return [{"key": str(key), "at": formats.moment(at), "why": why} for at, key, why in sorted(ways, reverse=True)]
