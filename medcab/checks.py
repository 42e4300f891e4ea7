"""Carrying out the check of a worker's status: ask the federal register, hand its answer to verification.

Whatever the register does (silent, slow, garbage, about somebody else), nobody is activated without its clear yes, and no question is lost.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from medcab import clock, db, jobs
from medcab.errors import Unavailable
from medcab.integrations.federal_register.client import Answered, NotYet, Refused, RegisterClient
from medcab.settings import get_settings
from medcab.verification.checking import service as checking
from medcab.verification.checking.service import Question
from medcab.verification.rules import Finding, Item, compare, refused


@jobs.performer(checking.CHECK)
async def check(_key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """`{"case_id", "version"}`: one try to have the open question of this sending answered."""
    case_id, version = UUID(payload["case_id"]), payload["version"]
    async with db.reading() as session:
        asked = await checking.question(session, case_id=case_id, version=version)
    if asked is None:
        return None
    try:
        answer = await _ask(asked)
    except Unavailable:
        async with db.transaction() as session:
            await checking.postpone(session, asked, until=None)
        raise
    if isinstance(answer, NotYet):
        until = clock.now() + timedelta(seconds=answer.retry_after)
        async with db.transaction() as session:
            await checking.postpone(session, asked, until=until)
        return jobs.Later(answer.retry_after)
    async with db.transaction() as session:
        await checking.accept(session, asked, _findings(asked, answer), outcome=_outcome(answer))
    return None


async def _ask(asked: Question) -> Answered | Refused | NotYet:
    settings = get_settings()
    key = bytes.fromhex(settings.register_key.get_secret_value())
    licences = [paper.number for paper in asked.claim.of(Item.LICENCE)]
    async with RegisterClient(settings.register_url or settings.sandbox_url, key) as register:
        return await register.ask(
            asked.claim.snils, items=asked.items, licence_numbers=licences if Item.LICENCE in asked.items else ()
        )


def _findings(asked: Question, answer: Answered | Refused) -> dict[Item, Finding]:
    if isinstance(answer, Refused):
        return refused(answer.code, asked.claim, asked.items)
    return compare(asked.claim, answer.record, today=clock.today(), items=asked.items)


def _outcome(answer: Answered | Refused) -> str:
    return "answered" if isinstance(answer, Answered) else answer.code.value[:40]
