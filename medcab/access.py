"""Who may do what, on one screen. Pure: no clock, no database, no framework."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from medcab.errors import Forbidden


class Permission(StrEnum):
    """Named `feature:action`. Handlers and services never compare roles."""

    ACCOUNT = "account:manage"  # own profile, factors, sessions
    VERIFICATION = "verification:submit"  # own documents and their check
    DESK = "desk:read"
    PATIENTS_SEARCH = "patients:search"
    SCHEDULE_READ = "schedule:read"  # own day and week
    SCHEDULE_EDIT = "schedule:edit"  # book, move, cancel, mark
    SCHEDULE_DEPARTMENT = "schedule:department"  # the same for colleagues of the department
    SCHEDULE_ORGANISATION = "schedule:organisation"  # the same for everyone of the organisation
    SCHEDULE_OVERBOOK = "schedule:overbook"  # book on top of the plan, with a reason
    SCHEDULE_RESOURCES = "schedule:resources"  # keep the list of rooms and equipment
    DIAGNOSES = "schedule:diagnoses"  # write what was found at own visits; heads: at those of their departments
    HANDOVER_DEPARTMENT = (
        "handover:department"  # say who really led a visit of the own departments: figures and pay follow
    )
    HANDOVER_ORGANISATION = "handover:organisation"
    FIGURES_DEPARTMENT = "figures:department"  # the own departments' figures
    FIGURES_ORGANISATION = "figures:organisation"
    FINANCE_DEPARTMENT = "finance:department"  # what the own departments billed and what was paid
    FINANCE_ORGANISATION = "finance:organisation"
    REGISTER_WATCH = (
        "verification:watch"  # how the comparison of one's people with the register goes, and what it found
    )
    COMPLIANCE_DEPARTMENT = "compliance:department"  # how the people of the own departments fulfil what is asked
    COMPLIANCE_ORGANISATION = "compliance:organisation"
    STAFF = "staff:manage"  # the people and departments of one's clinic
    SUPPORT_DESK = "support:desk"
    JOURNAL_READ = "journal:read"


class Role(StrEnum):
    """What a person is in one organisation; one person may hold several."""

    SPECIALIST = "specialist"
    THERAPIST = "therapist"
    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    CLINIC_ADMIN = "clinic_admin"
    DEPARTMENT_HEAD = "department_head"
    SUPPORT = "support"
    SECURITY_ADMIN = "security_admin"


ROLE_TITLES: dict[Role, str] = {
    Role.SPECIALIST: "Врач-специалист",
    Role.THERAPIST: "Терапевт",
    Role.NURSE: "Медсестра",
    Role.PHARMACIST: "Фармацевт",
    Role.CLINIC_ADMIN: "Администратор клиники",
    Role.DEPARTMENT_HEAD: "Руководитель отделения",
    Role.SUPPORT: "Оператор поддержки",
    Role.SECURITY_ADMIN: "Администратор безопасности",
}

GIVEN_BY_CLINIC = (
    Role.SPECIALIST, Role.THERAPIST, Role.NURSE, Role.PHARMACIST, Role.DEPARTMENT_HEAD, Role.CLINIC_ADMIN,
)  # fmt: skip
"""Roles that a clinic's administrator gives and takes."""
NOT_MEDICAL = frozenset({Role.SUPPORT, Role.SECURITY_ADMIN})
"""Roles that need no verified medical standing."""

_P = Permission
EVERYONE = frozenset({_P.ACCOUNT, _P.VERIFICATION, _P.DESK})
_RECEPTION = frozenset({_P.PATIENTS_SEARCH, _P.SCHEDULE_READ, _P.SCHEDULE_EDIT})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.SPECIALIST: _RECEPTION | {_P.SCHEDULE_OVERBOOK, _P.DIAGNOSES},
    Role.THERAPIST: _RECEPTION | {_P.SCHEDULE_OVERBOOK, _P.DIAGNOSES},
    Role.NURSE: _RECEPTION | {_P.SCHEDULE_DEPARTMENT},
    Role.PHARMACIST: frozenset(),
    Role.CLINIC_ADMIN: _RECEPTION
    | {
        _P.SCHEDULE_DEPARTMENT,
        _P.SCHEDULE_ORGANISATION,
        _P.SCHEDULE_OVERBOOK,
        _P.SCHEDULE_RESOURCES,
        _P.HANDOVER_DEPARTMENT,
        _P.HANDOVER_ORGANISATION,
        _P.FIGURES_DEPARTMENT,
        _P.FIGURES_ORGANISATION,
        _P.FINANCE_DEPARTMENT,
        _P.FINANCE_ORGANISATION,
        _P.REGISTER_WATCH,
        _P.COMPLIANCE_DEPARTMENT,
        _P.COMPLIANCE_ORGANISATION,
        _P.STAFF,
    },
    Role.DEPARTMENT_HEAD: _RECEPTION
    | {
        _P.SCHEDULE_DEPARTMENT,
        _P.SCHEDULE_OVERBOOK,
        _P.SCHEDULE_RESOURCES,
        _P.DIAGNOSES,
        _P.HANDOVER_DEPARTMENT,
        _P.FIGURES_DEPARTMENT,
        _P.FINANCE_DEPARTMENT,
        _P.COMPLIANCE_DEPARTMENT,
    },
    Role.SUPPORT: frozenset({_P.SUPPORT_DESK}),
    Role.SECURITY_ADMIN: frozenset({_P.JOURNAL_READ}),
}


