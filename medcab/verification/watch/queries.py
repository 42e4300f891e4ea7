"""Whom a round asks about, and what the rounds have found: for the people whose register entries changed, and for their clinic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, require
from medcab.accounts.models import Membership, Person, Standing
from medcab.accounts.queries import holds_on, index_of
from medcab.identifiers.sameness import plain_licence
from medcab.verification import queries
from medcab.verification.models import (
    CaseItem,
    RegisterRound,
    StandingChange,
    SupervisionNotice,
    VerificationCase,
)
from medcab.verification.queries import CLAIM, FINDING
from medcab.verification.rules import Claim, Finding, Item, ItemState, beginning
from medcab.verification.rules.findings import day_text
from medcab.verification.rules.items import PERMITS
from medcab.verification.supervision.rules import OF_LICENCE, TITLES, Notice, NoticeKind
from medcab.verification.supervision.service import notice_of

PAGE = 50
WATCHED = (Standing.ACTIVE, Standing.SUSPENDED)


@dataclass(frozen=True)
class ChangeLine:
    """One item that the register sees otherwise than before."""

    id: UUID
    at: datetime
    name: str
    item: str
    was: str
    now: str
    closes: str
    opens: str
    reason: str
    """What made the cabinet ask, when it was not the night."""


@dataclass(frozen=True)
class Changes:
    """One page of lines, newest first, and how many there are in all."""

    lines: list[ChangeLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Overview:
    """The newest round (None: none yet) and one page of what changed for the clinic's people."""

    newest: RegisterRound | None
    changes: Changes


async def overview(session: AsyncSession, actor: Actor, *, only_closing: bool = False, page: int = 1) -> Overview:
    """Of the people who work in the actor's organisation today; `page` counts from 1."""
    require(actor, Permission.REGISTER_WATCH)
    staff = select(Membership.person_id).where(
        Membership.organisation_id == actor.organisation_id, holds_on(clock.today())
    )
    wanted: list[sa.ColumnElement[bool]] = [col(StandingChange.person_id).in_(staff)]
    if only_closing:
        wanted.append(col(StandingChange.closes) != "")
    found = await _changes(session, wanted, page)
    return Overview(await queries.newest_round(session), found)


async def own(session: AsyncSession, actor: Actor) -> list[ChangeLine]:
    """The actor's own newest changes."""
    require(actor, Permission.VERIFICATION)
    return (await _changes(session, [col(StandingChange.person_id) == actor.person_id], 1)).lines


async def _changes(session: AsyncSession, wanted: Sequence[sa.ColumnElement[bool]], page: int) -> Changes:
    total = (await session.exec(select(sa.func.count()).select_from(StandingChange).where(*wanted))).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    query = (
        select(StandingChange, Person, SupervisionNotice)
        .join(Person, col(Person.id) == col(StandingChange.person_id))
        .join(SupervisionNotice, col(SupervisionNotice.id) == col(StandingChange.notice_id), isouter=True)
        .where(*wanted)
    )
    newest_first = query.order_by(
        col(StandingChange.noticed_at).desc(), col(StandingChange.person_id), col(StandingChange.item)
    )
    rows = (await session.exec(newest_first.offset((page - 1) * PAGE).limit(PAGE))).all()
    return Changes([_line(*row) for row in rows], total, page, pages)


def _line(change: StandingChange, person: Person, notice: SupervisionNotice | None) -> ChangeLine:
    name = " ".join(filter(None, (person.family_name, person.given_name, person.patronymic)))
    label = Item(change.item).label
    return ChangeLine(
        change.id, change.noticed_at, name, label, change.was, change.now, change.closes, change.opens, _reason(notice)
    )


def _reason(notice: SupervisionNotice | None) -> str:
    if notice is None:
        return ""
    told = TITLES[NoticeKind(notice.kind)]
    return f"Уведомление надзора № {notice.number} от {day_text(notice.issued_at.astimezone(clock.MOSCOW).date())}: {told}. {notice.basis}"


@dataclass(frozen=True)
class Watched:
    """Somebody to ask about. `open_specialities`: what was written down last as open, also when it has run out since; empty: suspended."""

    person_id: UUID
    case_id: UUID
    version: int
    claim: Claim
    before: dict[Item, Finding]
    open_specialities: frozenset[str]

    @property
    def items(self) -> frozenset[Item]:
        return frozenset(item for item in Item if self.claim.gives(item))

    @property
    def licences(self) -> frozenset[str]:
        return frozenset(paper.number for paper in self.claim.of(Item.LICENCE))

    def is_concerned(self, notice: Notice) -> bool:
        if notice.kind in OF_LICENCE:
            return notice.subject_kept in {plain_licence(number) for number in self.licences}
        return notice.subject_kept == self.claim.snils


@dataclass(frozen=True)
class Page:
    """The next people of a round, of whom `people` are to be asked about; `seen` counts all, `last` is where it ends."""

    round_id: UUID
    after: UUID | None
    last: UUID
    seen: int
    people: tuple[Watched, ...]


async def next_page(session: AsyncSession, round_id: UUID, size: int) -> Page | None:
    """The next `size` people; None when there are no more, or the round has ended."""
    held = await session.get(RegisterRound, round_id)
    if held is None or not held.is_open:
        return None
    notice = await notice_of(session, held.notice_id)
    query = select(VerificationCase, Person).join(Person, col(Person.id) == VerificationCase.person_id)
    if notice and notice.kind not in OF_LICENCE:
        query = query.where(Person.snils_index == index_of("snils", notice.subject_kept))
    query = query.where(col(Person.standing).in_(WATCHED)).order_by(col(Person.id)).limit(size)
    if held.after:
        query = query.where(col(Person.id) > held.after)
    rows = list((await session.exec(query)).all())
    if not rows:
        return None
    stored = await _stored(session, [case.id for case, _ in rows])
    found = [_watched(case, person, stored.get(case.id, {})) for case, person in rows]
    concerned = tuple(one for one in found if one and (notice is None or one.is_concerned(notice)))
    return Page(round_id, held.after, rows[-1][1].id, len(rows), concerned)


async def _stored(session: AsyncSession, case_ids: Sequence[UUID]) -> dict[UUID, dict[Item, Finding]]:
    rows = (await session.exec(select(CaseItem).where(col(CaseItem.case_id).in_(case_ids)))).all()
    found: dict[UUID, dict[Item, Finding]] = {}
    for row in rows:
        found.setdefault(row.case_id, {})[Item(row.item)] = FINDING.validate_json(row.finding)
    return found


def _watched(case: VerificationCase, person: Person, stored: dict[Item, Finding]) -> Watched | None:
    """None: never sent, or a check of its own is under way."""
    if not case.checked_claim or any(f.state in (ItemState.CHECKING, ItemState.POSTPONED) for f in stored.values()):
        return None
    claim = CLAIM.validate_json(case.checked_claim)
    before = beginning(claim) | {item: finding for item, finding in stored.items() if claim.gives(item)}
    held = frozenset(permit.speciality for item in PERMITS if item in before for permit in before[item].permits)
    is_open = person.standing is Standing.ACTIVE
    return Watched(person.id, case.id, case.version, claim, before, held if is_open else frozenset())
