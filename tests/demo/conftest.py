"""A small clinic on a real database, seeded once for the tests that only read it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from medcab import clock, demo, schema
from medcab.schedule.models import Appointment
from medcab.settings import Settings
from tests.conftest import POSTGRES, _postgres

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""11:00 in Moscow: the day is under way."""
SMALL = {"patient_count": 700, "every_nth_doctor": 5}

Fresh = Callable[[], AbstractContextManager[sa.Engine]]


@pytest.fixture(scope="module")
def fresh(template: str, settings: Settings) -> Fresh:
    """An empty, migrated database of one's own that is the configured one inside the block."""

    @contextmanager
    def opened() -> Iterator[sa.Engine]:
        name, before = f"medcab_{uuid4().hex[:12]}", settings.database_url
        if POSTGRES:
            _postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
            settings.database_url = f"{POSTGRES}/{name}"
        else:
            path = Path(template).with_name(f"{name}.db")
            shutil.copyfile(template, path)
            settings.database_url = f"sqlite+aiosqlite:///{path}"
        engine = schema.sync_engine()
        yield engine
        engine.dispose()
        settings.database_url = before
        if POSTGRES:
            _postgres(f"DROP DATABASE {name} WITH (FORCE)")
        else:
            os.remove(path)

    return opened


@pytest.fixture(scope="module")
def clinic(fresh: Fresh) -> Iterator[sa.Connection]:
    """A connection to the small clinic, as it is on `MONDAY`."""
    with fresh() as engine, clock.frozen(MONDAY):
        demo.seed(_silent, **SMALL)
        with engine.connect() as connection:
            yield connection


@pytest.fixture(scope="module")
def visits(clinic: sa.Connection) -> list[dict[str, Any]]:
    """Every appointment of the small clinic, by worker and time."""
    return rows(clinic, Appointment, "practitioner_id", "starts_at")


def rows(connection: sa.Connection, model: type[SQLModel], *order: str) -> list[dict[str, Any]]:
    """A whole table as it is read, by its key unless `order` names columns."""
    table = sa.inspect(model).local_table
    ordered = sa.select(table).order_by(*(table.c[name] for name in order or table.primary_key.columns.keys()))
    return [dict(row) for row in connection.execute(ordered).mappings()]


def _silent(_line: str) -> None: ...
