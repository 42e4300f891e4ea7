"""Where somebody stands before there is a session: kept on the server, sealed, found by a cookie of its own.

A flow's token is made when the flow begins, never taken from the browser, so nobody can prepare one for another person.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, jobs
from medcab.accounts.models import Flow, FlowKind
from medcab.errors import Conflict
from medcab.security import tokens

LIFETIME = {
    FlowKind.REGISTRATION: timedelta(hours=1),
    FlowKind.SIGN_IN: timedelta(minutes=15),
    FlowKind.RECOVERY: timedelta(minutes=30),
    FlowKind.CONTACT: timedelta(minutes=30),
}


class FlowEnded(Conflict):
    """The steps were finished, given up, or took too long."""

    message = "Время на эти шаги вышло. Начните сначала."


async def start(
    session: AsyncSession,
    kind: FlowKind,
    data: dict[str, Any],
    *,
    person_id: UUID | None = None,
    token: str | None = None,
) -> tuple[Flow, str]:
    """A new flow and the token that finds it. A `token` given must come from the server (a session's own key)."""
    token = token or tokens.make()
    now = clock.now()
    mine = _fingerprint(kind, token)
    await session.execute(sa.delete(Flow).where(col(Flow.token_hash) == mine))
    flow = Flow(
        token_hash=mine,
        kind=kind,
        person_id=person_id,
        data=_pack(data),
        created_at=now,
        expires_at=now + LIFETIME[kind],
    )
    session.add(flow)
    return flow, token


async def find(
    session: AsyncSession, kind: FlowKind, token: str, *, to_change: bool = True
) -> tuple[Flow, dict[str, Any]]:
    """The living flow behind a token and its data; `FlowEnded` when there is none. Requests of one flow take turns."""
    wanted = select(Flow).where(Flow.token_hash == _fingerprint(kind, token), col(Flow.ended_at).is_(None))
    flow = (await session.exec(wanted.with_for_update() if to_change else wanted)).first()
    if flow is None or flow.expires_at <= clock.now():
        raise FlowEnded
    return flow, json.loads(flow.data)


@jobs.hourly
async def forget_old(session: AsyncSession) -> None:
    """Those that nobody can go on with."""
    await session.execute(sa.delete(Flow).where(col(Flow.expires_at) < clock.now() - timedelta(days=1)))


def save(flow: Flow, data: dict[str, Any]) -> None:
    flow.data = _pack(data)


def end(flow: Flow) -> None:
    """No step of it can be taken any more; what was typed is forgotten."""
    flow.ended_at, flow.data = clock.now(), _pack({})


async def end_all(session: AsyncSession, person_id: UUID) -> None:
    """The password or the phone is another: ways in that were begun with the former one, wherever, lead nowhere."""
    begun = sa.update(Flow).where(
        col(Flow.person_id) == person_id, col(Flow.kind).in_((FlowKind.SIGN_IN, FlowKind.RECOVERY)),
        col(Flow.ended_at).is_(None),
    )  # fmt: skip
    await session.execute(
        begun.values(ended_at=clock.now(), data=_pack({})).execution_options(synchronize_session=False)
    )


def _fingerprint(kind: FlowKind, token: str) -> str:
    return tokens.fingerprint(f"{kind.value}:{token}")


def _pack(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)
