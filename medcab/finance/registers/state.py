"""«Реестры»: what the next one would hold, and those that stand; the address says of which month and payer."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, TypedDict
from urllib.parse import urlencode

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.rules.links import page_of
from medcab.dashboards.state import Choice
from medcab.errors import MedcabError
from medcab.finance.registers import service
from medcab.finance.registers.queries import Standing
from medcab.finance.registers.service import MOST_LINES, WITHOUT_SHOWN, Bills, Doubtful, Draft, StaleRegister
from medcab.finance.rules.address import BACK, months_back
from medcab.finance.rules.words import money, register_name, visits
from medcab.finance.state import ALL, payer_choices, why_not_kept
from medcab.guard import reading, requires, success, transaction
from medcab.schedule.rules.months import MONTHS
from medcab.schedule.rules.visits import KIND_TITLES, Payer
from medcab.ui import formats

PATH = "/finance/registers"
_ASKED = {"month", "of", "payer"}


class BillLine(TypedDict):
    """A register that stands, ready to draw."""

    id: str
    name: str
    made: str
    visits: str
    billed: str
    accepted: str
    rejected: str
    waiting: str


class DoubtfulLine(TypedDict):
    """A visit that has no price: what to put right."""

    key: str
    day: str
    doctor: str
    specialty: str
    kind: str
    why: str


class RegistersState(rx.State):
    """The draft of one month and payer, and one page of the registers. `seen` tells this draft from any other."""

    closed: str = ""
    ready: bool = False
    month: str = ""
    months: list[Choice] = []
    of: str = ""
    ofs: list[Choice] = []
    draft_name: str = ""
    held: str = ""
    again: str = ""
    is_over: bool = False
    can_make: bool = False
    missing: str = ""
    guessed: str = ""
    later: str = ""
    doubtful: list[DoubtfulLine] = []
    seen: str = ""
    fault: str = ""
    payer: str = ALL
    payers: list[Choice] = []
    bills: list[BillLine] = []
    summary: str = ""
    page: int = 1
    pages: int = 1

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom registers are not open, say why."""
        self.closed, self.fault = why_not_kept(), ""
        return None if self.closed else RegistersState.show

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def show(self):
        """Put the draft together, and read the registers."""
        asked = self.router.url.query_parameters
        (month, of), payer = _at(asked), asked.get("payer", "")
        chosen = Payer(payer) if payer in set(Payer) else None
        async with reading(self) as (session, actor):
            draft = await service.draft(session, actor, month=month, payer=of)
            doubtful = await service.named(session, draft)
            bills = await service.bills(session, actor, payer=chosen, page=page_of(asked.get("page", "")))
        self._show_draft(draft, doubtful)
        self._show_bills(bills, chosen)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def choose(self, what: str, value: str):
        """Another month or payer of the draft, or registers of one payer."""
        return self._go({what: value}) if what in _ASKED else None

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def turn(self, by: int):
        """Another page of the registers."""
        return self._go({"page": str(max(1, self.page + by))})

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def make(self, seen: str):
        """Make the register that was seen, or say why not."""
        return await self._make(seen)

    async def _make(self, seen: str) -> Any:
        """A draft that is no longer true is drawn anew, and said."""
        month, of = _at(self.router.url.query_parameters)
        try:
            async with transaction(self) as (session, actor):
                bill = await service.make(session, actor, month=month, payer=of, seen=seen)
        except MedcabError as refused:
            self.fault = refused.message
            return RegistersState.show if isinstance(refused, StaleRegister) else None
        self.fault, name = "", register_name(bill.payer, bill.month, bill.number)
        return [success(f"Реестр составлен: {name}."), rx.redirect(f"/finance/register?id={bill.id}")]

    def _go(self, changed: dict[str, str]) -> Any:
        now = {"month": self.month, "of": self.of, "payer": self.payer, **changed}
        return rx.redirect(
            f"{PATH}?{urlencode({name: value for name, value in now.items() if value != ALL})}", replace=True
        )

    def _show_draft(self, draft: Draft, doubtful: list[Doubtful]) -> None:
        today = clock.today().replace(day=1)
        self.months = [
            {"value": f"{each:%Y-%m}", "label": _name(each)}
            for each in (months_back(today, n) for n in range(BACK + 1))
        ]
        self.ofs, self.month, self.of = payer_choices()[1:], f"{draft.month:%Y-%m}", draft.payer.value
        amount, count = draft.amount, len(draft.unpriced)
        self.draft_name = register_name(draft.payer, draft.month, draft.number)
        self.held = f"{visits(amount.visits)} на {money(amount.kopecks)}" if amount.visits else ""
        self.again = f"Из них подаются снова после отказа: {formats.number(draft.again)}." if draft.again else ""
        self.is_over, self.can_make = draft.is_over, draft.is_over and bool(amount.visits)
        guessed = len(draft.guessed)
        shown = f" Показаны первые {WITHOUT_SHOWN}." if count + guessed > WITHOUT_SHOWN else ""
        self.guessed = f"У {formats.plural(guessed, 'приёма', 'приёмов', 'приёмов')} часы не называют специальность: взята единственная, которая могла быть у врача в тот день. Проверьте её, прежде чем составлять реестр.{shown}" if guessed else ""  # fmt: skip
        self.missing = f"{visits(count)} без цены в реестр не {'войдёт' if count == 1 else 'войдут'}: после исправления попадут в следующий реестр того же месяца.{shown}" if count else ""  # fmt: skip
        self.later = (
            f"В одном реестре не больше {formats.number(MOST_LINES)} строк: ещё {visits(draft.later)} пойдут в следующий."
            if draft.later
            else ""
        )
        self.doubtful, self.seen = [_doubtful(each) for each in doubtful], draft.seen

    def _show_bills(self, found: Bills, payer: Payer | None) -> None:
        self.payers, self.payer = payer_choices(), payer or ALL
        self.bills = [bill_line(each) for each in found.rows]
        self.summary = formats.plural(found.count, "реестр", "реестра", "реестров")
        self.page, self.pages, self.ready = found.number, found.pages, True


