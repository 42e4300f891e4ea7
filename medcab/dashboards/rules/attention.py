"""«Что сегодня не так?»: the few figures off their norm in the last days, each a sentence with the way to what it counts.

Looked at are today, so far, and the seven days before it; the page's own period may be last year. What has too few cases is not judged, and the
page says that it was not: silence must not look like health.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.kpi import CATALOGUE, Kpi, Standing
from medcab.dashboards.rules.parts import FRACTIONS, FREE, FULL, INVALID, OPEN, Part
from medcab.dashboards.rules.period import Period, span_text
from medcab.dashboards.rules.staff import Staff, ended, without_words
from medcab.dashboards.rules.tally import Tally, total
from medcab.dashboards.rules.tiles import is_told
from medcab.ui import formats

DAYS_BEFORE = 7
NO_DATA = "За последние дни и сегодня данных нет"
OFF = (Standing.BELOW, Standing.ABOVE)


class Concern(TypedDict):
    """Something off its norm, ready to draw."""

    key: str
    title: str
    sentence: str
    action: str
    href: str
    chart_href: str
    """The way to its chart, where it has one; else ""."""


class Attention(TypedDict):
    """The whole answer. `tone` is the theme's; without concerns `title` says how it stands, `note` what was looked at and what could not be."""

    tone: str
    title: str
    note: str
    concerns: list[Concern]


@dataclass(frozen=True, slots=True)
class Recent:
    """The last days: today so far, and the days before it."""

    today: date
    days: dict[date, Tally]

    @property
    def span(self) -> Period:
        return Period(self.today - timedelta(DAYS_BEFORE), self.today - timedelta(1))

    @property
    def now(self) -> Tally:
        return self.days.get(self.today, Tally())

    @property
    def before(self) -> Tally:
        return total(tally for day, tally in self.days.items() if self.span.holds(day))


NOTHING: Attention = {"tone": "quiet", "title": "", "note": "", "concerns": []}


def attention(recent: Recent, view: Address, staff: Staff) -> Attention:
    """`view` keeps department, doctor and kind for the ways to the rows; `staff` are the people of the department today."""
    without = list(_without_right(staff, view))
    if recent.now.is_empty and recent.before.is_empty and not without:
        note = "Ни часов приёма, ни записей: оценить нечего. Показатели за другое время ниже."
        return {"tone": "quiet", "title": NO_DATA, "note": note, "concerns": []}
    concerns = [*without, *_off_norm(recent, view), *_unmarked(recent, view)]
    judged, unjudged = _judged(recent, view)
    if staff.people:
        judged.append("право на работу")
    if concerns:
        title = f"Требует внимания: {formats.plural(len(concerns), 'показатель', 'показателя', 'показателей')}"
    else:
        title = "Всё в норме" if judged else "Для оценки мало данных"
    return {
        "tone": "soon" if concerns else "done" if judged else "quiet",
        "title": title,
        "note": _note(recent, judged, unjudged),
        "concerns": concerns,
    }


def shortly(found: Attention) -> str:
    """The same in a table of departments."""
    if found["concerns"]:
        return f"требует внимания: {len(found['concerns'])}"
    return {"done": "в норме"}.get(found["tone"], "приёма нет" if found["title"] == NO_DATA else "мало данных")


def _without_right(staff: Staff, view: Address) -> Iterator[Concern]:
    """Nobody practises without a right: one is one too many, however few people there are."""
    if found := staff.invalid():
        yield {
            "key": INVALID.code, "title": INVALID.title,
            "sentence": f"{ended(without_words(found))} Принимать пациентов и подписывать документы нельзя, пока право не подтверждено.",
            "action": f"Показать: {formats.number(len(found))}", "href": str(view.plain.of_mark("", INVALID.code)), "chart_href": "",
        }  # fmt: skip


def _off_norm(recent: Recent, view: Address) -> Iterator[Concern]:
    for kpi in CATALOGUE:
        spans = [(recent.now, Period(recent.today, recent.today)), (recent.before, recent.span)]
        off = [(tally, span) for tally, span in spans if kpi.standing(kpi.measure(tally)) in OFF]
        if off:
            yield _concern(kpi, off, recent.today, view)


def _concern(kpi: Kpi, off: list[tuple[Tally, Period]], today: date, view: Address) -> Concern:
    """The newest span leads, and its rows are opened: the page keeps its own period."""
    told = "; ".join(f"{_when(span, today)}: {_told(kpi, tally)}" for tally, span in off)
    tally, span = off[0]
    part, action = _looked_at(kpi, tally)
    norm = kpi.norm.words if kpi.norm else ""
    return {
        "key": kpi.code,
        "title": kpi.title,
        "sentence": f"{formats.capital(told)}. Ориентир: {norm}.",
        "action": action,
        "href": str(view.of_mark(span_text(span), part.code)),
        "chart_href": "",
    }


def _looked_at(kpi: Kpi, tally: Tally) -> tuple[Part, str]:
    """What is behind the miss, and the words of the way there."""
    fraction, standing = FRACTIONS[kpi.code], kpi.standing(kpi.measure(tally))
    part = (fraction.below if standing is Standing.BELOW else fraction.above) or fraction.numerator
    if part is FREE:
        return part, f"Свободное время: {formats.duration(part.count(tally))}"
    return part, "Показать дни врачей" if part is FULL else f"Показать: {formats.number(part.count(tally))}"


def _told(kpi: Kpi, tally: Tally) -> str:
    measure = kpi.measure(tally)
    return f"{words.value(kpi, measure)}, {words.standing(kpi, measure)}"


def _when(span: Period, today: date) -> str:
    return "сегодня" if span.start == today else f"за {formats.period(span.start, span.end)}"


def _unmarked(recent: Recent, view: Address) -> Iterator[Concern]:
    """Days that are over, and nobody has said whether the patients came: every share of those days is wrong until it is said."""
    count = OPEN.count(recent.before)
    if count > 0:
        visits = formats.plural(count, *words.VISIT)
        yield {
            "key": OPEN.code,
            "title": "Приёмы без отметки",
            "sentence": f"{formats.capital(_when(recent.span, recent.today))} осталось без отметки: {visits}. Состоялся ли приём, неизвестно.",
            "action": f"Показать: {formats.number(count)}",
            "href": str(view.of_mark(span_text(recent.span), OPEN.code)),
            "chart_href": "",
        }


def _judged(recent: Recent, view: Address) -> tuple[list[str], list[str]]:
    """Titles of the figures with a norm: those that could be held against it in one of the spans, and the others."""
    judged: list[str] = []
    unjudged: list[str] = []
    for kpi in (kpi for kpi in CATALOGUE if kpi.norm and is_told(kpi, view)):
        known = any(kpi.standing(kpi.measure(tally)) is not Standing.UNKNOWN for tally in (recent.now, recent.before))
        (judged if known else unjudged).append(kpi.title.lower())
    return judged, unjudged


def _note(recent: Recent, judged: list[str], unjudged: list[str]) -> str:
    span = recent.span
    told = [f"Смотрели сегодня и {formats.period(span.start, span.end)}: {'; '.join(judged)}."] if judged else []
    if unjudged:
        told.append(f"Не оценены, мало данных: {'; '.join(unjudged)}.")
    return " ".join(told)


def fresh(counted_at: datetime | None) -> str:
    """How fresh the figures are: they change with the visit itself, so what matters is when one changed last."""
    if counted_at is None:
        return "Показатели меняются сразу вместе с приёмом."
    return f"Показатели меняются сразу вместе с приёмом. Последнее изменение: {formats.moment(counted_at)}."
