"""Money by rules: a price on a day, sums that lose no kopeck, the catalogue by hand, the address."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules.right import Practised
from medcab.errors import Conflict, Invalid
from medcab.finance.rules import bringing, kpi, sheets, tariffs, words
from medcab.finance.rules.address import Address, Cut, months_back
from medcab.finance.rules.kpi import Facts
from medcab.finance.rules.sheets import Kind
from medcab.finance.rules.sums import REPORTED, Amount, Outcome, Sums, reason_of, roubles, total
from medcab.finance.rules.tariffs import Price, PriceList, What, overlap
from medcab.schedule.rules.visits import Payer, VisitKind

TODAY = date(2026, 11, 28)
WHAT = What(Payer.OMS, "терапия", VisitKind.FIRST)
amounts = st.builds(Amount, st.integers(0, 10**6), st.integers(0, 10**15))
sums = st.builds(Sums, amounts, amounts, amounts)
days = st.dates(date(2025, 1, 1), date(2026, 12, 31))


@st.composite
def prices(draw: st.DrawFn) -> Price:
    since = draw(days)
    until = draw(st.none() | st.integers(0, 400).map(lambda ahead: since + timedelta(ahead)))
    return Price(WHAT, draw(st.integers(1, 10**7)), since, until)


@given(prices(), prices(), days)
def test_a_day_has_two_prices_only_where_tariffs_overlap(one: Price, other: Price, day: date):
    assert overlap(one, other) == overlap(other, one)
    if one.holds(day) and other.holds(day):
        assert overlap(one, other)
        with pytest.raises(Conflict, match="два тарифа"):
            PriceList([one, other]).on(WHAT, day)
    else:
        assert PriceList([one, other]).on(WHAT, day) == next((each for each in (one, other) if each.holds(day)), None)


def test_the_price_changes_on_its_day_and_ends_on_its_day():
    old = Price(WHAT, 62_340, date(2025, 1, 1), date(2025, 12, 31))
    new = Price(WHAT, 66_080, date(2026, 1, 1), date(2026, 6, 30))
    found = [PriceList([old, new]).on(WHAT, day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1))]
    assert found == [old, new, None], "none, and not a price of zero"
    assert PriceList([new]).on(What(Payer.DMS, "терапия", VisitKind.FIRST), date(2026, 1, 1)) is None


@given(st.lists(sums, max_size=20))
def test_no_kopeck_is_lost(found: list[Sums]):
    whole = total(found)
    assert whole.billed == whole.accepted + whole.rejected + whole.waiting
    assert whole.billed.kopecks == sum(each.billed.kopecks for each in found)
    assert roubles(whole.billed.kopecks) * 100 == whole.billed.kopecks


@given(st.lists(st.tuples(st.sampled_from(REPORTED), amounts)))
def test_lines_add_up_whatever_was_answered(lines: list[tuple[Outcome, Amount]]):
    whole = total(Sums.of(outcome, amount) for outcome, amount in lines)
    assert whole.billed == sum((amount for _, amount in lines), Amount())


FACTS = Facts(
    Sums(Amount(90, 9_000_050), Amount(10, 1_000_050), Amount(20, 2_000_000)), Amount(100, 15_000_125),
    Sums(Amount(80, 8_000_000), Amount(24, 2_400_000)),
)  # fmt: skip
"""By hand: billed 90 000,50 + 10 000,50 + 20 000,00 = 120 001,00; answered 100 001,00; planned 150 001,25.

