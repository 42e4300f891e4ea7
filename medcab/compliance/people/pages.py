"""«Требования к сотрудникам»: for the clinic's administrator and the head of a department."""

import reflex as rx

from medcab.compliance import charts
from medcab.compliance.people.state import COLUMNS, SHOW
from medcab.compliance.people.state import PeopleState as S
from medcab.compliance.rules.duties import TITLES
from medcab.ui.chart import chart_card
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, page, page_header, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights, skeleton_rows
from medcab.ui.status import badge_of
from medcab.ui.table import Column, data_table, pager

_CHART_ROWS = 20


def people_page() -> rx.Component:
    """`/compliance/people`."""
    filters = toolbar(
        choice("Отделение", S.departments, value=S.department, on_change=lambda value: S.choose("department", value)),
        choice("Требование", [("", "Все требования"), *((duty.value, TITLES[duty]) for duty in TITLES)], value=S.duty,
               on_change=lambda value: S.choose("duty", value)),
        choice("Показать", [(key, words) for key, (words, _) in SHOW.items()], value=S.show_only,
               on_change=lambda value: S.choose("show", value)),
        action=button("Выгрузить", kind="plain", symbol="download", on_click=S.export),
    )  # fmt: skip
    nobody = empty("Никого нет", "Измените отбор: по нему сотрудников не нашлось.", picture="search")
    listed = stack(
        rx.el.p(S.summary, class_name="conclusion"),
        section(filters, rx.cond(S.workers, rx.fragment(_matrix(), _pager()), nobody), title="Кто и что", note="Сначала те, у кого хуже."),
        rx.cond(S.terms_rows, chart_card(
            "Когда истекает", "Люди этой страницы; пунктир — сегодня.", S.terms, headings=charts.PEOPLE_HEADINGS, rows=S.terms_rows,
            height=charts.height(_CHART_ROWS),
        )), gap=5,
    )  # fmt: skip
    shown = page(_header(), loaded(S.ready, listed, section(skeleton_rows(6), flush=True)))
    return rx.cond(S.closed != "", page(_header(), no_rights(S.closed)), shown)


def _header() -> rx.Component:
    return page_header(
        "Требования к сотрудникам", crumbs=[("Соответствие требованиям", "/compliance")],
        lead="Аккредитации, обучение, медосмотры и другие сроки: у кого что подходит.",
    )  # fmt: skip


def _matrix() -> rx.Component:
    def cell(index: int) -> Column:
        def draw(worker: Value) -> rx.Component:
            told = worker["cells"][index]
            done = rx.el.span(icon("circle-check"), role="img", aria_label=told["word"], class_name="matrix-done")
            asked = rx.cond(told["tone"] == "done", done, badge_of(told["tone"], told["word"]))
            nothing = rx.el.span("—", class_name="note")
            return rx.el.span(rx.cond(told["word"] != "", asked, nothing), title=told["told"])

        return Column(TITLES[COLUMNS[index]], draw)

    name = Column(
        "Сотрудник",
        lambda worker: rx.el.span(worker["name"], rx.el.small(worker["place"], class_name="under")),
        head=True,
    )
    columns = [name, *(cell(index) for index in range(len(COLUMNS)))]
    return data_table(
        columns, S.workers, caption="Сотрудники и требования, худшие сверху", key=lambda worker: worker["id"]
    )


def _pager() -> rx.Component:
    return rx.cond(
        S.pages > 1,
        pager(S.counted, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1)),
    )
