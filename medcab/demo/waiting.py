"""Asynchronous work from a synchronous place, whether or not an event loop runs around it."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def result_of(work: Callable[..., Coroutine[Any, Any, Result]], *args: Any) -> Result:
    """What `work(*args)` returns, awaited in a thread of its own."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(work(*args))).result()
