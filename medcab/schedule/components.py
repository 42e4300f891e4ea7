"""Parts of «Расписание»: where one is, the strip of days, the list of a day, the grid of a week."""

from typing import Any

import reflex as rx

from medcab.schedule.booking.state import BookingState
from medcab.schedule.rules.rows import Line
from medcab.schedule.state import ScheduleState
from medcab.schedule.visit.state import VisitState
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button
from medcab.ui.sources import beside
from medcab.ui.states import empty
from medcab.ui.status import callout

_STYLE = beside(__name__, "schedule.css")


class Styled(rx.Fragment):
    """Brings the style sheet of this page along, in the page's own bundle."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def navigation() -> rx.Component:
    """Whose schedule, which day, day or week: all of it is in the address."""
    links = ScheduleState.links

    def person(each: Value) -> rx.Component:
        return rx.el.option(each["name"], value=each["id"], key=each["id"])

    def view(name: str, word: str) -> rx.Component:
        return rx.link(
            word, href=links[name], class_name="view", custom_attrs={"aria-current": ScheduleState.view == name}
        )

    people = rx.el.div(
        rx.el.select(
            rx.foreach(ScheduleState.people, person),
            value=ScheduleState.who,
            on_change=ScheduleState.choose_person,
            aria_label="Чьё расписание",
        ),
        icon("chevron-down"),
        class_name="select choice",
    )
    return rx.el.div(
        rx.cond(ScheduleState.has_people, people),
        rx.el.div(
            _way("previous", "Раньше", "chevron-left"),
            rx.link("Сегодня", href=links["today"], class_name="view"),
            _way("next", "Позже", "chevron-right"),
            class_name="ways",
        ),
        rx.el.input(
            type="date",
            value=ScheduleState.day,
            on_change=ScheduleState.choose_day,
            aria_label="Перейти к дню",
            class_name="date",
        ),
        rx.el.div(view("day", "День"), view("week", "Неделя"), class_name="views", role="group", aria_label="Вид"),
        class_name="toolbar no-print",
        role="group",
        aria_label="Дни и вид",
    )


def _way(place: str, label: str, symbol: str) -> rx.Component:
    return rx.link(icon(symbol), href=ScheduleState.links[place], aria_label=label, class_name="view")


def strip() -> rx.Component:
    """The days of the week; a dot says that there is reception."""

    def day(each: Value) -> rx.Component:
        return rx.el.li(
            rx.link(
                rx.el.span(each["weekday"]), rx.el.strong(each["number"]), rx.el.small(each["summary"]), href=each["href"],
                class_name=rx.cond(each["is_today"], "strip-day today", "strip-day"), underline="none",
                custom_attrs={"aria-current": rx.cond(each["is_chosen"], "date", "false")},
            ),
            key=each["href"],
        )  # fmt: skip

    return rx.el.nav(rx.el.ol(rx.foreach(ScheduleState.strip, day), class_name="strip"), aria_label="Дни недели")


def day_list(day: Value) -> rx.Component:
    """One day from morning to evening."""
    nothing = empty(
        "Приёма нет",
        "В этот день часы приёма не открыты, и никто не записан. Часы открывает администратор клиники.",
        picture="calendar",
    )
    room = rx.cond(day["room"] != "", rx.el.span("кабинет ", day["room"], class_name="note"))
    return rx.el.section(
        rx.el.div(rx.el.h2(day["title"]), rx.el.span(day["summary"], class_name="note"), room, class_name="day-head"),
        rx.cond(day["closed"] != "", callout(day["closed"], "soon", title="Запись закрыта")),
        rx.cond(
            day["lines"],
            rx.el.ol(rx.foreach(day["lines"].to(list[Line]), _row), class_name="day-rows"),
            rx.cond(day["closed"] == "", nothing),
        ),
        class_name="section flush day",
        key=day["date"],
    )


def _row(line: Value) -> rx.Component:
    time = rx.el.span(line["time"], rx.el.small(line["until"]), class_name="row-time")
    free = rx.el.button(
        icon("plus"), "Свободно", rx.el.span(" записать", class_name="row-call"),
        rx.el.span(" на ", line["time"], class_name="visually-hidden"), type="button", class_name="row-free",
        on_click=BookingState.open(line["at"]),
    )  # fmt: skip
    plain = rx.el.span(icon(line["icon"]), line["title"], class_name="row-plain")
    body = rx.match(line["what"], ("visit", _visit(line)), ("free", free), plain)
    marked = {"data-mark": rx.cond(line["is_new"], "new", ""), "data-what": line["what"]}
    return rx.el.li(time, body, key=line["key"], class_name="day-row", custom_attrs=marked)


def _visit(line: Value) -> rx.Component:
    def quick(deed: Value) -> rx.Component:
        return rx.button(
            icon(deed["icon"]), deed["label"], variant="surface", color_scheme="gray", size="2", type="button",
            on_click=VisitState.mark(line["id"], line["version"], deed["act"]), key=deed["act"],
        )  # fmt: skip

    more = rx.icon_button(
        icon("ellipsis"), variant="ghost", color_scheme="gray", size="3", type="button",
        aria_label=f"{line['time']}, {line['title']}: все действия", on_click=VisitState.open(line["id"]),
    )  # fmt: skip
    return rx.el.div(
        rx.el.span(rx.el.strong(line["title"]), rx.el.small(line["note"]), class_name="row-words"),
        rx.el.span(icon(line["icon"]), line["word"], class_name=f"status tone-{line['tone']}"),
        rx.el.span(rx.foreach(line["quick"], quick), class_name="row-deeds no-print"),
        rx.el.span(more, class_name="row-more no-print"),
        class_name="row-visit",
    )


def week_grid() -> rx.Component:
    """Seven columns by time; a phone has the lists instead."""
    axis = rx.el.div(
        rx.foreach(
            ScheduleState.hours,
            lambda hour: rx.el.span(hour["label"], style={"--top": hour["top"]}, class_name="hour", key=hour["label"]),
        ),
        class_name="grid-axis",
        aria_hidden="true",
    )
    style = {"--minute": ScheduleState.minute, "--first": ScheduleState.first, "--length": ScheduleState.length}
    columns = rx.foreach(ScheduleState.days, _column)
    return rx.el.div(
        rx.el.div(axis, columns, class_name="grid", style=style),
        class_name="grid-frame section flush", role="region", aria_label="Неделя по часам", tab_index=0,
    )  # fmt: skip


def _column(day: Value) -> rx.Component:
    now = rx.el.div(
        class_name="now-line", style={"--now": ScheduleState.now}, key=f"now{ScheduleState.now}", aria_hidden="true"
    )
    return rx.el.div(
        rx.el.h2(day["weekday"], " ", day["number"], class_name=rx.cond(day["is_today"], "grid-day today", "grid-day")),
        rx.el.div(
            rx.foreach(day["lines"].to(list[Line]), _block), rx.cond(day["is_today"], now), class_name="grid-column",
        ),
        key=day["date"],
    )  # fmt: skip


def _block(line: Value) -> rx.Component:
    place = {"--top": line["top"], "--size": line["length"], "--left": line["left"], "--width": line["width"]}
    about = f"{line['time']}–{line['until']}, {line['title']}, {line['word']}"

    def drawn(kind: str, **act: Any) -> rx.Component:
        words = rx.el.span(icon(line["icon"]), line["word"], class_name="block-word")
        name = (
            rx.el.span(line["time"], " ", line["title"], class_name="block-name")
            if kind == "visit"
            else rx.el.span(line["time"])
        )
        tag = rx.el.button if act else rx.el.div
        extra = {"type": "button", **act} if act else {}
        return tag(name, words, class_name=f"block {kind} tone-{line['tone']}", style=place, title=about, **extra)

    marked = {"data-mark": rx.cond(line["is_new"], "new", "")}
    return rx.el.div(
        rx.match(
            line["what"],
            ("visit", drawn("visit", on_click=VisitState.open(line["id"]))),
            ("free", drawn("free", on_click=BookingState.open(line["at"]))),
            drawn("plain"),
        ),
        key=line["key"], custom_attrs=marked,
    )  # fmt: skip


def changed_note() -> rx.Component:
    """What others have just changed, said without moving the page."""
    words = rx.el.span(icon("refresh-cw"), ScheduleState.changed, key=ScheduleState.changed)
    return rx.el.div(rx.cond(ScheduleState.changed != "", words), role="status", class_name="changed-note")


def book_button() -> rx.Component:
    """The page's one primary button."""
    return button("Записать", symbol="calendar-plus", on_click=BookingState.open(""))
