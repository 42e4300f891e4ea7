"""Numbers of documents: real ones are taken however they are typed, mistaken ones are found and named."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.ru import inn as stdnum_inn
from stdnum.ru import ogrn as stdnum_ogrn

from medcab.errors import Invalid
from medcab.identifiers import enp, inn, ogrn, snils

SNILS_OK = [
    "11223344595",
    "16072239447",
    "34293244776",
    "08765430300",
    "00101998900",
    "00102898900",
    "00389989900",
    "00398989900",
    "10000000110",
]
SNILS_BAD = ["11223344596", "12345678901", "00000000000", "1122334459", "112233445 9 5x", "00000000001"]
INN10_OK = ["7707083893", "7830002293", "1234567894", "7707083950"]  # the last: the rest is 10, so the digit is 0
INN12_OK = ["500100732259", "771234567859", "123456789047", "771234501103", "771234500460"]  # the last two likewise
INN_BAD = ["7707083894", "770708389300", "123456789037", "1234567895", "0000000000", "000000000000"]
OGRN_OK = ["1027700132195", "1022200525819", "1037739010891", "1027700130040"]  # the last: the rest is 10
OGRNIP_OK = ["304500116000157", "385768585948949", "304770000133140", "304500116000050"]
STDNUM_REFUSES = {"304770000133140", "304500116000050"}
OGRN_BAD = ["1022500001328", "304500116000158", "0022500001325", "0000000000000", "10277001321950"]
ENP_OK = [
    ("7756410835001233", date(1985, 3, 14), "M"),
    ("5067150868000011", date(1948, 12, 31), "F"),
    ("7892989748000429", date(2010, 7, 1), "M"),
    ("0258999790543211", date(2000, 1, 9), "F"),
    ("1698899798000006", date(2001, 1, 1), "F"),
]
ENP_BAD = ["7756410835001234", "775641083500123", "7700000000000001", "0000000000000000"]

Parse = Callable[[str], str]


def refusal(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert list(caught.value.errors.values()) == [caught.value.message]
    return caught.value.message


@pytest.mark.parametrize(
    ("parse", "number"),
    [(snils.parse, n) for n in SNILS_OK]
    + [(inn.parse, n) for n in INN12_OK]
    + [(inn.parse_organisation, n) for n in INN10_OK]
    + [(ogrn.parse, n) for n in OGRN_OK + OGRNIP_OK]
    + [(enp.parse, n) for n, _, _ in ENP_OK],
)
def test_a_real_number_is_taken(parse: Parse, number: str) -> None:
    assert parse(number) == number
    assert parse(f"\ufeff {number[:3]} - {number[3:]}\u00a0") == number  # as it is pasted


@pytest.mark.parametrize(
    ("parse", "number"),
    [(snils.parse, n) for n in SNILS_BAD]
    + [(inn.parse, n) for n in INN_BAD]
    + [(inn.parse_organisation, n) for n in INN_BAD]
    + [(ogrn.parse, n) for n in OGRN_BAD]
    + [(enp.parse, n) for n in ENP_BAD],
)
def test_a_mistaken_number_is_refused(parse: Parse, number: str) -> None:
    assert refusal(parse, number).endswith(".")


@pytest.mark.parametrize(
    ("parse", "text", "sentence"),
    [
        (snils.parse, "", "Укажите СНИЛС: 11 цифр, например 112-233-445 95."),
        (snils.parse, "112-233-445", "В номере 11 цифр, а введено 9: допишите недостающие."),
        (snils.parse, "112-233-445 955", "В номере 11 цифр, а введено 12: уберите лишние."),
        (snils.parse, "112-233-445 9О", "СНИЛС состоит только из цифр: уберите «О»."),
        (snils.parse, "11223344596", "В номере ошибка: такого СНИЛС не бывает. Сверьте каждую цифру с документом."),
        (snils.parse, "0" * 11, "СНИЛС не бывает из одних нулей: перепишите номер из документа."),
        (inn.parse, "7707083893", "Это ИНН организации, нужен ваш личный ИНН: 12 цифр."),
        (inn.parse, "50010073225", "В номере 12 цифр, а введено 11: допишите недостающие."),
        (ogrn.parse, "0022500001325", "ОГРН не начинается с нуля: сверьте номер с документом."),
        (ogrn.parse, "5" * 15, "ОГРНИП (15 цифр) начинается с цифры 3: сверьте номер с документом."),
        (ogrn.parse, "1027", "В номере 13 или 15 цифр, а введено 4: допишите недостающие."),
        (enp.parse, "0" * 16, "Номер полиса ОМС не бывает из одних нулей: перепишите номер из документа."),
    ],
)
def test_the_sentence_says_what_is_wrong(parse: Parse, text: str, sentence: str) -> None:
    assert refusal(parse, text) == sentence


def test_early_snils_have_no_check_digits() -> None:
    assert snils.parse("001-001-998 55") == "00100199855"
    refusal(snils.parse, "001-001-999 55")


def test_a_number_is_shown_grouped_and_hidden_but_for_its_end() -> None:
    assert snils.formatted("11223344595") == "112-233-445 95"
    assert snils.masked("11223344595") == "•••-•••-445 95"
    assert inn.masked("500100732259") == "••••••••2259"
    assert enp.formatted("7756410835001233") == "7756 4108 3500 1233"
    assert enp.masked("7756410835001233") == "•••• •••• •••• 1233"


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


BUILT = [(snils, 9, snils.parse), (inn, 10, inn.parse), (inn, 9, inn.parse_organisation), (enp, 15, enp.parse)]


@pytest.mark.parametrize(("module", "length", "parse"), BUILT)
@given(data=st.data())
def test_a_built_number_is_real_and_survives_being_shown(
    module, length: int, parse: Parse, data: st.DataObject
) -> None:
    body = data.draw(digits(length).filter(lambda text: text.strip("0")))
    number = module.with_check_digits(body)
    assert parse(number) == number
    assert parse(module.formatted(number)) == number


@given(digits(11), st.sampled_from("123456789"), st.booleans())
def test_a_built_ogrn_is_real(rest: str, first: str, is_trader: bool) -> None:
    number = ogrn.with_check_digits("3" + rest + "07" if is_trader else first + rest)
    assert ogrn.parse(number) == number


@given(digits(11), st.integers(0, 10), st.integers(1, 9))
def test_one_mistaken_digit_of_a_snils_is_found(text: str, place: int, shift: int) -> None:
    number = snils.with_check_digits(text[:9])
    mistaken = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assume(min(int(number[:9]), int(mistaken[:9])) > 1_001_998)
    # Rests 0 and 100 are both written 00: the one confusion that the number itself allows.
    rests = {sum(int(d) * w for d, w in zip(n[:9], range(9, 0, -1), strict=True)) % 101 for n in (number, mistaken)}
    if rests == {0, 100}:
        assert snils.parse(mistaken) == mistaken
    else:
        refusal(snils.parse, mistaken)


@given(digits(15), st.integers(0, 15), st.integers(1, 9))
def test_one_mistaken_digit_of_a_policy_is_always_found(body: str, place: int, shift: int) -> None:
    number = enp.with_check_digits(body)
    refusal(enp.parse, number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :])


@given(digits(12))
def test_inn_agrees_with_an_independent_implementation(number: str) -> None:
    assume(number.strip("0"))
    assert stdnum_inn.is_valid(inn.with_check_digits(number[:10]))
    for text, parse in ((number, inn.parse), (number[:10], inn.parse_organisation)):
        if stdnum_inn.is_valid(text) and text.strip("0"):
            assert parse(text) == text
        else:
            refusal(parse, text)


@given(digits(12))
def test_ogrn_agrees_with_an_independent_implementation(body: str) -> None:
    assume(body[0] != "0")
    assert stdnum_ogrn.is_valid(ogrn.with_check_digits(body))


def test_the_independent_implementation_is_wrong_where_we_say_so() -> None:
    assert {number for number in OGRNIP_OK if not stdnum_ogrn.is_valid(number)} == STDNUM_REFUSES


@given(digits(15))
def test_policy_agrees_with_luhn(body: str) -> None:
    assert enp.with_check_digits(body) == body + luhn.calc_check_digit(body)


@pytest.mark.parametrize(("number", "born", "sex"), ENP_OK)
def test_a_policy_tells_its_owners_birth_and_sex(number: str, born: date, sex: enp.Sex) -> None:
    assert enp.birth_and_sex(number) == (born, sex)
    assert enp.compose(int(number[:2]), born, sex, int(number[10:15])) == number


@given(st.integers(1, 99), st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from("MF"), st.integers(0, 99999))
def test_a_composed_policy_is_real(region: int, born: date, sex: enp.Sex, serial: int) -> None:
    number = enp.compose(region, born, sex, serial)
    assert enp.parse(number) == number
    assert enp.birth_and_sex(number) == (born, sex)


@given(digits(16))
def test_a_policy_that_says_no_real_day_is_not_an_error(number: str) -> None:
    assert enp.birth_and_sex(number) is None or len(enp.birth_and_sex(number) or ()) == 2
