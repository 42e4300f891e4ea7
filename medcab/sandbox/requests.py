"""Reading a request's body, up to a limit."""

import json
from typing import Any

from starlette.requests import Request


class TooLong(Exception):
    """More bytes than the door takes."""


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, at most `limit` bytes; what is counted is what came, not what was announced."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise TooLong(limit)
    return bytes(body)


async def read_object(request: Request, limit: int) -> dict[str, Any]:
    """A JSON object. Raises `TooLong` or `ValueError`."""
    given = json.loads(await read_body(request, limit))
    if not isinstance(given, dict):
        raise ValueError("an object is needed")  # noqa: TRY004  (to the caller it is one more bad body)
    return given
