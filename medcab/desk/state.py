"""«Рабочий стол»: the page's state, rows ready to draw."""

from typing import TypedDict

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.attention.service import Ward
from medcab.dashboards.epidemiology.alerts.service import NewAlert
from medcab.dashboards.epidemiology.rules import words as epidemic
from medcab.dashboards.epidemiology.rules.address import PATH as EPIDEMIOLOGY
from medcab.dashboards.monthly.service import NewReport
from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import PATH as FIGURES
from medcab.dashboards.rules.attention import NOTHING, Attention, shortly
from medcab.dashboards.rules.kpi import DONE, NO_SHOW, PLANNED, UTILISATION, Kpi
from medcab.dashboards.rules.report import named, period_of
from medcab.dashboards.views.queries import Sent
from medcab.desk import service
from medcab.desk.queries import Expected
from medcab.desk.rules import day_sentence, next_visit
from medcab.desk.service import Desk, OwnDay
from medcab.guard import reading, requires, transaction, watch
from medcab.identifiers import person_name
from medcab.schedule.queries import Seen, visit_of
from medcab.schedule.rules.visits import KIND_TITLES, STATUS_TITLES, AppointmentStatus, title_of
from medcab.ui import formats

FREE_SHOWN = 8
_TONES = {AppointmentStatus.ARRIVED: "info", AppointmentStatus.DONE: "done", AppointmentStatus.NO_SHOW: "soon"}


class StepRow(TypedDict):
    """The one big thing to do; an empty title: there is none."""

    title: str
    text: str
    action: str
    href: str
    tone: str
    points: list[str]


class ReminderRow(TypedDict):
    """A line about one's own safety."""

    text: str
    action: str
    href: str
    tone: str


class VisitRow(TypedDict):
    """A visit of today."""

    key: str
    time: str
    patient: str
    note: str
    status: str
    tone: str


class WardRow(TypedDict):
    """A department's day."""

    key: str
    name: str
    href: str
    planned: str
    done: str
    no_show: str
    utilisation: str
    tone: str
    standing: str


class SentRow(TypedDict):
    """A view of figures that a colleague has sent, or a report that is ready."""

    key: str
    title: str
    note: str
    href: str


class FigureRow(TypedDict):
    """A number with its name."""

    label: str
    value: str
    note: str
    tone: str
    href: str


NO_STEP: StepRow = {"title": "", "text": "", "action": "", "href": "", "tone": "info", "points": []}
NO_VISIT: VisitRow = {"key": "", "time": "", "patient": "", "note": "", "status": "", "tone": "quiet"}


class DeskState(rx.State):
    """The desk of whoever is signed in."""

    ready: bool = False
    lead: str = ""
    step: StepRow = NO_STEP
    offers: list[str] = []
    """Clinics that invite the person."""
    sent: list[SentRow] = []
    reminders: list[ReminderRow] = []
    has_day: bool = False
    day_sentence: str = ""
    next_visit: VisitRow = NO_VISIT
    visits: list[VisitRow] = []
    free: list[str] = []
    free_more: str = ""
    has_expected: bool = False
    expected: list[VisitRow] = []
    has_attention: bool = False
    attention: Attention = NOTHING
    """What its head sees first of the department."""
    wards: list[WardRow] = []
    counts: list[FigureRow] = []
    is_bare: bool = False
    """Nothing is for this role yet."""

    @rx.event
    @requires(Permission.DESK)
    async def load(self):
        """Show the desk."""
        async with transaction(self) as (session, actor):
            found = await service.desk(session, actor)
        today = clock.today()
        self.lead = f"{formats.capital(formats.weekday(today))}, {formats.day_words(today)}. {actor.name}"
        self._show(found)
        watch(self, dict.fromkeys(found.topics, DeskState.refresh))

    @rx.event
    @requires(Permission.DESK)
    async def refresh(self):
        """Something on the desk has changed."""
        async with reading(self) as (session, actor):
            found = await service.desk(session, actor, refreshed=True)
        self._show(found)

    def _show(self, found: Desk) -> None:
        step = found.step
        self.step = NO_STEP if step is None else _step_row(step)
        self.reminders = [{"text": r.text, "action": r.action, "href": r.href, "tone": r.tone} for r in found.reminders]
        self.offers = [offer.clinic for offer in found.offers]
        self.sent = [*map(_alert_row, found.alerts), *map(_sent_row, found.sent), *map(_report_row, found.reports)]
        self._show_day(found.day)
        self.has_expected = found.expected is not None
        self.expected = [_expected_row(each) for each in found.expected or []]
        self._show_wards(found.wards)
        self.counts = [
            {
                "label": c.label,
                "value": formats.number(c.value),
                "note": c.note,
                "href": c.href,
                "tone": "soon" if c.is_trouble and c.value else "quiet",
            }
            for c in found.counts
        ]
        self.is_bare = not (step or found.day or found.expected is not None or found.wards or found.counts)
        self.ready = True

    def _show_day(self, day: OwnDay | None) -> None:
        self.has_day = day is not None
        if day is None:
            self.visits, self.free, self.free_more, self.next_visit = [], [], "", NO_VISIT
            return
        kept = [seen for seen in day.visits if seen.appointment.status is not AppointmentStatus.CANCELLED]
        upcoming = next_visit([visit_of(seen.appointment) for seen in kept], clock.now())
        self.day_sentence = day_sentence([visit_of(seen.appointment) for seen in kept], len(day.free))
        self.visits = [_visit_row(seen) for seen in kept]
        first = (row for row, seen in zip(self.visits, kept, strict=True) if visit_of(seen.appointment) == upcoming)
        self.next_visit = next(first, NO_VISIT)
        self.free = [formats.time(span.starts_at) for span in day.free[:FREE_SHOWN]]
        rest = len(day.free) - FREE_SHOWN
        self.free_more = f"и ещё {rest}" if rest > 0 else ""

    def _show_wards(self, wards: list[Ward]) -> None:
        """One department: what is wrong in it, as its page of figures says; several: a line each."""
        self.has_attention = len(wards) == 1
        self.attention = wards[0].attention if self.has_attention else NOTHING
        self.wards = [_ward_row(ward) for ward in wards] if len(wards) > 1 else []


