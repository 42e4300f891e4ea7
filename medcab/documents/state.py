"""«Документы»: search, kind, page and the opened paper live in the address."""

from collections.abc import Mapping
from datetime import date
from typing import TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission
from medcab.documents import service
from medcab.documents.finding.rules import Asked, Card, Facet, options
from medcab.documents.kinds.rules import RENEWABLE, TITLES, DocumentKind, Validity, ends_on, facts_text, validity
from medcab.documents.service import DocumentRow
from medcab.guard import reading, requires, success, transaction, watch
from medcab.identifiers.sameness import plain
from medcab.settings import get_settings
from medcab.ui import formats

PATH = "/documents"
PAGE_SIZE = 20
STATES = {
    Validity.HOLDS.value: "Действуют", Validity.ENDS_SOON.value: "Скоро кончатся", Validity.ENDED.value: "Просрочены",
    Validity.ENDLESS.value: "Без срока",
}  # fmt: skip
_ANY = {
    Facet.KIND: "Все виды",
    Facet.STATE: "Все сроки",
    Facet.SPECIALTY: "Все темы",
    Facet.ISSUER: "Кто выдал",
}
CHOICES = frozenset({*Facet, "order"})
ORDERS = {"": "Сначала новые", "ends": "Сначала с ближним сроком"}
_VALIDITY = {
    Validity.ENDLESS: ("quiet", "без срока"), Validity.HOLDS: ("done", "действует"), Validity.ENDED: ("act", "просрочен"),
}  # fmt: skip


class PaperRow(TypedDict):
    """A paper ready to draw."""

    id: str
    title: str
    number: str
    specialty: str
    facts: str
    issuer: str
    issued: str
    ends: str
    tone: str
    word: str
    added: str
    file_id: str
    file_name: str
    sheets: int
    warnings: list[str]
    href: str
    edit: str
    renew: str
    """The form of the next one; empty where nothing is to be renewed."""
    before: str
    """«ещё 2 прежних»: how many papers it renewed."""


