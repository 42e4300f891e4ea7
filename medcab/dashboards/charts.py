"""The four charts of a department: conclusion, drawing, and the same figures as a table.

Drawings are plain Plotly JSON: building `go.Figure` objects costs milliseconds of the event loop each and says nothing more; the tests hold
these against Plotly's own validators. Colours come from the theme's colorway; where a meaning needs its own colour it is one that is
readable on light and dark paper.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypedDict, TypeVar

from medcab.dashboards.queries import Doctor
from medcab.dashboards.rules import axes, lanes, parts, words
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.kpi import Kpi
from medcab.dashboards.rules.tally import Tally
from medcab.dashboards.service import Overview
from medcab.ui import formats

Drawing = dict[str, Any]
Key = TypeVar("Key")


class Chart(TypedDict):
    """Ready to draw. `marks` are the texts of `Cut`, one for each bar in order; `rows` the table's cells.

    `parts` are the codes of what the traces count, in order.
    """

    conclusion: str
    figure: Drawing
    rows: list[list[str]]
    marks: list[str]
    parts: list[str]


VISITS_HEADINGS = ["Неделя", "Запланировано", "Проведено", "Доля"]
UTILISATION_HEADINGS = ["Врач", "Предложено", "Занято", "Заполненность по записи"]
NO_SHOW_HEADINGS = ["День недели", "Завершено", "Неявки", "Доля неявок", "Поздние отмены"]
WAITING_HEADINGS = ["Врач", "Измерено", "Половина ждала до", "9 из 10 ждали до", "За 15 мин"]
TABLES = {
    "visits": ("Приёмы по неделям", VISITS_HEADINGS),
    "no_shows": ("Неявки по дням недели", NO_SHOW_HEADINGS),
    "utilisation": ("Заполненность по записи, по врачам", UTILISATION_HEADINGS),
    "waiting": ("Ожидание у кабинета по врачам", WAITING_HEADINGS),
}
"""Title and headings of each chart, by the name of its state's var; those by doctor are neighbours, for they are equally high."""

HEIGHT = 340
_TICKS, _WEEK = 6, 7
_EDGED = 30
"""More bars than that are too thin for an edge."""
_DONE, _DOT = "#0d74ce", 8
_NORM = "rgba(48, 164, 108, 0.18)"
_NORM_LINE = "#30a46c"
_FAINT = 0.4
_GREY = "#8b8d98"
_WAITS = {
    "до 5 мин": "#30a46c",
    "5–15 мин": "#8eceaa",
    "15–30 мин": "#ffc53d",
    "30–45 мин": "#f76b15",
    "от 45 мин": "#ce2c31",
}
_PER_CENT = {"ticksuffix": "\u00a0%"}  # Plotly's own format writes «80%» without the space
_STILL = {"fixedrange": True}  # a finger that scrolls the page must not zoom the chart
PLAIN = {"color": "rgba(139, 141, 152, 0.5)", "line": {"color": _GREY, "width": 1.5}}
"""A bar beside or behind what matters: grey, with an edge that is seen on light and on dark paper."""
_PART = {"shape": "/", "solidity": 0.35, "size": 7, "fgcolor": _GREY, "bgcolor": "rgba(139, 141, 152, 0.12)"}
"""Of a week or a month that is there in part: a low bar is no fall."""
_NAMES = {**_STILL, "showgrid": False, "ticklabelstandoff": 6}


