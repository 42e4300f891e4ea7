"""Cells of a rota as people write them: a day, a time, hours, a word for a day without reception. Liberal in signs, strict in meaning."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from medcab.errors import Invalid
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.rules.templates import Block
from medcab.tables.reader import day_of_serial
from medcab.tables.writer import undefused

DAY_OFF = "Выходной"
_CODES = {
    DAY_OFF: "- -- в вых выходной х",
    "Отпуск": "о от отп отпуск",
    "Отпуск без сохранения зарплаты": "до",
    "Отпуск по беременности и родам": "р",
    "Отпуск по уходу за ребёнком": "ож",
    "Болезнь": "б бл больн болен болеет болезнь больничный",
    "Командировка": "к ком командировка",
    "Учёба": "у уч учеба",
}
"""What stands in a cell of a day without reception; the letters are those of a Russian time sheet."""
_OFF = {code: reason for reason, codes in _CODES.items() for code in codes.split()}
_DASHES = re.compile("[‐‑‒–—―−﹣－]")
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_LOOKALIKES = str.maketrans("abcehkmoptxy", "авсенкмортху")
_TIME = r"(\d{1,2})(?:\s*[:.]\s*([0-5]\d)|-(00|30))?"
_RANGE = re.compile(rf"(?:с\s*)?{_TIME}\s*(?:-|до|по)\s*{_TIME}(?:\s*ч(?:ас(?:ов|а)?)?\b\.?)?")
_BETWEEN = re.compile(r"(?:[\s,;/+]|и\b)*")
_ROOM = re.compile(r"\(?\s*\bкаб(?:инет)?\b\.?\s*№?\s*([^\s,;()]+)\s*\)?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.\-]([0-5]\d)(?::00)?)?(?:\s*ч(?:ас(?:ов|а)?)?\.?)?")
_FRACTION = re.compile(r"0[.,]\d+")
_COUNT = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ].*)?")
_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?(?:\s*г\.?)?")
_MONTHS = (
    "январ[ьяе]|янв", "феврал[ьяе]|фев", "март[ае]?", "апрел[ьяе]|апр", "ма[йяе]", "июн[ьяе]", "июл[ьяе]", "август[ае]?|авг", "сентябр[ьяе]|сент?",
    "октябр[ьяе]|окт", "ноябр[ьяе]|нояб?", "декабр[ьяе]|дек",
)  # fmt: skip
_MONTH = re.compile(rf"\b(?:{'|'.join(f'({each})' for each in _MONTHS)})\b\.?\s*(\d{{4}})?")
_NUMBERED = re.compile(r"(?<!\d)(0?[1-9]|1[0-2])[./-](20\d{2})\b")
_HEAD_DAY = re.compile(
    r"(?:(?:пн|вт|ср|чт|пт|сб|вс)[.,]?\s*)?(\d{1,2})(?:-?е)?(?:[.,]?\s*(?:пн|вт|ср|чт|пт|сб|вс)\.?)?"
)
WEEKDAYS = frozenset(("пн", "вт", "ср", "чт", "пт", "сб", "вс"))
_LAST = 31
_CENTURY = 2000
_FAR = 366 * 3
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says of a day: hours in order, or why there are none."""

    blocks: tuple[Block, ...] = ()
    off: str = ""
    room: str = ""


def tidy(text: str) -> str:
    """One kind of space and one of dash."""
    return _SPACES.sub(" ", _DASHES.sub("-", undefused(text.strip()))).strip()


def plain(text: str) -> str:
    """By what words are compared: no difference of case, of «ё», of dots and spaces."""
    return " ".join(tidy(text).casefold().replace("ё", "е").replace(".", " ").split())


def off_of(text: str) -> str:
    """The reason that a word or letter stands for; empty when it stands for none."""
    return _OFF.get(plain(text).translate(_LOOKALIKES), "")


def said(text: str) -> Said | None:
    """A cell of a day; None: it says nothing. `Invalid` with how to write it."""
    bare = tidy(text).casefold()
    if not bare:
        return None
    if reason := off_of(bare):
        return Said(off=reason)
    room = _ROOM.search(bare)
    hours = _blocks(bare.replace(room[0], " ").strip() if room else bare, text)
    return Said(blocks=hours, room=tidy(text)[room.start(1) : room.end(1)] if room else "")


def _blocks(bare: str, text: str) -> tuple[Block, ...]:
    found: list[Block] = []
    at = 0
    while at < len(bare):
        here = _RANGE.match(bare, at)
        if here is None:
            raise _strange(text)
        found.append(_block(here, text))
        between = _BETWEEN.match(bare, here.end())
        at = between.end() if between else here.end()
    if not found:
        raise _strange(text)
    found.sort(key=lambda block: block.starts)
    if any(one.meets(other) for one, other in pairwise(found)):
        raise Invalid(f"«{_shown(text)}»: часы накладываются друг на друга.")
    return tuple(found)


def _block(here: re.Match[str], text: str) -> Block:
    numbers = [int(here[at] or here[at + 1] or 0) if at in (2, 5) else int(here[at]) for at in (1, 2, 4, 5)]
    starts, ends = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if ends > DAY_MINUTES or starts > DAY_MINUTES:
        raise Invalid(f"«{_shown(text)}»: в сутках 24 часа.")
    if ends <= starts:
        raise Invalid(backwards(_shown(text)))
    return Block(starts, ends)