def _at(asked: Mapping[str, str]) -> tuple[date, Payer]:
    """The month and payer of the draft: the month before this one, and the compulsory insurance, for what cannot be read."""
    today = clock.today().replace(day=1)
    month, of = months_back(today, 1), asked.get("of", "")
    with suppress(ValueError):
        given = date.fromisoformat(f"{asked.get('month', '')}-01")
        month = given if months_back(today, BACK) <= given <= today else month
    return month, Payer(of) if of in set(Payer) else Payer.OMS


def _name(month: date) -> str:
    return f"{MONTHS[month.month - 1]} {month.year}"


def _doubtful(each: Doubtful) -> DoubtfulLine:
    specialty = each.visit.specialty
    if each.is_priced:
        why = "Специальность взята из права врача: проверьте её."
    elif specialty:
        why = f"Нет тарифа на {formats.day(each.day)}."
    else:
        why = "Специальность не указана в часах приёма, а у врача она не одна или не подтверждена."
    return {
        "key": str(each.visit.id), "day": formats.moment(each.visit.starts_at), "doctor": f"{each.doctor}, {each.department}",
        "specialty": specialty or "не указана", "kind": KIND_TITLES[each.visit.kind], "why": why,
    }  # fmt: skip


def bill_line(each: Standing) -> BillLine:
    """A line of the table."""
    sums, by = each.sums, f", {each.made_by}" if each.made_by else ""
    return {
        "id": str(each.bill.id), "name": register_name(each.bill.payer, each.bill.month, each.bill.number),
        "made": f"{formats.moment(each.bill.made_at)}{by}", "visits": visits(sums.billed.visits), "billed": money(sums.billed.kopecks),
        "accepted": money(sums.accepted.kopecks), "rejected": money(sums.rejected.kopecks), "waiting": money(sums.waiting.kopecks),
    }  # fmt: skip
