"""Files at rest: sealed in chunks that cannot be changed, swapped, dropped or moved to another file.

An object is `<data>/files/<2 hex>/<32 hex>`, named by the file's random id: sealed chunks of 1 MiB one after
another. Each is bound to `file:<id>:<number>:<last>`, so the end of the file is authenticated too. What must
lie in clear while a file is looked at lies in a private folder that goes with its user, or at the next start.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from medcab.errors import Conflict, NotFound, Unavailable
from medcab.security.crypto import CannotOpen, key_id, keyring, open_sealed, seal
from medcab.settings import get_settings

FORGET = "file.forget"
"""Asked of the outbox by whoever no longer keeps an object: `{"file_id"}`."""
CHUNK = 1024 * 1024
_FRAME = CHUNK + 31  # a sealed chunk: version 1, key id 2, nonce 12, tag 16
_PARTIAL = ".partial-"


class Damaged(Unavailable):
    """The stored object was changed, cut, moved, or its key is not here."""

    message = "Файл в хранилище повреждён. Загрузите документ ещё раз или напишите в поддержку."


@dataclass(frozen=True)
class Stored:
    """What was written: bytes and SHA-256 (hex) of the content in clear."""

    size: int
    sha256: str


async def write(file_id: UUID, source: AsyncIterator[bytes] | Path) -> Stored:
    """Seal `source` under `file_id`: whole and on the disk, or not at all; a taken id is `Conflict`."""
    writer = await asyncio.to_thread(_Writer, file_id)
    try:
        if isinstance(source, Path):
            await asyncio.to_thread(writer.add_file, source)
        else:
            async for piece in source:
                await asyncio.to_thread(writer.add, piece)
        return await asyncio.to_thread(writer.finish)
    finally:
        writer.discard()


async def read(file_id: UUID) -> AsyncGenerator[bytes, None]:
    """The content in verified chunks; raises `NotFound`, `Damaged` (also midway: a cut shows at the end)."""
    chunks = _opened(file_id)
    try:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk
    finally:
        chunks.close()


async def read_whole(file_id: UUID) -> bytes:
    """The whole content, verified to its end; raises as `read` does."""
    async with aclosing(read(file_id)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def delete(file_id: UUID) -> None:
    """Remove the object; one that is gone already is no error."""
    await asyncio.to_thread(_delete, file_id)


async def reseal(file_id: UUID) -> bool:
    """Seal the object anew with the current key; False when it already is, or is gone.

    Each object is replaced in one step, so an interrupted rotation is simply run again over `stored_ids()`.
    """
    return await asyncio.to_thread(_reseal, file_id)


def stored_ids() -> Iterator[UUID]:
    """The id of every object in the storage."""
    for path in _home().glob("??/*"):
        if not path.name.startswith(_PARTIAL):
            yield UUID(path.name)


@contextmanager
def announced(file_id: UUID) -> Iterator[None]:
    """Say that an object comes into being before it does; a block that fails takes the object with it.

    What a kill leaves announced is either kept by a row by now, or nobody's: see `left_announced`.
    """
    mark = _announcements() / file_id.hex
    mark.touch(mode=0o600)
    _sync_folder(mark.parent)
    try:
        yield
    except BaseException:
        _delete(file_id)
        raise
    settle(file_id)


def left_announced(*, before: datetime) -> list[UUID]:
    """Objects announced before the moment of which nobody said that they were kept or given up."""
    return [UUID(mark.name) for mark in _announcements().iterdir() if mark.stat().st_mtime < before.timestamp()]


def settle(file_id: UUID) -> None:
    """Forget the announcement."""
    (_announcements() / file_id.hex).unlink(missing_ok=True)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder (mode 0700) for files in clear; emptied and removed at the end of the block."""
    home = _private(get_settings().data_dir.resolve() / "clear")
    folder = home / uuid4().hex
    with _locked(home):
        folder.mkdir(mode=0o700)
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep() -> None:
    """Close the data folder to other users of the machine, and remove what a killed process left in it. Call at start.

    What was left: folders in clear, half-written objects.
    """
    data = get_settings().data_dir.resolve()
    data.chmod(0o700)  # names of patients stand in clear in the database
    home = _private(data / "clear")
    with _locked(home):
        for folder in home.iterdir():
            _remove_unheld(folder, shutil.rmtree)
    for partial in _home().glob(f"??/{_PARTIAL}*"):
        _remove_unheld(partial, os.unlink)


