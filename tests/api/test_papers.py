"""What is written on a paper, as the form sends it."""

import pytest

from tests.api.browser import Browser

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
