"""The demo clinic: two organisations, sixty-odd workers, five thousand patients and fourteen months of their visits.

All of it is made up. `seed` fills an empty database in one transaction: it is whole or it is not there.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from medcab import clock, schema
from medcab.accounts.models import Organisation, Person
from medcab.demo import (
    calls,
    cases,
    days,
    diagnoses,
    money,
    patients,
    people,
    personnel,
    quarrels,
    receptions,
    register,
    rooms,
    scans,
    templates,
    training,
    vacancies,
    visits,
    wishes,
)
from medcab.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, DemoAccount
from medcab.demo.clinic import identity
from medcab.demo.dossiers import dossiers
from medcab.demo.loader import transaction
from medcab.demo.staff import workers
from medcab.errors import Conflict
from medcab.settings import Settings

__all__ = [
    "DEMO_ACCOUNTS", "DEMO_PASSWORD", "DemoAccount", "fill_register", "greeting", "is_needed", "loaded_on", "newcomers",
    "register_licences", "register_people", "seed",
]  # fmt: skip

SEED = 20261122
PATIENTS = 5000
DAYS_BEHIND, DAYS_AHEAD = 395, 30
_NOON = time(12, tzinfo=clock.MOSCOW)
_DRAFT = identity("person", "chernovik")


def is_needed() -> bool:
    """Whether the database has no organisations and nobody in it."""
    with _engine() as engine, engine.connect() as connection:
        return not _has_people(connection)


def seed(
    progress: Callable[[str], None], *, seed: int = SEED, today: date | None = None, patient_count: int = PATIENTS,
    days_behind: int = DAYS_BEHIND, every_nth_doctor: int = 1,
) -> None:  # fmt: skip
    """Fill the configured, migrated, empty database; `Conflict` when it is not empty.

    The same `seed` and `today` (default: the clinic's day) give the same rows but for what encryption makes random. `patient_count`,
    `days_behind` and `every_nth_doctor` make a smaller clinic for tests. Blocks; call it from a thread where there is an event loop.
    """
    schema.load()
    now = _moment(today or clock.today())
    day = now.astimezone(clock.MOSCOW).date()
    rng = np.random.default_rng(seed)
    progress("Making up patients and fourteen months of visits …")
    public = patients.draw(rng, patient_count, day)
    jobs = receptions.jobs(rng, workers())[::every_nth_doctor]
    held = receptions.draw(rng, jobs, day - timedelta(days_behind), day + timedelta(DAYS_AHEAD), day)
    story = visits.draw(rng, held, jobs, public, int(now.timestamp()) // 60)
    with _engine() as engine, transaction(engine) as connection:
        if _has_people(connection):
            raise Conflict("The database already has data.")
        progress("Hiring the staff and admitting the patients …")
        people.load(connection, now, day)
        personnel.load(connection, now, day)
        people.load_patients(connection, public)
        cases.load(connection, now, day, scans.store(dossiers(day)))
        training.load(connection, now, day)
        progress(f"Writing {len(story.job):,} visits …".replace(",", " "))
        quarrels.load(connection, now, day)
        calls.load(connection, now)
        payer = money.payers(seed, len(story.job))
        ids = days.load(connection, rng, jobs, held, story, public, payer)
        money.load(connection, seed, jobs, story, payer, ids, day)
        diagnoses.load(connection, seed, jobs, story, public, ids, day)
        rooms.load(connection, jobs, story, ids, day)
        templates.load(connection, jobs, day + timedelta(DAYS_AHEAD), day)
        wishes.load(connection, jobs, public, now, day)
        connection.exec_driver_sql("ANALYZE")  # or the first questions would be planned for empty tables
    vacancies.measure(now)
    progress("The clinic is open.")


def loaded_on() -> date | None:
    """The Moscow day on which this database was filled; None: it holds no demo."""
    with _engine() as engine, engine.connect() as connection:
        at = connection.execute(sa.select(_column("created_at")).where(_column("id") == _DRAFT)).scalar()
    return at.astimezone(clock.MOSCOW).date() if at else None


def register_people() -> list[dict[str, Any]]:
    """Records for the sandbox's federal register that match this database, and two of people who are still to register."""
    return register.people(loaded_on() or clock.today())


def register_licences() -> list[dict[str, Any]]:
    """The clinics' licences for the sandbox's register."""
    return register.licences(loaded_on() or clock.today())


def newcomers() -> list[str]:
    """What to type to register as somebody new: a person whom the register confirms, and one whose diploma differs there."""
    return register.newcomers(loaded_on() or clock.today())


def fill_register(settings: Settings) -> None:
    """Load the running sandbox's federal register, once."""
    register.fill(settings, loaded_on() or clock.today())


def greeting(settings: Settings, seconds: float) -> str:
    """What the command line says when all is up."""
    width = max(len(account.login) for account in DEMO_ACCOUNTS)
    listed = [
        f"  {account.login:<{width}}  {account.name}, {account.role_title}: {account.note}" for account in DEMO_ACCOUNTS
    ]
    strangers = [f"  {line}" for text in newcomers() for line in (*text.splitlines(), "")]
    return "\n".join([
        f"medcab is open after {seconds:.1f} s: {settings.origin}",
        f"SMS codes, letters and the federal register: {settings.sandbox_url}", "",
        f"Accounts; the password of each is {DEMO_PASSWORD}", *listed, "",
        "To register as somebody new, whom the federal register knows:", *strangers,
    ])  # fmt: skip


def _moment(today: date) -> datetime:
    """Now, or noon when the demo is to be of another day."""
    return clock.now().replace(second=0, microsecond=0) if today == clock.today() else datetime.combine(today, _NOON)


@contextmanager
def _engine() -> Iterator[sa.Engine]:
    schema.load()
    engine = schema.sync_engine()
    try:
        yield engine
    finally:
        engine.dispose()


def _column(name: str) -> sa.Column[Any]:
    return Person.__table__.c[name]  # pyright: ignore[reportAttributeAccessIssue]


def _has_people(connection: sa.Connection) -> bool:
    tables = (Organisation, Person)
    return any(connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() for table in tables)
