"""Which post and rate held when: written from a day on, put right for days that have been, kept when somebody comes back."""

import asyncio
import itertools
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db, schema
from medcab.access import Actor, Role
from medcab.accounts.models import EmploymentTerms, Membership
from medcab.accounts.rules.terms import Terms, history, on
from medcab.errors import Conflict, Invalid
from medcab.staff import queries
from medcab.staff.person import service
from medcab.staff.person.state import story_row, terms_rows
from medcab.staff.queries import Place
from medcab.staff.service import NewPlace
from medcab.staff.state import staff_row
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.migrations import downgrade
from tests.outbox import sent
from tests.staff.deeds import DAY, dismiss, do, membership_of

TODAY = date(2026, 11, 23)
BEGAN = date(2020, 1, 1)
near = st.integers(-40, 40).map(lambda n: TODAY + n * DAY)


@given(
    near,
    st.none() | st.integers(0, 60),
    st.dictionaries(near, st.tuples(st.sampled_from(["", "врач"]), st.integers(5, 7))),
)
def test_every_day_of_a_role_has_one_rate(since: date, lasts: int | None, written: dict[date, tuple[str, int]]) -> None:
    """Whatever was written in whatever order: no gap, no overlap, and on each day what was last written for it or for a day before."""
    until = None if lasts is None else since + lasts * DAY
    changes = [Terms(day, None, *what) for day, what in written.items()]
    told = history(Terms(since, until, "санитар", 100), changes)
    assert (told[0].since, told[-1].until) == (since, until)
    for one, other in itertools.pairwise(told):
        assert one.until == other.since - DAY
        assert not one.say_the_same(other)
    for day in (since + number * DAY for number in range(min(90, lasts if lasts is not None else 90) + 1)):
        [held] = [each for each in told if each.hold_on(day)]
        before = max((each for each in written if each <= day), default=None)
        assert (held.post, held.rate) == (written[before] if before else ("санитар", 100))
        assert on(told, day) == held


async def change(cast: Cast, place: NewPlace, whom: Actor | None = None) -> None:
    membership_id = (await places(cast, whom or cast.doctor))[-1].id
    await do(service.change_place, cast.admin, membership_id=membership_id, place=place)


def half(since: str = "", *, post: str = "врач", rate: int = 50, is_correction: bool = False) -> NewPlace:
    return NewPlace(Role.SPECIALIST, WARD, post, rate, since, is_correction)


async def places(cast: Cast, whom: Actor) -> list[Place]:
    async with db.reading() as session:
        return (await service.look(session, cast.admin, person_id=whom.person_id, again=True)).places


async def told(cast: Cast) -> list[tuple[date, date | None, int]]:
    [place] = await places(cast, cast.doctor)
    return [(each.since, each.until, each.rate) for each in place.told]


async def test_a_rate_holds_from_its_day_on(cast: Cast) -> None:
    """Today, ahead, and put right for a day that has been; the newest of one day counts, and what it replaced is kept."""
    await change(cast, half())
    assert await told(cast) == [(BEGAN, TODAY - DAY, 100), (TODAY, None, 50)]
    await change(cast, half("01.12.2026", rate=75))
    await change(cast, half("02.11.2026", rate=25, is_correction=True))
    await change(cast, half("01.12.2026", rate=150))
    spans = [
        (BEGAN, date(2026, 11, 1), 100), (date(2026, 11, 2), TODAY - DAY, 25), (TODAY, date(2026, 11, 30), 50), (date(2026, 12, 1), None, 150),
    ]  # fmt: skip
    assert await told(cast) == spans
    [place] = await places(cast, cast.doctor)
    assert (place.rate, place.post) == (50, "врач"), "today's"
    assert [row["days"] for row in terms_rows([place])][:2] == ["с 01.12.2026", "с 23.11.2026 по 30.11.2026"]
    async with db.reading() as session:
        rows = (await session.exec(select(EmploymentTerms))).all()
        found = await service.look(session, cast.admin, person_id=cast.doctor.person_id, again=True)
    assert [(row.rate, row.made_by_id) for row in rows if row.replaced_at] == [(75, cast.admin.person_id)]
    story = [story_row(line)["what"] for line in found.history]
    assert story[1].endswith("врач, ставка 0,25, с 02.11.2026 по 22.11.2026 (исправление; было: ставка 1)"), story
    letters = [one["text"] for one in await sent("mail") if one["to"] == "person1@medcab.example"]
    assert any("исправлена запись о вашей роли: с 02.11.2026 по 22.11.2026" in text for text in letters)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (half("31.12.2019", is_correction=True), "Роль назначена с 01.01.2020"),
        (half("02.11.2026"), "отметьте «Исправление»"),
        (half("23.11.2026", rate=75), "С 01.12.2026 уже записано: врач, ставка 0,5. Новая запись действовала бы только по 30.11.2026."),
        (half("15.12.2026"), "С 15.12.2026 и так действует: врач, ставка 0,5"),
        (half("01.12.2028"), "больше года вперёд"),
        (half("32.13.2026"), "Такой даты нет"),
        (NewPlace(Role.SPECIALIST, OTHER_WARD, "", 100, "22.11.2026", is_correction=True), "права за прошлые дни не меняются"),
    ],
)  # fmt: skip
async def test_what_cannot_hold_is_refused_in_words(cast: Cast, place: NewPlace, sentence: str) -> None:
    await change(cast, half("01.12.2026"))
    before = await told(cast)
    with pytest.raises((Invalid, Conflict)) as refusal:
        await change(cast, place)
    assert sentence in refusal.value.message
    assert await told(cast) == before


