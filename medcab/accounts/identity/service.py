"""Correcting who a person is: names, birth date, SNILS, INN. What follows for the professional status is verification's matter."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.throttle import service as throttle
from medcab.errors import Conflict, MedcabError, TooMany


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


async def correct(session: AsyncSession, actor: Actor, identity: Identity) -> MedcabError | None:
    """Write the corrected identity down; a refusal is returned, because its try must be counted.

    Whoever may try number after number learns which are registered here: each new number is a try, whatever comes of it.
    """
    require(actor, Permission.ACCOUNT)
    person = await queries.person(session, actor.person_id)
    if (identity.snils, identity.inn) != (person.snils, person.inn):
        held = await throttle.attempt(session, f"identity:{person.id}")
        refusal = TooMany(retry_after=held.retry_after) if held else await _taken(session, actor, identity)
        if refusal:
            audit.record(session, actor, Action.IDENTITY_CORRECT, actor.person_id, outcome="refused")
            return refusal
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
    try:
        await session.flush()
    except IntegrityError as taken_meanwhile:
        raise CannotSave from taken_meanwhile
    return None


async def _taken(session: AsyncSession, actor: Actor, identity: Identity) -> CannotSave | None:
    for field in ("snils", "inn"):
        owner = await queries.person_with(session, **{field: getattr(identity, field)})
        if owner is not None and owner.id != actor.person_id:
            return CannotSave()
    return None
