"""Form № 2: by hand, by birth dates, and in agreement with the page; each code has one place in it."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab import clock, db
from medcab.dashboards.epidemiology import service
from medcab.dashboards.epidemiology.form import service as forms
from medcab.dashboards.epidemiology.rules import form
from medcab.dashboards.epidemiology.rules.address import Address
from medcab.dashboards.epidemiology.rules.form import FormAge
from medcab.errors import Invalid
from medcab.patients.models import Patient
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.names import NAMES
from medcab.schedule.diagnoses.rules.refined import CATEGORIES, REFINED
from medcab.tables import paper
from tests.cast import WARD, Cast
from tests.dashboards.test_epidemiology import NOW, fill, found


async def patient_born(cast: Cast, born: date) -> UUID:
    """Somebody like the cast's patient, of another age."""
    async with db.transaction() as session:
        kept_one = await session.get_one(Patient, cast.patient_id)
        child = Patient(**kept_one.model_dump() | {"id": uuid4(), "birth_date": born, "snils_index": uuid4().hex})
        session.add(child)
        return child.id


async def test_the_form_agrees_with_the_page(cast: Cast) -> None:
    with clock.frozen(NOW):
        await fill(cast, 11, 90)
        october = Address(date(2026, 10, 1), date(2026, 10, 1))
        async with db.transaction() as session:
            report = await service.report(session, cast.admin, address=october)
            cases = await forms.cases(session, [place.id for place in report.shown], october)
            sections = form.lines(cases)
            whole = next(line.count for line in sections["Кроме строк формы"] if line.row is form.WHOLE)
            assert whole
            assert whole.total == report.by_class["I"].first_ever > 0
            infectious = sum(count for (code, _), count in cases.items() if code[0] in "AB")
            placed = [
                line
                for lines in sections.values()
                for line in lines
                if not line.row.depth and line.row is not form.WHOLE
            ]
            beside = sum(
                count
                for (code, _), count in cases.items()
                if code[0] not in "AB" and any(line.row.holds(code) for line in placed)
            )
            assert sum(line.count.total for line in placed if line.count) == infectious + beside
            assert infectious == whole.total
            ill = sum(count for (code, _), count in cases.items() if code[0] not in "VWXYZ")
            assert ill == report.facts.first_ever
            for ending, begins in (("xlsx", b"PK"), ("pdf", b"%PDF")):
                made = await forms.make(session, cast.head, at=None, month="2026-10", ending=ending)
                assert made.name == f"forma-2-2026-10.{ending}"
                if ending == "xlsx" or paper.is_ready():
                    assert made.draw().startswith(begins)
            for month, ending in (("2026-10", "docx"), ("2027-01", "pdf"), ("x", "pdf"), ("0001-01", "pdf")):
                with pytest.raises(Invalid):
                    await forms.make(session, cast.head, at=None, month=month, ending=ending)


def test_the_form_by_hand() -> None:
    cases = {
        ("A08.0", FormAge.INFANT): 2, ("A08.0", FormAge.OLDER): 1, ("A08.4", FormAge.TODDLER): 4, ("A01", FormAge.OLDER): 1,
        ("J11.1", FormAge.ADOLESCENT): 3, ("I10", FormAge.OLDER): 9, ("A39.2", FormAge.PRESCHOOL): 1, ("A39.9", FormAge.SCHOOL): 1,
        ("Z22.5", FormAge.OLDER): 2, ("J13", FormAge.OLDER): 1,
    }  # fmt: skip
    sections = form.lines(cases)
    first = {line.number: line.count for line in sections["Раздел 1. Инфекционные заболевания"]}
    assert list(first) == list(range(1, 106))
    assert first[15] == first[20] == first[21] == (3, 2, 2, 2, 0, 0)
    assert first[23] == (4, 4, 4, 0, 4, 0)
    assert (first[50], first[51]) == ((1, 1, 1, 0, 0, 1), (2, 2, 2, 0, 0, 1))
    assert first[92] == (3, 3, 0, 0, 0, 0)
    assert first[36] == (2, 0, 0, 0, 0, 0)
    assert first[93] == first[95] == first[96] == (1, 0, 0, 0, 0, 0)
    assert first[7] is first[14] is first[101] is None
    beside = {line.row.title: line.count for line in sections["Кроме строк формы"]}
    assert beside[form.OTHER.title] == (1, 0, 0, 0, 0, 0)
    assert beside[form.WHOLE.title] == (10, 8, 8, 2, 4, 1)


async def test_the_form_divides_small_children_by_their_birth_dates(cast: Cast) -> None:
    day = datetime(2026, 10, 5, 9, tzinfo=UTC)
    born = {
        2025: FormAge.TODDLER,
        2023: FormAge.PRESCHOOL,
        2020: FormAge.PRESCHOOL,
        2019: FormAge.SCHOOL,
        2012: FormAge.SCHOOL,
    }
    with clock.frozen(NOW):
        for number, year in enumerate(born):
            child = await patient_born(cast, date(year, 10, 5))
            await found(cast, day + timedelta(minutes=number), "B01", age=AgeGroup.CHILD, patient_id=child)
        day_before = await patient_born(cast, date(2023, 10, 6))
        await found(cast, day + timedelta(hours=1), "B01", age=AgeGroup.CHILD, patient_id=day_before)
        async with db.transaction() as session:
            october = Address(date(2026, 10, 1), date(2026, 10, 1))
            cases = await forms.cases(session, [WARD], october)
    assert cases == {
        ("B01", FormAge.TODDLER): 2, ("B01", FormAge.PRESCHOOL): 2, ("B01", FormAge.SCHOOL): 2,
    }  # fmt: skip


def test_whatever_the_form_counts_in_parts_is_offered_in_parts() -> None:
    """No bare category that can be written falls beside the row of its illness, and each row can be written by what is offered."""
    parts = {code[:3] for row in form.ROWS for code in re.findall(r"[A-Z]\d\d\.\d", row.codes)}
    assert parts == CATEGORIES
    offered = [*REFINED, *(code for code in NAMES if code not in CATEGORIES)]
    for row in form.ROWS:
        if "." in row.codes:
            assert any(row.holds(code) for code in offered), row
    told = form.unplaced({("U07", FormAge.OLDER): 2, ("U07.1", FormAge.OLDER): 1, ("B35.0", FormAge.SCHOOL): 3})
    assert [each.rpartition(": ")[2] for each in told] == ["U07 — 2.", "B35.0 — 3."]
    assert form.unplaced({("A09", FormAge.OLDER): 2}) == []


@given(st.from_regex(r"[A-Z][0-9][0-9](\.[0-9]{1,2})?", fullmatch=True))
def test_a_code_is_in_one_row_of_the_form_and_in_those_that_this_row_is_part_of(code: str) -> None:
    whole = [row for row in form.ROWS if not row.depth and row.holds(code)]
    parts = [row for row in form.ROWS if row.depth and row.holds(code)]
    assert len(whole) <= 1
    assert whole or not parts
