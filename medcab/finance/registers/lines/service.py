"""One register: its lines, the file for its payer, lines taken back before an answer, and refused ones put right to go again."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor
from medcab.errors import Conflict, Invalid, NotFound
from medcab.finance.models import BillLine
from medcab.finance.registers import service as registers
from medcab.finance.registers.lines import queries
from medcab.finance.registers.lines.queries import Only, Row
from medcab.finance.registers.queries import Standing
from medcab.finance.registers.service import MOST_LINES, clinic_of, turn
from medcab.finance.rules.sheets import REGISTER
from medcab.finance.rules.sums import OUTCOME_TITLES, Outcome, roubles
from medcab.finance.rules.words import register_code
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.tables.writer import CSV, XLSX, Cell, Sheet

LINES_ON_PAGE = 20
_AT_ONCE = 500


class TooManyLines(Invalid):
    """Of a register that an older release made of a month of any size."""

    message = "Реестр составлен прежней версией программы и длиннее 30 000 строк: одним файлом его не скачать. Обратитесь к тем, кто её обслуживает."


@dataclass(frozen=True)
class Page:
    """A register and one page of its lines; `reasons` of those that wait to be put right."""

    standing: Standing
    rows: list[Row]
    number: int
    count: int
    reasons: dict[str, tuple[str, int]]

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // LINES_ON_PAGE))


async def page(
    session: AsyncSession, actor: Actor, *, bill_id: UUID, only: Only = Only.ALL, code: str = "", number: int = 1
) -> Page:
    """Lines with names, journalled; a page beyond the last one is the last one."""
    standing = await registers.own(session, actor, bill_id)
    reasons = await queries.reasons(session, bill_id)
    count = await queries.count(session, bill_id, only, code)
    number = min(max(1, number), Page(standing, [], 1, count, reasons).pages)
    rows = await queries.rows(
        session, actor, bill_id, only, code, limit=LINES_ON_PAGE, offset=(number - 1) * LINES_ON_PAGE
    )  # fmt: skip
    audit.record(
        session, actor, Action.FINANCE_REGISTER_VIEW, bill_id, only=only, code=code, page=number,
        named=[row.line.appointment_id for row in rows if row.patient],
    )  # fmt: skip
    return Page(standing, rows, number, count, reasons)


async def file(session: AsyncSession, actor: Actor, *, bill_id: UUID, kind: str) -> Sheet:
    """The register for its payer, who fills in the last three columns; a line that was taken back is not asked for.

    Read in pieces: policies are deciphered, and others are answered in between.
    """
    bill = (await registers.own(session, actor, bill_id)).bill
    code, ending = register_code(bill.payer, bill.month, bill.number), XLSX if kind == XLSX else CSV
    if await queries.count(session, bill_id, Only.ALL) > MOST_LINES:
        raise TooManyLines
    lines: list[list[Cell]] = []
    named, last = 0, 0
    while rows := await queries.to_send(session, actor, bill_id, after=last, limit=_AT_ONCE):
        lines += [_cells(code, row) for row in rows]
        named, last = named + sum(bool(row.patient) for row in rows), rows[-1].line.number
    audit.record(
        session, actor, Action.FINANCE_REGISTER_EXPORT, bill_id, register=code, lines=len(lines), named=named, format=ending
    )  # fmt: skip
    return Sheet(f"reestr-{bill.payer}-{bill.month:%Y-%m}-{bill.number}.{ending}", list(REGISTER.values()), lines)


def _cells(code: str, row: Row) -> list[Cell]:
    line = row.line
    answer = "" if line.outcome is Outcome.WAITING else OUTCOME_TITLES[line.outcome]
    return [
        line.number, code, line.starts_at.astimezone(clock.MOSCOW).date(), row.department, row.doctor, line.specialty, KIND_TITLES[line.kind],
        row.patient, row.policy, float(roubles(line.kopecks)), answer, line.reason_code, line.reason,
    ]  # fmt: skip


async def withdraw(session: AsyncSession, actor: Actor, *, line_id: UUID) -> None:
    """Take a line back that is not answered: the visit may be changed then, or go into a further register."""
    line = await _own(session, actor, line_id)
    if line.outcome is not Outcome.WAITING:
        raise Conflict("Отозвать можно только строку, на которую ещё нет ответа.")
    former = await queries.former(session, line)
    line.outcome, line.is_last = Outcome.WITHDRAWN, False
    await session.flush()
    if former:  # what was refused is so again, until somebody puts it right once more
        former.is_last, former.again_at = True, None
    audit.record(
        session, actor, Action.FINANCE_LINE_WITHDRAW, line.bill_id, line=line_id, appointment=line.appointment_id
    )


async def correct(session: AsyncSession, actor: Actor, *, line_id: UUID, is_right: bool = True) -> None:
    """Say that what was refused has been put right, so that the next register takes it; or that it has not."""
    line = await _own(session, actor, line_id)
    if line.outcome is not Outcome.REJECTED:
        raise Conflict("Подать снова можно только отклонённую строку.")
    if not line.is_last:
        raise Conflict("Эта строка уже подана снова в другом реестре.")
    line.again_at = (line.again_at or clock.now()) if is_right else None
    audit.record(
        session, actor, Action.FINANCE_LINE_CORRECT, line.bill_id, lines=1, line=line_id, is_right=is_right
    )  # fmt: skip


async def correct_all(session: AsyncSession, actor: Actor, *, bill_id: UUID, code: str) -> int:
    """The same of every refused line of one reason."""
    await registers.own(session, actor, bill_id)
    await turn(session, clinic_of(actor))
    found = await queries.refused(session, bill_id, code) if code else []
    if not found:
        raise Invalid("Отклонённых строк с этой причиной больше нет.")
    await queries.put_right(session, found, clock.now())
    audit.record(session, actor, Action.FINANCE_LINE_CORRECT, bill_id, lines=len(found), code=code, is_right=True)
    return len(found)


async def _own(session: AsyncSession, actor: Actor, line_id: UUID) -> BillLine:
    await turn(session, clinic_of(actor))  # no register is made of it meanwhile
    found = await queries.line(session, clinic_of(actor), line_id)
    if found is None:
        raise NotFound("Строка реестра не найдена.")
    return found
