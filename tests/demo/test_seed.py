"""The demo clinic is whole, believable, the same each time, and never half there."""

import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from medcab import clock, demo
from medcab.access import Role
from medcab.accounts.models import Membership, Organisation, Person, Standing
from medcab.dashboards.epidemiology.models import WeekWatched
from medcab.dashboards.third_next.models import ThirdNext
from medcab.demo.clinic import WARDS, identity
from medcab.errors import Conflict
from medcab.identifiers import enp, inn, licence, ogrn, phone, snils
from medcab.patients.models import Patient
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.rules import entry
from medcab.schedule.models import Appointment, DayFigures, Reception
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceKind
from medcab.schedule.rules.figures import (
    COUNTS,
    FigureKind,
    Key,
    Start,
    change,
    key_of,
    offer,
    opening,
    start_of,
    total,
)
from medcab.schedule.rules.visits import LIVING, AppointmentStatus, Visit
from medcab.settings import Settings
from medcab.verification.models import CaseItem, VerificationCase
from tests.demo.conftest import MONDAY, SMALL, Fresh, _silent, rows

Visits = list[dict[str, Any]]
NOT_LIVING = (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)
TINY = {"patient_count": 200, "every_nth_doctor": 16, "days_behind": 40}
DIES_WHILE_WRITING = """
import os, signal
from medcab import demo
from medcab.demo import days
days._load_figures = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
demo.seed(print, patient_count=200, every_nth_doctor=16, days_behind=40)
"""


def moscow(at: datetime) -> datetime:
    return at.astimezone(clock.MOSCOW)


def everything(engine: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    models = (Organisation, Person, Membership, Patient, VerificationCase, CaseItem, Reception, Appointment, DayFigures)
    with engine.connect() as connection:
        return {model.__name__: rows(connection, model) for model in models}


def test_same_seed_and_day_give_the_same_clinic(fresh: Fresh) -> None:
    made = []
    for seed in (1, 1, 2):
        with fresh() as engine, clock.frozen(MONDAY):
            demo.seed(_silent, seed=seed, today=MONDAY.date(), **TINY)
            made.append(everything(engine))
    first, again, other = made
    assert first == again
    assert first["Person"] == other["Person"]
    assert first["Appointment"] != other["Appointment"]


def test_how_soon_one_is_seen_is_measured_when_the_clinic_opens(clinic: sa.Connection) -> None:
    """Each specialty of each department, of today alone: nobody has measured the mornings before."""
    measured = rows(clinic, ThirdNext)
    assert {row["day"] for row in measured} == {MONDAY.date()}
    assert any(row["third_at"] for row in measured)
    assert len({row["department_id"] for row in measured}) > 1


def test_numbers_have_right_check_digits(clinic: sa.Connection) -> None:
    patients, people = rows(clinic, Patient), rows(clinic, Person)
    for row in [*patients, *people]:
        assert snils.parse(row["snils"]) == row["snils"]
        assert phone.parse_mobile(row["phone"]) == row["phone"]
        assert row["phone"].startswith("+7975")
    for row in patients:
        assert enp.parse(row["policy"]) == row["policy"]
        assert enp.birth_and_sex(row["policy"]) == (row["birth_date"], row["sex"])
    assert all(inn.parse(row["inn"]) == row["inn"] for row in people)
    assert all(ogrn.parse(row["ogrn"]) == row["ogrn"] for row in rows(clinic, Organisation))
    assert all(licence.parse(row["number"]) == row["number"] for row in demo.register_licences())
    assert len({row["snils"] for row in [*patients, *people]}) == len(patients) + len(people)


def test_names_agree_in_gender(clinic: sa.Connection) -> None:
    for row in rows(clinic, Patient):
        is_woman = row["sex"] == "F"
        assert row["patronymic"].endswith(("на",) if is_woman else ("ич",))
        assert row["family_name"].endswith(("ова", "ева", "ёва", "ина", "ая")) <= is_woman


def test_nobody_is_in_two_places_at_once(clinic: sa.Connection, visits: Visits) -> None:
    living = [row for row in visits if row["status"] not in NOT_LIVING]
    for before, after in pairwise(living):
        assert before["practitioner_id"] != after["practitioner_id"] or before["ends_at"] <= after["starts_at"]
    came = Counter((row["patient_id"], moscow(row["starts_at"]).date()) for row in living)
    assert max(came.values()) == 1
    held = rows(clinic, Reception, "practitioner_id", "starts_at")
    for before, after in pairwise(held):
        assert before["practitioner_id"] != after["practitioner_id"] or before["ends_at"] <= after["starts_at"]


def test_visits_ahead_have_their_rooms(clinic: sa.Connection, visits: Visits) -> None:
    listed = {
        (row["organisation_id"], row["name"]) for row in rows(clinic, Resource) if row["kind"] is ResourceKind.ROOM
    }
    taken = {row["appointment_id"]: row for row in rows(clinic, AppointmentResource)}
    place = {
        (row["practitioner_id"], row["department_id"]): (row["organisation_id"], row["room"])
        for row in rows(clinic, Reception)
    }
    assert len(listed) >= 3
    assert taken
    for visit in visits:
        if (
            moscow(visit["starts_at"]).date() < MONDAY.date()
            or place[visit["practitioner_id"], visit["department_id"]] not in listed
        ):
            continue
        row = taken.pop(visit["id"])
        assert (row["starts_at"], row["ends_at"]) == (visit["starts_at"], visit["ends_at"])
        assert row["is_held"] == (visit["status"] in LIVING)
    assert not taken


def test_guards_of_the_table_are_back(clinic: sa.Connection, visits: Visits) -> None:
    [visit] = [row for row in visits if row["status"] == AppointmentStatus.DONE][:1]
    again = sa.insert(Appointment).values({**visit, "id": identity("appointment", "twice")})
    with pytest.raises(sa.exc.IntegrityError, match="ex_appointment_overlap"), clinic.begin_nested():
        clinic.execute(again)
    names = {index["name"] for index in sa.inspect(clinic).get_indexes("appointment")}
    assert {"ix_appointment_practitioner", "ix_appointment_department", "ix_appointment_patient"} <= names
    keys = sa.inspect(clinic).get_foreign_keys("appointment")
    assert len(keys) == 5
    if clinic.dialect.name == "sqlite":
        assert clinic.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert clinic.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_figures_are_a_recount_by_the_rules(clinic: sa.Connection, visits: Visits) -> None:
    hours = [
        (Visit(**place_of(row), status=AppointmentStatus.BOOKED, **span_of(row)), row)
        for row in rows(clinic, Reception)
    ]
    parts = [offer(key_of(place, clock.MOSCOW), place.span, row["slot_minutes"]) for place, row in hours]
    names = set(Visit.__dataclass_fields__)
    starts: dict[Key, list[Start | None]] = defaultdict(list)
    for row in visits:
        visit = Visit(**{name: row[name] for name in names})
        parts.append(change(None, visit, clock.MOSCOW))
        starts[key_of(visit, clock.MOSCOW)].append(start_of(row["id"], visit))
    parts += [opening(key, found) for key, found in starts.items()]
    kept = rows(clinic, DayFigures)
    held = [{Key(*(row[each.name] for each in fields(Key))): counts_of(row)} for row in kept]
    assert total(held) == total(parts)
    assert len(kept) == len(total(parts))


def place_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("organisation_id", "department_id", "practitioner_id")}


