"""Icons, pictograms and illustrations: small SVG files of the app's own, no JavaScript."""

from typing import Any

import reflex as rx

NAMES = frozenset(
    """
    activity arrow-left arrow-right arrow-up-down award badge-check ban bell book-open briefcase-medical building-2
    calendar calendar-clock calendar-days calendar-plus calendar-x camera chart-column chart-line check chevron-down
    chevron-left chevron-right chevron-up circle circle-alert circle-check circle-dot circle-question-mark circle-x
    clipboard-check clipboard-list clock copy door-open download ellipsis external-link eye eye-off file-check file-plus
    file-text file-x fingerprint flask-conical folder-open funnel globe graduation-cap heart-pulse history hospital
    hourglass house id-card image inbox info key-round layout-dashboard life-buoy link list list-checks loader-circle
    lock lock-open log-in log-out mail map-pin menu message-square minus monitor-smartphone moon paperclip pencil phone
    pill plus printer qr-code refresh-cw search send settings shield shield-alert shield-check signature
    sliders-horizontal smartphone stethoscope sun sun-moon table timer trash-2 triangle-alert undo-2 upload user
    user-check user-plus user-x users wifi-off x
    """.split()  # noqa: SIM905 - a hundred quoted words read worse
)
"""The symbols of assets/icons.svg; a name outside this set is a mistake found when the page is built."""

ILLUSTRATIONS = frozenset({"empty", "search", "calendar", "documents", "locked", "broken", "offline", "done"})
"""The drawings of assets/illustrations/<name>.svg for states of a whole page or card."""


def icon(name: str | rx.Var[str], size: int | None = None, label: str = "", **props: Any) -> rx.Component:
    """Draw a symbol in the colour of the text around it.

    `size` is in pixels (default: 1.25 of the letter height). Without `label` the icon is decoration and hidden from
    screen readers, so a word must stand beside it.
    """
    if isinstance(name, str) and name not in NAMES:
        message = f"no icon {name!r} in assets/icons.svg"
        raise ValueError(message)
    if size is not None:
        props["style"] = {"width": f"{size}px", "height": f"{size}px"}
    spoken = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    extra = props.pop("class_name", "")
    return rx.el.svg(
        rx.el.svg.use(href=f"/icons.svg#{name}"),
        class_name=f"icon {extra}".strip(),
        **spoken,
        **props,
    )


def illustration(name: str) -> rx.Component:
    """Draw one of the app's own pictures (decoration: the words beside it say the same)."""
    if name not in ILLUSTRATIONS:
        message = f"no illustration {name!r} in assets/illustrations"
        raise ValueError(message)
    return rx.el.img(src=f"/illustrations/{name}.svg", alt="", class_name="illustration", width="160", height="120")


def emblem(size: int = 40) -> rx.Component:
    """Draw the emblem of the app, `size` pixels square."""
    return rx.el.img(
        src="/emblem.svg", alt="", class_name="emblem", style={"width": f"{size}px", "height": f"{size}px"}
    )
