"""Another doctor led the visits: what goes, what cannot, which hours go along, who may; and all of it comes back the same way."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from medcab import access, clock, db
from medcab.access import Action, Actor, Permission, Role
from medcab.accounts.models import Membership
from medcab.audit import AuditEntry
from medcab.errors import Forbidden, Invalid, MedcabError, NotFound
from medcab.finance.models import BillLine
from medcab.finance.registers import service as registers
from medcab.finance.rules.sums import Outcome
from medcab.outbox import OutboxMessage
from medcab.schedule import service as schedule
from medcab.schedule.absences.models import Absence
from medcab.schedule.diagnoses import service as diagnoses
from medcab.schedule.diagnoses.models import VisitDiagnosis
from medcab.schedule.handover import service
from medcab.schedule.handover.service import Unsettled
from medcab.schedule.models import ReceptionClosed
from medcab.schedule.rules.visits import Act
from medcab.schedule.service import VisitBilled
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.finance.test_registers import OMS, day_of, tariff
from tests.schedule.handing import (
    MONDAY,
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
from tests.schedule.reception import assert_figures_true, at, book, offer, stored
from tests.schedule.test_diagnoses import kept as kept_cases
from tests.schedule.test_diagnoses import mark, write


async def test_a_whole_day_goes_with_its_hours_and_comes_back(cast: Cast, now: clock.Clock) -> None:
    visits = await seen_to(cast, 0, 15, 240)
    missed, gone = await book(cast, cast.doctor, 60), await book(cast, cast.doctor, 75)
    async with db.transaction() as session:
        await schedule.cancel(session, cast.doctor, appointment_id=gone, version=1, reason="Болезнь")
    now.tick(TOMORROW - clock.now())
    await mark(cast.doctor, missed, Act.NO_SHOW)
    before = await figures_of(cast.doctor)
    done = await given_over(cast.head, task(cast))
    assert (done.visits, len(done.hours)) == (5, 2)
    assert {(await stored(each)).practitioner_id for each in (*visits, missed, gone)} == {cast.colleague.person_id}
    assert (await stored(visits[0])).changed_by_id == cast.head.person_id
    assert (await figures_of(cast.doctor), await figures_of(cast.colleague)) == ({}, before)
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([], [(0, 180), (240, 360)])
    await assert_figures_true()
    await given_over(cast.head, task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id))
    assert (await figures_of(cast.doctor), await figures_of(cast.colleague)) == (before, {})
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(0, 180), (240, 360)], [])
    await assert_figures_true()


async def test_hours_are_cut_where_the_other_took_over(cast: Cast, now: clock.Clock) -> None:
    first, second = await seen_to(cast, 15, 60)
    now.tick(TOMORROW - clock.now())
    await given_over(cast.head, task(cast), second)
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(0, 60), (240, 360)], [(60, 180)])
    assert (await stored(first)).practitioner_id == cast.doctor.person_id
    await assert_figures_true()
    await given_over(cast.head, task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id))
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(0, 180), (240, 360)], [])
    await assert_figures_true()


async def test_what_was_handed_over_is_what_goes_back(cast: Cast, now: clock.Clock) -> None:
    """And none of the colleague's own."""
    first, second = await seen_to(cast, 0, 60)
    await offer(cast.colleague.person_id, starts=15, ends=45)
    own = await book(cast, cast.admin, 15, practitioner=cast.colleague)
    now.tick(TOMORROW - clock.now())
    assert (await shown(cast.head, task(cast))).chosen == {first, second}
    await given_over(cast.head, task(cast), first)
    back = task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id)
    found = await shown(cast.head, back)
    assert (found.chosen, {each.visit.id for each in found.lines}) == ({first}, {first, own})
    [came] = [each.came for each in found.lines if each.came]
    assert (came.appointment_id, came.reason, came.made_by_id) == (first, WHY, cast.head.person_id)
    await given_over(cast.head, back, first)
    assert (await shown(cast.head, task(cast))).chosen == {first}, "it came back from there"
    async with db.reading() as session:
        anew = await service.preview(session, cast.head, task=task(cast), is_anew=True)
    assert anew.chosen == {first, second}, "what took place, when that is asked for"


