"""What the page, the letters and the charts say, in sentences."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from medcab.dashboards.epidemiology.rules.address import CHAPTERS, PATH, Address
from medcab.dashboards.epidemiology.rules.kpi import CaseKpi, Facts
from medcab.dashboards.epidemiology.rules.threshold import FEW
from medcab.dashboards.epidemiology.rules.weeks import Week, has_ended
from medcab.dashboards.rules.attention import Attention, Concern
from medcab.schedule.diagnoses.rules.ages import AGE_TITLES, AgeGroup
from medcab.schedule.diagnoses.rules.names import NAMES
from medcab.ui import formats

NOTHING = "За эти месяцы впервые выявленных случаев не записано."
_LONGEST = 48
APART = "не заболевания, в итог не входят"
UNRELIABLE = f"меньше {FEW} случаев: по ним не судят"


def cases(count: int) -> str:
    return formats.plural(count, "случай", "случая", "случаев")


def week(monday: date) -> str:
    """«16–22 ноября 2026»."""
    return formats.period(monday, monday + timedelta(days=6))


def chapter(number: str) -> str:
    """«X. Болезни органов дыхания»."""
    return f"{number}. {CHAPTERS[number].title}" if number in CHAPTERS else number


def chapter_shortly(number: str) -> str:
    """The same where there is little room."""
    whole = chapter(number)
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1].rstrip()}…"


def category(code: str) -> str:
    return f"{code} {NAMES[code]}" if code in NAMES else code


def rounded(value: float) -> str:
    return formats.number(value, 1)


def value(kpi: CaseKpi, facts: Facts) -> str:
    measured = kpi.measure(facts).value
    if measured is None:
        return formats.NO_DATA
    return formats.number(measured, 1 if kpi.is_rate else 0)


def share(part: int, whole: int) -> str:
    return formats.percent(part / whole, 1) if whole else formats.NO_DATA


def against(found: Week) -> str:
    """A week in words: how many, and how many are usual."""
    if found.cases is None:
        return formats.NO_DATA
    if found.usual is None:
        return f"{cases(found.cases)}; сравнить не с чем"
    usual = f"порог {rounded(found.usual.threshold)}, обычно {rounded(found.usual.mean)}"
    return f"{cases(found.cases)}: {usual}"


def attention(weeks: Sequence[Week], monday: date, at: Address) -> Attention:
    """«Что выше порога?» about the last finished week; `weeks` are its classes."""
    above = [each for each in weeks if each.is_above]
    compared = [each for each in weeks if each.usual]
    when = week(monday)
    note = ""
    if weeks and len(compared) < len(weeks):
        some = "" if compared else "ни по одному классу "
        note = f"Сравнить {some}не с чем там, где нет данных за три прошлых года: классов без порога {len(weeks) - len(compared)}."
    if not weeks:
        title, tone = f"За неделю {when} диагнозов не записано: сравнивать нечего.", "quiet"
    elif above:
        title, tone = f"Неделя {when}: {_classes(len(above))} выше порога", "act"
    elif compared:
        title, tone = f"Неделя {when}: выше порога ничего нет", "done"
    else:
        title, tone = f"Неделя {when}: сравнить не с чем", "quiet"
    return {"title": title, "tone": tone, "concerns": [_concern(each, at) for each in above], "note": note}


def _classes(count: int) -> str:
    return formats.plural(count, "класс болезней", "класса болезней", "классов болезней")


def _concern(found: Week, at: Address) -> Concern:
    rows = f"week:{found.monday},chapter:{found.chapter}"
    return {
        "key": found.chapter, "title": chapter(found.chapter), "sentence": f"{formats.capital(against(found))}.",
        "action": "Показать случаи", "href": str(at.of_rows(rows)), "chart_href": str(at.of_chart(found.monday, found.chapter)),
    }  # fmt: skip


def on_weeks(found: Sequence[Week], today: date) -> str:
    """The line in one sentence; a week that still goes on is not judged."""
    ended = [each for each in found if has_ended(each, today) and each.cases is not None]
    if not ended:
        return NOTHING
    last, above = ended[-1], [each for each in ended if each.is_above]
    newest = f"Последняя полная неделя, {week(last.monday).removesuffix(f' {today.year}')}, — {against(last)}"
    if not any(each.usual for each in ended):
        alone = f"{newest}: нет данных за три прошлых года"
        return (
            f"{alone}."
            if last.chapter
            else f"{alone} по всем классам сразу. Выберите класс: свой порог у него может быть."
        )
    times = formats.plural(len(above), "неделя", "недели", "недель")
    told = f"Выше порога {times} из {len(ended)}" if above else "Ни одна неделя не выше порога"
    which = "" if last.chapter else "Все болезни вместе. "
    return f"{which}{told}. {newest}."


def on_classes(counts: Mapping[str, int]) -> str:
    """By the names of classes, or of categories."""
    total = sum(counts.values())
    if not total:
        return NOTHING
    most = max(counts, key=lambda each: (counts[each], each))
    out_of = formats.plural(total, "случая", "случаев", "случаев")
    return f"Больше всего: {most} — {share(counts[most], total)} из {out_of}."


def on_ages(counts: Mapping[AgeGroup, int]) -> str:
    total = sum(counts.values())
    if not total:
        return NOTHING
    most = max(counts, key=lambda each: counts[each])
    return f"Чаще всего болеют: {AGE_TITLES[most]} ({share(counts[most], total)})."


def letter(department: str, monday: date, above: Sequence[Week]) -> str:
    """Told to head and administrator: classes and counts, nobody's name."""
    listed = "\n".join(f"— {chapter(each.chapter)}: {against(each)}" for each in above)
    return (
        f"{department}: за неделю {week(monday)} заболеваемость выше порога, посчитанного по прошлым годам клиники.\n\n{listed}\n\n"
        f"Подробнее — в разделе «Заболеваемость» ({PATH})."
    )
