"""«Журнал входов»: open sessions above, the journal below."""

import reflex as rx

from medcab.accounts.sessions.state import JournalState
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, choice, page, page_header, section, toolbar
from medcab.ui.parts import relative_time
from medcab.ui.states import empty, loaded
from medcab.ui.status import badge, badge_of
from medcab.ui.table import Column, data_table, pager

_OUTCOMES = (
    ("all", "Все события"), ("success", "Входы"), ("wrong_password", "Неверный пароль"), ("wrong_code", "Неверный код"),
    ("locked", "Отложенные"), ("signed_out", "Выходы"), ("ended", "Завершённые"),
)  # fmt: skip
_PERIODS = (("week", "За неделю"), ("month", "За месяц"), ("year", "За год"))


def journal_page() -> rx.Component:
    """`/journal`."""
    others = confirm(
        button("Завершить все остальные", kind="danger"), title="Завершить все остальные сеансы?",
        text="На других устройствах придётся войти заново. Несохранённое там может пропасть.", action="Завершить",
        on_confirm=JournalState.end_others,
    )  # fmt: skip
    outcome = rx.Var.create(rx.cond(JournalState.outcome == "", "all", JournalState.outcome)).to(str)
    return page(
        page_header("Журнал входов", lead="Если здесь есть что-то незнакомое, отметьте «это был не я» и смените пароль."),
        section(
            loaded(JournalState.is_hydrated, rx.el.ul(rx.foreach(JournalState.sessions, _session), class_name="rows")),
            title="Открытые сеансы", action=rx.cond(JournalState.is_alone, rx.fragment(), others),
        ),
        section(
            toolbar(
                choice("Событие", _OUTCOMES, value=outcome, on_change=lambda value: JournalState.choose(value, JournalState.period)),
                choice("Период", _PERIODS, value=JournalState.period, on_change=lambda value: JournalState.choose(JournalState.outcome, value)),
            ),
            loaded(
                JournalState.is_hydrated,
                rx.cond(JournalState.lines, _journal(), empty("Таких событий не было", "Выберите другой период или другое событие.")),
            ),
            title="События",
        ),
    )  # fmt: skip


def _session(row: Value) -> rx.Component:
    end = confirm(
        button("Завершить", kind="plain", size="2"), title="Завершить этот сеанс?",
        text="На том устройстве придётся войти заново.", action="Завершить сеанс", on_confirm=JournalState.end(row["id"]),
    )  # fmt: skip
    return rx.el.li(
        rx.el.div(
            rx.el.strong(row["device"]), rx.el.br(),
            rx.el.small(row["where"], " · вход ", row["started"], " · активен ", relative_time(value=row["seen"], exact=row["seen_exact"])),
        ),
        rx.cond(row["is_current"], badge("Этот сеанс", "info"), end),
        class_name="row between", key=row["id"],
    )  # fmt: skip


def _journal() -> rx.Component:
    columns = [
        Column("Когда", lambda row: row["at"], head=True),
        Column("Событие", lambda row: badge_of(row["tone"], row["outcome"])),
        Column("Устройство", lambda row: row["device"]),
        Column("Адрес", lambda row: row["ip"]),
        Column("Фактор", lambda row: row["factor"]),
        Column("Примечание", lambda row: row["note"]),
        Column("Действие", _disown, act=True),
    ]
    turn = pager(
        JournalState.summary, page=JournalState.page, pages=JournalState.pages,
        on_previous=JournalState.turn(JournalState.page - 1), on_next=JournalState.turn(JournalState.page + 1),
    )  # fmt: skip
    table = data_table(columns, JournalState.lines, caption="События входа, новые сверху", key=lambda row: row["id"])
    return rx.fragment(table, turn)


def _disown(row: Value) -> rx.Component:
    ask = confirm(
        button("Это был не я", kind="plain", size="2"), title="Это были не вы?",
        text="Мы завершим тот сеанс, забудем то устройство и попросим сменить пароль.", action="Это был не я",
        on_confirm=JournalState.disown(row["id"]),
    )  # fmt: skip
    return rx.cond(row["may_disown"], ask)
