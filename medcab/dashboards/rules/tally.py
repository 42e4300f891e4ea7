"""What is counted: sums of day figures, and the figures of waiting that follow from their histogram."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import NamedTuple

WAIT_EDGES = (0, 5, 15, 30, 45)
"""Lower edges of the histogram's bins, minutes; the last bin has no upper edge."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over any days and workers. Addition is all that is needed: the tally of a period is the sum of its days.

    `planned`: visits of the days that were not cancelled; `cancelled` includes `late_cancelled` (less than 24 hours before).
    `wait_…`: visits by minutes waited; `waited` is their number. `first_starts`: doctors' days whose first patient has a mark of the start;
    `on_time_starts`: those of them that began in time. The field names are the columns of the daily roll-up.
    """

    offered_minutes: int = 0
    booked_minutes: int = 0
    planned: int = 0
    done: int = 0
    no_show: int = 0
    cancelled: int = 0
    late_cancelled: int = 0
    waited: int = 0
    waited_minutes: int = 0
    wait_0_5: int = 0
    wait_5_15: int = 0
    wait_15_30: int = 0
    wait_30_45: int = 0
    wait_45: int = 0
    attended_minutes: int = 0
    first_starts: int = 0
    on_time_starts: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return total((self, other))

    @property
    def is_empty(self) -> bool:
        """Nothing was offered and nothing was booked: there is nothing to say."""
        return not any(_numbers(self))

    @property
    def waits(self) -> tuple[int, ...]:
        """The histogram, one number for each of `WAIT_EDGES`."""
        return (self.wait_0_5, self.wait_5_15, self.wait_15_30, self.wait_30_45, self.wait_45)


COLUMNS = tuple(field.name for field in fields(Tally))
_numbers = attrgetter(*COLUMNS)


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum; of nothing, an empty tally."""
    return Tally(*(sum(column) for column in zip(*map(_numbers, tallies), strict=True)))


class Wait(NamedTuple):
    """Minutes waited; `or_more` when all that is known is the lower edge of the open bin."""

    minutes: float
    or_more: bool = False


def wait_quantile(tally: Tally, share: float) -> Wait | None:
    """The minutes that `share` of the visits waited at most, even spread within a bin assumed; None without visits.

    The error is at most the width of a bin (5–15 minutes): the price of figures that add up over any period.
    """
    seen, wanted = 0, share * sum(tally.waits)
    if wanted <= 0:
        return None
    for count, low, high in zip(tally.waits, WAIT_EDGES, (*WAIT_EDGES[1:], None), strict=True):
        if count and seen + count >= wanted:
            return Wait(low + (high - low) * (wanted - seen) / count) if high is not None else Wait(low, or_more=True)
        seen += count
    return None
