"""What the sandbox's pages look like: plain server-rendered HTML."""

import sqlite3
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from medcab.sandbox.editor import SECTIONS, fields, rows
from medcab.sandbox.markup import Html, el, join, message_text
from medcab.sandbox.supervision import KINDS, Kind
from medcab.sandbox.switches import OPERATIONS, Mode, Switch, modes_of
from medcab.verification.rules import REFUSALS, Code

_NAVIGATION = {
    "/": "Переключатели",
    "/register": "Регистр",
    "/licences": "Лицензии",
    "/supervision": "Надзор",
    "/bank": "Банк",
    "/sms": "Входящие SMS",
    "/mail": "Письма",
}
_MOSCOW = ZoneInfo("Europe/Moscow")
# What the register itself may answer about a person; the other codes are the cabinet's own conclusions.
_REGISTER_CODES = tuple(Code)[:5]


def page(title: str, path: str, *content: str | None) -> str:
    """A whole document; `path` marks the section in the navigation."""
    links = [
        el("a", text, href=href, aria_current="page" if href == path else None) for href, text in _NAVIGATION.items()
    ]
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"{title} · Песочница medcab"),
        el("link", rel="stylesheet", href="/static/style.css"),
        el("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        el("script", src="/static/live.js", defer=True),
    )
    header = el("header", el("strong", "Песочница medcab"), el("nav", *links, aria_label="Разделы"))
    note = el("footer", "Учебная среда: все люди и номера вымышлены, сообщения никуда не отправляются.")
    body = el("body", header, el("main", el("h1", title), *content), note)
    return "<!doctype html>" + el("html", head, body, lang="ru")


# --- switches


def switches_page(switches: dict[str, Switch], problem: str = "") -> str:
    groups = [
        (
            "Федеральный регистр",
            [operation for operation in OPERATIONS if operation.startswith(("*", "frmr."))],
        ),
        ("Банк", [operation for operation in OPERATIONS if operation.startswith("bank.")]),
        ("Связь", [operation for operation in OPERATIONS if operation.endswith(".send")]),
    ]
    tables = [_switch_group(title, [(each, switches[each]) for each in operations]) for title, operations in groups]
    save = el("button", "Применить", type="submit")
    reset = el("button", "Всё исправно", type="submit", name="reset", value="1", class_="quiet")
    intro = "Здесь внешние системы ломаются по вашей просьбе. Настройка операции важнее настройки всего регистра."
    form = el("form", *tables, el("div", save, reset, class_="actions"), method="post", action="/")
    return page("Переключатели", "/", el("p", intro, class_="lead"), _problem(problem), form)


# --- the bank


def bank_about() -> str:
    text = "Клиенты банка — люди из регистра. Сюда приходят из кабинета: «Профиль» → «Подтверждение личности» → «Через банк»."
    return page("Банк", "/bank", el("p", text, class_="lead"))


def bank_page(asked: str, people: list[tuple[str, str]], search: str, problem: str = "") -> str:
    """Which client of the bank signs in; `asked` is the cabinet's question, to be carried along."""
    if problem:
        return page("Банк", "/bank", _problem(problem))
    lead = el("p", "Настоящий банк спросил бы здесь пароль. Выберите, под каким клиентом войти.", class_="lead")
    kept = [el("input", type="hidden", name=name, value=value) for name, value in parse_qsl(asked)]
    box = el(
        "input", name="q", value=search, type="search", aria_label="Фамилия или СНИЛС", placeholder="Фамилия или СНИЛС"
    )
    find = el("form", *kept, box, el("button", "Найти", type="submit", class_="quiet"), method="get", class_="search")
    rows = [el("li", el("a", name, href=f"/bank/authorize/as?{asked}&who={snils}")) for snils, name in people]
    listed = el("ul", *rows, class_="clients") if rows else el("p", "Такого клиента нет.", class_="empty")
    return page(
        "Вход в банк",
        "/bank",
        lead,
        find,
        listed,
        el("p", el("a", "Отказаться и вернуться", href=f"/bank/authorize/as?{asked}")),
    )


