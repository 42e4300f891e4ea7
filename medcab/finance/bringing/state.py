"""A file of tariffs or of a payer's answers: what it would do, row by row, before anything is done with it."""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from medcab.access import Permission
from medcab.dashboards.rules.links import page_of
from medcab.errors import MedcabError
from medcab.finance.bringing import service
from medcab.finance.bringing.service import Applied, NoSheet, Preview, StaleFile
from medcab.finance.rules.sheets import Kind, Row
from medcab.finance.rules.sums import Outcome
from medcab.finance.rules.words import money
from medcab.finance.state import why_not_kept
from medcab.guard import reading, requires, success, transaction
from medcab.ui import formats

PATH = "/finance/sheet"
TARIFFS = "/finance/tariffs"
ON_PAGE = 50
ONLY = (("work", "Изменения и ошибки"), ("wrong", "Только ошибки"), ("all", "Все строки файла"))
_LOOKS = {
    Kind.NEW: ("новое", "info"), Kind.CHANGED: ("изменится", "soon"), Kind.SAME: ("без изменений", "quiet"), Kind.WRONG: ("ошибка", "act"),
}  # fmt: skip


class SheetRow(TypedDict):
    """A row of the file, ready to draw."""

    key: str
    line: str
    title: str
    before: str
    after: str
    error: str
    word: str
    tone: str


class BringingState(rx.State):
    """The file of the address, one page of its rows. `seen` tells the preview that is drawn from any other."""

    closed: str = ""
    ready: bool = False
    is_missing: bool = False
    sheet: str = ""
    title: str = ""
    name: str = ""
    rows: list[SheetRow] = []
    only: str = "work"
    seen: str = ""
    told: str = ""
    done: int = 0
    wrong: int = 0
    back: str = ""
    fault: str = ""
    page: int = 1
    pages: int = 1

    @rx.event
    @requires()
    async def load(self):
        """Show the file of the address; to whom it is not open, say why."""
        self.closed, self.fault = why_not_kept(), ""
        return None if self.closed else BringingState.show

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def show(self):
        """Judge the rows by what the clinic has now."""
        asked = self.router.url.query_parameters
        self.ready, self.is_missing, self.rows, self.sheet = False, True, [], asked.get("sheet", "")[:36]
        self.only = asked.get("only", "") if asked.get("only", "") in dict(ONLY) else "work"
        async with reading(self) as (session, actor):
            found = await service.preview(session, actor, sheet_id=_known(self.sheet))
        self._draw(found, page_of(asked.get("page", "")))

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def taken(self, sheet_id: str):
        """A file was read: look through it."""
        return rx.redirect(f"{PATH}?sheet={_known(sheet_id)}")

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def choose(self, only: str):
        """Other rows of the file."""
        return self._go(only=only if only in dict(ONLY) else "work")

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def turn(self, by: int):
        """Another page of the same rows."""
        return self._go(only=self.only, page=str(max(1, self.page + by)))

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def apply(self, rows: str, seen: str):
        """Do what was seen, or nothing; `rows` "right": those without errors, whatever the others are."""
        return await self._apply(rows, seen)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def discard(self):
        """Forget the file."""
        async with transaction(self) as (session, actor):
            await service.discard(session, actor, sheet_id=_known(self.sheet))
        return rx.redirect(self.back)

    async def _apply(self, rows: str, seen: str) -> Any:
        """A preview that is no longer true is drawn anew, and said."""
        self.fault = ""
        try:
            async with transaction(self) as (session, actor):
                told = await service.apply(
                    session, actor, sheet_id=_known(self.sheet), seen=seen, drop_wrong=rows == "right"
                )
        except MedcabError as refusal:
            self.fault = refusal.message
            return BringingState.show if isinstance(refusal, StaleFile) else None
        return [success(_told(told)), rx.redirect(_back(told.bill_id))]

    def _go(self, **asked: str) -> Any:
        return rx.redirect(f"{PATH}?{urlencode({'sheet': self.sheet, **asked})}", replace=True)

    def _draw(self, found: Preview, page: int) -> None:
        self.title, self.name, self.seen = found.title, found.name, found.seen
        self.done, self.wrong = len(found.of(Kind.NEW, Kind.CHANGED)), len(found.of(Kind.WRONG))
        self.told, self.back = _summary(found), _back(found.bill.id if found.bill else None)
        chosen = [row for row in found.rows if self.only == "all" or row.kind in _CHOSEN[self.only]]
        self.pages = max(1, -(-len(chosen) // ON_PAGE))
        self.page = min(page, self.pages)
        self.rows = [_row(row) for row in chosen[(self.page - 1) * ON_PAGE : self.page * ON_PAGE]]
        self.ready, self.is_missing = True, False


_CHOSEN = {"work": frozenset({Kind.NEW, Kind.CHANGED, Kind.WRONG}), "wrong": frozenset({Kind.WRONG})}


def _known(text: str) -> UUID:
    """Out of an address; no file for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NoSheet from None


def _back(bill_id: UUID | None) -> str:
    return f"/finance/register?id={bill_id}" if bill_id else TARIFFS


_SAME, _WRONG = (Kind.SAME, "без изменений"), (Kind.WRONG, "с ошибками")
_OF_TARIFFS = ((Kind.NEW, "новых"), (Kind.CHANGED, "изменится"), _SAME, _WRONG)
_OF_ANSWERS = ((Outcome.ACCEPTED, "принято"), (Outcome.REJECTED, "отклонено"))


def _summary(found: Preview) -> str:
    """Of answers, with their sums: that is what is compared with the payer's letter."""
    words = (_SAME, _WRONG) if found.bill else _OF_TARIFFS
    sums = {word: [each.kopecks for each in found.given if each.outcome is outcome] for outcome, word in _OF_ANSWERS}
    parts = [f"{word} {len(these)} на {money(sum(these))}" for word, these in sums.items() if these]
    parts += [f"{word} {len(these)}" for kind, word in words if (these := found.of(kind))]
    if doubtful := sum(bool(row.error) for row in found.of(Kind.NEW, Kind.CHANGED)):
        parts.append(f"из них проверьте {doubtful}")
    return f"{formats.plural(len(found.rows), 'строка', 'строки', 'строк')} в файле: {', '.join(parts)}."


def _told(done: Applied) -> str:
    dropped = f", пропущено с ошибками: {done.dropped}" if done.dropped else ""
    return f"Применено: {formats.plural(done.done, 'строка', 'строки', 'строк')}{dropped}."


def _row(row: Row) -> SheetRow:
    word, tone = _LOOKS[row.kind]
    if row.error and row.kind is not Kind.WRONG:
        word, tone = f"{word}, проверьте", "soon"
    return {
        "key": str(row.line), "line": str(row.line), "title": row.title, "before": row.before or ("" if row.kind is Kind.WRONG else "нет"), "after": row.after, "error": row.error,
        "word": word, "tone": tone,
    }  # fmt: skip
