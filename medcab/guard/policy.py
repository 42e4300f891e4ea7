"""What a handler demands of whoever calls it, written on the handler itself, below `@rx.event`.

Reflex lets any socket call any public method of any state with any JSON. A handler without a policy is refused; its arguments must be
exactly of the annotated types, nothing more and nothing less.
"""

from collections.abc import Callable
from functools import cache
from inspect import Parameter, signature
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from medcab.access import Permission

_POLICY = "__medcab_policy__"
LONGEST_TEXT = 10_000

Handler = TypeVar("Handler", bound=Callable[..., Any])
Policy = frozenset[Permission] | None
"""The permissions needed, all of them; empty: any signed-in person; None: everybody."""


def requires(*permissions: Permission) -> Callable[[Handler], Handler]:
    """Only for a signed-in person who holds all of these."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _POLICY, frozenset(permissions))
        return handler

    return mark


def public(handler: Handler) -> Handler:
    """For everybody; the handler must reveal nothing and change nothing but its own tab."""
    setattr(handler, _POLICY, None)
    return handler


def has_policy(handler: Callable[..., Any]) -> bool:
    return hasattr(handler, _POLICY)


def policy_of(handler: Callable[..., Any]) -> Policy:
    """Ask `has_policy` first."""
    return getattr(handler, _POLICY)


@cache
def arguments_of(handler: Callable[..., Any]) -> type[BaseModel]:
    """A strict model of the handler's arguments."""
    hints = get_type_hints(handler)
    fields: dict[str, Any] = {}
    for name, parameter in list(signature(handler).parameters.items())[1:]:
        default = ... if parameter.default is Parameter.empty else parameter.default
        fields[name] = (hints.get(name, str), default)
    strict = ConfigDict(strict=True, extra="forbid", str_max_length=LONGEST_TEXT, allow_inf_nan=False)
    return create_model(handler.__qualname__, __config__=strict, **fields)
