"""Days of an absence on which the worker was there after all: which may be taken out of it, and what is left of it. Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from medcab.errors import Conflict, Invalid
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.rules import visits
from medcab.schedule.rules.templates import Closed, said_of

OLDEST = timedelta(days=366)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Worked:
    """The days, both included, from whose absence they are taken out."""

    since: date
    until: date

    @property
    def days(self) -> list[date]:
        return [self.since + timedelta(number) for number in range((self.until - self.since).days + 1)]


def demand(time: Closed, worked: Worked, today: date) -> None:
    """Days of an absence that has begun, not too long ago; or `Invalid`, or `Conflict`."""
    if time.since > today:
        raise Conflict("Отсутствие ещё не началось: откройте эти дни в «Часах приёма».")
    if time.until < today - OLDEST:
        raise Conflict("Отсутствие было больше года назад: сократить его уже нельзя.")
    if worked.until < worked.since:
        raise Invalid("Последний день раньше первого.")
    if worked.since < time.since or worked.until > time.until:
        raise Invalid(f"Этих дней в отсутствии нет, оно {said_of(time)}.")


def reason_of(text: str) -> str:
    """Why it is done: it stays in the journal, and the worker reads it."""
    return visits.reason_of(text, missing="Укажите, почему: например, «Отозвана из отпуска».", field="reason")


def taken_out(time: Closed, worked: Worked) -> Closed:
    """These days, with the hours of the absence's first and last one."""
    starts = time.starts if worked.since == time.since else 0
    return Closed(worked.since, worked.until, starts, time.ends if worked.until == time.until else DAY_MINUTES)


def rest(time: Closed, worked: Worked) -> list[Closed]:
    """What is left before them and after them."""
    before = replace(time, until=worked.since - _DAY, ends=DAY_MINUTES) if worked.since > time.since else None
    after = replace(time, since=worked.until + _DAY, starts=0) if worked.until < time.until else None
    return [part for part in (before, after) if part]
