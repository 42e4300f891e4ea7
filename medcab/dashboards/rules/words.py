"""Figures in words: values with their unit, changes, and one conclusion over each chart that is true of odd data too."""

from collections.abc import Mapping
from operator import itemgetter

from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.comparison import Change, change
from medcab.dashboards.rules.kpi import Kpi, Measure, Standing, Unit
from medcab.dashboards.rules.parts import FREE
from medcab.dashboards.rules.tally import Tally, total
from medcab.ui import formats
from medcab.ui.formats import NBSP

WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
WEEKDAYS_SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_ON_WEEKDAYS = ("понедельникам", "вторникам", "средам", "четвергам", "пятницам", "субботам", "воскресеньям")
_STANDING = {Standing.MET: "в норме", Standing.BELOW: "ниже нормы", Standing.ABOVE: "выше нормы", Standing.UNKNOWN: ""}
_STANDS_OUT = 0.01
"""One weekday is named only when it is a percentage point above the whole."""
VISIT = ("приём", "приёма", "приёмов")


def value(kpi: Kpi, measure: Measure) -> str:
    """«88 %», «9 мин», «45 мин и больше», «1 204», «нет данных»."""
    if measure.value is None:
        return formats.NO_DATA
    match kpi.unit:
        case Unit.COUNT:
            return formats.number(measure.value)
        case Unit.SHARE:
            digits = k.digits(kpi.unit, measure.value, kpi.norm)
            return formats.percent(round(measure.value * 100, digits) / 100, digits)
        case _:
            told = formats.minutes(measure.value, k.digits(kpi.unit, measure.value, kpi.norm))
            return told + (" и больше" if measure.or_more else "")


def standing(kpi: Kpi, measure: Measure) -> str:
    """«в норме», «выше нормы»; empty when that cannot be said."""
    return _STANDING[kpi.standing(measure)]


def difference(kpi: Kpi, found: Change | None) -> str:
    """«+1,2 п. п.», «−5 %», «+2 мин», «без изменений»; empty when there is nothing to compare with."""
    if found is None:
        return ""
    if not found.is_notable:
        return "без изменений"
    match kpi.unit:
        case Unit.SHARE:
            return f"{formats.signed(found.difference * 100, 1)}{NBSP}п.{NBSP}п."
        case Unit.COUNT:
            return f"{formats.signed(found.difference * 100)}{NBSP}%"
        case _:
            return f"{formats.signed(found.difference)}{NBSP}мин"


def doubt(kpi: Kpi, measure: Measure) -> str:
    """«мало данных: 3 случая», to stand beside a value that is not reliable."""
    return f"мало данных: {formats.plural(measure.of, *kpi.cases)}"


def room(tally: Tally) -> str:
    """«свободно 45 мин», «сверх часов 15 мин»."""
    left = FREE.count(tally)
    return f"свободно {formats.duration(left)}" if left >= 0 else f"сверх часов {formats.duration(-left)}"


def on_visits(now: Tally, before: Tally, against: Against = Against.BEFORE) -> str:
    """Over the chart of visits planned and done by week."""
    if not now.planned:
        return "За этот период приёмов не было."
    planned = formats.plural(now.planned, *VISIT)
    if not now.done:
        return f"Запланировано: {planned}, завершённых пока нет."
    share = value(k.DONE_SHARE, k.DONE_SHARE.measure(now))
    told = f"Проведено {formats.plural(now.done, *VISIT)} из {formats.number(now.planned)} ({share})"
    found = change(k.DONE, k.DONE.measure(now), k.DONE.measure(before))
    if found is None:
        return told + "."
    if not found.is_notable:
        return f"{told}, столько же, сколько {against.span}."
    more = "больше" if found.difference > 0 else "меньше"
    return f"{told}, на {formats.percent(abs(found.difference))} {more}, чем {against.span}."


def on_utilisation(by_doctor: Mapping[str, Tally]) -> str:
    """Over the chart of the use of slots by doctor."""
    whole = k.UTILISATION.measure(total(by_doctor.values()))
    if whole.value is None:
        return "На этот период часы приёма не назначены."
    told = f"{k.UTILISATION.title} {value(k.UTILISATION, whole)}"
    against = standing(k.UTILISATION, whole)
    told += (
        f", {against} ({k.UTILISATION.norm.words if k.UTILISATION.norm else ''})"
        if against
        else f" ({doubt(k.UTILISATION, whole)})"
    )
    if len(by_doctor) == 1:
        return told + "."
    measured = {name: k.UTILISATION.measure(tally) for name, tally in by_doctor.items()}
    outside = [_named(measured, side) for side in (Standing.BELOW, Standing.ABOVE)]
    return ". ".join([told, *filter(None, outside)]) + "."


