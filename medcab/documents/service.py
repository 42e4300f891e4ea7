"""What a worker does with papers and files. A correction replaces a paper by a new row; the old one stays as history."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs, live, outbox, storage
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.documents import queries
from medcab.documents.kinds.rules import NO_FACTS, RENEWABLE, Category, DocumentKind, Facts, wrong_facts
from medcab.documents.models import Document, StoredFile
from medcab.documents.reading.rules import Suggested, is_somebody_elses, suggested
from medcab.documents.rules import MAX_PAPERS, Reason, over_quota
from medcab.errors import Conflict, Invalid, NotFound
from medcab.identifiers import person_name
from medcab.proofs.video.queries import is_kept as is_still

_UNUSED_FOR = timedelta(days=1)
_UNDER_WAY = timedelta(hours=1)
"""No upload lasts as long."""
_BATCH = 200


def topic(person_id: UUID) -> str:
    """What the pages of a person's papers and of their check watch."""
    return f"case:{person_id}"


class NoRoom(Conflict):
    """The person's share of the storage is used up."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.sentence} {reason.how_to_do_better}", field="file")


class TooManyPapers(Conflict):
    """Every page of theirs shows or sends all of them."""

    message = f"В кабинете уже {MAX_PAPERS} документов. Уберите ненужные и попробуйте снова."


class AlreadyRenewed(Conflict):
    """A paper has one renewal; the next one renews that."""

    message = "Этот документ уже продлён. Обновите страницу и продлите более новый."


class HasRenewal(Conflict):
    """The chain must not break in its middle."""

    message = "Этот документ продлён более новым. Сначала уберите новый."


class NoFile(NotFound):
    """No such file, or somebody else's."""

    message = "Файл не найден."


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is written on a paper, and the file that shows it."""

    kind: DocumentKind
    number: str
    series: str = ""
    issuer: str = ""
    specialty: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    file_id: UUID | None = None
    facts: Facts = NO_FACTS


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file that passed the intake."""

    file_id: UUID
    name: str
    mime: str
    size: int
    pages: int
    sha256: str
    warnings: tuple[Reason, ...]
    text: str = ""


async def require_room(session: AsyncSession, actor: Actor, size: int) -> None:
    """Raise `NoRoom` when a file of `size` bytes does not fit into the actor's share."""
    require(actor, Permission.VERIFICATION)
    reason = over_quota(*await queries.used(session, actor.person_id), size)
    if reason:
        raise NoRoom(reason)


async def keep_file(session: AsyncSession, actor: Actor, kept: Kept) -> None:
    """Note a file whose content lies sealed in the storage already."""
    await require_room(session, actor, kept.size)
    session.add(StoredFile(
        id=kept.file_id, person_id=actor.person_id, name=kept.name, mime=kept.mime, size=kept.size, pages=kept.pages,
        sha256=kept.sha256, warnings=json.dumps([reason.sentence for reason in kept.warnings], ensure_ascii=False),
        text=kept.text, created_at=clock.now(),
    ))  # fmt: skip
    audit.record(session, actor, Action.FILE_ADD, kept.file_id, mime=kept.mime, size=kept.size)


@dataclass(frozen=True)
class Again:
    """A file that is here already; `paper` is the kind of the document that shows it."""

    file_id: UUID
    name: str
    since: datetime
    paper: DocumentKind | None


async def known_file(session: AsyncSession, actor: Actor, sha256: str) -> Again | None:
    """The actor's kept file of the same content; not one that no paper shows and that will soon go."""
    require(actor, Permission.VERIFICATION)
    found = await queries.same_content(session, actor.person_id, sha256)
    if found is None:
        return None
    file, paper = found
    if paper is None and file.created_at < clock.now() - _UNUSED_FOR / 2:
        return None
    return Again(file.id, file.name, file.created_at, DocumentKind(paper.kind) if paper else None)


async def refuse_file(session: AsyncSession, actor: Actor, code: str) -> None:
    """Note that a file was not taken."""
    audit.record(session, actor, Action.FILE_REFUSED, outcome="refused", code=code)


@jobs.hourly
async def forget_unused(session: AsyncSession) -> None:
    """A file that no paper has ever shown goes a day after it came: its upload was given up or done again."""
    now = clock.now()
    for file in await queries.unused(session, before=now - _UNUSED_FOR, limit=_BATCH):
        file.removed_at = now
        audit.record(session, None, Action.FILE_REMOVE, file.id, person_id=file.person_id)
        outbox.add(session, storage.FORGET, {"file_id": str(file.id)})


