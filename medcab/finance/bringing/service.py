"""Tariffs, and a payer's answers to a register, from a file: kept while it is looked through, judged anew at each look, applied whole or not at all."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs
from medcab.access import Action, Actor
from medcab.errors import Conflict, NotFound
from medcab.finance.bringing import queries
from medcab.finance.models import Bill, FinanceSheet
from medcab.finance.registers import service as registers
from medcab.finance.registers.queries import prices
from medcab.finance.registers.service import clinic_of, turn
from medcab.finance.rules import bringing as rules
from medcab.finance.rules import sheets
from medcab.finance.rules.bringing import Given
from medcab.finance.rules.sheets import Kind, Row, TariffRow
from medcab.finance.rules.sums import Outcome
from medcab.finance.rules.tariffs import Change
from medcab.finance.rules.words import register_code, register_name
from medcab.finance.tariffs import queries as tariff_queries
from medcab.finance.tariffs import service as tariffs
from medcab.tables import reader
from medcab.tables.reader import Bounds, Sheet

KEPT = timedelta(days=1)
LONGEST_NAME = 200
MOST_KEPT = 5
"""Files of one person that wait to be applied."""
BOUNDS = Bounds(megabytes=6, rows=30_000, columns=40, part_megabytes=48)
"""A month of a large clinic, answered line by line."""


class NoSheet(NotFound):
    """No such file, or somebody else's."""

    message = "Файл не найден: он уже применён, хранился больше суток или уступил место более новым."


class StaleFile(Conflict):
    """The tariffs or the register are not as they were seen."""

    message = "Пока вы смотрели, данные изменились. Ничего не применено: проверьте обновлённый список и повторите."


@dataclass(frozen=True)
class Preview:
    """What the file would do now. `bill`: the register that it answers; None: these are tariffs. `seen` tells this preview from any other."""

    id: UUID
    name: str
    bill: Bill | None
    rows: list[Row]
    seen: str
    given: list[Given]

    @property
    def title(self) -> str:
        if self.bill is None:
            return "Тарифы из файла"
        return f"Ответ плательщика: {register_name(self.bill.payer, self.bill.month, self.bill.number)}"

    def of(self, *kinds: Kind) -> list[Row]:
        return [row for row in self.rows if row.kind in kinds]


@dataclass(frozen=True)
class Applied:
    """How many rows were done and how many were left out as wrong."""

    done: int
    dropped: int
    bill_id: UUID | None


@jobs.hourly
async def forget(session: AsyncSession) -> None:
    """Files that nobody applied."""
    await session.execute(sa.delete(FinanceSheet).where(col(FinanceSheet.created_at) < clock.now() - KEPT))


async def read(data: bytes, *, of_register: bool) -> Sheet:
    """The table of a file, read beside the event loop; `Invalid` when it is none of these."""
    return await asyncio.to_thread(_read, data, clock.today(), of_register=of_register)


def _read(data: bytes, today: date, *, of_register: bool) -> Sheet:
    found = reader.opened(data, BOUNDS)
    if of_register:
        sheets.answers(found.rows, found.numbers)
    else:
        sheets.tariffs(found.rows, found.numbers, today)
    return found


async def may_bring(session: AsyncSession, actor: Actor, bill_id: UUID | None) -> None:
    """Refuse whom no file is taken from, and an answer to a register that is not there."""
    clinic_of(actor)
    if bill_id:
        await registers.own(session, actor, bill_id)


async def keep(session: AsyncSession, actor: Actor, *, name: str, sheet: Sheet, bill_id: UUID | None) -> UUID:
    """Put the file aside to be looked through."""
    await may_bring(session, actor, bill_id)
    content = await asyncio.to_thread(json.dumps, [sheet.numbers, sheet.rows], ensure_ascii=False)
    shown = "".join(sign for sign in name if sign.isprintable())[:LONGEST_NAME]
    await _make_room(session, actor)
    made = FinanceSheet(
        organisation_id=clinic_of(actor), person_id=actor.person_id, bill_id=bill_id, name=shown, content=content, created_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.FINANCE_SHEET_ADD, made.id, rows=len(sheet.rows), register=bill_id)
    return made.id


async def _make_room(session: AsyncSession, actor: Actor) -> None:
    """Of many files of one person the oldest go: nobody fills the disk."""
    own = sa.select(col(FinanceSheet.id)).where(
        col(FinanceSheet.person_id) == actor.person_id, col(FinanceSheet.organisation_id) == clinic_of(actor)
    )
    older = own.order_by(col(FinanceSheet.created_at).desc(), col(FinanceSheet.id)).offset(MOST_KEPT - 1)
    gone = (await session.execute(older)).scalars().all()
    await session.execute(sa.delete(FinanceSheet).where(col(FinanceSheet.id).in_(gone)))