def _switch_group(title: str, group: list[tuple[str, Switch]]) -> Html:
    return el("section", el("h2", title), *(_switch_row(operation, switch) for operation, switch in group))


def _switch_row(operation: str, switch: Switch) -> Html:
    name, broken = OPERATIONS[operation], switch != Switch()
    sign = el("span", "⚠ изменено" if broken else "✓ исправно", class_="sign")
    options = [el("option", mode.label, value=mode, selected=mode is switch.mode) for mode in modes_of(operation)]
    mode = el("label", el("span", "Поведение"), el("select", *options, name=f"{operation}:mode"), class_="field")
    boxes = [_number(operation, "delay_ms", "Задержка, мс", switch.delay_ms)]
    if Mode.NOT_YET in modes_of(operation):
        boxes.append(_number(operation, "retry_after", "Ответ через, с", switch.retry_after))
    boxes.append(_number(operation, "times", "Только раз", switch.times))
    legend = el("legend", name, " ", sign)
    return el("fieldset", legend, mode, *boxes, class_="switch broken" if broken else "switch")


def _number(operation: str, name: str, label: str, value: int | None) -> Html:
    text, hint = ("" if value is None else str(value)), "всегда" if name == "times" else None
    box = el("input", type="number", min="0", name=f"{operation}:{name}", value=text, placeholder=hint)
    return el("label", el("span", label), box, class_="field small")


# --- the register


def people_page(people: list[sqlite3.Row], search: str, total: int, problem: str = "") -> str:
    box = el("input", type="search", name="q", value=search, placeholder="Фамилия или СНИЛС", aria_label="Поиск")
    find = el("form", box, el("button", "Найти", type="submit", class_="quiet"), class_="line", method="get")
    snils = el("input", name="snils", inputmode="numeric", placeholder="СНИЛС", aria_label="СНИЛС", required=True)
    add = el("form", snils, el("button", "Завести запись", type="submit"), class_="line", method="post")
    found = [
        el("li", el("a", row["name"] or "без имени", href=f"/register/{row['oid']}"), _person_note(row))
        for row in people
    ]
    empty = el("p", "Никого не нашлось. Заведите запись или измените запрос.", class_="empty")
    shown = el("p", f"Показано {len(people)}, всего в регистре {total}.", class_="lead")
    listed = el("ul", *found, class_="people") if found else empty
    return page("Регистр", "/register", shown, _problem(problem), el("div", find, add, class_="bar"), listed)


def _person_note(row: sqlite3.Row) -> Html:
    refusal = el("span", f"⚠ {row['refusal']}", class_="sign bad") if row["refusal"] else None
    return join(el("span", snils_text(row["snils"]), class_="note"), refusal)


def person_page(row: sqlite3.Row, record: dict[str, Any], *, saved: bool = False, problem: str = "") -> str:
    refusals = [el("option", "отвечать как есть", value="")] + [
        el("option", f"{code}: {REFUSALS[code].sentence}", value=code, selected=row["refusal"] == code)
        for code in _REGISTER_CODES
    ]
    refusal = el(
        "label",
        el("span", "На вопросы об этом человеке"),
        el("select", *refusals, name="refusal"),
        class_="field",
    )
    additions = [el("option", "ничего", value="")] + [
        el("option", title, value=name) for name, title in SECTIONS.items() if name not in ("person", "procedures")
    ]
    add = el("label", el("span", "Добавить к записи"), el("select", *additions, name="add"), class_="field")
    sections = [rows(record.get(name) or [], name, name) for name in SECTIONS if isinstance(record.get(name), list)]
    form = el(
        "form",
        el("fieldset", el("legend", "Ответ регистра"), refusal),
        el("fieldset", el("legend", SECTIONS["person"]), fields(record["person"], "person")),
        *sections,
        el("fieldset", el("legend", "Новое"), add),
        el("div", el("button", "Сохранить", type="submit"), class_="actions"),
        method="post",
    )
    done = el("p", "✓ Сохранено. Регистр уже отвечает по-новому.", class_="done", role="status") if saved else None
    return page(row["name"] or "Новая запись", "/register", _back(), done, _problem(problem), form)


