"""A clinic of any size for the dashboards, made set by set.

Two years of one department are drawn as columns, with their roll-ups by the demo's count (which a test holds against the rules); every department is a
copy of them with workers of its own, written by INSERT … SELECT. The others who are asked for the same figures get the same rows, in the order of time.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

DOCTORS, SLOTS, MINUTES, DAYS = 12, 20, 15, 730
_FILLED = 0.92
_EPOCH = date(1970, 1, 1)
ORGANISATION = UUID(int=0xC1)
_VISIT = (
    "kind", "status", "starts_at", "ends_at", "booked_at", "arrived_at", "started_at", "finished_at", "cancelled_at", "cancel_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Years:
    """One department's two years, in columns."""

    receptions: Any
    visits: Any
    figures: dict[str, np.ndarray]

    @property
    def count(self) -> int:
        return len(self.visits.job)


def department(number: int) -> UUID:
    return UUID(int=(number + 1) << 64)


def doctor(number: int, job: int) -> UUID:
    return UUID(int=((number + 1) << 64) + job + 1)


def draw(last: date) -> Years:
    """Every weekday of two years up to `last`, twelve doctors, twenty slots a day."""
    from medcab.demo import figures
    from medcab.demo.receptions import DAY, MOSCOW_MINUTES, Receptions
    from medcab.demo.visits import CANCELLED, DONE, NEVER, NO_SHOW, Visits

    rng = np.random.default_rng(20261128)
    all_days = np.arange((last - _EPOCH).days - DAYS + 1, (last - _EPOCH).days + 1)
    days = all_days[(all_days + 3) % 7 < 5]  # 1970 began on a Thursday
    day, job = (each.ravel() for each in np.meshgrid(days, np.arange(DOCTORS), indexing="ij"))
    opens = day * DAY - MOSCOW_MINUTES + 8 * 60
    receptions = Receptions(job, day, opens, np.full(len(day), SLOTS), np.full(len(day), MINUTES))
    taken, slot = np.nonzero(rng.random((len(day), SLOTS)) < _FILLED)
    starts, count = opens[taken] + slot * MINUTES, len(taken)
    status = rng.choice((DONE, NO_SHOW, CANCELLED), count, p=(0.86, 0.07, 0.07))
    is_done, is_off = status == DONE, status == CANCELLED
    arrived = starts + rng.integers(-20, 8, count)
    started = np.maximum(arrived, starts) + rng.exponential(9, count).astype(np.int64)
    visits = Visits(
        job[taken], rng.integers(0, 50_000, count), starts, np.full(count, MINUTES), rng.integers(0, 3, count), status, starts - 4 * DAY,
        *(np.where(is_done, moment, NEVER) for moment in (arrived, started, started + 12)),
        np.where(is_off, starts - rng.integers(60, 4 * DAY, count), NEVER), is_off.astype(int),
    )  # fmt: skip
    return Years(receptions, visits, figures.of(receptions, visits))


def _moments(minutes: np.ndarray) -> list[str | None]:
    from medcab.demo.visits import NEVER

    text = np.datetime_as_string(np.where(minutes == NEVER, 0, minutes).astype("datetime64[m]").astype("datetime64[s]"))
    never = (minutes == NEVER).tolist()
    return [
        None if no else moment.replace("T", " ") + ".000000" for moment, no in zip(text.tolist(), never, strict=True)
    ]


