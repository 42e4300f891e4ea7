"""«Тарифы»: what a visit costs, from which day to which; the address says which of them are shown."""

from datetime import date, timedelta
from typing import Any, TypedDict
from urllib.parse import urlencode

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.rules.links import page_of
from medcab.dashboards.state import Choice
from medcab.errors import Invalid, MedcabError
from medcab.finance.rules import tariffs
from medcab.finance.rules.bringing import change_words, what_words
from medcab.finance.rules.sheets import kind_of, money, payer_of
from medcab.finance.rules.tariffs import Change, Price, What
from medcab.finance.rules.words import money as money_words
from medcab.finance.state import ALL, payer_choices, why_not_kept
from medcab.finance.tariffs import service
from medcab.finance.tariffs.service import Page, Wanted
from medcab.guard import Tab, reading, requires, success, transaction
from medcab.schedule.rules.cells import day_of, tidy
from medcab.schedule.rules.given import identity
from medcab.schedule.rules.visits import KIND_TITLES, PAYER_TITLES, Payer
from medcab.ui import formats
from medcab.ui.files import saved

PATH = "/finance/tariffs"
FORM = "tariff-form"
"""Where the focus goes when a tariff is taken into the form."""
_ASKED = {"payer", "specialty", "days"}
_FIELDS = ("payer", "specialty", "kind", "price", "since", "until")


class TariffLine(TypedDict):
    """A tariff, ready to draw. `used`: up to which day registers took it; then it is not removed."""

    id: str
    what: str
    payer: str
    specialty: str
    kind: str
    price: str
    days: str
    used: str
    free: str
    until: str


