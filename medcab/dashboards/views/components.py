"""The kept views as a line of links, and a drawer to keep, name and send them."""

from typing import Any

import reflex as rx

from medcab.dashboards.rules.views import LONGEST_NAME, LONGEST_NOTE
from medcab.dashboards.views.state import FigureViews
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button
from medcab.ui.parts import copy_button

_FIELD: dict[str, Any] = {"class_name": "views-field"}


def views_box() -> rx.Component:
    """Links to the kept views, then the drawer."""
    links = rx.el.nav(rx.foreach(FigureViews.views, _link), class_name="row views-links", aria_label="Мои виды")
    drawer = rx.el.details(
        rx.el.summary("Сохранить или отправить этот вид"),
        rx.el.div(_keep(), _send(), rx.cond(FigureViews.views, _kept()), class_name="views-drawer"),
        class_name="views-box",
    )
    return rx.el.div(rx.cond(FigureViews.views, links), drawer, class_name="views no-print")


def _link(view: Value) -> rx.Component:
    first = rx.cond(view["is_default"], rx.el.span(" (открывается первым)", class_name="note"))
    return rx.link(view["name"], first, href=view["href"], key=view["id"])


def _keep() -> rx.Component:
    return rx.form(
        rx.el.label(
            rx.el.span("Название вида"),
            rx.el.input(name="name", required=True, max_length=LONGEST_NAME, auto_complete="off", **_FIELD),
        ),
        button("Сохранить вид", kind="plain", type="submit"),
        on_submit=FigureViews.keep,
        reset_on_submit=True,
        class_name="views-form",
        aria_label="Сохранить вид",
    )


def _send() -> rx.Component:
    people = rx.el.select(
        rx.el.option("Выберите коллегу", value=""),
        rx.foreach(FigureViews.colleagues, lambda each: rx.el.option(each["label"], value=each["value"], key=each["value"])),
        name="to", required=True, **_FIELD,
    )  # fmt: skip
    form = rx.form(
        rx.el.label(rx.el.span("Коллега"), people),
        rx.el.label(
            rx.el.span("Сообщение, если нужно"),
            rx.el.input(name="note", max_length=LONGEST_NOTE, auto_complete="off", **_FIELD),
        ),
        button("Отправить коллеге", kind="plain", type="submit"),
        on_submit=FigureViews.send,
        reset_on_submit=True,
        class_name="views-form",
        aria_label="Отправить коллеге",
    )
    copied = rx.el.div(
        copy_button(text=FigureViews.link, label="Скопировать ссылку"),
        rx.el.span("Коллега увидит только то, что открыто ему самому.", class_name="note"),
        class_name="row",
    )
    return rx.el.div(rx.cond(FigureViews.colleagues, form), copied, class_name="stack")


def _kept() -> rx.Component:
    return rx.el.ul(rx.foreach(FigureViews.views, _line), class_name="views-kept", aria_label="Сохранённые виды")


def _line(view: Value) -> rx.Component:
    rename = rx.form(
        rx.el.label(
            rx.el.span("Название: ", view["name"], class_name="visually-hidden"),
            rx.el.input(
                name="name", default_value=view["name"], key=view["name"], required=True, max_length=LONGEST_NAME,
                auto_complete="off", **_FIELD,
            ),
        ),
        button("Переименовать", kind="plain", type="submit"),
        on_submit=lambda form: FigureViews.rename(view["id"], form),
        class_name="views-form",
    )  # fmt: skip
    first = button(
        rx.cond(view["is_default"], "Не открывать первым", "Открывать первым"), kind="plain",
        on_click=FigureViews.choose(view["id"]),
    )  # fmt: skip
    gone = confirm(
        button("Удалить", kind="quiet", symbol="trash-2", aria_label="Удалить вид «" + view["name"] + "»"),
        title="Удалить вид «" + view["name"] + "»?",
        text="Сами показатели останутся. Вид можно сохранить заново.",
        action="Удалить вид",
        on_confirm=FigureViews.remove(view["id"]),
    )
    return rx.el.li(rename, rx.el.div(first, gone, class_name="row"), key=view["id"])
