"""«Тарифы»."""

import reflex as rx

from medcab.dashboards.components import picker
from medcab.finance.components import CRUMBS, downloads, file_in
from medcab.finance.tariffs.state import FORM
from medcab.finance.tariffs.state import TariffsState as S
from medcab.schedule.components import Styled
from medcab.schedule.rules.visits import KIND_TITLES, PAYER_TITLES
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import callout_of
from medcab.ui.table import Column, data_table, pager

_TITLE = "Тарифы"
_LEAD = "Цена приёма по плательщику, специальности и виду. Новая цена заканчивает прежнюю днём раньше; цена, по которой составлен реестр, задним числом не меняется."


def tariffs_page() -> rx.Component:
    """`/finance/tariffs`."""
    shown = page(
        Styled.create(), page_header(_TITLE, crumbs=CRUMBS, lead=_LEAD, others=[downloads(S.export)], primary=button("Новая цена", symbol="plus", on_click=rx.set_focus(FORM))),
        loaded(S.ready, stack(_list(), _new(), _bring(), gap=5)),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _list() -> rx.Component:
    def choose(label: str, what: str, value: Value, options: Value) -> rx.Component:
        return picker(label, value, options, lambda chosen: S.choose(what, chosen))

    days = rx.Var.create(
        [{"value": "now", "label": "Действуют сегодня"}, {"value": "all", "label": "Все, с прежними и будущими"}]
    )
    columns = [
        Column("Специальность", lambda one: one["specialty"], head=True), Column("Плательщик", lambda one: one["payer"]),
        Column("Вид приёма", lambda one: one["kind"]), Column("Цена", lambda one: one["price"], number=True),
        Column("Действует", lambda one: rx.el.div(one["days"], rx.el.div(one["used"], class_name="note"))), Column("Действия", _acts, act=True),
    ]  # fmt: skip
    none = empty("Таких тарифов нет", "Выберите другой отбор, введите цену ниже или загрузите файл.")
    turns = pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(-1), on_next=S.turn(1))
    return section(
        toolbar(choose("Плательщик", "payer", S.payer, S.payers), choose("Специальность", "specialty", S.specialty, S.specialties), choose("Дни", "days", S.days, days)),
        rx.cond(S.lines, rx.fragment(data_table(columns, S.lines, caption="Тарифы", key=lambda one: one["id"]), turns), none),
        title="Цены",
    )  # fmt: skip


def _acts(one: Value) -> rx.Component:
    text = "Цена исчезнет, будто её не было. Приёмы этих дней без другой цены в реестр не попадут."
    edit = button(
        "Изменить",
        kind="plain",
        size="2",
        on_click=S.edit(one["id"]),
        aria_label=rx.Var.create("Изменить: ") + one["what"],
    )
    remove = confirm(
        button("Удалить", kind="plain", size="2", aria_label=rx.Var.create("Удалить: ") + one["what"]), title="Удалить тариф?", text=text,
        action="Удалить", on_confirm=S.remove(one["id"]),
    )  # fmt: skip
    return row(edit, rx.cond(one["used"] == "", remove), gap=2)


def _new() -> rx.Component:
    fields = rx.el.div(
        _picked("Плательщик", "payer", list(PAYER_TITLES.values())), _specialty(), _picked("Вид приёма", "kind", list(KIND_TITLES.values())),
        _typed("Цена, ₽", "price", "1234,50"), _typed("С какого дня", "since", "01.12.2026"), _typed("По какой день", "until", "можно не указывать"),
        class_name="hours-fields", key=S.form_key,
    )  # fmt: skip
    save = row(button("Сохранить цену", symbol="check", type="submit"))
    return section(
        rx.form(stack(rx.cond(S.fault != "", callout_of("act", S.fault)), fields, save), on_submit=S.put, reset_on_submit=False),
        title="Новая цена", note="Чтобы закончить тариф, нажмите у него «Изменить» и укажите последний день.", id=FORM, tab_index=-1,
    )  # fmt: skip


def _specialty() -> rx.Component:
    """Any words, with those of the clinic's hours offered."""
    field = rx.el.input(
        name="specialty", default_value=S.form["specialty"], list="specialties", class_name="plain-input", max_length=500, auto_complete="off",
        placeholder="как в часах приёма",
    )  # fmt: skip
    offered = rx.el.datalist(rx.foreach(S.names, lambda name: rx.el.option(value=name, key=name)), id="specialties")
    return rx.el.label(rx.el.span("Специальность", class_name="field-label"), field, offered)


def _typed(label: str, name: str, hint: str) -> rx.Component:
    field = rx.el.input(
        name=name, default_value=S.form[name], class_name="plain-input", placeholder=hint, auto_complete="off", max_length=20
    )  # fmt: skip
    return rx.el.label(rx.el.span(label, class_name="field-label"), field)


def _picked(label: str, name: str, words: list[str]) -> rx.Component:
    options = [rx.el.option(word, value=word) for word in words]
    chosen = rx.el.div(
        rx.el.select(*options, name=name, default_value=S.form[name]), icon("chevron-down"), class_name="select"
    )
    return rx.el.label(rx.el.span(label, class_name="field-label"), chosen)


def _bring() -> rx.Component:
    note = "Столбцы: Плательщик, Специальность, Вид приёма, Цена, С; по желанию По. За основу можно взять скачанные тарифы. Сначала покажем, что изменится."
    return section(file_in("Выбрать файл с тарифами", ""), title="Тарифы из файла", note=note)
