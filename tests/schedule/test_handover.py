"""Another doctor led the visits: what goes, what cannot, which hours go along, who may; and all of it comes back the same way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import access, clock, db
from medcab.access import Action, Actor, Permission, Role
from medcab.accounts.models import Membership
from medcab.accounts.queries import keep_specialties
from medcab.accounts.rules.right import Right, Standing
from medcab.audit import AuditEntry
from medcab.errors import Forbidden, Invalid, MedcabError, NotFound
from medcab.finance.models import Bill, BillLine
from medcab.finance.registers import service as registers
from medcab.finance.rules.sums import Outcome
from medcab.outbox import OutboxMessage
from medcab.schedule import service as schedule
from medcab.schedule.absences.models import Absence
from medcab.schedule.diagnoses import service as diagnoses
from medcab.schedule.diagnoses.models import VisitDiagnosis
from medcab.schedule.figures import queries as figures
from medcab.schedule.handover import service
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.handover.rules import Half, Other, Shift, Task, Worked, exchanged, joined, shift, stranded
from medcab.schedule.handover.service import Preview, Unsettled
from medcab.schedule.models import Reception, ReceptionClosed
from medcab.schedule.rules.slots import Span, offered_minutes
from medcab.schedule.rules.visits import Act, AppointmentStatus, Payer, Visit, VisitKind
from medcab.schedule.service import VisitBilled
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.finance.test_registers import OMS, day_of, tariff
from tests.schedule.reception import NINE, assert_figures_true, at, book, offer, stored
from tests.schedule.test_diagnoses import kept as kept_cases
from tests.schedule.test_diagnoses import mark, write

MONDAY = NINE.date()
TOMORROW = at(24 * 60 + 60)
WHY = "Замена, расписание не изменили"


def task(cast: Cast, **more: Any) -> Task:
    return replace(Task(cast.doctor.person_id, cast.colleague.person_id, MONDAY, MONDAY), **more)


@pytest.fixture
async def now(cast: Cast) -> AsyncIterator[clock.Clock]:
    """The doctor's Monday, nine o'clock: only hers; the colleague was not planned."""
    with clock.frozen(at(-1)) as stopped:
        async with db.transaction() as session:
            for who in (cast.doctor, cast.colleague):
                await keep_specialties(session, who.person_id, {"Терапия": None})
        await offer(cast.doctor.person_id, specialty="Терапия")
        await offer(cast.doctor.person_id, starts=240, ends=360, specialty="Терапия")
        yield stopped


async def seen_to(cast: Cast, *minutes: int) -> list[UUID]:
    """Visits of the doctor's Monday that took place."""
    made = [await book(cast, cast.doctor, each) for each in minutes]
    for visit in made:
        for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
            await mark(cast.doctor, visit, act)
    return made


async def shown(actor: Actor, asked: Task, *chosen: UUID) -> Preview:
    async with db.transaction() as session:
        return await service.preview(session, actor, task=asked, chosen=chosen or None, is_look=True)


async def given_over(actor: Actor, asked: Task, *visits: UUID, reason: str = WHY) -> service.Applied:
    found = await shown(actor, asked)
    seen = {each.visit.id: each.visit.version for each in found.lines if each.visit.id in visits or not visits}
    async with db.transaction() as session:
        return await service.apply(session, actor, task=asked, seen=seen, reason=reason)


