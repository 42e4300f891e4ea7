"""Parts of «Рабочий стол»: each is drawn only for whom it is."""

import reflex as rx

from medcab.dashboards.attention.components import attention_section
from medcab.desk.state import DeskState
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, figure, row, section, stack
from medcab.ui.states import empty
from medcab.ui.status import badge_of, callout
from medcab.ui.table import Column, data_table
from medcab.ui.theme import TONES

_GRID = {
    "display": "grid",
    "gap": "var(--space-3)",
    "grid_template_columns": "repeat(auto-fill, minmax(min(100%, 220px), 1fr))",
}
_BIG = {"font_size": "var(--font-size-6)", "font_weight": "600", "line_height": "1.25"}


def first_step() -> rx.Component:
    """The one big next step, with what is missing."""
    points = rx.el.ul(
        rx.foreach(DeskState.step["points"], lambda point: rx.el.li(point, key=point)),
        style={"padding_inline_start": "var(--space-5)", "list_style": "disc"},
    )
    return rx.el.section(
        stack(
            rx.el.h2(DeskState.step["title"], style=_BIG),
            rx.el.p(DeskState.step["text"]),
            rx.cond(DeskState.step["points"], points),
            row(button(DeskState.step["action"], href=DeskState.step["href"])),
            gap=3,
        ),
        class_name=f"section tone-{DeskState.step['tone']}",
        style={"border_inline_start": "4px solid var(--tone)"},
        aria_live="polite",
    )


def day_section() -> rx.Component:
    """The person's own reception: who is next, everybody of today, where there is room."""
    return section(
        rx.el.p(DeskState.day_sentence, class_name="conclusion", aria_live="polite"),
        rx.cond(DeskState.next_visit["key"] != "", _next()),
        rx.cond(DeskState.free, _free()),
        rx.cond(DeskState.visits, _visit_list(DeskState.visits, "Приёмы на сегодня")),
        title="Мой приём сегодня",
        action=button("Открыть расписание", kind="plain", symbol="calendar-days", href="/schedule"),
    )


def _next() -> rx.Component:
    visit = DeskState.next_visit
    return rx.el.div(
        rx.el.div(
            rx.el.span("Следующий пациент", class_name="figure-label"),
            rx.el.strong(visit["time"], " · ", visit["patient"], style=_BIG),
            rx.el.span(visit["note"], class_name="figure-label"),
            class_name="stack",
            style={"gap": "var(--space-1)"},
        ),
        badge_of(visit["tone"], visit["status"]),
        class_name="row tone-info",
        style={
            "justify_content": "space-between",
            "padding": "var(--space-4)",
            "background": "var(--tone-soft)",
            "border_radius": "var(--radius-4)",
        },
    )


def _free() -> rx.Component:
    times = rx.foreach(
        DeskState.free, lambda time: rx.badge(time, size="3", variant="surface", color_scheme="gray", key=time)
    )
    return row(rx.el.span("Свободно:", class_name="figure-label"), times, rx.el.span(DeskState.free_more), gap=2)


def _visit_list(rows: Value, label: str) -> rx.Component:
    """A line for each: on a phone a whole morning is seen at once."""

    def draw(visit: Value) -> rx.Component:
        return rx.el.li(
            rx.el.span(visit["time"], style={"font_variant_numeric": "tabular-nums", "font_weight": "500"}),
            rx.el.span(
                visit["patient"], rx.el.br(), rx.el.small(visit["note"], class_name="note"), style={"min_width": "0"}
            ),
            badge_of(visit["tone"], visit["status"]),
            style=_LINE,
            key=visit["key"],
        )

    return rx.el.ul(rx.foreach(rows, draw), style={"list_style": "none"}, aria_label=label)


_LINE = {
    "display": "grid",
    "grid_template_columns": "56px 1fr auto",
    "gap": "var(--space-3)",
    "align_items": "center",
    "padding_block": "var(--space-2)",
    "border_bottom": "1px solid var(--gray-a3)",
    "&:last-child": {"border_bottom": "0"},
}


