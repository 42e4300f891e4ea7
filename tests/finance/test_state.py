"""The handlers of money: the address is the view, what is refused stays as it was typed, nothing is changed by a wrong click."""

from collections.abc import Iterator
from datetime import date
from typing import Any, TypeVar

import pytest
import reflex as rx
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Actor
from medcab.errors import NotFound
from medcab.finance.bringing.state import BringingState
from medcab.finance.models import Bill, BillLine, Tariff, VolumePlan
from medcab.finance.plans.state import PlansState
from medcab.finance.registers.lines.state import RegisterState
from medcab.finance.registers.state import RegistersState
from medcab.finance.rules.sums import Outcome
from medcab.finance.state import NOT_KEPT, FinanceState
from medcab.finance.tariffs.state import TariffsState
from medcab.guard.tab import current
from tests.cast import WARD, Cast
from tests.dashboards.test_state import target
from tests.finance.test_billing import SECOND, billed, brought

Shown = TypeVar("Shown", bound=rx.State)


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with clock.frozen(SECOND):
        yield


@pytest.fixture
async def bill(database: str, cast: Cast) -> Bill:
    """Three lines that wait for an answer."""
    async with db.transaction() as session:
        return await billed(session, cast)


def at(state: type[Shown], address: str, actor: Actor) -> Shown:
    """The page as it is when a browser has just gone there."""
    current.set(actor)
    root = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
    headers = {"origin": "http://clinic.example"}
    root.router_data = {"pathname": address.partition("?")[0], "asPath": address, "token": "tab", "headers": headers}
    root.router = rx.istate.data.RouterData.from_router_data(root.router_data)  # pyright: ignore[reportAttributeAccessIssue]
    return root.substates[state.get_name()]  # pyright: ignore[reportReturnType]


async def called(event: Any, *args: Any) -> Any:
    return await event.fn(*args)


@pytest.mark.parametrize("state", [TariffsState, PlansState, RegistersState, RegisterState, BringingState])
async def test_a_head_reads_why_the_page_is_closed(bill: Bill, cast: Cast, state: type[Any]):
    shown = at(state, "/finance/x", cast.head)
    assert await called(state.load, shown) is None
    assert shown.closed == NOT_KEPT
    shown = at(state, "/finance/x", cast.admin)
    assert await called(state.load, shown) is state.show


async def test_the_report_offers_the_rest_to_the_administrator_only(bill: Bill, cast: Cast):
    for actor, keeps in ((cast.head, False), (cast.admin, True)):
        shown = at(FinanceState, "/finance", actor)
        await called(FinanceState.show, shown)
        assert shown.keeps_money is keeps


async def test_a_price_is_put_and_a_refused_one_stays_as_it_was_typed(bill: Bill, cast: Cast):
    shown = at(TariffsState, "/finance/tariffs?payer=oms&days=now&page=99", cast.admin)
    await called(TariffsState.show, shown)
    [line] = shown.lines
    assert (line["days"], line["used"], shown.page) == ("с 01.01.2026", "в реестрах по 31.10.2026", 1)
    await called(TariffsState.edit, shown, line["id"])
    form = dict(shown.form)
    assert form["since"] == "01.11.2026", "the first day that no register has taken"
    for wrong, words in (
        ({"price": "много"}, "не похоже на сумму"), ({"price": ""}, "Укажите цену"), ({"price": "600", "since": "01.10.2026"}, "уже составлен реестр"), ({"since": ""}, "с какого дня"),
        ({"specialty": " "}, "специальность"), ({"kind": 7}, "Вид приёма"), ({"until": "31.12.2025"}, "раньше первого"),
    ):  # fmt: skip
        assert await called(TariffsState.put, shown, {**form, **wrong}) is None
        assert words in shown.fault, wrong
        assert shown.form["price"] == wrong.get("price", form["price"])
    await called(TariffsState.put, shown, {**form, "price": "600", "since": "01.12.2026"})
    assert (shown.fault, shown.form) == ("", {})
    async with db.reading() as session:
        held = (await session.exec(select(Tariff.kopecks).order_by(col(Tariff.since)))).all()
    assert held == [50_000, 60_000]
    assert target(await called(TariffsState.choose, shown, "days", "all")) == "/finance/tariffs?payer=oms&days=all"
    assert await called(TariffsState.choose, shown, "nonsense", "all") is None
    assert await called(TariffsState.edit, shown, "nobody") is None
    with pytest.raises(NotFound):
        await called(TariffsState.remove, shown, "no id")


async def test_a_register_is_made_of_what_was_seen(bill: Bill, cast: Cast):
    shown = at(RegistersState, "/finance/registers?month=2026-10&of=oms", cast.admin)
    await called(RegistersState.show, shown)
    assert (shown.can_make, shown.held, len(shown.bills)) == (False, "", 1)
    assert await called(RegistersState.make, shown, shown.seen) is None
    assert "нет проведённых" in shown.fault
    current_month = at(RegistersState, "/finance/registers?month=2026-11&of=oms", cast.admin)
    await called(RegistersState.show, current_month)
    assert not current_month.is_over
    odd = at(RegistersState, "/finance/registers?month=1900-01&of=x&payer=x&page=-1", cast.admin)
    await called(RegistersState.show, odd)
    assert (odd.month, odd.of, odd.payer, odd.page) == ("2026-10", "oms", "all", 1)


