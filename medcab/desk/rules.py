"""What a person should see first: the next step, the day in a sentence, what to do for safety."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from medcab.accounts.rules import PasswordAge, PasswordStanding
from medcab.compliance.rules.duties import TITLES as DUTIES
from medcab.compliance.rules.duties import Duty, Row, State
from medcab.schedule.rules.visits import AppointmentStatus, Visit
from medcab.ui import formats
from medcab.verification.rules import CaseState

SHOWN_STEPS = 5
WARNED_BEFORE = timedelta(days=90)
_S = AppointmentStatus


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do before anything else; `points` are what is missing or lost, a sentence each."""

    title: str
    text: str
    action: str
    tone: str
    points: tuple[str, ...] = ()
    href: str = "/activation"


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to do for one's own safety, and where."""

    text: str
    action: str
    href: str
    tone: str


_STEPS = {
    CaseState.DRAFT: NextStep(
        "Активируйте врачебный кабинет",
        "Подтвердите профессиональный статус: после сверки с федеральным регистром откроются расписание и другие разделы.",
        "Начать активацию", "info",
    ),
    CaseState.SENT: NextStep("Документы отправлены", "Регистр скоро ответит. Страница обновится сама.", "Посмотреть", "info"),
    CaseState.CHECKING: NextStep(
        "Проверяем ваши данные", "Сверяем их с федеральным регистром. Ждать у экрана не нужно: страница обновится сама.", "Посмотреть", "info"
    ),
    CaseState.MISMATCH: NextStep(
        "Найдено расхождение", "Исправьте отмеченное: заново проверится только то, что изменилось.", "Исправить", "act"
    ),
    CaseState.CONFIRMED: NextStep("Данные подтверждены", "Осталось открыть кабинет.", "Активировать кабинет", "done"),
    CaseState.WITHDRAWN: NextStep("Врачебный кабинет закрыт", "Основание работать отозвано.", "Узнать, что делать", "act"),
    CaseState.EXPIRED: NextStep(
        "Врачебный кабинет закрыт", "Срок действия документа закончился. Загрузите новый.", "Обновить документы", "act"
    ),
}  # fmt: skip


def next_step(state: CaseState, missing: Sequence[str], reasons: Sequence[str]) -> NextStep | None:
    """What somebody whose cabinet is not open does next; None when the case itself is in order."""
    step = _STEPS.get(state)
    if step is None:
        return None
    found = {CaseState.DRAFT: missing, CaseState.SENT: (), CaseState.CHECKING: (), CaseState.CONFIRMED: ()}.get(
        state, reasons
    )
    if state is CaseState.DRAFT and not missing:
        step = NextStep("Отправьте документы на проверку", "Всё нужное собрано.", "Отправить на проверку", "info")
    rest = len(found) - SHOWN_STEPS if len(found) > SHOWN_STEPS + 1 else 0
    more = (f"И ещё {formats.plural(rest, 'пункт', 'пункта', 'пунктов')}.",) if rest > 0 else ()
    return NextStep(step.title, step.text, step.action, step.tone, (*found[: len(found) - rest], *more))


def ending_step(until: date | None, today: date) -> NextStep | None:
    """What somebody does whose right to work runs out soon; None while there is time."""
    if until is None or until - today > WARNED_BEFORE:
        return None
    left = (until - today).days
    when = f"осталось {formats.plural(left, 'день', 'дня', 'дней')}" if left else "сегодня последний день"
    return NextStep(
        f"Право на приём действует до {formats.day(until)}: {when}",
        "Добавьте новую аккредитацию заранее и отправьте её на проверку: иначе рабочие разделы закроются.",
        "К документам", "soon", href="/documents",
    )  # fmt: skip


def review_step(until: date, today: date) -> NextStep:
    """What somebody does whose right rests on what operators have accepted against the register."""
    left = (until - today).days
    when = f"осталось {formats.plural(left, 'день', 'дня', 'дней')}" if left else "сегодня последний день"
    return NextStep(
        f"Решение операторов действует до {formats.day(until)}: {when}",
        "Попросите исправить запись в регистре до этого дня: потом пункт снова будет таким, каким его видит регистр.",
        "К проверке", "soon", href="/activation?step=check",
    )  # fmt: skip


def reminders(age: PasswordAge | None, *, has_app: bool, codes_left: int, codes_warning: str) -> list[Reminder]:
    """The most urgent first. Whoever has no app yet is asked for that alone: codes come with it."""
    found: list[Reminder] = []
    if age and age.sentence:
        tone = "soon" if age.standing is PasswordStanding.SOON else "act"
        found.append(Reminder(age.sentence, "Сменить пароль", "/security/password", tone))
    if not has_app:
        text = "Подключите приложение-аутентификатор: код будет под рукой и без связи."
        found.append(Reminder(text, "Подключить", "/security/totp", "info"))
    elif codes_warning:
        found.append(Reminder(codes_warning, "Создать коды", "/security", "soon" if codes_left else "act"))
    return found


_TOLD_ELSEWHERE = frozenset({Duty.STANDING, Duty.PERMIT, Duty.PASSWORD, Duty.APP})


def duties_reminder(rows: Iterable[Row]) -> list[Reminder]:
    """What else presses, in one line; the status, the right that ends and the account have lines of their own."""
    pressing = [
        row
        for row in rows
        if row.duty not in _TOLD_ELSEWHERE and row.state in (State.OVERDUE, State.URGENT, State.MISSING)
    ]
    if not pressing:
        return []
    names = ", ".join(dict.fromkeys(DUTIES[row.duty].lower() for row in pressing))
    tone = "soon" if all(row.state is State.MISSING for row in pressing) else "act"
    return [Reminder(f"Требует внимания: {names}.", "Что сделать", "/compliance", tone)]


def next_visit(visits: Iterable[Visit], now: datetime) -> Visit | None:
    """Whom to call in: who has come and waits, by the time planned; else the first who is still to come."""
    waiting = [v for v in visits if v.status is _S.ARRIVED and v.started_at is None]
    expected = [v for v in visits if v.status is _S.BOOKED and v.ends_at > now]
    return min(waiting or expected, key=lambda visit: visit.starts_at, default=None)


def day_sentence(visits: Sequence[Visit], free: int) -> str:
    """«12 приёмов: принято 4, впереди 7, неявок 1. Свободно 3 места.»"""
    kept = [visit for visit in visits if visit.status is not _S.CANCELLED]
    room = f"Свободно {formats.plural(free, 'место', 'места', 'мест')}." if free else "Свободных мест нет."
    if not kept:
        return f"Записей на сегодня нет. {room}" if free else "Сегодня у вас нет приёма."
    done = sum(visit.status is _S.DONE for visit in kept)
    missed = sum(visit.status is _S.NO_SHOW for visit in kept)
    ahead = len(kept) - done - missed
    parts = [f"принято {done}", f"впереди {ahead}", *([f"неявок {missed}"] if missed else [])]
    return f"{formats.plural(len(kept), 'приём', 'приёма', 'приёмов')}: {', '.join(parts)}. {room}"
