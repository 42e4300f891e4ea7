"""What is written on a paper, as the form sends it."""

import pytest

from medcab import db
from medcab.documents.models import Document
from medcab.documents.rules import MAX_PAPERS
from tests.api.browser import Browser
from tests.cast import MORNING, Cast

PAPER = {"kind": "accreditation", "number": "7700 012345", "issued_on": "22.11.2021", "specialty": "Кардиология"}


@pytest.mark.parametrize(("field", "longest"), [("series", 20), ("specialty", 160)])
async def test_what_the_database_cannot_hold_is_told_at_its_field(doctor: Browser, field: str, longest: int) -> None:
    """PostgreSQL refuses longer text; SQLite would keep it."""
    fits = await doctor.post("/api/verification/paper", {**PAPER, field: "А" * longest})
    assert fits.status_code == 200, fits.text
    longer = await doctor.post("/api/verification/paper", {**PAPER, field: "А" * (longest + 1)})
    assert longer.status_code == 422
    assert longer.json()["errors"] == {field: "Слишком длинно."}


async def test_what_was_left_empty_is_asked_for(doctor: Browser) -> None:
    answer = await doctor.post("/api/verification/paper", {**PAPER, "number": " ", "issued_on": ""})
    assert answer.json()["errors"] == {"number": "Заполните поле.", "issued_on": "Заполните поле."}


async def test_there_is_an_end_to_papers(doctor: Browser, staff: Cast) -> None:
    """All of them are shown on a page and sent to the register; a correction adds none."""
    async with db.transaction() as session:
        papers = [
            Document(person_id=staff.doctor.person_id, kind="other", number=str(n), created_at=MORNING)
            for n in range(MAX_PAPERS)
        ]
        session.add_all(papers)
        first = str(papers[0].id)
    assert (
        (await doctor.post("/api/verification/paper", PAPER))
        .json()["message"]
        .startswith(f"В кабинете уже {MAX_PAPERS}")
    )
    assert (await doctor.post("/api/verification/paper", {**PAPER, "id": first})).status_code == 200


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("course", {"hours": "тридцать"}, "hours"),
        ("course", {}, "hours"),
        ("event", {"hours": "-5"}, "hours"),
        ("employment", {"rate": "полставки"}, "rate"),
        ("employment", {"rate": "inf"}, "rate"),
        ("seniority", {"years": "", "months": ""}, "months"),
        ("qualification", {"category": "наивысшая"}, "category"),
        ("passport", {}, "kind"),
    ],
)
async def test_what_only_one_kind_carries_is_asked_for_at_its_field(
    doctor: Browser, kind: str, typed: dict[str, str], field: str
) -> None:
    answer = await doctor.post("/api/verification/paper", {**PAPER, "kind": kind, **typed})
    assert answer.status_code == 422, answer.text
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("course", {"hours": "36"}),
        ("qualification", {"category": "highest"}),
        ("employment", {"rate": "0,5"}),
        ("seniority", {"years": "12", "months": "4"}),
    ],
)
async def test_what_was_typed_comes_back_to_be_corrected(doctor: Browser, kind: str, typed: dict[str, str]) -> None:
    saved = await doctor.post("/api/verification/paper", {**PAPER, "kind": kind, **typed})
    form = await doctor.form("paper", id=saved.json()["data"]["id"])
    assert {name: form["values"][name] for name in typed} == typed
