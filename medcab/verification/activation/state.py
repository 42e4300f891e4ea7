"""«Врачебный кабинет»: where the verification stands, drawn from the address and moved on by what happens to the case."""

from datetime import date, datetime
from typing import TypedDict

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.documents import service as documents
from medcab.documents.kinds.rules import TITLES, DocumentKind
from medcab.guard import reading, requires, watch
from medcab.ui import formats
from medcab.ui.stepper import Step, StepState
from medcab.verification import service
from medcab.verification.disputes import service as disputes
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.own.state import PATH as DISPUTE_PATH
from medcab.verification.disputes.rules import why_not
from medcab.verification.rules import CaseState, Item, Row, case_badge, checklist, is_needed, summary, tell, way_to
from medcab.verification.rules.checklist import PERMITS
from medcab.verification.rules.items import DOCUMENTS, ItemState
from medcab.verification.service import Case
from medcab.verification.watch.queries import own as own_changes
from medcab.verification.watch.state import ChangeRow, change_row

PATH = "/activation"
STEPS = ("documents", "code", "check", "done")
_TITLES = {"documents": "Документы", "code": "Код из SMS", "check": "Проверка", "done": "Кабинет активирован"}
_EDITS = {"identity": "Личные данные", "details": "Регистр, место работы и специальности"}
_ADD = {
    Item.DIPLOMA: "Добавить диплом", Item.ACCREDITATION: "Добавить аккредитацию", Item.CERTIFICATE: "Добавить сертификат",
    Item.LICENCE: "Добавить лицензию",
}  # fmt: skip
_LOST = frozenset({CaseState.MISMATCH, CaseState.WITHDRAWN, CaseState.EXPIRED})


class PaperLine(TypedDict):
    """A paper in the checklist: what is on it, and where it is corrected."""

    id: str
    text: str
    href: str
    kind: str


class NewPaper(TypedDict):
    """A kind of paper that can be added."""

    label: str
    href: str


class ChecklistRow(TypedDict):
    """One thing to give."""

    title: str
    tone: str
    word: str
    given: str
    missing: list[str]
    href: str
    label: str
    papers: list[PaperLine]
    new: list[NewPaper]


class ItemRow(TypedDict):
    """One item of the check."""

    key: str
    title: str
    tone: str
    word: str
    sentence: str
    given: str
    in_register: str
    mender: str
    what_to_do: str
    href: str
    asked: str
    asked_exact: str
    note: str
    """What must be said of something confirmed: that it was, against the register."""
    dispute: str
    dispute_word: str
    dispute_tone: str


class ActivationState(rx.State):
    """The steps, the list of what to give, and the items of the check."""

    step: str = ""
    edit: str = ""
    kind: str = ""
    title: str = ""
    query: str = ""
    steps: list[Step] = []
    rows: list[ChecklistRow] = []
    items: list[ItemRow] = []
    tone: str = "quiet"
    word: str = ""
    told_tone: str = "quiet"
    told_title: str = ""
    told_text: str = ""
    lacks: str = ""
    has_unsent: bool = False
    may_ask_again: bool = False
    specialities: list[str] = []
    until: str = ""
    accepted: list[str] = []
    """What is confirmed against the register, and until when, a sentence each."""
    changes: list[ChangeRow] = []
    has_role: bool = True
    """Whether some organisation has given this person a role: sections open by it."""
    _natural: str = ""
    _asked_for: str = ""

    @rx.event
    @requires(Permission.VERIFICATION)
    async def load(self):
        """Rebuild the page from the address."""
        asked = self.router.url.query_parameters
        self._asked_for, self.edit = asked.get("step", ""), asked.get("edit", "")
        self.kind = asked.get("kind", "") if asked.get("kind", "") in set(DocumentKind) else ""
        self.query = f"kind={self.kind}&id={asked.get('id', '')[:36]}"
        async with reading(self) as (session, actor):
            before = await self._fill(session, actor)
            watch(self, {service.topic(actor.person_id): ActivationState.refresh})
        return self._way_on(before)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def refresh(self):
        """Something happened to the case: show it, and go on when this step is over."""
        async with reading(self) as (session, actor):
            before = await self._fill(session, actor)
        return self._way_on(before)

    def _way_on(self, before: str) -> rx.event.EventSpec | None:
        """To the step where the case stands, when none was asked for, or the one that was asked for is over or closed."""
        is_over = self._asked_for == before != self._natural
        if self.edit or (self.step == self._asked_for and not is_over):
            return None
        return rx.redirect(f"{PATH}?step={self._natural}", replace=True)

    async def _fill(self, session: AsyncSession, actor: Actor) -> str:
        """Draw the case anew; the step where it stood before."""
        before = self._natural
        case = await service.overview(session, actor)
        papers = await documents.papers(session, actor)
        self._natural = natural_step(case)
        self.step = self._asked_for if _is_open(self._asked_for, case) else self._natural
        self.steps = _steps(case, self.step)
        self.tone, self.word = case_badge(case.state)
        self.rows = [_checklist_row(row, papers) for row in _rows(case)]
        self.items = _items(case, papers, await disputes.newest(session, actor))
        self.changes = [change_row(line) for line in await own_changes(session, actor)]
        self.has_role = bool(actor.roles)
        self._tell(case)
        if self.edit:
            self.title = _EDITS.get(self.edit, TITLES.get(DocumentKind(self.kind), "") if self.kind else "Документ")
        return before

    def _tell(self, case: Case) -> None:
        told = summary(
            case.state,
            case.findings,
            changed=case.changed,
            reasons=case.reasons,
            promised=case.postponed_until,
            asked=_last_asked(case),
        )
        self.told_tone, self.told_title, self.told_text = told.tone, told.title, told.text
        lacks = sum(1 for row in self.rows if row["missing"])
        self.lacks = f"Осталось заполнить {formats.plural(lacks, 'пункт', 'пункта', 'пунктов')}." if lacks else ""
        states = {finding.state for finding in case.findings.values()}
        self.has_unsent = has_unsent(case)
        self.may_ask_again = not self.has_unsent and bool(
            states - {ItemState.CONFIRMED, ItemState.CHECKING, ItemState.NOT_GIVEN}
        )
        self.specialities = list(case.specialities)
        self.accepted = [
            f"{row['title']}: {row['note'][:1].lower()}{row['note'][1:]}" for row in self.items if row["note"]
        ]
        self.until = formats.day(date.fromisoformat(case.until)) if case.until else ""


