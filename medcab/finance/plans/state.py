"""«Планы объёмов»: a month and a payer of the address as one table; another month's numbers may be taken over before they are saved."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, TypedDict
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.state import Choice
from medcab.errors import Invalid, MedcabError
from medcab.finance.plans import service
from medcab.finance.plans.service import Grid
from medcab.finance.rules.address import months_back
from medcab.finance.rules.sheets import money
from medcab.finance.rules.sums import Amount, roubles
from medcab.finance.rules.words import money as money_words
from medcab.finance.rules.words import visits
from medcab.finance.state import payer_choices, why_not_kept
from medcab.guard import reading, requires, success, transaction
from medcab.schedule.rules.given import identity
from medcab.schedule.rules.months import MONTHS
from medcab.schedule.rules.visits import Payer

PATH = "/finance/plans"
_AHEAD, _BACK = 12, 12
SOURCES = {"month": 1, "year": 12}
"""From how many months before numbers are taken over."""


class PlanLine(TypedDict):
    """A department's plan as it is typed."""

    id: str
    name: str
    visits: str
    sum: str
    fault: str


class PlansState(rx.State):
    """The table of one month and payer. `seen` tells what was kept then; `copied`: whose numbers stand in it, not saved yet."""

    closed: str = ""
    ready: bool = False
    lines: list[PlanLine] = []
    month: str = ""
    months: list[Choice] = []
    payer: str = ""
    payers: list[Choice] = []
    total: str = ""
    copied: str = ""
    key: str = ""
    seen: str = ""
    fault: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom plans are not open, say why."""
        self.closed, self.fault = why_not_kept(), ""
        return None if self.closed else PlansState.show

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def show(self):
        """Read the month; with `copy`, another month's numbers in its place."""
        month, payer, copy = self._at()
        async with reading(self) as (session, actor):
            kept = await service.grid(session, actor, month=month, payer=payer)
            source = months_back(month, SOURCES[copy]) if copy else month
            shown = await service.grid(session, actor, month=source, payer=payer) if copy else kept
        self.copied = _name(source) if copy else ""
        self._show(month, payer, kept, shown)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def choose(self, what: str, value: str):
        """Another month or payer, or the numbers of another month."""
        if what not in {"month", "payer", "copy"}:
            return None
        return rx.redirect(f"{PATH}?{urlencode({'month': self.month, 'payer': self.payer, what: value})}", replace=True)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def save(self, form: dict[str, Any]):
        """The whole table; what was typed stays when it is refused."""
        return await self._save(form)

    async def _save(self, form: dict[str, Any]) -> Any:
        """A refusal stands over the table."""
        month, payer, _ = self._at()
        try:
            plans = self._typed({name: str(value) for name, value in form.items()})
            async with transaction(self) as (session, actor):
                await service.save(session, actor, month=month, payer=payer, plans=plans, seen=self.seen)
        except MedcabError as refused:
            self.fault = refused.message
            return None
        self.fault = ""
        back = rx.redirect(f"{PATH}?{urlencode({'month': self.month, 'payer': self.payer})}", replace=True)
        return [success(f"План сохранён: {_name(month)}."), back if self.copied else PlansState.show]

    def _typed(self, form: Mapping[str, str]) -> dict[UUID, Amount | None]:
        """What is wrong stands at its row; over the table, in which rows."""
        plans, faults = plans_of(form, [line["id"] for line in self.lines])
        self.lines = [{**line, "fault": faults.get(line["id"], "")} for line in self.lines]
        if faults:
            told = [f"{line['name']}: {line['fault']}" for line in self.lines if line["fault"]]
            raise Invalid(f"План не сохранён. {' '.join(told)}")
        return plans

    def _at(self) -> tuple[date, Payer, str]:
        asked = self.router.url.query_parameters
        payer, copy = asked.get("payer", ""), asked.get("copy", "")
        return _month(asked), Payer(payer) if payer in set(Payer) else Payer.OMS, copy if copy in SOURCES else ""

    def _show(self, month: date, payer: Payer, kept: Grid, shown: Grid) -> None:
        self.months = [{"value": f"{each:%Y-%m}", "label": _name(each)} for each in _months()]
        self.month, self.payer, self.payers = f"{month:%Y-%m}", payer.value, payer_choices()[1:]
        plans = {key: plan for key, _, plan in shown.rows}
        self.lines = [_line(key, name, plans.get(key)) for key, name, _ in kept.rows]
        whole = sum((plan for _, _, plan in kept.rows if plan), Amount())
        self.total = f"Сохранено на месяц: {visits(whole.visits)} на {money_words(whole.kopecks)}." if whole.visits or whole.kopecks else "План на этот месяц ещё не сохранён."  # fmt: skip
        self.seen, self.ready = kept.seen, True
        self.key = f"{month}{payer}{self.copied}{kept.seen}"


def _months() -> list[date]:
    today = clock.today().replace(day=1)
    return [months_back(today, back) for back in range(-_AHEAD, _BACK + 1)]


def _month(asked: Mapping[str, str]) -> date:
    """Of those that can be planned; the current one for any other."""
    with suppress(ValueError):
        month = date.fromisoformat(f"{asked.get('month', '')}-01")
        if month in _months():
            return month
    return clock.today().replace(day=1)


def _name(month: date) -> str:
    return f"{MONTHS[month.month - 1]} {month.year}"


def _line(key: UUID, name: str, plan: Amount | None) -> PlanLine:
    if plan is None:
        return {"id": str(key), "name": name, "visits": "", "sum": "", "fault": ""}
    return {
        "id": str(key),
        "name": name,
        "visits": str(plan.visits),
        "sum": f"{roubles(plan.kopecks):.2f}".replace(".", ","),
        "fault": "",
    }


def plans_of(form: Mapping[str, str], departments: list[str]) -> tuple[dict[UUID, Amount | None], dict[str, str]]:
    """What was typed for each department, and what is wrong in its row; both fields empty: no plan."""
    found: dict[UUID, Amount | None] = {}
    faults: dict[str, str] = {}
    for key in departments:
        count, total = form.get(f"visits:{key}", "").strip(), form.get(f"sum:{key}", "").strip()
        if fault := " ".join(_faults(count, total)) if count or total else "":
            faults[key] = fault
        else:
            found[identity(key)] = Amount(_count(count), _sum(total)) if count or total else None
    return found, faults


def _faults(count: str, total: str) -> Iterator[str]:
    """Of a row where something is typed: a zero is written, it is never guessed from an empty field."""
    for text, read, missing in ((count, _count, "Укажите число приёмов."), (total, _sum, "Укажите сумму.")):
        try:
            if not text:
                yield missing
            read(text)
        except Invalid as refused:
            yield refused.message


def _count(text: str) -> int:
    bare = "".join(text.split())
    if bare and not (bare.isascii() and bare.isdecimal() and len(bare) <= len("1000000")):
        raise Invalid(f"«{text[:40]}» не похоже на число приёмов.")
    return int(bare or 0)


def _sum(text: str) -> int:
    return money(text) if text.strip("0,. ") else 0