class _Writer:
    """Collects pieces of any length into sealed chunks of a file that appears only when it is finished."""

    def __init__(self, file_id: UUID, *, over: bool = False) -> None:
        self._id, self._path, self._over = file_id, _path(file_id), over
        _private(self._path.parent)
        self._partial = self._path.with_name(_PARTIAL + uuid4().hex)
        self._file = open(self._partial, "xb", opener=_owner_only)  # noqa: SIM115 - closed by `discard`
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._buffer, self._digest = bytearray(), hashlib.sha256()
        self._number = self._size = 0

    def add(self, piece: bytes) -> None:
        """One more piece. The last full chunk waits, because only the end knows which one is last."""
        self._digest.update(piece)
        self._size += len(piece)
        self._buffer += piece
        while len(self._buffer) > CHUNK:
            self._put(bytes(self._buffer[:CHUNK]), last=False)
            del self._buffer[:CHUNK]

    def add_file(self, source: Path) -> None:
        with source.open("rb") as file:
            while piece := file.read(CHUNK):
                self.add(piece)

    def finish(self) -> Stored:
        """Put the object in its place, once it is on the disk."""
        self._put(bytes(self._buffer), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._over:
            self._partial.replace(self._path)
        else:
            self._place_new()
        _sync_folder(self._path.parent)
        return Stored(self._size, self._digest.hexdigest())

    def discard(self) -> None:
        """Leave nothing half-written; harmless after `finish`."""
        self._file.close()
        self._partial.unlink(missing_ok=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(seal(chunk, bound=_bound(self._id, self._number, last=last)))
        self._number += 1

    def _place_new(self) -> None:
        try:
            os.link(self._partial, self._path)  # unlike a rename, never over another writer's object
        except FileExistsError as problem:
            raise Conflict("Файл с таким номером уже сохранён.") from problem


def _opened(file_id: UUID) -> Generator[bytes, None, None]:
    """The verified chunks of an object, in clear."""
    try:
        with _path(file_id).open("rb") as file:
            for number, (frame, last) in enumerate(_frames(file)):
                yield open_sealed(frame, bound=_bound(file_id, number, last=last))
    except FileNotFoundError as problem:
        raise NotFound from problem
    except CannotOpen as problem:
        raise Damaged from problem


def _frames(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Each sealed chunk, and whether it is the last; an empty object has one (that will not open)."""
    frame = file.read(_FRAME)
    while following := file.read(_FRAME):
        yield frame, False
        frame = following
    yield frame, True


def _reseal(file_id: UUID) -> bool:
    with suppress(FileNotFoundError), _locked(_path(file_id)) as held, _path(file_id).open("rb") as file:
        gone = os.fstat(held).st_nlink == 0  # deleted, or resealed by another, while we waited
        if gone or all(key_id(frame) == keyring().current for frame, _ in _frames(file)):
            return False
        writer = _Writer(file_id, over=True)
        try:
            for chunk in _opened(file_id):
                writer.add(chunk)
            writer.finish()
        finally:
            writer.discard()
        return True
    return False


def _delete(file_id: UUID) -> None:
    path = _path(file_id)
    with suppress(FileNotFoundError), _locked(path):
        path.unlink()
        _sync_folder(path.parent)
    settle(file_id)


def _bound(file_id: UUID, number: int, *, last: bool) -> str:
    return f"file:{file_id}:{number}:{int(last)}"


def _home() -> Path:
    return _private(get_settings().data_dir.resolve() / "files")


def _announcements() -> Path:
    return _private(get_settings().data_dir.resolve() / "announced")


def _path(file_id: UUID) -> Path:
    return _home() / file_id.hex[:2] / file_id.hex


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Hold `path` alone among all processes (the kernel lets go when one is killed); yields a descriptor."""
    held = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield held
    finally:
        os.close(held)


def _remove_unheld(path: Path, remove: Callable[[Path], object]) -> None:
    """Remove what no living process holds."""
    held = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(path)
    except BlockingIOError:
        return  # in use: its owner removes it
    finally:
        os.close(held)


def _sync_folder(folder: Path) -> None:
    """A new name survives a power cut only when its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