At the first answer 24 of 104 were refused: 14 of them have gone again since.
"""


def test_the_catalogue_by_hand():
    values = {each.code: each.measure(FACTS).value for each in kpi.CATALOGUE}
    assert values == {
        "billed": 12_000_100, "accepted": 9_000_050, "rejected": 1_000_050, "waiting": 2_000_000,
        "rejected_share": 1_000_050 / 10_000_100, "rejected_first": 24 / 104, "plan_done": 12_000_100 / 15_000_125,
    }  # fmt: skip
    assert [words.value(each, FACTS).replace("\u00a0", " ") for each in kpi.CATALOGUE] == [
        "120 001,00 ₽", "90 000,50 ₽", "10 000,50 ₽", "10,0 %", "23,1 %", "20 000,00 ₽", "80,0 %",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["5.7", "5.7.1", "5.7.1.", "1.10", "1.10.1"])
def test_a_code_without_words_has_those_of_its_group_by_either_order(code: str):
    assert reason_of(code).startswith("Повторное")
    assert reason_of("9.9") == reason_of("5") == reason_of("") == ""


def test_nothing_is_no_data_and_few_is_doubted():
    nothing, few = Facts(Sums(), Amount()), Facts(Sums(rejected=Amount(1, 100)), Amount())
    assert {words.value(each, nothing) for each in kpi.CATALOGUE} == {"нет данных"}
    assert not kpi.REJECTED_SHARE.measure(few).is_reliable
    assert words.value(kpi.PLAN_DONE, few) == "нет данных"


def test_every_figure_says_what_it_is():
    for each in kpi.CATALOGUE:
        assert each.formula
        assert each.numerator
        assert each.source
        assert bool(each.denominator) is each.is_share


def test_sentences():
    told = words.on_flow(FACTS.sums).replace("\u00a0", " ")
    assert told == "Принято 90 000,50 ₽, отклонено 10,0 % из того, на что есть ответ, ждёт ответа 20 000,00 ₽."
    assert words.on_flow(Sums()) == "Реестров за этот период нет."
    assert words.on_flow(Sums(waiting=Amount(1, 5))).endswith("ответа ещё нет.")
    assert words.on_plan(FACTS).replace("\u00a0", " ") == "План выполнен на 80,0 %: меньше плана на 30 000,25 ₽."
    assert words.on_plan(Facts(FACTS.sums, FACTS.sums.billed)).startswith("План выполнен ровно")
    assert words.on_plan(Facts(Sums(), Amount())) == "План на этот период не задан."
    assert words.on_reasons({}) == "Ничего не отклонено."
    assert roubles(1) == Decimal("0.01")


@given(st.dictionaries(st.sampled_from(["from", "to", "department", "payer", "rows", "page"]), st.text(max_size=20)))
def test_any_address_can_be_read_and_read_again(parameters: dict[str, str]):
    address = Address.read(parameters, today=TODAY)
    assert months_back(date(2026, 11, 1), 24) <= address.start <= address.end <= date(2026, 11, 1)
    assert address.months[0] == address.start
    assert address.months[-1] == address.end


def test_an_address_reproduces_the_view():
    parameters = {"from": "2026-03", "to": "2026-05", "payer": "dms", "rows": "reason:5.1", "page": "2"}
    address = Address.read(parameters, today=TODAY)
    assert str(address) == "/finance?from=2026-03&to=2026-05&payer=dms&rows=reason%3A5.1&page=2"
    assert address.cut == Cut(reason="5.1")
    assert address.months == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
    moved = address.of_view({"from": "2026-09", "payer": ""}, today=TODAY)
    assert (moved.start, moved.end, moved.payer, moved.rows) == (date(2026, 5, 1), date(2026, 9, 1), None, "")
    year = Address.read({}, today=TODAY)
    assert (year.start, year.end) == (date(2025, 11, 1), date(2026, 10, 1)), "the months that are over"


puts = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 40), st.one_of(st.none(), st.integers(0, 40))), min_size=1, max_size=8
)


def price_of(held: list[Price], day: date) -> int | None:
    found = PriceList(held).on(WHAT, day)
    return found.kopecks if found else None


@given(puts, st.integers(0, 40))
def test_prices_that_change_never_give_a_day_two_and_never_touch_what_was_taken(
    wishes: list[tuple[int, int, int | None]], used: int
):
    start = date(2026, 1, 1)
    taken = Price(WHAT, 9, start, None, used_until=start + timedelta(used))
    held = [taken]
    for kopecks, since, length in wishes:
        first = start + timedelta(since)
        new = Price(WHAT, kopecks, first, first + timedelta(length) if length is not None else None)
        with suppress(Conflict):
            before, held = held, tariffs.after(held, tariffs.put(held, new))
            assert price_of(held, first) == kopecks
            if price_of(before, first) != kopecks and new.until:
                rest = [each for each in map(start.__add__, map(timedelta, range(90))) if not new.holds(each)]
                assert [price_of(held, each) for each in rest] == [price_of(before, each) for each in rest]
        assert not any(overlap(one, other) for one, other in pairwise(held))
        assert {price_of(held, start + timedelta(day)) for day in range(used + 1)} == {9}


@given(st.integers(1, 10**9))
def test_a_sum_is_read_as_it_is_written(kopecks: int):
    assert sheets.money(words.money(kopecks)) == kopecks
    assert sheets.money(str(roubles(kopecks))) == kopecks
    assert sheets.money(f"{kopecks / 100:.11f}") == kopecks, "as a spreadsheet keeps it"


def test_what_is_no_table_or_no_sum_is_said():
    for text in ("", "много", "0", "-5", "1,234", "1e400", "1e3", "1_000", "0,00001", "nan", "inf"):
        with pytest.raises(Invalid):
            sheets.money(text)
    with pytest.raises(Invalid, match="«Результат»"):
        sheets.answers([["№ строки", "Ответа нет"], ["1", "да"]], [1, 2])
    with pytest.raises(Invalid, match="ни одной строки"):
        sheets.answers([["№ строки", "Результат"]], [1])


def test_the_only_specialty_of_a_day_is_meant():
    day, next_day = date(2026, 10, 5), date(2026, 10, 6)
    therapy, until, since = (
        Practised("Терапия", None, None),
        Practised("Кардиология", None, day),
        Practised("Хирургия", next_day, None),
    )
    assert tariffs.only_on([], day) == ""
    assert tariffs.only_on([therapy], day) == "Терапия"
    assert tariffs.only_on([therapy, Practised("Терапия", None, day)], day) == "Терапия", "lost and found again"
    assert tariffs.only_on([therapy, until], day) == ""
    assert tariffs.only_on([therapy, until], next_day) == "Терапия"
    assert [tariffs.only_on([until, since], each) for each in (day, next_day)] == ["Кардиология", "Хирургия"]


def test_a_price_is_of_a_specialty_that_visits_have():
    assert tariffs.spelt("терапия", ["Терапия"]) == "Терапия"
    assert tariffs.doubt("терапия", ["Терапия"]) == ""
    assert "Может быть, «Кардиология»" in tariffs.doubt("Кордиология", ["Терапия", "Кардиология"])
    assert "Может быть" not in tariffs.doubt("Сурдология", ["Терапия"])


def test_one_day_gets_one_price_of_a_file():
    rows = sheets.tariffs(
        [
            ["Плательщик", "Специальность", "Вид приёма", "Цена, ₽", "С"],
            ["ДМС", "Терапия", "первичный", "1800", "01.12.2026"],
            ["ДМС", "терапия", "первичный", "1900", "01.12.2026"],
        ],
        [1, 2, 3],
        date(2026, 11, 28),
    )
    told, changes = bringing.judge_tariffs(rows, {}, ["Терапия"], {})
    assert [row.kind for row in told] == [Kind.NEW, Kind.WRONG]
    assert "в строке 2" in told[1].error
    assert len(changes) == 1


def test_the_same_price_with_a_last_day_ends_and_says_so():
    held = [Price(WHAT, 100, date(2026, 1, 1))]
    change = tariffs.put(held, Price(WHAT, 100, date(2026, 6, 1), date(2026, 8, 31)))
    assert change.priceless == date(2026, 9, 1)
    assert bringing.change_words(change).endswith("с 01.09.2026 цены нет")
    next_one = Price(WHAT, 120, date(2026, 9, 1))
    assert tariffs.put(
        [replace(held[0], until=date(2026, 8, 31)), next_one], Price(WHAT, 100, date(2026, 6, 1), date(2026, 8, 30))
    ).priceless
    assert (
        tariffs.put(
            [replace(held[0], until=date(2026, 5, 31)), next_one], Price(WHAT, 90, date(2026, 6, 1), date(2026, 8, 31))
        ).priceless
        is None
    )


def test_a_price_for_a_time_gives_way_to_the_former_one():
    held = [Price(WHAT, 100, date(2026, 1, 1))]
    change = tariffs.put(held, Price(WHAT, 80, date(2026, 12, 1), date(2026, 12, 31)))
    assert bringing.change_words(change).endswith("по 31.12.2026; с 01.01.2027 снова 1,00\u00a0₽")
    held = tariffs.after(held, change)
    assert [(each.kopecks, each.since, each.until) for each in held] == [
        (100, date(2026, 1, 1), date(2026, 11, 30)), (80, date(2026, 12, 1), date(2026, 12, 31)), (100, date(2027, 1, 1), None),
    ]  # fmt: skip


def test_the_same_price_goes_on_in_the_same_row():
    held = [Price(WHAT, 100, date(2026, 1, 1))]
    change = tariffs.put(held, Price(WHAT, 100, date(2026, 12, 1), date(2026, 12, 31)))
    assert (change.added, change.replaced) == (None, Price(WHAT, 100, date(2026, 1, 1), date(2026, 12, 31)))
