"""How soon somebody who calls today can be seen."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab import clock, db
from medcab.accounts.models import PracticeRight
from medcab.clock import MOSCOW
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.third_next import Wait, conclusion, third_of, usual, working_days
from medcab.dashboards.third_next import service
from medcab.dashboards.third_next.charts import drawn
from tests.cast import OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, at, book, offer

MONDAY = datetime(2026, 11, 23, 7, 5, tzinfo=MOSCOW)


def wait(specialty: str, **later: int) -> Wait:
    return Wait(specialty, MONDAY, MONDAY + timedelta(**later))


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=20))
def test_the_third_has_two_before_it(slots: list[datetime]) -> None:
    found = third_of(slots)
    assert (found is None) == (len(slots) < 3)
    if found:
        assert sum(slot < found for slot in slots) <= 2
        assert sum(slot <= found for slot in slots) >= 3


def test_limits_by_hand() -> None:
    """A therapist within 24 hours; a cardiologist within 14 working days: from 23 November, without weekends, that is 11 December."""
    assert wait("Терапия", hours=24).is_met
    assert not wait("терапия", hours=24, minutes=1).is_met
    assert working_days(date(2026, 11, 23), date(2026, 12, 11)) == 14
    assert wait("Кардиология", days=18).is_met
    assert not wait("Кардиология", days=21).is_met
    assert not Wait("Кардиология", MONDAY, None).is_met


def test_what_is_said() -> None:
    late, free = wait("Кардиология", days=31), wait("Терапия", hours=2)
    assert conclusion({"Терапия": free}).replace("\xa0", " ") == (
        "Утром 23 ноября по всем специальностям записаться можно в пределах срока: Терапия — в тот же день (срок: не больше 24 часов)."
    )
    assert (
        conclusion({"Терапия": free, "Кардиология": late}).replace("\xa0", " ")
        == "Утром 23 ноября дольше срока: Кардиология — через 31 день (срок: не больше 14 рабочих дней)."
    )
    assert "свободного времени нет" in conclusion({"Терапия": Wait("Терапия", MONDAY, None)})
    assert "ещё не измерена" in conclusion({})
    assert usual([late, free, wait("Терапия", days=3)]) == 3
    assert usual([Wait("x", MONDAY, None), Wait("x", MONDAY, None), free]) is None
    assert usual([]) is None


def test_the_chart_and_its_table() -> None:
    late, free, none = wait("Кардиология", days=31), wait("Терапия", hours=2), Wait("Неврология", MONDAY, None)
    found = drawn({"Кардиология": [free, late], "Терапия": [free], "Неврология": [none]})
    go.Figure(found["figure"])
    assert found["figure"]["data"][0]["x"] == [0, 31]
    assert found["figure"]["data"][0]["text"][0] == "в тот же день"
    assert found["figure"]["data"][1]["x"] == [1, 20], (
        "24 hours; 14 working days, and the weekend after the last of them"
    )
    assert [row[0] for row in found["rows"]] == ["Неврология", "Кардиология", "Терапия"], "the worst first"
    assert [row[-1] for row in found["rows"]] == ["дольше срока", "дольше срока", "в пределах срока"]
    assert drawn({})["rows"] == []


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Twenty to eight on the Monday."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def measured(department_id: object = WARD) -> dict[str, list[int | None]]:
    async with db.transaction() as session:
        await service.measure(session)
    async with db.reading() as session:
        found = await service.waits(session, department_id, Period(NINE.date(), NINE.date() + timedelta(days=7)))  # type: ignore[arg-type]
    return {name: [one.days for one in waits] for name, waits in found.items()}


async def test_each_morning_once(cast: Cast, now: clock.Clock) -> None:
    async with db.transaction() as session:
        session.add_all(
            PracticeRight(person_id=one.person_id, specialty="Терапия") for one in (cast.doctor, cast.colleague)
        )
        session.add(PracticeRight(person_id=cast.doctor.person_id, specialty="Кардиология"))
    await offer(cast.doctor.person_id, starts=0, ends=30)
    await offer(cast.doctor.person_id, days=40, ends=60)
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD, days=1)
    assert await measured() == {"Терапия": [40], "Кардиология": [40]}, "two free times today are not three"
    await offer(cast.colleague.person_id, days=2)
    await book(cast, cast.head, 0)
    assert await measured() == {"Терапия": [40], "Кардиология": [40]}, "once a day"
    assert (await measured(OTHER_WARD)).popitem()[1] == [1]
    now.tick(timedelta(days=1))
    assert await measured() == {"Терапия": [40, 1], "Кардиология": [40, 39]}


async def test_not_at_night_and_not_without_anybody(cast: Cast, now: clock.Clock) -> None:
    now.tick(timedelta(hours=-2))
    assert await measured() == {}
    now.tick(timedelta(hours=2))
    assert await measured() == {service.ANY: [None]}
