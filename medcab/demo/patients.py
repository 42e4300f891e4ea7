"""Patients: grown-ups of every age, more women than men among the old, each with a policy and a SNILS."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np

from medcab.demo import fictional, names
from medcab.demo.clinic import CLINICS, identity

_AGES = np.arange(18, 95)


@dataclass(frozen=True)
class Patient:
    """One patient; `eagerness` weighs how often they come."""

    id: UUID
    clinic: str
    name: names.Name
    born: date
    snils: str
    policy: str
    phone: str
    since: datetime
    eagerness: float


def draw(rng: np.random.Generator, count: int, today: date) -> list[Patient]:
    """`count` patients, shared between the clinics."""
    women = rng.random(count) < 0.56
    ages = rng.choice(_AGES, size=count, p=_ages())
    women |= (ages > 72) & (rng.random(count) < 0.4)
    people = names.draw(rng, ["F" if woman else "M" for woman in women])
    clinics = rng.choice(list(CLINICS), size=count, p=[clinic.share for clinic in CLINICS.values()])
    snils, phones = fictional.draw_snils(rng, count), fictional.draw_phones(rng, count)
    days, attached = rng.integers(0, 365, count), rng.integers(430, 3600, count)
    eagerness = rng.gamma(4.0, 0.25, count) * (0.5 + ages / 60)
    made = []
    for i, name in enumerate(people):
        born = today - timedelta(days=int(ages[i] * 365.25 + days[i]))
        since = datetime(today.year, today.month, today.day, 9, tzinfo=UTC) - timedelta(days=int(attached[i]))
        policy = fictional.policy(born, name.sex, i)
        made.append(
            Patient(
                identity("patient", policy),
                str(clinics[i]),
                name,
                born,
                snils[i],
                policy,
                phones[i],
                since,
                float(eagerness[i]),
            )
        )
    return made


def _ages() -> np.ndarray:
    """A clinic's public: some of every age, most about sixty."""
    shape = 0.6 + np.exp(-(((_AGES - 62) / 16.0) ** 2)) + 0.5 * np.exp(-(((_AGES - 35) / 9.0) ** 2))
    shape *= np.clip((97 - _AGES) / 20.0, 0, 1)
    return shape / shape.sum()
