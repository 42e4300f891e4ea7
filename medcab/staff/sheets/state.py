"""«Список из файла»: what was read, row by row, before anything is done with it."""

from typing import TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.guard import actor, reading, requires, success, transaction
from medcab.staff.sheets import service
from medcab.staff.sheets.rules import COLUMNS, Judged
from medcab.staff.state import closed_to
from medcab.ui import formats

PATH = "/staff/list"
PAGE = 50
_LONGEST_PAGE = 4


class SheetRow(TypedDict):
    """A row of the file; `errors` say what is wrong and where, none: it can be invited."""

    number: str
    name: str
    email: str
    place: str
    errors: list[str]
    word: str
    tone: str


def sheet_row(one: Judged) -> SheetRow:
    cell = one.line.cells.get
    names = " ".join(filter(None, (cell("family_name", ""), cell("given_name", ""), cell("patronymic", ""))))
    place = " · ".join(
        filter(None, (cell("role", ""), cell("department", ""), cell("post", ""), cell("rate", ""), cell("since", "")))
    )
    return {
        "number": str(one.line.number), "name": names or "без имени", "email": cell("email", ""), "place": place,
        "errors": [f"{COLUMNS[field]}: {sentence}" for field, sentence in one.errors.items()],
        "word": "ошибка" if one.errors else "готово", "tone": "act" if one.errors else "done",
    }  # fmt: skip


class SheetState(rx.State):
    """The list of the address, one page of it; without one there is only the uploader."""

    closed: str = ""
    ready: bool = False
    sheet: str = ""
    name: str = ""
    rows: list[SheetRow] = []
    only: str = "all"
    right: int = 0
    wrong: int = 0
    told: str = ""
    dropping: str = ""
    page: int = 1
    pages: int = 1

    @rx.event
    @requires()
    async def load(self):
        """Show the list of the address; to whom it is not open, say why."""
        self.closed, self.ready = closed_to(actor()), False
        return None if self.closed else SheetState.show

    @rx.event
    @requires(Permission.STAFF)
    async def show(self):
        """Judge the rows by what the clinic knows now."""
        asked = self.router.url.query_parameters
        self.sheet, page = asked.get("sheet", ""), asked.get("page", "1")
        self.only = "wrong" if asked.get("only") == "wrong" else "all"
        self.page = int(page) if page.isdecimal() and len(page) <= _LONGEST_PAGE else 1
        async with reading(self) as (session, who):
            await self._fill(session, who)
        self.ready = True

    @rx.event
    @requires(Permission.STAFF)
    async def taken(self, sheet_id: str):
        """A file was read: look through it."""
        return rx.redirect(f"{PATH}?sheet={sheet_id}")

    @rx.event
    @requires(Permission.STAFF)
    async def choose(self, only: str):
        """All rows, or those in error."""
        return rx.redirect(f"{PATH}?sheet={self.sheet}&only={'wrong' if only == 'wrong' else 'all'}")

    @rx.event
    @requires(Permission.STAFF)
    async def turn(self, page: int):
        """Another page of the same rows."""
        return rx.redirect(f"{PATH}?sheet={self.sheet}&only={self.only}&page={max(page, 1)}")

    @rx.event
    @requires(Permission.STAFF)
    async def apply(self, sheet_id: str, rows: str):
        """Invite everybody of the list, or nobody; `rows` "right": those without errors, whatever the others are."""
        async with transaction(self) as (session, who):
            count = await service.apply(session, who, sheet_id=UUID(sheet_id), drop_wrong=rows == "right")
        sent = formats.plural(count, "приглашение", "приглашения", "приглашений")
        return [success(f"Отправляем {sent}."), rx.redirect("/staff?state=invited")]

    @rx.event
    @requires(Permission.STAFF)
    async def discard(self, sheet_id: str):
        """Forget the list."""
        async with transaction(self) as (session, who):
            await service.discard(session, who, sheet_id=UUID(sheet_id))
        return rx.redirect(PATH)

    async def _fill(self, session: AsyncSession, who: Actor) -> None:
        self.rows, self.right, self.wrong = [], 0, 0
        if not self.sheet:
            return
        found = await service.preview(session, who, sheet_id=service.known_id(self.sheet))
        self.name, self.wrong = found.name, found.wrong
        self.right = len(found.rows) - found.wrong
        chosen = [one for one in found.rows if one.errors or self.only == "all"]
        self.pages = max(1, -(-len(chosen) // PAGE))
        self.page = min(max(self.page, 1), self.pages)
        self.rows = [sheet_row(one) for one in chosen[(self.page - 1) * PAGE : self.page * PAGE]]
        self.dropping = (
            f"Приглашения получат {formats.plural(self.right, 'человек', 'человека', 'человек')} из строк без ошибок. "
            "Остальных нужно будет пригласить отдельно."
        )
        rows, wrong = formats.plural(len(found.rows), "строка", "строки", "строк"), formats.number(found.wrong)
        self.told = f"{rows}, с ошибками: {wrong}." if found.wrong else f"{rows}, ошибок нет."
