"""The month of an economist: who pays, what a register holds, what the payer answers, what goes again; and what the database never lets happen."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, schema
from medcab.access import Action, Actor
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.finance import service as reports
from medcab.finance.bringing import service as bringing
from medcab.finance.bringing.service import StaleFile
from medcab.finance.models import Bill, BillLine, FinanceSheet, Tariff, VolumePlan
from medcab.finance.plans import service as plans
from medcab.finance.plans.service import StalePlan
from medcab.finance.registers import service as registers
from medcab.finance.registers.lines import service as lines
from medcab.finance.registers.lines.queries import Only
from medcab.finance.registers.service import StaleRegister
from medcab.finance.rules.address import Address
from medcab.finance.rules.sheets import Kind
from medcab.finance.rules.sums import Amount, Outcome, Sums
from medcab.finance.rules.tariffs import Frozen, Price, What
from medcab.finance.tariffs import service as tariffs
from medcab.schedule import service as schedule
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.models import Appointment, Reception
from medcab.schedule.rules.visits import Act, AppointmentStatus, Payer, VisitKind
from medcab.schedule.service import StaleVisit, VisitBilled
from medcab.schedule.visit.payer import service as payers
from tests.cast import CLINIC, FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.finance.test_registers import OCTOBER, OMS, day_of, tariff
from tests.migrations import downgrade

SECOND = datetime(2026, 11, 2, 9, tzinfo=UTC)
THERAPY = What(Payer.OMS, "Терапия", VisitKind.FIRST)
VIEW = Address(OCTOBER, OCTOBER)


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    """The second day of the month after."""
    with clock.frozen(SECOND):
        yield


async def billed(session: AsyncSession, cast: Cast, days: int = 3) -> Bill:
    """A register of the last days of October, one visit on each."""
    session.add(tariff(50_000, date(2026, 1, 1)))
    for number in range(days):
        day_of(session, cast, datetime(2026, 10, 31 - number, 8, tzinfo=UTC))
    await session.flush()
    return await registers.make(session, cast.admin, **OMS)


async def line(session: AsyncSession, bill: Bill, number: int) -> BillLine:
    return (await session.exec(select(BillLine).where(BillLine.bill_id == bill.id, BillLine.number == number))).one()


async def brought(session: AsyncSession, actor: Actor, text: str, bill: Bill | None = None) -> bringing.Preview:
    """A file that has been uploaded, as it is shown."""
    found = await bringing.read(text.encode(), of_register=bill is not None)
    sheet_id = await bringing.keep(session, actor, name="файл.csv", sheet=found, bill_id=bill.id if bill else None)
    return await bringing.preview(session, actor, sheet_id=sheet_id)


async def answered(session: AsyncSession, cast: Cast, text: str, bill: Bill) -> bringing.Applied:
    shown = await brought(session, cast.admin, f"№ строки;Результат;Код причины;Причина\n{text}", bill)
    return await bringing.apply(session, cast.admin, sheet_id=shown.id, seen=shown.seen)


def journalled(session: AsyncSession, action: Action) -> int:
    return sum(entry["action"] == action.value for entry in session.info["audit"])


async def version_of(session: AsyncSession, visit_id: UUID) -> int:
    return (
        await session.execute(sa.select(col(Appointment.version)).where(col(Appointment.id) == visit_id))
    ).scalar_one()


async def test_the_draft_names_what_has_no_price_and_a_stale_one_is_not_made(session: AsyncSession, cast: Cast):
    day_of(session, cast, datetime(2026, 10, 30, 8, tzinfo=UTC))
    await session.flush()
    draft = await registers.draft(session, cast.admin, **OMS)
    [missing] = await registers.named(session, draft)
    assert (missing.day, missing.doctor, missing.visit.specialty) == (
        date(2026, 10, 30),
        "Иванова А. П.",
        "Терапия",
    )
    session.add(tariff(50_000, date(2026, 1, 1)))
    await session.flush()
    draft = await registers.draft(session, cast.admin, **OMS)
    assert (draft.amount, draft.unpriced, draft.number, draft.is_over) == (Amount(1, 50_000), [], 1, True)
    day_of(session, cast, datetime(2026, 10, 29, 8, tzinfo=UTC))
    await session.flush()
    with pytest.raises(StaleRegister):
        await registers.make(session, cast.admin, **OMS, seen=draft.seen)
    bill = await registers.make(
        session, cast.admin, **OMS, seen=(await registers.draft(session, cast.admin, **OMS)).seen
    )
    assert (await registers.own(session, cast.admin, bill.id)).sums.billed == Amount(2, 100_000)


async def test_answers_are_judged_row_by_row_and_the_same_file_changes_nothing_twice(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast)
    text = (
        "Ответ страховой;;;;\n№ строки;Сумма;Результат;Код причины;Причина\n1;500,00;принято;;\n2;500,00;Отклонено;5.1.4;Нет полиса, совсем\n"
        "3;400,00;принято;;\n9;;принято;;\n4;;может быть;;\n2x;;принято;;\n"
    )
    shown = await brought(session, cast.admin, text, bill)
    assert [(row.line, row.kind) for row in shown.rows] == [
        (3, Kind.NEW), (4, Kind.NEW), (5, Kind.WRONG), (6, Kind.WRONG), (7, Kind.WRONG), (8, Kind.WRONG),
    ]  # fmt: skip
    assert "не совпадает" in shown.rows[2].error
    assert "в реестре нет" in shown.rows[3].error
    with pytest.raises(Conflict, match="с ошибками"):
        await bringing.apply(session, cast.admin, sheet_id=shown.id, seen=shown.seen)
    done = await bringing.apply(session, cast.admin, sheet_id=shown.id, seen=shown.seen, drop_wrong=True)
    assert (done.done, done.dropped) == (2, 4)
    second = await line(session, bill, 2)
    assert (second.outcome, second.reason_code, second.reason) == (Outcome.REJECTED, "5.1.4", "Нет полиса, совсем")
    again = await brought(session, cast.admin, text.rsplit("3;400", 1)[0], bill)
    assert {row.kind for row in again.rows} == {Kind.SAME}
    with pytest.raises(Conflict, match="ничего нового"):
        await bringing.apply(session, cast.admin, sheet_id=again.id, seen=again.seen)
    assert journalled(session, Action.FINANCE_REGISTER_ANSWER) == 1


async def test_a_stale_preview_and_an_answer_to_another_register_do_nothing(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast)
    shown = await brought(session, cast.admin, "№ строки;Результат\n1;принято\n", bill)
    await answered(session, cast, "1;отклонено;5.1;Другое\n", bill)
    with pytest.raises(StaleFile):
        await bringing.apply(session, cast.admin, sheet_id=shown.id, seen=shown.seen)
    assert (await line(session, bill, 1)).outcome is Outcome.REJECTED
    other = await brought(session, cast.admin, "№ строки;Реестр;Результат\n1;ОМС-2026-09-1;принято\n", bill)
    assert "другого реестра" in other.rows[0].error
    twice = await brought(session, cast.admin, "№ строки;Результат\n2;принято\n2;отклонено\n", bill)
    assert {row.kind for row in twice.rows} == {Kind.WRONG}


async def test_what_was_refused_and_put_right_goes_again_and_counts_once(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast)
    await answered(session, cast, "1;принято\n2;отклонено;5.1;Нет полиса\n3;отклонено;5.2;Не тот\n", bill)
    with pytest.raises(Invalid, match="ещё нет в реестрах"):
        await registers.make(session, cast.admin, **OMS)
    refused = await line(session, bill, 2)
    await lines.correct(session, cast.admin, line_id=refused.id)
    await session.flush()
    draft = await registers.draft(session, cast.admin, **OMS)
    assert (draft.again, draft.amount.visits, draft.number) == (1, 1, 2)
    second = await registers.make(session, cast.admin, **OMS)
    await session.refresh(refused)
    assert (refused.is_last, refused.outcome) == (False, Outcome.REJECTED), "the refusal stays to be seen"
    report = await reports.report(session, cast.admin, address=VIEW)
    assert report.facts.sums.billed == Amount(3, 150_000), "each visit once"
    assert report.facts.sums.rejected == Amount(1, 50_000)
    assert report.facts.sums.waiting == Amount(1, 50_000)
    with pytest.raises(Conflict, match="уже подана"):
        await lines.correct(session, cast.admin, line_id=refused.id)
    late = await brought(session, cast.admin, "№ строки;Результат\n2;принято\n", bill)
    assert "подан снова" in late.rows[0].error
    assert (await lines.page(session, cast.admin, bill_id=bill.id, only=Only.REPLACED)).count == 1
    assert report.facts.first == Sums(Amount(1, 50_000), Amount(2, 100_000)), "the first answers stay"
    refusals = await reports.rows(session, cast.admin, address=VIEW.of_rows("first:rejected"))
    assert (refusals.amount, {row.id for row in refusals.rows} >= {refused.appointment_id}) == (
        Amount(2, 100_000),
        True,
    )
    sent = await registers.own(session, cast.admin, bill.id)
    assert (sent.sums.billed, sent.sums.rejected.visits) == (Amount(3, 150_000), 2), "what was sent does not change"
    await answered(session, cast, "1;принято\n", second)
    assert (await reports.report(session, cast.admin, address=VIEW)).facts.sums.accepted == Amount(2, 100_000)


async def test_a_whole_reason_is_put_right_at_once_and_a_new_answer_is_looked_at_anew(
    session: AsyncSession, cast: Cast
):
    bill = await billed(session, cast)
    await answered(
        session, cast, "1;отклонено;5.1;Нет полиса\n2;отклонено;5.1;Нет полиса\n3;отклонено;5.2;Не тот\n", bill
    )
    assert await lines.correct_all(session, cast.admin, bill_id=bill.id, code="5.1") == 2
    with pytest.raises(Invalid):
        await lines.correct_all(session, cast.admin, bill_id=bill.id, code="5.1")
    await answered(session, cast, "1;принято\n", bill)
    await session.refresh(bill)
    query = sa.select(col(BillLine.again_at)).order_by(col(BillLine.number))
    assert [at is None for at in (await session.execute(query)).scalars()] == [True, False, True]


async def test_a_billed_visit_is_not_taken_back_until_its_line_is(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast, days=1)
    only = await line(session, bill, 1)
    seen = {"appointment_id": only.appointment_id, "version": await version_of(session, only.appointment_id)}
    for change in (
        lambda: schedule.mark(session, cast.doctor, **seen, act=Act.UNDO),
        lambda: payers.choose(session, cast.nurse, **seen, payer=Payer.DMS),
    ):
        with pytest.raises(VisitBilled):
            async with session.begin_nested():
                await change()
    await lines.withdraw(session, cast.admin, line_id=only.id)
    with pytest.raises(Conflict, match="ещё нет ответа"):
        await lines.withdraw(session, cast.admin, line_id=only.id)
    assert (await reports.report(session, cast.admin, address=VIEW)).facts.sums.is_empty
    await schedule.mark(session, cast.doctor, **seen, act=Act.UNDO)
    with pytest.raises(Invalid, match="нет проведённых"):
        await registers.make(session, cast.admin, **OMS)
    shown = await brought(session, cast.admin, "№ строки;Результат\n1;принято\n", bill)
    assert "отозвала" in shown.rows[0].error


async def test_a_line_taken_back_leaves_the_refusal_before_it(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast, days=1)
    await answered(session, cast, "1;отклонено;5.1;Нет полиса\n", bill)
    first = await line(session, bill, 1)
    await session.refresh(first)
    await lines.correct(session, cast.admin, line_id=first.id)
    await session.flush()
    second = await registers.make(session, cast.admin, **OMS)
    await lines.withdraw(session, cast.admin, line_id=(await line(session, second, 1)).id)
    await session.flush()
    await session.refresh(first)
    assert (first.is_last, first.again_at) == (True, None)
    assert (await reports.report(session, cast.admin, address=VIEW)).facts.sums.rejected == Amount(1, 50_000)


async def test_a_refused_visit_may_have_another_payer_and_is_billed_to_them(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast, days=1)
    await answered(session, cast, "1;отклонено;5.2;Застрахован не у нас\n", bill)
    refused = await line(session, bill, 1)
    await payers.choose(session, cast.admin, appointment_id=refused.appointment_id, version=1, payer=Payer.DMS)
    back = await brought(session, cast.admin, "№ строки;Результат\n1;принято\n", bill)
    assert "изменили в расписании" in back.rows[0].error, "what was accepted is what was billed"
    await lines.correct(session, cast.admin, line_id=refused.id)
    session.add(Tariff(
        organisation_id=CLINIC, payer=Payer.DMS, specialty="Терапия", kind=VisitKind.FIRST, kopecks=90_000, since=date(2026, 1, 1)
    ))  # fmt: skip
    await session.flush()
    assert (await registers.draft(session, cast.admin, **OMS)).priced == []
    made = await registers.make(session, cast.admin, month=OCTOBER, payer=Payer.DMS)
    assert (await line(session, made, 1)).kopecks == 90_000
    report = await reports.report(session, cast.admin, address=VIEW)
    assert {payer: sums.billed for payer, sums in report.by_payer.items()} == {Payer.DMS: Amount(1, 90_000)}


async def test_a_payer_is_chosen_by_whoever_plans_for_others(session: AsyncSession, cast: Cast):
    day_of(session, cast, datetime(2026, 11, 3, 8, tzinfo=UTC), status=AppointmentStatus.BOOKED)
    await session.flush()
    visit = (await session.exec(select(Appointment.id))).one()
    outcome: dict[str, type[MedcabError] | None] = {}
    for number, (name, actor) in enumerate(cast.everyone().items()):
        payer = (Payer.DMS, Payer.PAID, Payer.BUDGET)[number % 3]
        try:
            await payers.choose(
                session, actor, appointment_id=visit, version=await version_of(session, visit), payer=payer
            )
        except MedcabError as refused:
            outcome[name] = type(refused)
    allowed = {"head", "nurse", "admin"}
    assert set(outcome) == set(cast.everyone()) - allowed
    assert set(outcome.values()) == {Forbidden}
    with pytest.raises(StaleVisit):
        await payers.choose(session, cast.nurse, appointment_id=visit, version=1, payer=Payer.BUDGET)
    with pytest.raises(NotFound):
        await payers.choose(session, cast.nurse, appointment_id=UUID(int=5), version=1, payer=Payer.BUDGET)
    assert journalled(session, Action.APPOINTMENT_PAYER) == len(allowed)


async def test_only_the_administrator_of_the_clinic_keeps_the_money(session: AsyncSession, cast: Cast):
    bill = await billed(session, cast)
    shown = await brought(session, cast.admin, "№ строки;Результат\n1;принято\n", bill)
    tariff_id = (await session.exec(select(Tariff.id))).one()
    line_id = (await line(session, bill, 1)).id
    price = Price(THERAPY, 60_000, date(2027, 1, 1))
    asked = {
        "tariffs": lambda who: tariffs.page(session, who, wanted=tariffs.Wanted()), "put": lambda who: tariffs.put(session, who, price=price),
        "remove": lambda who: tariffs.remove(session, who, tariff_id=tariff_id), "bills": lambda who: registers.bills(session, who),
        "draft": lambda who: registers.draft(session, who, **OMS), "make": lambda who: registers.make(session, who, **OMS),
        "lines": lambda who: lines.page(session, who, bill_id=bill.id), "file": lambda who: lines.file(session, who, bill_id=bill.id, kind="csv"),
        "withdraw": lambda who: lines.withdraw(session, who, line_id=line_id), "correct": lambda who: lines.correct(session, who, line_id=line_id),
        "correct_all": lambda who: lines.correct_all(session, who, bill_id=bill.id, code="5.1"),
        "preview": lambda who: bringing.preview(session, who, sheet_id=shown.id), "discard": lambda who: bringing.discard(session, who, sheet_id=shown.id),
        "apply": lambda who: bringing.apply(session, who, sheet_id=shown.id, seen=shown.seen),
        "plans": lambda who: plans.grid(session, who, month=OCTOBER, payer=Payer.OMS),
        "save": lambda who: plans.save(session, who, month=OCTOBER, payer=Payer.OMS, plans={}, seen=""),
    }  # fmt: skip
    for name, actor in cast.everyone().items():
        for verb, ask in asked.items():
            if name != "admin":
                with pytest.raises(Forbidden, match="нет"):
                    assert await ask(actor) is None, f"{name} may {verb}"
    stranger = Actor(
        person_id=cast.foreigner.person_id, session_id=cast.foreigner.session_id, name="Чужая", organisation_id=OTHER_CLINIC,
        roles=cast.admin.roles, is_active=True,
    )  # fmt: skip
    for verb in ("remove", "lines", "file", "withdraw", "correct", "correct_all", "preview", "discard", "apply"):
        with pytest.raises(NotFound):
            await asked[verb](stranger)
    assert (await tariffs.page(session, stranger, wanted=tariffs.Wanted())).rows == []
    assert (await registers.bills(session, stranger)).rows == []


async def test_a_price_changes_from_a_day_on_but_not_where_a_register_took_it(session: AsyncSession, cast: Cast):
    await billed(session, cast)
    with pytest.raises(Frozen, match=r"с 01\.11\.2026"):
        await tariffs.put(session, cast.admin, price=Price(THERAPY, 60_000, date(2026, 10, 31)))
    await tariffs.put(session, cast.admin, price=Price(THERAPY, 60_000, date(2026, 11, 1)))
    with pytest.raises(Conflict, match="уже действует"):
        await tariffs.put(session, cast.admin, price=Price(THERAPY, 60_000, date(2026, 11, 1)))
    held = (await session.exec(select(Tariff).order_by(col(Tariff.since)))).all()
    assert [(row.kopecks, row.since, row.until) for row in held] == [
        (50_000, date(2026, 1, 1), date(2026, 10, 31)), (60_000, date(2026, 11, 1), None),
    ]  # fmt: skip
    with pytest.raises(Frozen):
        await tariffs.remove(session, cast.admin, tariff_id=held[0].id)
    with pytest.raises(Conflict, match="уже составлен реестр"):
        await tariffs.put(session, cast.admin, price=Price(THERAPY, 50_000, date(2026, 1, 1), date(2026, 10, 30)))
    with pytest.raises(Conflict, match="другой тариф"):
        await tariffs.put(session, cast.admin, price=Price(THERAPY, 50_000, date(2026, 1, 1), date(2026, 11, 1)))
    await tariffs.put(session, cast.admin, price=Price(THERAPY, 60_000, date(2026, 11, 1), date(2026, 12, 31)))
    assert held[1].until == date(2026, 12, 31), "the same price with a last day ends"
    await tariffs.remove(session, cast.admin, tariff_id=held[1].id)
    sheet = await tariffs.export(session, cast.admin, wanted=tariffs.Wanted(), kind="csv")
    assert list(sheet.lines[0]) == ["ОМС", "Терапия", "Первичный", 500.0, date(2026, 1, 1), date(2026, 10, 31)]
    back = await brought(session, cast.admin, sheet.content.decode("utf-8-sig"))
    assert {row.kind for row in back.rows} == {Kind.SAME}, "what goes out comes back the same"


async def test_tariffs_from_a_file_with_one_bad_row(session: AsyncSession, cast: Cast):
    await billed(session, cast, days=1)
    text = (
        "Плательщик;Специальность;Вид приёма;Цена, ₽;С;По\nОМС;терапия;Первичный;600;01.12.2026;\nОМС;Терапия;Повторный;1 200,50;01.12.2026;31.12.2026\n"
        "ОМС;Терапия;Первичный;550,00;01.10.2026;\nВМП;Терапия;Первичный;1;01.12.2026;\nОМС;Терапия;Повторный;1300;01.01.2027;\n"
    )
    shown = await brought(session, cast.admin, text)
    assert [row.kind for row in shown.rows] == [Kind.CHANGED, Kind.NEW, Kind.WRONG, Kind.WRONG, Kind.NEW]
    assert "уже составлен реестр" in shown.rows[2].error
    assert "«ВМП» неизвестен" in shown.rows[3].error
    await bringing.apply(session, cast.admin, sheet_id=shown.id, seen=shown.seen, drop_wrong=True)
    held = (await session.exec(select(Tariff).order_by(col(Tariff.kind), col(Tariff.since)))).all()
    assert [(row.kind, row.specialty, row.kopecks, row.until) for row in held] == [
        (VisitKind.FIRST, "Терапия", 50_000, date(2026, 11, 30)), (VisitKind.FIRST, "Терапия", 60_000, None),
        (VisitKind.REPEAT, "Терапия", 120_050, date(2026, 12, 31)), (VisitKind.REPEAT, "Терапия", 130_000, None),
    ]  # fmt: skip
    assert (await session.exec(select(FinanceSheet))).all() == []


async def test_a_plan_is_saved_whole_or_not_over_somebody_elses(session: AsyncSession, cast: Cast):
    month = {"month": date(2026, 12, 1), "payer": Payer.OMS}
    empty = await plans.grid(session, cast.admin, **month)
    assert {name for _, name, _ in empty.rows} == {"Терапевтическое отделение", "Хирургическое отделение"}
    given = {WARD: Amount(100, 5_000_000), OTHER_WARD: None}
    with pytest.raises(StalePlan):  # a page that turns to another month while the numbers are sent
        await plans.save(session, cast.admin, **(month | {"month": date(2027, 1, 1)}), plans=given, seen=empty.seen)
    await plans.save(session, cast.admin, **month, plans=given, seen=empty.seen)
    with pytest.raises(StalePlan):
        await plans.save(session, cast.admin, **month, plans=given, seen=empty.seen)
    with pytest.raises(Invalid):
        await plans.save(session, cast.admin, **month, plans={FOREIGN_WARD: Amount(1, 1)}, seen="")
    with pytest.raises(Invalid):
        await plans.save(session, cast.admin, **month, plans={WARD: Amount(-1, 1)}, seen="")
    kept = await plans.grid(session, cast.admin, **month)
    await plans.save(session, cast.admin, **month, plans={WARD: None, OTHER_WARD: Amount(7, 0)}, seen=kept.seen)
    found = (await session.exec(select(VolumePlan))).all()
    assert [(row.department_id, row.visits) for row in found] == [(OTHER_WARD, 7)]


async def test_files_that_nobody_applies_are_forgotten(session: AsyncSession, cast: Cast):
    shown = await brought(
        session, cast.admin, "Плательщик;Специальность;Вид приёма;Цена;С\nОМС;Терапия;Первичный;1;01.12.2026\n"
    )
    with clock.frozen(SECOND + timedelta(days=2)):
        await bringing.forget(session)
    with pytest.raises(NotFound, match="хранился"):
        await bringing.preview(session, cast.admin, sheet_id=shown.id)


async def test_registers_of_the_former_release_come_along(database: str, cast: Cast):
    async with db.transaction() as session:
        bill = await billed(session, cast)
        await answered(session, cast, "1;принято\n2;отклонено;5.1;Нет полиса\n", bill)
    await db.close()
    downgrade("0028")
    schema.upgrade()
    async with db.reading() as session:
        found = (await session.exec(select(BillLine).order_by(col(BillLine.number)))).all()
        assert sorted(row.outcome for row in found) == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.WAITING]
        assert [(row.number, row.is_last, row.id == row.appointment_id) for row in found] == [
            (n, True, True) for n in (1, 2, 3)
        ]
        assert (await session.exec(select(Tariff.used_until))).one() == date(2026, 10, 31)


async def test_what_was_sent_is_kept_whatever_the_schedule_says_later(session: AsyncSession, cast: Cast):
    bill_id = (await billed(session, cast)).id
    sent = await lines.file(session, cast.admin, bill_id=bill_id, kind="csv")
    await session.execute(sa.update(Reception).values(specialty="Хирургия"))
    await session.execute(sa.update(Appointment).values(
        kind=VisitKind.REPEAT, starts_at=SECOND, ends_at=SECOND + timedelta(minutes=20)
    ).where(col(Appointment.starts_at) > datetime(2026, 10, 31, tzinfo=UTC)))  # fmt: skip
    session.expire_all()
    again = await lines.file(session, cast.admin, bill_id=bill_id, kind="xlsx")
    assert again.lines == sent.lines
    shown = await lines.page(session, cast.admin, bill_id=bill_id)
    assert {(row.line.specialty, row.doctor, row.policy) for row in shown.rows} == {("Терапия", "Иванова А. П.", "")}
    entry = next(each for each in session.info["audit"] if each["action"] == Action.FINANCE_REGISTER_EXPORT.value)
    details = json.loads(entry["details"])
    assert {name: details[name] for name in ("register", "lines", "named", "format")} == {
        "register": "ОМС-2026-10-1", "lines": 3, "named": 3, "format": "csv",
    }  # fmt: skip


async def test_an_older_release_does_not_renumber_what_was_sent(database: str, cast: Cast):
    async with db.transaction() as session:
        bill = await billed(session, cast)
        await lines.withdraw(session, cast.admin, line_id=(await line(session, bill, 2)).id)
    await db.close()
    downgrade("0030")
    with pytest.raises(RuntimeError, match="lines that were withdrawn: 1"):
        downgrade("0029")
    schema.upgrade()
    async with db.transaction() as session:
        found = (await session.exec(select(BillLine).order_by(col(BillLine.number)))).all()
        assert [(row.specialty, row.is_first, row.starts_at.day) for row in found] == [
            ("Терапия", True, 29), ("Терапия", True, 30), ("Терапия", True, 31),
        ]  # fmt: skip
        await session.execute(
            sa.update(Appointment).values(kind=VisitKind.REPEAT).where(col(Appointment.id) == found[0].appointment_id)
        )
    await db.close()
    with pytest.raises(RuntimeError, match="1 lines of registers"):
        downgrade("0030")
    async with db.reading() as session:
        assert (await session.exec(select(HandedOver))).all() == [], "the migrations after it stand as well"


async def test_two_who_make_the_same_register_and_a_doctor_who_takes_a_mark_back(database: str, cast: Cast):
    async with db.transaction() as session:
        session.add(tariff(50_000, date(2026, 1, 1)))
        for number in range(3):
            day_of(session, cast, datetime(2026, 10, 31 - number, 8, tzinfo=UTC))
    async with db.reading() as session:
        visit = (await session.exec(select(Appointment.id).order_by(col(Appointment.starts_at)))).first()
    assert visit

    async def made() -> bool:
        async with db.transaction() as session:
            await registers.make(session, cast.admin, **OMS)
        return True

    async def taken_back() -> bool:
        async with db.transaction() as session:
            await schedule.mark(session, cast.doctor, appointment_id=visit, version=1, act=Act.UNDO)
        return True

    done = await asyncio.gather(made(), taken_back(), made(), return_exceptions=True)
    assert [each for each in (done[0], done[2]) if each is True] == [True], "one of the two"
    assert all(each is True or isinstance(each, MedcabError) for each in done), done
    async with db.reading() as session:
        lines_of = (await session.exec(select(BillLine.appointment_id))).all()
        status = (await session.exec(select(Appointment.status).where(Appointment.id == visit))).one()
    assert len(lines_of) == len(set(lines_of))
    assert (visit in lines_of) == (status is AppointmentStatus.DONE), "either billed, or taken back"


@pytest.mark.parametrize("is_made_first", [True, False])
async def test_a_register_and_a_mark_taken_back_wait_for_each_other(database: str, cast: Cast, *, is_made_first: bool):
    """Whoever is first is still writing when the other comes."""
    async with db.transaction() as session:
        session.add(tariff(50_000, date(2026, 1, 1)))
        day_of(session, cast, datetime(2026, 10, 31, 8, tzinfo=UTC))
    async with db.reading() as session:
        visit = (await session.exec(select(Appointment.id))).one()
        seen = (await registers.draft(session, cast.admin, **OMS)).seen

    async def make(session: AsyncSession) -> None:
        await registers.make(session, cast.admin, **OMS, seen=seen)

    async def take_back(session: AsyncSession) -> None:
        await schedule.mark(session, cast.doctor, appointment_id=visit, version=1, act=Act.UNDO)

    async def alone(act: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async with db.transaction() as session:
            await act(session)

    first, second, refusal = (make, take_back, VisitBilled) if is_made_first else (take_back, make, MedcabError)
    async with db.transaction() as session:
        await first(session)
        await session.flush()
        late = asyncio.create_task(alone(second))
        await asyncio.wait([late], timeout=0.3)
        assert not late.done()
    with pytest.raises(refusal):
        await late


async def test_of_many_files_of_one_person_the_newest_wait(session: AsyncSession, cast: Cast):
    content = "Плательщик;Специальность;Вид приёма;Цена;С\nОМС;Терапия;первичный;{};01.01.2027\n"
    with clock.frozen(clock.now()) as now:
        shown = []
        for number in range(bringing.MOST_KEPT + 1):
            now.tick(timedelta(minutes=1))
            shown.append(await brought(session, cast.admin, content.format(500 + number)))
    with pytest.raises(bringing.NoSheet):
        await bringing.preview(session, cast.admin, sheet_id=shown[0].id)
    for one in shown[1:]:
        assert await bringing.preview(session, cast.admin, sheet_id=one.id) == one


async def test_a_file_may_change_a_price_that_it_has_made_itself(session: AsyncSession, cast: Cast):
    """A price for a time, then one within what comes back after it."""
    await tariffs.put(session, cast.admin, price=Price(THERAPY, 50_000, date(2026, 1, 1)))
    shown = await brought(
        session, cast.admin,
        "Плательщик;Специальность;Вид приёма;Цена;С;По\n"
        "ОМС;Терапия;первичный;400;01.12.2026;31.12.2026\nОМС;Терапия;первичный;300;10.01.2027;20.01.2027\n"
        "ОМС;Терапия;первичный;600;01.02.2027;\n",
    )  # fmt: skip
    assert "снова 500,00" in shown.rows[0].after.replace("\u00a0", " ")
    await bringing.apply(session, cast.admin, sheet_id=shown.id, seen=shown.seen)
    session.expire_all()
    held = (await session.exec(select(Tariff).order_by(col(Tariff.since)))).all()
    assert [(row.kopecks // 100, row.since, row.until) for row in held] == [
        (500, date(2026, 1, 1), date(2026, 11, 30)), (400, date(2026, 12, 1), date(2026, 12, 31)),
        (500, date(2027, 1, 1), date(2027, 1, 9)), (300, date(2027, 1, 10), date(2027, 1, 20)),
        (500, date(2027, 1, 21), date(2027, 1, 31)), (600, date(2027, 2, 1), None),
    ]  # fmt: skip


async def test_another_clinics_administrator_makes_and_answers_nothing_here(session: AsyncSession, cast: Cast):
    """Visits that wait here are none of theirs, nor is a register to which they would bring answers."""
    bill = await billed(session, cast)
    day_of(session, cast, datetime(2026, 10, 5, 8, tzinfo=UTC))
    await session.flush()
    stranger = Actor(
        person_id=cast.foreigner.person_id, session_id=cast.foreigner.session_id, name="Чужая", organisation_id=OTHER_CLINIC,
        roles=cast.admin.roles, is_active=True,
    )  # fmt: skip
    shown = await registers.draft(session, stranger, **OMS)
    assert (shown.amount, shown.unpriced, shown.number) == (Amount(0, 0), [], 1)
    with pytest.raises(Invalid, match="ещё нет в реестрах"):
        await registers.make(session, stranger, **OMS)
    with pytest.raises(NotFound):
        await brought(session, stranger, "№ строки;Результат\n1;принято\n", bill)
    for refused in (cast.head, cast.doctor):
        with pytest.raises(Forbidden):
            await brought(session, refused, "№ строки;Результат\n1;принято\n", bill)
    assert (await line(session, bill, 1)).outcome is Outcome.WAITING
