"""The section of what a mark counts."""

import reflex as rx

from medcab.dashboards.components import one_page
from medcab.dashboards.visits.state import SECTION, FigureVisits
from medcab.ui.layout import button, section
from medcab.ui.states import empty
from medcab.ui.status import badge_of
from medcab.ui.table import Column, data_table, pager

_DAY = Column("День", lambda row: row["day"], head=True)
_TIME = Column("Время", lambda row: rx.link(row["time"], href=row["href"], underline="hover"))
_DOCTOR = Column("Врач", lambda row: row["doctor"])
_VISITS = [
    _DAY,
    _TIME,
    _DOCTOR,
    Column("Пациент", lambda row: row["patient"]),
    Column("Вид", lambda row: row["kind"]),
    Column("Состояние", lambda row: row["status"]),
    Column("Ожидание", lambda row: row["wait"], number=True),
]
_PEOPLE = [
    Column("Сотрудник", lambda row: row["name"], head=True),
    Column("Должность", lambda row: row["post"]),
    Column(
        "Право на работу",
        lambda row: rx.el.div(badge_of(row["tone"], row["word"]), rx.el.div(row["why"], class_name="note")),
    ),
    Column("Действует по", lambda row: row["until"]),
    Column("Специальности", lambda row: row["specialties"]),
]
_OF_VISITS = (
    " Каждая строка посчитана в показателе. Время ведёт в расписание врача на этот день. Просмотр записан в журнал."
)
_OF_ROOMS = " Предложено − занято = свободно; минус: записано сверх часов. День ведёт в расписание врача. Просмотр записан в журнал."
_HOURS = [_DAY, _TIME, _DOCTOR, Column("Минут приёма", lambda row: row["minutes"], number=True)]
_ROOMS = [
    Column("День", lambda row: rx.link(row["day"], href=row["href"], underline="hover"), head=True),
    _DOCTOR,
    Column("Предложено", lambda row: row["offered"], number=True),
    Column("Занято", lambda row: row["taken"], number=True),
    Column("Свободно", lambda row: row["free"], number=True),
    Column("Заполненность по записи", lambda row: row["share"], number=True),
]


def visits_section() -> rx.Component:
    """Nothing until a mark has been opened."""
    return rx.cond(FigureVisits.is_open, rx.el.div(_section(), id=SECTION, tab_index=-1))


def _section() -> rx.Component:
    deeds = rx.el.div(
        button("Скачать CSV", kind="plain", symbol="download", on_click=FigureVisits.export("csv")),
        button("Скачать XLSX", kind="plain", symbol="download", on_click=FigureVisits.export("xlsx")),
        button("Закрыть", kind="plain", symbol="x", on_click=FigureVisits.close),
        class_name="row no-print",
        style={"padding": "0 var(--space-5) var(--space-4)"},
    )
    when = rx.Var.create("За ") + FigureVisits.when
    nothing = empty("Строк нет", "За выбранную часть периода ничего не посчитано.")
    return section(
        deeds,
        rx.cond(
            FigureVisits.people,
            data_table(_PEOPLE, FigureVisits.people, caption="Кто посчитан", key=lambda row: row["key"]),
            rx.cond(
                FigureVisits.rooms,
                data_table(_ROOMS, FigureVisits.rooms, caption="Что предложено и занято", key=lambda row: row["key"]),
                rx.cond(FigureVisits.lines, rx.cond(FigureVisits.is_hours, _table(_HOURS), _table(_VISITS)), nothing),
            ),
        ),
        pager(
            FigureVisits.summary, label="Страницы приёмов", page=FigureVisits.page, pages=FigureVisits.pages,
            on_previous=FigureVisits.turn(-1), on_next=FigureVisits.turn(1),
        ),
        one_page(FigureVisits.page, FigureVisits.pages),
        title=FigureVisits.title,
        note=rx.cond(
            FigureVisits.people,
            "На сегодня, по всему отделению. Просмотр записан в журнал.",
            rx.cond(FigureVisits.rooms, when + _OF_ROOMS, when + _OF_VISITS),
        ),
        flush=True,
    )  # fmt: skip


def _table(columns: list[Column]) -> rx.Component:
    return data_table(columns, FigureVisits.lines, caption="Что посчитано", key=lambda row: row["key"])
