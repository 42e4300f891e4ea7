"""Parts of «Спорные вопросы»: the queue, what is compared, the papers, the decision, the keys."""

import reflex as rx

from medcab.ui import desk
from medcab.ui.desk import hot
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, row, section, stack
from medcab.ui.states import empty
from medcab.ui.status import badge_of, callout
from medcab.ui.table import pager
from medcab.verification.disputes.components import explanation
from medcab.verification.disputes.desk.state import DisputesState as S
from medcab.verification.disputes.rules import REVIEW_CHOICES, REVIEW_DAYS, Step

KEYS = (
    ("J / K", "следующий и предыдущий вопрос в очереди (в самой очереди также стрелки)"),
    ("Enter", "открыть выбранный вопрос"),
    ("A", "принять; второму оператору: подтвердить"),
    ("R", "отказать; предложение первого оператора: вернуть"),
    ("M", "попросить уточнить"),
    ("P / N", "следующий документ, следующая страница документа"),
    ("Ctrl + Enter", "отправить решение, пока вы пишете причину"),
    ("?", "эта подсказка"),
)


def queue() -> rx.Component:
    """Who waits, longest first."""

    def drawn(each: Value) -> rx.Component:
        head = rx.el.span(rx.el.strong(each["name"]), badge_of(each["tone"], each["waits"]), class_name="place-head")
        return desk.place(each, head, rx.el.span(each["item"]), rx.el.small(each["word"], class_name="note"))

    nobody = empty("Никто не ждёт", "Когда сотрудник оспорит отказ регистра, вопрос появится здесь.", picture="done")
    listed = rx.el.ol(rx.foreach(S.rows, drawn), class_name="queue", aria_label="Очередь")
    turning = pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1))
    return section(rx.cond(S.rows, listed, nobody), rx.cond(S.pages > 1, turning), title="Очередь", note=S.summary, flush=True)  # fmt: skip


def compared() -> rx.Component:
    """What the worker gave beside what the register says."""
    view = S.view
    sides = rx.el.dl(
        rx.el.div(rx.el.dt("Сотрудник указал"), rx.el.dd(rx.cond(view["given"] != "", view["given"], "—"))),
        rx.el.div(rx.el.dt("В регистре"), rx.el.dd(rx.cond(view["in_register"] != "", view["in_register"], "не показывается или нет записи"))),
        class_name="finding-compared",
    )  # fmt: skip
    who = rx.cond(view["mender"] != "", rx.el.span(" Обычно исправляет ", view["mender"], "."))
    facts = rx.el.p("Код: ", rx.el.code(view["code"]), ".", who, class_name="note")
    return section(rx.el.p(view["sentence"]), sides, facts, title="Что сравниваем")


def papers() -> rx.Component:
    """The papers laid before the operators, drawn by the server page by page; each look is in the journal."""
    paper = S.paper

    def tab(each: Value) -> rx.Component:
        chosen = rx.cond(each["id"] == paper["id"], "true", "false")
        return rx.el.li(
            button(
                each["title"],
                kind="quiet",
                size="2",
                on_click=S.turn_paper(each["id"]),
                custom_attrs={"aria-pressed": chosen},
            ),
            key=each["id"],
        )

    sheet = rx.el.img(
        src=paper["src"] + f"?page={S.sheet}", alt=f"Страница {S.sheet}: {paper['title']}", class_name="sheet-picture", key=f"{paper['src']}-{S.sheet}",
    )  # fmt: skip
    turning = pager(f"Страница {S.sheet} из {paper['sheets']}", page=S.sheet, pages=paper["sheets"],
                    on_previous=S.turn_sheet(S.sheet - 1), on_next=S.turn_sheet(S.sheet + 1))  # fmt: skip
    closed = callout("Вопрос решён: документы сотрудника снова видит только он.", "quiet")
    return section(
        rx.el.ul(rx.foreach(S.papers, tab), class_name="paper-tabs", aria_label="Документы сотрудника"),
        rx.el.p(paper["text"]),
        rx.cond(paper["src"] != "", sheet, closed),
        rx.cond((paper["src"] != "") & (paper["sheets"] > 1), rx.el.div(turning, class_name="sheet-pager")),
        title="Документы сотрудника",
    )


