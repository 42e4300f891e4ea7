"""The waiting list on a real database: who may see and change it, what is offered to whom, and what becomes of an offer."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db
from medcab.accounts import queries as accounts
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.jobs import Later
from medcab.schedule import service as visits
from medcab.schedule.booking.service import PatientTwice
from medcab.schedule.figures import queries as figures
from medcab.schedule.models import Appointment, AppointmentStatus, Reception
from medcab.schedule.reminders import service as reminders
from medcab.schedule.reminders.service import DeadLink
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import MISTAKE, Act
from medcab.schedule.rules.waiting import Urgency, WishState
from medcab.schedule.vacant.queries import vacant
from medcab.schedule.waiting import service
from medcab.schedule.waiting.heard.service import FREED
from medcab.schedule.waiting.offers import service as offers
from medcab.schedule.waiting.offers.service import OFFER, OfferGone
from medcab.schedule.waiting.queries import Filter
from medcab.schedule.waiting.service import StaleWish
from tests.cast import CLINIC, OTHER_WARD, Cast
from tests.outbox import sent
from tests.schedule.reception import DAYS, NINE, assert_figures_true, at, book, counted, monday, stored
from tests.schedule.waiting import (
    change_patient,
    free,
    links,
    more_patients,
    new,
    row,
    texts,
    token_in,
    wish,
)


async def offered(cast: Cast, minutes: int = 180) -> tuple[object, Appointment]:
    """The second patient is offered a slot on Tuesday, and told."""
    await monday(cast)
    made = await wish(cast)
    assert await free(cast, minutes - 180, days=1)
    visit_id = (await row(made)).appointment_id
    assert visit_id
    await carry(visit_id)
    return made, await stored(visit_id)


async def carry(visit_id: object) -> Later | None:
    [asked] = [one for one in await sent(OFFER) if one["appointment_id"] == str(visit_id)]
    return await offers.carry_offer(CLINIC, asked)


async def test_whoever_plans_lets_patients_wait_and_others_do_not(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast)
        for stranger, refusal in ((cast.pharmacist, Forbidden), (cast.unverified, Forbidden)):
            with pytest.raises(refusal):
                await wish(cast, cast.patient_id, actor=stranger)
        with pytest.raises(NotFound):
            await wish(cast, cast.foreign_patient_id)
        with pytest.raises(NotFound):
            await wish(cast, cast.patient_id, department_id=OTHER_WARD)
        with pytest.raises(NotFound):
            await wish(cast, cast.patient_id, doctor=cast.neighbour.person_id)
        with pytest.raises(NotFound):
            await wish(cast, cast.patient_id, actor=cast.doctor, doctor=cast.colleague.person_id)
        with pytest.raises(Conflict, match="уже ждёт"):
            await wish(cast)
        with pytest.raises(Invalid, match="Время «до»"):
            await wish(cast, cast.patient_id, starts=600, ends=600)
        async with db.reading() as session:
            for seer in (cast.nurse, cast.doctor, cast.admin, cast.head):
                assert (await service.listed(session, seer, asked=Filter(), page=1)).total == 1
            for blind in (cast.neighbour, cast.foreigner, cast.colleague):
                assert (await service.listed(session, blind, asked=Filter(), page=1)).total == 0
                with pytest.raises(NotFound):
                    await service.opened(session, blind, wish_id=made, again=True)
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await service.withdraw(session, cast.foreigner, wish_id=made, version=1)
        with pytest.raises(StaleWish):
            await service.withdraw(session, cast.nurse, wish_id=made, version=7)
        await service.withdraw(session, cast.nurse, wish_id=made, version=1)
    assert (await row(made)).state is WishState.WITHDRAWN


async def test_the_list_is_in_the_order_of_offers_and_says_the_place(cast: Cast) -> None:
    await monday(cast)
    people = await more_patients(3)
    with clock.frozen(NINE) as stopped:
        for patient_id, urgency in zip(people, (Urgency.PLANNED, Urgency.PLANNED, Urgency.URGENT), strict=True):
            await wish(cast, patient_id, urgency=urgency)
            stopped.tick(timedelta(minutes=1))
        async with db.reading() as session:
            found = await service.listed(session, cast.nurse, asked=Filter(), page=1)
    assert [one.wish.patient_id for one in found.lines] == [people[2], people[0], people[1]]
    assert [one.place for one in found.lines] == [1, 2, 3]
    assert found.to_call == {one.wish.id for one in found.lines}, "there is time within two hours"


async def test_a_changed_wish_keeps_its_day_and_its_place(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast)
        async with db.transaction() as session:
            await service.change(
                session, cast.nurse, wish_id=made, version=1, new=new(cast.doctor.person_id, starts=600, ends=900)
            )
        assert not await free(cast, 0, days=1), "at nine on Tuesday it fits no more"
        assert await free(cast, 60, days=1)
    kept = await row(made)
    assert (kept.state, kept.created_at, kept.starts) == (WishState.OFFERED, NINE, 600)


async def test_a_freed_slot_is_offered_held_and_taken_by_the_patient_who_was_called(cast: Cast) -> None:
    with clock.frozen(NINE) as stopped:
        made, visit = await offered(cast)
        assert (visit.status, visit.held_until) == (AppointmentStatus.OFFERED, NINE + timedelta(minutes=60))
        [text] = await texts()
        assert text.startswith(
            "Освободилось время: 24.11 в 09:00, ГК № 1. Записаться или отказаться до 23.11 в 10:00: http"
        )
        await carry(visit.id)
        assert len(await texts()) == 1, "carried out again, told once"
        with pytest.raises(visits.SlotTaken):
            await book(cast, cast.head, days=1)
        await assert_figures_true()
        stopped.tick(timedelta(minutes=30))
        async with db.transaction() as session:
            await service.accept(session, cast.nurse, wish_id=made, version=2)
        taken = await stored(visit.id)
        assert (taken.status, taken.held_until, taken.confirmed_at) == (AppointmentStatus.BOOKED, None, clock.now())
        assert (await row(made)).state is WishState.BOOKED
        assert await carry(visit.id) is None
    await assert_figures_true()
    async with db.reading() as session:
        kept = await figures.kept(session, visit.department_id, *DAYS)
        assert [counts["planned"] for key, counts in kept.items() if key.kind is FigureKind.ALL and counts["planned"]] == [1]  # fmt: skip
        assert await audit.verify(session) == []


async def test_an_offer_without_an_answer_goes_to_the_next_and_leaves_no_trace_in_the_figures(cast: Cast) -> None:
    with clock.frozen(NINE) as stopped:
        made, visit = await offered(cast)
        async with db.reading() as session:
            before = await figures.kept(session, visit.department_id, *DAYS)
        [late] = await more_patients(1)
        second = await wish(cast, late)
        stopped.tick(timedelta(minutes=61))
        with pytest.raises(OfferGone):
            async with db.transaction() as session:
                await service.accept(session, cast.nurse, wish_id=made, version=2)
        assert await carry(visit.id) is None
        first = await row(made)
        assert (first.state, first.offers, first.appointment_id) == (WishState.WAITING, 1, None)
        assert await links() == []
        [asked] = await sent(FREED)
        await offers.offer_freed(CLINIC, asked)
        assert (await row(second)).state is WishState.OFFERED
        assert (await row(made)).state is WishState.WAITING
        async with db.reading() as session:
            after = await figures.kept(session, visit.department_id, *DAYS)
            assert after == before == await counted(session, visit.department_id, *DAYS)


async def test_what_somebody_let_go_by_is_not_offered_to_them_again(cast: Cast) -> None:
    with clock.frozen(NINE):
        made, _ = await offered(cast)
        async with db.transaction() as session:
            await service.decline(session, cast.nurse, wish_id=made, version=2)
        assert (await row(made)).offers == 1
        assert not await free(cast, 0, days=1)
        assert await free(cast, 15, days=1), "another time is"


async def test_nothing_is_offered_that_nobody_could_take(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast)
        assert not await free(cast, 60), "too near for an SMS"
        assert not await free(cast, 200), "no hours then"
        assert not await free(cast, 0, days=3), "no hours then"
        taken = await book(cast, cast.head, 240)
        assert not await free(cast, 240), "somebody has it"
        await change_patient(cast.other_patient_id, phone="+74951234567")
        assert not await free(cast, 255), "nobody can be told by SMS"
        await change_patient(cast.other_patient_id, phone="+79120000002")
        async with db.transaction() as session:
            await visits.book(
                session, cast.head, practitioner_id=cast.colleague.person_id, patient_id=cast.other_patient_id,
                kind=new(None, specialty="x").kind, starts_at=at(255),
            )  # fmt: skip
        assert not await free(cast, 255), "the patient is elsewhere then"
        assert await free(cast, 270)
    assert (await row(made)).state is WishState.OFFERED
    assert (await stored(taken)).status is AppointmentStatus.BOOKED


async def test_a_cancelled_visit_is_offered_once_it_can_no_longer_be_taken_back(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE) as stopped:
        visit = await book(cast, cast.head, 240)
        async with db.transaction() as session:
            await visits.cancel(session, cast.head, appointment_id=visit, version=1, reason="Заболел")
        assert await sent(FREED) == [], "nobody waits"
        await wish(cast)
        visit = await book(cast, cast.head, 240)
        async with db.transaction() as session:
            await visits.cancel(session, cast.head, appointment_id=visit, version=1, reason="Заболел")
        [asked] = await sent(FREED)
        wait = await offers.offer_freed(CLINIC, asked)
        assert wait == Later(10)
        stopped.tick(timedelta(seconds=10))
        assert await offers.offer_freed(CLINIC, asked) is None
        async with db.reading() as session:
            span = Span(at(240), at(255))
            assert await vacant(session, CLINIC, [cast.doctor.person_id], span, clock.now(), clock.MOSCOW) == []


async def test_at_night_the_patient_is_told_in_the_morning_and_has_the_whole_time(cast: Cast) -> None:
    await monday(cast)
    night = NINE - timedelta(days=3, hours=6)
    with clock.frozen(night) as stopped:
        made = await wish(cast)
        assert await free(cast, 0)
        visit_id = (await row(made)).appointment_id
        assert visit_id
        assert await carry(visit_id) == Later(6 * 3600)
        assert await texts() == []
        stopped.tick(timedelta(hours=6))
        assert await carry(visit_id) == Later(3600)
        assert len(await texts()) == 1


async def test_nobody_is_woken_by_an_offer_that_was_late(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE - timedelta(hours=12, minutes=10)) as stopped:  # ten to nine in the evening
        made = await wish(cast)
        assert await free(cast, 0, days=1)
        visit_id = (await row(made)).appointment_id
        stopped.tick(timedelta(hours=5))
        assert await carry(visit_id) == Later(7 * 3600 + 10 * 60)
        assert await texts() == []
        stopped.tick(timedelta(hours=7, minutes=10))
        assert await carry(visit_id) == Later(50 * 60)
        assert len(await texts()) == 1


async def test_an_offer_that_is_answered_on_the_telephone_first_is_not_sent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast)
        assert await free(cast, 0, days=1)
        visit_id = (await row(made)).appointment_id
        send = offers._send  # pyright: ignore[reportPrivateUsage]

        async def late(session: AsyncSession, appointment_id: UUID) -> None:
            async with db.transaction() as other:
                await service.accept(other, cast.nurse, wish_id=made, version=2)
            await send(session, appointment_id)

        monkeypatch.setattr(offers, "_send", late)
        await carry(visit_id)
    assert (await row(made)).state is WishState.BOOKED
    assert await texts() == []


async def test_whoever_is_booked_with_the_doctor_waits_no_longer(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast, cast.patient_id)
        visit = await book(cast, cast.head, 30, patient_id=cast.patient_id)
        assert ((await row(made)).state, (await row(made)).appointment_id) == (WishState.BOOKED, visit)


async def test_who_is_offered_one_time_and_booked_into_another_holds_the_first_no_longer(cast: Cast) -> None:
    with clock.frozen(NINE) as stopped:
        made, offer = await offered(cast)
        token = token_in((await texts())[0])
        visit = await book(cast, cast.nurse, 240, patient_id=cast.other_patient_id)
        assert ((await row(made)).state, (await row(made)).appointment_id) == (WishState.BOOKED, visit)
        async with db.reading() as session:
            assert await session.get(Appointment, offer.id) is None
            with pytest.raises(DeadLink):
                await reminders.look(session, token)
        [asked] = await sent(FREED)
        assert await offers.offer_freed(CLINIC, asked) == Later(10), "the booking may be taken back yet"
        async with db.transaction() as session:
            await visits.cancel(session, cast.nurse, appointment_id=visit, version=1, reason=MISTAKE)
        assert (await row(made)).offers == 0
        stopped.tick(timedelta(seconds=10))
        await offers.offer_freed(CLINIC, asked)
        again = (await row(made)).appointment_id
        assert again
        assert (await stored(again)).starts_at == offer.starts_at, "what they had is theirs again"
    await assert_figures_true()


async def test_who_waits_for_the_doctor_and_for_the_specialty_is_booked_for_what_was_chosen(cast: Cast) -> None:
    await specialised(cast)
    with clock.frozen(NINE) as stopped:
        for_doctor = await wish(cast)
        stopped.tick(timedelta(minutes=1))
        for_subject = await wish(cast, doctor=None, specialty="Терапия")
        assert await free(cast, 0, days=1)
        assert (await row(for_doctor)).state is WishState.OFFERED
        async with db.transaction() as session:
            visit = await service.book(
                session, cast.nurse, wish_id=for_subject, version=1, practitioner_id=cast.doctor.person_id, starts_at=at(240)
            )  # fmt: skip
        assert ((await row(for_subject)).state, (await row(for_subject)).appointment_id) == (WishState.BOOKED, visit)
        kept = await row(for_doctor)
        assert (kept.state, kept.offers) == (WishState.WAITING, 0)
        assert not await free(cast, 0, days=1), "what they did not take is not offered to them again"
        with pytest.raises(StaleWish):
            async with db.transaction() as session:
                await service.book(
                    session, cast.nurse, wish_id=for_subject, version=1, practitioner_id=cast.doctor.person_id, starts_at=at(255)
                )  # fmt: skip


async def specialised(cast: Cast) -> None:
    """Monday and Tuesday, with a specialty."""
    await monday(cast)
    async with db.transaction() as session:
        await accounts.keep_specialties(session, cast.doctor.person_id, {"Терапия": None})
        for hours in await session.exec(select(Reception)):
            hours.specialty = "Терапия"


async def test_a_booking_that_was_a_mistake_leaves_the_place_in_the_list(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE) as stopped:
        made = await wish(cast)
        stopped.tick(timedelta(hours=1))
        visit = await book(cast, cast.nurse, 240, patient_id=cast.other_patient_id)
        async with db.transaction() as session:
            await visits.cancel(session, cast.nurse, appointment_id=visit, version=1, reason=MISTAKE)
        kept = await row(made)
        assert (kept.state, kept.appointment_id, kept.created_at, kept.offers) == (WishState.WAITING, None, NINE, 0)
        async with db.transaction() as session:
            await visits.mark(session, cast.nurse, appointment_id=visit, version=2, act=Act.UNDO)
        assert ((await row(made)).state, (await row(made)).appointment_id) == (WishState.BOOKED, visit)
        async with db.transaction() as session:
            await visits.cancel(session, cast.nurse, appointment_id=visit, version=3, reason="Пациент заболел")
        assert (await row(made)).state is WishState.BOOKED, "they had what they waited for"
    async with db.reading() as session:
        assert await audit.verify(session) == []


async def test_somebody_of_the_list_is_booked_into_a_time_that_fits(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        made = await wish(cast, starts=600, ends=700)
        async with db.transaction() as session:
            seen = await service.opened(session, cast.nurse, wish_id=made)
            assert seen.phone == "+7 912 000-00-01"
            assert seen.slots[0].span.starts_at == at(60)
            visit = await service.book(
                session, cast.nurse, wish_id=made, version=1, practitioner_id=cast.doctor.person_id,
                starts_at=seen.slots[0].span.starts_at,
            )  # fmt: skip
    assert ((await row(made)).state, (await row(made)).appointment_id) == (WishState.BOOKED, visit)


async def test_somebody_who_has_another_visit_that_day_is_booked_by_who_knows_of_it(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        first = await book(cast, cast.nurse, 0, patient_id=cast.other_patient_id)
        made = await wish(cast)
        asked = {"wish_id": made, "version": 1, "practitioner_id": cast.doctor.person_id, "starts_at": at(60)}
        with pytest.raises(PatientTwice) as told:
            async with db.transaction() as session:
                await service.book(session, cast.nurse, **asked)
        assert (await row(made)).state is WishState.WAITING
        async with db.transaction() as session:
            await service.book(session, cast.nurse, **asked, knows_of=told.value.visits)
    assert told.value.visits == {first}
    assert (await row(made)).state is WishState.BOOKED


async def test_every_hour_open_hours_are_looked_through_and_old_wishes_end(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE) as stopped:
        made = await wish(cast, starts=0, ends=700)
        old = await wish(cast, cast.patient_id, until=NINE.date())
        stopped.tick(timedelta(days=0, hours=6))
        async with db.transaction() as session:
            await offers.look_for_time(session)
        [asked] = await sent(FREED)
        assert await offers.offer_freed(CLINIC, asked) is None
        visit_id = (await row(made)).appointment_id
        assert visit_id
        assert (await stored(visit_id)).starts_at == at(0, days=1)
        stopped.tick(timedelta(days=1))
        async with db.transaction() as session:
            await offers.look_for_time(session)
    assert (await row(old)).state is WishState.EXPIRED


async def test_who_withdraws_while_offered_gives_the_time_to_the_next(cast: Cast) -> None:
    with clock.frozen(NINE):
        made, visit = await offered(cast)
        async with db.transaction() as session:
            await service.withdraw(session, cast.nurse, wish_id=made, version=2)
        assert (await row(made)).state is WishState.WITHDRAWN
        assert len(await sent(FREED)) == 1
        async with db.reading() as session:
            assert await session.get(Appointment, visit.id) is None


async def test_an_offer_in_hours_that_were_closed_meanwhile_cannot_be_taken(cast: Cast) -> None:
    with clock.frozen(NINE):
        made, visit = await offered(cast)
        async with db.transaction() as session:
            await session.execute(delete(Reception))
        with pytest.raises(OfferGone, match="приёма уже не будет"):
            async with db.transaction() as session:
                await service.accept(session, cast.nurse, wish_id=made, version=2)
    assert (await stored(visit.id)).status is AppointmentStatus.OFFERED
