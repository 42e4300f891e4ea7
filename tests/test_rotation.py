"""Key rotation: everything opens afterwards, nothing is left under the old key, an interruption loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import select

from medcab import db, rotation
from medcab.accounts.models import Person
from medcab.security import crypto
from medcab.settings import Settings
from tests.cast import Cast

OLD, NEW = "1:" + "11" * 32, "2:" + "22" * 32


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Keys and a storage of this test's own: files of other tests are sealed with other keys."""
    before, home = settings.encryption_keys, settings.data_dir
    settings.encryption_keys, settings.data_dir = SecretStr(OLD), tmp_path
    crypto.keyring.cache_clear()
    yield settings
    settings.encryption_keys, settings.data_dir = before, home
    crypto.keyring.cache_clear()


def use(settings: Settings, keys: str) -> None:
    settings.encryption_keys = SecretStr(keys)
    crypto.keyring.cache_clear()


async def test_after_rotation_the_old_key_is_not_needed(keys: Settings, cast: Cast) -> None:
    use(keys, f"{NEW},{OLD}")
    await rotation.run(lambda _line: None)
    use(keys, NEW)
    async with db.reading() as session:
        people = (await session.exec(select(Person))).all()
    assert [person.snils for person in people if person.id == cast.doctor.person_id] == ["00000000001"]


async def test_an_interrupted_rotation_goes_on(keys: Settings, cast: Cast) -> None:
    use(keys, f"{NEW},{OLD}")

    def stop(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.run(stop)
    async with db.reading() as session:
        assert len((await session.exec(select(Person))).all()) == len(cast.everyone())
    await rotation.run(lambda _line: None)
    use(keys, NEW)
    async with db.reading() as session:
        assert len((await session.exec(select(Person))).all()) == len(cast.everyone())


async def test_a_value_moved_to_another_column_does_not_open(keys: Settings, cast: Cast) -> None:
    async with db.transaction() as session:
        await session.execute(sa.text("UPDATE person SET inn = snils"))
    async with db.reading() as session:
        with pytest.raises(crypto.CannotOpen):
            await session.exec(select(Person))