def decisions() -> rx.Component:
    """What may be decided now, and the form of the decision that was begun."""
    view = S.view
    ways = row(
        rx.cond(view["may_propose"], _way("Принять", "A", Step.PROPOSE, "primary", "check")),
        rx.cond(view["may_confirm"], _way("Подтвердить вдвоём", "A", Step.CONFIRM, "primary", "user-check")),
        rx.cond(view["may_refuse"], _way("Отказать", "R", Step.REFUSE, "danger", "x")),
        rx.cond(view["may_send_back"], _way("Вернуть", "R", Step.SEND_BACK, "plain", "undo-2")),
        rx.cond(view["may_ask"], _way("Попросить уточнить", "M", Step.ASK, "plain", "message-square")),
    )
    why = rx.fragment(
        rx.cond(view["hindrance"] != "", callout(view["hindrance"], "soon", title="Принять нельзя")),
        rx.cond(view["proposal"] != "", callout(view["proposal"], "info", title="Предложение первого оператора: принять")),
        rx.cond(view["is_mine"], callout("Это ваше предложение. Его подтверждает другой оператор.", "quiet")),
        rx.cond(S.is_stale, callout("Вопрос изменился, пока вы решали. Посмотрите, что нового, и выберите решение снова.", "act", live=True)),
    )  # fmt: skip
    form = rx.match(
        S.act,
        (Step.PROPOSE.value, _form("Почему документы весят больше регистра", "Предложить принять", _review())),
        (Step.CONFIRM.value, _form("", "Подтвердить вдвоём", _confirmed())),
        (Step.REFUSE.value, _form("Причина отказа: её прочтёт сотрудник", "Отказать")),
        (Step.SEND_BACK.value, _form("Почему предложение возвращено", "Вернуть")),
        (Step.ASK.value, _form("Чего не хватает: это прочтёт сотрудник", "Попросить уточнить")),
        ways,
    )
    has_any = view["may_propose"] | view["may_confirm"] | view["may_refuse"] | view["may_send_back"] | view["may_ask"]
    return rx.cond(has_any, rx.el.div(section(why, rx.fragment(form), title="Решение"), class_name="decisions"))


def _way(label: str, key: str, step: Step, kind: str, symbol: str) -> rx.Component:
    letter = rx.el.kbd(key, aria_hidden="true")
    return rx.fragment(
        button(label, kind=kind, symbol=symbol, on_click=S.turn_to(step.value), **hot(f"Key{key}")), letter
    )


def _form(label: str, action: str, *more: rx.Component) -> rx.Component:
    words = [explanation(label, focus=True)] if label else []
    ends = row(
        button(action, type="submit", auto_focus=not label), button("Отмена", kind="plain", on_click=S.turn_to(""))
    )
    return rx.form(stack(*more, *words, ends), on_submit=S.decide, reset_on_submit=False)


def _review() -> rx.Component:
    options = [rx.el.option(f"{days} дней", value=str(days)) for days in REVIEW_CHOICES]
    choice = rx.el.label(
        rx.el.span("Вернуться к вопросу через", class_name="field-label"),
        rx.el.div(
            rx.el.select(*options, name="days", default_value=str(REVIEW_DAYS)),
            icon("chevron-down"),
            class_name="select choice",
        ),
        class_name="explained",
    )
    opens = rx.cond(S.view["opens"] != "", rx.el.p("Откроется специальность: ", S.view["opens"], "."))
    note = rx.el.p(
        "Пункт подтвердится, когда согласится второй оператор. После последнего дня решение перестанет действовать само."
    )
    return stack(note, opens, choice, gap=3)


def _confirmed() -> rx.Component:
    opens = rx.cond(S.view["opens"] != "", rx.el.p("Откроется специальность: ", S.view["opens"], "."))
    return stack(
        rx.el.p(
            "Вы второй, кто смотрел документы. После подтверждения пункт считается верным, хотя регистр говорит иное, и права "
            "сотрудника откроются, если больше ничего не мешает."
        ),
        opens,
        gap=2,
    )
