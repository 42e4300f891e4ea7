"""The price of a visit on a day: one tariff, or none, which is an error and never a zero."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from medcab.errors import Conflict
from medcab.schedule.rules.visits import Payer, VisitKind


@dataclass(frozen=True, slots=True)
class What:
    """What a price is of. `specialty` is that of the hours of reception."""

    payer: Payer
    specialty: str
    kind: VisitKind


@dataclass(frozen=True, slots=True)
class Price:
    """A tariff: both days inclusive, `until` None: no end."""

    what: What
    kopecks: int
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class NoTariff(Conflict):
    """A visit that cannot be billed: nothing says what it costs."""

    message = "На этот день нет тарифа."


def overlap(one: Price, other: Price) -> bool:
    """Whether some day would have two prices."""
    return one.what == other.what and one.since <= (other.until or date.max) and other.since <= (one.until or date.max)


def price_on(prices: Iterable[Price], what: What, day: date) -> Price | None:
    """The one that holds; two would be a fault of the data and are refused."""
    found = [price for price in prices if price.what == what and price.holds(day)]
    if len(found) > 1:
        raise Conflict("На один день приходится два тарифа. Исправьте их сроки.")
    return found[0] if found else None
