"""Licences, classifiers, birth dates, names; and the one entry for forms."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab import identifiers
from medcab.errors import Invalid
from medcab.identifiers import birth_date, icd10, licence, okpd2, person_name

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Л041-01137-77/00584930", "Л041-01137-77/00584930"),
        ("L041-01025-41/03166063", "Л041-01025-41/03166063"),  # Latin L
        ("№ л041–01137–77 / 00584930", "Л041-01137-77/00584930"),
        ("Л042-01137-77/00584930", "Л042-01137-77/00584930"),
        ("ЛО-37-01-000001", "ЛО-37-01-000001"),
        ("LO-37-01-000001", "ЛО-37-01-000001"),
        ("31-01-000278", "31-01-000278"),
    ],
)
def test_a_licence_is_read(text: str, number: str) -> None:
    assert licence.parse(text) == licence.parse(licence.formatted(number)) == number


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите номер лицензии"),
        ("Л041-01137-77-00584930", "стоит «/»"),
        ("Л041-01137-77/0058493", "Номер лицензии выглядит так"),
        ("Л099-01137-77/00584930", "Номер лицензии выглядит так"),
    ],
)
def test_a_wrong_licence_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        licence.parse(text)


@pytest.mark.parametrize("code", ["86", "86.2", "86.21", "86.21.1", "86.21.10", "86.21.10.120", "86.23.11"])
def test_okpd2_of_any_depth_is_read(code: str) -> None:
    assert okpd2.parse(f" {code} ") == okpd2.formatted(code) == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите код"),
        ("86.21.10.12", "из трёх цифр"),
        ("862110", "Возможно, это 86.21.10?"),
        ("862110120", "Возможно, это 86.21.10.120?"),
        ("8621101", "Последняя группа"),
        ("86.", "выглядит так"),
        ("86.21.10.120-00000006", "каталога закупок (КТРУ). Код ОКПД2 короче: 86.21.10.120."),
    ],
)
def test_a_wrong_okpd2_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        okpd2.parse(text)
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    ("text", "code"), [("I10", "I10"), ("j45.0", "J45.0"), ("U07.1", "U07.1"), ("B20.01", "B20.01")]
)
def test_a_diagnosis_is_read(text: str, code: str) -> None:
    assert icd10.parse(text) == icd10.parse(icd10.formatted(code)) == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите код"),
        ("J451", "Не хватает точки: J45.1."),
        ("J45,1", "нужна точка: J45.1."),
        ("А00", "Буква «А» русская, а в коде МКБ-10 она латинская: A00."),  # Cyrillic
        ("Ж00", "Буква «Ж» русская, а в коде МКБ-10 она латинская."),
        ("M51.1+", "без знака «+»: M51.1."),
        ("G55.1*", "без знака «*»: G55.1."),
        ("10I", "выглядит так"),
        ("I1", "выглядит так"),
    ],
)
def test_a_wrong_diagnosis_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        icd10.parse(text)
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    "text", ["14.03.1985", "14.3.1985", "14/03/1985", "14-03-1985", "14 03 1985", "1985-03-14", " 14.03.1985\u00a0"]
)
def test_a_birth_date_is_read(text: str) -> None:
    assert birth_date.parse(text, today=TODAY) == date(1985, 3, 14)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите дату рождения"),
        ("14.03.85", "год четырьмя цифрами"),
        ("31.02.1985", "нет дня 31.02.1985"),
        ("29.02.1985", "нет дня"),
        ("1985-13-01", "нет дня"),
        ("01.01.0000", "нет дня"),
        ("24.11.2026", "ещё не наступила"),
        ("24.11.2008", "меньше 18 лет"),
        ("22.11.1925", "больше 100 лет"),
        ("14 марта 1985", "день, месяц и год"),
        ("1985", "день, месяц и год"),
    ],
)
def test_a_wrong_birth_date_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        birth_date.parse(text, today=TODAY)
    assert sentence in caught.value.errors["birth_date"]


def test_the_very_birthday_counts() -> None:
    assert birth_date.parse("23.11.2008", today=TODAY) == date(2008, 11, 23)
    assert birth_date.parse("24.11.1925", today=TODAY) == date(1925, 11, 24)
    assert birth_date.age(date(2008, 2, 29), today=date(2026, 2, 28)) == 17
    assert birth_date.parse("23.11.2026", today=TODAY, youngest=0) == TODAY  # a patient born today


@given(st.dates(date(1926, 11, 24), TODAY - timedelta(days=19 * 366)))
def test_a_birth_date_survives_being_shown(born: date) -> None:
    assert (
        birth_date.parse(birth_date.formatted(born), today=TODAY)
        == birth_date.parse(born.isoformat(), today=TODAY)
        == born
    )


def test_a_birth_date_is_hidden_but_for_the_year() -> None:
    assert birth_date.masked(date(1985, 3, 14)) == "••.••.1985"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Иванова", "Иванова"),
        ("  салтыкова – щедрина ", "Салтыкова-Щедрина"),
        ("Ким Оглы", "Ким Оглы"),
        ("ИВАНОВА", "Иванова"),
        ("гасан оглы", "Гасан оглы"),
        ("Д’Артаньян", "Д'Артаньян"),
        ("Семёнов", "Семёнов"),  # ё in two code points
        ("Бои\u0306ко", "Бойко"),
        ("де Ля-Рош", "де Ля-Рош"),
    ],
)
def test_a_name_is_kept_as_typed_but_for_capitals_that_were_left_out(text: str, name: str) -> None:
    assert person_name.parse_family(text) == person_name.parse_family(name) == name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите фамилию, как в паспорте."),
        ("Ивaнова", "Буква «a» латинская, хотя выглядит как русская: наберите её в русской раскладке."),
        ("Kим", "Буква «K» латинская"),
        ("Ivanova", "Укажите фамилию русскими буквами, как в паспорте."),
        ("Иванова2", "В фамилии не бывает цифр: уберите «2»."),
        ("Иванова А.", "В фамилии не бывает знака «.»"),
        ("<script>", "В фамилии не бывает знака «<»"),
        ("=Иванова", "В фамилии не бывает знака «=»"),
        ("-Иванова", "только между буквами"),
        ("Иванова--Петрова", "только между буквами"),
        ("Я" * 81, "Не больше 80 знаков"),
    ],
)
def test_a_wrong_name_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        person_name.parse_family(text)
    assert sentence in caught.value.errors["family_name"]


def test_not_everybody_has_a_patronymic() -> None:
    assert person_name.parse_patronymic("  ") == ""
    assert person_name.short("Ли", "Анна") == "Ли А."
    assert person_name.short("Иванова", "Анна", "Петровна") == "Иванова А. П."
    assert person_name.full("Иванова", "Анна", "Петровна") == "Иванова Анна Петровна"
    with pytest.raises(Invalid, match="В отчестве не бывает цифр"):
        person_name.parse_patronymic("Петровна1")


TYPED = st.one_of(
    st.text(max_size=40),
    st.text("0123456789 -+().@/", max_size=24),
    st.text("АВЕЛОавеёABELOabe'-.@ 0123456789+*/№", max_size=24),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Nd", "Zs"]), max_size=12),
)


@pytest.mark.parametrize("kind", identifiers.parsers(TODAY))
@given(text=TYPED)
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(kind: str, text: str) -> None:
    parse = identifiers.parsers(TODAY)[kind]
    sentence = identifiers.problem(kind, text, today=TODAY)
    if sentence:
        sentence.encode()  # can be sent
        with pytest.raises(Invalid) as caught:
            parse(text)
        assert list(caught.value.errors.values()) == [sentence]
    else:
        value = parse(text)
        assert parse(value.isoformat() if isinstance(value, date) else str(value)) == value


@pytest.mark.parametrize("kind", identifiers.parsers(TODAY))
def test_endless_text_is_refused_unread(kind: str) -> None:
    assert identifiers.problem(kind, "1" * 10_000_000, today=TODAY)


def test_a_form_is_read_at_once_and_names_every_wrong_field() -> None:
    given_form = {
        "snils": "112-233-445 95",
        "birth_date": "14.03.1985",
        "phone": "8 912 345-67-89",
        "email": "A@mail.ru",
    }
    assert identifiers.parse_form(given_form, today=TODAY, kinds={"phone": "mobile"}) == {
        "snils": "11223344595",
        "birth_date": date(1985, 3, 14),
        "phone": "+79123456789",
        "email": "a@mail.ru",
    }
    with pytest.raises(Invalid) as caught:
        identifiers.parse_form(
            {**given_form, "snils": "1", "phone": "+7 495 123-45-67"}, today=TODAY, kinds={"phone": "mobile"}
        )
    assert set(caught.value.errors) == {"snils", "phone"}