@jobs.hourly
async def forget_orphans(session: AsyncSession) -> None:
    """What was sealed for an upload that a kill ended before its row was there."""
    for file_id in await asyncio.to_thread(storage.left_announced, before=clock.now() - _UNDER_WAY):
        if await session.get(StoredFile, file_id) or await is_still(session, file_id):
            storage.settle(file_id)
        else:
            outbox.add(session, storage.FORGET, {"file_id": str(file_id)})


@dataclass(frozen=True)
class OpenedFile:
    """A file to be given to its owner; the content lies in the storage under `id`."""

    id: UUID
    name: str
    mime: str
    size: int
    pages: int


async def open_file(session: AsyncSession, actor: Actor, file_id: UUID) -> OpenedFile:
    """The actor's own file; the reading is in the journal."""
    require(actor, Permission.VERIFICATION)
    found = await queries.file_of(session, actor.person_id, file_id)
    if found is None:
        raise NoFile
    audit.record(session, actor, Action.FILE_READ, file_id)
    return OpenedFile(found.id, found.name, found.mime, found.size, found.pages)


@dataclass(frozen=True)
class Read:
    """What stands in a file: offered, never taken. `is_anothers`: it names people, and not its owner."""

    found: Suggested
    is_anothers: bool


async def read_file(session: AsyncSession, actor: Actor, file_id: UUID) -> Read:
    """What the text of the actor's own file suggests for the form of its paper."""
    require(actor, Permission.VERIFICATION)
    file = await queries.file_of(session, actor.person_id, file_id)
    if file is None:
        raise NoFile
    person, text = await accounts.person(session, actor.person_id), file.text or ""
    return Read(suggested(text), is_somebody_elses(text, person.family_name))


async def save(
    session: AsyncSession, actor: Actor, paper: Paper, *, replaces: UUID | None = None, renews: UUID | None = None
) -> UUID:
    """Add a paper, correct one (`replaces`), or add the one that follows it (`renews`); returns the new row's id."""
    require(actor, Permission.VERIFICATION)
    await _check(session, actor, paper)
    if replaces is None and await queries.count(session, actor.person_id) >= MAX_PAPERS:
        raise TooManyPapers
    now = clock.now()
    made = Document(
        person_id=actor.person_id, kind=paper.kind.value, series=paper.series, number=paper.number, issuer=paper.issuer,
        specialty=paper.specialty, issued_on=paper.issued_on, expires_on=paper.expires_on, file_id=paper.file_id, created_at=now,
        **vars(paper.facts),
    )  # fmt: skip
    if replaces is not None:
        await _replace(session, await _own(session, actor, replaces), made)
    elif renews is not None:
        await _renew(session, await _own(session, actor, renews), made)
    session.add(made)
    try:
        await session.flush()
    except IntegrityError as taken_meanwhile:  # two windows renew one paper: the database has admitted the other one
        if renews is None:
            raise
        raise AlreadyRenewed from taken_meanwhile
    audit.record(session, actor, Action.DOCUMENT_SAVE, made.id, kind=paper.kind.value, replaces=replaces, renews=renews)
    live.publish(session, topic(actor.person_id))
    return made.id


async def _replace(session: AsyncSession, old: Document, made: Document) -> None:
    """The corrected row takes the old one's place, also among renewals."""
    following = await queries.renewal_of(session, old.id)
    if made.kind != old.kind and (following or old.renews_id):
        raise Invalid("Документ связан с продлением: его вид изменить нельзя.", field="kind")
    now = clock.now()
    old.replaced_at, old.replaced_by_id = now, made.id
    made.created_at = max(now, old.created_at)
    made.renews_id, made.renews_generation, made.generation = old.renews_id, old.renews_generation, old.generation
    if following:
        following.renews_id = made.id
    await session.flush()  # before the new row is there: of one paper there is one renewal in force


async def _renew(session: AsyncSession, old: Document, made: Document) -> None:
    if made.kind != old.kind or DocumentKind(old.kind) not in RENEWABLE:
        raise Invalid("Продлить можно документ того же вида и только такой, у которого есть срок.", field="kind")
    if await queries.renewal_of(session, old.id):
        raise AlreadyRenewed
    made.renews_id, made.renews_generation, made.generation = old.id, old.generation, old.generation + 1


async def remove(session: AsyncSession, actor: Actor, document_id: UUID) -> None:
    """Take a paper out; it and its file stay in the history, and the one it renewed is the newest again."""
    require(actor, Permission.VERIFICATION)
    found = await _own(session, actor, document_id)
    if await queries.renewal_of(session, document_id):
        raise HasRenewal
    found.removed_at = clock.now()
    audit.record(session, actor, Action.DOCUMENT_REMOVE, document_id)
    live.publish(session, topic(actor.person_id))