class Action(StrEnum):
    """What the audit journal calls things: `feature:object:verb`."""

    ACCOUNT_REGISTER = "account:person:register"
    ACCOUNT_REGISTER_TAKEN = "account:person:register-taken"
    SIGN_IN_REFUSED = "account:sign-in:refuse"
    SIGN_IN = "account:session:start"
    SIGN_OUT = "account:session:end"
    SESSION_END_OTHERS = "account:session:end-others"
    SESSION_STEP_UP = "account:session:step-up"
    SESSION_DISOWN = "account:session:disown"
    CODE_SEND = "account:code:send"
    CODE_REFUSED = "account:code:refuse"
    PASSWORD_CHANGE = "account:password:change"
    PASSWORD_RECOVER = "account:password:recover"
    TOTP_ENROL = "account:totp:enrol"
    TOTP_REMOVE = "account:totp:remove"
    RECOVERY_CODES_MAKE = "account:recovery-codes:make"
    RECOVERY_CODE_USE = "account:recovery-code:use"
    PHONE_CHANGE = "account:phone:change"
    IDENTITY_CORRECT = "account:identity:correct"
    IDENTITY_PROVE = "proofs:identity:prove"
    BANK_ASK = "proofs:bank:ask"
    BANK_ANSWER = "proofs:bank:answer"
    VIDEO_BOOK = "proofs:video:book"
    VIDEO_CANCEL = "proofs:video:cancel"
    VIDEO_ARRIVE = "proofs:video:arrive"
    VIDEO_VIEW = "proofs:video:view"
    VIDEO_BEGIN = "proofs:video:begin"
    VIDEO_DECIDE = "proofs:video:decide"
    VIDEO_HOURS = "proofs:video:hours"
    VIDEO_STILL_TAKE = "proofs:video-still:take"
    VIDEO_STILL_VIEW = "proofs:video-still:view"
    VIDEO_STILL_FORGET = "proofs:video-still:forget"
    EMAIL_CHANGE = "account:email:change"
    ORGANISATION_CHOOSE = "account:organisation:choose"
    ROLE_GRANT = "account:role:grant"
    CONSENT_GIVE = "account:consent:give"
    CONSENT_DECLINE = "account:consent:decline"
    CERTIFICATE_ISSUE = "account:certificate:issue"
    FILE_ADD = "documents:file:add"
    FILE_READ = "documents:file:read"
    FILE_REFUSED = "documents:file:refuse"
    FILE_REMOVE = "documents:file:remove"
    DOCUMENT_SAVE = "documents:document:save"
    DOCUMENT_REMOVE = "documents:document:remove"
    CASE_SAVE = "verification:case:save"
    CASE_SUBMIT = "verification:case:submit"
    CASE_CHECK = "verification:case:check"
    CASE_ACTIVATE = "verification:case:activate"
    CASE_CLOSE = "verification:case:close"
    REGISTER_COMPARE = "verification:round:start"
    REGISTER_COMPARED = "verification:round:end"
    REGISTER_VIEW = "verification:round:view"
    SUPERVISION_NOTICE = "verification:notice:receive"
    DISPUTE_OPEN = "verification:dispute:open"
    DISPUTE_ADD = "verification:dispute:add"
    DISPUTE_WITHDRAW = "verification:dispute:withdraw"
    DISPUTE_CLOSE = "verification:dispute:close"
    DISPUTE_VIEW = "verification:dispute:view"
    DISPUTE_ASK = "verification:dispute:ask"
    DISPUTE_REFUSE = "verification:dispute:refuse"
    DISPUTE_PROPOSE = "verification:dispute:propose"
    DISPUTE_CONFIRM = "verification:dispute:confirm"
    DISPUTE_SEND_BACK = "verification:dispute:send-back"
    OVERRIDE_END = "verification:override:end"
    PATIENTS_SEARCH = "patients:patient:search"
    PATIENT_PHONE = "patients:patient:phone"
    SCHEDULE_VIEW = "schedule:day:view"
    RECEPTION_OPEN = "schedule:reception:open"
    RECEPTION_CLOSE = "schedule:reception:close"
    RECEPTION_REOPEN = "schedule:reception:reopen"
    TEMPLATE_KEEP = "schedule:template:keep"
    TEMPLATE_END = "schedule:template:end"
    ROTA_ADD = "schedule:rota:add"
    ROTA_APPLY = "schedule:rota:apply"
    ROTA_EXPORT = "schedule:rota:export"
    VISITS_EXPORT = "schedule:visits:export"
    APPOINTMENT_BOOK = "schedule:appointment:book"
    APPOINTMENT_OVERBOOK = "schedule:appointment:overbook"
    APPOINTMENT_MOVE = "schedule:appointment:move"
    APPOINTMENT_CANCEL = "schedule:appointment:cancel"
    APPOINTMENT_MARK = "schedule:appointment:mark"
    DIAGNOSES_VIEW = "schedule:diagnoses:view"
    DIAGNOSIS_ADD = "schedule:diagnosis:add"
    DIAGNOSIS_CHANGE = "schedule:diagnosis:change"
    DIAGNOSIS_STRIKE = "schedule:diagnosis:strike"
    APPOINTMENT_PAYER = "schedule:appointment:payer"
    RESOURCE_ADD = "schedule:resource:add"
    RESOURCE_CHANGE = "schedule:resource:change"
    RESOURCE_REMOVE = "schedule:resource:remove"
    RESOURCE_CLOSE = "schedule:resource:close"
    RESOURCE_REOPEN = "schedule:resource:reopen"
    WISH_VIEW = "schedule:wish:view"
    WISH_ADD = "schedule:wish:add"
    WISH_CHANGE = "schedule:wish:change"
    WISH_WITHDRAW = "schedule:wish:withdraw"
    WISH_OFFER = "schedule:wish:offer"
    WISH_ACCEPT = "schedule:wish:accept"
    WISH_PASS = "schedule:wish:pass"
    WISH_FULFIL = "schedule:wish:fulfil"
    WISH_REOPEN = "schedule:wish:reopen"
    WISH_EXPIRE = "schedule:wish:expire"
    PATIENTS_REMIND = "schedule:patients:remind"
    LINK_CONFIRM = "schedule:link:confirm"
    LINK_DECLINE = "schedule:link:decline"
    LINK_PASS = "schedule:link:pass"
    ABSENCE_APPLY = "schedule:absence:apply"
    ABSENCE_TAKE_BACK = "schedule:absence:take-back"
    ABSENCE_SHORTEN = "schedule:absence:shorten"
    ABSENCE_TELL = "schedule:absence:tell"
    ABSENCE_CALL = "schedule:absence:call"
    ABSENCE_VIEW = "schedule:absence:view"
    ABSENCES_BRING = "schedule:absences:bring"
    HANDOVER_VIEW = "schedule:handover:view"
    HANDOVER_APPLY = "schedule:handover:apply"
    CALENDAR_MAKE = "schedule:calendar:make"
    CALENDAR_REVOKE = "schedule:calendar:revoke"
    CALENDAR_READ = "schedule:calendar:read"
    FIGURES_VIEW = "dashboards:figures:view"
    COMPLIANCE_VIEW = "compliance:people:view"
    COMPLIANCE_EXPORT = "compliance:people:export"
    REMINDERS_CHOOSE = "compliance:reminders:choose"
    FIGURES_EXPORT = "dashboards:figures:export"
    FIGURES_VIEW_KEEP = "dashboards:view:keep"
    FIGURES_VIEW_REMOVE = "dashboards:view:remove"
    FIGURES_VIEW_SEND = "dashboards:view:send"
    FIGURES_VISITS_VIEW = "dashboards:visits:view"
    FIGURES_VISITS_EXPORT = "dashboards:visits:export"
    FIGURES_REBUILD = "dashboards:figures:rebuild"
    CASES_VIEW = "dashboards:cases:view"
    CASES_ROWS = "dashboards:cases:open"
    CASES_EXPORT = "dashboards:cases:export"
    CASES_BRING = "dashboards:cases:bring"
    CASES_FORM = "dashboards:cases:form"
    FINANCE_VIEW = "finance:report:view"
    FINANCE_ROWS = "finance:visits:view"
    FINANCE_EXPORT = "finance:visits:export"
    FINANCE_BILL = "finance:register:make"
    FINANCE_REGISTER_VIEW = "finance:register:view"
    FINANCE_REGISTER_EXPORT = "finance:register:export"
    FINANCE_REGISTER_ANSWER = "finance:register:answer"
    FINANCE_LINE_WITHDRAW = "finance:line:withdraw"
    FINANCE_LINE_CORRECT = "finance:line:correct"
    FINANCE_TARIFF_KEEP = "finance:tariff:keep"
    FINANCE_TARIFF_REMOVE = "finance:tariff:remove"
    FINANCE_TARIFFS_BRING = "finance:tariffs:bring"
    FINANCE_TARIFFS_EXPORT = "finance:tariffs:export"
    FINANCE_PLAN_KEEP = "finance:plan:keep"
    FINANCE_SHEET_ADD = "finance:sheet:add"
    FINANCE_SHEET_DISCARD = "finance:sheet:discard"
    STAFF_VIEW = "staff:people:view"
    STAFF_PLACE_ADD = "staff:place:add"
    STAFF_PLACE_CHANGE = "staff:place:change"
    STAFF_PLACE_END = "staff:place:end"
    STAFF_SUSPEND = "staff:person:suspend"
    STAFF_RESTORE = "staff:person:restore"
    STAFF_DISMISS = "staff:person:dismiss"
    STAFF_KEEP = "staff:person:keep"
    DEPARTMENT_ADD = "staff:department:add"
    DEPARTMENT_RENAME = "staff:department:rename"
    DEPARTMENT_CLOSE = "staff:department:close"
    INVITATION_SEND = "staff:invitation:send"
    INVITATION_RESEND = "staff:invitation:resend"
    INVITATION_REVOKE = "staff:invitation:revoke"
    INVITATION_ACCEPT = "staff:invitation:accept"
    INVITATION_DECLINE = "staff:invitation:decline"
    STAFF_SHEET_ADD = "staff:sheet:add"
    STAFF_SHEET_APPLY = "staff:sheet:apply"
    EVENT_REFUSED = "security:event:refuse"
    REQUEST_REFUSED = "security:request:refuse"
    TAB_TAKEOVER = "security:tab:takeover"
    KEYS_ROTATE = "security:keys:rotate"
    ADMIN_CREATE = "security:admin:create"


