"""Diagnoses of a visit: who writes them, what is refused, how corrections stay, what is counted."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.audit import AuditEntry
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.patients.models import Patient
from medcab.schedule import service as schedule
from medcab.schedule.diagnoses import queries, service
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.entry import Course, DiagnosisKind, look
from medcab.schedule.figures.recount import service as recount
from medcab.schedule.rules.visits import Act
from tests.cast import WARD, Cast
from tests.schedule.reception import at, book, monday, stored


async def came(cast: Cast, minutes: int = 0, **more: Any) -> UUID:
    """A visit whose patient is here."""
    made = await book(cast, cast.doctor, minutes, **more)
    await mark(cast.doctor, made, Act.ARRIVED)
    return made


async def mark(actor: Actor, visit: UUID, act: Act) -> None:
    version = (await stored(visit)).version
    async with db.transaction() as session:
        await schedule.mark(session, actor, appointment_id=visit, version=version, act=act)


async def write(
    actor: Actor, visit: UUID, code: str = "J11.1", kind: DiagnosisKind = DiagnosisKind.MAIN, course: Course = Course.FIRST
) -> UUID:  # fmt: skip
    async with db.transaction() as session:
        return await service.add(session, actor, appointment_id=visit, code=code, kind=kind, course=course)


async def kept() -> list[tuple[str, int, int]]:
    async with db.reading() as session:
        found = await queries.kept(session, WARD)
    return [(key.category, counts["first_ever"], counts["registered"]) for key, counts in sorted(found.items())]


async def test_only_who_answers_for_the_visit_writes(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        allowed = set()
        for name, actor in cast.everyone().items():
            try:
                await write(actor, visit, f"J1{len(allowed)}.1")
            except (NotFound, Forbidden):
                with pytest.raises((NotFound, Forbidden)):
                    async with db.transaction() as session:
                        await service.sheet(session, actor, appointment_id=visit)
            else:
                allowed.add(name)
        assert allowed == {"doctor", "head"}
        made = await write(cast.doctor, visit, "A09")
        for actor in (cast.admin, cast.nurse, cast.colleague, cast.foreigner):
            for verb in (service.strike, service.change_course):
                more = {"course": Course.KNOWN} if verb is service.change_course else {}
                with pytest.raises((NotFound, Forbidden)):
                    async with db.transaction() as session:
                        await verb(session, actor, diagnosis_id=made, **more)


async def test_a_patient_who_is_not_here_has_no_diagnosis(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await book(cast, cast.doctor)
        with pytest.raises(Conflict, match="сначала отметьте приход"):
            await write(cast.doctor, visit)
        with pytest.raises(NotFound):
            await write(cast.doctor, uuid4())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("M51.1+", "без знака"), ("J451", r"J45\.1"), ("Л45", "русская"), ("D49", "нет кода"), ("", "Укажите"), ("J" * 400, "длинно")],
)  # fmt: skip
async def test_a_code_that_is_none_is_refused_in_words(cast: Cast, text: str, sentence: str) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        with pytest.raises(Invalid, match=sentence):
            await write(cast.doctor, visit, text)
        assert await kept() == []


def test_what_is_not_quite_a_code_is_offered_as_the_right_one() -> None:
    assert [each.code for each in look("J451").offers] == ["J45.1"]
    assert [each.code for each in look("а09").offers] == ["A09"]
    assert [each.code for each in look(" k29,5 ").offers] == ["K29.5"]
    assert look("M51.1+") == ([], "Код указывают без знака «+»: M51.1.")
    assert look("J45.1").note == ""
    assert look("D49").offers == []
    assert [each.code for each in look("j1").offers][:1] == ["J10"]
    assert {"J10", "J11"} <= {each.code for each in look("грипп").offers}
    assert look("ю" * 5000) == look("") == ([], "")
    assert look("абракадабра").note.startswith("В кратком списке")


async def test_a_correction_strikes_out_and_loses_nothing(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        first = await write(cast.doctor, visit)
        assert await kept() == [("J11", 1, 1)]
        async with db.transaction() as session:
            await service.change_course(session, cast.doctor, diagnosis_id=first, course=Course.THIS_YEAR)
        assert await kept() == [("J11", 0, 1)]
        await write(cast.doctor, visit, "J06.9")
        assert await kept() == [("J06", 1, 1), ("J11", 0, 1)]
        async with db.transaction() as session:
            sheet = await service.sheet(session, cast.doctor, appointment_id=visit)
            struck = [each.diagnosis for each in sheet.written if each.diagnosis.struck_at]
            standing = [each.diagnosis for each in sheet.written if each.diagnosis.struck_at is None]
            for _ in range(2):  # a double click
                await service.strike(session, cast.doctor, diagnosis_id=standing[0].id)
        assert [(each.code, each.kind) for each in standing] == [("J06.9", "main"), ("J11.1", "secondary")]
        assert {each.code for each in struck} == {"J11.1"}
        assert await kept() == [("J11", 0, 1)]
        with pytest.raises(Conflict, match="вычеркнули"):
            async with db.transaction() as session:
                await service.change_course(session, cast.doctor, diagnosis_id=first, course=Course.KNOWN)


async def test_the_same_code_twice_is_told(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        found = await asyncio.gather(
            *(write(cast.doctor, visit, kind=DiagnosisKind.SECONDARY) for _ in range(3)), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in found) == ["AlreadyWritten", "AlreadyWritten", "UUID"]
        assert await kept() == [("J11", 1, 1)]


async def test_a_mark_taken_back_takes_the_cases_along(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        await write(cast.doctor, visit)
        await mark(cast.doctor, visit, Act.UNDO)
        assert await kept() == []
        await mark(cast.doctor, visit, Act.ARRIVED)
        await mark(cast.doctor, visit, Act.DONE)
        assert await kept() == [("J11", 1, 1)]


async def test_what_was_found_before_is_said(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        first = await came(cast, 0, patient_id=cast.patient_id)
        await write(cast.doctor, first, "J45.0")
        second = await came(cast, 60, patient_id=cast.patient_id, knows_of=frozenset({first}))
        async with db.reading() as session:
            said = await service.known_before(session, cast.doctor, appointment_id=second, code="J45.9")
            assert said == at(0).date()
            assert await service.known_before(session, cast.doctor, appointment_id=second, code="J44") is None
            assert await service.known_before(session, cast.doctor, appointment_id=first, code="J45.0") is None


async def test_a_week_whose_only_case_was_struck_out_has_no_line(cast: Cast) -> None:
    """A line of zeros would say that the week was recorded, and nobody was ill."""
    with clock.frozen(at(1)):
        await monday(cast)
        made = await write(cast.doctor, await came(cast))
        async with db.transaction() as session:
            await service.strike(session, cast.doctor, diagnosis_id=made)
        async with db.reading() as session:
            assert (await session.exec(select(WeekCases))).all() == []


async def test_what_others_found_is_not_told(cast: Cast) -> None:
    """The colleague's finding is closed to the doctor in the dialog, and so it is by asking for one code after another."""
    with clock.frozen(at(1)):
        await monday(cast)
        first = await book(cast, cast.colleague, 0, practitioner=cast.colleague, patient_id=cast.patient_id)
        await mark(cast.colleague, first, Act.ARRIVED)
        await write(cast.colleague, first, "J45.0")
        second = await book(cast, cast.doctor, 60, patient_id=cast.patient_id, knows_of=frozenset({first}))

        async def said(actor: Actor) -> object:
            async with db.reading() as session:
                return await service.known_before(session, actor, appointment_id=second, code="J45.9")

        assert await said(cast.head) is None, "the patient is not here yet: nothing is written, nothing is told"
        await mark(cast.doctor, second, Act.ARRIVED)
        assert await said(cast.doctor) is None
        assert await said(cast.head) == at(0).date()
        for name, actor in cast.everyone().items():
            if name not in {"doctor", "head"}:
                with pytest.raises((NotFound, Forbidden)):
                    await said(actor)


