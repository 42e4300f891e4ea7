"""What is said first, and in which words."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from medcab.accounts.rules import password_age
from medcab.desk.rules import (
    day_sentence,
    ending_step,
    next_step,
    next_visit,
    reminders,
    review_step,
)
from medcab.schedule.rules.visits import AppointmentStatus as S
from medcab.schedule.rules.visits import Visit
from medcab.verification.rules import CaseState

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SOME = UUID(int=1)


def visit(status: S, minutes: int, *, started: bool = False) -> Visit:
    """A visit of a quarter of an hour that starts so many minutes from now."""
    starts = NOW + timedelta(minutes=minutes)
    return Visit(SOME, SOME, SOME, status, starts, starts + timedelta(minutes=15), started_at=NOW if started else None)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("state", [state for state in CaseState if state is not CaseState.ACTIVE])
def test_every_closed_cabinet_has_a_next_step(state: CaseState):
    step = next_step(state, ["Укажите СНИЛС."], ["Диплом: не найден."])
    assert step
    assert step.title
    assert step.action


def test_an_active_case_asks_for_nothing():
    assert next_step(CaseState.ACTIVE, [], []) is None


@pytest.mark.parametrize(
    ("left", "words"),
    [(None, ""), (91, ""), (90, "осталось 90 дней"), (1, "осталось 1 день"), (0, "сегодня последний день")],
)
def test_a_right_that_runs_out_is_told_in_time(left: int | None, words: str):
    today = NOW.date()
    step = ending_step(today + timedelta(days=left) if left is not None else None, today)
    assert plain(step.title if step else "").endswith(words)
    assert bool(step) == bool(words)


def test_what_is_missing_is_named_and_what_is_too_much_is_counted():
    step = next_step(CaseState.DRAFT, [f"Пункт {number}." for number in range(7)], [])
    assert step
    assert plain(step.points[-1]) == "И ещё 2 пункта."
    assert len(step.points) == 6
    ready = next_step(CaseState.DRAFT, [], [])
    assert ready
    assert ready.title == "Отправьте документы на проверку"
    mismatch = next_step(CaseState.MISMATCH, ["не показывать"], ["Диплом: номер другой."])
    assert mismatch
    assert mismatch.points == ("Диплом: номер другой.",)


def test_who_has_come_and_waits_is_next():
    booked, arrived, inside = visit(S.BOOKED, -5), visit(S.ARRIVED, 30), visit(S.ARRIVED, -20, started=True)
    assert next_visit([booked, arrived, inside], NOW) == arrived
    assert next_visit([booked, inside], NOW) == booked
    assert next_visit([visit(S.BOOKED, -60), visit(S.DONE, 0), visit(S.CANCELLED, 5), visit(S.NO_SHOW, 0)], NOW) is None


@pytest.mark.parametrize(
    ("visits", "free", "sentence"),
    [
        ([], 0, "Сегодня у вас нет приёма."),
        ([visit(S.CANCELLED, 5)], 2, "Записей на сегодня нет. Свободно 2 места."),
        ([visit(S.DONE, -60), visit(S.BOOKED, 5)], 0, "2 приёма: принято 1, впереди 1. Свободных мест нет."),
        ([visit(S.NO_SHOW, -60)], 1, "1 приём: принято 0, впереди 0, неявок 1. Свободно 1 место."),
    ],
)
def test_the_day_in_a_sentence(visits: list[Visit], free: int, sentence: str):
    assert plain(day_sentence(visits, free)) == sentence


def test_reminders_come_in_the_order_of_urgency():
    overdue = password_age(NOW - timedelta(days=100), NOW)
    fresh = password_age(NOW, NOW)
    assert reminders(fresh, has_app=True, codes_left=9, codes_warning="") == []
    found = reminders(overdue, has_app=True, codes_left=0, codes_warning="Резервные коды закончились.")
    assert [(each.href, each.tone) for each in found] == [("/security/password", "act"), ("/security", "act")]
    without_app = reminders(fresh, has_app=False, codes_left=0, codes_warning="Резервные коды закончились.")
    assert [each.href for each in without_app] == ["/security/totp"]


def test_what_rests_on_operators_is_mended_in_the_register() -> None:
    step = review_step(date(2026, 12, 23), date(2026, 11, 23))
    assert "23.12.2026" in step.title
    assert "30" in step.title
    assert "исправить запись в регистре" in step.text
    assert step.href == "/activation?step=check"
