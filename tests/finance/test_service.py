"""Who sees whose money, that a mark counts its visits, and what the database itself refuses."""

from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Action, Actor
from medcab.dashboards.service import TooManyRows
from medcab.errors import Forbidden, MedcabError, NotFound
from medcab.finance import charts, queries, service
from medcab.finance.models import Bill, BillLine, Tariff, VolumePlan
from medcab.finance.rules.address import Address, Cut
from medcab.finance.rules.sums import REPORTED, Outcome
from medcab.finance.state import cuts_of, line_of
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import AppointmentStatus, Payer, VisitKind
from tests.cast import CLINIC, FOREIGN_WARD, MORNING, OTHER_CLINIC, OTHER_WARD, WARD, Cast

MONTHS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
VIEW = Address(MONTHS[0], MONTHS[-1])


def at(ward: UUID | None = None, rows: str = "", page: int = 1) -> Address:
    return Address(VIEW.start, VIEW.end, ward, rows=rows, page=page)


async def fill(session: AsyncSession, cast: Cast, random: Random, count: int = 60) -> None:
    """Visits in registers of two departments and of another clinic, whose sums must never be mixed in."""
    places = [(cast.doctor, WARD, CLINIC, cast.patient_id), (cast.neighbour, OTHER_WARD, CLINIC, cast.other_patient_id)]
    places.append((cast.foreigner, FOREIGN_WARD, OTHER_CLINIC, cast.foreign_patient_id))
    bills: dict[tuple[UUID, date, Payer], Bill] = {}
    for number in range(count):
        who, ward, clinic, patient = places[number % 3]
        month, payer, outcome = random.choice(MONTHS), random.choice(list(Payer)), random.choice(REPORTED)
        made = Bill(organisation_id=clinic, month=month, payer=payer, made_at=MORNING)
        bill = bills.setdefault((clinic, month, payer), made)
        visit = Appointment(
            organisation_id=clinic, department_id=ward, practitioner_id=who.person_id, patient_id=patient, kind=VisitKind.FIRST,
            status=AppointmentStatus.DONE, starts_at=MORNING - timedelta(days=100 - number), ends_at=MORNING - timedelta(days=100 - number, minutes=-20),
            booked_at=MORNING - timedelta(days=200), payer=payer,
        )  # fmt: skip
        rejected = outcome is Outcome.REJECTED
        session.add_all([visit, BillLine(
            appointment_id=visit.id, bill_id=bill.id, number=number, organisation_id=clinic, department_id=ward, month=month, payer=payer,
            practitioner_id=who.person_id, starts_at=visit.starts_at, kind=visit.kind, specialty="Терапия", kopecks=random.randint(1, 99_999), outcome=outcome, reason_code=random.choice(["5.1", "5.7"]) if rejected else "",
            reason="по словам плательщика" if rejected else "",
        )])  # fmt: skip
    session.add_all(bills.values())
    for ward, clinic in ((WARD, CLINIC), (OTHER_WARD, CLINIC), (FOREIGN_WARD, OTHER_CLINIC)):
        plan = {"department_id": ward, "organisation_id": clinic, "payer": Payer.OMS, "visits": 10, "kopecks": 500_000}
        session.add_all([VolumePlan(month=month, **plan) for month in MONTHS])
    await session.flush()


async def refusal(session: AsyncSession, actor: Actor, address: Address) -> set[type[MedcabError] | None]:
    found: set[type[MedcabError] | None] = set()
    for ask in (service.report, service.rows, lambda *who, **where: service.export(*who, **where, kind="csv")):
        try:
            await ask(session, actor, address=address)
            found.add(None)
        except MedcabError as error:
            found.add(type(error))
    return found


async def test_who_sees_whose_money(session: AsyncSession, cast: Cast):
    await fill(session, cast, Random(1))
    open_to = {"head": {WARD, None}, "admin": {WARD, OTHER_WARD, None}}
    for name, actor in cast.everyone().items():
        for ward in (None, WARD, OTHER_WARD, FOREIGN_WARD, uuid4()):
            expected = (None if ward in open_to[name] else NotFound) if name in open_to else Forbidden
            assert await refusal(session, actor, at(ward)) == {expected}, (name, ward)


async def test_a_head_has_the_own_department_and_the_administrator_the_clinic(session: AsyncSession, cast: Cast):
    await fill(session, cast, Random(2))
    own, all_of_it = [await service.report(session, who, address=VIEW) for who in (cast.head, cast.admin)]
    assert (own.facts.sums.billed.visits, own.facts.plan.kopecks) == (20, 1_500_000)
    assert (all_of_it.facts.sums.billed.visits, all_of_it.facts.plan.kopecks) == (40, 3_000_000)
    assert [place.id for place in all_of_it.by_department] == [WARD, OTHER_WARD]


