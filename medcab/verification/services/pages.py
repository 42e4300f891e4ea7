"""«Мои сервисы»: the doctor's cabinet, and what opens with it."""

import reflex as rx

from medcab.accounts.frame.state import Frame
from medcab.ui.icons import icon
from medcab.ui.layout import Text, Value, button, page, page_header, section
from medcab.ui.states import loaded, skeleton_rows
from medcab.ui.status import badge_of
from medcab.verification.services.state import ServicesState

S = ServicesState


def services_page() -> rx.Component:
    """`/services`."""
    return page(
        page_header("Мои сервисы", lead="Что открыто вам сейчас и что откроется дальше."),
        loaded(S.is_hydrated & (S.word != ""), _cabinet(), section(skeleton_rows(2), flush=True)),
        section(
            rx.el.ul(rx.foreach(Frame.sections, _place), rx.cond(S.is_new, _to_come()), class_name="services"),
            title="Разделы",
            flush=True,
        ),
    )


def _to_come() -> rx.Component:
    why = "Откроются после активации. Какие именно, зависит от места работы и должности, которые подтвердит федеральный регистр."
    return rx.el.li(_closed("Пациенты и другие рабочие разделы", why))


def _closed(title: Text, why: Text) -> rx.Component:
    return rx.el.div(
        icon("lock"), rx.el.span(title, rx.el.small(why, class_name="under")), class_name="opened-link closed"
    )


def _cabinet() -> rx.Component:
    words = rx.el.div(
        rx.el.div(rx.el.h2("Врачебный кабинет"), badge_of(S.tone, S.word), class_name="dossier-head"),
        rx.el.p(S.lead),
        rx.cond(S.left != "", rx.el.p(S.left, class_name="note")),
        class_name="service-words",
    )
    return section(
        rx.el.div(
            rx.el.span(icon("stethoscope", size=28), class_name="service-mark"),
            words,
            button(S.action, href="/activation"),
            class_name="service-card",
        )
    )


def _place(place: Value) -> rx.Component:
    opened = rx.link(
        icon(place["icon"]), rx.el.span(place["title"]), href=place["path"], underline="none", class_name="opened-link"
    )
    listed = rx.el.li(rx.cond(place["open"], opened, _closed(place["title"], place["why_closed"])), key=place["path"])
    return rx.cond(place["path"] == "/services", rx.fragment(), listed)
