"""Patients are told of tomorrow once, by day, without a word about health; what they answer by the link holds."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from medcab import audit, clock, db
from medcab.accounts.models import Person
from medcab.accounts.models import Standing as Standings
from medcab.audit import AuditEntry
from medcab.schedule import service as visits
from medcab.schedule.absences import service as absences
from medcab.schedule.absences.models import Outcome
from medcab.schedule.absences.planning.service import Task
from medcab.schedule.absences.service import Decision
from medcab.schedule.absences.telling.service import tell
from medcab.schedule.models import AppointmentStatus
from medcab.schedule.reminders import service
from medcab.schedule.reminders.models import PatientReminder
from medcab.schedule.reminders.sending import service as sending
from medcab.schedule.reminders.service import Answer, DeadLink, Passed, Result, Standing
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.visits import Act
from medcab.schedule.rules.waiting import WishState
from medcab.schedule.waiting.heard.service import FREED
from medcab.schedule.waiting.offers import service as offers
from medcab.security import tokens
from tests.cast import CLINIC, Cast
from tests.outbox import sent
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday, offer, stored
from tests.schedule.waiting import change_patient, free, links, row, texts, token_in, wish

KEY = UUID(int=1)


async def remind() -> None:
    async with db.transaction() as session:
        await sending.begin(session)
    if await sent(sending.REMIND):
        await sending.remind_everybody(KEY, {})


async def reminded(cast: Cast) -> tuple[UUID, str]:
    """A visit on Tuesday at nine, and the secret of its link."""
    await monday(cast)
    visit = await book(cast, cast.head, 0, days=1, patient_id=cast.patient_id)
    await remind()
    [text] = await texts()
    return visit, token_in(text)


async def away(cast: Cast, decisions: dict[UUID, Decision]) -> UUID:
    """The doctor will not be there on Tuesday."""
    tuesday = at(0, days=1).date()
    async with db.transaction() as session:
        return await absences.apply(
            session, cast.head, key=uuid4(), task=Task(cast.doctor.person_id, Closed(tuesday, tuesday)), reason="Болезнь", decisions=decisions
        )  # fmt: skip


async def look(token: str) -> Standing:
    async with db.reading() as session:
        return (await service.look(session, token)).standing


async def say(token: str, said: Answer, *, seen: int = 1) -> Result:
    """Somebody who saw this version answers."""
    async with db.transaction() as session:
        return await service.answer(session, token, said, seen=seen)


async def test_a_patient_is_told_of_tomorrow_once_and_without_a_word_about_health(cast: Cast) -> None:
    with clock.frozen(NINE):
        _, token = await reminded(cast)
        [text] = await texts()
        assert text.startswith("Ждём вас 24.11 в 09:00, кабинет 214, ГК № 1. Подтвердить или отказаться: http")
        for word in ("врач", "Иванова", "терап", "Сидоров", "диагноз"):
            assert word.lower() not in text.lower()
        await book(cast, cast.head, 30, days=1, patient_id=cast.patient_id, knows_of=frozenset([(await links())[0].appointment_id]))  # fmt: skip
        await remind()
        assert len(await texts()) == 1
        assert [one.token_hash for one in await links()] == [tokens.fingerprint(token)]


async def test_several_visits_of_a_day_are_one_message_with_a_link_each(cast: Cast) -> None:
    await monday(cast)
    await offer(cast.colleague.person_id, days=1, starts=60)
    with clock.frozen(NINE):
        await book(cast, cast.head, 0, days=1, patient_id=cast.patient_id)
        await book(cast, cast.head, 75, days=1, patient_id=cast.patient_id, practitioner=cast.colleague)
        await remind()
    [text] = await texts()
    assert text.startswith("Ждём вас 24.11, ГК № 1: 09:00, кабинет 214: http")
    assert (text.count("/v/?t="), len(await links())) == (2, 2)


async def test_nobody_is_woken_and_who_was_missed_is_told_on_the_day(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE - timedelta(days=2)) as stopped:
        await book(cast, cast.head, 240, patient_id=cast.patient_id)
        await book(cast, cast.head, 0, patient_id=cast.other_patient_id)
        stopped.tick(timedelta(days=1, hours=12))
        await remind()
        assert await texts() == []
        stopped.tick(timedelta(hours=12))
        await remind()
        assert len(await texts()) == 1, "one of today in four hours; the one of this minute is not told any more"


async def test_who_has_no_mobile_phone_is_passed_over_and_not_looked_for_again(cast: Cast) -> None:
    await monday(cast)
    await change_patient(cast.patient_id, phone="+74951234567")
    with clock.frozen(NINE):
        await book(cast, cast.head, 0, days=1, patient_id=cast.patient_id)
        await remind()
        await remind()
    assert await texts() == []
    async with db.reading() as session:
        told = (
            await session.exec(select(AuditEntry.details).where(AuditEntry.action == "schedule:patients:remind"))
        ).all()
    assert told == ['{"told": 0, "without_phone": 1}']


async def test_nobody_is_reminded_of_a_worker_who_is_away(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE) as stopped:
        one = await book(cast, cast.head, 0, days=1, patient_id=cast.patient_id)
        absence = await away(cast, {one: Decision(1, Outcome.CALL)})
        stopped.tick(timedelta(minutes=11))
        await tell(absence, {"absence_id": str(absence)})
        await remind()
        assert await texts() == []
        await offer(cast.doctor.person_id, days=2)
        async with db.transaction() as session:
            await visits.move(session, cast.head, appointment_id=one, version=1, starts_at=at(0, days=2))
        stopped.tick(timedelta(days=1))
        await remind()
    [text] = await texts()
    assert text.startswith("Ждём вас 25.11 в 09:00"), "once they have been called and have another time, they are"


async def test_a_page_of_patients_who_are_not_expected_does_not_keep_the_others_from_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await monday(cast)
    await offer(cast.colleague.person_id, days=1)
    monkeypatch.setattr(sending, "PAGE", 2)
    with clock.frozen(NINE) as stopped:
        mine = [await book(cast, cast.head, 15 * number, days=1) for number in range(5)]
        for number in range(3):
            await book(cast, cast.head, 15 * number, days=1, practitioner=cast.colleague)
        absence = await away(cast, {one: Decision(1, Outcome.CALL) for one in mine})
        stopped.tick(timedelta(minutes=11))
        await tell(absence, {"absence_id": str(absence)})
        await remind()
    assert len(await texts()) == 3


async def test_what_an_absence_has_just_moved_is_reminded_of_once_it_is_settled(cast: Cast) -> None:
    await monday(cast)
    await offer(cast.colleague.person_id, days=1)
    with clock.frozen(NINE):
        one = await book(cast, cast.head, 0, days=1, patient_id=cast.patient_id)
        absence = await away(cast, {one: Decision(1, Outcome.MOVED, (cast.colleague.person_id, at(60, days=1)))})
        await remind()
        assert await texts() == [], "it may be taken back yet"
        async with db.transaction() as session:
            assert await absences.take_back(session, cast.head, absence_id=absence) == []
        await remind()
    [text] = await texts()
    assert text.startswith("Ждём вас 24.11 в 09:00")


async def test_two_servers_at_once_tell_each_patient_once(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        for number in range(8):
            await book(cast, cast.head, 15 * number, days=1)
        await asyncio.gather(*(sending.remind_everybody(KEY, {}) for _ in range(4)))
    assert len(await texts()) == 8
    async with db.reading() as session:
        assert len((await session.exec(select(PatientReminder))).all()) == 8


async def test_a_patient_says_they_will_come_and_later_that_they_cannot(cast: Cast) -> None:
    with clock.frozen(NINE) as stopped:
        visit, token = await reminded(cast)
        assert await look(token) is Standing.ASKED
        assert (await stored(visit)).version == 1, "opening a link changes nothing"
        assert await say(token, Answer.YES) is Result.HEARD
        assert ((await stored(visit)).confirmed_at, await look(token)) == (NINE, Standing.CONFIRMED)
        assert await say(token, Answer.YES) is Result.HEARD
        assert (await stored(visit)).version == 2, "said twice, done once"
        stopped.tick(timedelta(hours=1))
        await say(token, Answer.NO, seen=2)
        gone = await stored(visit)
        assert (gone.status, gone.cancel_reason) == (AppointmentStatus.CANCELLED, "Пациент отказался")
        assert await look(token) is Standing.CANCELLED
        with pytest.raises(DeadLink):
            await say(token, Answer.YES, seen=3)
    await assert_figures_true()
    async with db.reading() as session:
        rows = (await session.exec(select(AuditEntry).where(AuditEntry.subject == str(visit)))).all()
        assert [(one.action, one.person_id is None) for one in rows[-2:]] == [
            ("schedule:link:confirm", True), ("schedule:link:decline", True),
        ]  # fmt: skip
        assert await audit.verify(session) == []


async def test_what_a_patient_refuses_goes_to_whoever_waits_and_is_taken_by_link(cast: Cast) -> None:
    with clock.frozen(NINE):
        _, token = await reminded(cast)
        made = await wish(cast)
        await say(token, Answer.NO)
        [asked] = await sent(FREED)
        assert await offers.offer_freed(CLINIC, asked) is None, "at once: nobody takes this back"
        offered = (await row(made)).appointment_id
        assert offered
        [asked] = await sent(offers.OFFER)
        await offers.carry_offer(CLINIC, asked)
        theirs = token_in((await texts())[-1])
        assert await look(theirs) is Standing.OFFERED
        assert await say(theirs, Answer.YES) is Result.HEARD
        assert await look(theirs) is Standing.CONFIRMED
        assert (await row(made)).state is WishState.BOOKED
        assert (await stored(offered)).changed_by_id is None
    await assert_figures_true()


async def test_what_an_offer_does_not_suit_ends_its_link(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE) as stopped:
        made = await wish(cast)
        await free(cast, 0, days=1)
        [asked] = await sent(offers.OFFER)
        await offers.carry_offer(CLINIC, asked)
        token = token_in((await texts())[0])
        for _ in range(2):
            assert await say(token, Answer.NO) is Result.PASSED, "said twice, it is said once"
        assert (await row(made)).offers == 1
        for late in (look(token), say(token, Answer.YES)):
            with pytest.raises(Passed):
                await late
        stopped.tick(timedelta(days=2))
        with pytest.raises(DeadLink) as old:
            await look(token)
        assert not isinstance(old.value, Passed)


async def test_a_link_shows_where_the_visit_was_moved_and_dies_at_its_beginning(cast: Cast) -> None:
    with clock.frozen(NINE) as stopped:
        visit, token = await reminded(cast)
        async with db.transaction() as session:
            await visits.move(session, cast.head, appointment_id=visit, version=1, starts_at=at(60, days=1))
        async with db.reading() as session:
            shown = await service.look(session, token)
        assert (shown.starts_at, shown.room, shown.clinic) == (at(60, days=1), "214", "ГК № 1")
        stopped.tick(timedelta(days=1, minutes=30))
        assert await look(token) is Standing.ASKED, "the hour of which the message spoke is past"
        stopped.tick(timedelta(minutes=30))
        for wrong in (token, tokens.make(), "", "../etc"):
            with pytest.raises(DeadLink):
                await look(wrong)


async def test_a_link_is_kept_as_long_as_its_visit_is_ahead(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=50)
    with clock.frozen(NINE) as stopped:
        visit, token = await reminded(cast)
        async with db.transaction() as session:
            await visits.move(session, cast.head, appointment_id=visit, version=1, starts_at=at(0, days=50))
        for days, standing in ((40, 1), (45, 0)):
            stopped.tick(timedelta(days=days))
            async with db.transaction() as session:
                await sending.forget_old(session)
            assert len(await links()) == standing
            if standing:
                assert await look(token) is Standing.ASKED


async def test_what_was_moved_while_the_page_was_open_is_shown_before_it_is_confirmed(cast: Cast) -> None:
    with clock.frozen(NINE):
        visit, token = await reminded(cast)
        async with db.transaction() as session:
            await visits.move(session, cast.head, appointment_id=visit, version=1, starts_at=at(60, days=1))
        for said in Answer:
            assert await say(token, said, seen=1) is Result.CHANGED
        kept = await stored(visit)
        assert (kept.status, kept.confirmed_at, kept.version) == (AppointmentStatus.BOOKED, None, 2)
        assert await say(token, Answer.YES, seen=2) is Result.HEARD
    assert (await stored(visit)).confirmed_at == NINE


async def test_who_would_come_to_somebody_who_is_away_is_called(cast: Cast) -> None:
    with clock.frozen(NINE):
        visit, token = await reminded(cast)
        await away(cast, {visit: Decision(1, Outcome.CALL)})
        assert await look(token) is Standing.AWAY
        assert await say(token, Answer.YES) is Result.HEARD
        assert (await stored(visit)).confirmed_at is None
        await say(token, Answer.NO)
    assert (await stored(visit)).status is AppointmentStatus.CANCELLED, "they may still call it off"


async def test_who_has_come_early_is_told_so(cast: Cast) -> None:
    with clock.frozen(NINE) as stopped:
        visit, token = await reminded(cast)
        stopped.tick(timedelta(hours=23, minutes=30))
        async with db.transaction() as session:
            await visits.mark(session, cast.head, appointment_id=visit, version=1, act=Act.ARRIVED)
        assert await look(token) is Standing.HERE
        for said in Answer:
            assert await say(token, said) is Result.HEARD
    assert (await stored(visit)).status is AppointmentStatus.ARRIVED


async def test_of_many_answers_at_once_one_counts(cast: Cast) -> None:
    with clock.frozen(NINE):
        visit, token = await reminded(cast)
        results = await asyncio.gather(*(say(token, Answer.NO) for _ in range(20)), return_exceptions=True)
        assert not [one for one in results if isinstance(one, BaseException) and not isinstance(one, DeadLink)]
        assert ((await stored(visit)).status, (await stored(visit)).version) == (AppointmentStatus.CANCELLED, 2)
    await assert_figures_true()


async def test_why_an_offer_cannot_be_taken_any_more_is_not_told_to_the_link(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        await wish(cast)
        await free(cast, 0, days=1)
        [asked] = await sent(offers.OFFER)
        await offers.carry_offer(CLINIC, asked)
        async with db.transaction() as session:
            doctor = await session.get(Person, cast.doctor.person_id)
            assert doctor
            doctor.standing, doctor.standing_reason = Standings.SUSPENDED, "Аккредитация не подтверждена"
        with pytest.raises(offers.OfferGone) as refusal:
            await say(token_in((await texts())[0]), Answer.YES)
    assert refusal.value.message == "В это время приёма уже не будет. Вы остались в листе ожидания: предложим другое."