async def test_one_entry_in_the_journal_and_a_letter_to_both(cast: Cast, now: clock.Clock) -> None:
    visits = await seen_to(cast, 0, 15)
    now.tick(TOMORROW - clock.now())
    await given_over(cast.head, task(cast))
    async with db.reading() as session:
        [entry] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.HANDOVER_APPLY))).all()
        [look] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.HANDOVER_VIEW))).all()
        letters = [
            str(row.payload)
            for row in (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == "mail"))).all()
        ]
    assert all(str(each) in entry.details for each in visits)
    assert (entry.subject, WHY in entry.details, "Сидоров" in entry.details) == (
        str(cast.doctor.person_id),
        True,
        False,
    )
    assert look.person_id == cast.head.person_id
    assert len(letters) == 2
    assert not any("Сидоров" in each for each in letters)


async def test_who_may(cast: Cast, now: clock.Clock) -> None:
    [visit] = await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    allowed, empty = set(), set()
    for name, actor in cast.everyone().items():
        try:
            found = await shown(actor, task(cast))
            async with db.transaction() as session:
                await service.apply(
                    session, actor, task=task(cast), seen={visit: (await stored(visit)).version}, reason=WHY
                )
        except (Forbidden, NotFound, Unsettled):
            continue
        (allowed if found.lines else empty).add(name)
        await given_over(cast.admin, task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id))
    assert (allowed, empty) == ({"head", "admin"}, set())


async def test_a_head_of_another_department_and_of_another_clinic_see_nothing(cast: Cast, now: clock.Clock) -> None:
    [visit] = await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    post = frozenset({(Role.DEPARTMENT_HEAD, OTHER_WARD)})
    next_door = replace(cast.head, posts=post, department_ids=frozenset({OTHER_WARD}))
    found = await shown(next_door, task(cast))
    assert (found.lines, found.is_more) == ([], True)
    abroad = replace(cast.admin, organisation_id=cast.foreigner.organisation_id)
    with pytest.raises(NotFound):
        await shown(abroad, task(cast))
    for actor in (next_door, abroad):
        with pytest.raises((NotFound, Unsettled)):
            async with db.transaction() as session:
                await service.apply(session, actor, task=task(cast), seen={visit: 4}, reason=WHY)
    with pytest.raises(NotFound):
        await shown(cast.head, task(cast, to=cast.foreigner.person_id))
    with pytest.raises(NotFound):
        await shown(cast.head, task(cast, who=uuid4()))


async def test_a_doctor_from_next_door_may_have_been_there(cast: Cast, now: clock.Clock) -> None:
    [visit] = await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    await given_over(cast.head, task(cast, to=cast.neighbour.person_id))
    assert ((await stored(visit)).practitioner_id, (await stored(visit)).department_id) == (
        cast.neighbour.person_id,
        WARD,
    )
    await assert_figures_true()


async def test_what_cannot_go_says_why(cast: Cast, now: clock.Clock) -> None:
    visits = await seen_to(cast, 0, 15, 30, 45)
    await offer(cast.colleague.person_id, starts=15, ends=30)
    await book(cast, cast.admin, 15, practitioner=cast.colleague)
    await offer(cast.colleague.person_id, starts=45, ends=60, department_id=OTHER_WARD)
    now.tick(TOMORROW - clock.now())
    async with db.transaction() as session:
        await billed(session, visits[2])
    found = {each.visit.id: each.problem for each in (await shown(cast.head, task(cast))).lines}
    assert found[visits[0]] == ""
    for visit, word in zip(visits[1:], ("свой приём", "Стоит в реестре", "в другом отделении"), strict=True):
        assert word in found[visit]
        with pytest.raises(Unsettled, match=word):
            await given_over(cast.head, task(cast), visits[0], visit)
    assert (await stored(visits[0])).practitioner_id == cast.doctor.person_id, "nothing by halves"
    await given_over(cast.head, task(cast), visits[0])
    await assert_figures_true()


