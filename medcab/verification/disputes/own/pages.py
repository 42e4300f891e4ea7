"""«Спорный вопрос»: what the register says, where the dispute stands, and the form to begin it or to add."""

import reflex as rx

from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import loaded
from medcab.ui.status import badge_of, callout, callout_of
from medcab.verification.disputes.components import explanation, story_list
from medcab.verification.disputes.own.state import OwnDisputeState as S

_CRUMBS = [("Мои сервисы", "/services"), ("Врачебный кабинет", "/activation?step=check")]


def own_dispute_page() -> rx.Component:
    """`/activation/dispute`."""
    back = confirm(
        button("Отозвать", kind="danger", symbol="undo-2"), title="Отозвать спор?", action="Отозвать спор", on_confirm=S.withdraw,
        text="Оператор перестанет им заниматься. Пункт останется таким, каким его видит регистр; оспорить его можно будет снова.",
    )  # fmt: skip
    head = page_header(
        "Спорный вопрос", crumbs=_CRUMBS, badge=rx.cond(S.state_word != "", badge_of(S.state_tone, S.state_word)),
        lead=S.title, others=[rx.cond(S.is_open, back)],
    )  # fmt: skip
    form = rx.cond(
        S.is_open, rx.cond(S.may_add, _form("Дополнить", "Ответ оператору", "Отправить оператору")),
        rx.cond(S.closed == "", _form("Оспорить", "Почему регистр ошибается", "Оспорить"), callout(S.closed, "info", title="Оспорить нельзя")),
    )  # fmt: skip
    standing = rx.cond(S.state_text != "", callout_of(S.state_tone, S.state_text, rx.Var.create("Сейчас: ") + S.state_word))  # fmt: skip
    return page(head, loaded(S.ready, stack(standing, _compared(), form, _story(), gap=5)))


def _compared() -> rx.Component:
    compared = rx.el.dl(
        rx.el.div(rx.el.dt("Вы указали"), rx.el.dd(rx.cond(S.given != "", S.given, "—"))),
        rx.cond(S.in_register != "", rx.el.div(rx.el.dt("В регистре"), rx.el.dd(S.in_register))),
        class_name="finding-compared",
    )
    return section(row(badge_of(S.tone, S.word), rx.el.p(S.sentence)), compared, title="Что говорит регистр")


def _form(title: str, label: str, action: str) -> rx.Component:
    chosen = rx.el.fieldset(
        rx.el.legend("Документы, которые увидит оператор"),
        rx.cond(S.papers, rx.foreach(S.papers, _paper), rx.el.p("В разделе «Документы» пока ничего нет.", class_name="note")),
        rx.el.p(
            "Оператор откроет только отмеченные. Нужного нет? ", rx.link("Загрузите его в «Документы»", href="/documents"),
            " (вид «Другой документ») и вернитесь сюда.", class_name="note",
        ),
        class_name="ticks",
    )  # fmt: skip
    form = rx.form(
        stack(explanation(label), chosen, row(button(action, symbol="send", type="submit"))), on_submit=S.send, key=S.form,
        reset_on_submit=False,
    )  # fmt: skip
    return section(form, title=title)


def _paper(paper: Value) -> rx.Component:
    box = rx.el.input(type="checkbox", name=paper["name"], default_checked=False)
    tick = rx.el.label(box, rx.el.span(paper["text"]), class_name="tick-line")
    laid = rx.el.span(paper["text"], rx.el.small(" — уже у оператора", class_name="note"))
    return rx.el.div(rx.cond(paper["laid"], laid, tick), key=paper["id"], class_name="paper-choice")


def _story() -> rx.Component:
    return rx.cond(S.story, section(story_list(S.story), title="Переписка", note="Новое сверху."))
