"""What lies on the disk can be read back only whole, unchanged, and under its own id."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import SecretStr

from medcab import storage
from medcab.errors import Conflict, NotFound
from medcab.security import crypto
from medcab.settings import Settings, get_settings

MIB = storage.CHUNK
FRAME = MIB + 31


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setattr(get_settings(), "data_dir", tmp_path)
    return tmp_path


@pytest.fixture
def second_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A new key has come first; the old one still opens."""
    old = settings.encryption_keys.get_secret_value()
    monkeypatch.setattr(settings, "encryption_keys", SecretStr(f"9:{os.urandom(32).hex()},{old}"))
    crypto.keyring.cache_clear()
    yield
    monkeypatch.undo()
    crypto.keyring.cache_clear()


async def pieces(content: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    """`content` cut into pieces of these sizes, round and round."""
    at = turn = 0
    while at < len(content):
        size = sizes[turn % len(sizes)]
        yield content[at : at + size]
        at, turn = at + size, turn + 1


async def put(content: bytes) -> UUID:
    file_id = uuid4()
    await storage.write(file_id, pieces(content, [300_000]))
    return file_id


def on_disk(file_id: UUID) -> Path:
    [path] = [p for p in (get_settings().data_dir / "files").rglob("*") if p.name == file_id.hex]
    return path


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    length=st.one_of(st.integers(0, 5), st.sampled_from([MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 7])),
    sizes=st.lists(st.integers(50_000, 2_000_000), min_size=1, max_size=4),
)
def test_what_was_written_is_read_back(length: int, sizes: list[int]) -> None:
    content = os.urandom(length)

    async def round_trip() -> None:
        file_id = uuid4()
        stored = await storage.write(file_id, pieces(content, sizes))
        assert stored == storage.Stored(length, sha256(content).hexdigest())
        assert await storage.read_whole(file_id) == content

    asyncio.run(round_trip())


async def test_a_file_is_taken_from_a_path(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(MIB + 5))
    stored = await storage.write(file_id := uuid4(), source)
    assert stored.size == MIB + 5
    assert await storage.read_whole(file_id) == source.read_bytes()


async def test_nothing_readable_lies_on_the_disk(folder: Path) -> None:
    await put("Диплом Ивановой Анны Петровны".encode() * 1000)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert "Иванов".encode() not in files[0].read_bytes()
    assert files[0].stat().st_mode & 0o777 == 0o600


def flip(data: bytearray, at: int) -> bytes:
    data[at] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda d: flip(d, 3), id="flipped in the nonce"),
        pytest.param(lambda d: flip(d, FRAME + 5000), id="flipped in the second chunk"),
        pytest.param(lambda d: flip(d, len(d) - 1), id="flipped at the very end"),
        pytest.param(lambda d: bytes(d[FRAME : 2 * FRAME] + d[:FRAME] + d[2 * FRAME :]), id="swapped chunks"),
        pytest.param(lambda d: bytes(d[: 2 * FRAME]), id="cut after a whole chunk"),
        pytest.param(lambda d: bytes(d[:-10]), id="cut inside a chunk"),
        pytest.param(lambda d: bytes(d[FRAME:]), id="first chunk dropped"),
        pytest.param(lambda d: bytes(d + d[2 * FRAME :]), id="last chunk repeated"),
        pytest.param(lambda d: b"", id="emptied"),
    ],
)
async def test_a_spoiled_file_is_an_error_never_other_bytes(spoil) -> None:
    file_id = await put(os.urandom(2 * MIB + 100))
    path = on_disk(file_id)
    path.write_bytes(spoil(bytearray(path.read_bytes())))
    with pytest.raises(storage.Damaged):
        await storage.read_whole(file_id)


async def test_a_file_moved_to_another_id_does_not_open() -> None:
    mine, theirs = await put(b"mine"), await put(b"theirs")
    on_disk(theirs).replace(on_disk(mine))
    with pytest.raises(storage.Damaged):
        await storage.read_whole(mine)


async def test_an_interrupted_upload_leaves_nothing(folder: Path) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield os.urandom(2 * MIB)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await storage.write(file_id := uuid4(), breaks_off())
    assert not [path for path in folder.rglob("*") if path.is_file()]
    with pytest.raises(NotFound):
        await storage.read_whole(file_id)


async def test_an_id_is_written_once() -> None:
    file_id = await put(b"first")
    with pytest.raises(Conflict):
        await storage.write(file_id, pieces(b"second", [9]))
    assert await storage.read_whole(file_id) == b"first"


async def test_a_deleted_file_is_gone_and_may_be_deleted_again() -> None:
    file_id = await put(b"x")
    await storage.delete(file_id)
    await storage.delete(file_id)
    with pytest.raises(NotFound):
        await storage.read_whole(file_id)


async def test_rotation_can_be_run_again(second_key: None, settings: Settings) -> None:
    new = settings.encryption_keys.get_secret_value()
    old = new.partition(",")[2]
    settings.encryption_keys = SecretStr(old)
    crypto.keyring.cache_clear()
    contents = [b"", b"small", os.urandom(MIB + 3)]
    ids = [await put(content) for content in contents]
    settings.encryption_keys = SecretStr(new)
    crypto.keyring.cache_clear()

    assert await storage.reseal(ids[0])  # and here it was interrupted
    assert sorted([await storage.reseal(i) for i in storage.stored_ids()]) == [False, True, True]
    assert {crypto.key_id(on_disk(i).read_bytes()) for i in ids} == {9}
    assert [await storage.read_whole(i) for i in ids] == contents


async def test_rotation_does_not_hide_damage_or_bring_back_the_deleted(second_key: None) -> None:
    file_id = await put(b"x" * 100)
    path = on_disk(file_id)
    spoiled = flip(bytearray(path.read_bytes()), 2)  # says it was sealed with another key
    path.write_bytes(spoiled)
    with pytest.raises(storage.Damaged):
        await storage.reseal(file_id)
    assert path.read_bytes() == spoiled
    await storage.delete(file_id)
    assert not await storage.reseal(file_id)
    assert not list(storage.stored_ids())


async def test_a_private_folder_goes_with_its_user(folder: Path) -> None:
    with storage.private_folder() as private:
        assert private.stat().st_mode & 0o777 == 0o700
        assert private.parent.stat().st_mode & 0o777 == 0o700
        (private / "scan.jpg").write_bytes(b"in clear")
    assert not private.exists()


async def test_a_start_removes_what_a_killed_process_left_and_nothing_in_use(folder: Path) -> None:
    with storage.private_folder() as in_use:
        (in_use / "now.jpg").write_bytes(b"in clear")
        left = in_use.parent / "abandoned"
        left.mkdir()
        (left / "scan.jpg").write_bytes(b"in clear")
        await put(b"kept")
        half = folder / "files" / "ab" / ".partial-1"
        half.parent.mkdir(exist_ok=True)
        half.write_bytes(b"half")
        storage.sweep()
        assert (in_use / "now.jpg").exists()
    assert not left.exists()
    assert not half.exists()
    assert len(list(storage.stored_ids())) == 1


def test_the_data_folder_is_its_owners_alone(folder: Path) -> None:
    folder.chmod(0o755)
    storage.sweep()
    assert folder.stat().st_mode & 0o777 == 0o700
