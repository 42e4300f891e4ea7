"""The sections «Устойчиво ли это?» and «Чего ждать» of «Показатели отделения»."""

import reflex as rx

from medcab.dashboards.components import chart_grid
from medcab.dashboards.outlook import charts
from medcab.dashboards.outlook.state import OutlookState
from medcab.dashboards.rules.third_next import SOURCE
from medcab.dashboards.third_next import charts as third_next
from medcab.ui.chart import chart_card
from medcab.ui.fold import folded
from medcab.ui.layout import Value
from medcab.ui.states import empty, loaded, skeleton_block

_HEIGHT = 320
_STEADY = (
    "Каждая точка — полная неделя выбранного врача и вида приёма или всего отделения. Пунктир — границы, за которые случай почти не заводит; серым отмечены недели, по которым посчитано обычное. "
    "Треугольник — неделя за границей, ромб — ряд недель, который случайным не бывает. Раз в несколько месяцев так выходит и само собой: "
    "это повод посмотреть строки, а не вывод. Из долгого срока оценивается последний год."
)
_AHEAD = (
    "Прогноз — для того же выбора, от сегодняшнего дня, и от выбранного срока не зависит: обычная неделя последних двух месяцев и дни недели, "
    "праздники — по производственному календарю. В названные пределы попадают четыре случая из пяти."
)
_ACCESS = (
    "Через сколько дней третье свободное время по специальности: первое часто случайно освободилось. Измеряется каждое утро в семь часов по всему отделению. "
    f"Сроки: {SOURCE}."
)


def steady_section() -> rx.Component:
    """A control chart for each figure that has one."""
    drawn = {
        "no_shows": OutlookState.no_shows,
        "utilisation": OutlookState.utilisation,
        "waiting": OutlookState.waiting,
    }
    cards = [_chart(charts.TITLES[name], name, chart, charts.CONTROL_HEADINGS[name]) for name, chart in drawn.items()]
    nothing = empty(
        "Судить пока не о чем",
        "До конца выбранного срока нет ни одной полной недели с приёмами. Как только их наберётся двенадцать, здесь будет видно, "
        "случайны ли изменения.",
    )
    return _part(
        "Устойчиво ли это?",
        _STEADY,
        chart_grid(*cards, is_small=True),
        nothing,
        has=OutlookState.has_weeks,
        place="steady",
    )


def ahead_section() -> rx.Component:
    """The next weeks, and the next fortnight day by day."""
    cards = [
        _chart("Приёмы в ближайшие недели", "weeks", OutlookState.weeks, charts.WEEKS_HEADINGS),
        _chart("Приёмы в ближайшие дни", "days", OutlookState.days, charts.DAYS_HEADINGS),
    ]
    nothing = empty("Прогноза пока нет", OutlookState.weeks["conclusion"])
    return _part("Чего ждать", _AHEAD, chart_grid(*cards), nothing, has=OutlookState.has_forecast, place="ahead")


def access_section() -> rx.Component:
    """How soon somebody who calls can be seen."""
    chart: Value = OutlookState.access
    nothing = empty("Ещё не измерено", chart["conclusion"])
    card = chart_card(
        "До третьего свободного времени", chart["conclusion"], chart["figure"], headings=third_next.HEADINGS,
        rows=chart["rows"].to(list[list[str]]),
    )  # fmt: skip
    return _part("Доступность записи", _ACCESS, card, nothing, has=OutlookState.has_access, place="access")


def _part(title: str, note: str, cards: rx.Component, nothing: rx.Component, *, has: Value, place: str) -> rx.Component:
    return folded(
        rx.el.p(note, " ", OutlookState.counted, class_name="note"),
        loaded(OutlookState.ready, rx.cond(has, cards, nothing), skeleton_block(_HEIGHT)),
        title=title,
        place=place,
    )


def _chart(title: str, name: str, chart: Value, headings: list[str]) -> rx.Component:
    return chart_card(
        title,
        chart["conclusion"],
        chart["figure"],
        headings=headings,
        rows=chart["rows"].to(list[list[str]]),
        height=_HEIGHT,
        on_click=lambda points: OutlookState.open_mark(name, points.to(list[dict])[0]["pointIndex"].to(int)),
    )
