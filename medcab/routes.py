"""Every page of the cabinet: where it is, what it is called, what it loads, and what it takes to open it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from medcab.access import Permission


@dataclass(frozen=True)
class Route:
    """A signed-in page in the frame; `icon` puts it into the navigation."""

    path: str
    title: str
    page: Callable[[], rx.Component]
    on_load: Any
    permission: Permission = Permission.ACCOUNT
    icon: str = ""
    section: str = ""
    """Path of the section it belongs to; empty: its own."""


@dataclass(frozen=True)
class PublicRoute:
    """A page for people without a session; it brings its own frame."""

    path: str
    title: str
    page: Callable[[], rx.Component]


ROUTES: list[Route] = []
PUBLIC_ROUTES: list[PublicRoute] = []