def span_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("starts_at", "ends_at")}


def counts_of(row: dict[str, Any]) -> Counter[str]:
    return Counter({name: row[name] for name in COUNTS})


def test_nothing_has_happened_yet_that_is_to_come(visits: Visits) -> None:
    for row in visits:
        assert row["booked_at"] <= MONDAY
        moments = [row[name] for name in ("arrived_at", "started_at", "finished_at", "cancelled_at") if row[name]]
        assert all(moment <= MONDAY for moment in moments)
        assert moments == sorted(moments)
        assert row["status"] is not AppointmentStatus.BOOKED or row["starts_at"] > MONDAY - timedelta(hours=5)
        assert row["starts_at"] <= MONDAY or row["status"] in (
            AppointmentStatus.BOOKED,
            AppointmentStatus.CANCELLED,
            AppointmentStatus.ARRIVED,
        )
    today = {row["status"] for row in visits if moscow(row["starts_at"]).date() == MONDAY.date()}
    assert {AppointmentStatus.DONE, AppointmentStatus.BOOKED} <= today


def test_every_role_and_every_state_of_verification_is_there(clinic: sa.Connection) -> None:
    assert {row["role"] for row in rows(clinic, Membership)} == set(Role)
    assert {"draft", "mismatch", "checking", "active", "expired"} == {
        row["state"] for row in rows(clinic, VerificationCase)
    }
    assert {row["state"] for row in rows(clinic, CaseItem)} >= {"confirmed", "mismatch", "no_record", "postponed"}
    people = {row["email"].split("@")[0]: row for row in rows(clinic, Person)}
    assert {row["standing"] for row in people.values()} == set(Standing)
    assert people["istekaet"]["standing_until"] == MONDAY.date() + timedelta(days=20)
    assert people["istekla"]["standing"] is Standing.SUSPENDED
    assert "истёк" in people["istekla"]["standing_reason"]
    assert 55 <= len(people) <= 70
    held = Counter(row["person_id"] for row in rows(clinic, Membership))
    clinics = {row["organisation_id"] for row in rows(clinic, Membership) if row["person_id"] == people["vrach"]["id"]}
    assert held[people["vrach"]["id"]] == 3
    assert len(clinics) == 2


