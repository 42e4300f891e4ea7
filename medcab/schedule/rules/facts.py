"""What the clinic knows of the days of a rota, and what would become of each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.accounts.rules.right import Right
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.rules.resources import Availability, key_of
from medcab.schedule.rules.roster import Roster, Worker
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import Closed, said_of


@dataclass(frozen=True, slots=True)
class Open:
    """Hours without a break, wherever they are known from."""

    department_id: UUID
    starts_at: datetime
    ends_at: datetime
    slot_minutes: int
    room: str
    specialty: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def key(self) -> tuple[object, ...]:
        """By which two are the same: however the room is typed."""
        return (self.span, self.department_id, self.slot_minutes, key_of(self.room), self.specialty)


@dataclass(frozen=True, slots=True)
class Usual:
    """What a worker's template in a department says of any day."""

    slot_minutes: int
    room: str
    specialty: str


@dataclass(frozen=True, slots=True)
class Shut:
    """Days without reception; `is_absence`: registered with its visits, so that a rota does not open them."""

    since: date
    until: date
    reason: str
    is_absence: bool = False
    starts: int = 0
    ends: int = DAY_MINUTES

    @property
    def said(self) -> str:
        """The days in words; of a part of a day, with its hours."""
        return said_of(self._time)

    @property
    def _time(self) -> Closed:
        return Closed(self.since, self.until, self.starts, self.ends)

    def is_whole(self, day: date) -> bool:
        return self._time.covers(day)

    def covers(self, day: date) -> bool:
        """Also a part of the day: a day of the file is the whole of it."""
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit; `name` is empty when it is not the actor's to see."""

    id: UUID
    span: Span
    name: str


@dataclass(frozen=True)
class Room:
    """One of the clinic's list: used by one worker at a time. `shut`: services."""

    name: str
    available: Availability
    shut: tuple[Span, ...] = ()


Day = tuple[UUID, date]
"""A worker's day."""


@dataclass(frozen=True)
class Facts:
    """The clinic's side. `open` and `shut` are of this clinic, `elsewhere` are hours that stay whatever the rota says."""

    today: date
    zone: ZoneInfo
    roster: Roster
    rights: Mapping[UUID, Right] = field(default_factory=dict)
    open: Mapping[Day, Sequence[Open]] = field(default_factory=dict)
    usual: Mapping[tuple[UUID, UUID], Usual] = field(default_factory=dict)
    elsewhere: Mapping[UUID, Sequence[Span]] = field(default_factory=dict)
    shut: Mapping[UUID, Sequence[Shut]] = field(default_factory=dict)
    visits: Mapping[UUID, Sequence[Booked]] = field(default_factory=dict)
    rooms: Mapping[str, Room] = field(default_factory=dict)
    in_rooms: Sequence[tuple[UUID, Open]] = ()
    """Hours of anybody in the rooms that are meant."""


class Kind(StrEnum):
    """What becomes of a day."""

    NEW = "new"
    CHANGED = "changed"
    CLOSED = "closed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True)
class Change:
    """One worker's day in the file. `who` as it is typed where nobody is meant; `kept` are hours there that are not the actor's to change."""

    kind: Kind
    lines: tuple[int, ...]
    who: str
    columns: tuple[str, ...] = ()
    worker: Worker | None = None
    day: date | None = None
    before: tuple[Open, ...] = ()
    after: tuple[Open, ...] = ()
    kept: tuple[Open, ...] = ()
    off: str = ""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left: tuple[Booked, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether applying does something for it."""
        return self.kind in (Kind.NEW, Kind.CHANGED, Kind.CLOSED)
