"""What stands in a file is read, sealed, found and offered to its owner alone; who has opened it is told to the owner."""

import sqlite3
from uuid import UUID

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.api.floods import limiter
from medcab.documents import service
from medcab.documents.models import StoredFile
from medcab.errors import NotFound
from tests.api.browser import Browser
from tests.api.conftest import enter
from tests.api.test_files import COLLEAGUE, upload
from tests.api.test_papers import PAPER
from tests.cast import Cast
from tests.conftest import POSTGRES
from tests.documents.making import jpeg, pdf, photo, written

pytestmark = pytest.mark.one_database

COURSE = written(
    "УДОСТОВЕРЕНИЕ о повышении квалификации № 7725 031234567", "Иванова Анна Петровна", "выдано 22.11.2021",
    "Неотложная помощь, в объёме 36 часов",
)  # fmt: skip


async def read(browser: Browser, content: bytes, kind: str = "course") -> dict[str, object]:
    file_id = (await upload(browser, content)).json()["id"]
    return await browser.form("paper-read", file_id=file_id, kind=kind)


async def test_what_stands_in_a_file_is_offered(doctor: Browser) -> None:
    answer = await read(doctor, COURSE)
    assert answer["values"] == {"number": "7725 031234567", "issued_on": "22.11.2021", "expires_on": "", "hours": "36"}
    assert answer["data"] == {"note": ""}


async def test_hours_are_offered_to_training_only(doctor: Browser) -> None:
    values = (await read(doctor, COURSE, kind="diploma"))["values"]
    assert isinstance(values, dict)
    assert values["hours"] == ""


async def test_a_paper_of_somebody_else_is_pointed_out_and_not_refused(doctor: Browser) -> None:
    other = written("Диплом № 123456", "Сидорову Петру Ивановичу", "от 01.06.2010")
    data = (await read(doctor, other))["data"]
    assert "вашей фамилии нет" in str(data)


@pytest.mark.parametrize("content", [pdf(), jpeg(photo())])
async def test_nothing_to_read_is_no_error(doctor: Browser, content: bytes) -> None:
    answer = await read(doctor, content)
    assert set(answer["values"].values()) == {""}  # type: ignore[attr-defined]


async def test_the_text_lies_sealed(doctor: Browser, database: str) -> None:
    await upload(doctor, COURSE)
    async with db.reading() as session:
        [file] = (await session.exec(select(StoredFile))).all()
    assert file.text
    assert "Неотложная помощь" in file.text
    if not POSTGRES:
        [[raw]] = sqlite3.connect(database.removeprefix("sqlite+aiosqlite:///")).execute("SELECT text FROM stored_file")
        assert "Неотложная".encode() not in raw


async def test_nobody_else_can_have_a_file_read(doctor: Browser, browser: Browser, staff: Cast) -> None:
    file_id = (await upload(doctor, COURSE)).json()["id"]
    await enter(browser, COLLEAGUE, COLLEAGUE)
    limiter.storage.reset()
    answer = await browser.http.get("/auth/form/paper-read", params={"file_id": file_id})
    assert answer.status_code == 404
    assert "7725" not in answer.text
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await service.readings(session, staff.colleague, UUID(file_id))


async def test_the_owner_sees_who_opened_the_file(doctor: Browser, staff: Cast) -> None:
    file_id = (await upload(doctor, COURSE)).json()["id"]
    await doctor.post("/api/verification/paper", {**PAPER, "file_id": file_id})
    for _ in range(2):
        await doctor.http.get(f"/api/files/{file_id}")
    async with db.reading() as session:
        [paper] = await service.papers(session, staff.doctor)
        assert paper.file_id
        seen = await service.readings(session, staff.doctor, paper.file_id)
    assert [each.name for each in seen] == ["", ""]
    assert seen[0].at <= clock.now()


async def test_a_paper_is_found_by_what_stands_in_its_file(doctor: Browser, staff: Cast) -> None:
    file_id = (await upload(doctor, COURSE)).json()["id"]
    await doctor.post("/api/verification/paper", {**PAPER, "file_id": file_id})
    async with db.reading() as session:
        [paper] = await service.papers(session, staff.doctor)
    assert "Неотложная помощь" in paper.text
