"""«Спорные вопросы»: the queue, one dispute with everything side by side, and the decision that is being written."""

from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.documents.kinds.rules import TITLES, DocumentKind
from medcab.errors import Invalid, NotFound
from medcab.guard import actor, reading, requires, success, transaction, watch
from medcab.ui import formats
from medcab.verification.disputes.desk import queries, service
from medcab.verification.disputes.desk.queries import Pile, Place
from medcab.verification.disputes.desk.service import Opened
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.own.state import StoryRow, story_row
from medcab.verification.disputes.queries import Paper
from medcab.verification.disputes.rules import (
    FOR_OPERATORS,
    OPEN,
    REVIEW_DAYS,
    Step,
    may,
    opens_words,
    told,
    wait_tone,
    wait_words,
)
from medcab.verification.disputes.story.service import TOPIC
from medcab.verification.history.state import HistoryRow, history_row
from medcab.verification.rules import Item, Mender, given_text, tell

PATH = "/disputes"
_MENDERS = {Mender.WORKER: "сам сотрудник", Mender.CLINIC: Mender.CLINIC.label, Mender.REGISTER: Mender.REGISTER.label}
_DONE = {
    Step.ASK: "Попросили сотрудника уточнить.", Step.REFUSE: "Отказали. Сотруднику сообщим причину.",
    Step.PROPOSE: "Предложение ждёт второго оператора.", Step.CONFIRM: "Принято вдвоём. Сотруднику сообщим.",
    Step.SEND_BACK: "Вернули: вопрос снова ждёт решения.",
}  # fmt: skip
_DECISIONS = {
    Step.ASK: service.ask, Step.REFUSE: service.refuse, Step.PROPOSE: service.propose, Step.CONFIRM: service.confirm,
    Step.SEND_BACK: service.send_back,
}  # fmt: skip


class PlaceRow(TypedDict):
    """A dispute in the queue."""

    id: str
    href: str
    name: str
    item: str
    word: str
    state_tone: str
    waits: str
    tone: str
    is_shown: bool


class PaperRow(TypedDict):
    """A paper laid before the operators; `src` is its page drawn by the server, empty once the dispute is decided."""

    id: str
    title: str
    text: str
    src: str
    sheets: int


class DisputeView(TypedDict):
    """One dispute; `steps` are what may be decided now, by this operator."""

    name: str
    work: str
    item: str
    word: str
    tone: str
    waits: str
    waits_tone: str
    code: str
    sentence: str
    given: str
    in_register: str
    mender: str
    hindrance: str
    opens: str
    proposal: str
    answer: str
    may_ask: bool
    may_refuse: bool
    may_propose: bool
    may_confirm: bool
    may_send_back: bool
    is_mine: bool
    version: int


NOTHING: DisputeView = {
    "name": "", "work": "", "item": "", "word": "", "tone": "quiet", "waits": "", "waits_tone": "quiet", "code": "", "sentence": "",
    "given": "", "in_register": "", "mender": "", "hindrance": "", "opens": "", "proposal": "", "answer": "", "may_ask": False,
    "may_refuse": False, "may_propose": False, "may_confirm": False, "may_send_back": False, "is_mine": False, "version": 0,
}  # fmt: skip
NO_PAPER: PaperRow = {"id": "", "title": "", "text": "", "src": "", "sheets": 0}


