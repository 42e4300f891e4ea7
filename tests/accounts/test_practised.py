"""Specialties that a check drops keep their days; what comes later has its own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from medcab import clock, db
from medcab.accounts import queries
from medcab.accounts.rules.right import Practised
from tests.cast import Cast
from tests.migrations import downgrade

BEGAN = date(2026, 11, 23)
DAY = timedelta(days=1)


async def practised(cast: Cast, **last_days: date | None) -> set[tuple[str, date | None, date | None]]:
    """What is known after a check has found these."""
    async with db.transaction() as session:
        await queries.keep_specialties(session, cast.doctor.person_id, last_days)
    async with db.reading() as session:
        found = await queries.practised(session, [cast.doctor.person_id, cast.colleague.person_id])
    assert found[cast.colleague.person_id] == []
    return {(each.specialty, each.since, each.until) for each in found[cast.doctor.person_id]}


async def test_a_lost_specialty_keeps_its_days(cast: Cast) -> None:
    end = date(2029, 1, 1)
    with clock.frozen(datetime(2026, 11, 23, 6, tzinfo=UTC)) as now:
        assert await practised(cast, терапия=end) == {("терапия", None, end)}, "nobody knows since when"
        now.tick(DAY)
        assert await practised(cast, терапия=None, хирургия=end) == {
            ("терапия", None, None),
            ("хирургия", BEGAN + DAY, end),
        }
        now.tick(DAY)
        lost = ("терапия", None, BEGAN + 2 * DAY)
        assert await practised(cast, хирургия=end) == {lost, ("хирургия", BEGAN + DAY, end)}
        now.tick(DAY)
        assert await practised(cast) == {lost, ("хирургия", BEGAN + DAY, BEGAN + 3 * DAY)}
        now.tick(DAY)
        [again] = (await practised(cast, терапия=None)) - {lost, ("хирургия", BEGAN + DAY, BEGAN + 3 * DAY)}
        assert again == ("терапия", BEGAN + 4 * DAY, None)
        async with db.reading() as session:
            right = await queries.right_of(session, cast.doctor.person_id)
    assert dict(right.specialties) == {"терапия": None}, "the right of today knows of none that is lost"


async def test_what_had_ended_before_it_was_dropped_keeps_its_own_end(cast: Cast) -> None:
    with clock.frozen(datetime(2026, 11, 23, 6, tzinfo=UTC)):
        await practised(cast, терапия=BEGAN - 9 * DAY)
        assert await practised(cast, хирургия=None) == {("терапия", None, BEGAN - 9 * DAY), ("хирургия", BEGAN, None)}


def test_days_of_a_specialty() -> None:
    one = Practised("Терапия", BEGAN, BEGAN + DAY)
    assert [one.touches(BEGAN + n * DAY, BEGAN + n * DAY) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    assert one.touches(BEGAN - DAY, BEGAN + 5 * DAY)
    assert Practised("Терапия", None, None).touches(date.min, date.min)


async def test_the_migration_is_not_taken_back_over_a_lost_specialty(cast: Cast) -> None:
    with clock.frozen(datetime(2026, 11, 23, 6, tzinfo=UTC)):
        await practised(cast, терапия=None)
        await practised(cast)
    with pytest.raises(RuntimeError, match="since when and until when"):
        downgrade("0034")
