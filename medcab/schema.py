"""The database's schema: where its tables are declared and how it is brought up to date.

Alembic is imported where it works: a server that only asks whether the schema is current starts without it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from medcab.settings import get_settings

if TYPE_CHECKING:
    from alembic.config import Config

ALEMBIC = Path(__file__).parent.parent / "alembic"
TABLES = (
    "medcab.audit", "medcab.outbox", "medcab.accounts.models", "medcab.accounts.inbox.models", "medcab.proofs.models", "medcab.proofs.video.models", "medcab.documents.models",
    "medcab.verification.models", "medcab.verification.disputes.models", "medcab.compliance.models", "medcab.patients.models",
    "medcab.schedule.models", "medcab.schedule.resources.models", "medcab.schedule.absences.models", "medcab.schedule.waiting.models",
    "medcab.schedule.reminders.models", "medcab.schedule.feeds.models", "medcab.schedule.rota.models", "medcab.schedule.diagnoses.models",
    "medcab.schedule.handover.models",
    "medcab.finance.models", "medcab.staff.models",
    "medcab.dashboards.views.models", "medcab.dashboards.monthly.models", "medcab.dashboards.third_next.models", "medcab.dashboards.epidemiology.models",
)  # fmt: skip
BY_HAND = frozenset({"ex_appointment_overlap", "ex_resource_overlap", "ex_tariff_overlap", "ex_membership_overlap"})
"""Objects that autogeneration does not know: PostgreSQL's exclusion constraints and their indexes."""


def load() -> None:
    """Import every module that declares tables.

    Foreign keys are checked at the commit: no relationship crosses a feature, so the order of a flush does not know them.
    """
    for module in TABLES:
        import_module(module)
    for table in SQLModel.metadata.tables.values():
        for key in table.foreign_key_constraints:
            key.deferrable, key.initially = True, "DEFERRED"


def sync_engine(url: str | None = None) -> sa.Engine:
    """A synchronous engine on the same database, for bulk loading and looks."""
    return sa.create_engine((url or get_settings().database).replace("+aiosqlite", ""))


def migrating_engine() -> sa.Engine:
    """One whose transactions hold changes of tables as well, on both databases."""
    engine = sync_engine()
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    """The driver would commit before each change of a table: a migration that refuses half-way must leave nothing done."""
    connection.isolation_level = None


def config() -> Config:
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(ALEMBIC))
    return made


def upgrade(to: str = "head") -> None:
    """Bring the configured database up to date; several servers starting at once take turns."""
    from alembic import command

    engine = migrating_engine()
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()  # kept in the file: connections that turn it on at once refuse each other
        raw.cursor().execute("PRAGMA journal_mode=WAL")
        raw.close()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(6073461)"))
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, to)
    engine.dispose()


def newest() -> str:
    """The newest migration: their files are numbered in one line."""
    return max(path.stem for path in (ALEMBIC / "versions").glob("*.py")).partition("_")[0]


def is_current() -> bool:
    """Whether the database is at the newest migration."""
    engine = sync_engine()
    with engine.connect() as connection:
        begun = sa.inspect(connection).has_table("alembic_version")
        at = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if begun else None
    engine.dispose()
    return at == newest()
