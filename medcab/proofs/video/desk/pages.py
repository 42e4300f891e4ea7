"""«Видеозвонки» for the operators: keyboard first, everything that is compared on one screen."""

import reflex as rx

from medcab.proofs.video.components import Styled, video_call
from medcab.proofs.video.desk.state import PATH
from medcab.proofs.video.desk.state import VideoDeskState as S
from medcab.proofs.video.rules import CHECKS, REASONS, TOLD_FROM, TOLD_TO
from medcab.ui.desk import desk, explanation, hot, keys_help, place
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, columns, key_values, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge_of, callout
from medcab.ui.table import pager

_TITLE = "Видеозвонки"
_PILES = (("open", "Назначены"), ("over", "Мои прошедшие"))
_KEYS = (
    ("J / K", "следующий и предыдущий звонок в списке"), ("Enter", "открыть выбранный звонок"), ("B", "начать звонок"), ("C", "снять кадр"),
    ("1 – 6", "отметить пункт проверки"), ("A", "подтвердить личность"), ("R", "не подтверждать; до начала: отменить звонок"),
    ("Ctrl + Enter", "отправить решение, пока вы пишете причину"), ("?", "эта подсказка"),
)  # fmt: skip


def desk_page() -> rx.Component:
    """`/identity/desk`."""
    hours = button("Мои часы", kind="plain", symbol="clock", href=f"{PATH}/hours")
    head = page_header(
        _TITLE, lead="Личность подтверждает тот, кто видел человека и его паспорт.", others=[keys_help(_KEYS), hours]
    )
    shown = rx.fragment(rx.match(S.mode, ("one", _one()), ("gone", _gone()), _nothing()))
    both = desk(_queue(), shown, is_open=S.mode != "none")
    tools = toolbar(choice("Показать", _PILES, value=S.pile, on_change=S.choose))
    body = page(head, Styled.create(loaded(S.ready, stack(tools, both, gap=4))))
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), body)


def _queue() -> rx.Component:
    def drawn(each: Value) -> rx.Component:
        head = rx.el.span(rx.el.strong(each["name"]), badge_of(each["tone"], each["word"]), class_name="place-head")
        whose = rx.cond(each["operator"] != "", rx.el.small("у коллеги: ", each["operator"], class_name="note"))
        return place(each, head, rx.el.span(each["at"]), whose)

    nobody = empty("Звонков нет", "Когда кто-нибудь запишется, звонок появится здесь.", picture="calendar")
    listed = rx.el.ol(rx.foreach(S.rows, drawn), class_name="queue", aria_label="Звонки")
    turning = pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1))
    return section(
        rx.cond(S.rows, listed, nobody), rx.cond(S.pages > 1, turning), title="Звонки", note=S.summary, flush=True
    )


def _nothing() -> rx.Component:
    return section(empty("Выберите звонок", "Клавиши J и K двигаются по списку, Enter открывает.", picture="documents"))


def _gone() -> rx.Component:
    back = button("К звонкам", kind="plain", href=PATH)
    return section(empty("Звонок не найден", "Его нет, или человека принимают другие.", picture="search", action=back))


def _one() -> rx.Component:
    view = S.view
    head = section(
        rx.link("← К звонкам", href=PATH, class_name="only-phone"),
        row(rx.el.h2(view["name"]), badge_of(view["tone"], view["word"]), gap=2),
        rx.el.p(view["at"], rx.cond(view["is_mine"], "", rx.el.span(", назначен: ", view["operator"]))),
    )
    shown = rx.match(view["stage"], ("running", _running()), ("booked", _booked()), _over())
    return stack(head, rx.fragment(shown), gap=5)


def _booked() -> rx.Component:
    view = S.view
    there = rx.cond(
        view["is_there"],
        callout("Человек на связи и ждёт звонка.", "done", live=True),
        callout("Человек ещё не подключился. Это можно сделать за 10 минут до звонка.", "quiet"),
    )
    call = button("Начать звонок", symbol="phone", on_click=S.begin, **hot("KeyB"))
    nobody = confirm(
        button("Никто не пришёл", kind="plain", symbol="user-x"), title="Человек не пришёл?", action="Отметить неявку", on_confirm=S.miss,
        text="Звонок закроется, человек получит письмо и выберет другое время.",
    )  # fmt: skip
    off = button("Отменить звонок", kind="danger", symbol="calendar-x", on_click=S.turn_to("call-off"), **hot("KeyR"))
    ways = row(rx.cond(view["is_there"], call), rx.cond(view["is_late"], nobody), off)
    words = explanation(
        "Почему звонок отменён: это прочтёт человек", _told(), at_least=TOLD_FROM, at_most=TOLD_TO, focus=True
    )
    writing = _form(words, action="Отменить звонок")
    return section(there, rx.cond(S.act == "call-off", writing, ways), title="Звонок")


