"""Correcting who a person is: names, birth date, SNILS, INN. What follows for the professional status is verification's matter."""

from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.models import Person
from medcab.errors import Conflict


class CannotSave(Conflict):
    """The numbers belong to somebody else; that is not said."""

    message = "Сохранить не получилось. Проверьте СНИЛС и ИНН; если всё верно, напишите в поддержку."


@dataclass(frozen=True, kw_only=True)
class Identity:
    """As in the passport; `snils` and `inn` are bare digits."""

    family_name: str
    given_name: str
    patronymic: str
    birth_date: date
    snils: str
    inn: str


async def correct(session: AsyncSession, actor: Actor, identity: Identity) -> Person:
    """Write the corrected identity down; the person."""
    require(actor, Permission.ACCOUNT)
    for field in ("snils", "inn"):
        owner = await queries.person_with(session, **{field: getattr(identity, field)})
        if owner is not None and owner.id != actor.person_id:
            raise CannotSave
    person = await queries.person(session, actor.person_id)
    person.family_name, person.given_name, person.patronymic = (
        identity.family_name,
        identity.given_name,
        identity.patronymic,
    )
    person.birth_date, person.snils, person.inn = identity.birth_date, identity.snils, identity.inn
    person.snils_index, person.inn_index = (
        queries.index_of("snils", identity.snils),
        queries.index_of("inn", identity.inn),
    )
    audit.record(session, actor, Action.IDENTITY_CORRECT, actor.person_id)
    await session.flush()
    return person