async def test_a_refused_line_lets_go_and_a_billed_one_is_held_by_the_database(
    cast: Cast, now: clock.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    [visit] = await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    async with db.transaction() as session:
        await billed(session, visit, Outcome.REJECTED)
    await given_over(cast.head, task(cast))
    back = task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id)
    async with db.transaction() as session:
        line = (await session.exec(select(BillLine))).one()
        line.outcome, line.reason_code = Outcome.ACCEPTED, ""

    async def blind(*_: Any) -> set[UUID]:
        return set()

    monkeypatch.setattr(service.queries, "billed", blind)
    with pytest.raises(VisitBilled):
        await given_over(cast.head, back)
    assert (await stored(visit)).practitioner_id == cast.colleague.person_id


async def test_who_was_away_or_did_not_work_here_led_nothing(cast: Cast, now: clock.Clock) -> None:
    await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    async with db.transaction() as session:
        closed = ReceptionClosed(
            organisation_id=CLINIC,
            practitioner_id=cast.colleague.person_id,
            since=MONDAY,
            until=MONDAY,
            reason="Выходной",
        )
        session.add(closed)
    [line] = (await shown(cast.head, task(cast))).lines
    assert (line.problem, "без приёма (Выходной)" in line.doubt) == ("", True)
    async with db.transaction() as session:
        session.add(Absence(
            organisation_id=CLINIC, practitioner_id=cast.colleague.person_id, closed_id=closed.id, since=MONDAY, until=MONDAY,
            made_by_id=cast.head.person_id, made_at=clock.now(), tell_at=clock.now(),
        ))  # fmt: skip
    [line] = (await shown(cast.head, task(cast))).lines
    assert "отсутствует 23.11.2026" in line.problem
    async with db.transaction() as session:
        for post in (
            await session.exec(select(Membership).where(Membership.person_id == cast.neighbour.person_id))
        ).all():
            post.since = MONDAY + timedelta(days=1)
    [line] = (await shown(cast.head, task(cast, to=cast.neighbour.person_id))).lines
    assert "не работает" in line.problem


async def test_another_specialty_is_a_doubt_and_no_refusal(cast: Cast, now: clock.Clock) -> None:
    await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    [line] = (await shown(cast.head, task(cast, to=cast.neighbour.person_id))).lines
    assert (line.problem, "специальность «Терапия» не подтверждена" in line.doubt) == ("", True)
    await given_over(cast.head, task(cast, to=cast.neighbour.person_id))


async def test_a_stale_list_does_nothing_and_names_the_visit(cast: Cast, now: clock.Clock) -> None:
    first, second = await seen_to(cast, 0, 15)
    now.tick(TOMORROW - clock.now())
    found = await shown(cast.head, task(cast))
    seen = {each.visit.id: each.visit.version for each in found.lines}
    await mark(cast.doctor, first, Act.UNDO)
    with pytest.raises(Unsettled, match=r"приёмы изменили: 23\.11\.2026, 09:00") as refused:
        async with db.transaction() as session:
            await service.apply(session, cast.head, task=task(cast), seen=seen, reason=WHY)
    assert refused.value.visits == {first}
    assert (await stored(second)).practitioner_id == cast.doctor.person_id
    await given_over(cast.head, task(cast))
    with pytest.raises(Unsettled, match="уже передали"):
        async with db.transaction() as session:
            await service.apply(session, cast.head, task=task(cast), seen=seen, reason=WHY)


async def test_two_hand_over_at_once(cast: Cast, now: clock.Clock) -> None:
    visits = await seen_to(cast, 0, 15, 30)
    now.tick(TOMORROW - clock.now())
    seen = {each.visit.id: each.visit.version for each in (await shown(cast.head, task(cast))).lines}

    async def once(to: Actor) -> bool:
        async with db.transaction() as session:
            await service.apply(session, cast.head, task=task(cast, to=to.person_id), seen=seen, reason=WHY)
        return True

    done = await asyncio.gather(once(cast.colleague), once(cast.neighbour), return_exceptions=True)
    assert sorted(map(str, (each is True for each in done))) == ["False", "True"], done
    assert all(each is True or isinstance(each, MedcabError) for each in done), done
    assert len({(await stored(each)).practitioner_id for each in visits}) == 1
    await assert_figures_true()


