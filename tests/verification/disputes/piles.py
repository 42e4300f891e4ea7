"""What the operators' desk shows."""

from uuid import UUID

from medcab import db
from medcab.access import Actor
from medcab.verification.disputes.desk import queries as piles
from medcab.verification.disputes.desk.queries import Pile

BECAUSE = "Скан совпадает с тем, что указано."


async def queue(actor: Actor, pile: Pile = Pile.WAITING) -> list[UUID]:
    async with db.reading() as session:
        return [place.dispute.id for place in (await piles.queue(session, actor, pile, 1)).places]
