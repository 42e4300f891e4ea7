"""Reading a worker's papers and files."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Action
from medcab.accounts.models import Person
from medcab.audit import AuditEntry
from medcab.documents.models import Document, StoredFile


def _in_force(person_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Document.person_id) == person_id, col(Document.replaced_at).is_(None), col(Document.removed_at).is_(None)
    )


async def documents(session: AsyncSession, person_id: UUID) -> list[tuple[Document, StoredFile | None]]:
    """The papers in force with their files, oldest first."""
    query = (
        select(Document, StoredFile)
        .join(StoredFile, col(StoredFile.id) == col(Document.file_id), isouter=True)
        .where(_in_force(person_id))
        .order_by(col(Document.created_at))
    )
    return [(document, file) for document, file in (await session.exec(query)).all()]


async def earlier(session: AsyncSession, document: Document) -> list[tuple[Document, StoredFile | None]]:
    """The versions that this paper replaced, newest first."""
    query = (
        select(Document, StoredFile)
        .join(StoredFile, col(StoredFile.id) == col(Document.file_id), isouter=True)
        .where(Document.person_id == document.person_id, col(Document.replaced_at).is_not(None))
    )
    replaced = {paper.replaced_by_id: (paper, file) for paper, file in (await session.exec(query)).all()}
    found, at = [], document.id
    while at in replaced:
        paper, file = replaced.pop(at)
        found.append((paper, file))
        at = paper.id
    return found


async def renewal_of(session: AsyncSession, document_id: UUID) -> Document | None:
    """The paper in force that renews this one."""
    query = select(Document).where(
        col(Document.renews_id) == document_id, col(Document.replaced_at).is_(None), col(Document.removed_at).is_(None)
    )
    return (await session.exec(query)).first()


async def count(session: AsyncSession, person_id: UUID) -> int:
    """How many papers are in force."""
    return (await session.exec(select(sa.func.count()).select_from(Document).where(_in_force(person_id)))).one()


async def unused(session: AsyncSession, *, before: datetime, limit: int) -> list[StoredFile]:
    """Kept files from before the moment that no paper shows, or ever did, the oldest first."""
    shown = sa.select(sa.literal(1)).where(col(Document.file_id) == col(StoredFile.id)).exists()
    query = select(StoredFile).where(col(StoredFile.removed_at).is_(None), col(StoredFile.created_at) < before, ~shown)
    return list((await session.exec(query.order_by(col(StoredFile.created_at)).limit(limit))).all())


async def used(session: AsyncSession, person_id: UUID) -> tuple[int, int]:
    """Bytes and number of the person's kept files."""
    query = select(sa.func.coalesce(sa.func.sum(StoredFile.size), 0), sa.func.count()).where(
        StoredFile.person_id == person_id, col(StoredFile.removed_at).is_(None)
    )
    size, count = (await session.exec(query)).one()
    return int(size), int(count)


async def readings(
    session: AsyncSession, file_id: UUID, limit: int
) -> list[sa.Row[tuple[datetime, UUID | None, str, str, str]]]:
    """Rows `(at, person_id, family_name, given_name, patronymic)` of who opened the file, newest first."""
    query = (
        sa.select(
            col(AuditEntry.at), col(AuditEntry.person_id), col(Person.family_name), col(Person.given_name), col(Person.patronymic),
        )
        .join(Person, col(Person.id) == col(AuditEntry.person_id), isouter=True)
        .where(col(AuditEntry.subject) == str(file_id), col(AuditEntry.action) == Action.FILE_READ)
        .order_by(col(AuditEntry.seq).desc())
        .limit(limit)
    )  # fmt: skip
    return list((await session.execute(query)).all())


async def file_of(session: AsyncSession, person_id: UUID, file_id: UUID) -> StoredFile | None:
    """The person's own kept file."""
    query = select(StoredFile).where(
        StoredFile.id == file_id, StoredFile.person_id == person_id, col(StoredFile.removed_at).is_(None)
    )
    return (await session.exec(query)).first()


async def same_content(
    session: AsyncSession, person_id: UUID, sha256: str
) -> tuple[StoredFile, Document | None] | None:
    """The person's kept file of this very content, and the paper in force that shows it."""
    query = (
        select(StoredFile, Document)
        .join(Document, sa.and_(col(Document.file_id) == col(StoredFile.id), _in_force(person_id)), isouter=True)
        .where(StoredFile.sha256 == sha256, StoredFile.person_id == person_id, col(StoredFile.removed_at).is_(None))
        .order_by(col(Document.id).is_(None), col(StoredFile.created_at).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()
