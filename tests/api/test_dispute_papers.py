"""The papers of a dispute over HTTP: pictures of exactly what was laid before the operators, while it is open, and every look written down."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from medcab import db
from medcab.access import Action, Role
from medcab.accounts.models import Membership, PasswordRecord, SignatureConsent, Standing
from medcab.audit import AuditEntry
from medcab.documents.models import Document
from medcab.verification.disputes.models import Dispute, DisputePaper
from medcab.verification.disputes.rules import DisputeState
from medcab.verification.models import VerificationCase
from tests.api.browser import Browser
from tests.api.conftest import enter
from tests.api.test_files import left_in_clear, upload
from tests.cast import MORNING, OTHER_CLINIC, Cast, person
from tests.documents.making import pdf

DISPUTE, LAID, OTHER = UUID(int=0xD15), UUID(int=0xD0C1), UUID(int=0xD0C2)
OPERATOR, STRANGER, SECOND_STRANGER = "+79120000009", "+79120000022", "+79120000023"


@pytest.fixture
async def papers(doctor: Browser, staff: Cast, password_hash: str) -> Browser:
    """The doctor disputes and has laid one of two papers down; another clinic has operators enough, hers has one."""
    files = [(await upload(doctor, pdf(pages=2))).json()["id"] for _ in range(2)]
    owner = staff.doctor.person_id
    async with db.transaction() as session:
        case = VerificationCase(person_id=owner, state="mismatch", created_at=MORNING, updated_at=MORNING)
        session.add(case)
        for document_id, file_id in zip((LAID, OTHER), files, strict=True):
            session.add(Document(id=document_id, person_id=owner, kind="diploma", number="1", file_id=UUID(file_id), created_at=MORNING))  # fmt: skip
        session.add(Dispute(
            id=DISPUTE, case_id=case.id, person_id=owner, item="diploma", code="DIPLOMA_MISMATCH", state=DisputeState.WAITING,
            opened_at=MORNING, waiting_since=MORNING,
        ))  # fmt: skip
        session.add(DisputePaper(dispute_id=DISPUTE, document_id=LAID, added_at=MORNING))
        for number, clinic in ((21, staff.doctor.organisation_id), (22, OTHER_CLINIC), (23, OTHER_CLINIC)):
            assert clinic
            session.add(person(number, f"Оператор{number}", standing=Standing.UNVERIFIED))
            session.add(Membership(person_id=UUID(int=number), organisation_id=clinic, role=Role.SUPPORT, since=date(2020, 1, 1)))  # fmt: skip
            session.add(PasswordRecord(person_id=UUID(int=number), hash=password_hash, set_at=MORNING))
            session.add(SignatureConsent(person_id=UUID(int=number), version="x", agreed=False, at=MORNING))
    return doctor


def address(document_id: UUID | str = LAID, dispute_id: UUID | str = DISPUTE) -> str:
    return f"/api/disputes/{dispute_id}/papers/{document_id}/preview"


async def come(phone: str, ip: str) -> Browser:
    made = Browser(ip=ip)
    await enter(made, phone, phone)
    return made


async def looks() -> list[AuditEntry]:
    async with db.reading() as session:
        return list((await session.exec(select(AuditEntry).where(AuditEntry.action == Action.FILE_READ))).all())


async def test_an_operator_sees_the_pages_and_each_look_is_written_down(papers: Browser) -> None:
    operator = await come(OPERATOR, "198.51.100.9")
    for page in (1, 2):
        shown = await operator.http.get(address(), params={"page": page})
        assert shown.headers["content-type"] == "image/png", shown.text
        assert "sandbox" in shown.headers["content-security-policy"]
    written = await looks()
    assert [one.person_id for one in written] == [UUID(int=9)] * 2
    assert all(str(DISPUTE) in one.details for one in written)
    assert left_in_clear() == []


async def test_nothing_else_is_shown_to_anybody(papers: Browser) -> None:
    operator, stranger = await come(OPERATOR, "198.51.100.9"), await come(STRANGER, "198.51.100.10")
    wrong = [address(OTHER), address("x"), address(LAID, "x"), address(LAID, UUID(int=1)), f"{address()}?page=3"]
    assert {(await operator.http.get(one)).status_code for one in wrong} <= {404, 422}
    async with db.reading() as session:
        file_id = (await session.exec(select(Document.file_id).where(Document.id == LAID))).one()
    assert (await operator.http.get(f"/api/files/{file_id}")).status_code == 404, "the file itself stays the worker's"
    assert (await stranger.http.get(address())).status_code == 404
    assert (await papers.http.get(address())).status_code == 403, "the worker has a page of her own for it"
    assert (await Browser(ip="198.51.100.11").http.get(address())).status_code == 401


async def test_with_the_decision_the_papers_close(papers: Browser) -> None:
    async with db.transaction() as session:
        dispute = await session.get(Dispute, DISPUTE)
        assert dispute
        dispute.state = DisputeState.REFUSED
    operator = await come(OPERATOR, "198.51.100.9")
    assert (await operator.http.get(address())).status_code == 404
    assert await looks() == []