async def hours_of(who: Actor) -> list[tuple[int, int]]:
    """Minutes after nine, from and until."""
    async with db.reading() as session:
        query = select(Reception).where(Reception.practitioner_id == who.person_id).order_by(col(Reception.starts_at))
        rows = (await session.exec(query)).all()
    return [
        ((row.starts_at - NINE) // timedelta(minutes=1), (row.ends_at - NINE) // timedelta(minutes=1)) for row in rows
    ]


async def figures_of(who: Actor) -> dict[str, int]:
    async with db.reading() as session:
        found = await figures.kept(session, WARD, MONDAY, MONDAY)
    return {name: counts[name] for key, counts in found.items() for name in counts if key.practitioner_id == who.person_id and key.kind == "all"}  # fmt: skip


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


async def billed(session: Any, visit: UUID, outcome: Outcome = Outcome.WAITING) -> None:
    bill = Bill(organisation_id=CLINIC, month=date(2026, 11, 1), payer=Payer.OMS, made_at=clock.now())
    reason = {"reason_code": "1"} if outcome is Outcome.REJECTED else {}
    seen = await stored(visit)
    session.add_all([bill, BillLine(
        appointment_id=visit, bill_id=bill.id, number=1, organisation_id=CLINIC, department_id=WARD, month=bill.month, payer=Payer.OMS,
        practitioner_id=seen.practitioner_id, starts_at=seen.starts_at, kind=seen.kind, specialty="Терапия", is_first=True, kopecks=1,
        outcome=outcome, **reason,
    )])  # fmt: skip


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


NOBODY = Right(Standing.ACTIVE, None)
SLOTS, STEP = 12, 15
WHO, TO = UUID(int=1), UUID(int=2)


def worked(first: int, minutes: int, who: UUID = WHO, ward: UUID = WARD) -> Worked:
    start = NINE + timedelta(minutes=first * STEP)
    return Worked(uuid4(), who, CLINIC, ward, Span(start, start + timedelta(minutes=minutes)), STEP, "214", "Терапия")


def planned(number: int, *, is_over: bool = False) -> Visit:
    start = NINE + timedelta(minutes=number * STEP + 5 * is_over)
    return Visit(
        CLINIC, WARD, WHO, AppointmentStatus.DONE, start, start + timedelta(minutes=STEP), is_over=is_over, over_reason="x" * is_over, kind=VisitKind.FIRST
    )  # fmt: skip


def other(*hours: Worked) -> Other:
    return Other("Петрова", frozenset({MONDAY}), (), hours, (), (), NOBODY)


def minutes_of(hours: Any) -> int:
    return sum(offered_minutes(each.span, each.slot_minutes) for each in hours)


slot_sets = st.frozensets(st.integers(0, SLOTS - 1))


@given(
    going=slot_sets, staying=slot_sets, above=st.dictionaries(st.integers(0, SLOTS - 1), st.booleans(), max_size=2),
    cut=st.integers(1, SLOTS - 1), tail=st.integers(0, STEP - 1), own=st.none() | st.integers(0, SLOTS - 1),
)  # fmt: skip
def test_hours_are_shared_out_and_none_are_lost(
    going: frozenset[int], staying: frozenset[int], above: dict[int, bool], cut: int, tail: int, own: int | None
) -> None:
    hours = [worked(0, cut * STEP), worked(cut, (SLOTS - cut) * STEP + tail)]
    led = {uuid4(): planned(each) for each in going} | {
        uuid4(): planned(n, is_over=True) for n, goes in above.items() if goes
    }
    held = {uuid4(): planned(n) for n in staying - going} | {
        uuid4(): planned(n, is_over=True) for n, goes in above.items() if not goes
    }
    theirs = other(*([] if own is None else [worked(own, STEP, TO)]))
    shifted = shift(hours, list(led.values()), list(held.values()), theirs, TO, TOMORROW)
    assert minutes_of(shifted.before) == minutes_of([*shifted.kept, *shifted.given])
    spans = sorted(each.span for each in (*shifted.kept, *shifted.given))
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(spans))
    assert not any(each.span.overlaps(mine.span) for each in shifted.given for mine in theirs.hours)
    apart = stranded(hours, led, held, theirs, shifted)
    if not above:
        assert apart == []
    if led and not held and own is None:
        touched = [each for each in hours if any(each.has(visit) for visit in led.values())]
        assert (list(shifted.before), shifted.kept, [each.span for each in shifted.given]) == (
            touched,
            (),
            [each.span for each in touched],
        )
    rest = [each for each in hours if each not in shifted.before]
    mine, gone = joined(shifted.kept, rest)
    assert minutes_of([*mine, *(each for each in rest if each not in gone)]) == minutes_of([*rest, *shifted.kept])


def test_a_list_handed_back_is_one_list_again() -> None:
    whole = worked(0, SLOTS * STEP)
    visits = [planned(each) for each in range(SLOTS)]
    shifted = shift([whole], visits[6:], visits[:6], other(), TO, TOMORROW)
    [left], [theirs] = shifted.kept, [replace(each, id=uuid4()) for each in shifted.given]
    assert (left.span.minutes, theirs.span.minutes) == (90, 90)
    mine = replace(left, id=uuid4())
    moved = [replace(each, practitioner_id=TO) for each in visits[6:]]
    back = shift([theirs], moved, [], Other("", frozenset(), (), (mine,), (), (), NOBODY), WHO, TOMORROW)
    made, gone = joined(back.given, [mine])
    assert ([each.span for each in made], gone) == ([whole.span], [mine])


def test_a_stretch_of_nobody_is_not_handed_over() -> None:
    assert shift([worked(0, SLOTS * STEP)], [], [], other(), TO, TOMORROW) == Shift()


@given(one=slot_sets, kept_one=slot_sets, two=slot_sets, kept_two=slot_sets, cut=st.integers(1, SLOTS - 1))
def test_hours_of_a_swap_are_shared_out_and_never_lie_over_each_other(
    one: frozenset[int], kept_one: frozenset[int], two: frozenset[int], kept_two: frozenset[int], cut: int
) -> None:
    mine, theirs = [worked(0, cut * STEP), worked(cut, (SLOTS - cut) * STEP)], [worked(2, SLOTS * STEP, TO)]

    def visits(numbers: frozenset[int], who: UUID) -> dict[UUID, Visit]:
        return {uuid4(): replace(planned(each), practitioner_id=who) for each in numbers}

    halves = (
        Half(mine, visits(one, WHO), visits(kept_one - one, WHO), other(*theirs), TO),
        Half(theirs, visits(two, TO), visits(kept_two - two, TO), other(*mine), WHO),
    )
    (_, there), (_, back) = exchanged(halves, TOMORROW)
    for hours, out, come in ((mine, there, back), (theirs, back, there)):
        assert minutes_of(out.before) == minutes_of([*out.kept, *out.given])
        after = sorted(
            each.span for each in (*(each for each in hours if each not in out.before), *out.kept, *come.given)
        )
        assert all(first.ends_at <= second.starts_at for first, second in pairwise(after))
    assert {each.practitioner_id for each in there.given} <= {TO}
    assert {each.practitioner_id for each in back.given} <= {WHO}
