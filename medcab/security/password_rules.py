"""What a new password must be, as a list that ticks while it is typed, each line naming its reason.

Two profiles. `gosuslugi`, the default: four kinds of signs, unless it is a phrase of 15 or more. `nist` (SP 800-63B-4, ASVS 6.2.5):
no kinds at all. In both: 12 to 128 code points, nothing common, nothing predictable, nothing of the person's own data.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from medcab.errors import Invalid
from medcab.security.common_passwords import is_common, is_predictable, readings
from medcab.security.keyboards import retyped
from medcab.security.passwords import LONGEST

Profile = Literal["gosuslugi", "nist"]

SHORTEST, PHRASE = 12, 15
REPEATED = "Этот пароль у вас уже был. Придумайте новый."
"""For the service, which alone can compare with earlier hashes."""

_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("большой буквы", str.isupper),
    ("маленькой буквы", str.islower),
    ("цифры", str.isdigit),
    ("знака", lambda sign: not sign.isalnum()),
)
_OWN_WORDS = ("medcab", "медкаб")
_SHORTEST_WORD, _TELLING_DIGITS = 4, 7


@dataclass(frozen=True)
class Rule:
    """One line of the list: a stable code, the sentence to show now, whether it is fulfilled."""

    code: str
    sentence: str
    ok: bool


def password_rules(text: str, *, context: Sequence[str] = (), profile: Profile = "gosuslugi") -> list[Rule]:
    """All lines for what is typed so far.

    `context` is what the person is known by, as kept: names, e-mail, phone, SNILS, birth date (ISO or ДД.ММ.ГГГГ), clinic.
    """
    # Endless text is not worked on; what is looked at is enough to know that it is too long.
    seen = unicodedata.normalize("NFC", text[: 4 * LONGEST])
    head = seen[:LONGEST]
    found = _found(head, context)
    lines = [
        _length(len(seen) if len(text) <= 4 * LONGEST else len(text)),
        Rule("common", "Не из частых и утёкших паролей", bool(head))
        if not is_common(head)
        else Rule("common", "Это частый пароль или слово, хоть и изменённое. Придумайте другой", ok=False),
        Rule("pattern", "Не повторы и не соседние клавиши подряд", bool(head) and not is_predictable(head)),
        Rule("personal", f"Уберите «{found}»: это легко узнать о вас", ok=False)
        if found
        else Rule("personal", "Без имени, телефона, почты и других данных о вас", bool(head)),
    ]
    return lines if profile == "nist" else [lines[0], _kinds(head), *lines[1:]]


def require_good(
    text: str, *, context: Sequence[str] = (), profile: Profile = "gosuslugi", field: str = "password"
) -> None:
    """`Invalid` with every unfulfilled line."""
    unmet = [rule.sentence for rule in password_rules(text, context=context, profile=profile) if not rule.ok]
    if unmet:
        raise Invalid("Пароль не подходит. " + ". ".join(unmet) + ".", field=field)


def _length(count: int) -> Rule:
    if count > LONGEST:
        return Rule("length", f"Не больше {LONGEST} знаков, сейчас {count}", ok=False)
    if 0 < count < SHORTEST:
        return Rule("length", f"Не меньше {SHORTEST} знаков, сейчас {count}", ok=False)
    return Rule("length", f"От {SHORTEST} до {LONGEST} знаков", count >= SHORTEST)


def _kinds(text: str) -> Rule:
    missing = [name for name, has in _KINDS if not any(map(has, text))]
    if not text or not missing or len(text) >= PHRASE:
        return Rule("kinds", f"Большая и маленькая буквы, цифра и знак, или фраза от {PHRASE} знаков", bool(text))
    return Rule("kinds", f"Не хватает {', '.join(missing)}. Или придумайте фразу от {PHRASE} знаков", ok=False)


def _found(text: str, context: Sequence[str]) -> str:
    """The first of the person's own words or numbers in the text; empty when there is none."""
    lower = text.lower().replace("ё", "е")
    typed = {form for keys in retyped(lower) for form in readings(keys)}
    typed |= {re.sub(r"[\W_]", "", form) for form in typed}
    needles = (needle for value in (*_OWN_WORDS, *context) for needle in _needles(value.lower()))
    return next((shown for sought, shown in needles if any(sought in form for form in typed)), "")


def _needles(value: str) -> Iterator[tuple[str, str]]:
    """What to look for and how to name it, from one thing that is known about the person (in lower case)."""
    day = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value) or re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value)
    if day:
        first, month, last = (part.zfill(2) for part in day.groups())
        year, date = (first, last) if len(first) > 2 else (last, first)  # noqa: PLR2004
        for form in (date + month + year, year + month + date, month + date + year, date + month + year[2:]):
            yield form, form
        return
    number = re.sub(r"[\s()+\-]", "", value)
    if number.isdigit():
        for start in range(len(number) - _TELLING_DIGITS + 1):
            part = number[start : start + _TELLING_DIGITS]
            yield part, part
        return
    for word in re.split(r"[\W_]+", value.partition("@")[0].replace("ё", "е")):
        if len(word) >= _SHORTEST_WORD and not word.isdigit():
            yield from ((spelling, word) for spelling in {word, *_in_latin(word)})


_LATIN = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziiklmnoprstufye", strict=True))
_SPELLINGS = [
    str.maketrans({**_LATIN, "ъ": "", "ь": "", "ж": "zh", "ч": "ch", "ш": "sh", **special})
    for special in (
        {"х": "kh", "ц": "ts", "щ": "shch", "ю": "iu", "я": "ia"},  # as in a passport
        {"х": "h", "щ": "sch", "ю": "yu", "я": "ya", "й": "y", "ц": "c"},  # as people write
    )
]


def _in_latin(word: str) -> list[str]:
    return [word.translate(table) for table in _SPELLINGS]
