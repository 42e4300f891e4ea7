"""Phones and addresses: every usual notation leads to one form; what cannot receive a code is told so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.errors import Invalid
from medcab.identifiers import email, phone

MOBILE = {
    "8 (912) 345-67-89": "+79123456789",
    "89123456789": "+79123456789",
    "9123456789": "+79123456789",
    "79123456789": "+79123456789",
    "+7 (912) 345-67-89": "+79123456789",
    "+7 912 345–67–89": "+79123456789",
    "\u202a+7\u00a0912\u00a0345-67-89\u202c": "+79123456789",  # as copied from a phone's address book
    "8.912.345.67.89": "+79123456789",
}


@pytest.mark.parametrize(("text", "number"), MOBILE.items())
def test_any_notation_is_one_number(text: str, number: str) -> None:
    assert phone.parse(text) == phone.parse_mobile(text) == number


def test_a_landline_is_a_phone_but_gets_no_code() -> None:
    assert phone.parse("+7 495 123-45-67") == "+74951234567"
    with pytest.raises(Invalid, match=r"нужен мобильный номер"):
        phone.parse_mobile("+7 495 123-45-67")
    with pytest.raises(Invalid, match=r"нужен мобильный номер"):
        phone.parse_mobile("8 800 555-35-35")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите номер телефона"),
        ("+7 495 123 45 6", "введено 10"),
        ("+7 912 345 67 890", "введено 12"),
        ("+7 000 000-00-00", "Такого номера не бывает"),
        ("+77001234567", "Это номер Казахстана"),
        ("87001234567", "Это номер Казахстана"),
        ("+7 600 123-45-67", "Это номер Казахстана"),
        ("+375 29 123-45-67", "Нужен российский номер"),
        ("+1 202 555 0100", "Нужен российский номер"),
        ("+8 912 345-67-89", "Нужен российский номер"),
        ("7912345678+9", "Нужен российский номер"),
        ("19123456789", "Нужен российский номер"),
        ("8 912 345-67-89 доб. 5", "уберите «д»"),
        ("8-800-FLOWERS", "уберите «F»"),
        ("٨٩١٢٣٤٥٦٧٨٩", "уберите «٨»"),
    ],
)
def test_a_wrong_phone_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        phone.parse(text)
    assert sentence in caught.value.errors["phone"]


@given(st.integers(900_000_0000, 999_999_9999))
def test_a_phone_survives_being_shown(number: int) -> None:
    try:
        value = phone.parse_mobile(str(number))
    except Invalid:
        return  # not every code is given out
    assert phone.parse_mobile(phone.formatted(value)) == value == f"+7{number}"


def test_a_phone_is_shown_and_hidden() -> None:
    assert phone.formatted("+79123456789") == "+7 912 345-67-89"
    assert phone.masked("+79123454567") == "+7 ••• •••-45-67"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Anna.Ivanova@Mail.RU", "anna.ivanova@mail.ru"),
        ("  anna@mail.ru\u200b\n", "anna@mail.ru"),
        ("a+work@sub.clinic-1.example", "a+work@sub.clinic-1.example"),
        ("x@xn--80a1acny.xn--p1ai", "x@xn--80a1acny.xn--p1ai"),
    ],
)
def test_one_address_has_one_spelling(text: str, address: str) -> None:
    assert email.parse(text) == address
    assert email.parse(email.formatted(address)) == address


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Укажите адрес"),
        ("аnna@mail.ru", "Буква «а» в адресе русская"),  # the first letter is Cyrillic
        ("анна@mail.ru", "Буква «а» в адресе русская"),
        ("щука@mail.ru", "В адресе русские буквы"),
        ("anna@почта.рф", "В адресе русские буквы"),
        ("ännä@mail.ru", "знака «ä»"),
        ("anna mail@mail.ru", "уберите пробел"),
        ("anna.mail.ru", "один знак @"),
        ("a@b@mail.ru", "один знак @"),
        (".anna@mail.ru", "до знака @"),
        ("an..na@mail.ru", "до знака @"),
        ("@mail.ru", "до знака @"),
        ("a" * 65 + "@mail.ru", "до знака @"),
        ("anna@mail", "После знака @"),
        ("anna@-mail.ru", "После знака @"),
        ("anna@mail.r", "После знака @"),
        ("anna@127.0.0.1", "После знака @"),
        ("anna@mail.ru,bcc@mail.ru", "один знак @"),
        ("anna@mail.ru\r\nBcc: b@mail.ru", "уберите пробел"),
        ("a" * 1_000_000, "Слишком длинно"),
    ],
)
def test_a_wrong_address_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        email.parse(text)
    assert sentence in caught.value.errors["email"]


@given(st.emails())
def test_an_address_is_canonical_once_and_for_all(text: str) -> None:
    try:
        address = email.parse(text)
    except Invalid:
        return
    assert email.parse(address) == email.parse(text.upper()) == address
    assert address.isascii()


def test_an_address_is_hidden_but_for_its_first_letter() -> None:
    assert email.masked("anna@mail.ru") == "a•••@mail.ru"
    assert email.masked("a@mail.ru") == "a•••@mail.ru"
