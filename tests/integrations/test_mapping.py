"""The register's JSON and our dataclasses are two spellings of one thing; anything else is refused."""

import copy
import json
from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from medcab.integrations.federal_register.mapping import (
    FullAnswer,
    LicencePayload,
    licence_payloads,
    to_payload,
    to_record,
)
from medcab.verification.rules import Card, Item, Person, RegisteredDocument, RegisterRecord, Status
from tests.verification.people import doctor, held

TEXT = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)
OPTIONAL = st.just("") | TEXT
DAYS = st.dates(date(1940, 1, 1), date(2040, 1, 1))
STATUSES = {
    Item.DIPLOMA: [Status.VALID, Status.EXCLUDED],
    Item.CERTIFICATE: [Status.VALID, Status.EXCLUDED],
    Item.ACCREDITATION: list(Status),
    Item.LICENCE: [Status.VALID, Status.EXCLUDED],
}


@st.composite
def papers(draw: st.DrawFn, item: Item) -> RegisteredDocument:
    licence, diploma = item is Item.LICENCE, item is Item.DIPLOMA
    return RegisteredDocument(
        item=item,
        number=draw(TEXT),
        issued=draw(DAYS),
        series="" if licence else draw(OPTIONAL),
        registry_number=draw(OPTIONAL) if item is Item.ACCREDITATION else "",
        ends=None if diploma else draw(st.none() | DAYS),
        speciality="" if licence else draw(TEXT),
        issuer=draw(OPTIONAL),
        holder_oid=draw(TEXT) if licence else "",
        status=draw(st.sampled_from(STATUSES[item])),
    )


@st.composite
def records(draw: st.DrawFn) -> RegisterRecord:
    kinds = [Item.DIPLOMA, Item.CERTIFICATE, Item.ACCREDITATION, Item.LICENCE]
    documents = [draw(st.lists(papers(kind), max_size=2)) for kind in kinds]
    person = st.builds(
        Person,
        oid=TEXT,
        snils=st.text("0123456789", min_size=11, max_size=11),
        last_name=TEXT,
        first_name=TEXT,
        patronymic=OPTIONAL,
        birth_date=DAYS,
        inn=OPTIONAL,
        register_number=OPTIONAL,
    )
    card = st.builds(
        Card,
        organisation_oid=TEXT,
        organisation=OPTIONAL,
        post=TEXT,
        begins=DAYS,
        ends=st.none() | DAYS,
        department=OPTIONAL,
        rate=st.sampled_from([0.25, 0.5, 1.0, 1.5]),
    )
    cards = tuple(draw(st.lists(card, max_size=3)))
    return RegisterRecord(person=draw(person), cards=cards, documents=tuple(chain.from_iterable(documents)))


@given(records())
def test_there_and_back_again_is_the_same(record: RegisterRecord) -> None:
    wire = json.loads(json.dumps({"full": to_payload(record), "licences": licence_payloads(record)}))
    licences = tuple(LicencePayload.model_validate(each) for each in wire["licences"])
    assert to_record(FullAnswer.model_validate(wire["full"]), licences) == record


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [at, *(path for key, each in inner for path in paths(each, (*at, key)))]
    return [at]


WHOLE = to_payload(held(doctor()))


@pytest.mark.parametrize("path", paths(WHOLE), ids=lambda path: ".".join(map(str, path)) or "whole")
@pytest.mark.parametrize("garbage", [[[]], {"$gt": ""}, 1e300, True])
def test_garbage_in_any_field_is_refused_or_read_as_it_is(path: tuple[Any, ...], garbage: object) -> None:
    """Nothing of the wrong kind passes as empty or as the right value."""
    broken = copy.deepcopy({"root": WHOLE})
    *way, last = ("root", *path)
    spot: Any = broken
    for key in way:
        spot = spot[key]
    if type(spot[last]) is type(garbage):
        return
    spot[last] = garbage
    with pytest.raises(ValidationError):
        FullAnswer.model_validate(broken["root"])


@pytest.mark.parametrize("day", ["22.11.2026", "2026-13-01", "2026-11-22T00:00:00", "20261122", "", 0, 1_700_000_000])
def test_a_date_has_one_spelling(day: object) -> None:
    broken = copy.deepcopy(WHOLE)
    broken["person"]["birthDate"] = day
    with pytest.raises(ValidationError):
        FullAnswer.model_validate(broken)


@pytest.mark.parametrize("part", ["person", "card", "prof", "cert", "accreditation"])
def test_a_missing_part_is_not_an_empty_one(part: str) -> None:
    with pytest.raises(ValidationError):
        FullAnswer.model_validate({name: value for name, value in WHOLE.items() if name != part})