def _running() -> rx.Component:
    view = S.view
    call = video_call(
        is_caller=True, is_running=view["is_mine"], has_come=view["is_mine"], opens_in=0, call=view["call"], remote=view["answer"], relays=S.relays,
        still_action=f"/api/video/{view['id']}/still", on_say=S.say,
    )  # fmt: skip
    broken = confirm(
        button("Связь не держится", kind="plain", symbol="wifi-off"), title="Завершить звонок?", action="Завершить звонок", on_confirm=S.break_off,
        text="Личность останется неподтверждённой, человек выберет другое время. Это не считается неудачей.",
    )  # fmt: skip
    mine = columns(
        stack(section(call, broken, title="Разговор"), _still()), stack(_identity(), _decision()), at_least=360
    )
    return rx.cond(view["is_mine"], mine, section(callout("Этот звонок ведёт другой оператор.", "quiet")))


def _over() -> rx.Component:
    view = S.view
    told = rx.cond(view["told"] != "", rx.el.p("Человеку сказано: ", view["told"]))
    kept = rx.cond(
        view["still"] != "",
        rx.fragment(),
        rx.el.p("Кадра нет: он не снят, или срок его хранения прошёл.", class_name="note"),
    )
    return stack(section(told, kept, title="Чем закончилось"), _still())


def _identity() -> rx.Component:
    view = S.view
    facts = key_values(
        ("Фамилия, имя, отчество", rx.el.strong(view["name"])), ("Дата рождения", rx.el.strong(view["born"])), ("СНИЛС", rx.el.strong(view["snils"])),
        ("Цифры на экране человека", rx.el.strong(view["digits"])),
    )  # fmt: skip
    another = callout("Личные данные изменились во время звонка. Подтвердить нельзя: завершите его.", "act", live=True)
    return section(rx.cond(view["is_another"], another, rx.el.div(facts, class_name="call-facts")), title="Что сверяем")


def _still() -> rx.Component:
    picture = rx.el.img(src=S.view["still"], alt="Кадр разговора", class_name="call-still", key=S.view["still"])
    return rx.cond(
        S.view["still"] != "",
        section(picture, title="Кадр", note="Хранится в зашифрованном виде. Каждый просмотр виден в журнале."),
    )


def _decision() -> rx.Component:
    def check(number: int, name: str, words: str) -> rx.Component:
        box = rx.el.input(type="checkbox", name=name, **hot(f"Digit{number}"))
        return rx.el.label(box, rx.el.span(words), rx.el.kbd(str(number), aria_hidden="true"), class_name="tick-line")

    boxes = [check(number, *each) for number, each in enumerate(CHECKS.items(), 1)]
    proving = rx.form(
        stack(
            rx.el.fieldset(rx.el.legend("Я увидел и услышал"), *boxes, class_name="ticks call-checks"),
            row(
                button("Подтвердить личность", type="submit", symbol="shield-check", **hot("KeyA")),
                button("Не подтверждать", kind="danger", symbol="x", type="button", on_click=S.turn_to("refuse"), **hot("KeyR")),
            ),
        ),
        on_submit=S.prove, reset_on_submit=False,
    )  # fmt: skip
    options = [rx.el.option(reason.word, value=name) for name, reason in REASONS.items()]
    why = rx.el.label(
        rx.el.span("Причина", class_name="field-label"),
        rx.el.div(rx.el.select(*options, name="reason"), icon("chevron-down"), class_name="select choice"),
        class_name="explained",
    )
    words = explanation(
        "Что добавить: это прочтёт человек", _told(), at_least=TOLD_FROM, at_most=TOLD_TO, required=False
    )
    refusing = _form(why, words, action="Не подтверждать")
    return section(rx.cond(S.act == "refuse", refusing, proving), title="Решение")


def _form(*fields: rx.Component, action: str) -> rx.Component:
    ends = row(
        button(action, type="submit", kind="danger"),
        button("Назад", kind="plain", type="button", on_click=S.turn_to("")),
    )
    return rx.form(stack(*fields, ends), on_submit=S.refuse, reset_on_submit=False)


def _told() -> str:
    return f"От {TOLD_FROM} до {TOLD_TO} знаков. Без номера паспорта."