def backwards(shown: str) -> str:
    return f"«{shown}»: приём должен заканчиваться позже, чем начался. Ночной запишите двумя днями: до 24:00 и с 0:00."


def _strange(text: str) -> Invalid:
    bare = tidy(text)
    if day := day_of_serial(bare):
        typed = f"{day.day}-{day.month}"
        return Invalid(
            f"Excel превратил «{typed}» в дату {day:%d.%m.%Y}. Напишите «{day.day}:00–{day.month}:00» или сделайте ячейки текстовыми."
        )
    if _COUNT.fullmatch(bare):
        return Invalid(
            f"«{_shown(text)}» не время, а число часов. Напишите, с какого и до какого часа: например, 9:00–15:00."
        )
    return Invalid(
        f"«{_shown(text)}» не похоже на часы. Напишите, например, 9:00–15:00, или О (отпуск), Б (болезнь), В (выходной)."
    )


def _shown(text: str) -> str:
    return tidy(text)[:_SHOWN]


def time_of(text: str) -> int:
    """Minutes since midnight, also of what a spreadsheet keeps as a part of a day; `Invalid` with how to write it."""
    bare = tidy(text).casefold().removeprefix("1899-12-30t").removeprefix("1899-12-30 ")
    if (part := _part_of_day(bare)) is not None:
        return part
    found = _CLOCK.fullmatch(bare)
    minutes = int(found[1]) * 60 + int(found[2] or 0) if found else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise Invalid(f"«{_shown(text)}» не похоже на время. Напишите, например, 09:00.")
    return minutes


def _part_of_day(bare: str) -> int | None:
    """«0.375» is nine o'clock, «0.25» six; «0.05» is typed, and five past midnight."""
    if not _FRACTION.fullmatch(bare):
        return None
    minutes = round(float(bare.replace(",", ".")) * DAY_MINUTES)
    is_typed = len(bare) <= len("0.05") and minutes % 5
    return None if is_typed else minutes


def day_of(text: str, today: date) -> date:
    """A calendar day, however it is written; without a year, the nearest one. `Invalid` with how to write it."""
    bare = tidy(text).casefold()
    if not bare:
        raise Invalid("Укажите дату: например, 01.12.2026.")
    try:
        found = day_of_serial(bare) or _iso(bare) or _dotted(bare, today) or _worded(bare, today)
    except ValueError:
        raise Invalid(f"Дня «{_shown(text)}» нет в календаре.") from None
    if found is None:
        raise Invalid(f"«{_shown(text)}» не похоже на дату. Напишите, например, 01.12.2026.")
    if abs((found - today).days) > _FAR:
        raise Invalid(f"«{_shown(text)}»: проверьте год.")
    return found


def _iso(bare: str) -> date | None:
    found = _ISO.fullmatch(bare)
    return date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _dotted(bare: str, today: date) -> date | None:
    found = _DAY.fullmatch(bare)
    if not found:
        return None
    day, month, year = int(found[1]), int(found[2]), int(found[3] or 0)
    if not year:
        return _nearest(day, month, today)
    return date(year if year >= 100 else _CENTURY + year, month, day)  # noqa: PLR2004 - two figures of a year


def _worded(bare: str, today: date) -> date | None:
    """«1 декабря 2026»."""
    head = re.match(r"(\d{1,2})\s+", bare)
    found = _MONTH.fullmatch(bare.removesuffix("г.").removesuffix("г").strip(), head.end()) if head else None
    if not (head and found):
        return None
    month = _number_of(found)
    year = found[len(_MONTHS) + 1]
    return date(int(year), month, int(head[1])) if year else _nearest(int(head[1]), month, today)


def _nearest(day: int, month: int, today: date) -> date | None:
    around = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            around.append(date(year, month, day))
        except ValueError:  # 29 February of most years
            continue
    if not around:
        raise ValueError
    return min(around, key=lambda each: abs((each - today).days))


def _number_of(found: re.Match[str]) -> int:
    return next(number for number in range(1, len(_MONTHS) + 1) if found[number])


def month_in(text: str, today: date) -> date | None:
    """The first day of a month that is named: «на декабрь 2026 г.», «12.2026»; without a year, the nearest one."""
    bare = tidy(text.replace("_", " ")).casefold()
    if numbered := _NUMBERED.search(bare):
        return date(int(numbered[2]), int(numbered[1]), 1)
    found = _MONTH.search(bare)
    if not found:
        return None
    month, year = _number_of(found), found[len(_MONTHS) + 1]
    if year:
        return date(int(year), month, 1) if abs(int(year) - today.year) <= _FAR // 366 else None
    return _nearest(1, month, today)


def head_day(text: str, today: date) -> date | int | None:
    """What the heading of a column says: a day, a number of a day in the month, or None: it is no day."""
    bare = tidy(text).casefold().removesuffix(".0")
    if numbered := _HEAD_DAY.fullmatch(bare):
        number = int(numbered[1])
        return number if 1 <= number <= _LAST else None
    if not (bare and bare[0].isdigit()):
        return None
    try:
        return day_of(bare, today)
    except Invalid:
        return None


def month_of(text: str) -> date | None:
    """«2026-12», as an address says it."""
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
