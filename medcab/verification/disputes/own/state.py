"""«Спорный вопрос» of a worker: dispute a refusal, see where it stands, add, withdraw. The item is in the address."""

from typing import Any, TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.documents import service as documents
from medcab.documents.kinds.rules import TITLES, DocumentKind
from medcab.errors import Invalid
from medcab.guard import reading, requires, success, transaction, watch
from medcab.ui import formats
from medcab.verification.disputes import service
from medcab.verification.disputes.queries import Line
from medcab.verification.disputes.rules import DisputeState, EntryKind, Step, may, told
from medcab.verification.disputes.service import Own
from medcab.verification.rules import Item, tell

PATH = "/activation/dispute"
_MARK = "paper-"
_YOU = {EntryKind.OPENED: "Вы оспорили", EntryKind.ADDED: "Вы дополнили", EntryKind.WITHDRAWN: "Вы отозвали спор"}
_WHAT_NEXT = {
    DisputeState.WAITING: "Оператор посмотрит ваше объяснение и документы. Делать ничего не нужно: страница изменится сама, а мы напишем вам.",
    DisputeState.ASKED: "Оператору нужно ещё кое-что. Ответьте ниже: после этого вопрос снова пойдёт к нему.",
    DisputeState.PROPOSED: "Первый оператор согласен с вами. Решение против регистра подтверждает второй.",
}


class StoryRow(TypedDict):
    """One line of the dispute."""

    id: str
    at: str
    title: str
    who: str
    text: str


class PaperChoice(TypedDict):
    """A paper that can be laid before the operators, or lies there already."""

    id: str
    name: str
    text: str
    href: str
    laid: bool


def story_row(line: Line, *, with_names: bool) -> StoryRow:
    """Ready to draw; to the worker operators have no names, and the worker is «вы»."""
    who, title = (line.who, line.kind.label) if with_names else ("", _YOU.get(line.kind, line.kind.label))
    return {"id": str(line.id), "at": formats.moment(line.at), "title": title, "who": who, "text": line.text}


class OwnDisputeState(rx.State):
    """One item and the newest dispute about it."""

    ready: bool = False
    title: str = ""
    word: str = ""
    tone: str = "quiet"
    sentence: str = ""
    given: str = ""
    in_register: str = ""
    closed: str = ""
    """Why this cannot be disputed; empty: it can."""
    state_word: str = ""
    """Empty: there was no dispute yet."""
    state_tone: str = "quiet"
    state_text: str = ""
    story: list[StoryRow] = []
    papers: list[PaperChoice] = []
    is_open: bool = False
    may_add: bool = False
    form: int = 0
    """Grows when what was typed has been sent: the next form is an empty one."""
    _item: str = ""
    _dispute_id: UUID | None = None

    @rx.event
    @requires(Permission.VERIFICATION)
    async def load(self):
        """Show the item that the address names."""
        asked = self.router.url.query_parameters.get("item", "")
        self._item, self.form = asked if asked in set(Item) else Item.DIPLOMA.value, self.form + 1
        async with reading(self) as (session, actor):
            await self._fill(session, actor)
            watch(self, {documents.topic(actor.person_id): OwnDisputeState.refresh})

    @rx.event
    @requires(Permission.VERIFICATION)
    async def refresh(self):
        """An operator has decided, or a paper was added in another window."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def send(self, form: dict[str, Any]):
        """Begin a dispute, or add to the open one."""
        said: dict[str, Any] = {"text": str(form.get("text", "")), "document_ids": _chosen(form)}
        async with transaction(self) as (session, actor):
            if self.is_open and self._dispute_id:
                await service.add(session, actor, dispute_id=self._dispute_id, **said)
            else:
                await service.begin(session, actor, item=Item(self._item or Item.DIPLOMA), **said)
            await self._fill(session, actor)
        self.form += 1
        return success("Отправили оператору. О решении сообщим.")

    @rx.event
    @requires(Permission.VERIFICATION)
    async def withdraw(self):
        """Take the dispute back."""
        if self._dispute_id is None:
            raise Invalid("Отзывать нечего: спора ещё нет.")
        async with transaction(self) as (session, actor):
            await service.withdraw(session, actor, dispute_id=self._dispute_id)
            await self._fill(session, actor)
        return success("Спор отозван.")

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        item = Item(self._item or Item.DIPLOMA)
        own = await service.own(session, actor, item)
        said = tell(own.finding, is_changed=False)
        self.title, self.word, self.tone, self.sentence = item.label, said.word, said.tone, said.sentence
        self.given, self.in_register, self.closed = said.given, said.in_register, own.closed
        self.story = [story_row(line, with_names=False) for line in reversed(own.story)]
        laid = {paper.id for paper in own.papers} if own.dispute and own.dispute.closed_at is None else set()
        self.papers = [_choice(row, laid) for row in await documents.papers(session, actor) if row.file_id]
        self._show(own)
        self.ready = True

    def _show(self, own: Own) -> None:
        dispute = own.dispute
        self._dispute_id = dispute.id if dispute else None
        self.is_open = dispute is not None and dispute.closed_at is None
        self.may_add = dispute is not None and may(Step.ADD, dispute.state)
        has_ended = bool(dispute and dispute.ended_at)
        self.state_tone, self.state_word = told(dispute.state, has_ended=has_ended) if dispute else ("quiet", "")
        self.state_text = (dispute.answer or _WHAT_NEXT.get(dispute.state, "")) if dispute else ""
        if dispute and dispute.state is DisputeState.ACCEPTED and dispute.review_on and not has_ended:
            self.state_text = f"Пункт принят по документам до {formats.day(dispute.review_on)}. Попросите исправить запись в регистре до этого дня."


def _choice(row: documents.DocumentRow, laid: set[UUID]) -> PaperChoice:
    number = f"{row.series} № {row.number}".strip()
    more = [number, f"от {formats.day(row.issued_on)}" if row.issued_on else "", row.specialty]
    name = TITLES[DocumentKind(row.kind)]
    return {
        "id": str(row.id), "name": f"{_MARK}{row.id}", "text": ", ".join(filter(None, [name, *more])),
        "href": f"/documents?show={row.id}", "laid": row.id in laid,
    }  # fmt: skip


def _chosen(form: dict[str, Any]) -> list[UUID]:
    """The papers that were ticked."""
    ids = [name.removeprefix(_MARK) for name in form if name.startswith(_MARK)]
    try:
        return [UUID(each) for each in ids]
    except ValueError:
        raise Invalid from None
