"""What the charts of money say, in sentences."""

from collections.abc import Mapping
from datetime import date

from medcab.finance.rules.kpi import Facts, MoneyKpi
from medcab.finance.rules.sums import Amount, Sums, roubles
from medcab.schedule.rules.months import MONTHS
from medcab.schedule.rules.visits import PAYER_TITLES, Payer
from medcab.ui import formats

NOTHING = "Реестров за этот период нет."


def money(kopecks: int) -> str:
    return formats.money(roubles(kopecks))


def visits(count: int) -> str:
    return formats.plural(count, "приём", "приёма", "приёмов")


def register_code(payer: Payer, month: date, number: int) -> str:
    """By which a file and an answer to it are matched: «ОМС-2026-10-1»."""
    return f"{PAYER_TITLES[payer]}-{month:%Y-%m}-{number}"


def register_name(payer: Payer, month: date, number: int) -> str:
    """«ОМС, октябрь 2026»; the ones after the first have their number."""
    further = f", № {number}" if number > 1 else ""
    return f"{PAYER_TITLES[payer]}, {MONTHS[month.month - 1]} {month.year}{further}"


def share(part: int, whole: int) -> str:
    """A share, or that there is none: nothing of nothing is no zero."""
    return formats.percent(part / whole, 1) if whole else formats.NO_DATA


def value(kpi: MoneyKpi, facts: Facts) -> str:
    measured = kpi.measure(facts).value
    if measured is None:
        return formats.NO_DATA
    return formats.percent(measured, 1) if kpi.is_share else money(round(measured))


def on_flow(sums: Sums) -> str:
    if sums.is_empty:
        return NOTHING
    waiting = f", ждёт ответа {money(sums.waiting.kopecks)}" if sums.waiting.visits else ""
    if not sums.answered.visits:
        return f"Выставлено {money(sums.billed.kopecks)}, ответа ещё нет."
    rejected = share(sums.rejected.kopecks, sums.answered.kopecks)
    return f"Принято {money(sums.accepted.kopecks)}, отклонено {rejected} из того, на что есть ответ{waiting}."


def on_reasons(found: Mapping[str, Amount]) -> str:
    """`found` is the dearest first."""
    if not found:
        return "Ничего не отклонено."
    name, first = next(iter(found.items()))
    part = share(first.kopecks, sum(amount.kopecks for amount in found.values()))
    return f"Дороже всего обошлась причина {name}: {part} отклонённой суммы."


def on_plan(facts: Facts) -> str:
    if not facts.plan.kopecks:
        return "План на этот период не задан."
    gap = facts.sums.billed.kopecks - facts.plan.kopecks
    done = share(facts.sums.billed.kopecks, facts.plan.kopecks)
    if gap == 0:
        return f"План выполнен ровно: {money(facts.plan.kopecks)}."
    return f"План выполнен на {done}: {'больше' if gap > 0 else 'меньше'} плана на {money(abs(gap))}."


def on_departments(found: Mapping[str, Facts]) -> str:
    planned = {name: facts for name, facts in found.items() if facts.plan.kopecks}
    if not planned:
        return "План на этот период не задан."

    def done(name: str) -> float:
        return planned[name].sums.billed.kopecks / planned[name].plan.kopecks

    last = min(planned, key=done)
    part = formats.percent(done(last), 1)
    return f"План выполнен на {part}: {last}." if len(planned) == 1 else f"Дальше всех от плана — {last}: {part}."


def on_payers(found: Mapping[str, Sums]) -> str:
    if not found:
        return NOTHING
    most = max(found, key=lambda name: found[name].billed.visits)
    count = sum(sums.billed.visits for sums in found.values())
    return f"{most}: {share(found[most].billed.visits, count)} приёмов в реестрах, всего их {formats.number(count)}."
