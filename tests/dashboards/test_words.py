"""The conclusions over the charts: true, grammatical, and never nonsense on odd data."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.rules import words
from medcab.dashboards.rules.tally import Tally
from tests.dashboards.test_rules import days


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def visits(done: int, no_show: int = 0, planned: int | None = None) -> Tally:
    return Tally(planned=done + no_show if planned is None else planned, done=done, no_show=no_show)


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        (Tally(), visits(50), "За этот период приёмов не было."),
        (visits(0, planned=3), Tally(), "Запланировано: 3 приёма, завершённых пока нет."),
        (visits(21, planned=25), Tally(), "Проведено 21 приём из 25 (84 %)."),
        (
            visits(110),
            visits(100),
            "Проведено 110 приёмов из 110 (100 %), на 10 % больше, чем за такой же срок до этого.",
        ),
        (visits(90), visits(100), "Проведено 90 приёмов из 90 (100 %), на 10 % меньше, чем за такой же срок до этого."),
        (
            visits(100),
            visits(101),
            "Проведено 100 приёмов из 100 (100 %), столько же, сколько за такой же срок до этого.",
        ),
    ],
)
def test_visits(now: Tally, before: Tally, sentence: str):
    assert plain(words.on_visits(now, before)) == sentence


def test_no_shows_grew_and_mondays_are_worst():
    now = {0: visits(82, 18), 1: visits(94, 6), 2: visits(97, 3)}
    assert (
        plain(words.on_no_shows(now, visits(285, 15))) == "Неявки выросли до 9 %: больше всего по понедельникам (18 %)."
    )
    assert (
        plain(words.on_no_shows(now, visits(255, 45)))
        == "Неявки снизились до 9 %: больше всего по понедельникам (18 %)."
    )
    assert (
        plain(words.on_no_shows(now, visits(273, 27)))
        == "Неявки держатся на уровне 9 %: больше всего по понедельникам (18 %)."
    )
    assert plain(words.on_no_shows(now, Tally())) == "Неявки составили 9 %: больше всего по понедельникам (18 %)."


def test_no_shows_on_odd_data():
    assert words.on_no_shows({}, Tally()) == "Завершённых приёмов и неявок за этот период нет, считать не из чего."
    assert plain(words.on_no_shows({0: visits(12)}, Tally())) == "Неявок не было, завершённых приёмов: 12."
    assert plain(words.on_no_shows({0: visits(2, 1)}, Tally())) == "Неявки: 1 из 3, для выводов слишком мало данных."
    assert plain(words.on_no_shows({4: visits(90, 10)}, Tally())) == "Неявки составили 10 %.", (
        "one weekday is not compared"
    )
    even = {day: visits(90, 10) for day in range(5)}
    assert plain(words.on_no_shows(even, Tally())) == "Неявки составили 10 %, по дням недели почти поровну."
    rare = {0: visits(900, 100), 5: visits(1, 1)}
    assert "субботам" not in words.on_no_shows(rare, Tally()), "two visits are no reason to name a weekday"


def test_utilisation():
    def used(minutes: int) -> Tally:
        return Tally(offered_minutes=1000, booked_minutes=minutes)

    doctors = {"Иванова А. П.": used(880), "Ли Ё.": used(710), "Котов Б. Б.": used(800), "Яшин В. В.": used(970)}
    assert plain(words.on_utilisation(doctors)) == (
        "Заполненность по записи 84 %, ниже нормы (85–92 %). Ниже нормы: Ли Ё. (71 %) и ещё 1. Выше нормы: Яшин В. В. (97 %)."
    )
    assert plain(words.on_utilisation({"Ли Ё.": used(880)})) == "Заполненность по записи 88 %, в норме (85–92 %)."
    assert words.on_utilisation({}) == "На этот период часы приёма не назначены."
    short = {"Ли Ё.": Tally(offered_minutes=30, booked_minutes=15)}
    assert plain(words.on_utilisation(short)) == "Заполненность по записи 50 % (мало данных: 30 минут приёма)."


def test_waiting():
    quick = Tally(waited=100, wait_0_5=60, wait_5_15=40)
    slow = Tally(waited=100, wait_5_15=20, wait_15_30=60, wait_30_45=20)
    assert (
        plain(words.on_waiting({"Ли Ё.": quick}))
        == "Половина пациентов ждёт не дольше 4 мин, девять из десяти — не дольше 12 мин."
    )
    both = plain(words.on_waiting({"Ли Ё.": quick, "Яшин В. В.": slow}))
    assert both.endswith("Самое долгое ожидание: Яшин В. В. (половина ждёт до 22 мин).")
    assert "каждый десятый ждёт 45 мин и дольше" in plain(
        words.on_waiting({"Ли Ё.": Tally(waited=10, wait_0_5=6, wait_45=4)})
    )
    assert plain(words.on_waiting({"Ли Ё.": Tally(waited=1, wait_45=1)})).startswith(
        "Ожидание измерено только у 1 приёма"
    )
    assert words.on_waiting({}).startswith("За этот период нет приёмов")


@given(st.dictionaries(st.integers(0, 6), days(), max_size=7), days() | st.just(Tally()))
def test_every_conclusion_is_one_clean_sentence(by_weekday: dict[int, Tally], before: Tally):
    names = ["Иванова А. П.", "Ли Ё.", "Котов Б. Б.", "Яшин В. В.", "Ус Г.", "Рог Д. Д.", "Як Е. Е."]
    by_doctor = {names[day]: tally for day, tally in by_weekday.items()}
    now = sum(by_weekday.values(), Tally())
    told = [
        words.on_visits(now, before),
        words.on_no_shows(by_weekday, before),
        words.on_utilisation(by_doctor),
        words.on_waiting(by_doctor),
    ]
    for sentence, nonsense in product(told, ("None", "nan", "inf", "  ", "..", "( )", "-", "и ещё 0")):
        assert nonsense not in sentence
    for sentence in told:
        assert sentence.endswith(".")
        assert sentence[0].isupper()
