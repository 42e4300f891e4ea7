"""How the sandbox misbehaves on demand, operation by operation."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from medcab.sandbox.store import Store


class Mode(StrEnum):
    """What an operation does instead of its work."""

    NORMAL = "normal"
    OUTAGE = "outage"
    HANG = "hang"
    NOT_YET = "not_yet"
    FOREIGN = "foreign"
    GARBAGE = "garbage"
    MALFORMED = "malformed"
    OVERSIZE = "oversize"
    TAMPERED = "tampered"

    @property
    def label(self) -> str:
        return _TITLES[self]


_TITLES = {
    Mode.NORMAL: "работает",
    Mode.OUTAGE: "недоступен",
    Mode.HANG: "молчит",
    Mode.NOT_YET: "ответа ещё нет",
    Mode.FOREIGN: "отвечает о другом человеке",
    Mode.GARBAGE: "отвечает мусором",
    Mode.MALFORMED: "поля не того вида",
    Mode.OVERSIZE: "слишком длинный ответ",
    Mode.TAMPERED: "ответ изменён в пути",
}
ALL = "*"
OPERATIONS = {
    ALL: "Весь регистр",
    "frmr.person": "Поиск человека",
    "frmr.full": "Запись целиком",
    "frmr.people": "Много людей сразу (ночная сверка)",
    "frmr.card": "Личные дела (места работы)",
    "frmr.prof": "Дипломы",
    "frmr.cert": "Сертификаты",
    "frmr.accreditation": "Аккредитация",
    "frmr.qualification": "Квалификационные категории",
    "frmr.licence": "Реестр лицензий",
    "frmr.licences": "Много лицензий сразу",
    "bank.configuration": "Банк: настройки",
    "bank.token": "Банк: кто клиент",
    "sms.send": "SMS-шлюз",
    "mail.send": "Почтовый сервер",
}
# Messages are not questions about a person, so only these make sense there.
MESSAGE_MODES = (Mode.NORMAL, Mode.OUTAGE, Mode.HANG, Mode.GARBAGE, Mode.TAMPERED)
MAIL_MODES = (Mode.NORMAL, Mode.OUTAGE, Mode.HANG)
BANK_MODES = (Mode.NORMAL, Mode.OUTAGE, Mode.HANG, Mode.GARBAGE, Mode.OVERSIZE, Mode.TAMPERED)


def modes_of(operation: str) -> tuple[Mode, ...]:
    if operation.startswith("bank."):
        return BANK_MODES
    return {"sms.send": MESSAGE_MODES, "mail.send": MAIL_MODES}.get(operation, tuple(Mode))


@dataclass(frozen=True, slots=True)
class Switch:
    """`delay_ms` before anything else; `retry_after` seconds for "not yet"; `times`: for so many requests
    only.
    """

    mode: Mode = Mode.NORMAL
    delay_ms: int = 0
    retry_after: int = 30
    times: int | None = None

    @classmethod
    def parse(cls, operation: str, given: dict[str, Any]) -> "Switch":
        """From JSON or a form. Raises `ValueError`."""
        mode = Mode(given.get("mode", Mode.NORMAL))
        if operation not in OPERATIONS or mode not in modes_of(operation):
            raise ValueError(f"{operation} cannot be {mode}")
        times = given.get("times")
        return cls(
            mode,
            _within(given.get("delay_ms", 0), 60_000),
            _within(given.get("retry_after", 30), 86_400),
            _within(times, 1_000) if times not in (None, "") else None,
        )


def _within(value: object, most: int) -> int:
    number = int(str(value))
    if not 0 <= number <= most:
        raise ValueError(f"{number} is not between 0 and {most}")
    return number


class Switchboard:
    """The switches as they are now; a counted switch turns itself off."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._promised: dict[tuple[str, str], float] = {}

    def current(self) -> dict[str, Switch]:
        kept = self._store.switches()
        return {operation: Switch.parse(operation, kept.get(operation, {})) for operation in OPERATIONS}

    def put(self, operation: str, switch: Switch) -> None:
        self._store.put_switch(operation, asdict(switch))

    async def take(self, operation: str) -> Switch:
        """The switch for one request, after its delay. The operation's own goes before the whole register's."""
        switches = self.current()
        own = operation if switches[operation] != Switch() or not operation.startswith("frmr.") else ALL
        switch = switches[own]
        if switch.times is not None:
            left = replace(switch, times=switch.times - 1)
            self.put(own, left if left.times else Switch())
        await asyncio.sleep(switch.delay_ms / 1000)
        return switch

    def seconds_left(self, operation: str, about: str, switch: Switch) -> int:
        """ "Not yet" is a promise: the first question starts the work, and after `retry_after` seconds the
        answer is there.
        """
        key, now = (operation, about), self._clock()
        ready_at = self._promised.setdefault(key, now + switch.retry_after)
        if now >= ready_at:
            del self._promised[key]
            return 0
        return max(1, round(ready_at - now))

    def forget(self) -> None:
        self._promised.clear()