def visits(overview: Overview) -> Chart:
    """Planned and done, week by week."""
    weeks = overview.weeks
    names = [_week(overview, monday) for monday in weeks]
    told = [
        f"{name.replace(' (', '<br>(')}<br>запланировано {formats.number(tally.planned)}, проведено {formats.number(tally.done)}"
        for name, tally in zip(names, weeks.values(), strict=True)
    ]
    common = {"x": [monday.isoformat() for monday in weeks], "hovertext": told, "hoverinfo": "text"}
    is_part = [len(weeks) > 1 and overview.period.week(monday).days < _WEEK for monday in weeks]
    figure = {
        "data": [
            *_done([tally.done for tally in weeks.values()], is_part, common),
            *_planned([tally.planned for tally in weeks.values()], is_part, common),
        ],
        "layout": {
            "barmode": "overlay",
            "height": HEIGHT,
            "xaxis": {**_STILL, "type": "category", "tickangle": 0, **ticks(list(weeks))},
            "yaxis": {**_STILL, "rangemode": "tozero"},
        },
    }
    rows = [
        [name, formats.number(t.planned), formats.number(t.done), _value(k.DONE_SHARE, t)]
        for name, t in zip(names, weeks.values(), strict=True)
    ]
    conclusion = words.on_visits(overview.now, overview.before, overview.against)
    marks = [f"week:{monday}" for monday in weeks]
    counts = [parts.PLANNED if trace["type"] == "bar" else parts.DONE for trace in figure["data"]]
    return _chart(conclusion, figure, rows, marks, *counts)


def _done(done: list[int], is_part: list[bool], common: Drawing) -> list[Drawing]:
    """A line through whole weeks; one that is there in part is a mark apart from it. Each trace has a point for every week: clicks count them."""
    line = {**common, "type": "scatter", "mode": "lines+markers", "name": "Проведено"}
    if not any(is_part):
        return [{**line, "y": done}]
    rest = {
        **line, "mode": "markers", "name": "Проведено, неполная неделя", "showlegend": False, "y": [count if part else None for count, part in zip(done, is_part, strict=True)],
        "marker": {"color": _DONE, "symbol": "circle-open", "size": _DOT, "line": {"width": 2}}, "hovertext": _where(is_part, common["hovertext"]),
    }  # fmt: skip
    whole = [None if part else count for count, part in zip(done, is_part, strict=True)]
    is_whole = [not part for part in is_part]
    full = {**line, "line": {"color": _DONE}, "y": whole, "hovertext": _where(is_whole, common["hovertext"])}
    return [full, rest]


def _where(is_shown: Sequence[bool], told: Sequence[str]) -> list[str]:
    """Each point is told by the one trace that draws it: a year of weeks comes once, not with every trace."""
    return [text if shown else "" for shown, text in zip(is_shown, told, strict=True)]


def _planned(planned: list[int], is_part: list[bool], common: Drawing) -> list[Drawing]:
    """Parts of weeks are hatched, and the legend says what that is."""
    whole = [None if part else count for count, part in zip(planned, is_part, strict=True)]
    rest = [count if part else None for count, part in zip(planned, is_part, strict=True)]
    plain = PLAIN if len(planned) <= _EDGED else {"color": PLAIN["color"]}
    bar, is_whole = {**common, "type": "bar", **axes.thin(len(planned))}, [not part for part in is_part]
    hatched = {
        **bar, "name": "Запланировано, неполная неделя", "y": rest, "marker": {**plain, "pattern": _PART},
        "hovertext": _where(is_part, common["hovertext"]),
    }  # fmt: skip
    full = {
        **bar,
        "name": "Запланировано",
        "y": whole,
        "marker": plain,
        "hovertext": _where(is_whole, common["hovertext"]),
    }
    return [full, *([hatched] if any(is_part) else [])]


def _week(overview: Overview, monday: date) -> str:
    """«26 октября – 1 ноября 2026», «1–2 ноября 2026 (неполная неделя: 2 дня)»."""
    week = overview.period.week(monday)
    span = formats.period(week.start, week.end)
    return (
        span if week.days == _WEEK else f"{span} (неполная неделя: {formats.plural(week.days, 'день', 'дня', 'дней')})"
    )


