"""Every page of the cabinet: where it is, what it is called, what it loads, and what it takes to open it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from medcab.access import Permission
from medcab.accounts.factors.pages import email_page, password_page, phone_page, security_page, step_up_page, totp_page
from medcab.accounts.identity.pages import profile_page
from medcab.accounts.identity.state import ProfileState
from medcab.accounts.inbox.pages import notices_page
from medcab.accounts.inbox.state import NoticesState
from medcab.accounts.recovery import pages as recovery
from medcab.accounts.registration import pages as registration
from medcab.accounts.sessions.pages import journal_page
from medcab.accounts.sessions.state import JournalState
from medcab.accounts.sign_in import pages as sign_in
from medcab.accounts.signature.pages import consent_page
from medcab.compliance.pages import compliance_page
from medcab.compliance.people.pages import people_page
from medcab.compliance.people.state import PeopleState
from medcab.compliance.state import ComplianceState
from medcab.dashboards.epidemiology.pages import epidemiology_page
from medcab.dashboards.epidemiology.state import EpidemiologyState
from medcab.dashboards.pages import figures_page
from medcab.dashboards.state import FiguresState
from medcab.desk.pages import desk_page
from medcab.desk.state import DeskState
from medcab.documents.pages import documents_page
from medcab.documents.state import DocumentsState
from medcab.finance.bringing.pages import bringing_page
from medcab.finance.bringing.state import BringingState
from medcab.finance.pages import finance_page
from medcab.finance.plans.pages import plans_page
from medcab.finance.plans.state import PlansState
from medcab.finance.registers.lines.pages import register_page
from medcab.finance.registers.lines.state import RegisterState
from medcab.finance.registers.pages import registers_page
from medcab.finance.registers.state import RegistersState
from medcab.finance.state import FinanceState
from medcab.finance.tariffs.pages import tariffs_page
from medcab.finance.tariffs.state import TariffsState
from medcab.proofs.pages import bank_page, identity_page
from medcab.proofs.state import IdentityState
from medcab.proofs.video.desk.pages import desk_page as video_desk_page
from medcab.proofs.video.desk.state import VideoDeskState
from medcab.proofs.video.hours.pages import hours_page
from medcab.proofs.video.hours.state import VideoHoursState
from medcab.proofs.video.pages import video_page
from medcab.proofs.video.state import VideoState
from medcab.schedule.absences.pages import TITLES, absence_page, moves_page
from medcab.schedule.absences.state import AbsenceState
from medcab.schedule.away.pages import away_page
from medcab.schedule.away.state import AwayState
from medcab.schedule.feeds.pages import feeds_page
from medcab.schedule.feeds.state import FeedsState
from medcab.schedule.handover.pages import TITLE as HANDOVER_TITLE
from medcab.schedule.handover.pages import handover_page
from medcab.schedule.handover.state import HandoverState
from medcab.schedule.hours.pages import hours_page as hours_of_reception_page
from medcab.schedule.hours.state import HoursState
from medcab.schedule.pages import schedule_page
from medcab.schedule.queue.pages import queue_page
from medcab.schedule.queue.state import QueueState
from medcab.schedule.reminders.pages import visit_page
from medcab.schedule.resources.pages import resources_page
from medcab.schedule.resources.state import ResourcesState
from medcab.schedule.rota.pages import rota_page
from medcab.schedule.rota.state import RotaState
from medcab.schedule.state import ScheduleState
from medcab.schedule.visit.state import VisitState
from medcab.schedule.waiting.pages import waiting_page
from medcab.schedule.waiting.state import WaitingState
from medcab.staff.departments.pages import departments_page
from medcab.staff.departments.state import DepartmentsState
from medcab.staff.invitations.pages import invitation_page
from medcab.staff.invitations.state import InvitationState, InviteState
from medcab.staff.inviting.pages import invite_page
from medcab.staff.pages import staff_page
from medcab.staff.person.pages import person_page
from medcab.staff.person.state import PersonState
from medcab.staff.sheets.pages import sheet_page
from medcab.staff.sheets.state import SheetState
from medcab.staff.state import StaffState
from medcab.verification.activation.pages import activation_page
from medcab.verification.activation.state import ActivationState
from medcab.verification.disputes.desk.pages import disputes_page
from medcab.verification.disputes.desk.state import DisputesState
from medcab.verification.disputes.own.pages import own_dispute_page
from medcab.verification.disputes.own.state import OwnDisputeState
from medcab.verification.services.pages import services_page
from medcab.verification.services.state import ServicesState
from medcab.verification.watch.pages import comparison_page
from medcab.verification.watch.state import ComparisonState


@dataclass(frozen=True)
class Route:
    """A signed-in page in the frame; `icon` puts it into the navigation."""

    path: str
    title: str
    page: Callable[[], rx.Component]
    on_load: Any
    permission: Permission = Permission.ACCOUNT
    icon: str = ""
    short: str = ""
    """What the bar of a phone calls it, where the title is long."""
    section: str = ""
    """Path of the section it belongs to; empty: its own."""


@dataclass(frozen=True)
class PublicRoute:
    """A page for people without a session; it brings its own frame."""

    path: str
    title: str
    page: Callable[[], rx.Component]
    is_unlisted: bool = False
    """Not for search engines: it is reached by somebody's own link."""