@dataclass(frozen=True)
class Actor:
    """The person behind an event, as the database sees them now, in the organisation chosen in the header."""

    person_id: UUID
    session_id: UUID
    name: str
    """Short, as shown: «Иванова А. П.»."""
    organisation_id: UUID | None = None
    department_ids: frozenset[UUID] = frozenset()
    roles: frozenset[Role] = frozenset()
    is_active: bool = False
    """Verified and activated today (the standing of V6)."""
    stepped_up_at: datetime | None = None
    must_change_password: bool = False
    """Others may know it, or it is too old where that counts: nothing but the own account is open until it is changed."""
    posts: frozenset[tuple[Role, UUID]] = frozenset()
    """Which role is held in which department: without it a role opens none."""

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everyone's, plus those of each role that counts: a medical one only while the standing holds."""
        if self.must_change_password:
            return frozenset({Permission.ACCOUNT})
        return EVERYONE.union(*(GRANTS[role] for role in self.roles if self._counts(role)))

    def _counts(self, role: Role) -> bool:
        return self.is_active or role in NOT_MEDICAL

    @cached_property
    def closed(self) -> frozenset[Permission]:
        """What the roles would open, were the person activated."""
        if self.must_change_password:
            return frozenset()
        return frozenset().union(*(GRANTS[role] for role in self.roles)) - self.permissions

    def may(self, permission: Permission) -> bool:
        """Anywhere: what it holds over is asked of `departments_with`."""
        return permission in self.permissions

    def departments_with(self, permission: Permission) -> frozenset[UUID]:
        """Where the actor holds a role that gives this: whoever heads one department and works in another is no head there.

        A role held without a department opens none: those of the whole clinic have permissions of their own.
        """
        if not self.may(permission):
            return frozenset()
        return frozenset(ward for role, ward in self.posts if self._counts(role) and permission in GRANTS[role])


def why_closed(actor: Actor, permission: Permission) -> str:
    """Why the actor may not, a sentence; empty when they may."""
    if permission in actor.permissions:
        return ""
    if actor.must_change_password:
        return "Сначала смените пароль: «Безопасность» → «Сменить пароль»."
    if permission in actor.closed:
        return "Раздел откроется, когда кабинет будет активирован: «Мои сервисы» → «Врачебный кабинет»."
    if not actor.roles:
        return "Раздел откроется, когда кабинет будет активирован, а администратор клиники добавит вас в medcab."
    return Forbidden.message


def require(actor: Actor, permission: Permission) -> None:
    """Raise `Forbidden` unless the actor may."""
    if sentence := why_closed(actor, permission):
        raise Forbidden(sentence)