def ticks(days: list[date], at_most: int = _TICKS) -> Drawing:
    """A few labels however long the period; the year where it changes."""
    shown = days[:: -(-len(days) // at_most) or 1]
    changes = [index == 0 or day.year != shown[index - 1].year for index, day in enumerate(shown)]
    has_years = sum(changes) > 1
    words_ = [
        f"{formats.day_short(day)}<br>{day.year}" if has_years and new else formats.day_short(day)
        for day, new in zip(shown, changes, strict=True)
    ]
    return {"tickmode": "array", "tickvals": [day.isoformat() for day in shown], "ticktext": words_}


def utilisation(overview: Overview) -> Chart:
    """Use of slots by doctor, the fullest on top, over the band of the norm."""
    doctors = _ranked(_known(overview.doctors, k.UTILISATION), k.UTILISATION)
    names, norm = lanes.beside([doctor.name for doctor in doctors]), k.UTILISATION.norm or k.Norm()
    values = [_per_cent(k.UTILISATION.measure(tally).value) for tally in doctors.values()]
    bar = {
        "type": "bar", "orientation": "h", "y": names, "x": values, **_bars(k.UTILISATION, list(doctors.values())),
        "hovertext": [_told(doctor.name, k.UTILISATION, tally) for doctor, tally in doctors.items()],
    }  # fmt: skip
    band = {
        "type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": _per_cent(norm.low), "x1": _per_cent(norm.high), "fillcolor": _NORM,
        "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
    reach = {**_PER_CENT, **axes.per_cent(values, _per_cent(norm.high)), **lanes.ticks(names)}
    figure = {
        "data": [bar] if doctors else [],
        "layout": {
            "height": lanes.height(names),
            "xaxis": {**_STILL, **reach, "showgrid": True},
            "yaxis": _NAMES,
            "shapes": [band],
            "annotations": [_norm_words(f"полоса: {norm.words}")],
        },
    }
    rows = [
        [doctor.name, formats.duration(t.offered_minutes), formats.duration(t.booked_minutes), _value(k.UTILISATION, t)]
        for doctor, t in reversed(doctors.items())
    ]
    conclusion = words.on_utilisation({doctor.name: tally for doctor, tally in overview.doctors.items()})
    return _chart(conclusion, figure, rows, _doctor_marks(doctors), parts.BOOKED)


def no_shows(overview: Overview) -> Chart:
    """No-shows by weekday under the line of the target."""
    days, norm = _known(overview.weekdays, k.NO_SHOW), k.NO_SHOW.norm or k.Norm()
    values = [_per_cent(k.NO_SHOW.measure(tally).value) for tally in days.values()]
    names = [formats.capital(words.WEEKDAYS[day]) for day in days]
    bar = {
        "type": "bar", "x": [words.WEEKDAYS_SHORT[day] for day in days], "y": values, **_bars(k.NO_SHOW, list(days.values())),
        "hovertext": [_told(name, k.NO_SHOW, tally) for name, tally in zip(names, days.values(), strict=True)],
    }  # fmt: skip
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": _per_cent(norm.high), "y1": _per_cent(norm.high)}
    figure = {
        "data": [bar] if days else [],
        "layout": {
            "height": HEIGHT,
            "xaxis": {**_STILL, "type": "category"},
            "yaxis": {**_STILL, **_PER_CENT, **axes.per_cent(values, _per_cent(norm.high))},
            "shapes": [{**line, "line": {"color": _NORM_LINE, "width": 2, "dash": "dash"}}],
            "annotations": [_norm_words(f"пунктир: {norm.words}")],
        },
    }
    rows = [
        [name, *map(formats.number, (t.done, t.no_show)), _value(k.NO_SHOW, t), formats.number(t.late_cancelled)]
        for name, t in zip(names, days.values(), strict=True)
    ]
    conclusion = words.on_no_shows(overview.weekdays, overview.before, overview.against)
    return _chart(conclusion, figure, rows, [f"weekday:{day}" for day in days], parts.NO_SHOW)


def _known(tallies: Mapping[Key, Tally], kpi: Kpi) -> Mapping[Key, Tally]:
    """None where the figure is known of none: empty axes say nothing, and a table of «нет данных» neither."""
    return tallies if any(kpi.measure(tally).value is not None for tally in tallies.values()) else {}


def _bars(kpi: Kpi, tallies: Sequence[Tally]) -> Drawing:
    """How they look: faint where there are few cases."""
    opacity = [1 if kpi.measure(tally).is_reliable else _FAINT for tally in tallies]
    return {"marker": {"opacity": opacity}, "hoverinfo": "text", **axes.thin(len(tallies))}


def waiting(overview: Overview) -> Chart:
    """How long patients waited, by doctor: shares of the bins, the quickest on top."""
    measured = {doctor: tally for doctor, tally in overview.doctors.items() if tally.waited}
    quick_last = sorted(
        _ranked(measured, k.WAIT_15).items(), key=lambda item: -(k.WAIT_MEDIAN.measure(item[1]).value or 0)
    )
    doctors = dict(quick_last)  # as the sentence above ranks them; alike ones by how many waited little
    told = [
        f"{_told(doctor.name, k.WAIT_MEDIAN, t)}, за 15 мин приняты {_value(k.WAIT_15, t)}"
        for doctor, t in doctors.items()
    ]
    names = lanes.beside([doctor.name for doctor in doctors])
    bins = [
        {
            "type": "bar", "orientation": "h", "name": name, "y": names, "marker": {"color": colour}, "hovertext": told, "hoverinfo": "text",
            "x": [_per_cent(tally.waits[index] / tally.waited) for tally in doctors.values()], **axes.thin(len(names)),
        }
        for index, (name, colour) in enumerate(_WAITS.items())
    ]  # fmt: skip
    reach = {**_PER_CENT, **axes.per_cent([100]), **lanes.ticks(names)}
    figure = {
        "data": bins if doctors else [],
        "layout": {
            "barmode": "stack",
            "height": lanes.height(names),
            "xaxis": {**_STILL, **reach, "showgrid": True},
            "yaxis": _NAMES,
            "legend": {"traceorder": "normal"},
        },
    }
    rows = [
        [doctor.name, formats.number(t.waited), _value(k.WAIT_MEDIAN, t), _value(k.WAIT_P90, t), _value(k.WAIT_15, t)]
        for doctor, t in reversed(doctors.items())
    ]
    conclusion = words.on_waiting({doctor.name: tally for doctor, tally in overview.doctors.items()})
    return _chart(conclusion, figure, rows, _doctor_marks(doctors), *parts.BINS)


def _chart(conclusion: str, figure: Drawing, rows: list[list[str]], marks: list[str], *counts: parts.Part) -> Chart:
    codes = [part.code for part in counts]
    return {"conclusion": conclusion, "figure": figure, "rows": rows, "marks": marks, "parts": codes}


def _ranked(doctors: Mapping[Doctor, Tally], kpi: Kpi) -> dict[Doctor, Tally]:
    """Smallest first: a horizontal chart draws upwards. Doctors without the figure come first, at the bottom."""
    return dict(sorted(doctors.items(), key=lambda item: (kpi.measure(item[1]).value or 0, item[0].name)))


def _doctor_marks(doctors: Mapping[Doctor, Tally]) -> list[str]:
    return [f"doctor:{doctor.id}" for doctor in doctors]


def _per_cent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)


def _value(kpi: Kpi, tally: Tally) -> str:
    return words.value(kpi, kpi.measure(tally))


def _told(name: str, kpi: Kpi, tally: Tally) -> str:
    """«Иванова А. П.: 88 %», with the doubt where there is one."""
    measure = kpi.measure(tally)
    doubt = f" ({words.doubt(kpi, measure)})" if measure.value is not None and not measure.is_reliable else ""
    return f"{name}<br>{kpi.title.lower()}: {words.value(kpi, measure)}{doubt}"


def _norm_words(text: str) -> Drawing:
    """Over the right end of the drawing."""
    where = {"x": 1, "xref": "paper", "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return {"text": text, "showarrow": False, "font": {"size": 12, "color": _NORM_LINE}, **where}