async def test_a_category_that_the_form_counts_in_parts_is_refined(cast: Cast) -> None:
    assert [each.code for each in look("ковид").offers] == ["U07.1", "U07.2"]
    for bare in ("U07", "A08", "A69", "B08", "B17", "B18", "B34"):
        found = look(bare)
        assert "нужно уточнить" in found.note
        assert found.offers
        assert all(each.code.startswith(f"{bare}.") for each in found.offers)
    assert "A69.2" in [each.code for each in look("лайма").offers]
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        with pytest.raises(Invalid, match="нужно уточнить"):
            await write(cast.doctor, visit, "A08")
        await write(cast.doctor, visit, "A08.0")
        assert await kept() == [("A08", 1, 1)]


async def test_a_main_one_made_secondary_is_in_the_journal(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        former = await write(cast.doctor, visit, "J11.1")
        await write(cast.doctor, visit, "J06.9")
        async with db.reading() as session:
            rows = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.DIAGNOSIS_CHANGE))).all()
        assert len(rows) == 1
        assert str(former) in str(rows[0].model_dump())


async def test_at_a_visit_that_is_no_more_begun_nothing_is_corrected(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        made = await write(cast.doctor, visit)
        await mark(cast.doctor, visit, Act.UNDO)
        for verb, more in ((service.strike, {}), (service.change_course, {"course": Course.KNOWN})):
            with pytest.raises(Conflict, match="сначала отметьте приход"):
                async with db.transaction() as session:
                    await verb(session, cast.doctor, diagnosis_id=made, **more)


async def test_the_age_is_that_of_the_day_to_which_the_visit_was_moved(cast: Cast) -> None:
    """Eighteen on Tuesday: found on Monday by mistake of the mark, counted on Tuesday as an adult."""
    with clock.frozen(at(1)) as stopped:
        await monday(cast)
        tuesday = at(24 * 60)
        day = tuesday.astimezone(clock.MOSCOW).date()
        async with db.transaction() as session:
            patient = await session.get_one(Patient, cast.patient_id)
            patient.birth_date = day.replace(year=day.year - 18)
        visit = await came(cast, patient_id=cast.patient_id)
        made = await write(cast.doctor, visit)
        await mark(cast.doctor, visit, Act.UNDO)
        async with db.transaction() as session:
            await schedule.move(
                session, cast.doctor, appointment_id=visit, version=(await stored(visit)).version, starts_at=tuesday,
                practitioner_id=cast.doctor.person_id, knows_of=frozenset(),
            )  # fmt: skip
        stopped.tick(timedelta(days=1))
        await mark(cast.doctor, visit, Act.ARRIVED)
        async with db.reading() as session:
            found = await session.get_one(VisitDiagnosis, made)
            kept_ = await queries.kept(session, WARD)
        assert found.age_group is AgeGroup.ADULT
        assert [key.age_group for key in kept_] == [AgeGroup.ADULT]


async def test_the_journal_names_no_diagnosis(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        visit = await came(cast)
        made = await write(cast.doctor, visit)
        async with db.transaction() as session:
            await service.sheet(session, cast.doctor, appointment_id=visit)
            await service.strike(session, cast.doctor, diagnosis_id=made)
        async with db.reading() as session:
            rows = (
                await session.exec(select(AuditEntry).where(col(AuditEntry.action).like("schedule:diagnos%")))
            ).all()
        assert len(rows) == 3
        assert not any("J11" in str(row.model_dump()) for row in rows)


async def test_verify_names_a_drift_and_rebuild_puts_it_right(cast: Cast) -> None:
    with clock.frozen(at(1)):
        await monday(cast)
        await write(cast.doctor, await came(cast))
        async with db.transaction() as session:
            await session.execute(sa.update(WeekCases).values(first_ever=7))
            await session.execute(sa.update(VisitDiagnosis).values(course=Course.THIS_YEAR))
        months = await recount.months()
        told = [drift.told(month, {}) async for month, drifts in recount.verify(months) for drift in drifts]
        assert len(told) == 1
        assert told[0].endswith("week of 2026-11-23, J11, 18-59: first_ever: kept 7, counted 0")
        assert sum([lines async for _, lines in recount.rebuild(months)]) == 1
        assert await kept() == [("J11", 0, 1)]
