"""«Соответствие требованиям»: one's own duties."""

import reflex as rx

from medcab.compliance.state import CHANNELS
from medcab.compliance.state import ComplianceState as S
from medcab.ui.layout import Value, button, choice, columns, key_values, page, page_header, row, section, stack
from medcab.ui.states import loaded, skeleton_rows
from medcab.ui.status import badge_of, callout_of


def compliance_page() -> rx.Component:
    """`/compliance`."""
    shown = stack(
        callout_of(S.tone, S.told),
        rx.cond(S.open_rows, section(_duties(S.open_rows), title="Что сделать", flush=True)),
        columns(rx.cond(S.has_plan, _plan()), _channels(), at_least=380),
        rx.cond(S.done_rows, section(_duties(S.done_rows), title="В порядке", flush=True)), gap=5,
    )  # fmt: skip
    return page(
        page_header(
            "Соответствие требованиям", lead="Что от вас требуется для работы, до какого дня и что для этого сделать."
        ),
        loaded(S.ready, shown, section(skeleton_rows(5), flush=True)),
    )


def _duties(rows: Value) -> rx.Component:
    return rx.el.ul(rx.foreach(rows, _duty), class_name="findings")


def _duty(duty: Value) -> rx.Component:
    head = rx.el.div(
        rx.el.h3(duty["title"], rx.cond(duty["subject"] != "", rx.fragment(": ", duty["subject"]))),
        badge_of(duty["tone"], duty["word"]), class_name="dossier-head",
    )  # fmt: skip
    act = row(button(duty["action"], kind="plain", href=duty["href"], aria_label=duty["action"] + ": " + duty["title"]))
    return rx.el.li(
        head, rx.el.p(duty["sentence"]), rx.cond(duty["action"] != "", act),
        key=duty["key"], custom_attrs={"data-tone": duty["tone"], "data-duty": duty["key"]},
    )  # fmt: skip


def _plan() -> rx.Component:
    return section(
        rx.el.p(S.plan, class_name="conclusion"),
        rx.progress(value=S.plan_share, size="3", aria_label="Набрано часов"),
        rx.foreach(S.plan_facts, lambda fact: key_values((fact[0], fact[1]))),
        title="План обучения", action=button("Добавить часы", kind="quiet", symbol="plus", href="/documents?edit=paper&kind=course"),
    )  # fmt: skip


def _channels() -> rx.Component:
    options = [(key, words) for key, (words, *_) in CHANNELS.items()]
    return section(
        choice("Как напоминать", options, value=S.channels, on_change=S.choose),
        rx.el.p("Об аккредитации письмо придёт всегда.", class_name="note"),
        title="Напоминания", note="За 180, 90, 60, 30, 14, 7 и 1 день; всё, что подходит, одним сообщением.",
    )  # fmt: skip
