"""«График из файла»."""

import reflex as rx

from medcab.schedule.components import Styled
from medcab.schedule.rota.state import ONLY
from medcab.schedule.rota.state import RotaState as S
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge_of, callout, callout_of
from medcab.ui.table import Column, data_table, pager
from medcab.ui.uploader import uploader

_TITLE, _CRUMBS = "График из файла", [("Расписание", "/schedule")]
_API = "/api/schedule/rota"
_ENDINGS = (("xlsx", "Excel (XLSX)"), ("csv", "CSV"))


def rota_page() -> rx.Component:
    """`/schedule/rota`."""
    lead = "Часы приёма на месяц из таблицы. Сначала покажем, что изменится, по каждому дню; дни, которых в файле нет, останутся как есть."
    shown = page(
        page_header(_TITLE, crumbs=_CRUMBS, lead=lead), Styled.create(),
        loaded(S.ready, rx.cond(S.sheet != "", _preview(), rx.fragment(_upload(), _export()))),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _upload() -> rx.Component:
    samples = row(
        button("Бланк на следующий месяц", kind="plain", symbol="calendar-days", href=f"{_API}/sample?form=month", download=True),
        button("Образец таблицей", kind="plain", symbol="list", href=f"{_API}/sample", download=True),
    )  # fmt: skip
    ways = rx.el.ul(
        rx.el.li("Месяц: строка на врача, столбец на число. В ячейке 9:00–15:00, или 9–12 и 13–15, или О (отпуск), Б (болезнь), В (выходной)."),
        rx.el.li("Таблица: строка на день. Столбцы ФИО, Дата, С, До; по желанию перерыв, минут на приём, кабинет, отделение, специальность, почта."),
    )  # fmt: skip
    return section(
        stack(
            ways, samples,
            uploader(
                rules={}, on_done=S.taken, action=_API, source=f"{_API}/form", label="Выбрать график",
                hint="CSV или XLSX, до 3\u00a0МБ и 10\u00a0000 строк.", accept=".csv,.xlsx,text/csv",
            ),
            gap=4,
        ),
        title="Загрузить",
    )  # fmt: skip


def _export() -> rx.Component:
    fields = rx.el.div(
        _picked("Отделение", "department", rx.foreach(S.departments, lambda one: rx.el.option(one[1], value=one[0], key=one[0]))),
        _typed("Первый день", "since", S.since), _typed("Последний день", "until", S.until),
        _picked("Формат", "ending", *(rx.el.option(word, value=value) for value, word in _ENDINGS)),
        class_name="hours-fields",
    )  # fmt: skip
    note = rx.el.p(
        "Часы и дни без приёма таблицей. Файл можно поправить и загрузить обратно: изменятся только поправленные дни.",
        class_name="note",
    )
    faulty = rx.cond(S.fault != "", callout_of("act", S.fault))
    send = row(button("Скачать", type="submit", symbol="download", kind="plain"))
    return section(
        rx.form(stack(note, fields, faulty, send), on_submit=S.export, reset_on_submit=False), title="Выгрузить"
    )


def _typed(label: str, name: str, value: Value) -> rx.Component:
    field = rx.el.input(
        name=name,
        default_value=value,
        class_name="plain-input",
        placeholder="01.12.2026",
        auto_complete="off",
        max_length=10,
    )
    return rx.el.label(rx.el.span(label, class_name="field-label"), field)


def _picked(label: str, name: str, *options: rx.Component) -> rx.Component:
    chosen = rx.el.div(rx.el.select(*options, name=name), icon("chevron-down"), class_name="select")
    return rx.el.label(rx.el.span(label, class_name="field-label"), chosen)


def _preview() -> rx.Component:
    columns = [
        Column("Строка", lambda one: one["where"]),
        Column("Врач и день", lambda one: rx.el.div(rx.el.div(one["name"]), rx.el.div(one["day"], class_name="note")), head=True),
        Column("Сейчас", lambda one: _lines(one["before"])),
        Column("Будет", lambda one: _lines(one["after"])),
        Column("Проверка", _verdict_of),
    ]  # fmt: skip
    table = data_table(columns, S.rows, caption="Дни из файла", key=lambda one: one["key"])
    turns = pager(S.told, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1))
    none = empty(
        "Таких дней в файле нет", "Выберите другой отбор или загрузите другой файл.", picture="calendar"
    )  # fmt: skip
    month = rx.cond(S.has_month, choice("Месяц графика", S.months, value=S.month, on_change=S.choose_month))
    listed = section(
        toolbar(choice("Показать", ONLY, value=S.only, on_change=S.choose), month),
        rx.cond(S.rows, table, none),
        turns,
        title=S.name,
    )
    return rx.cond(S.needs_month, _ask_month(), stack(_verdict(), listed, gap=5))


def _lines(found: Value) -> rx.Component:
    return rx.el.div(rx.foreach(found.to(list[str]), lambda line: rx.el.div(line, key=line)))


def _verdict_of(one: Value) -> rx.Component:
    left = rx.cond(
        one["left"].to(list[str]).length() > 0,
        rx.el.div("Останутся вне часов: ", rx.foreach(one["left"].to(list[str]), lambda line: rx.el.div(line, key=line)), class_name="note"),
    )  # fmt: skip
    return rx.el.div(badge_of(one["tone"], one["word"]), _lines(one["errors"]), _lines(one["warnings"]), left)


def _ask_month() -> rx.Component:
    months = rx.foreach(S.months, lambda one: button(one[1], kind="plain", on_click=S.choose_month(one[0]), key=one[0]))
    return section(
        stack(
            callout("В файле числа без месяца: ни в заголовке, ни в названии листа его нет.", "info"),
            rx.el.div(months, class_name="row", style={"gap": "var(--space-3)"}),
            row(button("Другой файл", kind="quiet", on_click=S.discard(S.sheet))),
        ),
        title="За какой месяц этот график?",
        note=S.name,
    )


def _verdict() -> rx.Component:
    good = callout("Ничего ещё не изменено: график применится, когда вы нажмёте кнопку.", "info", title=S.told)
    bad = callout("Исправьте файл и загрузите снова, или примените дни без ошибок.", "act", title=S.told)
    same = callout("Расписание уже такое, как в файле.", "done", title=S.told)
    head = rx.cond(S.wrong > 0, bad, rx.cond(S.done > 0, good, same))
    return stack(
        rx.cond(S.fault != "", callout_of("soon", S.fault)), head,
        row(rx.cond(S.done > 0, _apply()), button("Другой файл", kind="quiet", on_click=S.discard(S.sheet))), gap=3,
    )  # fmt: skip


def _apply() -> rx.Component:
    """Asked once more where something is left out, or somebody is."""
    plain = button("Применить график", symbol="check", on_click=S.apply(S.sheet, "all", S.seen))
    asked = confirm(
        button("Применить график", symbol="check"), title="Применить график?", text=S.doing, danger=False, action="Применить",
        on_confirm=S.apply(S.sheet, "all", S.seen),
    )  # fmt: skip
    drop = confirm(
        button("Применить без ошибочных дней", symbol="check"), title="Применить без ошибочных дней?", text=S.doing, danger=False,
        action="Применить", on_confirm=S.apply(S.sheet, "right", S.seen),
    )  # fmt: skip
    return rx.cond(S.wrong > 0, drop, rx.cond(S.left > 0, asked, plain))
