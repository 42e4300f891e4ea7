"""What time it is. The only place that asks the machine, so that a test can say otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


class Clock:
    """The machine's clock, or a stopped one."""

    def __init__(self) -> None:
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        return self._stopped or datetime.now(UTC)

    def stop(self, at: datetime | None) -> None:
        self._stopped = at

    def tick(self, step: timedelta) -> None:
        """Move a stopped clock; a running one cannot be moved."""
        if self._stopped is None:
            raise RuntimeError("only a frozen clock can be moved")
        self._stopped += step


_clock = Clock()


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _clock.now()


def today(tz: ZoneInfo = MOSCOW) -> date:
    """The calendar day at the clinic."""
    return now().astimezone(tz).date()


@contextmanager
def frozen(at: datetime) -> Iterator[Clock]:
    """Stop the clock inside the block; `clock.tick(timedelta(...))` moves it."""
    _clock.stop(at.astimezone(UTC))
    try:
        yield _clock
    finally:
        _clock.stop(None)
