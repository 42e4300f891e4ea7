"""The figures of incidence, each defined once, in the shape of those of visits."""

from collections.abc import Callable
from dataclasses import dataclass

from medcab.dashboards.epidemiology.rules.threshold import FEW, PER
from medcab.dashboards.rules.kpi import Measure

SOURCE = "диагнозы, записанные врачами у приёмов, и проведённые приёмы"
NO_POPULATION = (
    "Прикреплённого населения medcab не знает, поэтому знаменатель — проведённые приёмы, а не жители: "
    "с показателями на 1000 населения из отчётов региона не сравнивайте."
)

WITHOUT = "Классы XX и XXI (внешние причины, осмотры) — не болезни: в итоги и порог не входят и показаны отдельно."


@dataclass(frozen=True, slots=True)
class Facts:
    """A period: primary cases, all registered ones, and done visits."""

    first_ever: int = 0
    registered: int = 0
    visits: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.registered and not self.first_ever


@dataclass(frozen=True, slots=True)
class CaseKpi:
    """One figure. `is_rate`: per thousand visits; otherwise a count."""

    code: str
    title: str
    formula: str
    numerator: str
    denominator: str
    is_rate: bool
    measure: Callable[[Facts], Measure]
    caveat: str = ""


def _rate(cases: int, visits: int) -> Measure:
    """Of few cases it says little, however many visits there were."""
    return Measure(cases * PER / visits if visits else None, cases)


FIRST = "диагнозы «впервые в жизни»: острые и впервые установленные хронические"
REGISTERED = "диагнозы «впервые в жизни» и известные раньше, с которыми пришли впервые в этом году"
PRIMARY = CaseKpi(
    "primary", "Выявлено впервые", "число первичных случаев за период", FIRST, "", False,
    lambda f: Measure(f.first_ever, f.first_ever),
    f"Один пациент может дать несколько случаев. Вычеркнутый диагноз и отменённый приём не считаются. {WITHOUT}",
)  # fmt: skip
INCIDENCE = CaseKpi(
    "incidence", "Первичная заболеваемость", "первичные случаи ÷ проведённые приёмы × 1000", FIRST, "проведённые приёмы за период",
    True, lambda f: _rate(f.first_ever, f.visits), NO_POPULATION,
)  # fmt: skip
ALL_CASES = CaseKpi(
    "registered", "Зарегистрировано заболеваний", "первичные случаи + известные, впервые в этом году", REGISTERED, "", False,
    lambda f: Measure(f.registered, f.registered), f"Повторные обращения в том же году не считаются: повторное ли оно, известно, как отметил врач. {WITHOUT}",
)  # fmt: skip
PREVALENCE = CaseKpi(
    "prevalence", "Общая заболеваемость", "зарегистрированные заболевания ÷ проведённые приёмы × 1000", REGISTERED,
    "проведённые приёмы за период", True, lambda f: _rate(f.registered, f.visits), NO_POPULATION,
)  # fmt: skip
CATALOGUE = (PRIMARY, INCIDENCE, ALL_CASES, PREVALENCE)
"""In the order of the page."""
THRESHOLD_FORMULA = "среднее той же недели трёх прошлых лет + 2 стандартных отклонения"
THRESHOLD_CAVEAT = (
    "Порог посчитан по данным самой клиники: это повод посмотреть, а не эпидемический порог Роспотребнадзора. "
    f"По трём годам он неточен. Меньше {FEW} случаев за неделю порога не превышают никогда. "
    f"{WITHOUT} Порог всех болезней вместе есть, только если за прошлые годы внесены все их классы."
)
