"""A wish as the page draws it: words for whom, when, how long and in which place."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from medcab.identifiers import day_time
from medcab.schedule.calendar.service import Choice, Offer, words
from medcab.schedule.rules.slots import day_of
from medcab.schedule.rules.visits import KIND_TITLES, VisitKind
from medcab.schedule.rules.waiting import (
    STATE_TITLES,
    URGENCY_TITLES,
    Free,
    Urgency,
    WishState,
    due,
    place_words,
    wish_words,
)
from medcab.schedule.service import zone
from medcab.schedule.waiting.models import Wish
from medcab.schedule.waiting.offers.service import is_mobile
from medcab.schedule.waiting.queries import Line, wanted_of
from medcab.schedule.waiting.service import Offered, Opened
from medcab.ui import formats

ANY_TIME = (0, day_time.DAY_MINUTES)
_TONES = {
    WishState.WAITING: "info", WishState.OFFERED: "soon", WishState.BOOKED: "done", WishState.EXPIRED: "quiet",
    WishState.WITHDRAWN: "quiet",
}  # fmt: skip
_URGENCY_TONES = {Urgency.URGENT: "act", Urgency.SOON: "soon", Urgency.PLANNED: "quiet"}


class WishRow(TypedDict):
    """One line of the list, ready to draw."""

    id: str
    version: int
    patient: str
    whom: str
    when: str
    kind: str
    note: str
    urgency: str
    urgency_tone: str
    since: str
    place: str
    late: str
    word: str
    tone: str
    more: str
    is_waiting: bool
    is_offered: bool
    href: str
    change_href: str


class Typed(TypedDict):
    """What the form begins with."""

    id: str
    version: int
    patient: str
    whom: str
    urgency: str
    kind: str
    days: list[bool]
    starts: str
    ends: str
    since: str
    until: str
    note: str


NO_ROW: WishRow = {
    "id": "", "version": 0, "patient": "", "whom": "", "when": "", "kind": "", "note": "", "urgency": "", "urgency_tone": "quiet", "since": "",
    "place": "", "late": "", "word": "", "tone": "quiet", "more": "", "is_waiting": False, "is_offered": False, "href": "", "change_href": "",
}  # fmt: skip
NEW: Typed = {
    "id": "", "version": 0, "patient": "", "whom": "", "urgency": Urgency.PLANNED.value, "kind": VisitKind.FIRST.value, "days": [True] * 7,
    "starts": "", "ends": "", "since": "", "until": "", "note": "",
}  # fmt: skip


def row(line: Line, to_call: Collection[UUID], now: datetime) -> WishRow:
    """One wish in words."""
    wish, wanted = line.wish, wanted_of(line.wish)
    waits, is_offered = wish.state is WishState.WAITING, wish.state is WishState.OFFERED
    return {
        "id": str(wish.id), "version": wish.version, "patient": line.patient,
        "whom": f"{line.practitioner or f'{wish.specialty}: любой врач'}, {line.department}", "when": wish_words(wanted),
        "kind": KIND_TITLES[wish.kind].lower(), "note": wish.note, "urgency": URGENCY_TITLES[wish.urgency],
        "urgency_tone": _URGENCY_TONES[wish.urgency], "since": f"в листе с {formats.day(day_of(wish.created_at, zone()))}",
        "place": place_words(line.place) if line.place else "",
        "late": "Ждёт дольше нормы" if waits and now > due(wish.created_at, wish.specialty, zone()) else "",
        "word": STATE_TITLES[wish.state], "tone": _TONES[wish.state], "more": _more(line, to_call), "is_waiting": waits,
        "is_offered": is_offered, "href": f"/schedule/waiting?do=open&id={wish.id}", "change_href": f"/schedule/waiting?do=change&id={wish.id}",
    }  # fmt: skip


def _more(line: Line, to_call: Collection[UUID]) -> str:
    """What stands under the state."""
    if line.visit:
        at = words(line.visit.starts_at)
        return f"{at}, ответ до {formats.time(line.visit.held_until, zone())}" if line.visit.held_until else at
    if line.wish.state is not WishState.WAITING:
        return ""
    if line.wish.id in to_call:
        return "Есть время в ближайшие два часа: можно позвонить"
    if not is_mobile(line.phone):
        return "Нет мобильного телефона: только позвонить"
    passed = line.wish.offers
    return f"Не подошло предложений: {passed}" if passed else ""


def offered(seen: Opened) -> str:
    """«вт, 24.11, 09:30, Соколова Е. Д.; время держим до 23.11.2026, 10:00»."""
    visit = seen.line.visit
    if visit is None or visit.held_until is None:
        return ""
    doctor = seen.names.get(visit.practitioner_id, "")
    return f"{words(visit.starts_at)}{', ' if doctor else ''}{doctor}. Время держим до {formats.moment(visit.held_until, zone())}."


def slot(one: Free, names: Mapping[UUID, str]) -> Offer:
    """A free time to choose."""
    doctor = names.get(one.practitioner_id, "")
    label = f"{words(one.span.starts_at)}{' · ' if doctor else ''}{doctor}"
    return {"at": f"{one.practitioner_id}|{one.span.starts_at.isoformat()}", "label": label}


def whom(known: Offered) -> list[Choice]:
    """Doctors by name, then specialties: whom a patient may wait for."""
    several = len(known.departments) > 1

    def label(name: str, ward: UUID) -> str:
        return f"{name}, {known.departments[ward]}" if several else name

    doctors: list[Choice] = [
        {"id": f"doctor|{ward}|{key}", "name": label(name, ward)}
        for key, name, wards in known.workers
        for ward in sorted(wards & known.departments.keys())
    ]
    subjects: list[Choice] = [
        {"id": f"specialty|{ward}|{name}", "name": label(f"{name}: любой врач", ward)}
        for ward, name in known.specialties
    ]
    return doctors + subjects


def typed(wish: Wish) -> Typed:
    """A wish as the form begins with it."""
    chosen = (
        f"doctor|{wish.department_id}|{wish.practitioner_id}"
        if wish.practitioner_id
        else f"specialty|{wish.department_id}|{wish.specialty}"
    )
    return {
        "id": str(wish.id), "version": wish.version, "patient": "", "whom": chosen, "urgency": wish.urgency.value, "kind": wish.kind.value,
        "days": [bool(wish.weekdays >> number & 1) for number in range(7)], "starts": _clock(wish.starts, ANY_TIME[0]),
        "ends": _clock(wish.ends, ANY_TIME[1]), "since": day_typed(wish.since), "until": day_typed(wish.until), "note": wish.note,
    }  # fmt: skip


def day_typed(day: date) -> str:
    return formats.day(day)


def summary(total: int) -> str:
    return formats.plural(total, "запись", "записи", "записей")


def _clock(minutes: int, any_time: int) -> str:
    return "" if minutes == any_time else day_time.formatted(minutes)
