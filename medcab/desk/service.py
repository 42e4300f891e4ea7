"""«Рабочий стол»: what this person should see first, by role and by the state of verification."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import NOT_MEDICAL, Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.factors import service as factors
from medcab.accounts.passwords import service as passwords
from medcab.compliance import service as compliance
from medcab.dashboards.attention.service import Ward, wards
from medcab.dashboards.epidemiology.alerts import service as epidemics
from medcab.dashboards.epidemiology.alerts.service import NewAlert
from medcab.dashboards.monthly import service as monthly
from medcab.dashboards.monthly.service import NewReport
from medcab.dashboards.service import Place
from medcab.dashboards.views import service as views
from medcab.dashboards.views.queries import Sent
from medcab.desk import queries
from medcab.desk.queries import Expected
from medcab.desk.rules import NextStep, Reminder, duties_reminder, ending_step, next_step, reminders, review_step
from medcab.documents.service import topic as case_topic
from medcab.proofs.video.desk import queries as calls
from medcab.proofs.video.rules import SessionState
from medcab.proofs.video.service import DESK as CALLS
from medcab.schedule import queries as schedule
from medcab.schedule.queries import Seen
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.service import topic as schedule_topic
from medcab.schedule.service import zone
from medcab.staff.invitations import service as invitations
from medcab.staff.invitations.service import Offer
from medcab.ui import formats
from medcab.verification import service as verification
from medcab.verification.disputes.desk import queries as disputes
from medcab.verification.disputes.queries import review_of
from medcab.verification.disputes.rules import wait_words
from medcab.verification.disputes.story.service import TOPIC as DISPUTES
from medcab.verification.rules import CaseState

EXPECTED_SHOWN = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OwnDay:
    """The person's own reception today: every visit in order, and the time still free."""

    visits: list[Seen]
    free: list[Span]


@dataclass(frozen=True)
class Count:
    """A number to watch, in words; `is_trouble` when it should be zero."""

    label: str
    value: int
    note: str
    is_trouble: bool = False
    href: str = ""
    """Where it is looked after; empty: nowhere in the cabinet."""


@dataclass(frozen=True)
class Desk:
    """Everything the page draws; what is None or empty is not this person's."""

    step: NextStep | None = None
    reminders: list[Reminder] = field(default_factory=list)
    day: OwnDay | None = None
    expected: list[Expected] | None = None
    wards: list[Ward] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    """Invitations that wait for the person's answer."""
    sent: list[Sent] = field(default_factory=list)
    """Views of figures that colleagues have sent."""
    reports: list[NewReport] = field(default_factory=list)
    """Reports of the last month of the person's own departments."""
    alerts: list[NewAlert] = field(default_factory=list)
    """Departments whose last week was above the threshold of incidence."""
    topics: list[str] = field(default_factory=list)
    """What to watch: a change there makes the desk old."""


async def desk(session: AsyncSession, actor: Actor, *, refreshed: bool = False) -> Desk:
    """The person's desk now. `refreshed`: it is open already, which is no new line in the journal."""
    require(actor, Permission.DESK)
    watched = await _wards(session, actor)
    day, expected = await _day(session, actor), None
    if day is None and actor.may(Permission.SCHEDULE_DEPARTMENT) and not actor.may(Permission.SCHEDULE_ORGANISATION):
        expected = await queries.expected(session, actor, Span(clock.now(), _today().ends_at), limit=EXPECTED_SHOWN)
    if (day or expected) and not refreshed:
        audit.record(session, actor, Action.SCHEDULE_VIEW, actor.person_id, day=clock.today(), place="desk")
    return Desk(
        step=await _step(session, actor), reminders=await _reminders(session, actor), day=day, expected=expected, wards=watched,
        offers=await invitations.offered(session, actor), sent=await views.received(session, actor), reports=await monthly.ready(session, actor), alerts=await epidemics.ready(session, actor), counts=[*await _support(session, actor), *await _security(session, actor)],
        topics=[*([DISPUTES, CALLS] if actor.may(Permission.SUPPORT_DESK) else []), schedule_topic(actor.person_id), views.topic(actor.person_id), case_topic(actor.person_id), *(f"figures:{place.id}" for place in _watched(actor, watched))],
    )  # fmt: skip


def _today() -> Span:
    return bounds(clock.today(), 1, zone())