async def test_lines_of_a_register(bill: Bill, cast: Cast):
    shown = at(RegisterState, f"/finance/register?id={bill.id}&only=waiting", cast.admin)
    await called(RegisterState.show, shown)
    assert [line["act"] for line in shown.lines] == ["withdraw"] * 3
    assert {line["patient"] for line in shown.lines} == {"Сидоров Иван Сергеевич"}
    await called(RegisterState.withdraw, shown, shown.lines[0]["id"])
    async with db.transaction() as session:
        line = (await session.exec(select(BillLine).where(BillLine.number == 2))).one()
        line.outcome, line.reason_code = Outcome.REJECTED, "5.1"
    shown = at(RegisterState, f"/finance/register?id={bill.id}&only=rejected&code=5.1", cast.admin)
    await called(RegisterState.show, shown)
    assert [(line["act"], line["reason"]) for line in shown.lines] == [("correct", "5.1")]
    await called(RegisterState.correct, shown, shown.lines[0]["id"], "again")
    await called(RegisterState.correct, shown, shown.lines[0]["id"], "not")
    await called(RegisterState.correct_all, shown, "5.1")
    assert (
        target(await called(RegisterState.choose, shown, "code", "all"))
        == f"/finance/register?id={bill.id}&only=rejected"
    )
    assert (await called(RegisterState.export, shown, "exe")).args
    lost = at(RegisterState, "/finance/register?id=x", cast.admin)
    with pytest.raises(NotFound):
        await called(RegisterState.show, lost)
    assert lost.is_missing
    assert lost.lines == []


async def test_a_file_is_shown_applied_once_and_gone(bill: Bill, cast: Cast):
    async with db.transaction() as session:
        found = await brought(
            session, cast.admin, "№ строки;Результат;Код причины\n1;принято;\n2;нет;5.1\n9;принято;\n", bill
        )
    shown = at(BringingState, f"/finance/sheet?sheet={found.id}&only=wrong", cast.admin)
    await called(BringingState.show, shown)
    assert (shown.done, shown.wrong, [row["line"] for row in shown.rows]) == (2, 1, ["4"])
    told = shown.told.replace("\u00a0", " ")
    assert told == "3 строки в файле: принято 1 на 500,00 ₽, отклонено 1 на 500,00 ₽, с ошибками 1."
    assert await called(BringingState.apply, shown, "all", shown.seen) is None
    assert "с ошибками" in shown.fault
    assert await called(BringingState.apply, shown, "right", "another") is BringingState.show
    done = await called(BringingState.apply, shown, "right", shown.seen)
    assert target(done[1]) == f"/finance/register?id={bill.id}"
    assert await called(BringingState.apply, shown, "right", shown.seen) is None
    assert "уже применён" in shown.fault, "a second click"
    with pytest.raises(NotFound):
        await called(BringingState.taken, shown, "no id")


async def test_a_plan_is_typed_copied_and_saved(database: str, cast: Cast):
    async with db.transaction() as session:
        session.add(VolumePlan(
            department_id=WARD, month=date(2026, 10, 1), payer="oms", organisation_id=cast.admin.organisation_id, visits=12, kopecks=345_050
        ))  # fmt: skip
    shown = at(PlansState, "/finance/plans?month=2026-11&payer=oms&copy=month", cast.admin)
    await called(PlansState.show, shown)
    line = next(each for each in shown.lines if each["id"] == str(WARD))
    assert (line["visits"], line["sum"], shown.copied) == ("12", "3450,50", "октябрь 2026")
    assert await called(PlansState.save, shown, {f"visits:{WARD}": "десять", f"sum:{WARD}": "1"}) is None
    assert "не похоже на число" in shown.fault
    assert await called(PlansState.save, shown, {f"visits:{WARD}": "x", f"sum:{WARD}": ""}) is None
    [wrong] = [each for each in shown.lines if each["fault"]]
    assert wrong["fault"] == "«x» не похоже на число приёмов. Укажите сумму."
    assert f"{wrong['name']}: {wrong['fault']}" in shown.fault
    await called(PlansState.save, shown, {f"visits:{WARD}": "1 200", f"sum:{WARD}": "0", "visits:x": "5"})
    assert await called(PlansState.save, shown, {f"visits:{WARD}": "7", f"sum:{WARD}": "1"}) is None
    assert "кто-то другой" in shown.fault, "another tab"
    async with db.reading() as session:
        kept = (await session.exec(select(VolumePlan).where(VolumePlan.month == date(2026, 11, 1)))).one()
    assert (kept.visits, kept.kopecks) == (1200, 0)
