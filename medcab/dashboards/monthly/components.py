"""The ready reports, each to be taken away."""

import reflex as rx

from medcab.dashboards.monthly.state import MonthlyReports
from medcab.ui.fold import folded
from medcab.ui.layout import Value, button, section


def reports_section() -> rx.Component:
    """Nothing until there is one."""

    def draw(report: Value) -> rx.Component:
        words = rx.el.span(rx.el.strong(report["title"]), " ", rx.el.span(report["made"], class_name="note"))
        take = button(
            "Скачать PDF", kind="plain", symbol="download", on_click=MonthlyReports.download(report["id"]),
            aria_label="Скачать PDF: " + report["title"],
        )  # fmt: skip
        return rx.el.li(words, take, key=report["id"])

    listed = rx.el.ul(rx.foreach(MonthlyReports.reports, draw), class_name="views-kept", aria_label="Отчёты за месяц")
    drawn = section(
        listed,
        title="Отчёты за месяц",
        note="Составляются в первые дни месяца и больше не меняются.",
    )
    part = folded(drawn, title="Отчёты за месяц", place="reports", is_quiet=True)
    return rx.cond(MonthlyReports.reports, rx.el.div(part, class_name="no-print"))