async def test_diagnoses_go_along_and_stay_whose_they_were(cast: Cast, now: clock.Clock) -> None:
    [visit] = await seen_to(cast, 0)
    made = await write(cast.doctor, visit)
    now.tick(TOMORROW - clock.now())
    before = await kept_cases()
    await given_over(cast.head, task(cast))
    assert await kept_cases() == before
    async with db.transaction() as session:
        assert (await session.get_one(VisitDiagnosis, made)).made_by_id == cast.doctor.person_id
        assert await diagnoses.is_shown(session, cast.colleague, appointment_id=visit)
        assert not await diagnoses.is_shown(session, cast.doctor, appointment_id=visit)
    await write(cast.colleague, visit, "A09")


async def test_on_top_of_the_plan_one_goes_with_who_stands_below(cast: Cast, now: clock.Clock) -> None:
    [visit] = await seen_to(cast, 0)
    above = await book(cast, cast.doctor, 5, over_reason="Срочно")
    now.tick(TOMORROW - clock.now())
    for alone in (visit, above):
        with pytest.raises(Unsettled, match="сверхплановым"):
            await given_over(cast.head, task(cast), alone)
    assert (await shown(cast.head, task(cast), visit)).apart == [above]
    await given_over(cast.head, task(cast))
    assert (await stored(above)).is_over
    await assert_figures_true()


async def test_what_is_ahead_stays(cast: Cast, now: clock.Clock) -> None:
    visits = await seen_to(cast, 0)
    later = await book(cast, cast.doctor, 240)
    now.tick(at(100) - clock.now())
    found = await shown(cast.head, task(cast))
    assert [each.visit.id for each in found.lines] == visits
    await given_over(cast.head, task(cast))
    assert (await stored(later)).practitioner_id == cast.doctor.person_id
    assert (await hours_of(cast.doctor), await hours_of(cast.colleague)) == ([(90, 180), (240, 360)], [(0, 90)])
    await assert_figures_true()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"until": MONDAY + timedelta(days=2)}, "которые уже были"),
        ({"since": MONDAY - timedelta(days=400), "until": MONDAY - timedelta(days=380)}, "не старше года"),
        ({"since": MONDAY - timedelta(days=31)}, "не больше 31"),
        ({"since": MONDAY + timedelta(days=1), "until": MONDAY}, "раньше первого"),
    ],
)
async def test_days_have_bounds(cast: Cast, now: clock.Clock, more: dict[str, date], sentence: str) -> None:
    now.tick(TOMORROW - clock.now())
    with pytest.raises(Invalid, match=sentence):
        await shown(cast.head, task(cast, **more))


async def test_nothing_chosen_no_reason_and_the_same_doctor_twice(cast: Cast, now: clock.Clock) -> None:
    await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    with pytest.raises(Invalid, match="двух разных"):
        await shown(cast.head, task(cast, to=cast.doctor.person_id))
    for reason in ("", "  ", "х" * 201):
        with pytest.raises(Invalid):
            await given_over(cast.head, task(cast), reason=reason)
    with pytest.raises(Invalid, match="Отметьте"):
        async with db.transaction() as session:
            await service.apply(session, cast.head, task=task(cast), seen={}, reason=WHY)


