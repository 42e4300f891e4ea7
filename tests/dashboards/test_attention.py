"""«Что сегодня не так?»: off the norm is said, and so is that nothing is, that too little is known, that there is nothing at all."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules.right import Right
from medcab.accounts.rules.right import Standing as Proved
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.attention import Recent, attention, fresh, shortly
from medcab.dashboards.rules.kpi import CATALOGUE, Standing
from medcab.dashboards.rules.period import Preset
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.staff import Staff, Worker
from medcab.dashboards.rules.tally import Tally
from medcab.schedule.rules.visits import VisitKind
from tests.cast import MORNING, WARD
from tests.dashboards.test_rules import days

TODAY = date(2026, 11, 23)
VIEW = Address(Preset.YEAR.period(TODAY), WARD, selection=Selection(kind=VisitKind.FIRST))
GOOD = Tally(
    offered_minutes=360, booked_minutes=320, planned=20, done=19, no_show=1, waited=19, wait_0_5=16, wait_5_15=3
)


NOBODY = Staff([], TODAY)


def of(*tallies: Tally, today: Tally | None = None) -> Recent:
    """The days before today, the newest first."""
    kept = {TODAY - timedelta(number): tally for number, tally in enumerate(tallies, start=1)}
    return Recent(TODAY, kept | ({TODAY: today} if today else {}))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_all_is_well():
    found = attention(of(GOOD, GOOD), Address(VIEW.period, WARD), NOBODY)
    assert (found["tone"], found["title"], found["concerns"]) == ("done", "Всё в норме", [])
    assert "заполненность по записи" in found["note"]
    assert "мало данных" not in found["note"]


def test_nothing_is_known():
    for recent in (of(), of(Tally()), Recent(TODAY, {TODAY - timedelta(30): GOOD})):
        found = attention(recent, VIEW, NOBODY)
        assert found["title"] == "За последние дни и сегодня данных нет"
        assert found["tone"] == "quiet"


def test_too_few_to_judge_is_not_health():
    found = attention(of(Tally(planned=2, done=2)), VIEW, NOBODY)
    assert found["title"] == "Для оценки мало данных"
    assert "неявки" in found["note"]


def test_what_is_off_says_how_much_since_when_and_opens_its_rows():
    bad = Tally(offered_minutes=360, booked_minutes=320, planned=20, done=16, no_show=4)
    found = attention(of(bad, today=GOOD), VIEW, NOBODY)
    assert plain(found["title"]) == "Требует внимания: 1 показатель"
    [concern] = found["concerns"]
    assert plain(concern["sentence"]) == "За 16–22 ноября 2026: 20 %, выше нормы. Ориентир: не больше 8 %."
    assert concern["action"] == "Показать: 4"
    assert concern["href"] == str(VIEW.of_mark("days:2026-11-16..2026-11-22", "no_show")), "the page keeps its period"
    [today] = attention(of(bad, today=bad), VIEW, NOBODY)["concerns"]
    assert plain(today["sentence"]).startswith("Сегодня: 20 %, выше нормы; за 16–22 ноября 2026: 20 %")
    assert today["href"] == str(VIEW.of_mark("day:2026-11-23", "no_show"))


def test_empty_hours_open_the_time_that_is_left_and_overfull_ones_the_days():
    at = Address(VIEW.period, WARD)
    [empty] = attention(of(Tally(offered_minutes=600, booked_minutes=300)), at, NOBODY)["concerns"]
    assert plain(empty["action"]) == "Свободное время: 5 ч"
    assert empty["href"] == str(at.of_mark("days:2026-11-16..2026-11-22", "free"))
    [full] = attention(of(Tally(offered_minutes=600, booked_minutes=590)), at, NOBODY)["concerns"]
    assert (full["action"], "cases=full" in full["href"]) == ("Показать дни врачей", True)


def test_long_waiting_opens_those_who_waited_long():
    slow = Tally(waited=20, wait_0_5=2, wait_15_30=18)
    [concern] = attention(of(slow), Address(VIEW.period, WARD), NOBODY)["concerns"]
    assert (concern["action"], "cases=waited_long" in concern["href"]) == ("Показать: 18", True)


def test_days_that_are_over_and_not_marked():
    [concern] = attention(of(Tally(planned=20, done=17, no_show=1), today=Tally(planned=30)), VIEW, NOBODY)["concerns"]
    assert plain(concern["sentence"]).startswith("За 16–22 ноября 2026 осталось без отметки: 2 приёма.")
    assert "cases=open" in concern["href"]


def test_hours_are_not_missed_where_one_kind_of_visit_is_looked_at():
    assert "заполненность" not in attention(of(Tally(planned=20, done=20)), VIEW, NOBODY)["note"]
    assert "заполненность" in attention(of(Tally(planned=20, done=20)), Address(VIEW.period), NOBODY)["note"]


@given(st.lists(days(), max_size=9), st.none() | days())
def test_whatever_the_days_the_sentence_agrees_with_the_catalogue(tallies: list[Tally], today: Tally | None):
    recent = of(*tallies, today=today)
    found = attention(recent, Address(VIEW.period, WARD), NOBODY)
    off = {
        kpi.code for kpi in CATALOGUE for tally in (recent.now, recent.before)
        if kpi.standing(kpi.measure(tally)) in (Standing.ABOVE, Standing.BELOW)
    }  # fmt: skip
    assert {each["key"] for each in found["concerns"]} - {"open"} == off
    assert bool(found["concerns"]) == (found["tone"] == "soon")
    assert found["title"]


def test_freshness():
    assert plain(fresh(MORNING)).endswith("Последнее изменение: 23.11.2026, 09:00.")
    assert "изменение:" not in fresh(None)


def test_somebody_without_a_right_comes_first_also_on_a_day_off():
    """However few they are: one who may not practise is no matter of chance."""
    people = [Worker(UUID(int=n), name, "Врач", Right(standing, None)) for n, (name, standing) in enumerate(
        [("Иванова А. П.", Proved.ACTIVE), ("Петрова А. П.", Proved.SUSPENDED)]
    )]  # fmt: skip
    for recent in (of(), of(Tally(planned=20, done=10, no_show=10))):
        found = attention(recent, VIEW, Staff(people, TODAY))
        first = found["concerns"][0]
        assert (found["tone"], first["key"], first["action"]) == ("soon", "invalid", "Показать: 1")
        assert first["sentence"].startswith("Петрова А. П.")
        assert "cases=invalid" in first["href"]


def test_in_a_table_of_departments():
    bad = Tally(offered_minutes=360, booked_minutes=320, planned=20, done=16, no_show=4)
    told = [
        shortly(attention(recent, Address(VIEW.period, WARD), NOBODY))
        for recent in (of(bad), of(GOOD), of(Tally(planned=2, done=2)), of())
    ]
    assert told == ["требует внимания: 1", "в норме", "мало данных", "приёма нет"]