@pytest.mark.parametrize("seed", range(5))
async def test_every_mark_counts_its_visits(session: AsyncSession, cast: Cast, seed: int):
    await fill(session, cast, Random(seed))
    report = await service.report(session, cast.admin, address=VIEW)
    whole = report.facts.sums.billed
    assert sum(facts.sums.billed.kopecks for facts in report.by_month.values()) == whole.kopecks
    assert sum(sums.billed.kopecks for sums in report.by_payer.values()) == whole.kopecks
    assert sum(amount.kopecks for amount in report.by_reason.values()) == report.facts.sums.rejected.kopecks
    expected = {
        "all": whole,
        **{f"outcome:{each}": getattr(report.facts.sums, each.value) for each in REPORTED},
        "first:rejected": report.facts.first.rejected,
        **{f"reason:{code}": amount for code, amount in report.by_reason.items()},
        **{f"month:{month}": facts.sums.billed for month, facts in report.by_month.items()},
        **{f"department:{place.id}": facts.sums.billed for place, facts in report.by_department.items()},
        **{f"payer:{payer}": sums.billed for payer, sums in report.by_payer.items()},
    }
    assert {cut["value"] for cut in cuts_of(report)} == set(expected)
    for mark, amount in expected.items():
        page = await service.rows(session, cast.admin, address=at(rows=mark))
        sheet = await service.export(session, cast.admin, address=at(rows=mark), kind="csv")
        assert page.amount == amount, mark
        assert len(sheet.lines) == amount.visits, mark
        assert round(sum(float(line[5] or 0) for line in sheet.lines) * 100) == amount.kopecks, mark


async def test_marks_of_charts_are_marks_of_lines(session: AsyncSession, cast: Cast):
    await fill(session, cast, Random(3))
    report = await service.report(session, cast.admin, address=VIEW)
    known = {cut["value"] for cut in cuts_of(report)}
    for draw in (charts.flow, charts.reasons, charts.months, charts.departments, charts.payers):
        chart = draw(report)
        assert {mark for mark in chart["marks"] if mark} <= known
        assert len(chart["marks"]) == len(chart["rows"])
        assert chart["conclusion"].endswith(".")


async def test_nothing_at_all_is_drawn_empty(session: AsyncSession, cast: Cast):
    report = await service.report(session, cast.head, address=VIEW)
    assert report.facts.sums.is_empty
    assert charts.flow(report)["conclusion"] == "Реестров за этот период нет."
    assert [charts.reasons(report)["marks"], charts.payers(report)["marks"]] == [[], []]
    assert (await service.rows(session, cast.head, address=at(page=9))).number == 1


async def test_lines_are_paged_and_named_and_looking_is_journalled(session: AsyncSession, cast: Cast):
    await fill(session, cast, Random(4), count=90)
    page = await service.rows(session, cast.head, address=at(rows="all", page=99))
    assert (page.number, page.pages, len(page.rows)) == (2, 2, 10)
    assert all(line_of(row)["patient"] for row in page.rows)
    assert Action.FINANCE_ROWS.value in [entry["action"] for entry in session.info["audit"]]


async def test_an_export_is_either_kind(session: AsyncSession, cast: Cast):
    await fill(session, cast, Random(5))
    names = [
        (await service.export(session, cast.head, address=VIEW, kind=kind)).name for kind in ("csv", "xlsx", "exe")
    ]
    assert names == [f"finansy-2026-08-2026-10.{ending}" for ending in ("csv", "xlsx", "csv")]


def tariff(since: date, until: date | None = None, kopecks: int = 100) -> Tariff:
    return Tariff(
        organisation_id=CLINIC, payer=Payer.OMS, specialty="терапия", kind=VisitKind.FIRST, kopecks=kopecks, since=since, until=until
    )  # fmt: skip


async def refused(session: AsyncSession, row: object) -> bool:
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except sa.exc.IntegrityError:
        return True
    return False


async def test_the_database_lets_no_day_have_two_tariffs(session: AsyncSession, cast: Cast):
    year = date(2026, 1, 1), date(2026, 12, 31)
    assert not await refused(session, tariff(*year))
    assert await refused(session, tariff(year[1]))
    assert await refused(session, tariff(date(2025, 1, 1), year[0]))
    assert not await refused(session, tariff(date(2027, 1, 1)))
    assert await refused(session, tariff(date(2030, 5, 5), date(2030, 5, 5))), "the last one has no end"
    assert await refused(session, tariff(date(2020, 1, 1), date(2020, 2, 1), kopecks=0)), "a price is never zero"


async def test_the_database_lets_nothing_be_rejected_without_a_reason_nor_billed_twice(
    session: AsyncSession, cast: Cast
):
    await fill(session, cast, Random(6))
    line = (await session.exec(select(BillLine).where(col(BillLine.outcome) == Outcome.ACCEPTED))).first()
    assert line
    again = {**line.model_dump(), "id": uuid4(), "number": 999}
    assert await refused(session, BillLine(**again))
    with pytest.raises(sa.exc.IntegrityError):
        await session.execute(sa.update(BillLine).values(outcome=Outcome.REJECTED, reason_code=""))


async def test_a_file_is_no_larger_than_it_may_be(session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    await fill(session, cast, Random(5))
    monkeypatch.setattr(service, "MOST_IN_A_FILE", 1)
    with pytest.raises(TooManyRows):
        await service.export(session, cast.admin, address=VIEW, kind="csv")


async def test_a_report_reads_one_index(session: AsyncSession, cast: Cast):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("what PostgreSQL plans depends on how much there is")
    asked: list[str] = []
    view = queries.View(CLINIC, [WARD], VIEW.start, VIEW.end)
    connection = await (await session.connection()).get_raw_connection()
    await connection.driver_connection.set_trace_callback(asked.append)
    await queries.groups(session, view)
    await queries.amount(session, view, Cut())
    await connection.driver_connection.set_trace_callback(None)
    reads = [each for each in asked if "bill_line" in each]
    assert len(reads) == len(["groups", "amount"])
    for text in reads:
        [plan] = [
            row[3] for row in await session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")) if "bill_line" in row[3]
        ]
        assert plan.startswith("SEARCH bill_line USING COVERING INDEX ix_bill_line_report"), plan
        assert "department_id=? AND month>?" in plan