ROUTES: list[Route] = [
    Route("/", "Рабочий стол", desk_page, DeskState.load, Permission.DESK, icon="layout-dashboard"),
    Route(
        "/schedule",
        "Расписание",
        schedule_page,
        [ScheduleState.load, VisitState.settle],
        Permission.SCHEDULE_READ,
        icon="calendar-days",
    ),
    Route(
        "/schedule/hours",
        "Часы приёма",
        hours_of_reception_page,
        HoursState.load,
        Permission.SCHEDULE_EDIT,
        section="/schedule",
    ),
    Route("/schedule/queue", "Очередь", queue_page, QueueState.load, Permission.SCHEDULE_READ, section="/schedule"),
    Route(
        "/schedule/absence",
        TITLES[True],
        absence_page,
        AbsenceState.load,
        Permission.SCHEDULE_EDIT,
        section="/schedule",
    ),
    Route(
        "/schedule/calendar",
        "Календарь в телефоне",
        feeds_page,
        FeedsState.load,
        Permission.SCHEDULE_READ,
        section="/schedule",
    ),
    Route(
        "/schedule/away",
        "Отсутствия из календаря",
        away_page,
        AwayState.load,
        Permission.SCHEDULE_EDIT,
        section="/schedule",
    ),
    Route(
        "/schedule/moves", TITLES[False], moves_page, AbsenceState.load, Permission.SCHEDULE_EDIT, section="/schedule"
    ),
    Route(
        "/schedule/handover",
        HANDOVER_TITLE,
        handover_page,
        HandoverState.load,
        Permission.HANDOVER_DEPARTMENT,
        section="/schedule",
    ),
    Route(
        "/schedule/rota",
        "График из файла",
        rota_page,
        RotaState.load,
        Permission.SCHEDULE_DEPARTMENT,
        section="/schedule",
    ),
    Route(
        "/schedule/resources",
        "Кабинеты и оборудование",
        resources_page,
        ResourcesState.load,
        Permission.SCHEDULE_DEPARTMENT,
        section="/schedule",
    ),
    Route(
        "/schedule/waiting",
        "Лист ожидания",
        waiting_page,
        WaitingState.load,
        Permission.SCHEDULE_EDIT,
        section="/schedule",
    ),
    Route(
        "/figures",
        "Показатели отделения",
        figures_page,
        FiguresState.load,
        Permission.FIGURES_DEPARTMENT,
        icon="chart-column",
        short="Показатели",
    ),
    Route("/finance", "Финансы", finance_page, FinanceState.load, Permission.FINANCE_DEPARTMENT, icon="chart-line"),
    *(
        Route(f"/finance/{path}", title, drawn, on_load, Permission.FINANCE_ORGANISATION, section="/finance")
        for path, title, drawn, on_load in (
            ("registers", "Реестры счетов", registers_page, RegistersState.load),
            ("register", "Реестр", register_page, RegisterState.load),
            ("tariffs", "Тарифы", tariffs_page, TariffsState.load),
            ("plans", "Планы объёмов", plans_page, PlansState.load),
            ("sheet", "Файл", bringing_page, BringingState.load),
        )
    ),
    Route(
        "/epidemiology",
        "Заболеваемость",
        epidemiology_page,
        EpidemiologyState.load,
        Permission.FIGURES_DEPARTMENT,
        icon="activity",
        short="Болезни",
    ),
    Route(
        "/comparison",
        "Сверка с регистром",
        comparison_page,
        ComparisonState.load,
        Permission.REGISTER_WATCH,
        icon="shield-check",
        short="Регистр",
    ),
    Route(
        "/compliance",
        "Соответствие требованиям",
        compliance_page,
        ComplianceState.load,
        Permission.VERIFICATION,
        icon="list-checks",
        short="Требования",
    ),
    Route(
        "/compliance/people",
        "Требования к сотрудникам",
        people_page,
        PeopleState.load,
        Permission.COMPLIANCE_DEPARTMENT,
        icon="clipboard-check",
        short="Сроки",
    ),
    Route(
        "/disputes",
        "Спорные вопросы",
        disputes_page,
        DisputesState.load,
        Permission.SUPPORT_DESK,
        icon="message-square",
        short="Споры",
    ),
    Route(
        "/identity/desk",
        "Видеозвонки",
        video_desk_page,
        VideoDeskState.load,
        Permission.SUPPORT_DESK,
        icon="camera",
        short="Видео",
    ),
    Route(
        "/identity/desk/hours",
        "Часы видеозвонков",
        hours_page,
        VideoHoursState.load,
        Permission.SUPPORT_DESK,
        section="/identity/desk",
    ),
    Route("/staff", "Сотрудники", staff_page, StaffState.load, Permission.STAFF, icon="users"),
    Route("/staff/person", "Сотрудник", person_page, PersonState.load, Permission.STAFF, section="/staff"),
    Route("/staff/invite", "Пригласить", invite_page, InviteState.load, Permission.STAFF, section="/staff"),
    Route(
        "/staff/departments", "Отделения", departments_page, DepartmentsState.load, Permission.STAFF, section="/staff"
    ),
    Route("/staff/list", "Список из файла", sheet_page, SheetState.load, Permission.STAFF, section="/staff"),
    Route("/invitation", "Приглашение", invitation_page, InvitationState.load, section="/"),
    Route(
        "/services",
        "Мои сервисы",
        services_page,
        ServicesState.load,
        Permission.VERIFICATION,
        icon="badge-check",
        short="Сервисы",
    ),
    Route(
        "/activation",
        "Врачебный кабинет",
        activation_page,
        ActivationState.load,
        Permission.VERIFICATION,
        section="/services",
    ),
    Route(
        "/activation/dispute",
        "Спорный вопрос",
        own_dispute_page,
        OwnDisputeState.load,
        Permission.VERIFICATION,
        section="/services",
    ),
    Route("/documents", "Документы", documents_page, DocumentsState.load, Permission.VERIFICATION, icon="folder-open"),
    Route("/notices", "Уведомления", notices_page, NoticesState.load),
    Route("/profile", "Профиль", profile_page, ProfileState.load),
    Route("/identity", "Подтверждение личности", identity_page, IdentityState.load, section="/profile"),
    Route("/identity/video", "Видеозвонок", video_page, VideoState.load, section="/profile"),
    Route("/identity/bank", "Ответ банка", bank_page, [], section="/profile"),
    Route("/security", "Безопасность", security_page, []),
    Route("/security/confirm", "Подтверждение", step_up_page, [], section="/security"),
    Route("/security/totp", "Приложение-аутентификатор", totp_page, [], section="/security"),
    Route("/security/password", "Смена пароля", password_page, [], section="/security"),
    Route("/security/phone", "Смена телефона", phone_page, [], section="/security"),
    Route("/security/email", "Смена e-mail", email_page, [], section="/security"),
    Route("/journal", "Журнал входов", journal_page, JournalState.load),
    Route("/consent", "Электронная подпись", consent_page, []),
]
PUBLIC_ROUTES: list[PublicRoute] = [
    PublicRoute("/sign-in", "Вход", sign_in.sign_in_page),
    PublicRoute("/sign-in/code", "Подтверждение входа", sign_in.code_page),
    PublicRoute("/register/person", "Регистрация", registration.person_page),
    PublicRoute("/register/contacts", "Регистрация: контакты", registration.contacts_page),
    PublicRoute("/register/password", "Регистрация: пароль", registration.password_page),
    PublicRoute("/register/phone", "Регистрация: телефон", registration.phone_page),
    PublicRoute("/register/email", "Регистрация: почта", registration.email_page),
    PublicRoute("/register/done", "Регистрация: данные приняты", registration.done_page),
    PublicRoute("/recovery", "Восстановление доступа", recovery.start_page),
    PublicRoute("/recovery/code", "Восстановление: код", recovery.code_page),
    PublicRoute("/recovery/factor", "Восстановление: подтверждение", recovery.factor_page),
    PublicRoute("/recovery/password", "Восстановление: новый пароль", recovery.password_page),
    PublicRoute("/v", "Приём в клинике", visit_page, is_unlisted=True),
]
