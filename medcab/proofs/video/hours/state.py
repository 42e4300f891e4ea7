"""The hours at which an operator holds video sessions."""

from datetime import date
from typing import Any, TypedDict

import reflex as rx

from medcab.access import Permission, why_closed
from medcab.errors import Invalid
from medcab.guard import actor, reading, requires, success, transaction
from medcab.identifiers import day_time
from medcab.proofs.video.hours import service
from medcab.proofs.video.rules import Hours, week_fault

_DAYS = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье")


class DayRow(TypedDict):
    """A day of the week; `since` and `until` as HH:MM, empty where nothing is held."""

    number: str
    name: str
    since: str
    until: str


class VideoHoursState(rx.State):
    """The operator's own hours."""

    closed: str = ""
    ready: bool = False
    days: list[DayRow] = []
    away_until: str = ""
    fault: str = ""

    @rx.event
    @requires()
    async def load(self):
        """Show them; to whom they are not open, say why."""
        self.closed = why_closed(actor(), Permission.SUPPORT_DESK)
        return None if self.closed else VideoHoursState.show

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def show(self):
        """Read them anew."""
        async with reading(self) as (session, actor):
            week = await service.hours_of(session, actor)
        self.days = [_row(number, hours) for number, hours in enumerate(week.days)]
        self.away_until = week.away_until.isoformat() if week.away_until else ""
        self.ready, self.fault = True, ""

    @rx.event
    @requires(Permission.SUPPORT_DESK)
    async def save(self, form: dict[str, Any]):
        """Hold sessions at these hours from now on; what is wrong is said beside the button."""
        self.fault, days, away = _read(form)
        if self.fault:
            return None
        async with transaction(self) as (session, actor):
            await service.keep_hours(session, actor, days=days, away_until=away)
        return success("Часы сохранены. Что уже назначено, остаётся назначенным.")


def _row(number: int, hours: Hours) -> DayRow:
    since, until = map(day_time.formatted, hours) if hours else ("", "")
    return {"number": str(number), "name": _DAYS[number], "since": since, "until": until}


def _read(form: dict[str, Any]) -> tuple[str, list[Hours], date | None]:
    """What is wrong, the week, and until when the operator is away."""
    try:
        days = [
            _hours(str(form.get(f"since{number}", "")), str(form.get(f"until{number}", "")), name)
            for number, name in enumerate(_DAYS)
        ]
        return week_fault(days), days, _day(str(form.get("away", "")))
    except Invalid as fault:
        return fault.message, [], None


def _hours(since: str, until: str, name: str) -> Hours:
    """Both or neither."""
    if not since and not until:
        return None
    if not since or not until:
        raise Invalid(f"{name}: укажите и начало, и конец приёма, или ни того, ни другого.")
    try:
        return day_time.parse(since), day_time.parse(until)
    except Invalid as fault:
        raise Invalid(f"{name}: {fault.message}") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("Такой даты нет.") from None
