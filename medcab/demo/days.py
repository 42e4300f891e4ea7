"""Receptions, visits and daily figures: from columns of numbers to rows of the database."""

from datetime import timedelta
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from medcab.demo import figures, loader
from medcab.demo.clinic import CLINICS, WARDS
from medcab.demo.money import PAYERS
from medcab.demo.patients import Patient
from medcab.demo.receptions import EPOCH, Job, Receptions
from medcab.demo.visits import ARRIVED, CANCELLED, DONE, KINDS, NEVER, NO_SHOW, REASONS, STATUSES, Visits

_Labels = list[str] | tuple[str, ...]


def load(
    connection: sa.Connection,
    rng: np.random.Generator,
    jobs: list[Job],
    receptions: Receptions,
    visits: Visits,
    patients: list[Patient],
    payer: np.ndarray,
) -> list[str]:
    """All three tables; the ids of the visits."""
    _load_receptions(connection, rng, jobs, receptions)
    ids = loader.new_ids(rng, len(visits.job))
    with loader.unguarded(connection, "appointment"):
        _load_visits(connection, ids, jobs, visits, patients, payer)
    _load_figures(connection, jobs, receptions, visits)
    return ids


def _picked(labels: _Labels, numbers: np.ndarray) -> list[str]:
    return np.array(labels, dtype=object)[numbers].tolist()


def _places(jobs: list[Job], numbers: np.ndarray) -> dict[str, list[str]]:
    """The columns that say where and with whom."""
    return {
        "organisation_id": _picked([_key(CLINICS[job.clinic].id) for job in jobs], numbers),
        "department_id": _picked([_key(WARDS[job.ward].id) for job in jobs], numbers),
        "practitioner_id": _picked([_key(job.doctor_id) for job in jobs], numbers),
    }


def _key(value: UUID) -> str:
    """As SQLite stores it and PostgreSQL reads it."""
    return value.hex


def _load_receptions(
    connection: sa.Connection, rng: np.random.Generator, jobs: list[Job], receptions: Receptions
) -> None:
    loader.pour(connection, "reception", {
        "id": loader.new_ids(rng, len(receptions.job)), **_places(jobs, receptions.job),
        "starts_at": loader.moments(connection, receptions.starts, NEVER), "ends_at": loader.moments(connection, receptions.ends, NEVER),
        "slot_minutes": receptions.minutes.tolist(), "room": _picked([job.room for job in jobs], receptions.job),
        "specialty": _picked([job.specialty.title for job in jobs], receptions.job),
    })  # fmt: skip


def _load_visits(
    connection: sa.Connection, ids: list[str], jobs: list[Job], visits: Visits, patients: list[Patient], payer: np.ndarray
) -> None:  # fmt: skip
    moments = {
        "starts_at": visits.starts, "ends_at": visits.starts + visits.minutes, "booked_at": visits.booked, "arrived_at": visits.arrived,
        "started_at": visits.started, "finished_at": visits.finished, "cancelled_at": visits.cancelled,
    }  # fmt: skip
    is_changed = np.isin(visits.status, (ARRIVED, DONE, NO_SHOW))
    doctors = _picked([_key(job.doctor_id) for job in jobs], visits.job)
    loader.pour(connection, "appointment", {
        "id": ids, **_places(jobs, visits.job),
        "patient_id": _picked([_key(patient.id) for patient in patients], visits.patient),
        "payer": _picked([each.value for each in PAYERS], payer), "kind": _picked([kind.value for kind in KINDS], visits.kind),
        "status": _picked([status.value for status in STATUSES], visits.status),
        **{name: loader.moments(connection, column, NEVER) for name, column in moments.items()},
        "cancel_reason": _picked(REASONS, visits.reason), "is_over": False, "over_reason": "", "version": _versions(visits).tolist(),
        "changed_by_id": [doctor if changed else None for doctor, changed in zip(doctors, is_changed.tolist(), strict=True)],
    })  # fmt: skip


def _versions(visits: Visits) -> np.ndarray:
    """Booked, then each mark one more."""
    marks = (visits.arrived != NEVER).astype(int) + (visits.started != NEVER) + (visits.finished != NEVER)
    return 1 + marks + np.isin(visits.status, (CANCELLED, NO_SHOW))


def _load_figures(connection: sa.Connection, jobs: list[Job], receptions: Receptions, visits: Visits) -> None:
    counted = figures.of(receptions, visits)
    days = [(EPOCH + timedelta(day)).isoformat() for day in counted.pop("day").tolist()]
    places = _places(jobs, counted.pop("job"))
    kinds = _picked([kind.value for kind in figures.KINDS], counted.pop("kind"))
    columns = {name: counts.tolist() for name, counts in counted.items()}
    loader.pour(connection, "day_figures", {"day": days, "kind": kinds, **places, **columns})
