"""What each handler and each route must demand, written down by hand and independently of the code: a second opinion.

A handler or route without a row here fails the suite, and so does a row without a handler. To add a handler, add one line.
"""

from dataclasses import dataclass, field
from typing import Any

from medcab.access import Permission as P

NOBODY_IN_PARTICULAR = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Event:
    """`needs`: None for everybody, else all of these (none: anybody signed in). `args`: a sample of the right types."""

    needs: frozenset[P] | None
    args: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return [name for name in self.args if name.endswith("_id")]


def _event(*needs: P, **args: Any) -> Event:
    return Event(frozenset(needs), args)


def _id(name: str) -> dict[str, str]:
    return {name: NOBODY_IN_PARTICULAR}


EVENTS: dict[str, Event] = {
    "guard.tab.tell": Event(None, {"tone": "quiet", "text": "x"}),
    "guard.tab.present": _event(),
    "accounts.frame.frame.load": _event(),
    "accounts.frame.frame.choose": _event(**_id("organisation_id")),
    "accounts.identity.profile.load": _event(P.ACCOUNT),
    "proofs.identity.load": _event(P.ACCOUNT),
    "proofs.identity.refresh": _event(P.ACCOUNT),
    "proofs.video.video.load": _event(P.ACCOUNT),
    "proofs.video.video.refresh": _event(P.ACCOUNT),
    "proofs.video.video.show_day": _event(P.ACCOUNT, day="2026-11-24"),
    "proofs.video.video.choose": _event(P.ACCOUNT, at="2026-11-24T10:00:00+03:00"),
    "proofs.video.video.book": _event(P.ACCOUNT),
    "proofs.video.video.cancel": _event(P.ACCOUNT),
    "proofs.video.video.come": _event(P.ACCOUNT),
    "proofs.video.video.say": _event(P.ACCOUNT, call=1, description="v=0"),
    "proofs.video.desk.video_desk.load": _event(),
    "proofs.video.desk.video_desk.show": _event(P.SUPPORT_DESK),
    "proofs.video.desk.video_desk.refresh": _event(P.SUPPORT_DESK),
    "proofs.video.desk.video_desk.choose": _event(P.SUPPORT_DESK, pile="over"),
    "proofs.video.desk.video_desk.turn": _event(P.SUPPORT_DESK, page=2),
    "proofs.video.desk.video_desk.turn_to": _event(P.SUPPORT_DESK, act="refuse"),
    "proofs.video.desk.video_desk.begin": _event(P.SUPPORT_DESK),
    "proofs.video.desk.video_desk.say": _event(P.SUPPORT_DESK, call=1, description="v=0"),
    "proofs.video.desk.video_desk.prove": _event(P.SUPPORT_DESK, form={"face": "on"}),
    "proofs.video.desk.video_desk.refuse": _event(P.SUPPORT_DESK, form={"reason": "face"}),
    "proofs.video.desk.video_desk.miss": _event(P.SUPPORT_DESK),
    "proofs.video.desk.video_desk.break_off": _event(P.SUPPORT_DESK),
    "proofs.video.hours.video_hours.load": _event(),
    "proofs.video.hours.video_hours.show": _event(P.SUPPORT_DESK),
    "proofs.video.hours.video_hours.save": _event(P.SUPPORT_DESK, form={"since0": "09:00", "until0": "18:00"}),
    "accounts.sessions.journal.load": _event(P.ACCOUNT),
    "accounts.sessions.journal.choose": _event(P.ACCOUNT, outcome="all", period="week"),
    "accounts.sessions.journal.turn": _event(P.ACCOUNT, page=2),
    "accounts.sessions.journal.end": _event(P.ACCOUNT, **_id("session_id")),
    "accounts.sessions.journal.end_others": _event(P.ACCOUNT),
    "accounts.sessions.journal.disown": _event(P.ACCOUNT, **_id("record_id")),
    "desk.desk.load": _event(P.DESK),
    "desk.desk.refresh": _event(P.DESK),
    "documents.documents.load": _event(P.VERIFICATION),
    "documents.documents.refresh": _event(P.VERIFICATION),
    "documents.documents.search": _event(P.VERIFICATION, text="диплом"),
    "documents.documents.choose": _event(P.VERIFICATION, name="kind", value="diploma"),
    "documents.documents.turn": _event(P.VERIFICATION, page=2),
    "documents.documents.turn_sheet": _event(P.VERIFICATION, sheet=1),
    "documents.documents.remove": _event(P.VERIFICATION, **_id("document_id")),
    "verification.activation.activation.load": _event(P.VERIFICATION),
    "verification.activation.activation.refresh": _event(P.VERIFICATION),
    "verification.watch.comparison.load": _event(),
    "verification.watch.comparison.show": _event(P.REGISTER_WATCH),
    "verification.watch.comparison.refresh": _event(P.REGISTER_WATCH),
    "verification.watch.comparison.choose": _event(P.REGISTER_WATCH, only="closing"),
    "verification.watch.comparison.turn": _event(P.REGISTER_WATCH, page=2),
    "verification.watch.comparison.begin": _event(P.REGISTER_WATCH),
    "compliance.compliance.load": _event(P.VERIFICATION),
    "compliance.compliance.refresh": _event(P.VERIFICATION),
    "compliance.compliance.choose": _event(P.VERIFICATION, channels="mail"),
    "compliance.people.people.load": _event(),
    "compliance.people.people.show": _event(P.COMPLIANCE_DEPARTMENT),
    "compliance.people.people.refresh": _event(P.COMPLIANCE_DEPARTMENT),
    "compliance.people.people.choose": _event(P.COMPLIANCE_DEPARTMENT, name="show", value="act"),
    "compliance.people.people.turn": _event(P.COMPLIANCE_DEPARTMENT, page=2),
    "compliance.people.people.export": _event(P.COMPLIANCE_DEPARTMENT),
    "verification.services.services.load": _event(P.VERIFICATION),
    "verification.services.services.refresh": _event(P.VERIFICATION),
    "verification.history.history.toggle": _event(P.VERIFICATION, item="diploma"),
    "verification.disputes.own.own_dispute.load": _event(P.VERIFICATION),
    "verification.disputes.own.own_dispute.refresh": _event(P.VERIFICATION),
    "verification.disputes.own.own_dispute.send": _event(P.VERIFICATION, form={"text": "x"}),
    "verification.disputes.own.own_dispute.withdraw": _event(P.VERIFICATION),
    "verification.disputes.desk.disputes.load": _event(),
    "verification.disputes.desk.disputes.show": _event(P.SUPPORT_DESK),
    "verification.disputes.desk.disputes.refresh": _event(P.SUPPORT_DESK),
    "verification.disputes.desk.disputes.choose": _event(P.SUPPORT_DESK, pile="asked"),
    "verification.disputes.desk.disputes.turn": _event(P.SUPPORT_DESK, page=2),
    "verification.disputes.desk.disputes.turn_paper": _event(P.SUPPORT_DESK, paper="x"),
    "verification.disputes.desk.disputes.turn_sheet": _event(P.SUPPORT_DESK, sheet=1),
    "verification.disputes.desk.disputes.turn_to": _event(P.SUPPORT_DESK, act="propose"),
    "verification.disputes.desk.disputes.decide": _event(P.SUPPORT_DESK, form={"text": "x"}),
    "schedule.hours.hours.load": _event(),
    "schedule.hours.hours.show": _event(P.SCHEDULE_EDIT),
    "schedule.hours.hours.refresh": _event(P.SCHEDULE_EDIT),
    "schedule.hours.hours.choose": _event(P.SCHEDULE_EDIT, **_id("who")),
    "schedule.hours.hours.save": _event(P.SCHEDULE_EDIT, form={"since": "01.12.2026"}),
    "schedule.hours.hours.agree": _event(P.SCHEDULE_EDIT),
    "schedule.hours.hours.give_up": _event(P.SCHEDULE_EDIT),
    "schedule.hours.hours.end": _event(P.SCHEDULE_EDIT, **_id("template_id")),
    "schedule.hours.hours.reopen": _event(P.SCHEDULE_EDIT, **_id("closed_id")),
    "schedule.waiting.waiting.load": _event(),
    "schedule.waiting.waiting.show": _event(P.SCHEDULE_EDIT),
    "schedule.waiting.waiting.refresh": _event(P.SCHEDULE_EDIT),
    "schedule.waiting.waiting.choose": _event(P.SCHEDULE_EDIT, department="all", doctor="all", state="all"),
    "schedule.waiting.waiting.turn": _event(P.SCHEDULE_EDIT, page=2),
    "schedule.waiting.waiting.search": _event(P.PATIENTS_SEARCH, text="Сидоров"),
    "schedule.waiting.waiting.pick": _event(P.SCHEDULE_EDIT, **_id("patient_id")),
    "schedule.waiting.waiting.save": _event(P.SCHEDULE_EDIT, form={"since": "01.12.2026"}),
    "schedule.waiting.waiting.withdraw": _event(P.SCHEDULE_EDIT, **_id("wish_id"), version=1),
    "schedule.waiting.waiting.accept": _event(P.SCHEDULE_EDIT, **_id("wish_id"), version=1),
    "schedule.waiting.waiting.decline": _event(P.SCHEDULE_EDIT, **_id("wish_id"), version=1),
    "schedule.waiting.waiting.book": _event(P.SCHEDULE_EDIT, slot=""),
    "schedule.waiting.waiting.book_anyway": _event(P.SCHEDULE_EDIT),
    "schedule.absences.absence.load": _event(),
    "schedule.absences.absence.show": _event(P.SCHEDULE_EDIT),
    "schedule.absences.absence.refresh": _event(P.SCHEDULE_EDIT),
    "schedule.absences.absence.ask": _event(P.SCHEDULE_EDIT, form={"since": "01.12.2026"}),
    "schedule.absences.absence.prefer": _event(P.SCHEDULE_EDIT, policy="own"),
    "schedule.absences.absence.aim": _event(P.SCHEDULE_EDIT, worker="", day="2026-12-01"),
    "schedule.absences.absence.show_hopeless": _event(P.SCHEDULE_EDIT, only="yes"),
    "schedule.absences.absence.turn": _event(P.SCHEDULE_EDIT, to="on"),
    "schedule.absences.absence.decide": _event(P.SCHEDULE_EDIT, **_id("appointment_id"), choice="call"),
    "schedule.absences.absence.decide_all": _event(P.SCHEDULE_EDIT, choice="call"),
    "schedule.absences.absence.apply": _event(P.SCHEDULE_EDIT),
    "schedule.absences.absence.take_back": _event(P.SCHEDULE_EDIT),
    "schedule.absences.absence.tick": _event(P.SCHEDULE_EDIT, **_id("appointment_id"), called="yes"),
    "schedule.away.away.load": _event(),
    "schedule.away.away.show": _event(P.SCHEDULE_EDIT),
    "schedule.away.away.taken": _event(P.SCHEDULE_EDIT, found="[[], [0, 0, 0, 0, 0]]"),
    "schedule.away.away.refresh": _event(P.SCHEDULE_EDIT),
    "schedule.away.away.tick": _event(P.SCHEDULE_EDIT, number="0", answer="yes"),
    "schedule.away.away.apply": _event(P.SCHEDULE_EDIT, form={"reason": "x"}),
    "schedule.away.away.forget": _event(P.SCHEDULE_EDIT),
    "schedule.feeds.feeds.load": _event(),
    "schedule.feeds.feeds.show": _event(P.SCHEDULE_READ),
    "schedule.feeds.feeds.refresh": _event(P.SCHEDULE_READ),
    "schedule.feeds.feeds.revoke": _event(P.SCHEDULE_READ, **_id("feed_id")),
    "schedule.rota.rota.load": _event(),
    "schedule.rota.rota.show": _event(P.SCHEDULE_DEPARTMENT),
    "schedule.rota.rota.taken": _event(P.SCHEDULE_DEPARTMENT, **_id("sheet_id")),
    "schedule.rota.rota.choose": _event(P.SCHEDULE_DEPARTMENT, only="all"),
    "schedule.rota.rota.turn": _event(P.SCHEDULE_DEPARTMENT, page=2),
    "schedule.rota.rota.choose_month": _event(P.SCHEDULE_DEPARTMENT, month="2026-12"),
    "schedule.rota.rota.apply": _event(P.SCHEDULE_DEPARTMENT, **_id("sheet_id"), rows="all", seen="x"),
    "schedule.rota.rota.discard": _event(P.SCHEDULE_DEPARTMENT, **_id("sheet_id")),
    "schedule.rota.rota.export": _event(P.SCHEDULE_DEPARTMENT, form={"since": "01.12.2026", "until": "31.12.2026"}),
    "schedule.calendar.export.export.visits": _event(P.SCHEDULE_READ, ending="csv"),
    "schedule.queue.queue.load": _event(),
    "schedule.queue.queue.show": _event(P.SCHEDULE_READ),
    "schedule.queue.queue.refresh": _event(P.SCHEDULE_READ),
    "schedule.queue.queue.choose": _event(P.SCHEDULE_READ, department="", doctor=""),
    "schedule.queue.queue.mark": _event(P.SCHEDULE_EDIT, **_id("appointment_id"), version=1, act="arrived"),
    "schedule.queue.queue.take_back": _event(P.SCHEDULE_EDIT),
    "schedule.schedule.load": _event(),
    "schedule.schedule.show": _event(P.SCHEDULE_READ),
    "schedule.schedule.refresh": _event(P.SCHEDULE_READ),
    "schedule.schedule.choose_person": _event(P.SCHEDULE_READ, **_id("person_id")),
    "schedule.schedule.choose_day": _event(P.SCHEDULE_READ, day="2026-11-23"),
    "schedule.schedule.choose_department": _event(P.SCHEDULE_READ, **_id("department_id")),
    "schedule.schedule.choose_status": _event(P.SCHEDULE_READ, status="booked"),
    "schedule.calendar.grid.book": _event(P.SCHEDULE_EDIT, **_id("who"), slot=""),
    "schedule.booking.booking.open": _event(P.SCHEDULE_EDIT, slot=""),
    "schedule.booking.booking.close": _event(P.SCHEDULE_EDIT),
    "schedule.booking.booking.search": _event(P.PATIENTS_SEARCH, text="Сидоров"),
    "schedule.booking.booking.choose": _event(P.SCHEDULE_EDIT, **_id("patient_id")),
    "schedule.booking.booking.choose_kind": _event(P.SCHEDULE_EDIT, kind="first"),
    "schedule.booking.booking.choose_slot": _event(P.SCHEDULE_EDIT, slot=""),
    "schedule.booking.booking.book": _event(P.SCHEDULE_EDIT, slot=""),
    "schedule.booking.booking.choose_device": _event(P.SCHEDULE_EDIT, **_id("device_id")),
    "schedule.booking.booking.turn_over": _event(P.SCHEDULE_OVERBOOK),
    "schedule.booking.booking.book_over": _event(P.SCHEDULE_OVERBOOK, form={"at": "2026-11-24T10:00", "reason": "x"}),
    "schedule.booking.booking.book_anyway": _event(P.SCHEDULE_EDIT),
    "schedule.visit.visit.settle": _event(),
    "schedule.visit.visit.move_anyway": _event(P.SCHEDULE_EDIT),
    "schedule.resources.resources.load": _event(),
    "schedule.resources.resources.show": _event(P.SCHEDULE_DEPARTMENT),
    "schedule.resources.resources.refresh": _event(P.SCHEDULE_DEPARTMENT),
    "schedule.resources.resources.choose": _event(P.SCHEDULE_DEPARTMENT, kind="room"),
    "schedule.resources.resources.turn": _event(P.SCHEDULE_DEPARTMENT, page=2),
    "schedule.resources.resources.save": _event(P.SCHEDULE_RESOURCES, form={"name": "214", "starts": "00:00"}),
    "schedule.resources.resources.agree": _event(P.SCHEDULE_RESOURCES),
    "schedule.resources.resources.give_up": _event(P.SCHEDULE_RESOURCES),
    "schedule.resources.resources.remove": _event(P.SCHEDULE_RESOURCES, **_id("resource_id")),
    "schedule.resources.resources.reopen": _event(P.SCHEDULE_RESOURCES, **_id("closed_id")),
    "schedule.visit.visit.call": _event(P.SCHEDULE_EDIT),
    "schedule.visit.visit.open": _event(P.SCHEDULE_READ, **_id("appointment_id")),
    "schedule.visit.visit.begin": _event(P.SCHEDULE_EDIT, **_id("appointment_id")),
    "schedule.visit.visit.look_at": _event(P.SCHEDULE_EDIT, **_id("person_id")),
    "schedule.visit.visit.drop": _event(
        P.SCHEDULE_EDIT, key="k", **_id("appointment_id"), version=1, **_id("who"), slot=""
    ),
    "schedule.visit.visit.ask": _event(
        P.SCHEDULE_EDIT, key="k", **_id("appointment_id"), version=1, **_id("who"), slot=""
    ),
    "schedule.visit.visit.close": _event(P.SCHEDULE_READ),
    "schedule.visit.visit.sync": _event(P.SCHEDULE_READ),
    "schedule.visit.visit.turn_to": _event(P.SCHEDULE_EDIT, act=""),
    "schedule.visit.visit.look_near": _event(P.SCHEDULE_EDIT, day="2026-11-23"),
    "schedule.visit.visit.move": _event(P.SCHEDULE_EDIT, slot=""),
    "schedule.visit.visit.cancel": _event(P.SCHEDULE_EDIT),
    "schedule.visit.visit.choose_reason": _event(P.SCHEDULE_EDIT, reason="x"),
    "schedule.visit.visit.mark": _event(P.SCHEDULE_EDIT, **_id("appointment_id"), version=1, act="arrived"),
    "schedule.visit.visit.take_back": _event(P.SCHEDULE_EDIT),
    "dashboards.figures.load": _event(),
    "dashboards.figures.show": _event(P.FIGURES_DEPARTMENT),
    "dashboards.figures.refresh": _event(P.FIGURES_DEPARTMENT),
    "dashboards.figures.choose_preset": _event(P.FIGURES_DEPARTMENT, preset="month"),
    "dashboards.figures.choose_period": _event(P.FIGURES_DEPARTMENT, form={"from": "2026-10-01", "to": "2026-11-01"}),
    "dashboards.figures.choose_department": _event(P.FIGURES_DEPARTMENT, **_id("department_id")),
    "dashboards.figures.choose_rows": _event(P.FIGURES_DEPARTMENT, rows=""),
    "dashboards.figures.open_mark": _event(P.FIGURES_DEPARTMENT, chart="visits", index=0),
    "dashboards.figures.turn": _event(P.FIGURES_DEPARTMENT, by=1),
    "dashboards.figures.export": _event(P.FIGURES_DEPARTMENT),
    "finance.finance.load": _event(),
    "finance.finance.show": _event(P.FINANCE_DEPARTMENT),
    "finance.finance.choose": _event(P.FINANCE_DEPARTMENT, what="payer", value="oms"),
    "finance.finance.choose_rows": _event(P.FINANCE_DEPARTMENT, rows="outcome:rejected"),
    "finance.finance.open_mark": _event(P.FINANCE_DEPARTMENT, chart="flow", index=0),
    "finance.finance.turn": _event(P.FINANCE_DEPARTMENT, by=1),
    "finance.finance.export": _event(P.FINANCE_DEPARTMENT, kind="csv"),
    "staff.staff.load": _event(),
    "staff.staff.show": _event(P.STAFF),
    "staff.staff.refresh": _event(P.STAFF),
    "staff.staff.search": _event(P.STAFF, text="Иванова"),
    "staff.staff.choose": _event(P.STAFF, department="all", kind="all", state="all"),
    "staff.staff.turn": _event(P.STAFF, page=2),
    "staff.staff.resend": _event(P.STAFF, **_id("invitation_id")),
    "staff.staff.revoke": _event(P.STAFF, **_id("invitation_id")),
    "staff.person.person.load": _event(),
    "staff.person.person.show": _event(P.STAFF),
    "staff.person.person.refresh": _event(P.STAFF),
    "staff.person.person.end_place": _event(P.STAFF, **_id("membership_id")),
    "staff.person.person.restore": _event(P.STAFF, **_id("person_id")),
    "staff.person.person.keep": _event(P.STAFF, **_id("person_id")),
    "staff.departments.departments.load": _event(),
    "staff.departments.departments.show": _event(P.STAFF),
    "staff.departments.departments.refresh": _event(P.STAFF),
    "staff.departments.departments.close": _event(P.STAFF, **_id("department_id")),
    "staff.invitations.invite.load": _event(),
    "staff.invitations.invitation.load": _event(P.ACCOUNT),
    "staff.sheets.sheet.load": _event(),
    "staff.sheets.sheet.show": _event(P.STAFF),
    "staff.sheets.sheet.taken": _event(P.STAFF, **_id("sheet_id")),
    "staff.sheets.sheet.choose": _event(P.STAFF, only="all"),
    "staff.sheets.sheet.turn": _event(P.STAFF, page=2),
    "staff.sheets.sheet.apply": _event(P.STAFF, **_id("sheet_id"), rows="all"),
    "staff.sheets.sheet.discard": _event(P.STAFF, **_id("sheet_id")),
}
"""By module and state: `medcab.schedule.visit.state.VisitState.open` is `schedule.visit.visit.open`."""


