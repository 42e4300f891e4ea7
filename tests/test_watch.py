"""Comparing everybody with the register, over real HTTP: a status stays true, and a sick register takes nobody's."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from medcab import clock, db, jobs, watch
from medcab.access import Action
from medcab.accounts.models import Person, Standing
from medcab.errors import Conflict, Forbidden
from medcab.identifiers import snils
from medcab.outbox import OutboxMessage
from medcab.security.crypto import blind_index
from medcab.verification import queries
from medcab.verification.models import CaseItem, RegisterRound, StandingChange, VerificationCase
from medcab.verification.queries import CLAIM, FINDING
from medcab.verification.rules import Claim, Code, Item, RegisterRecord, Status, compare
from medcab.verification.watch import service
from medcab.verification.watch.queries import next_page
from tests import cast as cast_module
from tests.api.browser import journalled
from tests.cast import MORNING, Cast
from tests.outbox import sent
from tests.sandbox.running import Sandbox
from tests.verification.people import doctor, held

TODAY = MORNING.date()
ENOUGH_PAGES = 10


@pytest.fixture
def now():
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def ward(cast: Cast, register: Sandbox, now: object) -> "Ward":
    return Ward(register)


class Ward:
    """Active workers with a confirmed case each, and the register that knows them."""

    def __init__(self, register: Sandbox) -> None:
        self.register = register
        self.records: list[RegisterRecord] = []

    async def staff(self, count: int) -> None:
        """So many, numbered from 0."""
        everybody = [colleague(number) for number in range(count)]
        self.records = [
            replace(held(claim), person=replace(held(claim).person, oid=f"1.2.3.{n}"))
            for n, claim in enumerate(everybody)
        ]
        self.register.load(*self.records)
        async with db.transaction() as session:
            for number, (claim, record) in enumerate(zip(everybody, self.records, strict=True)):
                session.add(worker(number, claim))
                case = VerificationCase(
                    id=uuid4(), person_id=UUID(int=person_number(number)), state="active", checked_claim=CLAIM.dump_json(claim).decode(),
                    version=1, created_at=MORNING, updated_at=MORNING,
                )  # fmt: skip
                session.add(case)
                for item, finding in compare(claim, record, today=TODAY).items():
                    session.add(CaseItem(
                        case_id=case.id, item=item.value, state=finding.state.value, finding=FINDING.dump_json(finding).decode(),
                    ))  # fmt: skip

    def says(self, number: int, record: RegisterRecord) -> None:
        self.records[number] = record
        self.register.load(record)

    async def person(self, number: int) -> Person:
        async with db.reading() as session:
            found = await session.get(Person, UUID(int=person_number(number)))
        assert found
        return found

    async def compare(self) -> RegisterRound:
        """One whole round, as the durable work goes through it."""
        async with db.transaction() as session:
            await service.begin(session)
        return await self.go_on()

    async def go_on(self) -> RegisterRound:
        for _ in range(ENOUGH_PAGES):
            if await one_try() is None:
                break
        return await newest_round()


def person_number(number: int) -> int:
    return 5000 + number


def colleague(number: int) -> Claim:
    return replace(doctor(), snils=snils.with_check_digits(f"3344{number:05}"), register_number=f"77.0002.{number:04}")


def worker(number: int, claim: Claim) -> Person:
    assert claim.birth_date
    made = cast_module.person(person_number(number), claim.last_name)
    made.given_name, made.patronymic, made.birth_date = claim.first_name, claim.patronymic, claim.birth_date
    made.snils, made.snils_index, made.inn = claim.snils, blind_index("person.snils", claim.snils), claim.inn
    return made


async def newest_round() -> RegisterRound:
    async with db.reading() as session:
        found = await queries.newest_round(session)
    assert found
    return found


async def one_try() -> jobs.Later | None:
    async with db.reading() as session:
        waiting = select(OutboxMessage).where(OutboxMessage.kind == service.ROUND, OutboxMessage.done_at == None)  # noqa: E711
        message = (await session.exec(waiting)).one()
    return await jobs.perform(message.id)


async def changes() -> list[StandingChange]:
    async with db.reading() as session:
        return list((await session.exec(select(StandingChange))).all())


def without(record: RegisterRecord, item: Item) -> RegisterRecord:
    """The register has excluded this paper."""
    papers = tuple(replace(p, status=Status.EXCLUDED) if p.item is item else p for p in record.documents)
    return replace(record, documents=papers)


async def test_nothing_changed_writes_nothing(ward: Ward) -> None:
    await ward.staff(3)
    done = await ward.compare()
    assert (done.people, done.done, done.changed, done.unanswered, done.is_open) == (3, 3, 0, 0, False)
    assert await changes() == []
    assert await sent("mail") == await sent("sms") == []


async def test_a_round_goes_through_everybody_page_by_page(ward: Ward) -> None:
    await ward.staff(watch.PAGE + 2)
    last = watch.PAGE + 1
    ward.says(last, replace(ward.records[last], cards=()))
    done = await ward.compare()
    assert (done.done, done.changed) == (watch.PAGE + 2, 1)
    assert (await ward.person(last)).standing is Standing.SUSPENDED
    assert (await ward.person(0)).standing is Standing.ACTIVE


async def test_both_permits_withdrawn_close_everything_and_say_what_was(ward: Ward) -> None:
    await ward.staff(2)
    lost = without(without(ward.records[1], Item.ACCREDITATION), Item.CERTIFICATE)
    ward.says(1, lost)
    await ward.compare()
    assert (await ward.person(0)).standing is Standing.ACTIVE
    closed = await ward.person(1)
    assert closed.standing is Standing.SUSPENDED
    told = {change.item: change for change in await changes()}
    assert set(told) == {Item.ACCREDITATION, Item.CERTIFICATE}
    assert "Кардиология до 01.02.2028" in told[Item.ACCREDITATION].was
    assert "исключена" in told[Item.ACCREDITATION].now
    assert told[Item.ACCREDITATION].closes == "Кардиология"
    assert {message["to"] for message in await sent("sms")} == {closed.phone}


async def test_one_permit_of_two_leaves_the_rights(ward: Ward) -> None:
    await ward.staff(1)
    ward.says(0, without(ward.records[0], Item.ACCREDITATION))
    await ward.compare()
    assert (await ward.person(0)).standing is Standing.ACTIVE
    assert [(c.item, c.closes) for c in await changes()] == [(Item.ACCREDITATION, "")]
    assert [one["subject"] for one in await sent("mail")] == ["medcab: изменилась запись в регистре"]
    assert await sent("sms") == []


async def test_what_is_restored_opens_again(ward: Ward) -> None:
    await ward.staff(1)
    whole = ward.records[0]
    ward.says(0, replace(whole, cards=()))
    await ward.compare()
    assert (await ward.person(0)).standing is Standing.SUSPENDED
    ward.says(0, whole)
    await ward.compare()
    assert (await ward.person(0)).standing is Standing.ACTIVE
    assert "Кардиология" in {change.opens for change in await changes()}


@pytest.mark.parametrize("mode", ["outage", "garbage", "malformed", "oversize", "tampered", "foreign", "not_yet"])
@pytest.mark.parametrize("operation", ["frmr.people", "frmr.licences"])
async def test_a_sick_register_takes_nobody_s_rights_and_the_round_goes_on_later(
    ward: Ward, operation: str, mode: str
) -> None:
    await ward.staff(2)
    stranger = replace(held(doctor()), person=replace(held(doctor()).person, oid="1.2.0", snils="16072239447"))
    ward.register.load(stranger)
    ward.register.switch(operation, mode)
    async with db.transaction() as session:
        await service.begin(session)
    assert await one_try() is not None
    assert (await newest_round()).done == 0
    assert {(await ward.person(n)).standing for n in (0, 1)} == {Standing.ACTIVE}
    ward.register.switch(operation)
    assert (await ward.go_on()).done == 2
    assert await changes() == []


async def test_one_refusal_among_many_is_one_person_s(ward: Ward) -> None:
    await ward.staff(3)
    ward.register.load(ward.records[1], refusal=Code.PERSON_CARD_NOT_FOUND)
    done = await ward.compare()
    assert done.changed == 1
    assert [(await ward.person(n)).standing for n in range(3)] == [Standing.ACTIVE, Standing.SUSPENDED, Standing.ACTIVE]


async def test_a_register_that_denies_everybody_is_not_believed(ward: Ward, cast: Cast) -> None:
    await ward.staff(12)
    ward.register.load(*ward.records, refusal=Code.PERSON_NOT_FOUND)
    halted = await ward.compare()
    assert halted.halted
    assert not halted.is_open
    assert {(await ward.person(n)).standing for n in range(12)} == {Standing.ACTIVE}
    assert (await journalled())[-1] == Action.REGISTER_COMPARED


async def test_a_page_is_kept_once_however_often_it_is_tried(ward: Ward) -> None:
    await ward.staff(2)
    ward.says(0, replace(ward.records[0], cards=()))
    async with db.transaction() as session:
        begun = await service.begin(session)
    await asyncio.gather(one_try(), one_try())
    assert (await ward.go_on()).done == 2
    assert len(await changes()) == 1
    assert begun.id == (await newest_round()).id


async def test_a_case_sent_meanwhile_is_left_to_its_own_check(ward: Ward) -> None:
    await ward.staff(1)
    ward.says(0, replace(ward.records[0], cards=()))
    async with db.transaction() as session:
        begun = await service.begin(session)
    async with db.reading() as session:
        page = await next_page(session, begun.id, watch.PAGE)
    assert page
    async with db.transaction() as session:
        case = await session.get(VerificationCase, page.people[0].case_id)
        assert case
        case.version += 1
    noticed, unanswered = await watch._judged(page, await watch._ask(page))  # type: ignore[arg-type]
    async with db.transaction() as session:
        await service.keep(session, page, noticed, unanswered=unanswered)
    assert (await ward.person(0)).standing is Standing.ACTIVE
    assert await changes() == []


async def test_one_round_a_night_also_after_an_outage(ward: Ward) -> None:
    await ward.staff(1)
    await begin_tonight()
    first = await newest_round()
    await begin_tonight()
    assert (await newest_round()).id == first.id, "it still runs"
    await ward.go_on()
    await begin_tonight()
    assert (await newest_round()).id == first.id, "it has been done tonight"
    with clock.frozen(MORNING + timedelta(hours=17)):  # 02:00 in Moscow is at 23:00 of the day before
        await begin_tonight()
        assert (await newest_round()).id != first.id


async def begin_tonight() -> None:
    async with db.transaction() as session:
        await watch.begin_tonight(session)


async def test_who_may_begin_a_round(ward: Ward, cast: Cast) -> None:
    await ward.staff(1)
    for name, actor in cast.everyone().items():
        if name == "admin":
            continue
        with pytest.raises(Forbidden):
            async with db.transaction() as session:
                await service.start(session, actor)
    async with db.transaction() as session:
        await service.start(session, cast.admin)
    with pytest.raises(Conflict, match="уже идёт"):
        async with db.transaction() as session:
            await service.start(session, cast.admin)
    await ward.go_on()
    with pytest.raises(Conflict, match="через 10 минут"):
        async with db.transaction() as session:
            await service.start(session, cast.admin)


async def test_the_own_clock_is_seen_by_the_register_too(ward: Ward) -> None:
    """A permit ran out since: the round writes down that it did."""
    await ward.staff(1)
    with clock.frozen(MORNING.replace(year=2029)):
        await ward.compare()
    assert (await ward.person(0)).standing is Standing.SUSPENDED
    assert {change.closes for change in await changes()} == {"Кардиология"}
    assert date(2028, 2, 1).strftime("%d.%m.%Y") in "".join(change.was for change in await changes())


async def test_an_operator_who_has_asked_lets_the_register_be_believed(ward: Ward) -> None:
    await ward.staff(12)
    ward.register.load(*ward.records, refusal=Code.PERSON_NOT_FOUND)
    assert (await ward.compare()).halted
    with clock.frozen(MORNING + timedelta(hours=1)):
        async with db.transaction() as session:
            await service.begin(session, trusted=True)
        done = await ward.go_on()
    assert (done.halted, done.changed) == ("", 12)
    assert {(await ward.person(n)).standing for n in range(12)} == {Standing.SUSPENDED}


async def test_a_licence_nobody_can_read_leaves_its_people_to_the_next_night(ward: Ward) -> None:
    await ward.staff(2)
    [number] = {paper.number for record in ward.records for paper in record.of(Item.LICENCE)}
    odd = {"number": number, "organization": "1.2", "beginDate": "2020-01-01", "status": "аннулирована"}
    ward.register.put("/control/register/people", {"people": [], "licences": [odd]})
    stranger = replace(held(doctor()), person=replace(held(doctor()).person, oid="1.2.0", snils="16072239447"))
    ward.register.load(replace(stranger, documents=()))
    async with db.transaction() as session:
        await service.begin(session)
    assert await one_try() is not None, "nobody of the page had an answer: it is asked about again"
    assert {(await ward.person(n)).standing for n in (0, 1)} == {Standing.ACTIVE}


async def test_one_person_s_unreadable_record_does_not_stop_the_round(ward: Ward) -> None:
    await ward.staff(1)
    ward.register.switch("frmr.people", "malformed")
    done = await ward.compare()
    assert (done.is_open, done.unanswered) in ((False, 1), (True, 0))


async def test_a_round_that_never_ends_is_given_up(ward: Ward) -> None:
    await ward.staff(2)
    ward.register.switch("frmr.people", "outage")
    async with db.transaction() as session:
        first = await service.begin(session)
    await one_try()
    with clock.frozen(MORNING + timedelta(days=2)):
        await begin_tonight()
        newest = await newest_round()
    assert newest.id != first.id
    async with db.reading() as session:
        given_up = await session.get(RegisterRound, first.id)
    assert given_up
    assert given_up.halted