def _watched(actor: Actor, wards: list[Ward]) -> list[Place]:
    """Departments whose changes show here: those drawn, and the own one of somebody who sees its visits."""
    own = [Place(key, "") for key in actor.departments_with(Permission.SCHEDULE_DEPARTMENT)]
    return list({place.id: place for place in [*own, *(ward.place for ward in wards)]}.values())


async def _step(session: AsyncSession, actor: Actor) -> NextStep | None:
    """Only for somebody with a medical role, or with none yet, whose cabinet is closed or will be soon."""
    if actor.roles and actor.roles <= NOT_MEDICAL:
        return None
    if actor.is_active:
        until = (await accounts.person(session, actor.person_id)).standing_until
        if until and until == await review_of(session, actor.person_id):
            return review_step(until, clock.today())
        return ending_step(until, clock.today())
    case = await verification.overview(session, actor)
    return next_step(case.state, [each.sentence for each in case.missing], case.reasons)


async def _reminders(session: AsyncSession, actor: Actor) -> list[Reminder]:
    known = await factors.overview(session, actor)
    age = await passwords.age(session, actor.person_id)
    safety = reminders(
        age,
        has_app=known.totp_since is not None,
        codes_left=known.recovery_codes_left,
        codes_warning=known.recovery_codes_warning,
    )
    return [*duties_reminder((await compliance.own(session, actor)).rows), *safety]


async def _day(session: AsyncSession, actor: Actor) -> OwnDay | None:
    """None for somebody who sees no patients today by the schedule."""
    if not actor.may(Permission.SCHEDULE_READ):
        return None
    today = _today()
    visits = await schedule.visits(session, actor, actor.person_id, today)
    free = await schedule.free_slots(session, actor, actor.person_id, today, clock.now(), clock.MOSCOW)
    receives = bool(visits or free) or bool(await schedule.receptions(session, actor, actor.person_id, today))
    return OwnDay(visits, free) if receives or actor.roles & set(schedule.RECEIVING) else None


async def _wards(session: AsyncSession, actor: Actor) -> list[Ward]:
    return await wards(session, actor) if actor.may(Permission.FIGURES_DEPARTMENT) else []


async def _support(session: AsyncSession, actor: Actor) -> list[Count]:
    if not actor.may(Permission.SUPPORT_DESK):
        return []
    here, waiting = actor.organisation_id, await disputes.waiting(session, actor)
    since = wait_words(clock.now() - waiting.oldest) if waiting.oldest else ""
    return [
        Count(
            "Спорные вопросы",
            waiting.count,
            f"дольше всех: {since}" if since else "никто не ждёт",
            is_trouble=True,
            href="/disputes",
        ),
        Count("Заблокированные кабинеты", await queries.blocked(session, here), "ждут разблокировки", is_trouble=True),
        Count(
            "Расхождения с регистром",
            await queries.cases_in(session, here, CaseState.MISMATCH),
            "сотрудникам может понадобиться помощь",
        ),
        Count(
            "Проверки в работе",
            await queries.cases_in(session, here, CaseState.SENT, CaseState.CHECKING),
            "ответа регистра ещё нет",
        ),
        await _calls(session, actor),
    ]


async def _calls(session: AsyncSession, actor: Actor) -> Count:
    """Of today, the colleagues' that may be taken over included; who is there already waits."""
    today = [
        place.session for place in await calls.to_come(session, actor) if place.session.starts_at < _today().ends_at
    ]
    there = sum(1 for one in today if one.state is SessionState.BOOKED and one.arrived_at)
    next_one = min((one.starts_at for one in today), default=None)
    note = "никто не ждёт" if next_one is None else f"ближайший в {formats.time(next_one)}"
    if there:
        note = f"уже на связи: {there}"
    return Count("Видеозвонки сегодня", len(today), note, is_trouble=there > 0, href="/identity/desk")


async def _security(session: AsyncSession, actor: Actor) -> list[Count]:
    if not actor.may(Permission.JOURNAL_READ):
        return []
    found = await queries.trouble(session, actor.organisation_id, clock.now() - _DAY)
    return [
        Count("Неудачные входы", found.failed, "за сутки"),
        Count("Входы с новых устройств", found.new_devices, "за сутки"),
        Count("«Это был не я»", found.disowned, "за сутки", is_trouble=True),
        Count("Отклонённые действия", found.refused, "за сутки", is_trouble=True),
    ]