class TariffsState(rx.State):
    """One page of tariffs, and the form of a new price; what was typed stays when it is refused."""

    closed: str = ""
    ready: bool = False
    lines: list[TariffLine] = []
    payer: str = ALL
    payers: list[Choice] = []
    specialty: str = ALL
    specialties: list[Choice] = []
    names: list[str] = []
    days: str = "now"
    summary: str = ""
    page: int = 1
    pages: int = 1
    form: dict[str, str] = {}
    form_key: str = ""
    fault: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; to whom tariffs are not open, say why."""
        self.closed, self.fault, self.form, self.form_key = why_not_kept(), "", {}, ""
        return None if self.closed else TariffsState.show

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def show(self):
        """Read the page of the address."""
        async with reading(self) as (session, actor):
            found = await service.page(
                session, actor, wanted=self._wanted(), number=page_of(self.router.url.query_parameters.get("page", ""))
            )
        self._show(found)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def choose(self, what: str, value: str):
        """Other tariffs: of one payer, of one specialty, those that hold today or all."""
        return self._go({what: value}) if what in _ASKED else None

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def turn(self, by: int):
        """Another page."""
        return self._go({"page": str(max(1, self.page + by))})

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def edit(self, tariff_id: str):
        """Take a tariff of the page into the form: another price, another day, a last day."""
        found = next((line for line in self.lines if line["id"] == tariff_id), None)
        if found is None:
            return None
        bare = found["price"].replace("₽", "").strip()
        given = {"payer": found["payer"], "specialty": found["specialty"], "kind": found["kind"], "price": bare}
        self.form, self.fault = {**given, "since": found["free"], "until": found["until"]}, ""
        self.form_key = tariff_id
        return rx.set_focus(FORM)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def put(self, form: dict[str, Any]):
        """A price from a day on; the former one ends on the day before."""
        return await self._put(form)

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def remove(self, tariff_id: str):
        """Take away one that no register took."""
        async with transaction(self) as (session, actor):
            await service.remove(session, actor, tariff_id=identity(tariff_id))
        return [success("Тариф удалён."), TariffsState.show]

    @rx.event
    @requires(Permission.FINANCE_ORGANISATION)
    async def export(self, kind: str):
        """The tariffs that are shown, all pages, as a file that may be brought back."""
        async with transaction(self) as (session, actor):
            sheet = await service.export(session, actor, wanted=self._wanted(), kind=kind)
        return await saved(sheet)

    async def _put(self, form: dict[str, Any]) -> Any:
        """A refusal stands over the form."""
        self.form = {name: str(form.get(name, ""))[:500] for name in _FIELDS}
        try:
            price = price_of(self.form, clock.today())
            async with transaction(self) as (session, actor):
                change = await service.put(session, actor, price=price)
        except MedcabError as refused:
            self.fault = refused.message
            return None
        self.fault, self.form, self.form_key = "", {}, str(clock.now())
        return self._told(change.put[0].what, change)

    def _told(self, what: What, change: Change) -> list[Any]:
        """What was done, with its rows in the table; a specialty that no visit has yet may be a slip of the pen."""
        doubt = tariffs.doubt(what.specialty, self.names)
        rows = {"payer": what.payer.value, "specialty": what.specialty, "days": "all"}
        return [
            success(f"{what_words(what)}: {change_words(change)}."), *([Tab.tell("soon", doubt)] if doubt else []),
            rx.redirect(f"{PATH}?{urlencode(rows)}", replace=True),
        ]  # fmt: skip

    def _wanted(self) -> Wanted:
        asked = self.router.url.query_parameters
        payer = asked.get("payer", "")
        return Wanted(
            Payer(payer) if payer in set(Payer) else None, asked.get("specialty", "")[:500],
            None if asked.get("days") == "all" else clock.today(),
        )  # fmt: skip

    def _go(self, changed: dict[str, str]) -> Any:
        now = {"payer": self.payer, "specialty": self.specialty, "days": self.days, **changed}
        kept = {name: value for name, value in now.items() if value != ("now" if name == "days" else ALL)}
        return rx.redirect(f"{PATH}?{urlencode(kept)}" if kept else PATH, replace=True)

    def _show(self, found: Page) -> None:
        wanted = self._wanted()
        self.payers, self.payer = payer_choices(), wanted.payer or ALL
        self.names = found.specialties
        self.specialties = [
            {"value": ALL, "label": "Все специальности"},
            *({"value": each, "label": each} for each in found.specialties),
        ]
        self.specialty, self.days = wanted.specialty or ALL, "now" if wanted.day else "all"
        self.lines = [line_of(price) for price in found.rows]
        self.summary = formats.plural(found.count, "тариф", "тарифа", "тарифов")
        self.page, self.pages, self.ready = found.number, found.pages, True


def price_of(form: dict[str, str], today: date) -> Price:
    """What was typed, or `Invalid` with what is wrong in it."""
    if not form["specialty"].strip():
        raise Invalid("Укажите специальность, как она названа в часах приёма.")
    if not form["price"].strip():
        raise Invalid("Укажите цену в рублях: например, 1234,50.")
    if not form["since"].strip():
        raise Invalid("Укажите, с какого дня действует цена: например, 01.12.2026.")
    what = What(payer_of(form["payer"]), tidy(form["specialty"]), kind_of(form["kind"]))
    until = day_of(form["until"], today) if form["until"].strip() else None
    return Price(what, money(form["price"]), day_of(form["since"], today), until)


def _free(price: Price, today: date) -> date:
    """The first day that may get another price; the first of its own days where no such day is left in it."""
    free = price.used_until + timedelta(days=1) if price.used_until else today
    return free if price.holds(free) else price.since


def line_of(price: Price) -> TariffLine:
    """A line of the table."""
    until = f" – {formats.day(price.until)}" if price.until else ""
    return {
        "id": str(price.id), "what": what_words(price.what), "payer": PAYER_TITLES[price.what.payer], "specialty": price.what.specialty,
        "kind": KIND_TITLES[price.what.kind], "price": money_words(price.kopecks),
        "days": f"{'' if until else 'с '}{formats.day(price.since)}{until}",
        "used": f"в реестрах по {formats.day(price.used_until)}" if price.used_until else "",
        "free": formats.day(_free(price, clock.today())), "until": formats.day(price.until) if price.until else "",
    }  # fmt: skip