async def test_nothing_holds_after_the_last_day_of_a_role(cast: Cast) -> None:
    await change(cast, NewPlace(Role.SPECIALIST, OTHER_WARD, "врач", 75, "15.12.2026"))
    [former, _] = await places(cast, cast.doctor)
    with pytest.raises(Invalid, match=r"Последний день этой роли — 14\.12\.2026"):
        await do(service.change_place, cast.admin, membership_id=former.id, place=half("15.12.2026"))
    late = NewPlace(Role.NURSE, WARD, "", 100, "20.12.2026")
    with pytest.raises(Invalid, match="перерыв"):
        await do(service.change_place, cast.admin, membership_id=former.id, place=late)


async def test_a_transfer_ahead_can_be_taken_back(cast: Cast, now: clock.Clock) -> None:
    """Whose next place never begins stays in the one before it."""
    await change(cast, NewPlace(Role.SPECIALIST, OTHER_WARD, "врач", 75, "15.12.2026"))
    [former, ahead] = await places(cast, cast.doctor)
    assert (former.days.until, ahead.days.since) == (date(2026, 12, 14), date(2026, 12, 15))
    with pytest.raises(Invalid, match=r"начинается 15\.12\.2026"):
        await change(cast, NewPlace(Role.NURSE, WARD, "", 100, "10.12.2026"))
    await change(cast, NewPlace(Role.SPECIALIST, OTHER_WARD, "врач", 50))
    assert [(each.since, each.rate) for each in (await places(cast, cast.doctor))[-1].told] == [
        (date(2026, 12, 15), 50)
    ]
    await do(service.end_place, cast.admin, membership_id=ahead.id)
    [left] = await places(cast, cast.doctor)
    assert (left.id, left.days.until) == (former.id, None)
    async with db.reading() as session:
        assert not (await session.exec(select(EmploymentTerms))).all(), "of a place that never was"


async def test_a_change_that_was_taken_back_does_not_come_back_unseen(cast: Cast) -> None:
    await change(cast, half("01.12.2026"))
    [before, _] = (await places(cast, cast.doctor))[-1].told
    await change(cast, half("01.12.2026", post=before.post, rate=before.rate))
    assert await told(cast) == [(BEGAN, None, 100)]
    await change(cast, half("25.11.2026"))
    assert await told(cast) == [(BEGAN, date(2026, 11, 24), 100), (date(2026, 11, 25), None, 50)]


async def test_a_role_taken_back_reopens_only_what_it_followed(cast: Cast) -> None:
    """Another role that begins on the day of a transfer has nothing to do with it."""
    await change(cast, NewPlace(Role.SPECIALIST, OTHER_WARD, "врач", 100, "01.12.2026"))
    head = NewPlace(Role.DEPARTMENT_HEAD, OTHER_WARD, "", 100, "01.12.2026")
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=head)
    [ahead] = [each for each in await places(cast, cast.doctor) if each.role is Role.DEPARTMENT_HEAD]
    await do(service.end_place, cast.admin, membership_id=ahead.id)
    former = (await places(cast, cast.doctor))[0]
    assert former.days.until == date(2026, 11, 30)
    with pytest.raises(Conflict, match="её сменяет другая"):
        await do(
            service.change_place,
            cast.admin,
            membership_id=former.id,
            place=NewPlace(Role.NURSE, WARD, "", 100, "25.11.2026"),
        )


