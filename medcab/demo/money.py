"""Tariffs, plans and a year of registers with the payers' answers; every number made up.

Prices are of no real tariff agreement. Draws come from a generator of their own: the rest of the clinic stays as it was.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import sqlalchemy as sa

from medcab.demo import loader
from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.receptions import DAY, MOSCOW_MINUTES, Job
from medcab.demo.visits import DONE, KINDS, NEVER, Visits
from medcab.finance.models import Bill, Tariff, VolumePlan
from medcab.finance.rules.sums import REASONS, Outcome
from medcab.schedule.rules.visits import Payer, VisitKind

PAYERS = tuple(Payer)
_PAYER_WEIGHTS = (0.82, 0.07, 0.08, 0.03)
_BASE = {VisitKind.FIRST: 62_340, VisitKind.REPEAT: 47_815, VisitKind.PROPHYLACTIC: 39_150}
"""Kopecks of the cheapest visit of the compulsory insurance."""
_TIMES = {Payer.OMS: 100, Payer.DMS: 210, Payer.PAID: 240, Payer.BUDGET: 105}
_DEARER = 106
"""Per cent of the old price from the first of January."""
_MONTHS = 12
_CODES = ("5.1", "5.2", "5.4", "5.6", "5.7")
_CODE_WEIGHTS = (0.24, 0.34, 0.2, 0.05, 0.17)
_REJECTED = {Payer.OMS: 0.035, Payer.DMS: 0.02, Payer.PAID: 0.0, Payer.BUDGET: 0.01}
_PLAN_ROUND = 10


def payers(seed: int, count: int) -> np.ndarray:
    """Who pays for each visit, as an index of `PAYERS`."""
    return np.random.default_rng((seed, 27)).choice(len(PAYERS), size=count, p=_PAYER_WEIGHTS)


def load(
    connection: sa.Connection, seed: int, jobs: list[Job], visits: Visits, payer: np.ndarray, ids: list[str], day: date
) -> None:
    """All of it, for the months that are over; the newest one still waits for its answers."""
    rng = np.random.default_rng((seed, 28))
    month = ((visits.starts + MOSCOW_MINUTES) // DAY).astype("datetime64[D]").astype("datetime64[M]")
    this = np.datetime64(f"{day:%Y-%m}")
    chosen = np.flatnonzero((visits.status == DONE) & (month < this) & (month >= this - _MONTHS))
    _load_tariffs(connection, jobs, day)
    if not len(chosen):
        return
    kopecks = _prices(jobs, visits, payer, month, this)[chosen]
    _load_bills(
        connection, rng, jobs, visits.where(chosen), payer[chosen], month[chosen], kopecks, [ids[n] for n in chosen]
    )
    _load_plans(connection, rng, jobs, visits.job[chosen], payer[chosen], month[chosen], kopecks)


def _january(day: date) -> date:
    return date(day.year, 1, 1)


def _price(payer: Payer, minutes: int, kind: VisitKind) -> int:
    return _BASE[kind] * _TIMES[payer] * (80 + 2 * minutes) // 10_000


def _load_tariffs(connection: sa.Connection, jobs: list[Job], day: date) -> None:
    lengths = {(job.clinic, job.specialty.title): job.specialty.minutes for job in jobs}
    loader.insert(connection, Tariff, [
        {
            "id": identity("tariff", f"{clinic}/{specialty}/{payer}/{kind}/{number}"), "organisation_id": CLINICS[clinic].id, "payer": payer,
            "specialty": specialty, "kind": kind, "kopecks": price, "since": since, "until": until,
            "used_until": until or (day.replace(day=1) - timedelta(days=1) if day.month > 1 else None),
        }
        for (clinic, specialty), minutes in lengths.items() for payer in Payer for kind in VisitKind
        for old in [_price(payer, minutes, kind)]
        for number, (price, since, until) in enumerate([
            (old, date(day.year - 2, 1, 1), _january(day) - timedelta(1)), (old * _DEARER // 100, _january(day), None),
        ])
    ])  # fmt: skip


def _prices(jobs: list[Job], visits: Visits, payer: np.ndarray, month: np.ndarray, this: np.datetime64) -> np.ndarray:
    """What the tariff of its day says of each visit."""
    table = np.array([[[_price(who, job.specialty.minutes, kind) for kind in KINDS] for who in PAYERS] for job in jobs])
    old = table[visits.job, payer, visits.kind]
    is_new = month >= this.astype("datetime64[Y]").astype("datetime64[M]")
    return np.where(is_new, old * _DEARER // 100, old)


def _load_bills(
    connection: sa.Connection, rng: np.random.Generator, jobs: list[Job], visits: Visits, payer: np.ndarray, month: np.ndarray,
    kopecks: np.ndarray, ids: list[str],
) -> None:  # fmt: skip
    job = visits.job
    clinics = sorted({each.clinic for each in jobs})
    clinic = np.array([clinics.index(each.clinic) for each in jobs])[job]
    found, bill = np.unique(np.stack((clinic, month.astype(np.int64), payer)), axis=1, return_inverse=True)
    bills = [
        _bill(clinics[at], f"{np.datetime64(int(when), 'M')}-01", PAYERS[who]) for at, when, who in found.T.tolist()
    ]
    loader.insert(connection, Bill, bills)

    def of_bill(values: list[str]) -> list[str]:
        return np.array(values, dtype=object)[bill.ravel()].tolist()

    rejects = rng.random(len(job)) < np.array([_REJECTED[each] for each in PAYERS])[payer]
    waits = (month == month.max()) & (payer != PAYERS.index(Payer.PAID))
    code = rng.choice(len(_CODES), size=len(job), p=_CODE_WEIGHTS)
    is_rejected = rejects & ~waits
    outcome = np.where(waits, 0, np.where(is_rejected, 2, 1))
    code = np.where(is_rejected, code + 1, 0)
    in_order = np.lexsort((np.array(ids), visits.starts, bill.ravel()))
    first = np.concatenate(([0], np.cumsum(np.bincount(bill.ravel()))))
    number = np.empty(len(job), dtype=np.int64)
    number[in_order] = np.arange(len(job)) - first[bill.ravel()[in_order]] + 1
    loader.pour(connection, "bill_line", {
        "id": ids, "appointment_id": ids, "number": number.tolist(), "is_last": True, "bill_id": of_bill([each["id"].hex for each in bills]),
        "organisation_id": of_bill([each["organisation_id"].hex for each in bills]),
        "department_id": _of_jobs([WARDS[each.ward].id.hex for each in jobs], job),
        "month": of_bill([each["month"].isoformat() for each in bills]), "payer": of_bill([each["payer"].value for each in bills]),
        "practitioner_id": _of_jobs([each.doctor_id.hex for each in jobs], job), "specialty": _of_jobs([each.specialty.title for each in jobs], job),
        "starts_at": loader.moments(connection, visits.starts, NEVER), "kind": _of_jobs([each.value for each in KINDS], visits.kind),
        "is_first": True, "kopecks": kopecks.tolist(),
        "outcome": np.array([each.value for each in (Outcome.WAITING, Outcome.ACCEPTED, Outcome.REJECTED)], dtype=object)[outcome].tolist(),
        "reason_code": np.array(["", *_CODES], dtype=object)[code].tolist(),
        "reason": np.array(["", *(REASONS[each] for each in _CODES)], dtype=object)[code].tolist(),
    })  # fmt: skip


def _of_jobs(values: list[str], index: np.ndarray) -> list[str]:
    return np.array(values, dtype=object)[index].tolist()


def _bill(clinic: str, day: str, payer: Payer) -> dict[str, Any]:
    month = date.fromisoformat(day)
    made: UUID = uuid5(CLINICS[clinic].id, f"bill/{day}/{payer}")
    after = datetime(month.year, month.month, 1, 9, tzinfo=UTC) + timedelta(days=34)
    return {"id": made, "organisation_id": CLINICS[clinic].id, "month": month, "payer": payer, "made_at": after}


def _load_plans(
    connection: sa.Connection, rng: np.random.Generator, jobs: list[Job], job: np.ndarray, payer: np.ndarray, month: np.ndarray,
    kopecks: np.ndarray,
) -> None:  # fmt: skip
    """About what was done: some months and departments fall short, some exceed."""
    wards = sorted({each.ward for each in jobs})
    ward = np.array([wards.index(each.ward) for each in jobs])[job]
    clinic_of = {each.ward: each.clinic for each in jobs}
    keys = np.stack((ward, month.astype(np.int64), payer))
    found, row = np.unique(keys, axis=1, return_inverse=True)
    counts = np.bincount(row.ravel())
    sums = np.bincount(row.ravel(), weights=kopecks).astype(np.int64)
    off = rng.normal(1.02, 0.06, len(counts))
    loader.insert(connection, VolumePlan, [
        {
            "department_id": WARDS[wards[place]].id, "organisation_id": CLINICS[clinic_of[wards[place]]].id,
            "month": np.datetime64(int(at), "M").astype("datetime64[D]").item(), "payer": PAYERS[who],
            "visits": int(count * share) // _PLAN_ROUND * _PLAN_ROUND, "kopecks": int(total * share) // 100_000 * 100_000,
        }
        for (place, at, who), count, total, share in zip(found.T.tolist(), counts.tolist(), sums.tolist(), off.tolist(), strict=True)
    ])  # fmt: skip
