"""A rota out of the clinic is a rota into it; visits leave only to who may see them, with what they are of at their head."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor, Role
from medcab.accounts.models import Membership
from medcab.audit import AuditEntry
from medcab.errors import Forbidden, Invalid, NotFound
from medcab.schedule.calendar.export import service as visits
from medcab.schedule.rota.export import service as exports
from medcab.schedule.rota.export.service import Asked
from medcab.schedule.rota.samples import service as samples
from medcab.schedule.rules.address import Address, View
from medcab.schedule.rules.facts import Kind
from medcab.schedule.rules.visits import AppointmentStatus
from medcab.tables import reader
from medcab.tables.writer import Sheet
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast, person
from tests.schedule.reception import NINE, admit, book, monday, offer
from tests.schedule.rotas import COLLEAGUE, DECEMBER, DOCTOR, bring, keep, long, look, matrix, row
from tests.schedule.test_hours import keep as keep_template
from tests.schedule.test_hours import weekly

MONDAY = NINE.date()


@pytest.fixture(autouse=True)
def now(cast: Cast) -> Iterator[clock.Clock]:
    with clock.frozen(NINE) as stopped:
        yield stopped


async def taken(
    actor: Actor, *, ward: UUID | None = WARD, ending: str = "xlsx", since: date = MONDAY, days: int = 60
) -> Sheet:
    asked = Asked(department_id=ward, since=since, until=since + timedelta(days), ending=ending)
    async with db.transaction() as session:
        return await exports.export(session, actor, asked)


async def filled(cast: Cast) -> None:
    """Templates with a break, days of their own, two shifts, leave, a namesake in two departments."""
    async with db.transaction() as session:
        session.add(person(60, "Петрова"))
        for ward in (WARD, OTHER_WARD):
            session.add(Membership(person_id=UUID(int=60), organisation_id=CLINIC, department_id=ward, role=Role.THERAPIST, since=date(2020, 1, 1)))  # fmt: skip
    await keep_template(cast.head, cast.doctor, weekly(break_starts=11 * 60, break_ends=12 * 60))
    await monday(cast)
    await offer(cast.doctor.person_id, days=20, department_id=OTHER_WARD)
    await offer(cast.doctor.person_id, days=20, starts=240, ends=300)
    await bring(cast.admin, matrix({DOCTOR: {1: "8-14, 15-24", 2: "О", 3: "О", 4: "В"}}))
    await bring(cast.admin, long(row("Петрова Анна Петровна", email="person60@medcab.example", department="Хирургическое отделение", room="-1")))  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("ward", [WARD, None])
async def test_what_was_taken_out_and_is_brought_back_changes_nothing(
    cast: Cast, ending: str, ward: UUID | None
) -> None:
    await filled(cast)
    sheet = await taken(cast.admin, ward=ward, ending=ending)
    assert len(sheet.lines) > 35
    found = await look(cast.admin, await keep(cast.admin, sheet.content, sheet.name))
    assert {each.kind for each in found.changes} == {Kind.SAME}, [
        each for each in found.changes if each.kind is not Kind.SAME
    ]
    assert len({(each.worker.id, each.day) for each in found.changes if each.worker}) == len(found.changes)


async def test_formulas_and_namesakes_in_a_rota(cast: Cast) -> None:
    await filled(cast)
    text = (await taken(cast.admin, ward=None, ending="csv")).content.decode()
    assert "'-1" in text
    assert text.count("person60@medcab.example") == 1
    assert "person1@" not in text


async def test_whose_rota_may_be_taken(cast: Cast) -> None:
    await filled(cast)
    assert {line[2] for line in (await taken(cast.head, ward=None)).lines} == {"Терапевтическое отделение", ""}
    for ward in (OTHER_WARD, UUID(int=0xD3), UUID(int=0xDD)):
        with pytest.raises(NotFound):
            await taken(cast.head, ward=ward)
    for name in ("doctor", "pharmacist", "unverified", "support"):
        with pytest.raises(Forbidden):
            await taken(cast.everyone()[name])
    with pytest.raises(Invalid):
        await taken(cast.admin, days=100)
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.ROTA_EXPORT))).all()
    assert len(entries) == 1


async def test_samples_are_read(cast: Cast) -> None:
    async with db.reading() as session:
        table, month = await samples.table(session, cast.head), await samples.month(session, cast.head)
        with pytest.raises(Forbidden):
            await samples.table(session, cast.doctor)
    found = await look(cast.head, await keep(cast.head, table.content, table.name))
    assert Kind.WRONG not in {each.kind for each in found.changes if each.who != "Новикова Анна Петровна"}
    with pytest.raises(Invalid, match="ни одного дня"):
        await keep(cast.head, month.content, month.name)
    whole = reader.opened(month.content)
    assert (whole.rows[0][0], whole.rows[2][:4]) == ("График приёма на декабрь 2026 г.", ["ФИО", "Отделение", "1", "2"])
    assert {line[0] for line in whole.rows[4:]} >= {DOCTOR, "Петрова Анна Петровна"}


async def shown(actor: Actor, view: View, *, who: UUID | None = None, status: AppointmentStatus | None = None, ending: str = "csv") -> list[list[str]]:  # fmt: skip
    at = Address(NINE.date(), view, who, status=status)
    async with db.transaction() as session:
        sheet = await visits.export(session, actor, at=at, ending=ending)
    return reader.read(sheet.content)


@pytest.mark.parametrize("view", ["day", "week", "month", "list", "people"])
async def test_visits_as_they_are_seen(cast: Cast, view: View) -> None:
    await monday(cast)
    await book(cast, cast.head, 0)
    rows = await shown(cast.head, view, who=cast.doctor.person_id)
    assert rows[0][0].startswith("Расписание.")
    assert any("Период: " in line[0] for line in rows)
    assert rows[-1][:6] == ["23.11.2026", "09:00", "09:15", "Иванова А. П.", "214", "Сидоров Иван Сергеевич"]
    assert any(cast.head.name in line[0] for line in rows[:4])


async def test_only_the_chosen_status_and_said_so(cast: Cast) -> None:
    await monday(cast)
    await book(cast, cast.head, 0)
    rows = await shown(cast.head, "list", who=cast.doctor.person_id, status=AppointmentStatus.DONE)
    assert ["Статус: Принят"] in [[cell for cell in line if cell] for line in rows]
    assert rows[-1][0] == visits.HEADINGS[0]


async def test_others_visits_are_only_time(cast: Cast) -> None:
    """The doctor is booked in the other clinic; whoever may not look at all is refused."""
    async with db.transaction() as session:
        session.add(Membership(person_id=cast.foreigner.person_id, organisation_id=CLINIC, department_id=WARD, role=Role.SPECIALIST, since=date(2020, 1, 1)))  # fmt: skip
    await offer(cast.foreigner.person_id, department_id=UUID(int=0xD3), organisation_id=UUID(int=0xC2))
    await book(cast, cast.foreigner, 0, practitioner=cast.foreigner, patient_id=cast.foreign_patient_id)
    rows = await shown(cast.head, "day", who=cast.foreigner.person_id)
    assert rows[-1][5] == "Занято"
    assert "Чужой" not in str(rows)
    with pytest.raises(NotFound):
        await shown(cast.doctor, "day", who=cast.colleague.person_id)
    for name in ("pharmacist", "unverified", "support"):
        with pytest.raises(Forbidden):
            await shown(cast.everyone()[name], "day")


async def test_reasons_that_look_like_formulas(cast: Cast) -> None:
    from medcab.schedule import service  # the name is another one here

    await monday(cast)
    visit = await book(cast, cast.head, 0, patient_id=await admit())
    async with db.transaction() as session:
        await service.cancel(session, cast.head, appointment_id=visit, version=1, reason="=HYPERLINK(1)")
    rows = await shown(cast.head, "day", who=cast.doctor.person_id)
    assert rows[-1][-1] == "'=HYPERLINK(1)"
    async with db.reading() as session:
        entries = (await session.exec(select(AuditEntry).where(col(AuditEntry.action) == Action.VISITS_EXPORT))).all()
    assert [each.subject for each in entries] == [str(cast.doctor.person_id)]


async def test_a_closed_span_leaves_no_hours_behind(cast: Cast) -> None:
    """Closing by the file, then by hand opened again: what was taken back comes back."""
    from medcab.schedule.hours.closing import service as closing
    from medcab.schedule.models import ReceptionClosed

    await bring(cast.head, long(row()))
    await bring(cast.head, matrix({DOCTOR: {1: "Б"}, COLLEAGUE: {1: "9-10"}}))
    async with db.transaction() as session:
        shut = (await session.exec(select(ReceptionClosed))).one()
        await closing.open_days(session, cast.head, closed_id=shut.id)
    back = await taken(cast.head, since=DECEMBER, days=0)
    assert [line[:1] + line[4:7] for line in back.lines if line[0] == DOCTOR] == [[DOCTOR, DECEMBER, "09:00", "15:00"]]


async def test_other_clinics_stay_out_of_it(cast: Cast) -> None:
    await filled(cast)
    foreign = replace(cast.admin, organisation_id=UUID(int=0xC2))
    assert (await taken(foreign, ward=None)).lines == []