def _sent_row(sent: Sent) -> SentRow:
    at = formats.moment(sent.view.sent_at)
    return {
        "key": str(sent.view.id),
        "title": f"{sent.sender}: показатели отделения",
        "note": f"«{sent.view.note}», {at}" if sent.view.note else at,
        "href": f"{FIGURES}?sent={sent.view.id}",
    }


def _alert_row(alert: NewAlert) -> SentRow:
    classes = "; ".join(epidemic.chapter(each) for each in alert.chapters)
    return {
        "key": f"{alert.department_id}/{alert.week}",
        "title": f"Заболеваемость выше порога: {alert.department}",
        "note": f"Неделя {epidemic.week(alert.week)}. {classes}",
        "href": f"{EPIDEMIOLOGY}?department={alert.department_id}&rows=week:{alert.week}",
    }


def _report_row(report: NewReport) -> SentRow:
    days = period_of(report.month)
    return {
        "key": f"{report.department_id}/{report.month}",
        "title": f"Готов отчёт за {named(report.month)}",
        "note": f"{report.department}. Файл внизу страницы показателей.",
        "href": f"{FIGURES}?from={days.start}&to={days.end}&department={report.department_id}#reports",
    }


def _step_row(step: service.NextStep) -> StepRow:
    return {
        "title": step.title,
        "text": step.text,
        "action": step.action,
        "href": step.href,
        "tone": step.tone,
        "points": list(step.points),
    }


def _expected_row(visit: Expected) -> VisitRow:
    status = AppointmentStatus.ARRIVED if visit.has_come else AppointmentStatus.BOOKED
    return {
        "key": str(visit.id),
        "time": formats.time(visit.starts_at),
        "patient": visit.patient,
        "note": visit.doctor,
        "status": STATUS_TITLES[status],
        "tone": _TONES.get(status, "quiet"),
    }


def _visit_row(seen: Seen) -> VisitRow:
    visit = seen.appointment
    return {
        "key": str(visit.id),
        "time": formats.time(visit.starts_at),
        "patient": person_name.short(seen.family_name, seen.given_name, seen.patronymic)
        if seen.family_name
        else "Занято",
        "note": KIND_TITLES[visit.kind],
        "status": title_of(visit_of(visit)),
        "tone": _TONES.get(visit.status, "quiet"),
    }


def _ward_row(ward: Ward) -> WardRow:
    def value(kpi: Kpi) -> str:
        return words.value(kpi, kpi.measure(ward.recent.now))

    today, found = ward.recent.today, ward.attention
    return {
        "key": str(ward.place.id),
        "name": ward.place.name,
        "href": f"/figures?from={today}&to={today}&department={ward.place.id}",
        "planned": value(PLANNED),
        "done": value(DONE),
        "no_show": value(NO_SHOW),
        "utilisation": value(UTILISATION),
        "tone": found["tone"],
        "standing": shortly(found),
    }
