"""Video sessions: their states, when they may be held, and what has to be seen in one. Pure."""

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from medcab.holidays import SUNDAY, DayKind, kind_of
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.ui.formats import MOSCOW

SLOT = timedelta(minutes=15)
AHEAD = timedelta(days=14)
NOTICE = timedelta(minutes=5)
"""Nobody can be booked to a time that has all but come."""
EARLY, LATE = timedelta(minutes=10), timedelta(minutes=20)
"""From and until when, around its time, a person may come to a session."""
PATIENCE = timedelta(minutes=5)
"""An operator waits so long before saying that nobody came."""
LONGEST = timedelta(hours=1)
FAILED_AT_MOST, FAILED_WITHIN = 3, timedelta(days=7)
"""So many sessions without a proof, for the person's own reasons, and the next is to be arranged with the support."""
BOOKED_AT_MOST = 5
"""Bookings of one person in a day: each sends messages."""
TOLD_FROM, TOLD_TO = 10, 400
_WEEK = 7

Hours = tuple[int, int] | None
"""From and to in minutes of a day; None: nothing is held."""


class SessionState(StrEnum):
    """Where a session stands."""

    BOOKED = "booked"
    RUNNING = "running"
    PROVED = "proved"
    REFUSED = "refused"
    MISSED = "missed"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


_S = SessionState
OPEN = frozenset({_S.BOOKED, _S.RUNNING})
FAILED = frozenset({_S.REFUSED, _S.MISSED})


class Step(StrEnum):
    """What may be done with one."""

    ARRIVE = "arrive"
    CANCEL = "cancel"
    BEGIN = "begin"
    PROVE = "prove"
    REFUSE = "refuse"
    MISS = "miss"
    CALL_OFF = "call-off"
    BREAK_OFF = "break-off"


_FROM: dict[Step, frozenset[SessionState]] = {
    Step.ARRIVE: OPEN, Step.CANCEL: frozenset({_S.BOOKED}), Step.BEGIN: frozenset({_S.BOOKED}), Step.PROVE: frozenset({_S.RUNNING}),
    Step.REFUSE: frozenset({_S.RUNNING}), Step.MISS: frozenset({_S.BOOKED}), Step.CALL_OFF: frozenset({_S.BOOKED}),
    Step.BREAK_OFF: frozenset({_S.RUNNING}),
}  # fmt: skip
WORDS: dict[SessionState, tuple[str, str]] = {
    _S.BOOKED: ("info", "назначен"), _S.RUNNING: ("info", "идёт"), _S.PROVED: ("done", "личность подтверждена"),
    _S.REFUSED: ("act", "не подтверждена"), _S.MISSED: ("soon", "не состоялся"), _S.DROPPED: ("soon", "сорвался"),
    _S.CANCELLED: ("quiet", "отменён"),
}  # fmt: skip
"""Tone and word of each state."""

CHECKS: dict[str, str] = {
    "face": "Лицо видно целиком и совпадает с фотографией в паспорте",
    "passport": "Паспорт подлинный на вид, не повреждён и не просрочен",
    "data": "Фамилия, имя, отчество и дата рождения совпадают с кабинетом",
    "snils": "Человек сам назвал СНИЛС, и он совпадает",
    "word": "Человек прочитал вслух цифры со своего экрана",
    "alone": "Отвечает сам: никто не подсказывает и не торопит",
}
"""All of it has to be seen by the operator before a person is proved."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person was not proved: as the operator chooses it, and as the person is told."""

    word: str
    told: str


REASONS: dict[str, Reason] = {
    "picture": Reason("Не разглядеть лицо или паспорт", "По видео не удалось разглядеть лицо или паспорт. Выберите светлое место и связь получше."),
    "face": Reason("Лицо не совпадает с фотографией", "Лицо не удалось сличить с фотографией в паспорте."),
    "passport": Reason("Паспорт не показан, повреждён или просрочен", "Паспорт не показан, повреждён или просрочен."),
    "data": Reason("Данные в паспорте другие", "Данные в паспорте не такие, как в кабинете. Исправьте их в профиле и запишитесь снова."),
    "word": Reason("Не назвал СНИЛС или цифры", "Вы не назвали СНИЛС или цифры с экрана."),
    "other": Reason("Другое: напишу сам", ""),
}  # fmt: skip
"""`other` is told in the operator's words alone."""


def may(step: Step, state: SessionState) -> bool:
    return state in _FROM[step]


@dataclass(frozen=True, slots=True)
class Week:
    """An operator's hours, Monday first, and until when they are away."""

    days: tuple[Hours, ...] = (None,) * _WEEK
    away_until: date | None = None

    @classmethod
    def read(cls, text: str, away_until: date | None) -> "Week":
        return cls(tuple((day[0], day[1]) if day else None for day in json.loads(text)), away_until)

    def written(self) -> str:
        return json.dumps(self.days)

    def hours_on(self, day: date) -> Hours:
        """Nothing while the operator is away, and on public holidays."""
        is_holiday = kind_of(day) is DayKind.DUTY and day.weekday() != SUNDAY
        if is_holiday or (self.away_until and day <= self.away_until):
            return None
        return self.days[day.weekday()]


def week_fault(days: Sequence[Hours]) -> str:
    """Why these are no hours of a week; empty: they are."""
    if len(days) != _WEEK:
        return "Укажите часы для каждого дня недели."
    for hours in days:
        if hours and not (0 <= hours[0] < hours[1] <= DAY_MINUTES):
            return "Приём должен заканчиваться позже, чем начался."
        if hours and timedelta(minutes=hours[1] - hours[0]) < SLOT:
            return "Звонок длится 15 минут: часы приёма не могут быть короче."
    return ""


def slots(week: Week, day: date, now: datetime) -> list[datetime]:
    """Every beginning of a session on the day that may still be booked: half-open, so that none ends after the hours do."""
    hours = week.hours_on(day)
    if hours is None:
        return []
    midnight = datetime.combine(day, time(), MOSCOW)
    step = int(SLOT.total_seconds() // 60)
    starts = (midnight + timedelta(minutes=minute) for minute in range(hours[0], hours[1] - step + 1, step))
    return [start for start in starts if now + NOTICE <= start <= now + AHEAD]


def may_come(starts_at: datetime, now: datetime) -> bool:
    """Whether a person may come to be called."""
    return starts_at - EARLY <= now <= starts_at + LATE


def is_late(starts_at: datetime, now: datetime) -> bool:
    """Whether an operator may say that nobody came."""
    return now >= starts_at + PATIENCE


def told_fault(text: str) -> str:
    """Why these words tell a person nothing; empty: they do."""
    if len(text) < TOLD_FROM:
        return f"Напишите подробнее: не меньше {TOLD_FROM} знаков. Человек это прочтёт."
    return f"Сократите до {TOLD_TO} знаков." if len(text) > TOLD_TO else ""


def relays(url: str, key: str, who: str, now: datetime) -> list[dict[str, str]]:
    """The relay for a browser's call, with a name and a password good for `LONGEST` (coturn's `use-auth-secret`); none without `url`."""
    if not url:
        return []
    name = f"{int((now + LONGEST).timestamp())}:{who}"
    password = base64.b64encode(hmac.digest(key.encode(), name.encode(), "sha1")).decode()
    return [{"urls": url, "username": name, "credential": password}]