async def _check(session: AsyncSession, actor: Actor, paper: Paper) -> None:
    """What is on the paper must be possible, and its file the actor's own."""
    errors = wrong_facts(paper.kind, paper.facts)
    if paper.issued_on and paper.issued_on > clock.today():
        errors["issued_on"] = "Дата выдачи ещё не наступила. Проверьте год."
    if paper.issued_on and paper.expires_on and paper.expires_on < paper.issued_on:
        errors["expires_on"] = "Срок действия кончается раньше дня выдачи."
    if paper.file_id and await queries.file_of(session, actor.person_id, paper.file_id) is None:
        errors["file_id"] = "Файл не найден. Загрузите его ещё раз."
    if errors:
        raise Invalid.many(errors)


async def _own(session: AsyncSession, actor: Actor, document_id: UUID) -> Document:
    found = await session.get(Document, document_id, with_for_update=True)
    gone = found is None or found.person_id != actor.person_id or found.removed_at
    if found is None or gone:
        raise NotFound("Документ не найден.")
    if found.replaced_at:
        raise Conflict("Этот документ уже исправлен в другом окне. Обновите страницу.")
    return found


@dataclass(frozen=True)
class DocumentRow:
    """A paper ready to draw."""

    id: UUID
    kind: DocumentKind
    series: str
    number: str
    issuer: str
    specialty: str
    issued_on: date | None
    expires_on: date | None
    file_id: UUID | None
    file_name: str
    file_mime: str
    file_pages: int
    warnings: tuple[str, ...]
    created_at: datetime
    facts: Facts
    text: str
    """What stands in the file, for the search."""
    renews_id: UUID | None
    """The paper before it."""


async def papers(session: AsyncSession, actor: Actor) -> list[DocumentRow]:
    """The actor's papers in force, oldest first."""
    require(actor, Permission.VERIFICATION)
    return [_row(document, file) for document, file in await queries.documents(session, actor.person_id)]


def before(row: DocumentRow, rows: Sequence[DocumentRow]) -> list[DocumentRow]:
    """The papers that this one renewed, newest first. The database admits no circles."""
    by_id, found = {each.id: each for each in rows}, list[DocumentRow]()
    while row.renews_id and row.renews_id in by_id:
        row = by_id[row.renews_id]
        found.append(row)
    return found


def newest(rows: Sequence[DocumentRow]) -> list[tuple[DocumentRow, list[DocumentRow]]]:
    """Only those that nothing renews, each with the papers before it."""
    renewed = {row.renews_id for row in rows}
    return [(row, before(row, rows)) for row in rows if row.id not in renewed]


async def paper(session: AsyncSession, actor: Actor, document_id: UUID) -> tuple[DocumentRow, list[DocumentRow]]:
    """One of the actor's papers in force, and the versions it replaced, newest first."""
    require(actor, Permission.VERIFICATION)
    found = next(((d, f) for d, f in await queries.documents(session, actor.person_id) if d.id == document_id), None)
    if found is None:
        raise NotFound("Документ не найден: возможно, его убрали или исправили.")
    return _row(*found), [_row(*version) for version in await queries.earlier(session, found[0])]


READINGS = 50


@dataclass(frozen=True)
class Reading:
    """Somebody opened the file; an empty name: its owner."""

    at: datetime
    name: str


async def readings(session: AsyncSession, actor: Actor, file_id: UUID) -> list[Reading]:
    """Who opened the actor's own file, newest first, at most `READINGS`."""
    require(actor, Permission.VERIFICATION)
    if await queries.file_of(session, actor.person_id, file_id) is None:
        raise NoFile
    rows = await queries.readings(session, file_id, READINGS)
    return [
        Reading(
            row.at,
            ""
            if row.person_id == actor.person_id
            else person_name.short(row.family_name, row.given_name, row.patronymic),
        )
        for row in rows
    ]


def _row(document: Document, file: StoredFile | None) -> DocumentRow:
    return DocumentRow(
        id=document.id, kind=DocumentKind(document.kind), series=document.series, number=document.number, issuer=document.issuer,
        specialty=document.specialty, issued_on=document.issued_on, expires_on=document.expires_on, file_id=document.file_id,
        file_name=file.name if file else "", file_mime=file.mime if file else "", file_pages=file.pages if file else 0,
        warnings=tuple(json.loads(file.warnings)) if file else (), created_at=document.created_at,
        facts=Facts(hours=document.hours, rate=document.rate, months=document.months,
                    category=Category(document.category) if document.category else None),
        text=(file.text or "") if file else "", renews_id=document.renews_id,
    )  # fmt: skip
