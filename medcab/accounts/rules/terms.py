"""What an employment says on a day: a post and a rate hold from their day on until the next ones. No gaps and no overlaps, by what it is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Terms:
    """A post and a rate (hundredths of a full post) from the first day to the last, both included; None: without end."""

    since: date
    until: date | None
    post: str
    rate: int

    def hold_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def say_the_same(self, other: "Terms") -> bool:
        return (self.post, self.rate) == (other.post, other.rate)


def history(place: Terms, changes: Iterable[Terms]) -> list[Terms]:
    """What held when, oldest first. `place`: the time of the role, and what it began with; a change after its end is none."""
    known = sorted(changes, key=lambda each: each.since)
    began = [place, *(each for each in known if each.since <= place.since)][-1]
    told = [replace(began, since=place.since, until=place.until)]
    for each in known:
        is_within = place.since < each.since and (place.until is None or each.since <= place.until)
        if is_within and not each.say_the_same(told[-1]):
            told[-1] = replace(told[-1], until=each.since - _DAY)
            told.append(replace(each, until=place.until))
    return told


def on(told: Iterable[Terms], day: date) -> Terms:
    """What holds on the day; before the first, the first, after the last, the last."""
    known = list(told)
    return [known[0], *(each for each in known if each.since <= day)][-1]
