"""Two doctors led each other's lists: both ways in one go, and back the same way."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action
from medcab.audit import AuditEntry
from medcab.errors import MedcabError
from medcab.outbox import OutboxMessage
from medcab.schedule.handover import service
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.handover.rules import Task
from medcab.schedule.handover.service import Unsettled
from medcab.schedule.rules.visits import Act
from tests.cast import OTHER_WARD, WARD, Cast
from tests.schedule.handing import (
    TOMORROW,
    WHY,
    billed,
    figures_of,
    given_over,
    hours_of,
    seen_to,
    shown,
    task,
)
from tests.schedule.reception import assert_figures_true, book, offer, stored
from tests.schedule.test_diagnoses import mark


async def both_mondays(cast: Cast, now: clock.Clock) -> tuple[list[UUID], list[UUID]]:
    """Of the doctor and of the colleague, at the same hours; hers are longer."""
    mine = await seen_to(cast, 0, 15, 240)
    await offer(cast.colleague.person_id, specialty="Терапия", ends=240)
    theirs = [await book(cast, cast.admin, each, practitioner=cast.colleague) for each in (0, 30, 195)]
    for visit in theirs:
        for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
            await mark(cast.admin, visit, act)
    now.tick(TOMORROW - clock.now())
    return mine, theirs


async def test_two_doctors_change_places_and_back(cast: Cast, now: clock.Clock) -> None:
    mine, theirs = await both_mondays(cast, now)
    before = await figures_of(cast.doctor), await figures_of(cast.colleague)
    with pytest.raises(Unsettled, match="свой приём"):
        await given_over(cast.head, task(cast), *mine)
    swap = task(cast, is_swap=True)
    found = await shown(cast.head, swap)
    assert (found.chosen, found.apart, [each.problem for each in found.lines if each.problem]) == (
        {*mine, *theirs},
        [],
        [],
    )
    done = await given_over(cast.head, swap)
    assert (done.visits, len(done.hours)) == (6, 3)
    assert {(await stored(each)).practitioner_id for each in mine} == {cast.colleague.person_id}
    assert {(await stored(each)).practitioner_id for each in theirs} == {cast.doctor.person_id}
    assert not any([(await stored(each)).is_over for each in (*mine, *theirs)])
    assert {(await stored(each)).version for each in (*mine, *theirs)} == {5}, "changed once"
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(0, 240)], [(0, 180), (240, 360)])
    assert (await figures_of(cast.doctor), await figures_of(cast.colleague)) == before[::-1]
    await assert_figures_true()
    back = task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id, is_swap=True)
    assert (await shown(cast.head, back)).chosen == {*mine, *theirs}
    await given_over(cast.head, back)
    assert {(await stored(each)).practitioner_id for each in mine} == {cast.doctor.person_id}
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(0, 180), (240, 360)], [(0, 240)])
    assert (await figures_of(cast.doctor), await figures_of(cast.colleague)) == before
    await assert_figures_true()


async def test_half_a_swap_names_what_is_in_the_way(cast: Cast, now: clock.Clock) -> None:
    mine, theirs = await both_mondays(cast, now)
    swap = task(cast, is_swap=True)
    found = await shown(cast.head, swap, mine[0], theirs[1])
    assert found.apart == [mine[0]], "hers of the same time stays"
    with pytest.raises(Unsettled, match="Обмен не сходится"):
        await given_over(cast.head, swap, mine[0], theirs[1])
    await given_over(cast.head, swap, mine[0], theirs[0])
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(0, 180), (240, 360)], [(0, 240)])
    await assert_figures_true()


async def test_what_cannot_go_holds_back_what_would_lie_over_it(cast: Cast, now: clock.Clock) -> None:
    mine, theirs = await both_mondays(cast, now)
    async with db.transaction() as session:
        await billed(session, theirs[0])
    swap = task(cast, is_swap=True)
    problems = {each.visit.id: each.problem for each in (await shown(cast.head, swap)).lines if each.problem}
    assert problems.keys() == {mine[0], theirs[0]}
    assert ("свой приём" in problems[mine[0]], "реестре" in problems[theirs[0]]) == (True, True)
    await given_over(cast.head, swap, mine[1], mine[2], theirs[1], theirs[2])
    await assert_figures_true()


async def test_a_swap_is_one_entry_one_reason_and_a_letter_to_each(cast: Cast, now: clock.Clock) -> None:
    mine, theirs = await both_mondays(cast, now)
    await given_over(cast.head, task(cast, is_swap=True), reason="Поменялись днями")
    async with db.reading() as session:
        [entry] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.HANDOVER_APPLY))).all()
        kept = (await session.exec(select(HandedOver))).all()
        letters = [
            str(row.payload)
            for row in (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == "mail"))).all()
        ]
    assert all(str(each) in entry.details for each in (*mine, *theirs))
    assert {(each.appointment_id, each.to_practitioner_id, each.reason) for each in kept} == {
        *((each, cast.colleague.person_id, "Поменялись днями") for each in mine),
        *((each, cast.doctor.person_id, "Поменялись днями") for each in theirs),
    }
    assert (len(letters), all("поменялись приёмами" in each for each in letters)) == (2, True)


async def test_two_swap_at_once(cast: Cast, now: clock.Clock) -> None:
    mine, theirs = await both_mondays(cast, now)
    swap = task(cast, is_swap=True)
    seen = {each.visit.id: each.visit.version for each in (await shown(cast.head, swap)).lines}

    async def once(asked: Task) -> bool:
        async with db.transaction() as session:
            await service.apply(session, cast.head, task=asked, seen=seen, reason=WHY)
        return True

    across = replace(swap, who=swap.to, to=swap.who)
    done = await asyncio.gather(once(swap), once(across), return_exceptions=True)
    assert sorted(map(str, (each is True for each in done))) == ["False", "True"], done
    assert all(each is True or isinstance(each, MedcabError) for each in done), done
    assert {(await stored(each)).practitioner_id for each in mine} == {cast.colleague.person_id}
    assert {(await stored(each)).practitioner_id for each in theirs} == {cast.doctor.person_id}
    await assert_figures_true()


async def test_a_swap_of_two_departments_keeps_each_visit_where_it_was(cast: Cast, now: clock.Clock) -> None:
    """Only the administrator answers for both; a head sees the own half, and what stays of the other in the way."""
    mine = await seen_to(cast, 0, 15)
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD, ends=60)
    theirs = [await book(cast, cast.admin, 0, practitioner=cast.neighbour)]
    for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
        await mark(cast.admin, theirs[0], act)
    now.tick(TOMORROW - clock.now())
    swap = task(cast, to=cast.neighbour.person_id, is_swap=True)
    found = await shown(cast.head, swap)
    assert ([bool(each.problem) for each in found.lines], found.is_more) == ([True, True], True)
    assert (await shown(cast.admin, swap)).chosen == {*mine, *theirs}
    await given_over(cast.admin, swap)
    places = [((await stored(each)).practitioner_id, (await stored(each)).department_id) for each in (*mine, *theirs)]
    assert places == [(cast.neighbour.person_id, WARD)] * 2 + [(cast.doctor.person_id, OTHER_WARD)]
    assert (await hours_of(cast.doctor), await hours_of(cast.neighbour)) == ([(0, 60), (240, 360)], [(0, 180)])
    for ward in (WARD, OTHER_WARD):
        await assert_figures_true(ward)


async def test_a_swap_that_was_changed_meanwhile_does_nothing(cast: Cast, now: clock.Clock) -> None:
    mine, theirs = await both_mondays(cast, now)
    seen = {each.visit.id: each.visit.version for each in (await shown(cast.head, task(cast, is_swap=True))).lines}
    await mark(cast.admin, theirs[2], Act.UNDO)
    with pytest.raises(Unsettled, match="приёмы изменили"):
        async with db.transaction() as session:
            await service.apply(session, cast.head, task=task(cast, is_swap=True), seen=seen, reason=WHY)
    assert not any([(await stored(each)).is_over for each in (*mine, *theirs)])
    assert {(await stored(each)).practitioner_id for each in mine} == {cast.doctor.person_id}
