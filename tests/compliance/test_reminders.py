"""Each step is told once, nothing is told of what was renewed, an outage makes no heap, and one message says everything."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.accounts.models import Person, PracticeRight, Standing
from medcab.accounts.rules.right import Standing as Kind
from medcab.compliance import queries, service
from medcab.compliance.models import DutyReminder
from medcab.compliance.reminding import service as reminding
from medcab.compliance.rules.duties import Day, Duty, Facts, Paper, duties
from medcab.compliance.rules.reminders import Reminder, due
from medcab.documents import service as documents
from medcab.documents.kinds.rules import Category, DocumentKind
from medcab.documents.kinds.rules import Facts as PaperFacts
from medcab.documents.models import Document
from medcab.documents.service import Paper as Paperwork
from medcab.norms import NORMS
from medcab.outbox import OutboxMessage
from tests.cast import MORNING, Cast
from tests.outbox import sent

STEPS = NORMS[0].reminder_days
END = date(2028, 2, 1)


def facts(**specialties: date | None) -> Facts:
    trained = Paper(DocumentKind.COURSE, issued=END - timedelta(days=400), hours=500)
    return Facts(standing=Kind.ACTIVE, specialties=specialties, papers=(trained,))


def told_on(day: date, told: list[Reminder], held: Facts) -> tuple[Reminder, ...]:
    return due(duties(held, Day(day, NORMS[0])), told, today=day, steps=STEPS)


def mornings(days: list[int], **specialties: date | None) -> list[Reminder]:
    """What was told, when the cabinet ran so many days before the end."""
    told: list[Reminder] = []
    for left in sorted(days, reverse=True):
        told += told_on(END - timedelta(days=left), told, facts(**(specialties or {"Кардиология": END})))
    return told


def test_every_step_once_when_every_morning_is_there() -> None:
    assert [each.step for each in mornings(list(range(-5, 400)))] == list(STEPS)


@given(st.lists(st.integers(-5, 400), max_size=30))
def test_after_an_outage_only_the_nearest_step_is_told(days: list[int]) -> None:
    steps = [each.step for each in mornings(days)]
    assert steps == sorted(set(steps), reverse=True), "each once, and never back"
    reached = [min(step for step in STEPS if left <= step) for left in days if 0 <= left <= STEPS[0]]
    assert set(steps) == set(reached)


@pytest.mark.parametrize("until", [END + timedelta(days=1800), None])
def test_what_was_renewed_is_not_reminded_of(until: date | None) -> None:
    assert mornings([30, 7], Кардиология=until) == []


def test_several_come_soonest_first() -> None:
    held = facts(Терапия=END + timedelta(days=20), Кардиология=END)
    assert [each.subject for each in told_on(END - timedelta(days=10), [], held)] == ["Кардиология", "Терапия"]


def test_the_last_day_itself_is_told_and_the_day_after_is_not() -> None:
    assert [each.step for each in told_on(END, [], facts(Кардиология=END))] == [1]
    assert told_on(END + timedelta(days=1), [], facts(Кардиология=END)) == ()


@pytest.fixture
def now() -> Iterator[None]:
    with clock.frozen(MORNING):
        yield


@pytest.fixture
async def ward(cast: Cast, now: None) -> Cast:
    """The doctor's accreditation ends on END, and her medical book two days later; the others have nothing with an end."""
    async with db.transaction() as session:
        session.add(PracticeRight(person_id=cast.doctor.person_id, specialty="Кардиология", until=END))
        for person in (await session.exec(select(Person).where(col(Person.id) != cast.doctor.person_id))).all():
            person.standing = Standing.SUSPENDED
        for kind, ends in (("medical_book", END + timedelta(days=2)), ("course", None)):
            session.add(Document(
                person_id=cast.doctor.person_id, kind=kind, number="1", issued_on=END - timedelta(days=300), expires_on=ends, hours=500,
                created_at=MORNING,
            ))  # fmt: skip
    return cast


async def on(left: int, *, at: time = time(9)) -> None:
    """The round of that morning."""
    moment = datetime.combine(END - timedelta(days=left), at, clock.MOSCOW)
    with clock.frozen(moment.astimezone(UTC)):
        await reminding.remind_everybody(UUID(int=1), {})


