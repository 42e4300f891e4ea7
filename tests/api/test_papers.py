"""What is written on a paper, as the form sends it."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from medcab import db
from medcab.documents import service as documents
from medcab.documents.models import Document
from medcab.documents.rules import MAX_PAPERS
from tests.api.browser import Browser
from tests.cast import MORNING, Cast

pytestmark = pytest.mark.one_database

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


async def _renewed(doctor: Browser) -> tuple[str, str]:
    """A paper and the one that renews it."""
    first = (await doctor.post("/api/verification/paper", PAPER)).json()["data"]["id"]
    again = {**PAPER, "number": "7700 099999", "issued_on": "20.10.2025", "renews": first}
    answer = await doctor.post("/api/verification/paper", again)
    assert answer.status_code == 200, answer.text
    return first, answer.json()["data"]["id"]


async def test_a_renewal_begins_with_what_both_papers_have_in_common(doctor: Browser) -> None:
    first = (await doctor.post("/api/verification/paper", {**PAPER, "issuer": "Аккредитационный центр"})).json()[
        "data"
    ]["id"]
    form = await doctor.form("paper", renews=first)
    assert form["values"] == {"renews": first, "kind": "accreditation"}
    assert form["offered"] == {"issuer": "Аккредитационный центр", "specialty": "Кардиология"}


async def test_a_paper_is_renewed_once_and_only_by_its_kind(doctor: Browser) -> None:
    first, _second = await _renewed(doctor)
    twice = await doctor.post("/api/verification/paper", {**PAPER, "renews": first})
    assert twice.status_code == 409
    diploma = (await doctor.post("/api/verification/paper", {**PAPER, "kind": "diploma"})).json()["data"]["id"]
    for kind in ("diploma", "accreditation"):
        refused = await doctor.post("/api/verification/paper", {**PAPER, "kind": kind, "renews": diploma})
        assert refused.status_code == 422, "a diploma does not end, and nothing else follows it"


async def test_two_windows_renew_one_paper_once(doctor: Browser) -> None:
    first = (await doctor.post("/api/verification/paper", PAPER)).json()["data"]["id"]
    both = await asyncio.gather(*(doctor.post("/api/verification/paper", {**PAPER, "renews": first}) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_a_correction_keeps_its_place_among_renewals(doctor: Browser) -> None:
    first, second = await _renewed(doctor)
    mended = await doctor.post("/api/verification/paper", {**PAPER, "number": "1", "id": first})
    newer = await doctor.post("/api/verification/paper", {**PAPER, "number": "2", "id": second})
    assert (mended.status_code, newer.status_code) == (200, 200), newer.text
    async with db.reading() as session:
        head = await session.get(Document, UUID(newer.json()["data"]["id"]))
    assert head is not None
    assert (str(head.renews_id), head.generation) == (mended.json()["data"]["id"], 1)


async def test_somebody_elses_paper_is_not_there_to_be_renewed(doctor: Browser, staff: Cast) -> None:
    async with db.transaction() as session:
        theirs = Document(person_id=staff.colleague.person_id, kind="accreditation", number="1", created_at=MORNING)
        session.add(theirs)
        theirs_id = str(theirs.id)
    assert (await doctor.post("/api/verification/paper", {**PAPER, "renews": theirs_id})).status_code == 404


async def test_the_newest_goes_first_and_the_earlier_can_be_renewed_again(doctor: Browser, staff: Cast) -> None:
    first, second = await _renewed(doctor)
    with pytest.raises(documents.HasRenewal):
        async with db.transaction() as session:
            await documents.remove(session, staff.doctor, UUID(first))
    async with db.transaction() as session:
        await documents.remove(session, staff.doctor, UUID(second))
    assert (await doctor.post("/api/verification/paper", {**PAPER, "renews": first})).status_code == 200


async def _written(*papers: Document) -> None:
    async with db.transaction() as session:
        session.add_all(papers)


async def test_the_database_itself_takes_no_second_renewal_and_no_circle(staff: Cast) -> None:
    def licence(id: UUID, renews: UUID | None, generation: int, before: int | None) -> Document:  # noqa: A002
        return Document(
            id=id, person_id=staff.doctor.person_id, kind="licence", number="1", created_at=MORNING, renews_id=renews,
            renews_generation=before, generation=generation,
        )  # fmt: skip

    first, one, other = uuid4(), uuid4(), uuid4()
    await _written(licence(first, None, 0, None), licence(uuid4(), first, 1, 0))
    with pytest.raises(IntegrityError):
        await _written(licence(uuid4(), first, 1, 0))
    with pytest.raises(IntegrityError):
        await _written(licence(one, other, 1, 0), licence(other, one, 1, 0))
    with pytest.raises(IntegrityError):
        await _written(licence(one, other, 1, 0), licence(other, one, 0, -1))
