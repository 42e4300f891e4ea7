"""The frame around signed-in pages and the calmer one around sign-in.

Pure components: which sections there are, who is signed in and what is new come in as vars and slots.
"""

from typing import Any, TypedDict

import reflex as rx

from medcab.ui.icons import emblem, icon
from medcab.ui.layout import Text, Value
from medcab.ui.parts import notice_board, theme_switch

PRODUCT = "Личный кабинет"
PRODUCT_NOTE = "медицинского работника"
MAIN = "main"
SECTIONS_ON_PHONE = 4
MOST_COUNTED = 99


class Section(TypedDict):
    """A row of the navigation. `why_closed` is the sentence under a section that is not open yet (else empty)."""

    title: str
    short: str
    """For the bar of a phone: one word."""
    path: str
    icon: str
    open: bool
    why_closed: str


def frame(
    title: str,
    body: rx.Component,
    *,
    path: str,
    sections: Value,
    notices: Value = None,
    organisation: rx.Component | None = None,
    search: rx.Component | None = None,
    bell: rx.Component | None = None,
    user: rx.Component | None = None,
) -> rx.Component:
    """Put a signed-in page into its frame.

    `title` names the main landmark (the page itself draws its h1); `path` is the page's section in the navigation, so
    a page inside a section gives the section's path. The slots stand in the header in the order of the arguments.
    """
    return rx.el.div(
        _skip_link(),
        _rail(sections, path),
        _top_bar(organisation=organisation, search=search, bell=bell, user=user),
        rx.el.main(
            rx.el.div(body, class_name="frame-body"),
            id=MAIN,
            tab_index=-1,
            class_name="frame-main",
            aria_label=title,
        ),
        _bottom_bar(sections, path),
        *([notice_board(items=notices)] if notices is not None else []),
        class_name="frame",
    )


def public_frame(
    title: Text,
    body: rx.Component,
    *,
    lead: Text = "",
    foot: rx.Component | None = None,
    width: int = 460,
) -> rx.Component:
    """Put a page that needs no session into one calm card of at most `width` pixels, with its h1."""
    words: list[rx.Component] = [rx.el.h1(title)]
    if not (isinstance(lead, str) and not lead):
        words.append(rx.el.p(lead, class_name="lead"))
    return rx.el.div(
        _skip_link(),
        rx.el.header(_brand(), theme_switch(), class_name="public-top"),
        rx.el.main(
            rx.el.div(
                rx.el.div(*words, class_name="public-head"),
                body,
                *([rx.el.div(foot, class_name="public-foot")] if foot is not None else []),
                class_name="public-card",
                style={"--public-width": f"{width}px"},
            ),
            id=MAIN,
            tab_index=-1,
            class_name="public-main",
        ),
        class_name="public",
    )


def user_menu(name: Text, role: Text, *items: rx.Component) -> rx.Component:
    """Draw the menu of the signed-in person; `items` are rx.menu.item or rx.menu.separator."""
    who = rx.el.span(name, class_name="visually-hidden")
    trigger = rx.icon_button(
        icon("user"),
        who,
        variant="soft",
        size="3",
        radius="full",
        class_name="header-button",
        aria_label="Меню профиля",
    )
    card = rx.el.div(rx.el.strong(name), rx.el.small(role), class_name="user-card")
    return rx.menu.root(rx.menu.trigger(trigger), rx.menu.content(card, rx.menu.separator(), *items, size="2"))


def bell_button(unread: Value, path: str) -> rx.Component:
    """Draw the way to the notifications with how many are unread."""
    label = rx.cond(unread > 0, f"Уведомления, непрочитанных: {unread}", "Уведомления")
    return rx.el.a(
        icon("bell"),
        rx.cond(
            unread > 0,
            rx.el.span(rx.cond(unread > MOST_COUNTED, f"{MOST_COUNTED}+", unread.to_string()), aria_hidden="true"),
        ),
        href=path,
        aria_label=label,
        class_name="bell",
    )


def _skip_link() -> rx.Component:
    return rx.el.a("К содержанию", href=f"#{MAIN}", class_name="skip-link")


def _brand() -> rx.Component:
    words = rx.el.span(PRODUCT, " ", rx.el.small(PRODUCT_NOTE))
    return rx.el.a(emblem(36), words, href="/", class_name="brand", aria_label=f"{PRODUCT} {PRODUCT_NOTE}: на главную")


def _rail(sections: Value, path: str) -> rx.Component:
    return rx.el.aside(_brand(), _section_list(sections, path, label="Разделы"), class_name="rail")


def _section_list(sections: Value, path: str, *, label: str) -> rx.Component:
    def item(section: Value) -> rx.Component:
        return rx.el.li(_section_link(section, path), key=section["path"])

    return rx.el.nav(rx.el.ul(rx.foreach(sections, item), class_name="sections"), aria_label=label)


def _section_link(section: Value, path: str) -> rx.Component:
    closed = rx.el.div(
        icon("lock"),
        rx.el.span(section["title"], rx.el.small(section["why_closed"])),
        class_name="section-link closed",
        aria_disabled="true",
        role="link",
    )
    return rx.cond(
        section["open"],
        rx.link(
            icon(section["icon"]),
            rx.el.span(section["title"]),
            href=section["path"],
            class_name="section-link",
            underline="none",
            custom_attrs=_current(section, path),
        ),
        closed,
    )


def _current(section: Value, path: str) -> dict[str, Any]:
    return {"aria-current": rx.cond(section["path"] == path, "page", "false")}


def _top_bar(**slots: rx.Component | None) -> rx.Component:
    def slot(name: str, class_name: str) -> list[rx.Component]:
        part = slots[name]
        return [rx.el.div(part, class_name=class_name)] if part is not None else []

    end = [part for part in (slots["bell"], slots["user"]) if part is not None]
    return rx.el.header(
        _brand(),
        *slot("organisation", "top-organisation"),
        *slot("search", "top-search"),
        rx.el.div(theme_switch(), *end, class_name="top-end"),
        class_name="top-bar",
    )


def _bottom_bar(sections: Value, path: str) -> rx.Component:
    def item(section: Value, index: Value) -> rx.Component:
        link = rx.link(
            icon(section["icon"]),
            rx.el.span(section["short"]),
            href=section["path"],
            underline="none",
            custom_attrs=_current(section, path),
        )
        return rx.cond(section["open"] & (index < SECTIONS_ON_PHONE), rx.el.li(link, key=section["path"]))

    return rx.el.nav(
        rx.el.ul(rx.foreach(sections, item), rx.el.li(_more(sections, path))),
        class_name="bottom-bar",
        aria_label="Главные разделы",
    )


def _more(sections: Value, path: str) -> rx.Component:
    close = rx.icon_button(icon("x"), variant="ghost", color_scheme="gray", size="3", aria_label="Закрыть")
    return rx.dialog.root(
        rx.dialog.trigger(rx.el.button(icon("menu"), rx.el.span("Ещё"), type="button")),
        rx.dialog.content(
            rx.el.div(
                rx.dialog.title("Все разделы", size="5", margin="0"),
                rx.dialog.close(close),
                class_name="sheet-head",
            ),
            _section_list(sections, path, label="Все разделы"),
            class_name="sheet",
            aria_describedby="",
        ),
    )