async def discard(session: AsyncSession, actor: Actor, *, sheet_id: UUID) -> None:
    """Forget the file."""
    found = await _own(session, actor, sheet_id)
    await session.delete(found)
    audit.record(session, actor, Action.FINANCE_SHEET_DISCARD, sheet_id, register=found.bill_id)


async def preview(session: AsyncSession, actor: Actor, *, sheet_id: UUID) -> Preview:
    """Every row of the file with what it would change now."""
    sheet = await _own(session, actor, sheet_id)
    if sheet.bill_id:
        bill = (await registers.own(session, actor, sheet.bill_id)).bill
        rows, given = await _answers(session, sheet, bill)
    else:
        bill, given = None, []
        rows, _ = await _tariffs(session, sheet)
    return Preview(sheet.id, sheet.name, bill, rows, await asyncio.to_thread(_digest, rows), given)


async def apply(session: AsyncSession, actor: Actor, *, sheet_id: UUID, seen: str, drop_wrong: bool = False) -> Applied:
    """Do what the preview `seen` says, in one transaction with one entry in the journal."""
    await turn(session, clinic_of(actor))
    sheet = await _own(session, actor, sheet_id, is_locked=True)
    done = _apply_answers if sheet.bill_id else _apply_tariffs
    rows = await done(session, actor, sheet, seen, drop_wrong=drop_wrong)
    wrong = sum(row.kind is Kind.WRONG for row in rows)
    await session.delete(sheet)
    return Applied(sum(row.kind in {Kind.NEW, Kind.CHANGED} for row in rows), wrong, sheet.bill_id)


async def _apply_answers(
    session: AsyncSession, actor: Actor, sheet: FinanceSheet, seen: str, *, drop_wrong: bool
) -> list[Row]:
    bill = (await registers.own(session, actor, sheet.bill_id or sheet.id)).bill
    rows, given = await _answers(session, sheet, bill, is_locked=True)
    await _demand(rows, seen, drop_wrong=drop_wrong)
    await queries.answer(session, given)
    accepted = sum(each.outcome is Outcome.ACCEPTED for each in given)
    audit.record(
        session, actor, Action.FINANCE_REGISTER_ANSWER, bill.id, accepted=accepted, rejected=len(given) - accepted,
        dropped=sum(row.kind is Kind.WRONG for row in rows), file=sheet.name,
    )  # fmt: skip
    return rows


async def _apply_tariffs(
    session: AsyncSession, actor: Actor, sheet: FinanceSheet, seen: str, *, drop_wrong: bool
) -> list[Row]:
    rows, changes = await _tariffs(session, sheet)
    await _demand(rows, seen, drop_wrong=drop_wrong)
    await tariffs.write(session, sheet.organisation_id, changes)
    audit.record(
        session, actor, Action.FINANCE_TARIFFS_BRING, None, changed=len(changes), dropped=sum(row.kind is Kind.WRONG for row in rows),
        file=sheet.name,
    )  # fmt: skip
    return rows


async def _demand(rows: list[Row], seen: str, *, drop_wrong: bool) -> None:
    if await asyncio.to_thread(_digest, rows) != seen:
        raise StaleFile
    rules.demand(rows, drop_wrong=drop_wrong)


async def _answers(
    session: AsyncSession, sheet: FinanceSheet, bill: Bill, *, is_locked: bool = False
) -> tuple[list[Row], list[Given]]:
    lines = await queries.lines(session, bill.id, is_locked=is_locked)
    code = register_code(bill.payer, bill.month, bill.number)

    def judged() -> tuple[list[Row], list[Given]]:
        numbers, rows = json.loads(sheet.content)
        return rules.judge_answers(sheets.answers(rows, numbers), lines, code)

    return await asyncio.to_thread(judged)


async def _tariffs(session: AsyncSession, sheet: FinanceSheet) -> tuple[list[Row], list[Change]]:
    held = await prices(session, sheet.organisation_id)
    known = await tariff_queries.specialties(session, sheet.organisation_id)
    today = clock.today()

    def judged() -> tuple[list[Row], list[Change]]:
        numbers, cells = json.loads(sheet.content)
        found: list[TariffRow] = rules.ordered(sheets.tariffs(cells, numbers, today))
        new_id = {row.line: uuid5(sheet.id, str(row.line)) for row in found}
        rows, changes = rules.judge_tariffs(found, held.all, known, new_id)
        return sorted(rows, key=lambda row: row.line), changes

    return await asyncio.to_thread(judged)


def _digest(rows: list[Row]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


async def _own(session: AsyncSession, actor: Actor, sheet_id: UUID, *, is_locked: bool = False) -> FinanceSheet:
    here = clinic_of(actor)
    found = await session.get(FinanceSheet, sheet_id, with_for_update=is_locked, populate_existing=True)
    if found is None or found.organisation_id != here:
        raise NoSheet
    return found
