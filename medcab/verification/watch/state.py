"""«Сверка с регистром»: how the comparison goes, and what it found out about the clinic's people."""

from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission, why_closed
from medcab.errors import Forbidden
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.ui import formats
from medcab.verification.models import RegisterRound
from medcab.verification.watch import queries, service

PATH = "/comparison"
_NOT_YOURS = "Сверку видят администраторы клиник: она показывает статус их сотрудников."


class ChangeRow(TypedDict):
    """One change, ready to draw. `word` says what it does to the rights, `specialities` to which."""

    id: str
    at: str
    name: str
    item: str
    was: str
    now: str
    word: str
    tone: str
    specialities: str
    reason: str


def change_row(line: queries.ChangeLine) -> ChangeRow:
    word, tone = (
        ("закрыто", "act") if line.closes else ("снова открыто", "done") if line.opens else ("не изменились", "quiet")
    )
    return {
        "id": str(line.id), "at": formats.moment(line.at), "name": line.name, "item": line.item, "was": line.was, "now": line.now,
        "word": word, "tone": tone, "specialities": line.closes or line.opens,
        "reason": line.reason,
    }  # fmt: skip


class ComparisonState(rx.State):
    """The newest round and one page of changes."""

    closed: str = ""
    """Why there is nothing to see."""
    ready: bool = False
    tone: str = "quiet"
    title: str = ""
    text: str = ""
    share: int = 0
    """Of the people done, in percent, while a round runs."""
    is_running: bool = False
    rows: list[ChangeRow] = []
    only: str = "all"
    page: int = 1
    pages: int = 1
    summary: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        sentence = why_closed(actor(), Permission.REGISTER_WATCH)
        self.closed = _NOT_YOURS if sentence == Forbidden.message else sentence
        return None if self.closed else ComparisonState.show

    @rx.event
    @requires(Permission.REGISTER_WATCH)
    async def show(self):
        """Read the round and its changes, and watch it from now on."""
        asked = self.router.url.query_parameters
        self.only = "closing" if asked.get("only") == "closing" else "all"
        page = asked.get("page", "1")
        self.page = int(page) if page.isdecimal() and len(page) <= len("9999") else 1
        async with transaction(self) as (session, actor):
            service.looked(session, actor)
            await self._fill(session, actor)
            watch(self, {service.TOPIC: ComparisonState.refresh})

    @rx.event
    @requires(Permission.REGISTER_WATCH)
    async def refresh(self):
        """The round went on."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.REGISTER_WATCH)
    async def choose(self, only: str):
        """Another filter: a new address."""
        return rx.redirect(f"{PATH}?only={'closing' if only == 'closing' else 'all'}")

    @rx.event
    @requires(Permission.REGISTER_WATCH)
    async def turn(self, page: int):
        """Another page of the same filter."""
        return rx.redirect(f"{PATH}?only={self.only}&page={max(page, 1)}")

    @rx.event
    @requires(Permission.REGISTER_WATCH)
    async def begin(self):
        """Compare everybody now, not at night."""
        async with transaction(self) as (session, actor):
            await service.start(session, actor)
            await self._fill(session, actor)
        return success("Сверка началась. Страница сама покажет, что изменилось.")

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        found = await queries.overview(session, actor, only_closing=self.only == "closing", page=self.page)
        self.rows = [change_row(line) for line in found.changes.lines]
        self.page, self.pages = found.changes.page, found.changes.pages
        self.summary = formats.plural(found.changes.total, "изменение", "изменения", "изменений")
        self.is_running = bool(found.newest and found.newest.is_open)
        self.share = share(found.newest) if found.newest else 0
        self.tone, self.title, self.text = told(found.newest)
        self.ready = True


def share(round_: RegisterRound) -> int:
    """Percent done; people who joined meanwhile do not make it more than all."""
    return min(100, 100 * round_.done // round_.people) if round_.people else 100


def told(newest: RegisterRound | None) -> tuple[str, str, str]:
    """Tone, title and sentence about the newest round."""
    if newest is None:
        return "quiet", "Сверки ещё не было", "Она проходит каждую ночь после 02:00 по Москве."
    began = formats.moment(newest.started_at)
    if newest.is_open:
        return (
            "info",
            f"Сверка идёт: {share(newest)} %",
            f"Началась {began}. Если регистр не отвечает, продолжится с того же места.",
        )
    if newest.halted:
        return (
            "act",
            f"Сверка {began} остановлена",
            f"{newest.halted} Сообщите оператору регистра; ночью сверка начнётся заново.",
        )
    missed = (
        f" Без ответа: {formats.plural(newest.unanswered, 'человек', 'человека', 'человек')}, спросим следующей ночью."
    )
    ended = formats.moment(newest.finished_at) if newest.finished_at else began
    return (
        "done",
        f"Сверка завершена {ended}",
        "Все записи сопоставлены с федеральным регистром." + (missed if newest.unanswered else ""),
    )