def natural_step(case: Case) -> str:
    """The step at which the case itself stands."""
    if case.state is CaseState.ACTIVE:
        return "done"
    return "documents" if case.state is CaseState.DRAFT else "check"


def has_unsent(case: Case) -> bool:
    """Whether there is something that the register was not asked about."""
    is_ready = any(finding.state is ItemState.READY for finding in case.findings.values())
    return bool(case.changed) or is_ready or case.state is CaseState.DRAFT


def _is_open(step: str, case: Case) -> bool:
    """Whether the address may ask for this step now."""
    was_sent = case.state is not CaseState.DRAFT
    doors = {
        "documents": True,
        "code": not case.missing and has_unsent(case),
        "check": was_sent,
        "done": case.state is CaseState.ACTIVE,
    }
    return doors.get(step, False)


def _steps(case: Case, shown: str) -> list[Step]:
    reached, at = STEPS.index(natural_step(case)), STEPS.index(shown)

    def state(index: int) -> StepState:
        if STEPS[index] == "check" and case.state in _LOST:
            return "problem"
        if index == at and case.state is not CaseState.ACTIVE:
            return "current"
        return "done" if index < max(reached, at) or case.state is CaseState.ACTIVE else "todo"

    return [{"title": _TITLES[step], "hint": "", "state": state(index)} for index, step in enumerate(STEPS)]


def _rows(case: Case) -> list[Row]:
    return checklist(case.claim, case.findings, missing=case.missing, changed=case.changed)


def _checklist_row(row: Row, papers: list[documents.DocumentRow]) -> ChecklistRow:
    lines = [_paper_line(paper) for paper in papers if paper.kind.value in row.items]
    new: list[NewPaper] = [
        {"label": _ADD[item], "href": f"{PATH}?step=documents&edit=paper&kind={item.value}"}
        for item in row.items
        if item in DOCUMENTS and (item in PERMITS or not lines)
    ]
    return {
        "title": row.title, "tone": row.tone, "word": row.word, "given": row.given, "missing": list(row.missing), "papers": lines, "new": new,
        "href": f"{PATH}?step=documents&edit={row.edit}" if row.edit else "", "label": "Изменить" if row.given else "Заполнить",
    }  # fmt: skip


def _paper_line(paper: documents.DocumentRow) -> PaperLine:
    number = f"{paper.series} № {paper.number}".strip()
    issued = f"от {formats.day(paper.issued_on)}" if paper.issued_on else ""
    text = ", ".join(filter(None, [TITLES[paper.kind], " ".join(filter(None, [number, issued])), paper.specialty]))
    return {"id": str(paper.id), "text": text, "href": _correct(paper), "kind": paper.kind.value}


def _correct(paper: documents.DocumentRow) -> str:
    return f"{PATH}?step=documents&edit=paper&kind={paper.kind.value}&id={paper.id}"


def _items(case: Case, papers: list[documents.DocumentRow], about: dict[Item, Dispute]) -> list[ItemRow]:
    shown = [item for item in Item if is_needed(item, case.findings)]
    return [_item_row(item, case, papers, about.get(item)) for item in shown]


def _item_row(item: Item, case: Case, papers: list[documents.DocumentRow], dispute: Dispute | None) -> ItemRow:
    told = tell(case.findings[item], is_changed=item in case.changed)
    asked, finding = case.asked_at.get(item), case.findings[item]
    is_shown = dispute is not None and dispute.ended_at is None and (told.is_refused or bool(finding.override))
    may_begin = not why_not(finding, is_changed=item in case.changed)
    return {
        "key": item.value, "title": item.label, "tone": told.tone, "word": told.word, "sentence": told.sentence, "given": told.given,
        "in_register": told.in_register, "mender": told.mender, "what_to_do": told.what_to_do,
        "href": _mend(item, papers) if told.is_refused else "",
        "asked": asked.isoformat() if asked else "", "asked_exact": formats.moment(asked) if asked else "",
        "note": finding.sentence if finding.override and item not in case.changed else "",
        "dispute": f"{DISPUTE_PATH}?item={item.value}" if is_shown or may_begin else "",
        "dispute_word": dispute.state.label if dispute and is_shown else "", "dispute_tone": dispute.state.tone if dispute and is_shown else "",
    }  # fmt: skip


def _mend(item: Item, papers: list[documents.DocumentRow]) -> str:
    """Straight to the paper when there is one of the kind; to the list when there are several."""
    if (way := way_to(item)) != "paper":
        return f"{PATH}?step=documents&edit={way}"
    own = [paper for paper in papers if paper.kind.value == item.value]
    return _correct(own[0]) if len(own) == 1 else f"{PATH}?step=documents"


def _last_asked(case: Case) -> datetime | None:
    waiting = [
        case.asked_at[i] for i, f in case.findings.items() if f.state is ItemState.POSTPONED and i in case.asked_at
    ]
    return max(waiting, default=None)
