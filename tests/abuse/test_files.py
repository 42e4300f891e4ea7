"""Role × person × file: whatever somebody is, another's file is like none, by every door that gives files."""

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from medcab import api, db
from medcab.access import Action
from medcab.api import cookies
from medcab.audit import AuditEntry
from medcab.documents.models import StoredFile
from tests.abuse.conftest import enter
from tests.abuse.matrix import NOBODY_IN_PARTICULAR
from tests.abuse.wire import Site, fresh_address
from tests.cast import Cast

pytestmark = pytest.mark.one_database

DOORS = sorted(route.path for route in api.routes if route.path.startswith("/api/files/{id}"))
PARTS = [
    name for name, kind in Cast.__annotations__.items() if kind == "Actor" or getattr(kind, "__name__", "") == "Actor"
]


def file_of(number: int) -> UUID:
    return UUID(int=0xF11E00 + number)


@pytest.fixture
async def _files(cast: Cast) -> None:
    """One of everybody's, in the database that all tests here share."""
    now = datetime.now(UTC)
    async with db.transaction() as session:
        if await session.get(StoredFile, file_of(0)):
            return
        session.add_all(
            StoredFile(
                id=file_of(number), person_id=actor.person_id, name="Диплом.pdf", mime="application/pdf", size=1, sha256=f"{number:064}",
                created_at=now,
            )
            for number, actor in enumerate(cast.everyone().values())
        )  # fmt: skip


async def _readings() -> int:
    async with db.reading() as session:
        return len((await session.exec(select(AuditEntry).where(AuditEntry.action == Action.FILE_READ))).all())


def test_the_whole_cast_is_asked() -> None:
    assert len(PARTS) == 11
    assert DOORS == ["/api/files/{id}", "/api/files/{id}/preview"]


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("part", PARTS)
async def test_anothers_file_is_like_none_whoever_asks(site: Site, cast: Cast, part: str) -> None:
    actor, people = getattr(cast, part), list(cast.everyone().values())
    before = await _readings()
    jar = {cookies.name_of(cookies.SESSION): await enter(actor)}
    async with httpx.AsyncClient(
        base_url=site.origin, cookies=jar, headers={"X-Forwarded-For": fresh_address()}
    ) as http:
        for door in DOORS:
            none = await http.get(door.replace("{id}", NOBODY_IN_PARTICULAR))
            for number, owner in enumerate(people):
                answer = await http.get(door.replace("{id}", str(file_of(number))))
                if owner.person_id != actor.person_id:
                    assert (answer.status_code, answer.text) == (404, none.text), (part, number)
    assert await _readings() - before == len(DOORS), "only the own file was opened"
