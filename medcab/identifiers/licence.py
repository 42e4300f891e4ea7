"""Number of a licence for medical or pharmaceutical activity.

Since 2021 `Л041-01137-77/00584930` (Л041 medical, Л042 pharmaceutical; code, region, serial); before `ЛО-37-01-000001` or
`31-01-000278`. The letters are often typed in Latin; the number is kept in Cyrillic.
"""

import re

from medcab.errors import Invalid
from medcab.identifiers.digits import tidy

_TO_CYRILLIC = str.maketrans("LO", "ЛО")
_CURRENT = re.compile(r"Л04[12]-\d{5}-\d{2}/\d{8}", re.ASCII)
_EARLIER = re.compile(r"(ЛО-\d{2}|\d{2})-\d{2}-\d{6}", re.ASCII)


def parse(text: str) -> str:
    """The number in capital Cyrillic, or `Invalid`."""
    seen = tidy(text, field="licence")
    number = re.sub(r"^№| ", "", seen).upper().translate(_TO_CYRILLIC)
    if not number:
        raise _refuse("Укажите номер лицензии, например Л041-01137-77/00584930.")
    if _CURRENT.fullmatch(number) or _EARLIER.fullmatch(number):
        return number
    if number.startswith("Л04") and "/" not in number:
        raise _refuse("В номере лицензии перед последними восемью цифрами стоит «/»: Л041-01137-77/00584930.")
    raise _refuse("Номер лицензии выглядит так: Л041-01137-77/00584930, а выданный до 2021 года так: ЛО-37-01-000001.")


def formatted(value: str) -> str:
    return value


def _refuse(sentence: str) -> Invalid:
    return Invalid(sentence, field="licence")
