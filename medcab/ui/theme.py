"""The look in one place: accent, radius, tones of meaning, style sheets, what stands in <head>.

Everything else (spacing, colour, radius) is read from the Radix tokens that this theme sets; the style sheets in
``assets/styles`` name tokens only, never a colour of their own.
"""

from typing import Any, Literal, NamedTuple

import reflex as rx
from reflex_base.components.dynamic import reset_bundled_libraries

Tone = Literal["done", "soon", "act", "info", "quiet"]
"""What a colour means: done (green), soon (amber), act now (red), information (blue), nothing special (grey)."""


class ToneLook(NamedTuple):
    """How a tone is drawn: a Radix colour scale and an icon, because colour never stands alone."""

    color: Literal["green", "amber", "red", "blue", "gray"]
    icon: str


TONES: dict[Tone, ToneLook] = {
    "done": ToneLook("green", "circle-check"),
    "soon": ToneLook("amber", "triangle-alert"),
    "act": ToneLook("red", "circle-alert"),
    "info": ToneLook("blue", "info"),
    "quiet": ToneLook("gray", "circle"),
}

STYLESHEETS = [
    "/styles/base.css",
    "/styles/kit.css",
    "/styles/forms.css",
    "/styles/shell.css",
    "/styles/dossier.css",
]

_SCALES = ("gray", "slate", "blue", "green", "amber", "red")


class ThemePlugin(rx.plugins.RadixThemesPlugin):
    """Radix Themes with the colour scales that are used, instead of all thirty."""

    def get_stylesheet_paths(self, **context: Any) -> tuple[str, ...]:
        """Name the parts of the Radix style sheet in the order its own bundle has them."""
        del context
        package = "@radix-ui/themes"
        scales = [f"{package}/tokens/colors/{scale}.css" for scale in _SCALES]
        font = "@fontsource-variable/golos-text/wght.css"
        return (
            font,
            f"{package}/tokens/base.css",
            *scales,
            f"{package}/components.css",
            f"{package}/utilities.css",
        )

    def compile_page(self, page_ctx: Any, /, **kwargs: Any) -> None:
        """Keep whole packages out of the first load.

        Reflex bundles every plugin's package entire for components made on the server, which it evaluates in the
        browser; our CSP forbids that, so nothing is lost and the bundler may drop what no page uses.
        """
        super().compile_page(page_ctx, **kwargs)
        reset_bundled_libraries()

    def get_frontend_dependencies(self, **context: Any) -> tuple[str, ...]:
        """Add the typeface to the packages of the front end."""
        return (*super().get_frontend_dependencies(**context), "@fontsource-variable/golos-text@5.3.0")


def theme_plugin() -> ThemePlugin:
    """Return the configured theme; rxconfig.py lists it among the plugins."""
    theme = rx.theme(
        accent_color="blue",
        gray_color="slate",
        radius="large",
        panel_background="solid",
        has_background=True,
    )
    return ThemePlugin(theme=theme)


def head_components() -> list[rx.Component]:
    """Return what every page has in <head> besides its title."""
    return [
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(rel="alternate icon", href="/favicon.png", type="image/png"),
        rx.el.link(rel="apple-touch-icon", href="/touch-icon.png"),
        rx.el.meta(name="theme-color", content="#0d74ce"),
        rx.el.meta(name="format-detection", content="telephone=no"),
    ]
