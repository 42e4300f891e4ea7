"""One register: its lines with names, the payer's file and answers, what is taken back and what goes again."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from medcab.access import Permission
from medcab.dashboards.rules.links import page_of
from medcab.dashboards.state import Choice
from medcab.errors import NotFound
from medcab.finance.registers.lines import service
from medcab.finance.registers.lines.queries import Only, Row
from medcab.finance.registers.lines.service import Page
from medcab.finance.registers.state import bill_line
from medcab.finance.rules.address import LONGEST_CODE
from medcab.finance.rules.sums import OUTCOME_TITLES, Outcome
from medcab.finance.rules.words import money, register_code
from medcab.finance.state import ALL, why_not_kept
from medcab.guard import requires, success, transaction
from medcab.schedule.rules.given import identity
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.ui import formats
from medcab.ui.files import saved

PATH = "/finance/register"
ONLY = (
    (Only.ALL, "Все строки"), (Only.WAITING, "Ждут ответа"), (Only.ACCEPTED, "Приняты"), (Only.REJECTED, "Отклонены"),
    (Only.CORRECTED, "Исправлены, пойдут в следующий реестр"), (Only.REPLACED, "Поданы снова или отозваны"),
)  # fmt: skip
_TONES = {Outcome.WAITING: "info", Outcome.ACCEPTED: "done", Outcome.REJECTED: "act", Outcome.WITHDRAWN: "quiet"}


class RegisterLine(TypedDict):
    """A line of the register, ready to draw; `act`: "withdraw", "correct", "uncorrect" or nothing."""

    id: str
    number: str
    day: str
    doctor: str
    what: str
    patient: str
    sum: str
    word: str
    tone: str
    reason: str
    act: str


class RegisterState(rx.State):
    """The register of the address and one page of its lines."""

    closed: str = ""
    ready: bool = False
    is_missing: bool = False
    bill: str = ""
    name: str = ""
    code: str = ""
    made: str = ""
    billed: str = ""
    visits: str = ""
    accepted: str = ""
    rejected: str = ""
    waiting: str = ""
    only: str = Only.ALL.value
    reason: str = ALL
    reasons: list[Choice] = []
    lines: list[RegisterLine] = []
    summary: str = ""
    page: int = 1
    pages: int = 1

    @rx.event
    @requires()
    async def load(self):
        """Show the register of the address; to whom it is not open, say why."""
        self.closed = why_not_kept()
        return None if self.closed else RegisterState.show

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def show(self):
        """Read a page of the lines; the look is journalled."""
        asked = self.router.url.query_parameters
        only, code = _wanted(asked)
        self.ready, self.is_missing, self.lines = False, True, []
        async with transaction(self) as (session, actor):
            found = await service.page(
                session, actor, bill_id=_known(asked.get("id", "")), only=only, code=code, number=page_of(asked.get("page", ""))
            )  # fmt: skip
        self._show(found, only, code)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def choose(self, what: str, value: str):
        """Other lines: by what was answered, by reason."""
        if what == "only":
            return self._go(only=value)
        return self._go(only=Only.REJECTED.value, code="" if value == ALL else value) if what == "code" else None

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def turn(self, by: int):
        """Another page."""
        code = "" if self.reason == ALL else self.reason
        return self._go(only=self.only, code=code, page=str(max(1, self.page + by)))

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def export(self, kind: str):
        """The register for its payer; names and policies go out, so it is journalled."""
        async with transaction(self) as (session, actor):
            sheet = await service.file(session, actor, bill_id=_known(self.bill), kind=kind)
        return await saved(sheet)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def withdraw(self, line_id: str):
        """Take a line back before it is answered."""
        async with transaction(self) as (session, actor):
            await service.withdraw(session, actor, line_id=identity(line_id))
        return [success("Строка отозвана. Сообщите об этом плательщику, если файл уже отправлен."), RegisterState.show]

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def correct(self, line_id: str, how: str):
        """Let a refused line go again, or ("not") leave it."""
        is_right = how != "not"
        async with transaction(self) as (session, actor):
            await service.correct(session, actor, line_id=identity(line_id), is_right=is_right)
        return [
            success("Приём пойдёт в следующий реестр." if is_right else "Приём не пойдёт в следующий реестр."),
            RegisterState.show,
        ]

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def correct_all(self, code: str):
        """Let all refused lines of one reason go again."""
        async with transaction(self) as (session, actor):
            count = await service.correct_all(session, actor, bill_id=_known(self.bill), code=code[:LONGEST_CODE])
        return [
            success(f"В следующий реестр: {formats.plural(count, 'строка', 'строки', 'строк')}."),
            RegisterState.show,
        ]

    def _go(self, **asked: str) -> Any:
        kept = {name: value for name, value in {"id": self.bill, **asked}.items() if value and value != Only.ALL}
        return rx.redirect(f"{PATH}?{urlencode(kept)}", replace=True)

    def _show(self, found: Page, only: Only, code: str) -> None:
        bill, told = found.standing.bill, bill_line(found.standing)
        self.bill, self.name, self.made = told["id"], told["name"], told["made"]
        self.visits = told["visits"]
        self.billed, self.accepted, self.rejected, self.waiting = (
            told["billed"],
            told["accepted"],
            told["rejected"],
            told["waiting"],
        )
        self.code, self.only, self.reason = register_code(bill.payer, bill.month, bill.number), only.value, code or ALL
        self.reasons = [
            {"value": ALL, "label": "Все причины"},
            *({"value": each, "label": f"{each}. {words} ({count})".replace(". (", " (")} for each, (words, count) in found.reasons.items()),
        ]  # fmt: skip
        self.lines = [line_of(row) for row in found.rows]
        self.summary = formats.plural(found.count, "строка", "строки", "строк")
        self.page, self.pages, self.ready, self.is_missing = found.number, found.pages, True, False


def _wanted(asked: Mapping[str, str]) -> tuple[Only, str]:
    only, code = asked.get("only", ""), asked.get("code", "")
    return Only(only) if only in set(Only) else Only.ALL, code if code.isprintable() and len(
        code
    ) <= LONGEST_CODE else ""


def _known(text: str) -> UUID:
    """Out of an address; no register for what is no id."""
    with suppress(ValueError):
        return UUID(text)
    raise NotFound("Реестр не найден.")


def line_of(row: Row) -> RegisterLine:
    """A line of the table."""
    line = row.line
    word = OUTCOME_TITLES[line.outcome]
    if line.outcome is Outcome.REJECTED and not line.is_last:
        word = "Отклонено, подано снова"
    elif line.again_at:
        word = "Исправлено, пойдёт снова"
    return {
        "id": str(line.id), "number": str(line.number), "day": formats.moment(line.starts_at), "doctor": f"{row.doctor}, {row.department}",
        "what": ", ".join(filter(None, (line.specialty, KIND_TITLES[line.kind].lower()))),
        "patient": row.patient, "sum": money(line.kopecks), "word": word, "tone": "soon" if line.again_at and line.is_last else _TONES[line.outcome],
        "reason": f"{line.reason_code}. {line.reason}".removesuffix(". ") if line.reason_code else "", "act": _act(row),
    }  # fmt: skip


def _act(row: Row) -> str:
    if row.line.outcome is Outcome.WAITING:
        return "withdraw"
    if row.line.outcome is not Outcome.REJECTED or not row.line.is_last:
        return ""
    return "uncorrect" if row.line.again_at else "correct"
