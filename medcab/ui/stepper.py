"""Where a person stands in a long job."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import reflex as rx

from medcab.ui.icons import icon
from medcab.ui.layout import Text, Value

StepState = Literal["done", "current", "todo", "problem"]


class Step(TypedDict):
    """One step: its name, a few words about it (may be empty) and how it stands."""

    title: str
    hint: str
    state: StepState


_SPOKEN: dict[str, str] = {
    "done": "готово",
    "current": "сейчас",
    "todo": "впереди",
    "problem": "нужно исправить",
}


def stepper(steps: Sequence[Step] | Value, *, label: Text = "Шаги") -> rx.Component:
    """Draw the steps in a line on a desktop; a phone shows the bar and the current step's name."""
    items: Any = steps if isinstance(steps, rx.Var) else rx.Var.create(list(steps)).to(list[Step])
    count = items.length()
    return rx.el.ol(
        rx.foreach(items, lambda step, index: _step(step, index, count)),
        class_name="stepper",
        aria_label=label,
    )


def _step(step: Value, index: Value, count: Value) -> rx.Component:
    state = step["state"]
    mark = rx.match(state, ("done", icon("check")), ("problem", icon("x")), rx.el.span(index + 1))
    spoken = rx.match(state, *list(_SPOKEN.items()), "")
    return rx.el.li(
        rx.el.span(mark, class_name="step-mark", aria_hidden="true"),
        rx.el.span(
            rx.el.span("Шаг ", index + 1, " из ", count, class_name="step-count", aria_hidden="true"),
            rx.el.span(step["title"], class_name="step-title"),
            rx.el.span(": ", spoken, class_name="visually-hidden"),
            rx.cond(step["hint"] != "", rx.el.span(step["hint"], class_name="step-hint")),
            class_name="step-words",
        ),
        key=step["title"],
        custom_attrs={"data-state": state, "aria-current": rx.cond(state == "current", "step", "false")},
    )
