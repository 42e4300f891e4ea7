"""The text of a paper suggests what stands in it, and nothing when it is in doubt."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.documents.reading.rules import Suggested, is_somebody_elses, suggested


def test_reads_number_days_and_hours() -> None:
    text = "Удостоверение № 7725 031234567\nот 22.11.2021, действительно до 21.11.2026,\nв объёме 36 часов"
    assert suggested(text) == Suggested("7725 031234567", date(2021, 11, 22), date(2026, 11, 21), 36)


def test_in_doubt_suggests_nothing() -> None:
    assert suggested("от 22.11.2021, от 23.11.2021; 36 часов и 18 часов; выдан 31.02.2021").issued_on is None
    assert suggested("№ 1 и № 2; 36 часов, 18 часов") == Suggested()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (
            "ГБОУ ВПО, тел. № 495 1234567\nДИПЛОМ СПЕЦИАЛИСТА № 107724 1234567\nПротокол № 7 от 20.06.2015",
            "107724 1234567",
        ),
        (
            "Выписка о прохождении аккредитации № 7725 031234567. Протокол заседания комиссии от 20.06.2021 г. № 7",
            "7725 031234567",
        ),
        ("Поликлиника № 12. ЛИЧНАЯ МЕДИЦИНСКАЯ КНИЖКА № 1234567. Приказ Минздрава от 28.01.2021 № 29", "1234567"),
        ("УДОСТОВЕРЕНИЕ о повышении квалификации № 7725 031234567\nДоговор № 15/2, приказ № 12", "7725 031234567"),
        ("Выписка из реестра лицензий. Приказ № 12. Лицензия № 77-01-001234", "77-01-001234"),
        ("Приказ № 12, тел. № 495 1234567, протокол № 7", None),
        ("Факс: номер 4951234567", None),
    ],
)
def test_the_number_of_something_else_is_not_the_papers(text: str, number: str | None) -> None:
    assert suggested(text).number == number


@given(st.dates(min_value=date(1950, 1, 1)), st.integers(1, 9999))
def test_every_day_and_every_count_of_hours(day: date, hours: int) -> None:
    found = suggested(f"от {day:%d.%m}.{day.year:04} в объёме {hours} часов")
    assert (found.issued_on, found.hours) == (day, hours)


@given(st.text(alphabet="№номердействительно до0123456789./- \n", max_size=500), st.integers(1, 400))
def test_any_text_is_read_to_its_end(piece: str, times: int) -> None:
    suggested(piece * times)


def test_a_name_is_known_in_its_cases_and_not_in_a_patronymic() -> None:
    assert not is_somebody_elses("Выдано Ивановой Анне Петровне", "Иванова")
    assert not is_somebody_elses("Настоящий диплом свидетельствует о том, что Щукин Фёдор Ильич", "Щукин")
    assert is_somebody_elses("Сидорову Петру Ивановичу", "Иванова")
    assert not is_somebody_elses("Лицензия № Л041-01137-77/00584930", "Иванова"), "it names nobody"