class DisputesState(rx.State):
    """What the address asks for, and which decision is being written (`act`)."""

    closed: str = ""
    ready: bool = False
    pile: str = Pile.WAITING.value
    rows: list[PlaceRow] = []
    page: int = 1
    pages: int = 1
    summary: str = ""
    mode: str = "none"
    """none, one, gone"""
    view: DisputeView = NOTHING
    story: list[StoryRow] = []
    history: list[HistoryRow] = []
    papers: list[PaperRow] = []
    paper: PaperRow = NO_PAPER
    sheet: int = 1
    act: str = ""
    is_stale: bool = False
    """The dispute has changed since this decision was begun."""
    _shown_id: str = ""
    _paper_id: str = ""
    _version: int = 0
    _looked: str = "nothing yet"

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom it is not open, say why."""
        self.closed = why_closed(actor(), Permission.SUPPORT_DESK)
        return None if self.closed else DisputesState.show

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def show(self):
        """Read the queue and the dispute of the address, and watch both from now on."""
        asked = self.router.url.query_parameters
        self.pile = asked.get("pile", "") if asked.get("pile", "") in set(Pile) else Pile.WAITING.value
        self.page, self.sheet = _count(asked.get("page", "")), _count(asked.get("sheet", ""))
        if asked.get("show", "") != self._shown_id:
            self.act, self.is_stale = "", False
        self._shown_id, self._paper_id = asked.get("show", "")[:36], asked.get("paper", "")[:36]
        async with transaction(self) as (session, actor):
            await self._fill(session, actor)
            self._look(session, actor)
            watch(self, {TOPIC: DisputesState.refresh})

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def refresh(self):
        """Somebody has decided, added or opened a dispute."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)
        self.is_stale = bool(self.act) and self.view["version"] != self._version

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def choose(self, pile: str):
        """Another pile: a new address."""
        return rx.redirect(_address(pile=pile if pile in set(Pile) else Pile.WAITING.value))

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def turn(self, page: int):
        """Another page of the queue."""
        return rx.redirect(_address(pile=self.pile, page=max(page, 1), show=self._shown_id))

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def turn_paper(self, paper: str):
        """Another paper of the dispute."""
        return rx.redirect(_address(pile=self.pile, page=self.page, show=self._shown_id, paper=paper[:36]), replace=True)  # fmt: skip

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def turn_sheet(self, sheet: int):
        """Another page of the paper."""
        where = {"pile": self.pile, "page": self.page, "show": self._shown_id, "paper": self._paper_id}
        return rx.redirect(_address(**where, sheet=max(sheet, 1)), replace=True)

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def turn_to(self, act: str):
        """Begin a decision about the dispute as it stands now; none: leave it."""
        self.act = act if act in set(_DECISIONS) else ""
        self._version, self.is_stale = self.view["version"], False

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def decide(self, form: dict[str, Any]):
        """Carry out the decision that was begun, about the version that was seen then."""
        step = _step(self.act)
        more: dict[str, Any] = {} if step is Step.CONFIRM else {"text": str(form.get("text", ""))}
        if step is Step.PROPOSE:
            more["days"] = _days(form)
        async with transaction(self) as (session, actor):
            await _DECISIONS[step](session, actor, dispute_id=_id(self._shown_id), version=self._version, **more)
            await session.flush()
            await self._fill(session, actor)
        self.act, self.is_stale = "", False
        return success(_DONE[step])

    def _look(self, session: AsyncSession, actor: Actor) -> None:
        """In the journal once, however many pages of its papers are turned."""
        if self._looked != self._shown_id:
            service.looked(session, actor, UUID(self._shown_id) if self.mode == "one" else None)
        self._looked = self._shown_id

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        found = await queries.queue(session, actor, Pile(self.pile), self.page)
        self.rows = [self._place(place) for place in found.places]
        self.page, self.pages = found.page, found.pages
        self.summary = formats.plural(found.total, "вопрос", "вопроса", "вопросов")
        self.mode = "none"
        if self._shown_id:
            await self._open(session, actor)
        self.ready = True

    def _place(self, place: Place) -> PlaceRow:
        href = _address(pile=self.pile, page=self.page, show=str(place.dispute.id))
        return _place_row(place, href=href, is_shown=str(place.dispute.id) == self._shown_id)

    async def _open(self, session: AsyncSession, actor: Actor) -> None:
        if not await service.is_open_to(session, actor, self._shown_id):
            self.mode, self.view = "gone", NOTHING
            return
        opened = await service.opened(session, actor, dispute_id=_id(self._shown_id))
        self.mode, self.view = "one", _view(opened, actor)
        self.story = [story_row(line, with_names=True) for line in reversed(opened.story)]
        self.history = [history_row(event, with_names=True) for event in opened.history]
        self.papers = [_paper_row(opened.dispute, paper) for paper in opened.papers]
        chosen = next((row for row in self.papers if row["id"] == self._paper_id), (self.papers or [NO_PAPER])[0])
        self.paper, self._paper_id = chosen, chosen["id"]
        self.sheet = min(self.sheet, max(chosen["sheets"], 1))


