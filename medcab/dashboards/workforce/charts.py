"""Load against the norm and whose right to practise holds, as plain Plotly JSON."""

from typing import Any

from medcab.dashboards.charts import HEIGHT, Chart
from medcab.dashboards.queries import Doctor
from medcab.dashboards.rules import axes, lanes, parts, words
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.load import Load
from medcab.dashboards.rules.staff import AHEAD, Staff, conclusion, ended, named
from medcab.dashboards.workforce.service import Workforce
from medcab.ui import formats

LOAD_HEADINGS = ["Врач", "Ставка", "Рабочих дней", "Минут на приём", "По норме", "Проведено", "Без нормы", "Нагрузка"]
STAFF_HEADINGS = ["На какой день", "Сотрудников", "Право действует", "Не действует", "Доля"]
TABLES = {
    "load": ("Нагрузка врачей к норме", LOAD_HEADINGS),
    "staff": ("Право на работу", STAFF_HEADINGS),
}
STAFF_PARTS = (("valid_ahead", "valid"), ("invalid_ahead", "invalid"))
"""What the bars of each trace count, in their order."""
_STILL = {"fixedrange": True}  # a finger that scrolls the page must not zoom the chart
_NAMES = {**_STILL, "showgrid": False, "ticklabelstandoff": 6}
_FINE, _LATE = "#0d74ce", "#cc5a00"
_NORM = "#30a46c"
_FAINT = 0.4
_THICK = 0.35
"""Of the room of each of two bars."""


def load(found: Workforce) -> Chart:
    """Visits done by doctor, the most loaded on top, and a line across each where the norm is."""
    doctors = dict(sorted(found.loads.items(), key=lambda item: (_share(item[1]), item[0].name)))
    names = lanes.beside([doctor.name for doctor in doctors])
    told = [_told(doctor, each) for doctor, each in doctors.items()]
    common = {"y": names, "hovertext": told, "hoverinfo": "text"}
    opaque = [1 if k.LOAD.measure(each).is_reliable else _FAINT for each in doctors.values()]
    done = {
        **common, "type": "bar", "orientation": "h", "name": "Проведено", "x": [each.done for each in doctors.values()],
        "marker": {"opacity": opaque}, **axes.thin(len(names)),
    }  # fmt: skip
    norm = {
        **common, "type": "scatter", "mode": "markers", "name": "По норме должности",
        "x": [round(each.expected) or None for each in doctors.values()],
        "marker": {"symbol": "line-ns", "size": 14, "line": {"width": 3, "color": _NORM}},
    }  # fmt: skip
    layout = {
        "height": lanes.height(names),
        "xaxis": {**_STILL, "rangemode": "tozero", "showgrid": True, "nticks": 4, "tickangle": 0},
        "yaxis": _NAMES,
    }
    return {
        "conclusion": on_load(found), "figure": {"data": [done, norm] if doctors else [], "layout": layout},
        "rows": [_row(doctor, each) for doctor, each in reversed(doctors.items())],
        "marks": [f"doctor:{doctor.id}" for doctor in doctors], "parts": [parts.DONE.code],
    }  # fmt: skip


def _share(each: Load) -> float:
    return k.LOAD.measure(each).value or 0


def _told(doctor: Doctor, each: Load) -> str:
    measure = k.LOAD.measure(each)
    doubt = f" ({words.doubt(k.LOAD, measure)})" if measure.value is not None and not measure.is_reliable else ""
    share = f"проведено {formats.number(each.done)}, по норме {_expected(each)}: {words.value(k.LOAD, measure)}{doubt}"
    rest = f"<br>в долю не вошли {formats.number(each.without_norm)}" if each.without_norm else ""
    return f"{doctor.name}<br>{share}{rest}"


def _expected(each: Load) -> str:
    return formats.number(round(each.expected)) if each.expected else formats.NO_DATA


def _row(doctor: Doctor, each: Load) -> list[str]:
    return [
        doctor.name, _rates(each), formats.number(each.days),
        formats.number(each.minutes, 1), _expected(each), formats.number(each.done),
        formats.number(each.without_norm), words.value(k.LOAD, k.LOAD.measure(each)),
    ]  # fmt: skip


