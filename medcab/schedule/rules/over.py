"""Booking on top of the plan, and the same patient twice: the rules and their sentences."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from medcab.schedule.rules import visits
from medcab.schedule.rules.slots import MINUTE, Span
from medcab.ui import formats


def reason_of(text: str) -> str:
    """Why somebody is booked on top of the plan, as it is kept; or `Invalid`."""
    return visits.reason_of(text, missing="Укажите, почему записываете сверх плана.", field="over_reason")


def over_span(hours: Span, minutes: int, starts_at: datetime) -> Span | None:
    """A visit of the usual length at any time that lies whole within the hours; None: it does not."""
    span = Span(starts_at, starts_at + minutes * MINUTE)
    return span if hours.starts_at <= span.starts_at and span.ends_at <= hours.ends_at else None


def too_many_over(limit: int) -> str:
    """Why no more can be booked on top of this day's plan."""
    if not limit:
        return "Запись сверх плана в клинике закрыта."
    return f"На этот день сверх плана уже {formats.plural(limit, 'запись', 'записи', 'записей')}: больше нельзя. Выберите другой день."


def twice_words(found: Iterable[tuple[datetime, str]], zone: ZoneInfo) -> str:
    """That the patient is to be elsewhere; of each its time, and whose it is in words."""
    listed = "; ".join(f"{formats.moment(at, zone)}, {whose}" for at, whose in found)
    return f"У этого пациента уже есть приём: {listed.rstrip('.')}."
