"""What a handler demands of whoever calls it, written on the handler itself, below `@rx.event`.

Reflex lets any socket call any public method of any state with any JSON. A handler without a policy is refused; its arguments must be
exactly of the annotated types, nothing more and nothing less; a text named `…_id` must be a UUID, or
empty for none.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter, signature
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model

from medcab.access import Permission

_POLICY = "__medcab_policy__"
LONGEST_TEXT = 10_000
LONGEST_LIST = 1_000
LARGEST_NUMBER = 2**53
"""What a browser's number holds exactly; a database's integer holds more."""
DEEPEST = 4

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL keeps no NUL and UTF-8 no half of a surrogate pair."""
_Id = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$")]

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


def is_moderate(value: Any, depth: int = DEEPEST) -> bool:
    """Whether JSON that came in can be worked with at all: no endless text, list, nesting or number, nothing a database cannot keep."""
    match value:
        case None | bool():
            return True
        case int() | float():
            return abs(value) <= LARGEST_NUMBER  # false for NaN as well
        case str():
            return len(value) <= LONGEST_TEXT and not _UNSTORABLE.search(value)
        case list():
            return depth > 0 and len(value) <= LONGEST_LIST and all(is_moderate(item, depth - 1) for item in value)
        case dict():
            parts = [*value.keys(), *value.values()]
            return depth > 0 and len(value) <= LONGEST_LIST and all(is_moderate(part, depth - 1) for part in parts)
    return False


def faults_of(handler: Callable[..., Any], payload: Mapping[str, Any]) -> list[str]:
    """Which arguments are not what the handler's own annotations say, by name; names that were made up are not repeated."""
    model = _arguments_of(handler)
    try:
        model.model_validate(payload)
    except ValidationError as problem:
        return sorted(
            {
                _name(error, model)
                for error in problem.errors(include_url=False, include_input=False, include_context=False)
            }
        )
    return []


def _name(error: Any, model: type[BaseModel]) -> str:
    found = str(error["loc"][0]) if error["loc"] else ""
    return found if found in model.model_fields else "(unknown)"


@cache
def _arguments_of(handler: Callable[..., Any]) -> type[BaseModel]:
    """A strict model of the handler's arguments."""
    hints = get_type_hints(handler)
    fields: dict[str, Any] = {}
    for name, parameter in list(signature(handler).parameters.items())[1:]:
        default = ... if parameter.default is Parameter.empty else parameter.default
        hint = hints.get(name, str)
        fields[name] = (_Id if hint is str and name.endswith("_id") else hint, default)
    return create_model(handler.__qualname__, __config__=ConfigDict(strict=True, extra="forbid"), **fields)