def test_visits_have_their_weekdays_and_seasons(visits: Visits) -> None:
    past = [row for row in visits if row["starts_at"] < MONDAY - timedelta(days=1)]
    living = [row for row in past if row["status"] is not AppointmentStatus.CANCELLED]
    missed = [row for row in living if row["status"] is AppointmentStatus.NO_SHOW]
    by_day, missed_by_day = weekdays(living), weekdays(missed)
    share = {day: missed_by_day[day] / by_day[day] for day in by_day}
    assert share[0] > 1.2 * share[2]
    assert 0.05 <= len(missed) / len(living) <= 0.12
    months = Counter(moscow(row["starts_at"]).strftime("%Y-%m") for row in living)
    assert months["2026-08"] < months["2026-02"]
    by_month = Counter(moscow(row["starts_at"]).date() for row in living)
    assert max(by_month[day] for day in (date(2026, 1, 1), date(2026, 5, 1), date(2026, 11, 4))) < 40


def weekdays(visits: Iterable[dict[str, Any]]) -> Counter[int]:
    return Counter(moscow(row["starts_at"]).weekday() for row in visits)


def test_doctors_fill_their_receptions_and_the_future_thins_out(clinic: sa.Connection) -> None:
    offered, booked = Counter[Any](), Counter[Any]()
    whole = [row for row in rows(clinic, DayFigures) if row["kind"] is FigureKind.ALL]
    for row in whole:
        if row["day"] < MONDAY.date():
            offered[row["practitioner_id"]] += row["offered_minutes"]
            booked[row["practitioner_id"]] += row["booked_minutes"]
    assert all(0.7 <= booked[doctor] / offered[doctor] <= 0.96 for doctor in offered)
    ahead = Counter((row["day"] - MONDAY.date()).days // 7 for row in whole for _ in range(row["planned"]))
    assert ahead[0] > ahead[1] > ahead[3] > 0


def test_a_load_killed_halfway_leaves_nothing_and_begins_anew(fresh: Fresh, settings: Settings) -> None:
    with fresh() as engine:
        environment = os.environ | {
            "MEDCAB_DATABASE_URL": settings.database_url,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONUNBUFFERED": "1",  # what it said must outlive it
        }
        died = subprocess.run(
            [sys.executable, "-c", DIES_WHILE_WRITING], env=environment, capture_output=True, text=True, check=False
        )
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert "Writing" in died.stdout
        assert demo.is_needed()
        with clock.frozen(MONDAY):
            demo.seed(_silent, **TINY)
        assert not demo.is_needed()
        assert demo.loaded_on() == MONDAY.date()
        with engine.connect() as connection:
            assert len(rows(connection, DayFigures)) > 0
            assert {"ix_appointment_practitioner"} <= {
                each["name"] for each in sa.inspect(connection).get_indexes("appointment")
            }


def test_a_database_with_people_is_left_alone(clinic: sa.Connection) -> None:
    before = clinic.execute(sa.select(sa.func.count()).select_from(Appointment)).scalar()
    clinic.rollback()
    with pytest.raises(Conflict):
        demo.seed(_silent, **SMALL)
    assert clinic.execute(sa.select(sa.func.count()).select_from(Appointment)).scalar() == before


def test_diagnoses_are_counted_as_the_rules_do(clinic: sa.Connection, visits: Visits) -> None:
    """Weekly counts are a recount of the diagnoses by the rules."""
    places = {
        each["id"]: entry.place_of(Visit(**{field.name: each[field.name] for field in fields(Visit)}), clock.MOSCOW)
        for each in visits
    }
    counted: Counter[tuple[Any, ...]] = Counter()
    for each in rows(clinic, VisitDiagnosis):
        case = entry.Case(each["chapter"], each["code"], each["course"], each["age_group"])
        for key in entry.change([case], None, places[each["appointment_id"]]):
            at = key.place.department_id, key.place.week, key.place.month, key.chapter, key.category, key.age_group
            counted.update({(*at, name): count for name, count in case.counts.items()})
    names = ("department_id", "week", "month", "chapter", "category", "age_group")
    kept = {
        (*(row[name] for name in names), count): row[count] for row in rows(clinic, WeekCases) for count in entry.COUNTS if row[count]
    }  # fmt: skip
    assert kept == +counted
    assert len(kept) > 500
    assert {row["department_id"] for row in rows(clinic, WeekWatched)} <= {ward.id for ward in WARDS.values()}