def _rates(each: Load) -> str:
    """«1,00», or «1,00 → 0,50» when it changed meanwhile."""
    return " → ".join(formats.number(rate / 100, 2) for rate in each.rates) or formats.NO_DATA


def on_load(found: Workforce) -> str:
    """«Проведено 412 приёмов, по норме 474 (87 %). Меньше всего: Петрова А. П. (61 %), больше всего: Иванова А. П. (104 %).»"""
    whole, rest = found.measure, _on_rest(found)
    if not found.has_begun and found.load.expected:
        return f"Завершённых приёмов пока нет, по норме на сегодня {_expected(found.load)}."
    if whole.value is None:
        return f"Норма не посчитана: в отделении нет должностей врачей с рабочими днями за этот срок.{rest}"
    done = formats.plural(found.load.counted, *words.VISIT)
    told = f"Проведено {done}, по норме {_expected(found.load)} ({words.value(k.LOAD, whole)})"
    measured = {doctor.name: k.LOAD.measure(each) for doctor, each in found.loads.items()}
    known = {name: each.value for name, each in measured.items() if each.value is not None and each.is_reliable}
    if len(known) < 2:  # noqa: PLR2004 - one is neither the most nor the least
        return f"{told}.{rest}"
    least, most = (edge(known, key=lambda name: known[name] or 0) for edge in (min, max))
    return f"{told}. Меньше всего: {least} ({_percent(known[least])}), больше всего: {most} ({_percent(known[most])}).{rest}"


def _on_rest(found: Workforce) -> str:
    """« В долю не вошли 12 приёмов вне известных должностей: Сидорова А. П. и ещё 1.»"""
    rest = [doctor for doctor, each in found.loads.items() if each.without_norm]
    if not rest:
        return ""
    count = formats.plural(found.load.without_norm, *words.VISIT)
    return ended(
        f" В долю не вошли {count} вне известных должностей или рабочих дней: {named(each.name for each in rest)}"
    )


def _percent(share: float | None) -> str:
    return words.value(k.LOAD, k.Measure(share))


def staff(found: Workforce) -> Chart:
    """Today and in ninety days: whose right holds, and whose does not (hatched)."""
    people, days = found.staff, [_when(found.staff, ahead=ahead) for ahead in (True, False)]
    fine = [len(people.valid(ahead=True)), len(people.valid())]
    late = [len(people.invalid(ahead=True)), len(people.invalid())]
    data = [
        _bar("Право действует", days, fine, {"color": _FINE}),
        _bar("Не действует", days, late, {"color": _LATE, "pattern": {"shape": "/"}}),
    ]
    layout = {
        "barmode": "stack", "height": HEIGHT, "xaxis": {**_STILL, "rangemode": "tozero", "showgrid": True, "tickformat": "d", "nticks": 6}, "yaxis": _NAMES,
        "legend": {"traceorder": "normal"},
    }  # fmt: skip
    return {
        "conclusion": conclusion(people), "figure": {"data": data if people.people else [], "layout": layout},
        "rows": [_staff_row(people, ahead=ahead) for ahead in (False, True)] if people.people else [], "marks": [],
        "parts": [],
    }  # fmt: skip


def _bar(name: str, days: list[str], counts: list[int], marker: dict[str, Any]) -> dict[str, Any]:
    told = [f"{day}: {name.lower()} — {formats.number(count)}" for day, count in zip(days, counts, strict=True)]
    return {
        "type": "bar", "orientation": "h", "name": name, "y": days, "x": counts, "marker": marker, "width": _THICK, "hovertext": told, "hoverinfo": "text",
    }  # fmt: skip


def _staff_row(people: Staff, *, ahead: bool) -> list[str]:
    kpi = k.VALID_AHEAD if ahead else k.VALID
    counts = [len(people.people), len(people.valid(ahead=ahead)), len(people.invalid(ahead=ahead))]
    return [
        _when(people, ahead=ahead),
        *map(formats.number, counts),
        words.value(kpi, kpi.measure(people)),
    ]


def _when(people: Staff, *, ahead: bool) -> str:
    """With the date: the drawing is printed and the table taken away."""
    day = people.today + AHEAD if ahead else people.today
    return f"{'Через 90 дней' if ahead else 'Сегодня'}, {formats.day(day)}"
