"""The register's answer about several people, told apart: one bad answer spoils no other."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from medcab.identifiers.sameness import plain_licence
from medcab.integrations.federal_register.mapping import (
    FullAnswer,
    LicencePayload,
    LicencesAnswer,
    PeopleAnswer,
    RefusalAnswer,
    to_record,
)
from medcab.verification.rules import Code, RegisterRecord


@dataclass(frozen=True, slots=True)
class Answered:
    """The register knows the person. The record holds the parts that were asked for."""

    record: RegisterRecord


@dataclass(frozen=True, slots=True)
class Refused:
    """The register refuses with a reason; `REFUSALS[code]` says who mends it."""

    code: Code


def sorted_out(
    people: PeopleAnswer, licences: LicencesAnswer, licences_of: Mapping[str, Collection[str]]
) -> dict[str, Answered | Refused | None]:
    """What was said of each SNILS asked about. None: nothing, the wrong shape, or two things at once."""
    known = {plain_licence(str(each.get("number"))): _licence(each) for each in licences.licences}
    said: dict[str, list[dict[str, Any]]] = {snils: [] for snils in licences_of}
    for each in people.people:
        said.get(_about(each), []).append(each)
    return {
        snils: _one(answers[0], [known[n] for n in map(plain_licence, licences_of[snils]) if n in known])
        if len(answers) == 1 else None
        for snils, answers in said.items()
    }  # fmt: skip


def _licence(answer: dict[str, Any]) -> LicencePayload | None:
    try:
        return LicencePayload.model_validate(answer)
    except ValidationError:
        return None


def _about(answer: Mapping[str, Any]) -> str:
    person = answer.get("person")
    snils = person.get("snils") if isinstance(person, dict) else answer.get("snils")
    return snils if isinstance(snils, str) else ""


def _one(answer: dict[str, Any], licences: Collection[LicencePayload | None]) -> Answered | Refused | None:
    """A licence that cannot be understood makes the whole answer one that cannot be trusted: without it, it would be a denied one."""
    try:
        if "person" in answer:
            readable = tuple(each for each in licences if each)
            if len(readable) < len(licences):
                return None
            return Answered(to_record(FullAnswer.model_validate(answer), readable))
        return Refused(Code(RefusalAnswer.model_validate(answer).code))
    except (ValidationError, ValueError):
        return None
