"""«Сверка с регистром» for the clinic's administrator."""

import reflex as rx

from medcab.ui.dialog import confirm
from medcab.ui.layout import button, choice, page, page_header, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import callout_of
from medcab.ui.table import pager
from medcab.verification.watch.components import changes_table
from medcab.verification.watch.state import ComparisonState as S

_ONLY = (("all", "Все изменения"), ("closing", "Только закрывшие права"))


def comparison_page() -> rx.Component:
    """`/comparison`."""
    now = confirm(
        button("Сверить сейчас", kind="plain", symbol="refresh-cw"), title="Сверить всех сейчас?",
        text="Регистр спросят о каждом сотруднике. Кто потерял основание, потеряет права сразу; остальных это не коснётся.",
        action="Сверить", on_confirm=S.begin,
    )  # fmt: skip
    nothing = empty("Изменений нет", "Когда регистр сообщит о ваших сотрудниках новое, это появится здесь.")
    shown = page(
        page_header(
            "Сверка с регистром",
            lead="Каждую ночь статус сотрудников сверяется с федеральным регистром. Здесь видно, что изменилось и какие права это закрыло.",
            others=[rx.cond(S.is_running, rx.fragment(), now)],
        ),
        loaded(S.ready, stack(_progress(), section(
            toolbar(choice("Показать", _ONLY, value=S.only, on_change=S.choose)),
            rx.cond(S.rows, rx.fragment(changes_table(S.rows, with_name=True), _pager()), nothing), title="Изменения",
        ), gap=5)),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header("Сверка с регистром"), no_rights(S.closed)), shown)


def _progress() -> rx.Component:
    bar = rx.progress(value=S.share, aria_label="Сверено", size="2")
    return stack(callout_of(S.tone, S.text, S.title), rx.cond(S.is_running, bar), gap=3)


def _pager() -> rx.Component:
    return pager(
        S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1),
    )  # fmt: skip
