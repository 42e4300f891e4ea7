"""A real database for every test, and the same cast everywhere.

SQLite unless MEDCAB_TEST_POSTGRES names a server (postgresql+psycopg://user@host:port); each test begins with the empty tables of a migrated template.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

_HOME = tempfile.mkdtemp(prefix="medcab-tests-")
os.environ.update(MEDCAB_MODE="test", MEDCAB_DATA_DIR=_HOME)

import pytest  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from pydantic import SecretStr  # noqa: E402
from sqlmodel import SQLModel  # noqa: E402
from sqlmodel.ext.asyncio.session import AsyncSession  # noqa: E402

from medcab import db, schema  # noqa: E402
from medcab.settings import Settings, get_settings  # noqa: E402
from tests.cast import Cast, settle  # noqa: E402
from tests.sandbox.running import REGISTER_KEY, Sandbox, running  # noqa: E402

POSTGRES = os.environ.get("MEDCAB_TEST_POSTGRES", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first, so that nobody waits for one at the end.

    On PostgreSQL only what touches a database or a server is worth a second run, unless it is marked `one_database`.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if not POSTGRES:
        return
    touching = {"database", "session", "cast", "server", "clinic"}
    kept = [
        item
        for item in items
        if touching & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("one_database")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(scope="session")
def settings() -> Settings:
    return get_settings()


@pytest.fixture(scope="session")
def template(settings: Settings) -> Iterator[str]:
    """A migrated, empty database to copy: a file's path, or a PostgreSQL database's name."""
    if POSTGRES:
        name = f"medcab_template_{uuid4().hex[:8]}"
        _postgres(f"CREATE DATABASE {name}")
        settings.database_url = f"{POSTGRES}/{name}"
        schema.upgrade()
        yield name
        _postgres(f"DROP DATABASE {name}")
    else:
        path = Path(_HOME) / "template.db"
        settings.database_url = f"sqlite+aiosqlite:///{path}"
        schema.upgrade()
        yield str(path)


@pytest.fixture(scope="session")
def _lent(template: str) -> Iterator[str]:
    """PostgreSQL's copy that the tests of one worker lend each other: emptying it costs milliseconds, another copy a third of a second."""
    name = f"medcab_{uuid4().hex[:12]}"
    _postgres(f"CREATE DATABASE {name} TEMPLATE {template} {_copying()}")
    yield name
    _postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(request: pytest.FixtureRequest, template: str, settings: Settings) -> AsyncIterator[str]:
    """An empty database for this test alone, already the configured one; its URL."""
    if POSTGRES:
        name = request.getfixturevalue("_lent")
        settings.database_url = f"{POSTGRES}/{name}"
    else:
        path = Path(_HOME) / f"medcab_{uuid4().hex[:12]}.db"
        shutil.copyfile(template, path)
        settings.database_url = f"sqlite+aiosqlite:///{path}"
    await db.close()
    yield settings.database_url
    await db.close()
    if POSTGRES:
        _empty(name)


@pytest.fixture
async def cast(database: str) -> Cast:
    """Two clinics and their people, committed."""
    async with db.transaction() as session:
        return settle(session)


@pytest.fixture
async def session(database: str, cast: Cast) -> AsyncIterator[AsyncSession]:
    """A writing transaction with the cast in it; committed when the test ends without an error."""
    async with db.transaction() as session:
        yield session


@lru_cache
def _copying() -> str:
    """The quick way to copy a small database, where the server knows more than one (15 and later)."""
    engine = sa.create_engine(f"{POSTGRES}/postgres")
    with engine.connect() as connection:
        version = int(connection.execute(sa.text("SHOW server_version_num")).scalar_one())
    engine.dispose()
    return "STRATEGY FILE_COPY" if version >= 150000 else ""


def _empty(name: str) -> None:
    """Whoever still holds the database is sent away; then nothing is left in it but its version."""
    tables = [f'DELETE FROM "{table}"' for table in SQLModel.metadata.tables]
    _postgres(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SET session_replication_role = replica",  # neither keys nor the journal's own guard stand in the way
        "; ".join(tables),
        database=name,
    )


def _postgres(*statements: str, database: str = "postgres") -> None:
    engine = sa.create_engine(f"{POSTGRES}/{database}", isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture(scope="session")
def register_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("register")) as sandbox:
        yield sandbox


@pytest.fixture
def register(register_program: Sandbox, settings: Settings) -> Iterator[Sandbox]:
    """The register, empty and well, as the configured one."""
    register_program.http.delete("/control").raise_for_status()
    before = settings.register_url, settings.register_key
    settings.register_url, settings.register_key = register_program.url, SecretStr(REGISTER_KEY.hex())
    yield register_program
    settings.register_url, settings.register_key = before