async def test_a_register_made_at_the_same_moment_has_one_doctor_or_the_other(cast: Cast) -> None:
    with clock.frozen(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        async with db.transaction() as session:
            session.add(tariff(50_000, date(2026, 1, 1)))
            for number in range(3):
                day_of(session, cast, datetime(2026, 10, 31 - number, 8, tzinfo=UTC))
        asked = task(cast, since=date(2026, 10, 29), until=date(2026, 10, 31))
        seen = {each.visit.id: each.visit.version for each in (await shown(cast.head, asked)).lines}

        async def made() -> bool:
            async with db.transaction() as session:
                await registers.make(session, cast.admin, **OMS)
            return True

        async def moved() -> bool:
            async with db.transaction() as session:
                await service.apply(session, cast.head, task=asked, seen=seen, reason=WHY)
            return True

        done = await asyncio.gather(made(), moved(), return_exceptions=True)
        assert done[0] is True, done
        assert done[1] is True or isinstance(done[1], VisitBilled | Unsettled), done
        assert {(await stored(each)).practitioner_id for each in seen} == {
            (cast.colleague if done[1] is True else cast.doctor).person_id
        }
        async with db.reading() as session:
            assert len((await session.exec(select(BillLine))).all()) == 3


async def test_a_register_prices_what_was_handed_over(cast: Cast) -> None:
    """The hours went along, and with them what the visit is of."""
    with clock.frozen(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        async with db.transaction() as session:
            session.add(tariff(50_000, date(2026, 1, 1)))
            day_of(session, cast, datetime(2026, 10, 31, 8, tzinfo=UTC))
        day = date(2026, 10, 31)
        await given_over(cast.head, task(cast, since=day, until=day))
        async with db.transaction() as session:
            await registers.make(session, cast.admin, **OMS)
        with pytest.raises(Unsettled, match="Стоит в реестре"):
            await given_over(
                cast.head, task(cast, who=cast.colleague.person_id, to=cast.doctor.person_id, since=day, until=day)
            )


async def test_what_took_place_is_ticked_and_nothing_else(cast: Cast, now: clock.Clock) -> None:
    seen = await seen_to(cast, 0, 15)
    missed, gone, waiting = [await book(cast, cast.doctor, each) for each in (60, 75, 90)]
    async with db.transaction() as session:
        await schedule.cancel(session, cast.doctor, appointment_id=gone, version=1, reason="Болезнь")
    await mark(cast.doctor, waiting, Act.ARRIVED)
    now.tick(TOMORROW - clock.now())
    await mark(cast.doctor, missed, Act.NO_SHOW)
    found = await shown(cast.head, task(cast))
    assert found.chosen == {*seen, waiting}
    assert {each.visit.id for each in found.lines if not each.problem} == {*seen, missed, gone, waiting}


async def test_whoever_was_seen_in_place_of_a_no_show_is_ticked_with_it(cast: Cast, now: clock.Clock) -> None:
    """They stand in one slot: ticked alone, neither would go."""
    missed, above = await book(cast, cast.doctor, 0), await book(cast, cast.doctor, 5, over_reason="Срочно")
    for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
        await mark(cast.doctor, above, act)
    now.tick(TOMORROW - clock.now())
    await mark(cast.doctor, missed, Act.NO_SHOW)
    found = await shown(cast.head, task(cast))
    assert (found.chosen, found.apart) == ({missed, above}, [])


async def test_a_head_chooses_among_doctors_of_their_departments(cast: Cast, now: clock.Clock) -> None:
    async def here(actor: Actor) -> set[UUID]:
        async with db.reading() as session:
            return {each.id for each in await service.colleagues(session, actor) if each.is_here}

    own = {cast.doctor.person_id, cast.colleague.person_id, cast.unverified.person_id}
    assert await here(cast.head) == own
    assert await here(cast.admin) == {*own, cast.neighbour.person_id}
    await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    await given_over(cast.head, task(cast, to=cast.neighbour.person_id))
    assert await here(cast.head) == {*own, cast.neighbour.person_id}, (
        "who took visits here can be asked to hand them back"
    )


async def test_the_permission_is_its_own(cast: Cast, now: clock.Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    await seen_to(cast, 0)
    now.tick(TOMORROW - clock.now())
    monkeypatch.setitem(access.GRANTS, Role.NURSE, access.GRANTS[Role.NURSE] | {Permission.FIGURES_DEPARTMENT})
    with pytest.raises(Forbidden):
        await shown(cast.nurse, task(cast))