def licences_page(licences: list[dict[str, Any]], *, saved: bool = False, problem: str = "") -> str:
    forms = [el("fieldset", el("legend", each["number"] or "Новая лицензия"), fields(each, str(number)))
             for number, each in enumerate(licences)]  # fmt: skip
    done = el("p", "✓ Сохранено.", class_="done", role="status") if saved else None
    lead = el(
        "p",
        "Состояние: действует, приостановлена или прекращена. Последняя строка добавляет лицензию, пустой номер убирает её.",
        class_="lead",
    )
    save = el("div", el("button", "Сохранить", type="submit"), class_="actions")
    return page("Лицензии", "/licences", lead, done, _problem(problem), el("form", *forms, save, method="post"))


_STATES = {"waiting": "доставляется", "accepted": "✓ принято кабинетом", "known": "✓ кабинет уже знает"}


def supervision_page(notices: list[dict[str, Any]], licences: list[dict[str, Any]], problem: str = "") -> str:
    kinds = [el("option", title, value=kind.value) for kind, title in KINDS.items()]
    numbers = [el("option", each["number"], value=each["number"]) for each in licences]
    fields_ = [
        el("label", el("span", "Что случилось"), el("select", *kinds, name="kind"), class_="field"),
        el("label", el("span", "Лицензия"), el("select", *numbers, name="licence"), class_="field"),
        el("label", el("span", "или СНИЛС (об аккредитации)"), el("input", name="snils", inputmode="numeric"), class_="field"),
        el("label", el("span", "Основание"), el("input", name="basis", placeholder="Приказ № 12-Л"), class_="field"),
        el("label", el("input", type="checkbox", name="true", checked=True), " записать и в регистр", class_="field"),
    ]  # fmt: skip
    form = el("form", el("fieldset", el("legend", "Новое уведомление"), *fields_),
              el("div", el("button", "Отправить в кабинет", type="submit"), class_="actions"), method="post")  # fmt: skip
    lead = el(
        "p",
        "Уведомление само ничего не закрывает: кабинет спросит регистр. Без записи в регистр оно окажется ошибочным.",
        class_="lead",
    )
    sent = [
        el("article", el("p", el("b", each["number"]), " ", el("span", _STATES.get(each["state"], each["state"])), class_="head"),
           el("p", f"{KINDS[Kind(each['kind'])]}: {each['subject']}. {each['basis']}", class_="text"), data_id=each["number"])
        for each in notices
    ]  # fmt: skip
    return page("Надзор", "/supervision", lead, _problem(problem), form, _live(sent, "Уведомлений ещё не было."))


def _back() -> Html:
    return el("p", el("a", "← Все люди", href="/register"))


def _problem(problem: str) -> Html | None:
    return el("p", f"⚠ {problem}", class_="problem", role="alert") if problem else None


# --- messages


def sms_page(messages: list[dict[str, Any]]) -> str:
    listed = [_message(each, each["recipient"], None) for each in messages]
    return page("Входящие SMS", "/sms", _live(listed, "SMS ещё не приходили."))


def mail_page(messages: list[dict[str, Any]]) -> str:
    listed = [_message(each, each["recipient"], each["subject"]) for each in messages]
    return page("Письма", "/mail", _live(listed, "Писем ещё нет."))


def _live(listed: list[Html], nothing: str) -> Html:
    content = listed or [el("p", nothing, " Они появятся здесь сами.", class_="empty")]
    return el("div", *content, data_live=True, aria_live="polite", class_="messages")


def _message(message: dict[str, Any], recipient: str, subject: str | None) -> Html:
    at = datetime.fromisoformat(message["at"])
    shown = at.astimezone(_MOSCOW).strftime("%d.%m.%Y %H:%M:%S")
    head = el("p", el("b", recipient), " ", el("time", shown, datetime=message["at"]), class_="head")
    title = el("h2", subject or "Без темы") if subject is not None else None
    return el(
        "article",
        head,
        title,
        el("p", message_text(message["text"]), class_="text"),
        data_id=str(message["id"]),
    )


def snils_text(snils: str) -> str:
    """`112-233-445 95`."""
    return f"{snils[:3]}-{snils[3:6]}-{snils[6:9]} {snils[9:]}"
