"""The price of a visit on a day: one tariff, or none, which is an error and never a zero; and how prices change from a day on."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import pairwise
from uuid import UUID

from medcab.accounts.rules.right import Practised
from medcab.errors import Conflict
from medcab.schedule.rules.cells import plain
from medcab.schedule.rules.visits import Payer, VisitKind
from medcab.ui import formats

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class What:
    """What a price is of. `specialty` is that of the hours of reception."""

    payer: Payer
    specialty: str
    kind: VisitKind


def spelt(specialty: str, known: Iterable[str]) -> str:
    """As the clinic writes it in its hours and tariffs, by which a visit finds its price; as it is given where it is new."""
    return {plain(name): name for name in known}.get(plain(specialty), specialty)


def only_on(specialties: Iterable[Practised], day: date) -> str:
    """The one specialty that could be meant on the day; empty where there is none, or a choice."""
    could = {each.specialty for each in specialties if each.touches(day, day)}
    return could.pop() if len(could) == 1 else ""


def doubt(specialty: str, known: Iterable[str]) -> str:
    """A sentence about a specialty that no visit has yet: a new one, or a slip of the pen. Empty when it is known."""
    names = {plain(name): name for name in known}
    if plain(specialty) in names:
        return ""
    near = get_close_matches(plain(specialty), names, 1)
    hint = f" Может быть, «{names[near[0]]}»?" if near else ""
    return f"Такой специальности нет ни в часах приёма, ни в тарифах клиники.{hint}"


@dataclass(frozen=True, slots=True)
class Price:
    """A tariff: both days inclusive, `until` None: no end. `used_until`: up to this day a register has taken it; `id`: of one that is kept."""

    what: What
    kopecks: int
    since: date
    until: date | None = None
    used_until: date | None = None
    id: UUID | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class NoTariff(Conflict):
    """A visit that cannot be billed: nothing says what it costs."""

    message = "На этот день нет тарифа."


class Frozen(Conflict):
    """A register has taken the price: what was sent to a payer is not changed behind their back."""

    def __init__(self, used_until: date) -> None:
        last, free = formats.day(used_until), formats.day(used_until + _DAY)
        super().__init__(f"По этой цене уже составлен реестр (приёмы по {last}). Изменить её можно с {free} или позже.")


def overlap(one: Price, other: Price) -> bool:
    """Whether some day would have two prices."""
    return one.what == other.what and one.since <= (other.until or date.max) and other.since <= (one.until or date.max)


class PriceList:
    """The price of anything on any day, found by halving: a month has tens of thousands of visits."""

    def __init__(self, prices: Iterable[Price]) -> None:
        of: dict[What, list[Price]] = defaultdict(list)
        for price in prices:
            of[price.what].append(price)
        self._of = {what: sorted(each, key=lambda price: price.since) for what, each in of.items()}
        self._starts = {what: [price.since for price in each] for what, each in self._of.items()}
        self._doubled = {what for what, each in self._of.items() if any(overlap(*two) for two in pairwise(each))}

    def on(self, what: What, day: date) -> Price | None:
        """The one that holds; two would be a fault of the data and are refused."""
        at = bisect_right(self._starts.get(what, ()), day)
        found = (
            [price for price in self._of[what][:at] if price.holds(day)]
            if what in self._doubled
            else self.of(what)[at - 1 : at]
        )
        if len(found) > 1:
            raise Conflict("На один день приходится два тарифа. Исправьте их сроки.")
        return found[0] if found and found[0].holds(day) else None

    @property
    def all(self) -> Mapping[What, Sequence[Price]]:
        return self._of

    def of(self, what: What) -> list[Price]:
        """All of one thing, the earliest first."""
        return self._of.get(what, [])


@dataclass(frozen=True, slots=True)
class Change:
    """What a new price does: `ended` gets a last day, `replaced` another price and end, or a row is `added`; none of them: all is so already.

    `resumed`: the former price goes on after the last day of the new one, as no day may lose its price unsaid.
    """

    ended: Price | None = None
    last_day: date | None = None
    replaced: Price | None = None
    added: Price | None = None
    resumed: Price | None = None
    priceless: date | None = None
    """The first day that has no price afterwards, where the new one ends and nothing goes on."""

    @property
    def is_nothing(self) -> bool:
        return self.added is None and self.replaced is None

    @property
    def put(self) -> list[Price]:
        """Every row that is not as it was, as it will be."""
        ended = replace(self.ended, until=self.last_day) if self.ended else None
        return [price for price in (ended, self.replaced, self.added, self.resumed) if price]


def put(held: Sequence[Price], new: Price) -> Change:
    """`held` are all prices of the same thing, none overlapping. A price without an end lasts to the next one that is there already; the same
    price with a last day ends."""
    change = _put(held, new)
    if change.is_nothing or new.until is None:
        return change
    next_day = new.until + _DAY
    goes_on = any(price.holds(next_day) for price in after(held, change))
    return change if goes_on else replace(change, priceless=next_day)


def _put(held: Sequence[Price], new: Price) -> Change:
    later = min((price.since for price in held if price.since > new.since), default=None)
    if new.until and later and later <= new.until:
        raise Conflict(
            f"С {formats.day(later)} уже есть другой тариф: укажите последний день раньше или не указывайте его."
        )
    now = next((price for price in held if price.holds(new.since)), None)
    until = new.until or (later - _DAY if later else None)
    if now and now.kopecks == new.kopecks and until == now.until:
        return Change()
    if now is None:
        return Change(added=Price(new.what, new.kopecks, new.since, until))
    if now.kopecks == new.kopecks:  # the same price goes on: its last day moves, no second row is made
        end(now, until or date.max)
        return Change(replaced=replace(now, until=until))
    if now.used_until and now.used_until >= new.since:
        raise Frozen(now.used_until)
    if now.since == new.since:
        return Change(replaced=replace(now, kopecks=new.kopecks, until=until), resumed=_resumed(now, until))
    added = Price(new.what, new.kopecks, new.since, until)
    return Change(ended=now, last_day=new.since - _DAY, added=added, resumed=_resumed(now, until))


def _resumed(former: Price, until: date | None) -> Price | None:
    if until is None or (former.until and former.until <= until):
        return None
    return Price(former.what, former.kopecks, until + _DAY, former.until)


def end(price: Price, last: date) -> None:
    """Whether a price may have this as its last day, or a refusal."""
    if last < price.since:
        raise Conflict(f"Тариф действует с {formats.day(price.since)}: последний день не может быть раньше.")
    if price.used_until and price.used_until > last:
        raise Conflict(
            f"По этой цене уже составлен реестр (приёмы по {formats.day(price.used_until)}): раньше её не закончить."
        )


def after(held: Sequence[Price], change: Change) -> list[Price]:
    """The prices of the same thing once the change is made."""
    gone = {
        id(each) for each in held if each is change.ended or (change.replaced and each.since == change.replaced.since)
    }
    kept = [each for each in held if id(each) not in gone]
    return sorted([*kept, *change.put], key=lambda price: price.since)
