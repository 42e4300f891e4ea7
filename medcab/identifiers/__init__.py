"""Numbers, names and addresses that identify: read from what a person typed, checked, and shown.

Each module has `parse(text)`, which gives the one form that is kept or raises `Invalid` with a sentence that says what is wrong
and how to put it right, `formatted(value)` to show it, and `masked(value)` where it is personal. All of it is pure.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from medcab.errors import Invalid
from medcab.identifiers import birth_date, email, enp, icd10, inn, licence, ogrn, okpd2, person_name, phone, snils

Parser = Callable[[str], object]

PARSERS: dict[str, Parser] = {
    "snils": snils.parse,
    "inn": inn.parse,
    "organisation_inn": inn.parse_organisation,
    "ogrn": ogrn.parse,
    "policy": enp.parse,
    "phone": phone.parse,
    "mobile": phone.parse_mobile,
    "email": email.parse,
    "licence": licence.parse,
    "okpd2": okpd2.parse,
    "diagnosis": icd10.parse,
    "family_name": person_name.parse_family,
    "given_name": person_name.parse_given,
    "patronymic": person_name.parse_patronymic,
}
"""Kind of field to its parser. A birth date needs to know the day: `parsers(today)` has it too."""


def parsers(today: date) -> dict[str, Parser]:
    """All of `PARSERS`, and `birth_date` of a worker as seen today."""
    return {**PARSERS, "birth_date": partial(birth_date.parse, today=today)}


def problem(kind: str, text: str, *, today: date) -> str:
    """The sentence to show at one field while it is typed; empty when all is well."""
    try:
        parsers(today)[kind](text)
    except Invalid as refusal:
        return refusal.message
    return ""


def parse_form(given: Mapping[str, str], *, today: date, kinds: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All fields of a form at once, by name; `Invalid` with a sentence for each that is wrong.

    A field is of the kind of its own name unless `kinds` says otherwise: `{"phone": "mobile"}`.
    """
    known, values, errors = parsers(today), {}, {}
    for field, text in given.items():
        try:
            values[field] = known[(kinds or {}).get(field, field)](text)
        except Invalid as refusal:
            errors[field] = refusal.message
    if errors:
        raise Invalid.many(errors)
    return values
