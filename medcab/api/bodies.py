"""JSON in: small, exactly of the declared types, without control characters; what is wrong is said at its field."""

import json
import unicodedata
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect, Request

from medcab.errors import Invalid, MedcabError

LARGEST = 64 * 1024
_EMPTY, _WRONG, _LONG = "Заполните поле.", "Проверьте, что введено.", "Слишком длинно."


class TooLarge(MedcabError):
    """More than a form of ours can hold."""

    message = "Слишком большой запрос."


def _printable(text: str) -> str:
    if any(unicodedata.category(symbol) == "Cc" for symbol in text):
        raise ValueError("control character")
    return text


def _storable(text: str) -> str:
    """No NUL (PostgreSQL keeps none) and no half of a surrogate pair (UTF-8 has none)."""
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
    return text


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(_storable), AfterValidator(_printable)
]
"""One line a person typed; may be empty."""
Filled = Annotated[Text, StringConstraints(min_length=1)]
"""One line that must not be empty."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=LARGEST), AfterValidator(_storable)]
"""A password: not a character of it is changed."""
MaybeSecret = Annotated[str, StringConstraints(max_length=LARGEST), AfterValidator(_storable)]
"""A password that is still being typed."""
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), AfterValidator(_storable)]
"""A one-time or recovery code as typed."""


class Form(BaseModel):
    """A body. What is not declared is not read."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Nothing(Form):
    """A button: nothing is sent but the click."""


F = TypeVar("F", bound=BaseModel)


async def read(request: Request, form: type[F]) -> F:
    """The request's body as this form; `Invalid` names the fields that are wrong, `TooLarge` refuses the rest unread."""
    return parsed(await raw(request), form)


async def raw(request: Request) -> bytes:
    """The bytes of the body; `TooLarge` refuses the rest unread."""
    taken = bytearray()
    try:
        async for chunk in request.stream():
            taken += chunk
            if len(taken) > LARGEST:
                raise TooLarge
    except ClientDisconnect:
        raise TooLarge from None
    return bytes(taken)


def parsed(content: bytes, form: type[F]) -> F:
    """JSON as this form; `Invalid` names the fields that are wrong."""
    try:
        return form.model_validate(_object(content))
    except ValidationError as problem:
        raise Invalid.many(
            {str(error["loc"][0]): _sentence(error) for error in problem.errors() if error["loc"]}
        ) from None


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        raise Invalid("Запрос не разобран.") from None
    if not isinstance(value, dict):
        raise Invalid("Запрос не разобран.")
    return value


def _sentence(error: Any) -> str:
    kind: str = error["type"]
    if kind == "missing" or kind.endswith("too_short"):
        return _EMPTY
    return _LONG if kind.endswith("too_long") else _WRONG
