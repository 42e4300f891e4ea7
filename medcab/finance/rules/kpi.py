"""The figures of money, each defined once, in the shape of those of visits."""

from collections.abc import Callable
from dataclasses import dataclass, field

from medcab.dashboards.rules.kpi import Better, Measure
from medcab.finance.rules.sums import Amount, Sums

REGISTERS = "реестры счетов клиники и ответы плательщиков"
PLANS = "реестры счетов и план объёмов клиники"


@dataclass(frozen=True, slots=True)
class Facts:
    """A period: what was billed, what was planned for it, and what was said of each visit the first time."""

    sums: Sums
    plan: Amount
    first: Sums = field(default_factory=Sums)

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(self.sums + other.sums, self.plan + other.plan, self.first + other.first)


@dataclass(frozen=True, slots=True)
class MoneyKpi:
    """One figure. `is_share`: of one; otherwise kopecks."""

    code: str
    title: str
    formula: str
    numerator: str
    denominator: str
    is_share: bool
    better: Better
    source: str
    measure: Callable[[Facts], Measure]
    caveat: str = ""


def _sum(facts: Facts, kopecks: int) -> Measure:
    return Measure(None if facts.sums.is_empty else kopecks, facts.sums.billed.visits)


def _share(part: int, whole: int, of: int) -> Measure:
    return Measure(part / whole if whole else None, of)


BILLED = MoneyKpi(
    "billed", "Выставлено", "сумма строк реестров за месяцы периода", "приёмы в реестрах по тарифу своего дня", "",
    False, Better.NEITHER, REGISTERS, lambda f: _sum(f, f.sums.billed.kopecks),
    "Приём считается один раз: по последней строке, если его подавали снова. Отозванные строки не считаются.",
)  # fmt: skip
ACCEPTED = MoneyKpi(
    "accepted", "Принято", "сумма строк, которые плательщик принял", "принятые строки реестров", "",
    False, Better.HIGHER, REGISTERS, lambda f: _sum(f, f.sums.accepted.kopecks), "Принято к оплате, а не поступило на счёт.",
)  # fmt: skip
REJECTED = MoneyKpi(
    "rejected", "Отклонено", "сумма строк, которые плательщик отклонил", "отклонённые строки реестров", "",
    False, Better.LOWER, REGISTERS, lambda f: _sum(f, f.sums.rejected.kopecks),
    "Отказ, после которого приём подали снова, виден в своём реестре и в «Отклонено с первого раза», а здесь считается новый ответ. Причины названы словами плательщика. Где в файле был только код, стоит группа из справочника, который ещё нужно сверить с приказом.",
)  # fmt: skip
REJECTED_SHARE = MoneyKpi(
    "rejected_share", "Доля отклонённого", "отклонённая сумма ÷ (принятая + отклонённая)", "отклонённая сумма",
    "сумма строк, на которые есть ответ", True, Better.LOWER, REGISTERS,
    lambda f: _share(f.sums.rejected.kopecks, f.sums.answered.kopecks, f.sums.answered.visits),
    "Строки без ответа в долю не входят.",
)  # fmt: skip
REJECTED_FIRST = MoneyKpi(
    "rejected_first", "Отклонено с первого раза", "приёмы, отклонённые первым ответом ÷ приёмы, на которые первый ответ есть",
    "приёмы, первая строка которых отклонена", "приёмы, на первую строку которых есть ответ", True, Better.LOWER, REGISTERS,
    lambda f: _share(f.first.rejected.visits, f.first.answered.visits, f.first.answered.visits),
    "Считаются приёмы, а не рубли. Отказ остаётся здесь и тогда, когда приём подали снова и его приняли. Строка, которую клиника отозвала до ответа, первой не считается. Если плательщик исправил ответ на ту же строку, считается исправленный.",
)  # fmt: skip
WAITING = MoneyKpi(
    "waiting", "Ждёт ответа", "выставлено − принято − отклонено", "строки реестров без ответа", "",
    False, Better.LOWER, REGISTERS, lambda f: _sum(f, f.sums.waiting.kopecks),
)  # fmt: skip
PLAN_DONE = MoneyKpi(
    "plan_done", "Выполнение плана", "выставленная сумма ÷ плановая сумма", "выставленная сумма", "плановая сумма",
    True, Better.HIGHER, PLANS, lambda f: _share(f.sums.billed.kopecks, f.plan.kopecks, f.sums.billed.visits),
    "Месяц, за который реестр ещё не составлен, снижает выполнение.",
)  # fmt: skip

CATALOGUE = (BILLED, ACCEPTED, REJECTED, REJECTED_SHARE, REJECTED_FIRST, WAITING, PLAN_DONE)
"""In the order of the page."""
