"""The figures of a department, each defined once: formula in words, what is divided by what, norm and its source, what to beware of.

Definitions and norms: reference for heads of departments (fill 85–92 %, no-shows under 8 %, waiting measured against 15 and 45 minutes). They are
the trade's guiding values, no ministry's norm, and the page says so. Which rows of the reference's list our data can carry, and which not: decision 0026.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from medcab.dashboards.rules.load import Load
from medcab.dashboards.rules.staff import Staff
from medcab.dashboards.rules.tally import Tally, wait_quantile
from medcab.schedule.rules.norms import USUAL

Facts = TypeVar("Facts")

FEW = 5
"""A share of fewer cases than this says little and is marked so."""
FEW_MINUTES = 60
"""The same for a share of minutes: less than an hour of reception."""
_FINE_BELOW = 0.1
_MOST_DIGITS, _SAME = 4, 1e-9
"""So near to the edge of a norm is on it: what a division leaves behind is no miss."""
TRADE = "ориентир отрасли, не норматив Минздрава"
NO_NORM = "нормы нет"
"""Of a figure that is better one way, though nobody has said how good it should be."""


class Unit(StrEnum):
    """What a value is: pieces, a share of one, or minutes."""

    COUNT = "count"
    SHARE = "share"
    MINUTES = "minutes"


_SCALE = {Unit.SHARE: 100}
"""By which a value is shown larger than it is kept."""


def shown(unit: Unit, value: float) -> float:
    """The value to the precision in which it is usually shown: a share in whole per cent, below ten per cent in tenths of one; minutes whole."""
    if unit is not Unit.SHARE:
        return float(round(value))
    fine = round(value, 3)
    return fine if fine < _FINE_BELOW else round(value, 2)


def digits(unit: Unit, value: float, norm: "Norm | None" = None) -> int:
    """After the comma, as it is shown: 8.4 % is not 8 %, but 8.0 % is; and as many more as it takes for nobody to read «92 %, выше нормы (85–92 %)».

    What is judged is the value itself.
    """
    rounded, scale = shown(unit, value), _SCALE.get(unit, 1)
    usual = int(unit is Unit.SHARE and round(rounded * 1000) % 10 != 0)
    if norm is None or norm.of(rounded) is norm.of(value):
        return usual
    return next((more for more in range(usual + 1, _MOST_DIGITS) if norm.of(round(value * scale, more) / scale) is norm.of(value)), _MOST_DIGITS)  # fmt: skip


class Better(StrEnum):
    """Which way is good; load has no good side by itself."""

    HIGHER = "higher"
    LOWER = "lower"
    INSIDE = "inside"
    NEITHER = "neither"


class Standing(StrEnum):
    """A value against its norm."""

    MET = "met"
    BELOW = "below"
    ABOVE = "above"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Norm:
    """Where a value should be, both edges included; None: no such edge. `source` is shown."""

    low: float | None = None
    high: float | None = None
    words: str = ""
    source: str = TRADE

    @property
    def is_judged(self) -> bool:
        """Whether it says where a value should not be: a norm without edges is only what the value is measured by."""
        return self.low is not None or self.high is not None

    def of(self, value: float) -> Standing:
        if self.low is not None and value < self.low - _SAME:
            return Standing.BELOW
        return Standing.ABOVE if self.high is not None and value > self.high + _SAME else Standing.MET


@dataclass(frozen=True, slots=True)
class Measure:
    """A value over some days. None is «нет данных», which is not zero. `of` is the denominator, `few` the least that makes it reliable.

    `or_more`: the value is a lower bound.
    """

    value: float | None
    of: int = 0
    few: int = FEW
    or_more: bool = False

    @property
    def is_reliable(self) -> bool:
        return self.value is not None and self.of >= self.few


@dataclass(frozen=True, slots=True)
class Kpi(Generic[Facts]):
    """One figure, measured of what is counted. `numerator` and `denominator` are words; a count has no denominator. `cases`: what a small denominator counts, by number."""

    code: str
    title: str
    formula: str
    numerator: str
    denominator: str
    unit: Unit
    better: Better
    measure: Callable[[Facts], Measure]
    norm: Norm | None = None
    caveat: str = ""
    cases: tuple[str, str, str] = ("случай", "случая", "случаев")

    @property
    def target(self) -> str:
        """Where it should be, in words; empty where no way is better."""
        if self.norm:
            return self.norm.words
        return "" if self.better is Better.NEITHER else NO_NORM

    def standing(self, measure: Measure) -> Standing:
        """Against the norm; unknown without one, without data, or with too few cases."""
        if self.norm is None or not self.norm.is_judged or measure.value is None or not measure.is_reliable:
            return Standing.UNKNOWN
        standing = self.norm.of(measure.value)
        is_at_the_edge = measure.or_more and self.norm.high is not None and measure.value >= self.norm.high
        return Standing.ABOVE if is_at_the_edge else standing  # «45 мин и больше» is no «не больше 45 мин»


def _count(tally: Tally, value: int) -> Measure:
    return Measure(None if tally.is_empty else value, of=value, few=0)


def _share(part: int, whole: int, few: int = FEW) -> Measure:
    return Measure(part / whole if whole else None, of=whole, few=few)


def _of_held(part: int, whole: int, tally: Tally, few: int = FEW) -> Measure:
    """A share of what came to pass: while visits wait and none has ended there is nothing to say, and that is not 0 %."""
    is_ahead = tally.planned and not (tally.done or tally.no_show)
    return Measure(None, of=whole, few=few) if is_ahead else _share(part, whole, few)


def _census(part: int, staff: Staff) -> Measure:
    """Of everybody there is: no sample, so however few they are, it says what it says."""
    return _share(part, len(staff.people), few=1)


def _wait(tally: Tally, share: float) -> Measure:
    wait = wait_quantile(tally, share)
    return Measure(wait.minutes, tally.waited, or_more=wait.or_more) if wait else Measure(None)


_OF_MINUTES = ("минута приёма", "минуты приёма", "минут приёма")
_OF_DAYS = ("день врача", "дня врача", "дней врача")
_WAIT_CAVEAT = (
    "Ожидание считается от назначенного времени, а если пациент пришёл позже, от его прихода, до начала приёма."
)

PLANNED: Kpi[Tally] = Kpi(
    "planned", "Запланировано приёмов", "число приёмов на эти дни, кроме отменённых", "запланированные приёмы", "",
    Unit.COUNT, Better.NEITHER, lambda t: _count(t, t.planned),
)  # fmt: skip
DONE: Kpi[Tally] = Kpi(
    "done", "Проведено приёмов", "число приёмов с отметкой «завершён»", "завершённые приёмы", "",
    Unit.COUNT, Better.NEITHER, lambda t: _count(t, t.done),
)  # fmt: skip
DONE_SHARE: Kpi[Tally] = Kpi(
    "done_share", "Доля проведённых", "завершённые ÷ запланированные", "завершённые приёмы", "запланированные приёмы",
    Unit.SHARE, Better.HIGHER, lambda t: _of_held(t.done, t.planned, t),
    caveat="Если период захватывает сегодня или будущие дни, ещё не начавшиеся приёмы снижают долю. Пока не завершён ни один приём, считать нечего.",
)  # fmt: skip
UTILISATION: Kpi[Tally] = Kpi(
    "utilisation", "Заполненность по записи", "занятые минуты приёма ÷ предложенные минуты", "минуты, на которые записаны пациенты",
    "минуты приёма по расписанию", Unit.SHARE, Better.INSIDE, lambda t: _share(t.booked_minutes, t.offered_minutes, FEW_MINUTES),
    Norm(0.85, 0.92, "85–92\u00a0%"), "Сколько часов приёма занято записью, пришёл ли пациент или нет: неявка занимает время. Сколько из них ушло на состоявшиеся приёмы, показывает «Заполненность по факту», "
    "а сколько это от нормы должности — «Нагрузка к норме». "
    "Выше 92 % не остаётся места для неотложной записи.", _OF_MINUTES,
)  # fmt: skip
ATTENDED: Kpi[Tally] = Kpi(
    "attended", "Заполненность по факту", "минуты завершённых приёмов ÷ предложенные минуты", "минуты, на которые были записаны принятые пациенты",
    "минуты приёма по расписанию", Unit.SHARE, Better.HIGHER, lambda t: _of_held(t.attended_minutes, t.offered_minutes, t, FEW_MINUTES),
    caveat="Неявки и приёмы без отметки о завершении сюда не входят, поэтому показатель ниже заполненности по записи. Считается время по записи.",
    cases=_OF_MINUTES,
)  # fmt: skip
NO_SHOW: Kpi[Tally] = Kpi(
    "no_show", "Неявки", "неявки ÷ (завершённые + неявки)", "неявки", "завершённые приёмы и неявки",
    Unit.SHARE, Better.LOWER, lambda t: _share(t.no_show, t.done + t.no_show),
    Norm(high=0.08, words="не больше 8\u00a0%"), "Поздние отмены сюда не входят и показаны отдельно.",
)  # fmt: skip
LATE_CANCEL: Kpi[Tally] = Kpi(
    "late_cancel", "Поздние отмены", "отмены меньше чем за сутки ÷ (запланированные + все отмены)", "отмены меньше чем за сутки",
    "все записи, включая отменённые", Unit.SHARE, Better.LOWER, lambda t: _share(t.late_cancelled, t.planned + t.cancelled),
    caveat="Слот после поздней отмены обычно остаётся пустым.",
)  # fmt: skip
WAIT_MEDIAN: Kpi[Tally] = Kpi(
    "wait_median", "Половина пациентов ждала не дольше", "медиана: столько или меньше ждала половина пациентов", "минуты ожидания у кабинета", "приёмы с отметкой начала",
    Unit.MINUTES, Better.LOWER, lambda t: _wait(t, 0.5), Norm(high=15, words="не больше 15\u00a0мин"), _WAIT_CAVEAT,
)  # fmt: skip
WAIT_P90: Kpi[Tally] = Kpi(
    "wait_p90", "9 из 10 пациентов ждали не дольше", "90-й процентиль: столько или меньше ждали девять из десяти пациентов", "минуты ожидания у кабинета",
    "приёмы с отметкой начала", Unit.MINUTES, Better.LOWER, lambda t: _wait(t, 0.9), Norm(high=45, words="не больше 45\u00a0мин"), _WAIT_CAVEAT,
)  # fmt: skip
WAIT_15: Kpi[Tally] = Kpi(
    "wait_15", "Приняты за 15 минут", "приёмы с ожиданием до 15 минут ÷ приёмы с отметкой начала", "ожидание до 15 минут",
    "приёмы с отметкой начала", Unit.SHARE, Better.HIGHER, lambda t: _share(t.wait_0_5 + t.wait_5_15, t.waited), caveat=_WAIT_CAVEAT,
)  # fmt: skip
WAIT_45: Kpi[Tally] = Kpi(
    "wait_45", "Приняты за 45 минут", "приёмы с ожиданием до 45 минут ÷ приёмы с отметкой начала", "ожидание до 45 минут",
    "приёмы с отметкой начала", Unit.SHARE, Better.HIGHER, lambda t: _share(t.waited - t.wait_45, t.waited), caveat=_WAIT_CAVEAT,
)  # fmt: skip
ON_TIME: Kpi[Tally] = Kpi(
    "on_time", "День начат вовремя", "дни, когда первого пациента приняли не позже 5 минут после назначенного времени ÷ дни с отметкой начала",
    "дни врачей, начатые вовремя", "дни врачей, когда у первого принятого пациента есть отметка начала",
    Unit.SHARE, Better.HIGHER, lambda t: _share(t.on_time_starts, t.first_starts),
    caveat="День врача в отделении считается один раз. Первый пациент — тот, чей приём начали раньше всех, даже если записан он был не первым.",
    cases=_OF_DAYS,
)  # fmt: skip

CATALOGUE = (
    PLANNED, DONE, DONE_SHARE, UTILISATION, ATTENDED, NO_SHOW, LATE_CANCEL, WAIT_MEDIAN, WAIT_P90, WAIT_15, WAIT_45, ON_TIME,
)  # fmt: skip
"""Those that follow from the daily roll-up, in the order of the page."""

LOAD: Kpi[Load] = Kpi(
    "load", "Нагрузка к норме", "завершённые приёмы ÷ приёмы по норме врачебной должности", "завершённые приёмы",
    "приёмы, на которые рассчитаны часы должности: часы недели ÷ 5 × рабочие дни × ставка × 60 ÷ минуты на приём", Unit.SHARE, Better.NEITHER,
    lambda load: Measure(load.counted / load.expected if load.expected else None, of=round(load.expected)),
    Norm(words="100\u00a0% — функция врачебной должности", source="приказы 290н, 973н и 2017–2018 годов; 33 часа амбулаторного приёма в неделю — постановление от 14.02.2003 № 101"),
    "Доля нормы должности, а не открытых для записи часов: при полной записи нагрузка мала, когда часов открыто меньше, чем рассчитано на должность, "
    "приёмы длиннее нормы или пациенты не пришли. Нормы времени рекомендательные; где для специальности нормы нет, первичный приём считается за "
    f"{USUAL}\u00a0мин. Ставка берётся та, что действовала в каждый день, при двух врачебных ролях в отделении — большая. Дни отпуска и других отсутствий не считаются, "
    "приём в выходной увеличивает нагрузку; сегодняшний день учтён в норме целиком. Приёмы вне известных должностей в долю не входят.", ("приём по норме", "приёма по норме", "приёмов по норме"),
)  # fmt: skip
_RIGHT = "323-ФЗ, статья 69: без действующего права принимать нельзя"
_PEOPLE = ("сотрудник", "сотрудника", "сотрудников")
_RIGHT_CAVEAT = "Из нескольких специальностей достаточно одной действующей: у кого какая закончилась, видно в строках. Прошлое не хранится, сравнить не с чем."
VALID: Kpi[Staff] = Kpi(
    "valid", "Право на работу сегодня", "сотрудники с действующим правом ÷ все медицинские сотрудники отделения", "право действует сегодня",
    "медицинские сотрудники отделения на сегодня", Unit.SHARE, Better.HIGHER, lambda staff: _census(len(staff.valid()), staff),
    Norm(low=1.0, words="100\u00a0%", source=_RIGHT), _RIGHT_CAVEAT, _PEOPLE,
)  # fmt: skip
VALID_AHEAD: Kpi[Staff] = Kpi(
    "valid_ahead", "Право на работу через 90 дней", "сотрудники, чьё право будет действовать через 90 дней без продления ÷ все",
    "право будет действовать", "медицинские сотрудники отделения на сегодня", Unit.SHARE, Better.HIGHER,
    lambda staff: _census(len(staff.valid(ahead=True)), staff), Norm(low=1.0, words="100\u00a0%", source=_RIGHT), _RIGHT_CAVEAT, _PEOPLE,
)  # fmt: skip
OF_PEOPLE = (LOAD, VALID, VALID_AHEAD)
"""Those that follow from the people of the department beside their visits."""

BY_CODE = {kpi.code: kpi for kpi in (*CATALOGUE, *OF_PEOPLE)}
assert len(BY_CODE) == len(CATALOGUE) + len(OF_PEOPLE)