async def test_a_transfer_cannot_be_taken_back_into_the_same_role(cast: Cast) -> None:
    await change(cast, NewPlace(Role.SPECIALIST, OTHER_WARD, "врач", 100, "01.12.2026"))
    again = NewPlace(Role.SPECIALIST, WARD, "врач", 50, "10.12.2026")
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=again)
    [ahead] = [each for each in await places(cast, cast.doctor) if each.days.since == date(2026, 12, 1)]
    with pytest.raises(Conflict, match=r"с 10\.12\.2026"):
        await do(service.end_place, cast.admin, membership_id=ahead.id)


async def test_no_clinic_is_left_without_an_administrator_ahead(cast: Cast) -> None:
    who = cast.admin.person_id
    await do(service.add_place, cast.admin, person_id=who, place=NewPlace(Role.CLINIC_ADMIN, WARD, "", 100))
    one, other = [each for each in await places(cast, cast.admin) if each.role is Role.CLINIC_ADMIN]
    await do(
        service.change_place,
        cast.admin,
        membership_id=one.id,
        place=NewPlace(Role.SPECIALIST, OTHER_WARD, "", 100, "01.12.2026"),
    )
    with pytest.raises(Conflict):
        await do(
            service.change_place,
            cast.admin,
            membership_id=other.id,
            place=NewPlace(Role.SPECIALIST, WARD, "", 100, "01.12.2026"),
        )


async def test_who_comes_back_keeps_the_time_that_was(cast: Cast, now: clock.Clock) -> None:
    await change(cast, half())
    await dismiss(cast, cast.doctor, TODAY + DAY)
    now.tick(timedelta(days=10))
    await do(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=half(rate=100))
    spells = [
        (each.days.since, each.days.until, [one.rate for one in each.told]) for each in await places(cast, cast.doctor)
    ]
    assert spells == [(BEGAN, TODAY + DAY, [100, 50]), (date(2026, 12, 3), None, [100])]
    async with db.reading() as session:
        [line], _ = await queries.people(session, CLINIC, queries.Wanted(name="Иванова"), clock.today(), 1)
    assert len(staff_row(line)["places"]) == 1, "what somebody is, not what they were"
    with pytest.raises(Conflict, match="уже снята"):
        await do(service.change_place, cast.admin, membership_id=(await places(cast, cast.doctor))[0].id, place=half())


async def test_a_double_click_writes_once(cast: Cast) -> None:
    """Of two at the same moment the second is told that it is so already."""
    told_to = await asyncio.gather(change(cast, half()), change(cast, half()), return_exceptions=True)
    assert [type(each) for each in told_to if each] == [Conflict]
    assert await told(cast) == [(BEGAN, TODAY - DAY, 100), (TODAY, None, 50)]


async def test_the_database_refuses_two_times_of_a_role_at_once(cast: Cast) -> None:
    for department, until in ((WARD, None), (WARD, date(2021, 1, 1))):
        with pytest.raises(sa.exc.IntegrityError, match="ex_membership_overlap"):
            async with db.transaction() as session:
                session.add(
                    Membership(
                        person_id=cast.doctor.person_id, organisation_id=CLINIC, department_id=department, role=Role.SPECIALIST,
                        since=date(2020, 6, 1), until=until,
                    )
                )  # fmt: skip
    admin = Membership(
        person_id=cast.admin.person_id, organisation_id=CLINIC, role=Role.CLINIC_ADMIN, since=date(2027, 1, 1)
    )
    with pytest.raises(sa.exc.IntegrityError, match="ex_membership_overlap"):
        async with db.transaction() as session:
            session.add(admin)


async def test_two_rates_of_one_day_are_refused_by_the_database(cast: Cast) -> None:
    membership_id = await membership_of(cast.doctor)
    rows = [
        EmploymentTerms(membership_id=membership_id, since=TODAY, rate=rate, made_at=clock.now()) for rate in (50, 75)
    ]
    with pytest.raises(sa.exc.IntegrityError):
        async with db.transaction() as session:
            session.add_all(rows)


@pytest.mark.parametrize("is_rehired", [True, False])
async def test_the_migration_is_not_taken_back_over_a_past(cast: Cast, *, is_rehired: bool) -> None:
    if is_rehired:
        async with db.transaction() as session:
            rows = (
                await session.exec(select(Membership).where(col(Membership.person_id) == cast.doctor.person_id))
            ).all()
            rows[0].until = date(2021, 1, 1)
            await session.flush()
            session.add(
                Membership(
                    person_id=cast.doctor.person_id, organisation_id=CLINIC, department_id=WARD, role=rows[0].role, since=date(2022, 1, 1)
                )
            )  # fmt: skip
    else:
        await change(cast, half())
    with pytest.raises(RuntimeError, match="came back" if is_rehired else "rates and posts"):
        downgrade("0033")
    assert schema.is_current()
