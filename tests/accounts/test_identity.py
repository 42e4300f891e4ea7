"""Correcting one's own numbers when somebody else is doing the same."""

import asyncio
from datetime import date
from types import NoneType

from medcab import db
from medcab.access import Actor
from medcab.accounts.identity import service
from medcab.accounts.identity.service import CannotSave, Identity
from medcab.errors import MedcabError
from tests.cast import Cast

SNILS, INNS = "16072239447", ("500100732259", "500100732420")


async def _claim(actor: Actor, inn: str) -> type:
    one = Identity(
        family_name="Иванова", given_name="Анна", patronymic="", birth_date=date(1985, 3, 14), snils=SNILS, inn=inn
    )
    try:
        async with db.transaction() as session:
            return type(await service.correct(session, actor, one))
    except MedcabError as refusal:
        return type(refusal)


async def test_of_two_who_claim_one_number_at_once_one_is_refused_in_words(cast: Cast) -> None:
    found = await asyncio.gather(
        *(_claim(actor, inn) for actor, inn in zip((cast.doctor, cast.head), INNS, strict=True))
    )
    assert sorted(found, key=str) == sorted([NoneType, CannotSave], key=str)
