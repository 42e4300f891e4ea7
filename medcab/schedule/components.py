"""Parts of «Расписание»: where one is, the strip of days, the list of a day, the grid, the month, the list of visits."""

from typing import Any

import reflex as rx

from medcab.schedule.booking.state import BookingState
from medcab.schedule.calendar.state import GridState
from medcab.schedule.rules.address import View
from medcab.schedule.rules.months import Cell
from medcab.schedule.rules.rows import WEEKDAYS, Line
from medcab.schedule.rules.visits import STATUS_TITLES
from medcab.schedule.state import ScheduleState
from medcab.schedule.visit.state import VisitState
from medcab.ui.calendar import calendar, calendar_rows
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice
from medcab.ui.sources import beside
from medcab.ui.states import empty
from medcab.ui.status import callout

_STYLE = beside(__name__, "schedule.css")


class Styled(rx.Fragment):
    """Brings the style sheet of this page along, in the page's own bundle."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


VIEW_WORDS: tuple[tuple[View, str], ...] = (
    ("day", "День"), ("week", "Неделя"), ("month", "Месяц"), ("list", "Список"), ("people", "Врачи"),
)  # fmt: skip


def navigation() -> rx.Component:
    """Whose schedule, which day, which view: all of it is in the address."""
    links, is_of_many = ScheduleState.links, ScheduleState.view == "people"
    one = _choice("Чьё расписание", ScheduleState.people, ScheduleState.who, ScheduleState.choose_person)
    many = _choice("Отделение", ScheduleState.departments, ScheduleState.department, ScheduleState.choose_department)
    return rx.el.div(
        rx.cond(is_of_many, many, rx.cond(ScheduleState.has_people, one)),
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
        rx.el.div(*[_view(name, word) for name, word in VIEW_WORDS], class_name="views", role="group", aria_label="Вид"),
        rx.cond(is_of_many, _columns_of()),
        rx.cond(ScheduleState.view == "list", _statuses()),
        class_name="toolbar no-print",
        role="group",
        aria_label="Дни и вид",
    )  # fmt: skip


def _view(name: View, word: str) -> rx.Component:
    current = {"aria-current": ScheduleState.view == name}
    link = rx.link(word, href=ScheduleState.links[name], class_name="view", custom_attrs=current)
    return rx.cond(ScheduleState.has_people, link) if name == "people" else link


def _columns_of() -> rx.Component:
    """Workers or rooms."""

    def way(by: str, word: str) -> rx.Component:
        current = {"aria-current": ScheduleState.by == by}
        return rx.link(word, href=ScheduleState.links[by], class_name="view", custom_attrs=current)

    return rx.el.div(
        way("person", "По врачам"), way("room", "По кабинетам"), class_name="ways", role="group", aria_label="Столбцы"
    )


def _choice(label: str, choices: Value, chosen: Value, on_change: Any) -> rx.Component:
    def option(each: Value) -> rx.Component:
        return rx.el.option(each["name"], value=each["id"], key=each["id"])

    return rx.el.div(
        rx.el.select(rx.foreach(choices, option), value=chosen, on_change=on_change, aria_label=label),
        icon("chevron-down"),
        class_name="select choice",
    )


def _statuses() -> rx.Component:
    options = [("", "Все приёмы"), *((status.value, title) for status, title in STATUS_TITLES.items())]
    return choice("Показать", options, value=ScheduleState.status, on_change=ScheduleState.choose_status)


def places() -> rx.Component:
    """The pages beside this one: one button instead of seven."""

    def place(each: Value) -> rx.Component:
        return rx.el.li(rx.el.a(icon(each["icon"]), each["label"], href=each["href"]), key=each["href"])

    listed = rx.el.nav(
        rx.el.ul(rx.foreach(ScheduleState.places, place), class_name="places"), aria_label="Разделы расписания"
    )
    return rx.popover.root(
        rx.popover.trigger(button("Разделы", kind="plain", symbol="ellipsis")),
        rx.popover.content(listed, size="1", custom_attrs={"aria-label": "Разделы расписания"}),
    )  # fmt: skip


def _way(place: str, label: str, symbol: str) -> rx.Component:
    return rx.link(icon(symbol), href=ScheduleState.links[place], aria_label=label, class_name=f"view way-{place}")


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


def day_lists(*, name: str = "lists") -> rx.Component:
    """The days one below another, with their keys."""
    return calendar_rows(rx.foreach(ScheduleState.days, day_list), class_name=name, on_move=VisitState.begin)


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
        on_click=GridState.book(line["who"], line["at"]),
    )  # fmt: skip
    plain = rx.el.span(icon(line["icon"]), line["title"], class_name="row-plain")
    body = rx.match(line["what"], ("visit", _visit(line)), ("free", free), plain)
    marked = {
        "data-mark": rx.cond(line["is_new"], "new", ""),
        "data-what": line["what"],
        "data-id": line["id"],
        "data-at": line["at"],
    }
    return rx.el.li(time, body, key=line["key"], class_name="day-row", custom_attrs=marked)


def _visit(line: Value) -> rx.Component:
    def quick(deed: Value) -> rx.Component:
        return rx.button(
            icon(deed["icon"]), deed["label"], variant="surface", color_scheme="gray", size="2", type="button",
            on_click=VisitState.mark(line["id"], line["version"], deed["act"]), key=deed["act"], custom_attrs={"data-deed": deed["act"]},
        )  # fmt: skip

    more = rx.icon_button(
        icon("ellipsis"), variant="ghost", color_scheme="gray", size="3", type="button",
        aria_label=f"{line['time']}, {line['title']}: все действия", on_click=VisitState.open(line["id"]), custom_attrs={"data-deed": "open"},
    )  # fmt: skip
    return rx.el.div(
        rx.el.span(rx.el.strong(line["title"]), rx.el.small(line["note"]), class_name="row-words"),
        rx.el.span(icon(line["icon"]), line["word"], class_name=f"status tone-{line['tone']}"),
        rx.el.span(rx.foreach(line["quick"], quick), class_name="row-deeds no-print"),
        rx.el.span(more, class_name="row-more no-print"),
        class_name="row-visit",
    )


def grid() -> rx.Component:
    """Columns by time: the days of a week, or people side by side."""
    label = rx.cond(ScheduleState.view == "week", "Неделя по часам", "Приёмы рядом, по часам")
    return calendar(
        grid=ScheduleState.grid, label=label, answer=VisitState.answer, on_open=VisitState.open, on_take=GridState.book,
        on_mark=VisitState.mark, on_move=VisitState.drop, on_ask=VisitState.ask,
    )  # fmt: skip


def month() -> rx.Component:
    """A month of days: what is planned, what is free, which are off."""

    def day(cell: Value) -> rx.Component:
        mark = rx.el.span(icon("calendar-x"), rx.el.span(cell["mark"], class_name="wordy"), class_name="month-mark")
        words = [
            rx.el.span(cell[name], class_name=look)
            for name, look in (("planned", "wordy"), ("free", "wordy note"), ("short", "narrow"))
        ]
        link = rx.link(
            rx.el.strong(cell["number"]), rx.cond(cell["mark"] != "", mark), *words, href=cell["href"], underline="none",
            class_name="month-day", aria_label=cell["said"], custom_attrs={"aria-current": rx.cond(cell["is_today"], "date", "false")},
        )  # fmt: skip
        is_off = rx.cond(cell["is_off"], "off", "")
        look = rx.cond(cell["is_today"], "today", rx.cond(cell["is_outside"], "outside", is_off))
        return rx.el.td(link, class_name=look, key=cell["date"])

    def week(each: Value) -> rx.Component:
        return rx.el.tr(rx.foreach(each["cells"].to(list[Cell]), day), key=each["key"])

    heads = [rx.el.th(word, scope="col") for word in WEEKDAYS]
    return rx.el.section(
        rx.el.table(
            rx.el.caption(ScheduleState.lead, class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rx.foreach(ScheduleState.weeks, week)),
            class_name="month",
        ),
        class_name="section flush",
    )


def listed() -> rx.Component:
    """Visits of four weeks, a page of them."""
    nothing = empty("Приёмов нет", "В эти четыре недели таких приёмов нет.", picture="calendar")
    return rx.fragment(
        rx.cond(ScheduleState.counted != "", rx.el.p(ScheduleState.counted, class_name="note", role="status")),
        rx.cond(ScheduleState.days, day_lists(), nothing),
        turns(),
    )


def turns() -> rx.Component:
    """To the next page of a list, or of a department with more workers than stand side by side."""
    links = ScheduleState.links
    back = button("Предыдущие", kind="plain", symbol="chevron-left", href=links["page_back"])
    onward = button("Следующие", kind="plain", symbol="chevron-right", href=links["page_on"])
    return rx.el.nav(
        rx.cond(links["page_back"] != "", back), rx.cond(links["page_on"] != "", onward), class_name="turns no-print", aria_label="Страницы",
    )  # fmt: skip


def print_head() -> rx.Component:
    """What paper needs to say of itself: the clinic, whose day or week it is."""
    return rx.el.div(rx.el.strong(ScheduleState.lead), rx.el.span(ScheduleState.clinic), class_name="print-head")


def changed_note() -> rx.Component:
    """What others have just changed, said without moving the page."""
    words = rx.el.span(icon("refresh-cw"), ScheduleState.changed, key=ScheduleState.changed)
    return rx.el.div(rx.cond(ScheduleState.changed != "", words), role="status", class_name="changed-note")


def undo_note(words: Value, *, key: Value, on_undo: Any, is_shown: Value) -> rx.Component:
    """For ten seconds after a deed (the style sheet hides it); `key` differs each time, so that it shows anew."""
    back = button(
        "Вернуть", symbol="undo-2", kind="plain", size="2", on_click=on_undo, custom_attrs={"data-undo": "yes"}
    )
    note = rx.el.div(icon("circle-check"), rx.el.span(words), back, class_name="undo-bar", key=key)
    return rx.el.div(rx.cond(is_shown, note), role="status", class_name="undo-place")


def book_button() -> rx.Component:
    """The page's one primary button."""
    return button("Записать", symbol="calendar-plus", on_click=BookingState.open(""))
