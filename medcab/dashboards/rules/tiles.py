"""A tile over the charts: a figure, how it moved, where it should be, how far to trust it, and what it means."""

from typing import TypedDict

from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.comparison import Change, change
from medcab.dashboards.rules.kpi import CATALOGUE, DONE_SHARE, Kpi, Measure, Standing
from medcab.dashboards.rules.parts import FRACTIONS, FREE, OPEN, Part, Rows
from medcab.dashboards.rules.tally import Tally
from medcab.ui import formats


class Tile(TypedDict):
    """Ready to draw. `tone` is one of the theme's; texts may be empty, `doubt` is when the figure is reliable.

    `part` and `whole` are what was divided by what, each with the way to its rows; `rest` what of the whole is left, where that is worth a look.
    """

    code: str
    title: str
    value: str
    tone: str
    standing: str
    change: str
    change_tone: str
    norm: str
    source: str
    doubt: str
    formula: str
    caveat: str
    numerator: str
    denominator: str
    part: str
    part_href: str
    whole: str
    whole_href: str
    rest: str
    rest_href: str


OF_NO_KIND = "для одного вида приёма не считается: часы предложены для любых"
_OWN_MEASURE = "сравнивайте с прошлым сроком"
_TONES = {Standing.MET: "done", Standing.BELOW: "soon", Standing.ABOVE: "soon", Standing.UNKNOWN: "quiet"}


def tiles(now: Tally, before: Tally, address: Address) -> list[Tile]:
    """One for each figure of the catalogue, in its order; `address` is the view in which they stand."""
    return [_tile(kpi, now, before, address) for kpi in CATALOGUE]


def _tile(kpi: Kpi, now: Tally, before: Tally, address: Address) -> Tile:
    measure = kpi.measure(now)
    part, whole = FRACTIONS[kpi.code].numerator, FRACTIONS[kpi.code].denominator
    tile = plain(kpi, measure, change(kpi, measure, kpi.measure(before)), address)
    if not is_told(kpi, address):
        tile["doubt"] = OF_NO_KIND
    elif not now.is_empty:
        tile["part"], tile["whole"] = counted(part, now, alone=whole is None), counted(whole, now) if whole else ""
        tile["doubt"] = tile["doubt"] or _unmarked(kpi, now)
        tile["rest"] = words.room(now) if tile["rest_href"] and now.offered_minutes else ""
    return tile


def _unmarked(kpi: Kpi, now: Tally) -> str:
    """Of the share of visits held: how many of them nobody can tell yet."""
    count = OPEN.count(now) if kpi is DONE_SHARE else 0
    return f"ещё без отметки: {formats.plural(count, *words.VISIT)}" if count > 0 else ""


def plain(kpi: Kpi, measure: Measure, moved: Change | None, address: Address) -> Tile:
    """Of a figure whatever it is measured of; what was divided by what is still to be said."""
    part, whole = FRACTIONS[kpi.code].numerator, FRACTIONS[kpi.code].denominator
    return {
        "code": kpi.code,
        "title": kpi.title,
        "value": words.value(kpi, measure),
        "tone": _TONES[kpi.standing(measure)],
        "standing": words.standing(kpi, measure),
        "change": words.difference(kpi, moved),
        "change_tone": _change_tone(moved),
        "norm": kpi.target,
        "source": kpi.norm.source if kpi.norm else _OWN_MEASURE if kpi.target else "",
        "doubt": words.doubt(kpi, measure) if measure.value is not None and not measure.is_reliable else "",
        "formula": kpi.formula,
        "numerator": kpi.numerator,
        "denominator": kpi.denominator,
        "caveat": kpi.caveat,
        "part": "",
        "part_href": str(address.of_mark("", part.code)),
        "whole": "",
        "whole_href": str(address.of_mark("", whole.code)) if whole else "",
        "rest": "",
        "rest_href": str(address.of_mark("", FREE.code)) if FRACTIONS[kpi.code].below is FREE else "",
    }


def is_told(kpi: Kpi, address: Address) -> bool:
    """Whether the view can tell the figure: hours are offered for no one kind of visit."""
    denominator = FRACTIONS[kpi.code].denominator
    return not address.selection.kind or denominator is None or denominator.rows is Rows.VISITS


def counted(part: Part, tally: Tally, *, alone: bool = False) -> str:
    """«26», «120 ч», or «26 приёмов» where it stands alone."""
    number = part.measured(tally)
    if part.is_time:
        return formats.duration(number)
    return formats.plural(number, *words.VISIT) if alone else formats.number(number)


def _change_tone(moved: Change | None) -> str:
    if moved is None or moved.is_better is None:
        return "quiet"
    return "done" if moved.is_better else "soon"
