"""Names and attributes of the cookies, in one place: reading, setting and clearing can never disagree."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.responses import Response

from medcab.security import tokens
from medcab.settings import get_settings

Kind = Literal["medcab", "medcab-visit", "medcab-device", "medcab-registration", "medcab-sign-in", "medcab-recovery"]

SESSION: Kind = "medcab"
"""The signed-in browser."""
VISIT: Kind = "medcab-visit"
"""A browser without a session: what its form tokens are bound to."""
DEVICE: Kind = "medcab-device"
"""A browser that has signed in before; outlives the session, grants nothing by itself."""
REGISTRATION: Kind = "medcab-registration"
SIGN_IN: Kind = "medcab-sign-in"
RECOVERY: Kind = "medcab-recovery"

_YEAR = 365 * 24 * 3600
_KEPT_FOR: dict[Kind, int] = {DEVICE: _YEAR}
_LOCAL = ("localhost", "127.0.0.1")


def is_plain() -> bool:
    """Whether Secure cannot be used: http on this very machine, never in production."""
    settings = get_settings()
    local = urlsplit(settings.origin).hostname in _LOCAL
    return settings.mode != "production" and not settings.is_https and local


def name_of(kind: Kind) -> str:
    """What the browser calls it."""
    return kind if is_plain() else f"__Host-{kind}"


class Jar:
    """The cookies of one request, and what its answer will change."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given
        self._changes: dict[Kind, str] = {}

    def get(self, kind: Kind) -> str:
        """The token, as it will be after the answer; empty when absent or not a token at all."""
        if kind in self._changes:
            return self._changes[kind]
        value = self._given.get(name_of(kind), "")
        return value if tokens.is_token(value) else ""

    def set(self, kind: Kind, token: str) -> None:
        self._changes[kind] = token

    def drop(self, *kinds: Kind) -> None:
        for kind in kinds:
            self._changes[kind] = ""

    def write(self, response: Response) -> None:
        """Put the changes on the answer. Without an age a cookie ends with the browser."""
        for kind, token in self._changes.items():
            age = _KEPT_FOR.get(kind) if token else 0
            response.set_cookie(
                name_of(kind), token, max_age=age, path="/", secure=not is_plain(), httponly=True, samesite="strict"
            )