def short(name: str) -> str:
    """The row's name of a registered handler."""
    _, _, path = name.partition("state.")
    state, _, handler = path.rpartition(".")
    module, _, cls = state.rpartition("____")
    parts = [part for part in module.split("___") if part not in ("medcab", "state", "tab")]
    return ".".join([*parts, cls.removesuffix("_state"), handler])


@dataclass(frozen=True)
class Door:
    """A route that changes something. `is_open`: works without a session (within a flow of its own). `body`: right types."""

    is_open: bool
    body: dict[str, Any] = field(default_factory=dict)


_PERSON = {
    "family_name": "Иванова",
    "given_name": "Анна",
    "birth_date": "14.03.1985",
    "snils": "112-233-445 95",
    "inn": "500100732259",
}
_CODE = {"code": "000000"}
_PAPER = {"kind": "diploma", "number": "107704 0012345", "issued_on": "01.07.2010"}

POSTS: dict[str, Door] = {
    "/auth/sign-in": Door(True, {"login": "+79120000001", "password": "x"}),
    "/auth/sign-in/code": Door(True, _CODE),
    "/auth/sign-in/resend": Door(True),
    "/auth/sign-in/method": Door(True, {"method": "sms"}),
    "/auth/sign-out": Door(True),
    "/auth/check": Door(True, {"field": "inn", "value": "1"}),
    "/auth/password-rules": Door(True, {"password": "x"}),
    "/auth/register/person": Door(True, _PERSON),
    "/auth/register/contacts": Door(True, {"phone": "+79120000099", "email": "x@medcab.example"}),
    "/auth/register/password": Door(True, {"password": "x"}),
    "/auth/register/phone": Door(True, _CODE),
    "/auth/register/email": Door(True, _CODE),
    "/auth/register/phone/resend": Door(True),
    "/auth/register/email/resend": Door(True),
    "/auth/recovery": Door(True, {"login": "+79120000001"}),
    "/auth/recovery/code": Door(True, _CODE),
    "/auth/recovery/resend": Door(True),
    "/auth/recovery/factor": Door(True, _CODE),
    "/auth/recovery/password": Door(True, {"password": "x"}),
    "/account/step-up/send": Door(False),
    "/account/step-up": Door(False, _CODE),
    "/account/totp/begin": Door(False),
    "/account/totp/confirm": Door(False, _CODE),
    "/account/totp/remove": Door(False),
    "/account/recovery-codes": Door(False),
    "/account/phone": Door(False, {"phone": "+79120000099"}),
    "/account/email": Door(False, {"email": "x@medcab.example"}),
    "/account/phone/confirm": Door(False, _CODE),
    "/account/email/confirm": Door(False, _CODE),
    "/account/phone/resend": Door(False),
    "/account/email/resend": Door(False),
    "/account/password": Door(False, {"current": "x", "new": "y"}),
    "/account/consent": Door(False, {"agree": True}),
    "/account/identity/bank": Door(False, {}),
    "/account/identity/bank/answer": Door(False, {"state": "x" * 43, "code": "x", "iss": "https://bank.example"}),
    "/api/verification/identity": Door(False, _PERSON),
    "/api/verification/details": Door(
        False, {"register_number": "1", "organisation": "x", "post": "x", "specialty": "x", "okpd2": "86.21"}
    ),
    "/api/verification/paper": Door(False, _PAPER),
    "/api/verification/code/begin": Door(False),
    "/api/verification/code/resend": Door(False),
    "/api/verification/code": Door(False, _CODE),
    "/api/verification/submit": Door(False),
    "/api/verification/retry": Door(False),
    "/api/files": Door(False),
    "/api/staff/place": Door(False, {"role": "nurse", "department_id": "", "post": "x", "rate": "1", "since": ""}),
    "/api/staff/suspend": Door(False, {"until": "", "reason": "x", "agreed": True}),
    "/api/staff/dismiss": Door(False, {"last_day": "01.12.2026", "reason": "", "agreed": True}),
    "/api/staff/invite": Door(
        False, {"family_name": "Новая", "given_name": "Анна", "email": "x@medcab.example", "role": "nurse"}
    ),
    "/api/staff/department": Door(False, {"name": "Новое отделение"}),
    "/api/invitations/accept": Door(False, _id("id")),
    "/api/invitations/decline": Door(False, _id("id")),
    "/api/staff/sheets": Door(False),
    "/api/schedule/rota": Door(False),
    "/api/visit": Door(True, {"token": "x" * 43, "answer": "no", "version": 1}),
    "/api/video/{video_id}/still": Door(False),
    "/api/calendar": Door(False, {"name": "Телефон", "with_names": False, "with_hours": False}),
    "/api/away": Door(False),
}
FORMS: dict[str, bool] = {
    "session": True, "sign-in": True, "sign-in-code": True, "register-person": True, "register-contacts": True,
    "register-password": True, "register-phone": True, "register-email": True, "recovery": True, "recovery-code": True,
    "recovery-factor": True, "recovery-password": True, "consent": False, "email": False, "password": False, "phone": False,
    "security": False, "step-up": False, "activation-code": False, "details": False, "identity": False, "paper": False, "paper-read": False,
    "staff-place": False, "staff-person": False, "staff-invite": False, "staff-department": False,
    "visit": True, "calendar": False,
}  # fmt: skip
"""`GET /auth/form/<name>`: whether it answers without a session."""
GETS = (
    "/auth/form/{name}", "/api/files/form", "/api/files/{id}", "/api/files/{id}/preview", "/api/staff/sheets/form",
    "/api/disputes/{dispute_id}/papers/{document_id}/preview",
    "/api/staff/sheets/sample", "/api/schedule/rota/form", "/api/schedule/rota/sample", "/api/video/{video_id}/still",
    "/api/calendar/{secret}.ics", "/api/away/form",
)  # fmt: skip
SIGNED = ("/api/supervision/notices",)
"""Doors for other programs: a key instead of a session (tests/api/test_supervision.py)."""