class DocumentsState(rx.State):
    """A page of the list, or one paper."""

    query: str = ""
    kind: str = ""
    specialty: str = ""
    issuer: str = ""
    kinds: list[tuple[str, str]] = []
    states: list[tuple[str, str]] = []
    specialties: list[tuple[str, str]] = []
    issuers: list[tuple[str, str]] = []
    rows: list[PaperRow] = []
    total: int = 0
    page: int = 1
    pages: int = 1
    summary: str = ""
    mode: str = ""
    shown: PaperRow = {}  # pyright: ignore[reportAssignmentType] - filled before it is drawn
    versions: list[PaperRow] = []
    newer: str = ""
    """Where the paper is that renews the shown one."""
    renewed: list[PaperRow] = []
    """The papers that the shown one renewed, newest first."""
    seen_by: list[tuple[str, str]] = []
    """When, and by whom, the shown file was opened."""
    state: str = ""
    order: str = ""
    sheet: int = 1
    edit_kind: str = ""
    edit_query: str = ""
    title: str = ""
    _shown_id: str = ""

    @rx.event
    @requires(Permission.VERIFICATION)
    async def load(self):
        """Rebuild the page from the address."""
        self._read(self.router.url.query_parameters)
        async with reading(self) as (session, actor):
            await self._fill(session, actor)
            watch(self, {service.topic(actor.person_id): DocumentsState.refresh})

    def _read(self, asked: Mapping[str, str]) -> None:
        self.query, self._shown_id = asked.get("q", "")[:100], asked.get("show", "")
        self.kind = self.edit_kind = _kind(asked.get("kind", ""))
        self.state = asked.get("state", "") if asked.get("state", "") in STATES else ""
        self.specialty, self.issuer = (plain(asked.get(name, "")[:300]) for name in ("specialty", "issuer"))
        self.order = "ends" if asked.get("order") == "ends" else ""
        self.page, self.sheet = _count(asked.get("page", "")), _count(asked.get("sheet", ""))
        self.mode = "form" if asked.get("edit") and self.edit_kind else "one" if self._shown_id else "list"
        self.edit_query, self.title = (
            f"kind={self.edit_kind}&id={_uuid(asked.get('id', ''))}&renews={_uuid(asked.get('renews', ''))}",
            TITLES[DocumentKind(self.kind)] if self.kind else "",
        )

    @rx.event
    @requires(Permission.VERIFICATION)
    async def refresh(self):
        """A paper was changed in another window."""
        async with reading(self) as (session, actor):
            await self._fill(session, actor)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def search(self, text: str):
        """Another search: a new address."""
        return rx.redirect(self._go(q=text[:100]), replace=True)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def choose(self, name: str, value: str):
        """Another choice in a facet, or another order: a new address."""
        return rx.redirect(self._go(**{name: value[:300]}) if name in CHOICES else PATH)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def turn(self, page: int):
        """Another page of the list."""
        return rx.redirect(self._go(page=max(page, 1)))

    @rx.event
    @requires(Permission.VERIFICATION)
    async def turn_sheet(self, sheet: int):
        """Another page of the opened file; the browser writes it into the address, so that a reload comes back to it."""
        self.sheet = max(sheet, 1)

    @rx.event
    @requires(Permission.VERIFICATION)
    async def remove(self, document_id: str):
        """Take a paper out."""
        async with transaction(self) as (session, actor):
            await service.remove(session, actor, UUID(document_id))
        return [rx.redirect(PATH, replace=True), success("Документ убран.")]

    def _go(self, **other: str | int) -> str:
        """The list with one thing changed, from its first page."""
        kept = {facet.value: str(getattr(self, facet.value)) for facet in Facet}
        return _address(**{"q": self.query, **kept, "order": self.order, **other})

    async def _fill(self, session: AsyncSession, actor: Actor) -> None:
        chains = service.newest(await service.papers(session, actor))
        everything = [head for head, _before in chains]
        before = {head.id: len(earlier) for head, earlier in chains}
        cards = {row.id: _card(row) for row in everything}
        asked = Asked(self.query, {facet: getattr(self, facet.value) for facet in Facet})
        found = [row for row in everything if asked.admits(cards[row.id])]
        self.total, self.pages = len(everything), max(1, -(-len(found) // PAGE_SIZE))
        self.page = min(self.page, self.pages)
        ordered = sorted(found, key=lambda row: row.created_at, reverse=True)
        if self.order == "ends":
            ordered.sort(key=lambda row: _ends(row) or date.max)
        self.rows = [
            _drawn(row, before[row.id]) for row in ordered[(self.page - 1) * PAGE_SIZE : self.page * PAGE_SIZE]
        ]
        self.summary = formats.plural(len(found), "документ", "документа", "документов")
        self.kinds, self.states, self.specialties, self.issuers = (
            _options(list(cards.values()), asked, facet) for facet in Facet
        )
        if self.mode == "one":
            await self._show(session, actor)

    async def _show(self, session: AsyncSession, actor: Actor) -> None:
        everything = await service.papers(session, actor)
        if not any(str(row.id) == self._shown_id for row in everything):
            self.mode = "gone"
            return
        shown, versions = await service.paper(session, actor, UUID(self._shown_id))
        follows = next((row for row in everything if row.renews_id == shown.id), None)
        self.shown, self.versions = _drawn(shown), [_drawn(version) for version in versions]
        if follows:
            self.shown["renew"] = ""
        self.newer = _address(show=str(follows.id)) if follows else ""
        self.renewed = [_drawn(row) for row in service.before(shown, everything)]
        self.sheet = min(self.sheet, max(shown.file_pages, 1))
        read = await service.readings(session, actor, shown.file_id) if shown.file_id else []
        self.seen_by = [(formats.moment(each.at), each.name or "вы") for each in read]


def _kind(text: str) -> DocumentKind | str:
    return DocumentKind(text) if text in set(DocumentKind) else ""


def _uuid(text: str) -> str:
    """Only the marks of an id: it becomes a part of the form's address."""
    return "".join(mark for mark in text[:36] if mark in "0123456789abcdef-")


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= len("9999") and int(text) > 0 else 1


def _address(**given: str | int) -> str:
    """Only what differs from the plain list."""
    kept = {name: value for name, value in given.items() if value and (name not in ("page", "sheet") or value != 1)}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def _card(row: DocumentRow) -> Card:
    words = (TITLES[row.kind], row.series, row.number, row.issuer, row.specialty, row.file_name, row.text)
    state = validity(_ends(row), clock.today())
    facets = {
        Facet.KIND: row.kind.value, Facet.STATE: state.value, Facet.SPECIALTY: row.specialty, Facet.ISSUER: row.issuer,
    }  # fmt: skip
    return Card(facets, words)


def _options(cards: list[Card], asked: Asked, facet: Facet) -> list[tuple[str, str]]:
    """The choices of a facet in words, with how many papers each would leave; the first takes the choice back."""
    found = options(cards, asked, facet)
    return [("", _ANY[facet]), *((value, f"{_word(facet, value, name)} ({count})") for value, name, count in found)]


def _word(facet: Facet, value: str, spelling: str) -> str:
    if facet is Facet.KIND:
        return TITLES[DocumentKind(value)]
    return STATES[value] if facet is Facet.STATE else spelling


def _ends(row: DocumentRow) -> date | None:
    return ends_on(row.kind, row.issued_on, row.expires_on, get_settings().norms_on(row.issued_on or clock.today()))


def _drawn(row: DocumentRow, before: int = 0) -> PaperRow:
    ends = _ends(row)
    tone, word = _told(validity(ends, clock.today()), (ends - clock.today()).days if ends else 0)
    return {
        "id": str(row.id), "title": TITLES[row.kind], "number": f"{row.series} № {row.number}".strip(), "specialty": row.specialty,
        "facts": facts_text(row.facts),
        "issuer": row.issuer, "issued": formats.day(row.issued_on) if row.issued_on else "", "ends": formats.day(ends) if ends else "",
        "tone": tone, "word": word, "added": formats.moment(row.created_at), "file_id": str(row.file_id or ""), "file_name": row.file_name,
        "sheets": row.file_pages, "warnings": list(row.warnings), "href": _address(show=str(row.id)),
        "edit": f"{PATH}?edit=paper&kind={row.kind.value}&id={row.id}",
        "renew": f"{PATH}?edit=paper&kind={row.kind.value}&renews={row.id}" if row.kind in RENEWABLE and ends else "",
        "before": f"ещё {formats.plural(before, 'прежний', 'прежних', 'прежних')}" if before else "",
    }  # fmt: skip


def _told(state: Validity, days: int) -> tuple[str, str]:
    if state is not Validity.ENDS_SOON:
        return _VALIDITY[state]
    return "soon", f"истекает через {formats.plural(days, 'день', 'дня', 'дней')}" if days else "истекает сегодня"
