"""«Соответствие требованиям»: one's own board, live."""

from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.compliance import service
from medcab.compliance.rules.duties import TITLES, Row, State
from medcab.documents.service import topic
from medcab.guard import reading, requires, success, transaction, watch
from medcab.ui import formats

TONES = {
    State.OVERDUE: "act", State.MISSING: "soon", State.URGENT: "act", State.SOON: "soon", State.GOING: "info", State.DONE: "done",
}  # fmt: skip


CHANNELS = {
    "both": ("Письмом, за 30 дней и ближе ещё и SMS", True, True), "mail": ("Только письмом", True, False), "sms": ("Только SMS", False, True),
    "none": ("Только здесь, в кабинете", False, False),
}  # fmt: skip


class DutyRow(TypedDict):
    """A duty ready to draw."""

    key: str
    title: str
    subject: str
    tone: str
    word: str
    deadline: str
    sentence: str
    action: str
    href: str


def duty_row(row: Row) -> DutyRow:
    return {
        "key": f"{row.duty}:{row.subject}", "title": TITLES[row.duty], "subject": row.subject, "tone": TONES[row.state],
        "word": service.WORDS[row.state], "deadline": formats.day(row.deadline) if row.deadline else "", "sentence": row.sentence,
        "action": row.action, "href": row.href,
    }  # fmt: skip


class ComplianceState(rx.State):
    """The board of whoever is signed in."""

    ready: bool = False
    tone: str = "quiet"
    told: str = ""
    open_rows: list[DutyRow] = []
    done_rows: list[DutyRow] = []
    has_plan: bool = False
    plan: str = ""
    plan_share: int = 0
    plan_facts: list[tuple[str, str]] = []
    channels: str = "both"

    @rx.event
    @requires(Permission.VERIFICATION)
    async def load(self):
        """Show the board and watch what it follows from."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)
            watch(self, {topic(actor.person_id): ComplianceState.refresh})

    @rx.event
    @requires(Permission.VERIFICATION)
    async def refresh(self):
        """A fact has changed."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def choose(self, channels: str):
        """Where reminders come: one of `CHANNELS`."""
        by_mail, by_sms = CHANNELS.get(channels, CHANNELS["both"])[1:]
        async with transaction(self) as (session, actor):
            await service.choose(session, actor, by_mail=by_mail, by_sms=by_sms)
        self.channels = channels
        return success("Сохранено.")

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        board = await service.own(session, actor)
        rows = [duty_row(row) for row in board.rows]
        self.open_rows = [row for row in rows if row["tone"] != "done"]
        self.done_rows = [row for row in rows if row["tone"] == "done"]
        self.tone, self.told = summary(board.rows)
        self.has_plan = board.plan is not None
        if board.plan:
            self.plan, self.plan_share, self.plan_facts = (
                board.plan.sentence(),
                board.plan.share,
                plan_facts(board.plan),
            )
        chosen = (board.choice.by_mail, board.choice.by_sms)
        self.channels = next(key for key, (_, *wanted) in CHANNELS.items() if tuple(wanted) == chosen)
        self.ready = True


def summary(rows: list[Row]) -> tuple[str, str]:
    """Tone and sentence over the board."""
    worst = service.worst(rows)
    if worst in (State.DONE, State.GOING):
        return "done", "Всё в порядке: ни один срок не подходит."
    pressing = [row for row in rows if TONES[row.state] in ("act", "soon")]
    count = formats.plural(len(pressing), "требование ждёт", "требования ждут", "требований ждут")
    return TONES[worst], f"{count} вас. Сверху то, что важнее."


def plan_facts(plan: service.Plan) -> list[tuple[str, str]]:
    return [
        ("Засчитано", f"{plan.hours} ч из {plan.wanted}"),
        ("Из них курсы", f"{plan.courses} ч"),
        ("Цикл", f"{formats.day(plan.begins)} — {formats.day(plan.ends)}"),
        ("Подать портфолио до", formats.day(plan.due)),
    ]
