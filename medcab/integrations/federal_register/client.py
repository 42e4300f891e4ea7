"""Asking the federal register about one person.

Outages, garbage and answers about somebody else are `errors.Unavailable`: the check is postponed, never
passed. A refusal with a code and "no answer yet" are answers, so they are values.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from medcab.identifiers.sameness import plain_licence
from medcab.integrations.channel import Distrusted, Outage, Reply, SignedChannel
from medcab.integrations.federal_register.batch import Answered, Refused, sorted_out
from medcab.integrations.federal_register.mapping import (
    FullAnswer,
    LicenceAnswer,
    LicencePayload,
    LicencesAnswer,
    PartAnswer,
    PeopleAnswer,
    PersonAnswer,
    PersonPayload,
    RefusalAnswer,
    to_record,
)
from medcab.verification.rules import Code, Item

_DEFAULT_RETRY_AFTER = 60


@dataclass(frozen=True, slots=True)
class NotYet:
    """The register has taken the question and will have the answer later; `retry_after` is in seconds."""

    retry_after: int


Answer = Answered | Refused | NotYet

# What has to be read to check an item. A licence is compared with the employers, so the cards are read too.
_PARTS: Mapping[Item, frozenset[str]] = {
    Item.EMPLOYMENT: frozenset({"card"}),
    Item.LICENCE: frozenset({"card"}),
    Item.DIPLOMA: frozenset({"prof"}),
    Item.CERTIFICATE: frozenset({"cert"}),
    Item.ACCREDITATION: frozenset({"accreditation"}),
}
_EVERY_PART = ("card", "prof", "cert", "accreditation")

Payload = TypeVar("Payload", bound=BaseModel)


class _Stopped(Exception):
    """The register's answer to one of the questions ends the whole check."""

    def __init__(self, answer: Refused | NotYet) -> None:
        self.answer = answer


class RegisterClient:
    """`async with RegisterClient(url, key) as register: await register.ask(...)`.

    `url`: base address; `key`: the shared secret; `timeout` in seconds for each request, of which at most
    `attempts` are made for a question that meets an outage; `max_wait` is the longest pause between them.
    """

    def __init__(
        self,
        url: str,
        key: bytes,
        *,
        timeout: float = 10.0,
        attempts: int = 3,
        max_wait: float = 2.0,
        max_bytes: int = 1_000_000,
    ) -> None:
        self._channel = SignedChannel(url, key, timeout=timeout, max_bytes=max_bytes)
        self._attempts = attempts
        self._max_wait = max_wait

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def ask(
        self, snils: str, *, items: Collection[Item] | None = None, licence_numbers: Collection[str] = ()
    ) -> Answer:
        """What the register holds about the person with this SNILS (11 digits), read as far as `items` need
        (None: all).

        Licences that do not exist are simply not in the record. Raises `errors.Unavailable`.
        """
        try:
            person = (await self._read("frmr.person", "/frmr/person", PersonAnswer, {"snils": snils})).person
            if person.snils != snils:
                raise Distrusted from ValueError("an answer about another person")
            full = await self._parts(person, frozenset(Item) if items is None else frozenset(items))
            licences = [await self._licence(number) for number in licence_numbers]
        except _Stopped as stopped:
            return stopped.answer
        return Answered(to_record(full, tuple(licence for licence in licences if licence)))

    async def ask_many(
        self, licences_of: Mapping[str, Collection[str]]
    ) -> dict[str, Answered | Refused | None] | NotYet:
        """Whole records of at most 100 people by SNILS, with the licences of these numbers; None: an answer that cannot be trusted.

        Raises `errors.Unavailable` when nothing at all can be.
        """
        numbers = sorted({plain_licence(number) for given in licences_of.values() for number in given})
        try:
            people = await self._read_many("frmr.people", "/frmr/people", PeopleAnswer, {"snils": sorted(licences_of)})
            licences = await self._read_many("frmr.licences", "/frmr/licences", LicencesAnswer, {"numbers": numbers})
        except _Stopped as stopped:
            if isinstance(stopped.answer, NotYet):
                return stopped.answer
            raise Distrusted from ValueError("several people refused as one")
        if not {plain_licence(str(each.get("number"))) for each in licences.licences} <= set(numbers):
            raise Distrusted from ValueError("an answer about another licence")
        return sorted_out(people, licences, licences_of)

    async def _parts(self, person: PersonPayload, items: frozenset[Item]) -> FullAnswer:
        parts = sorted(frozenset().union(*(_PARTS.get(item, frozenset()) for item in items)))
        path = f"/frmr/person/{quote(person.oid, safe='.')}"
        if len(parts) == len(_EVERY_PART):
            full = await self._read("frmr.full", f"{path}/full", FullAnswer)
            if full.person != person:
                raise Distrusted from ValueError("an answer about another person")
            return full
        lists = {part: await self._part(part, path, person) for part in parts}
        return FullAnswer.model_construct(None, person=person, **{part: lists.get(part, []) for part in _EVERY_PART})

    async def _part(self, part: str, path: str, person: PersonPayload) -> list[BaseModel]:
        answer = await self._read(f"frmr.{part}", f"{path}/{part}", PartAnswer)
        if (answer.person.oid, answer.person.snils) != (person.oid, person.snils):
            raise Distrusted from ValueError("an answer about another person")
        rows = getattr(answer, part)
        if rows is None:
            raise Distrusted from ValueError(f"no {part} in the answer")
        return rows

    async def _licence(self, number: str) -> LicencePayload | None:
        wanted = plain_licence(number)
        try:
            answer = await self._read("frmr.licence", "/frmr/licence", LicenceAnswer, {"number": wanted})
        except _Stopped as stopped:
            if stopped.answer == Refused(Code.LICENCE_NOT_FOUND):
                return None
            raise
        if plain_licence(answer.licence.number) != wanted:
            raise Distrusted from ValueError("an answer about another licence")
        return answer.licence

    async def _read(
        self, operation: str, path: str, shape: type[Payload], params: Mapping[str, str] | None = None
    ) -> Payload:
        return _understood(await self._patiently(self._channel.get, path, operation, params), shape)

    async def _read_many(
        self, operation: str, path: str, shape: type[Payload], body: Mapping[str, list[str]]
    ) -> Payload:
        key = str(uuid4())
        asked = await self._patiently(self._channel.post, path, operation, body, idempotency_key=key)
        return _understood(asked, shape)

    async def _patiently(self, ask: Callable[..., Awaitable[Reply]], *about: Any, **more: Any) -> Reply:
        """One question, asked again on an outage: reading twice changes nothing."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_random_exponential(multiplier=0.2, max=self._max_wait),
            retry=retry_if_exception_type(Outage),
            reraise=True,
        )
        return await retrying(ask, *about, **more)


def _understood(reply: Reply, shape: type[Payload]) -> Payload:
    """The answer in the shape that was asked for; a refusal or "not yet" stops the check."""
    try:
        if reply.status == HTTPStatus.OK:
            return shape.model_validate(reply.body)
        if reply.status == HTTPStatus.ACCEPTED:
            raise _Stopped(NotYet(reply.retry_after or _DEFAULT_RETRY_AFTER))
        if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise _Stopped(Refused(Code(RefusalAnswer.model_validate(reply.body).code)))
    except (ValidationError, ValueError) as problem:
        raise Distrusted from problem
    raise Distrusted from ValueError(f"status {reply.status}")