def _place_row(place: Place, *, href: str, is_shown: bool) -> PlaceRow:
    dispute = place.dispute
    words, tone = _wait(dispute)
    state_tone, word = told(dispute.state, has_ended=dispute.ended_at is not None)
    return {
        "id": str(dispute.id), "href": href, "name": place.name, "item": Item(dispute.item).label, "word": word,
        "state_tone": state_tone, "waits": words, "tone": tone, "is_shown": is_shown,
    }  # fmt: skip


def _wait(dispute: Dispute) -> tuple[str, str]:
    """How long it has been somebody's turn; of what is decided, since when."""
    if dispute.closed_at:
        return formats.moment(dispute.closed_at), "quiet"
    waits = clock.now() - dispute.waiting_since
    return wait_words(waits), wait_tone(waits) if dispute.state in FOR_OPERATORS else "quiet"


def _view(opened: Opened, actor: Actor) -> DisputeView:
    dispute, person, override = opened.dispute, opened.person, opened.finding.override
    register = override.register if override else opened.finding
    said = tell(register, is_changed=False)
    tone, word = told(dispute.state, has_ended=dispute.ended_at is not None)
    waits, waits_tone = _wait(dispute)
    is_mine = dispute.proposed_by_id == actor.person_id
    review = f" Пересмотр после {formats.day(dispute.review_on)}." if dispute.review_on else ""
    proposal = f"{opened.proposed_by}: {dispute.proposal}{'' if dispute.proposal.endswith('.') else '.'}{review}"
    return {
        "name": " ".join(filter(None, (person.family_name, person.given_name, person.patronymic))),
        "work": given_text(opened.claim, Item.EMPLOYMENT), "item": Item(dispute.item).label, "word": word, "tone": tone, "waits": waits, "waits_tone": waits_tone, "code": dispute.code, "sentence": opened.finding.sentence,
        "given": said.given, "in_register": said.in_register, "mender": _MENDERS[register.mender] if register.mender else "",
        "hindrance": opened.hindrance if dispute.state in OPEN else "", "opens": opens_words(opened.opens),
        "proposal": proposal if dispute.proposal else "", "answer": dispute.answer, "may_ask": may(Step.ASK, dispute.state),
        "may_refuse": may(Step.REFUSE, dispute.state), "may_propose": may(Step.PROPOSE, dispute.state) and not opened.hindrance,
        "may_confirm": may(Step.CONFIRM, dispute.state) and not is_mine and not opened.hindrance,
        "may_send_back": may(Step.SEND_BACK, dispute.state), "is_mine": is_mine, "version": dispute.version,
    }  # fmt: skip


def _paper_row(dispute: Dispute, paper: Paper) -> PaperRow:
    number = f"{paper.series} № {paper.number}".strip()
    issued = f"от {formats.day(paper.issued_on)}" if paper.issued_on else ""
    until = f"до {formats.day(paper.expires_on)}" if paper.expires_on else ""
    src = f"/api/disputes/{dispute.id}/papers/{paper.id}/preview" if dispute.state in OPEN else ""
    return {
        "id": str(paper.id), "title": TITLES[DocumentKind(paper.kind)], "sheets": paper.pages, "src": src,
        "text": ", ".join(filter(None, [number, issued, until, paper.speciality, paper.issuer])),
    }  # fmt: skip


def _address(**given: str | int) -> str:
    """Only what differs from the plain queue."""
    usual = {"pile": Pile.WAITING.value, "page": 1, "sheet": 1}
    kept = {name: value for name, value in given.items() if value and usual.get(name) != value}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= len("9999") and int(text) > 0 else 1


def _step(act: str) -> Step:
    if act not in set(_DECISIONS):
        raise Invalid("Сначала выберите решение.")
    return Step(act)


def _days(form: dict[str, Any]) -> int:
    text = str(form.get("days", REVIEW_DAYS))
    return int(text) if text.isdecimal() and len(text) <= len("999") else 0


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Спорный вопрос не найден.") from None
