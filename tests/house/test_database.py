"""The database keeps its promises: durability settings, and models that say what the migrations made."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from medcab import db, schema
from medcab.settings import Settings
from tests.cast import Cast
from tests.conftest import POSTGRES
from tests.migrations import downgrade

only_sqlite = pytest.mark.skipif(bool(POSTGRES), reason="a promise of SQLite's settings")


@only_sqlite
async def test_sqlite_survives_a_power_cut_and_keeps_foreign_keys(database: str) -> None:
    async with db.reading() as session:
        found = {name: (await session.execute(sa.text(f"PRAGMA {name}"))).scalar() for name in db.PRAGMAS}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}


@only_sqlite
def test_a_migrated_database_is_open_to_many_at_once_from_the_first_moment(template: str) -> None:
    """Whoever turns the write-ahead log on needs the file alone, and is refused without waiting; so it is on before the server starts."""
    write_version, read_version = Path(template).read_bytes()[18:20]
    assert (write_version, read_version) == (2, 2)


def _differences() -> list[object]:
    schema.load()
    engine = schema.sync_engine()
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": lambda _o, name, *_: name not in schema.BY_HAND, "compare_type": True}
        )
        found = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    return found


def test_the_newest_migration_is_the_one_with_the_highest_number() -> None:
    assert ScriptDirectory.from_config(schema.config()).get_heads() == [schema.newest()]


def test_a_database_is_current_only_at_the_newest_migration(database: str) -> None:
    assert schema.is_current()
    downgrade("-1")
    assert not schema.is_current()
    schema.upgrade()
    assert schema.is_current()


def test_models_and_migrations_agree(database: str) -> None:
    assert _differences() == []


def test_down_and_up_again_keeps_what_it_should(database: str, cast: Cast, settings: Settings) -> None:
    """The newest migration can be taken back and made again over real rows."""
    engine = schema.sync_engine()
    with engine.begin() as connection:
        made = schema.config()
        made.attributes["connection"] = connection
        command.downgrade(made, "-1")
        command.upgrade(made, "head")
        people = connection.execute(sa.text("SELECT count(*) FROM person")).scalar()
    engine.dispose()
    assert people == len(cast.everyone())
    assert _differences() == []


def test_everything_goes_down_and_comes_up(database: str) -> None:
    engine = schema.sync_engine()
    with engine.begin() as connection:
        made = schema.config()
        made.attributes["connection"] = connection
        command.downgrade(made, "base")
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        command.upgrade(made, "head")
    engine.dispose()
    assert left == set()
    assert _differences() == []
