"""The list that ticks: what is refused, for which reason, in which words."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.errors import Invalid
from medcab.security.password_rules import Profile, password_rules, require_good

CONTEXT = [
    "Иванова",
    "Алёна",
    "Петровна",
    "alena.ivanova-med@mail.ru",
    "+79123456789",
    "16072239447",
    "1985-03-14",
    "Городская клиника № 1",
]


def unmet(text: str, profile: Profile = "gosuslugi") -> set[str]:
    return {rule.code for rule in password_rules(text, context=CONTEXT, profile=profile) if not rule.ok}


@pytest.mark.parametrize(
    "text",
    [
        "Kb7!mQ2#xz9L",
        "верблюд чинит тихий трамвай",
        "seven quiet camels repair",
        "Ёж-72-Топор-Лужа",
        "🩺 слон и чайник 🩻 вдвоём",
        "Wм5_ъЫ8+нQ3z",
    ],
)
def test_a_good_password_has_every_line_ticked(text: str) -> None:
    assert unmet(text) == set()
    require_good(text, context=CONTEXT)


def test_nothing_is_ticked_before_anything_is_typed() -> None:
    assert unmet("") == {"length", "kinds", "common", "pattern", "personal"}


def test_the_lines_keep_their_places_while_typing() -> None:
    text = "Kb7!mQ2#xz9L"
    codes = [[rule.code for rule in password_rules(text[:end], context=CONTEXT)] for end in range(len(text) + 1)]
    assert all(order == ["length", "kinds", "common", "pattern", "personal"] for order in codes)


def test_length_is_counted_in_letters_as_people_see_them() -> None:
    assert "length" in unmet("Kb7!mQ2#xz9")
    assert "length" not in unmet(unicodedata.normalize("NFD", "ёйЁЙ!7ёйЁЙ?8"))
    assert "length" in unmet(unicodedata.normalize("NFD", "ёйЁЙ!7ёйЁЙ?"))
    assert "length" not in unmet("Kb7!mQ2#" * 16)
    assert "length" in unmet("Kb7!mQ2#" * 16 + "x")


def test_short_ones_need_four_kinds_and_phrases_do_not() -> None:
    rule = next(rule for rule in password_rules("kbmq#xzlwtvr") if rule.code == "kinds")
    assert rule.sentence == "Не хватает большой буквы, цифры. Или придумайте фразу от 15 знаков"
    assert "kinds" in unmet("kbmq#xzlwtvrpg")
    assert "kinds" not in unmet("kbmq#xzlwtvrpgh")


def test_the_standards_profile_asks_for_no_kinds() -> None:
    assert unmet("kbmqxzlwtvrp", "nist") == set()
    assert unmet("passwordpassword", "nist") >= {"common"}


@pytest.mark.parametrize(
    "text",
    [
        "Passw0rd2024!", "P@$$w0rd!2024", "Qwerty123456!", "Йцукен123456!", "Пароль123456!", "Gfhjkm123456!", "Ghbdtn2026!!!",
        "Солнце-2026!!", "Sunshine2024!", "passwordpassword", "Пароль пароль пароль", "correct horse battery staple",
        "мама мыла раму 1", "Любовь!!!2026", "Adm1n1strator!1", "1qaz2wsx3edc!Q", "!!!!Медсестра1", "Vtlctcnhf2026!",
    ],
)  # fmt: skip
def test_a_common_password_is_known_under_its_disguise(text: str) -> None:
    assert unmet(text) & {"common", "pattern"}


@pytest.mark.parametrize(
    "text",
    [
        "aaaaaaaaaaaaaaaa",
        "Aa1!Aa1!Aa1!Aa1!",
        "Abcdefgh1234!",
        "qwertyuiop[]asdf",
        "йцукенгшщзхъфыва",
        "Zxcvbnm,./09876",
        "121212121212Qw!",
    ],
)
def test_rows_and_repetitions_are_refused(text: str) -> None:
    assert "pattern" in unmet(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Иванова#Kb7!mQ2x", "иванова"),
        ("иВаНоВа#Kb7!mQ2x", "иванова"),
        ("Kb7!mQ2x-ivanova", "иванова"),
        ("1v@n0va#Kb7!mQ2x", "иванова"),
        ("Bdfyjdf#Kb7!mQ2x", "иванова"),  # «Иванова» with the keyboard left in Latin
        ("Kb7!mQ2x алёна нет", "алена"),
        ("Kb7!mQ2x АЛЕНА нет", "алена"),
        ("Kb7!Alena.Ivanova", "иванова"),
        ("Kb7!mQ2x 14.03.1985", "14031985"),
        ("Kb7!mQ2x19850314", "19850314"),
        ("Kb7!mQ2x140385", "140385"),
        ("Kb7!mQ2x 345-67-89", "3456789"),
        ("Kb7!mQ2x160-722-3", "1607223"),
        ("Kb7!mQ2x MedCab", "medcab"),
        ("Kb7!mQ2x клиника", "клиника"),
    ],
)
def test_ones_own_data_are_named(text: str, named: str) -> None:
    rule = next(rule for rule in password_rules(text, context=CONTEXT) if rule.code == "personal")
    assert not rule.ok
    assert rule.sentence == f"Уберите «{named}»: это легко узнать о вас"


def test_a_year_or_the_mail_service_is_nobodys_secret() -> None:
    assert unmet("Kb7!mQ2#xz1985") == set()
    assert unmet("Kb7!mQ2#mail.ru") == set()
    assert {rule.ok for rule in password_rules("Kb7!mQ2#xz9L", context=["", "Ли", "+", "@"])} == {True}
    assert {rule.ok for rule in password_rules("Kb7!mQ2#xz1985", context=["4.3.1985", "anna-1985@mail.ru"])} == {True}
    assert {rule.ok for rule in password_rules("Kb7!mQ2#04031985", context=["4.3.1985"])} == {True, False}


def test_refusal_names_every_reason_at_its_field() -> None:
    with pytest.raises(Invalid) as caught:
        require_good("ivanova", context=CONTEXT, field="new_password")
    sentence = caught.value.errors["new_password"]
    assert "Не меньше 12 знаков, сейчас 7" in sentence
    assert "Уберите «иванова»" in sentence
    assert sentence.endswith(".")


@given(st.text(max_size=300))
def test_whatever_is_typed_gets_its_list(text: str) -> None:
    rules = password_rules(text, context=CONTEXT)
    assert [rule.code for rule in rules] == ["length", "kinds", "common", "pattern", "personal"]
    assert all(rule.sentence for rule in rules)


@pytest.mark.parametrize("text", ["4@8({[<369&#!1/|0$5+7%2" * 6, "a1" * 64, "x" * 1_000_000, "e\u0301" * 500_000])
def test_no_text_makes_the_list_slow(text: str) -> None:
    password_rules("x", context=CONTEXT)  # the lists are loaded once
    began = time.process_time()
    password_rules(text, context=CONTEXT)
    assert time.process_time() - began < 0.2