def _named(measured: Mapping[str, Measure], side: Standing) -> str:
    """«Ниже нормы: Иванова А. П. (71 %) и ещё 2», the furthest from the norm first."""
    found = {name: m.value for name, m in measured.items() if m.value is not None and k.UTILISATION.standing(m) is side}
    if not found:
        return ""
    name, far = sorted(found.items(), key=itemgetter(1), reverse=side is Standing.ABOVE)[0]
    rest = f" и ещё {len(found) - 1}" if len(found) > 1 else ""
    return f"{formats.capital(_STANDING[side])}: {name} ({value(k.UTILISATION, k.Measure(far))}){rest}"


def on_no_shows(by_weekday: Mapping[int, Tally], before: Tally, against: Against = Against.BEFORE) -> str:
    """Over the chart of no-shows by weekday (0 is Monday): «Неявки выросли до 9 %: больше всего по понедельникам (12 %)»."""
    now = total(by_weekday.values())
    whole = k.NO_SHOW.measure(now)
    if whole.value is None:
        return "Завершённых приёмов и неявок за этот период нет, считать не из чего."
    if not now.no_show:
        return f"Неявок не было, завершённых приёмов: {formats.number(now.done)}."
    if not whole.is_reliable:
        return f"Неявки: {formats.number(now.no_show)} из {formats.number(whole.of)}, для выводов слишком мало данных."
    found = change(k.NO_SHOW, whole, k.NO_SHOW.measure(before))
    return f"{_moved(whole, found, against)}{_worst_weekday(by_weekday, whole)}."


def _moved(whole: Measure, found: Change | None, against: Against) -> str:
    share, year = value(k.NO_SHOW, whole), " за год" if against is Against.YEAR else ""
    if found is None:
        return f"Неявки составили {share}"
    if not found.is_notable:
        return f"Неявки держатся на уровне {share}" + (", как год назад" if year else "")
    return f"Неявки{year} {'выросли' if found.difference > 0 else 'снизились'} до {share}"


def _worst_weekday(by_weekday: Mapping[int, Tally], whole: Measure) -> str:
    """Empty unless there are several weekdays to compare and one stands out."""
    measured = {day: k.NO_SHOW.measure(tally) for day, tally in by_weekday.items()}
    shares = {day: m.value for day, m in measured.items() if m.value is not None and m.is_reliable}
    if len(shares) <= 1 or whole.value is None:
        return ""
    day, share = max(shares.items(), key=itemgetter(1))
    if share - whole.value < _STANDS_OUT:
        return ", по дням недели почти поровну"
    return f": больше всего по {_ON_WEEKDAYS[day]} ({value(k.NO_SHOW, k.Measure(share))})"


def on_waiting(by_doctor: Mapping[str, Tally]) -> str:
    """Over the chart of waiting by doctor."""
    now = total(by_doctor.values())
    median = k.WAIT_MEDIAN.measure(now)
    if median.value is None:
        return "За этот период нет приёмов с отметкой о начале, ожидание не измерено."
    if not median.is_reliable:
        return f"Ожидание измерено только у {formats.plural(now.waited, 'приёма', 'приёмов', 'приёмов')}, для выводов слишком мало данных."
    slow = k.WAIT_P90.measure(now)
    tail = (
        "каждый десятый ждёт 45 мин и дольше"
        if slow.or_more
        else f"девять из десяти — не дольше {value(k.WAIT_P90, slow)}"
    )
    half = (
        "Половина пациентов ждёт 45 мин и дольше"
        if median.or_more
        else f"Половина пациентов ждёт не дольше {value(k.WAIT_MEDIAN, median)}"
    )
    return f"{half}, {tail}{_slowest(by_doctor, median)}."


def _slowest(by_doctor: Mapping[str, Tally], whole: Measure) -> str:
    measured = {name: k.WAIT_MEDIAN.measure(tally) for name, tally in by_doctor.items()}
    medians = {name: m for name, m in measured.items() if m.value is not None and m.is_reliable}
    if len(medians) <= 1 or whole.value is None:
        return ""
    name, slow = max(medians.items(), key=lambda item: item[1].value or 0)
    if (slow.value or 0) - whole.value < 1:
        return ""
    return f". Самое долгое ожидание: {name} (половина ждёт до {value(k.WAIT_MEDIAN, slow)})"
