"""«Спорные вопросы» for the operators."""

import reflex as rx

from medcab.ui.desk import desk, keys_help
from medcab.ui.layout import button, choice, columns, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge_of
from medcab.verification.disputes.components import Styled, story_list
from medcab.verification.disputes.desk.components import KEYS, compared, decisions, papers, queue
from medcab.verification.disputes.desk.queries import Pile
from medcab.verification.disputes.desk.state import PATH
from medcab.verification.disputes.desk.state import DisputesState as S
from medcab.verification.history.components import history_list

_PILES = ((Pile.WAITING.value, "Ждут оператора"), (Pile.ASKED.value, "Ждут сотрудника"), (Pile.DECIDED.value, "Решённые"))  # fmt: skip


def disputes_page() -> rx.Component:
    """`/disputes`."""
    head = page_header(
        "Спорные вопросы", lead="Сотрудник не согласен с регистром и показывает документ. Принять против регистра могут только двое.",
        others=[keys_help(KEYS)],
    )  # fmt: skip
    shown = rx.fragment(rx.match(S.mode, ("one", _one()), ("gone", _gone()), _nothing()))
    both = Styled.create(desk(queue(), shown, is_open=S.mode != "none"))
    body = page(
        head,
        loaded(S.ready, stack(toolbar(choice("Показать", _PILES, value=S.pile, on_change=S.choose)), both, gap=4)),
    )
    return rx.cond(S.closed != "", page(page_header("Спорные вопросы"), no_rights(S.closed)), body)


def _nothing() -> rx.Component:
    return section(
        empty("Выберите вопрос", "Клавиши J и K двигаются по очереди, Enter открывает.", picture="documents")
    )


def _gone() -> rx.Component:
    back = button("К очереди", kind="plain", href=PATH)
    return section(empty("Вопрос не найден", "Он не из вашей клиники, или его решают другие.", picture="search", action=back))  # fmt: skip


def _one() -> rx.Component:
    view = S.view
    who = rx.el.div(
        row(
            rx.el.h2(view["item"]),
            badge_of(view["tone"], view["word"]),
            badge_of(view["waits_tone"], view["waits"]),
            gap=2,
        ),
        rx.el.p(rx.el.strong(view["name"])),
        rx.cond(view["work"] != "", rx.el.p(view["work"], class_name="note")),
        class_name="stack",
    )
    back = rx.link("← К очереди", href=PATH, class_name="only-phone")
    return stack(
        section(back, who),
        decisions(),
        columns(
            stack(compared(), section(story_list(S.story), title="Переписка", note="Новое сверху."), gap=5), papers(), at_least=360
        ),
        section(history_list(S.history), title="История пункта"),
        gap=5,
    )  # fmt: skip
