"""What a control chart says, in words: steady or not, since when, and what is taken for usual."""

from collections.abc import Sequence
from datetime import date, timedelta

from medcab.dashboards.rules import words
from medcab.dashboards.rules.control import LEAST_WEEKS, Baseline, Control, Finding, Point, Signal
from medcab.dashboards.rules.kpi import Kpi, Measure, Unit
from medcab.ui import formats

_NAMED = 2
"""More changes than this are only counted."""
_WEEK = timedelta(days=6)
_SAME = 1e-9


def on_control(kpi: Kpi, control: Control) -> str:
    """Over the chart."""
    if control.centre is None or control.baseline is None:
        return _not_judged(kpi, control)
    usual = f"обычный уровень {shown(kpi, control.centre)}"
    judged = [point for point in control.points if point.sigma is not None]
    if not control.findings:
        weeks = formats.plural(len(judged), "неделю", "недели", "недель")
        return f"Устойчиво: за {weeks} значения не выходили за границы, {usual}. {_taken_from(control.baseline)}"
    is_now = control.findings[0].weeks[-1] == judged[-1].week.monday
    said = "Меняется сейчас" if is_now else "Сейчас в обычных границах, но раньше менялось"
    named = [_told(finding, judged) for finding in control.findings[:_NAMED]]
    if (rest := len(control.findings) - _NAMED) > 0:
        named.append(f"раньше ещё {formats.plural(rest, 'изменение', 'изменения', 'изменений')}")
    return f"{said}: {'; '.join(named)}. {formats.capital(usual)}. {_taken_from(control.baseline)}"


def shown(kpi: Kpi, value: float) -> str:
    """A centre or a limit as the figure itself is written."""
    return words.value(kpi, Measure(value))


def told(kpi: Kpi, point: Point) -> tuple[str, str]:
    """A week's value, and between what it was to be; so finely that a value outside its limits is seen to be."""
    value, low, high = point.week.measure.value, point.low, point.high
    if value is None or low is None or high is None:
        return words.value(kpi, point.week.measure), "—"
    is_outside = not low - _SAME <= value <= high + _SAME
    is_hidden = is_outside and shown(kpi, value) in {shown(kpi, low), shown(kpi, high)}
    said, *edges = ((_finely if is_hidden else shown)(kpi, each) for each in (value, low, high))
    return said, " … ".join(edges)


def _finely(kpi: Kpi, value: float) -> str:
    return formats.percent(value, 2) if kpi.unit is Unit.SHARE else formats.minutes(value, 2)


def verdict(point: Point, findings: Sequence[Finding]) -> str:
    """Of one week, for the table and the hover."""
    if point.week.measure.value is None:
        return "нет данных"
    if point.sigma is None:
        return "не оценивается"
    found = [_short(finding) for finding in findings if point.week.monday in finding.weeks]
    return ", ".join(found) or "в границах"


def _not_judged(kpi: Kpi, control: Control) -> str:
    """Too short a history, or cases too rare to judge by however long it is."""
    values = [point.week.measure.value for point in control.points if point.week.measure.is_reliable]
    if len(values) >= LEAST_WEEKS and len(set(values)) == 1:
        return f"Неделя за неделей {shown(kpi, values[0] or 0.0)}: границы случайного посчитать не по чему."
    has = (
        formats.plural(control.known, "такая неделя", "такие недели", "таких недель") if control.known else "таких нет"
    )
    return (
        "Сказать пока нельзя: чтобы отличить изменение от случайности, нужно не меньше "
        f"{formats.plural(LEAST_WEEKS, 'полной недели', 'полных недель', 'полных недель')} с достаточным числом случаев, пока {has}."
    )


def _taken_from(baseline: Baseline) -> str:
    span = formats.period(baseline.first, baseline.last + _WEEK)
    weeks = formats.plural(baseline.weeks, "неделе", "неделям", "неделям")
    if baseline.is_before:
        return f"Обычное посчитано по {weeks} до этого срока ({span})."
    return f"Обычное посчитано по {weeks} ({span}), и сам срок в них входит: до него истории мало."


def _told(finding: Finding, judged: Sequence[Point]) -> str:
    """«8 недель подряд выше обычного (7 сентября – 1 ноября 2026)»."""
    span = formats.period(finding.weeks[0], finding.weeks[-1] + _WEEK)
    weeks = formats.plural(len(finding.weeks), "неделя", "недели", "недель")
    row = f"{weeks} {'подряд' if _is_whole(finding.weeks) else 'с данными подряд'}"
    match finding.signal:
        case Signal.OUTSIDE:
            return (
                f"неделя {span} {_short(finding)}" if len(finding.weeks) == 1 else f"{row} {_short(finding)} ({span})"
            )
        case Signal.RUN:
            return f"{row} {_short(finding)} ({span})"
        case Signal.TREND:
            return f"{_short(finding)} {row} ({span})"
        case _:
            return f"{weeks} {_short(finding)} ({span})"


def _short(finding: Finding) -> str:
    match finding.signal:
        case Signal.OUTSIDE:
            return "выше границы" if finding.is_up else "ниже границы"
        case Signal.RUN:
            return "выше обычного" if finding.is_up else "ниже обычного"
        case Signal.TREND:
            return "рост" if finding.is_up else "снижение"
        case _:
            return "почти у верхней границы" if finding.is_up else "почти у нижней границы"


def _is_whole(weeks: Sequence[date]) -> bool:
    return (weeks[-1] - weeks[0]).days == 7 * (len(weeks) - 1)