def fill(path: Path, years: Years, departments: int, *, guarded: bool) -> None:
    """The rows of so many departments into a migrated, empty SQLite file; with the indexes and triggers of visits, unless nobody asks them."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "cache_size=-400000",
        "temp_store=MEMORY",
        "foreign_keys=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")
    guards = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'appointment' AND sql IS NOT NULL AND type <> 'table'").fetchall()  # fmt: skip
    for kind, name, _ in guards:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    _pour_templates(connection, years)
    for number in range(departments):
        _copy(connection, number)
    for _, _, statement in guards if guarded else ():
        connection.execute(statement)
    for name in ("a_visit", "a_reception", "a_line"):
        connection.execute(f"DROP TABLE temp.{name}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _pour_templates(connection: sqlite3.Connection, years: Years) -> None:
    from medcab.demo import figures
    from medcab.demo.visits import KINDS, REASONS, STATUSES

    visits, receptions, lines = years.visits, years.receptions, years.figures
    moments = (
        visits.starts,
        visits.starts + visits.minutes,
        visits.booked,
        visits.arrived,
        visits.started,
        visits.finished,
        visits.cancelled,
    )
    rows = zip(
        visits.job.tolist(), visits.patient.tolist(), [KINDS[kind].value for kind in visits.kind], [STATUSES[status].value for status in visits.status],
        *map(_moments, moments), [REASONS[reason] for reason in visits.reason], strict=True,
    )  # fmt: skip
    connection.execute(f"CREATE TEMP TABLE a_visit (job, patient, {', '.join(_VISIT)})")
    connection.executemany(f"INSERT INTO a_visit VALUES ({', '.join('?' * 12)})", rows)
    connection.execute("CREATE TEMP TABLE a_reception (job, starts_at, ends_at)")
    hours = zip(receptions.job.tolist(), _moments(receptions.starts), _moments(receptions.ends), strict=True)
    connection.executemany("INSERT INTO a_reception VALUES (?, ?, ?)", hours)
    names = [name for name in lines if name not in ("day", "job", "kind")]
    connection.execute(f"CREATE TEMP TABLE a_line (job, day, kind, {', '.join(names)})")
    days = [(_EPOCH + timedelta(day)).isoformat() for day in lines["day"].tolist()]
    kinds = [figures.KINDS[kind].value for kind in lines["kind"]]
    kept = zip(lines["job"].tolist(), days, kinds, *(lines[name].tolist() for name in names), strict=True)
    connection.executemany(f"INSERT INTO a_line VALUES ({', '.join('?' * (3 + len(names)))})", kept)


def _copy(connection: sqlite3.Connection, number: int) -> None:
    """One department more. Its rows come in the order of their keys, which is the quickest to store."""
    place = {
        "organisation": ORGANISATION.hex,
        "department": department(number).hex,
        "number": number,
        "high": number + 1,
    }
    who = "printf('%016x%016x', :high, job + 1)"
    connection.execute(
        f"""INSERT INTO appointment (id, organisation_id, department_id, practitioner_id, patient_id, {", ".join(_VISIT)}, is_over, over_reason, version)
        SELECT printf('%08x%024x', :number, rowid), :organisation, :department, {who}, printf('%032x', patient + 1), {", ".join(_VISIT)}, 0, '', 1 FROM a_visit""",
        place,
    )
    connection.execute(
        f"""INSERT INTO reception (id, organisation_id, department_id, practitioner_id, starts_at, ends_at, slot_minutes, room, specialty)
        SELECT printf('%08x%024x', :number, rowid), :organisation, :department, {who}, starts_at, ends_at, {MINUTES}, '', '' FROM a_reception""",
        place,
    )
    names = ", ".join(row[1] for row in connection.execute("PRAGMA temp.table_info(a_line)") if row[1] != "job")
    connection.execute(
        f"INSERT INTO day_figures (department_id, practitioner_id, organisation_id, {names}) SELECT :department, {who}, :organisation, {names} FROM a_line",
        place,
    )


def staff(connection: Any, departments: int) -> None:
    """The clinic, its departments and their doctors; `connection` is SQLAlchemy's."""
    from medcab import clock
    from medcab.accounts.models import Department, Organisation, Person
    from medcab.demo import loader

    loader.insert(connection, Organisation, [{"id": ORGANISATION, "name": "Клиника", "short_name": "Клиника", "ogrn": "1027700132195"}])  # fmt: skip
    wards = [
        {"id": department(number), "organisation_id": ORGANISATION, "name": f"Отделение {number}"}
        for number in range(departments)
    ]
    loader.insert(connection, Department, wards)
    people = [
        {
            "id": doctor(number, job), "family_name": f"Врач {number}-{job}", "given_name": "Анна", "patronymic": "Петровна", "birth_date": date(1985, 3, 14),
            "created_at": clock.now(), **dict.fromkeys(("snils", "inn", "phone", "email"), "1"),
            **{f"{name}_index": f"{number}-{job}" for name in ("snils", "inn", "phone", "email")},
        }
        for number in range(departments)
        for job in range(DOCTORS)
    ]  # fmt: skip
    loader.insert(connection, Person, people)


def carry(path: Path, url: str, *, guarded: bool) -> None:
    """All rows of a clinic from its SQLite file into a migrated, empty PostgreSQL; visits with their guards as in `fill`."""
    import sqlalchemy as sa

    source = sqlite3.connect(path)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")  # its patients are only numbers
        connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        cursor: Any = connection.connection.cursor()
        if not guarded:
            _unguard(connection)
        for table in ("organisation", "department", "person", "reception", "appointment", "day_figures"):
            rows = source.execute(f"SELECT * FROM {table}")
            names = ", ".join(column[0] for column in rows.description)
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()
    source.close()


def _unguard(connection: Any) -> None:
    """Visits without constraints and indexes but for their key."""
    exclusions = connection.exec_driver_sql(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'appointment'::regclass AND contype = 'x'"
    )
    for (name,) in exclusions.fetchall():
        connection.exec_driver_sql(f"ALTER TABLE appointment DROP CONSTRAINT {name}")
    indexes = connection.exec_driver_sql(
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'appointment'::regclass AND NOT indisprimary"
    )
    for (name,) in indexes.fetchall():
        connection.exec_driver_sql(f"DROP INDEX {name}")


def export(folder: Path, years: Years, departments: int) -> None:
    """The same raw rows for the others: Parquet for DuckDB; for pandas what it reads fastest without another library, a pickled frame."""
    import duckdb
    import pandas as pd

    from medcab.demo.visits import NEVER, STATUSES

    def moments(minutes: np.ndarray) -> np.ndarray:
        times = np.where(minutes == NEVER, 0, minutes).astype("datetime64[m]").astype("datetime64[s]")
        return np.where(minutes == NEVER, np.datetime64("NaT"), times)

    def frame(columns: dict[str, Any], order: np.ndarray) -> pd.DataFrame:
        copies = (
            np.arange(len(order) * departments) // departments
        )  # in the order of time, department after department at each moment
        made = pd.DataFrame({name: pd.Series(values[order]).take(copies) for name, values in columns.items()})
        made.insert(0, "department", np.tile(np.arange(departments, dtype="int16"), len(order)))
        return made.reset_index(drop=True)

    visits, hours = years.visits, years.receptions
    status = pd.Categorical.from_codes(visits.status, [each.value for each in STATUSES])
    visited = {
        "status": status, "starts": moments(visits.starts), "minutes": visits.minutes.astype("int16"), "arrived": moments(visits.arrived),
        "started": moments(visits.started), "cancelled": moments(visits.cancelled),
    }  # fmt: skip
    offered = {"starts": moments(hours.starts), "minutes": (hours.slots * hours.minutes).astype("int16")}
    for name, columns, starts in (("visits", visited, visits.starts), ("hours", offered, hours.starts)):
        rows = frame(columns, np.argsort(starts, kind="stable"))
        rows.to_pickle(folder / f"{name}.pickle")
        duckdb.from_df(rows).to_parquet(str(folder / f"{name}.parquet"))