async def letters() -> list[str]:
    return [one["text"] for one in await sent("mail") if "подходит срок" in one["subject"]]


async def test_one_message_says_everything_and_once(ward: Cast) -> None:
    for left in (30, 30, 28):
        await on(left)
    [first, second] = await letters()
    assert "аккредитация «Кардиология», до 01.02.2028 (осталось 30\N{NO-BREAK SPACE}дней)" in first
    assert "медосмотр, до 03.02.2028" in first
    assert "медосмотр" in second, "its 30 days were reached two days later"
    assert "Кардиология" not in second


async def test_by_sms_only_when_it_is_near(ward: Cast) -> None:
    await on(90)
    assert await sent("sms") == []
    await on(14)
    [sms] = await sent("sms")
    assert "аккредитация «Кардиология»" in sms["text"]
    assert sms["text"].endswith("и ещё 1.")


async def choose(cast: Cast, *, by_mail: bool, by_sms: bool) -> None:
    async with db.transaction() as session:
        await service.choose(session, cast.doctor, by_mail=by_mail, by_sms=by_sms)


async def test_a_letter_about_a_permit_comes_whatever_was_chosen(ward: Cast) -> None:
    await choose(ward, by_mail=False, by_sms=False)
    await on(14)
    [letter] = await letters()
    assert "Кардиология" in letter
    assert "медосмотр" not in letter
    assert await sent("sms") == []
    await choose(ward, by_mail=True, by_sms=True)
    await on(13)
    assert len(await letters()) == 1, "what was not wanted is not told later"


async def test_whoever_has_lost_the_right_has_worse_to_mend(ward: Cast) -> None:
    async with db.transaction() as session:
        (await session.get_one(Person, ward.doctor.person_id)).standing = Standing.SUSPENDED
    await on(14)
    assert await letters() == []


async def test_one_round_a_day_from_the_morning_on(ward: Cast) -> None:
    async def rounds() -> int:
        async with db.transaction() as session:
            await reminding.begin_today(session)
        async with db.reading() as session:
            return len((await session.exec(select(OutboxMessage).where(OutboxMessage.kind == reminding.REMIND))).all())

    counts = []
    for hours in (-2, 0, 3, 22, 24):  # 07:00, 09:00, 12:00, 07:00 and 09:00 in Moscow
        with clock.frozen(MORNING + timedelta(hours=hours)):
            counts.append(await rounds())
    assert counts == [0, 1, 1, 1, 2]


async def test_two_servers_at_once_tell_once(ward: Cast) -> None:
    """The database refuses the second note, and with it goes the second message."""
    await on(14)
    async with db.reading() as session:
        notes = (await session.exec(select(DutyReminder))).all()
    with pytest.raises(Exception, match=r"UNIQUE|duplicate key"):
        async with db.transaction() as session:
            session.add(DutyReminder(**notes[0].model_dump()))


async def test_a_renewal_ends_the_reminders_about_the_paper_before_it(ward: Cast) -> None:
    """Also where the new paper spells the specialty in another way; taken out, the earlier one is told of again."""
    category = Paperwork(
        kind=DocumentKind.QUALIFICATION, number="1", specialty="Кардиология", issued_on=date(2020, 1, 1), expires_on=END,
        facts=PaperFacts(category=Category.FIRST),
    )  # fmt: skip
    later = replace(category, number="2", specialty="кардиология (взрослая)", expires_on=END + timedelta(days=1800))

    async with db.transaction() as session:
        old = await documents.save(session, ward.doctor, category)
    assert END in await _ends_of_categories(ward)
    async with db.transaction() as session:
        new = await documents.save(session, ward.doctor, later, renews=old)
    assert await _ends_of_categories(ward) == {END + timedelta(days=1800)}
    await on(30)
    [letter] = await letters()
    assert "категория" not in letter.casefold()
    async with db.transaction() as session:
        await documents.remove(session, ward.doctor, new)
    await on(14)
    assert "категория" in (await letters())[-1].casefold()


async def _ends_of_categories(cast: Cast) -> set[date | None]:
    async with db.reading() as session:
        held = (await queries.facts_of(session, [cast.doctor.person_id]))[cast.doctor.person_id]
    return {row.deadline for row in duties(held, queries.day()) if row.duty is Duty.QUALIFICATION}
