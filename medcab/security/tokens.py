"""Random tokens, what is kept of them, and the token that proves a form is our own.

A token is 256 random bits; the database keeps its SHA-256, which is enough for something nobody can guess. A short code can be guessed,
so of it only a keyed hash is kept, made with the installation's secret.
"""

import hashlib
import hmac
import re
import secrets

from medcab.settings import get_settings

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


def make() -> str:
    """A new token: 256 bits, 43 characters fit for a cookie."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether the text has a token's shape; nothing else is worth a look-up."""
    return _SHAPE.fullmatch(text) is not None


def fingerprint(token: str) -> str:
    """What the database keeps of a token: 64 hex characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def key(purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, derived from the installation's secret."""
    return hmac.new(get_settings().secret_key.get_secret_value().encode(), purpose.encode(), hashlib.sha256).digest()


def keyed(purpose: str, value: str) -> str:
    """A hash that nobody makes without the installation's secret: 64 hex characters. `purpose` keeps uses apart."""
    return hmac.new(key(purpose), value.encode(), hashlib.sha256).hexdigest()


def csrf(cookie: str) -> str:
    """The token a form must bring along, bound to the browser's own cookie (signed double submit)."""
    return keyed("csrf", cookie)


def csrf_holds(given: str, cookie: str) -> bool:
    """Whether `given` belongs to this cookie; an absent cookie has none."""
    return bool(cookie) and hmac.compare_digest(given.encode(), csrf(cookie).encode())


def digits(count: int = 6) -> str:
    """A one-time code."""
    return f"{secrets.randbelow(10**count):0{count}}"