def expected_section() -> rx.Component:
    """For who looks after colleagues' receptions: the next patients of the department."""
    nobody = empty("Больше никого не ждём", "На сегодня все записанные пациенты приняты.", picture="done")
    return section(
        rx.cond(DeskState.expected, _visit_list(DeskState.expected, "Ближайшие пациенты отделения"), nobody),
        title="Ближайшие пациенты отделения",
        action=button("Открыть расписание", kind="plain", symbol="calendar-days", href="/schedule"),
    )


def _figures(rows: Value) -> rx.Component:
    def draw(each: Value) -> rx.Component:
        marks = [(name, icon(look.icon)) for name, look in TONES.items() if name != "quiet"]
        inline = {"display": "inline-flex", "align_items": "center", "gap": "6px"}
        note = rx.el.span(rx.match(each["tone"], *marks, rx.fragment()), each["note"], style=inline)
        shown = figure(each["value"], each["label"], note=note, tone=each["tone"])
        linked = rx.link(shown, href=each["href"], underline="none", style={"color": "inherit", "display": "block"})
        return rx.el.li(rx.cond(each["href"] != "", linked, shown), key=each["label"])

    return rx.el.ul(rx.foreach(rows, draw), style={**_GRID, "list_style": "none"})


def target_section() -> rx.Component:
    """What needs the head: the same, from the same place, as the first lines of «Показатели отделения»."""
    more = button("Все показатели", kind="plain", symbol="chart-column", href="/figures")
    return attention_section(DeskState.attention, "Отделение сегодня", more)


def ward_section() -> rx.Component:
    """Today's load, a department a line."""
    columns = [
        Column("Отделение", lambda ward: rx.link(ward["name"], href=ward["href"]), head=True),
        Column("Запланировано", lambda ward: ward["planned"], number=True),
        Column("Проведено", lambda ward: ward["done"], number=True),
        Column("Неявки", lambda ward: ward["no_show"], number=True),
        Column("Заполненность по записи", lambda ward: ward["utilisation"], number=True),
        Column("Состояние", lambda ward: badge_of(ward["tone"], ward["standing"])),
    ]
    table = data_table(columns, DeskState.wards, caption="Загрузка отделений сегодня", key=lambda ward: ward["key"])
    return section(table, title="Загрузка отделений сегодня", flush=True)


def watch_section() -> rx.Component:
    """For those who watch over others' accounts."""
    return section(_figures(DeskState.counts), title="Под наблюдением")


def reminder_list() -> rx.Component:
    """What to do for one's own safety."""

    def draw(each: Value) -> rx.Component:
        marks = [(name, icon(look.icon)) for name, look in TONES.items() if name != "quiet"]
        return rx.el.li(
            rx.el.span(rx.match(each["tone"], *marks, rx.fragment()), style={"color": "var(--tone)"}),
            rx.el.span(each["text"], style={"flex": "1 1 220px"}),
            rx.link(each["action"], href=each["href"], style={"padding_block": "var(--space-3)"}),
            class_name=f"row tone-{each['tone']}",
            key=each["text"],
        )

    return section(
        rx.el.ul(rx.foreach(DeskState.reminders, draw), class_name="stack", style={"list_style": "none"}),
        title="Безопасность",
    )


def offer_list() -> rx.Component:
    """Clinics that wait for this person's answer."""

    def draw(clinic: str) -> rx.Component:
        answer = button("Посмотреть и ответить", kind="plain", href="/invitation")
        return callout(clinic, "info", title="Вас приглашают на работу", action=answer)

    return rx.fragment(rx.foreach(DeskState.offers, draw))


def sent_list() -> rx.Component:
    """Views of figures that colleagues have sent; opened, they are gone from here."""

    def draw(each: Value) -> rx.Component:
        return callout(
            each["note"], "info", title=each["title"], action=button("Открыть", kind="plain", href=each["href"])
        )

    return rx.fragment(rx.foreach(DeskState.sent, draw))
