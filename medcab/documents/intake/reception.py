"""The reception desk: a file comes in from outside, and either a clean one goes on or a person is told why
not.

The caller gives a path inside a private folder (`storage.private_folder()`) and owns that folder: what is
written here, the clean file included, lies beside the original and goes with the folder.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from medcab.documents.intake import pool, scanners, signatures
from medcab.documents.reading.rules import MOST_TEXT
from medcab.documents.rules import (
    BLANK_PAGE,
    MAX_BYTES,
    MAX_PAGES,
    MAX_PHOTOS,
    REFUSALS,
    FileKind,
    Measures,
    Reason,
    Severity,
    display_name,
    of_photo,
    verdict,
)
from medcab.errors import Invalid, Unavailable

_JPEG = b"\xff\xd8\xff"
_JOINED_SIDE = 2480
"""px of the longer side of a photograph that becomes a page: 212 dots per inch of A4."""
_AROUND_A_PAGE = 2048
"""Bytes that a PDF puts around each page."""
_ICON_BYTES = 256 * 1024
_PREVIEW_BYTES = 16 * 1024 * 1024
_SIDE = Annotated[int, Field(ge=1, le=100_000)]
_FIGURE = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Refused(Invalid):
    """The file is not taken: `reason` says why and how to do better, `message` is both sentences."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(f"{reason.sentence} {reason.how_to_do_better}", field="file")


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept. `width`, `height`: px of the kept picture, or of a PDF's drawn first page."""

    kind: FileKind
    name: str
    mime: str
    size: int
    pages: int
    width: int
    height: int
    sha256: str
    clean_path: Path
    warnings: tuple[Reason, ...]
    straightened: bool
    thumbnail: bytes = field(repr=False)  # JPEG, at most 320 px


class _Figures(BaseModel):
    model_config = ConfigDict(extra="forbid")
    min_side: _SIDE
    light: _FIGURE
    ink: _FIGURE
    contrast: _FIGURE
    sharpness: _FIGURE
    border: _FIGURE


class _Seen(BaseModel):
    """What the sandbox may say of a file. It read hostile bytes: nothing it says is taken on trust."""

    model_config = ConfigDict(extra="forbid")
    pages: Annotated[int, Field(ge=1, le=MAX_PAGES)]
    width: _SIDE
    height: _SIDE
    measures: _Figures | None
    blank: bool
    straightened: bool


@dataclass(frozen=True)
class _Looked:
    """What is known of one file: `clean` is where its kept content lies."""

    seen: _Seen
    clean: Path
    thumbnail: bytes = field(repr=False)
    warnings: tuple[Reason, ...]


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


_Answer = TypeVar("_Answer", bound=BaseModel)


async def examine(path: Path, declared_name: str, *, straighten: bool = True) -> Accepted:
    """Take in the file at `path`, called `declared_name` by its sender; `straighten`: a photograph may be cut to its sheet.

    Raises `Refused`, or `Unavailable` when nobody can look for viruses.
    """
    kind = await asyncio.to_thread(_kind, path)
    await _scan(path)
    if kind is FileKind.PDF:
        return await _document(path, display_name(declared_name, kind))
    looked = await _look(path, kind, wanted={"straighten": straighten})
    return await _accepted(looked, kind, display_name(declared_name, kind), "image/jpeg")


async def examine_together(photographs: Sequence[tuple[Path, str]], *, straighten: bool = True) -> Accepted:
    """Take in photographs as the pages of one document, in this order. A refusal says which of them it is about."""
    if len(photographs) > MAX_PHOTOS:
        raise Refused(REFUSALS["joined_many"])
    wanted = {"straighten": straighten, "side": _JOINED_SIDE, "size": MAX_BYTES // len(photographs) - _AROUND_A_PAGE}
    looked = [await _look_at_one(path, number, wanted) for number, (path, _) in enumerate(photographs, 1)]
    joined = _beside(photographs[0][0])
    await _ask({"do": "join", "parts": [str(each.clean) for each in looked], "clean": str(joined)}, _Nothing)
    if await asyncio.to_thread(_kind, joined) is not FileKind.PDF:
        raise Refused(REFUSALS["too_heavy"])
    made = await _document(joined, display_name(photographs[0][1], FileKind.PDF))
    if made.pages != len(looked):
        raise Refused(REFUSALS["too_heavy"])
    warnings = tuple(reason for each in looked for reason in each.warnings)
    return replace(made, warnings=warnings, straightened=any(each.seen.straightened for each in looked))


async def _look_at_one(path: Path, number: int, wanted: dict[str, Any]) -> _Looked:
    """One of several photographs: its reasons carry its number."""
    try:
        kind = await asyncio.to_thread(_kind_of_photograph, path)
        await _scan(path)
        looked = await _look(path, kind, wanted)
    except Refused as refusal:
        raise Refused(of_photo(refusal.reason, number)) from refusal
    return replace(looked, warnings=tuple(of_photo(reason, number) for reason in looked.warnings))


async def _document(path: Path, name: str) -> Accepted:
    """A PDF, kept as it came: the sandbox has no part in its bytes."""
    looked = await _look(path, FileKind.PDF, wanted={})
    return await _accepted(replace(looked, clean=path), FileKind.PDF, name, "application/pdf")


async def _look(path: Path, kind: FileKind, wanted: dict[str, Any]) -> _Looked:
    """Have the sandbox decode it, and judge what it says."""
    clean, icon = _beside(path), _beside(path)
    job = {"do": "examine", "kind": kind, "path": str(path), "clean": str(clean), "icon": str(icon), "wanted": wanted}
    seen = await _ask(job, _Seen)
    return _Looked(seen, clean, await asyncio.to_thread(_picture, icon, _JPEG), _judged(seen, kind))


async def _accepted(looked: _Looked, kind: FileKind, name: str, mime: str) -> Accepted:
    kept = await asyncio.to_thread(_read, looked.clean)
    if kind is not FileKind.PDF and not kept.startswith(_JPEG):
        raise Refused(REFUSALS["too_heavy"])
    return Accepted(
        kind=kind,
        name=name,
        mime=mime,
        size=len(kept),
        pages=looked.seen.pages,
        width=looked.seen.width,
        height=looked.seen.height,
        sha256=await asyncio.to_thread(lambda: hashlib.sha256(kept).hexdigest()),
        clean_path=looked.clean,
        warnings=looked.warnings,
        straightened=looked.seen.straightened,
        thumbnail=looked.thumbnail,
    )


async def read_text(path: Path) -> str:
    """The beginning of a taken-in PDF's own text; empty where there is none or it cannot be read: nobody is refused for that."""
    text = _beside(path)
    try:
        if await asyncio.to_thread(_kind, path, limit=_PREVIEW_BYTES) is not FileKind.PDF:
            return ""
        await _ask({"do": "read", "path": str(path), "text": str(text), "most": MOST_TEXT}, _Nothing)
        read = await asyncio.to_thread(_read, text, limit=4 * MOST_TEXT)
    except Refused:
        return ""
    plain = "".join(each if each.isprintable() else " " for each in read.decode("utf-8", "ignore"))
    return " ".join(plain.split())[:MOST_TEXT]


async def render_preview(path: Path, page: int = 1, *, is_large: bool = False) -> bytes:
    """Page `page` (from 1) of a taken-in file as PNG, longer side at most 1200 px, or as a large JPEG of 2600; raises `Refused`."""
    kind = await asyncio.to_thread(_kind, path, limit=_PREVIEW_BYTES)
    icon = _beside(path)
    asked = {"do": "preview", "kind": kind, "path": str(path), "page": page, "icon": str(icon), "large": is_large}
    await _ask(asked, _Nothing)
    return await asyncio.to_thread(
        _picture, icon, b"\xff\xd8\xff" if is_large else b"\x89PNG\r\n", limit=_PREVIEW_BYTES
    )


def _kind(path: Path, *, limit: int = MAX_BYTES) -> FileKind:
    size = path.stat().st_size
    if size == 0:
        raise Refused(REFUSALS["file_empty"])
    if size > limit:
        raise Refused(REFUSALS["file_large"])
    with path.open("rb") as file:
        head = file.read(signatures.HEAD)
    kind = signatures.kind_of(head)
    if kind is None:
        raise Refused(REFUSALS[signatures.refusal_of(head)])
    return kind


def _kind_of_photograph(path: Path) -> FileKind:
    kind = _kind(path)
    if kind is FileKind.PDF:
        raise Refused(REFUSALS["joined_pdf"])
    return kind


async def _scan(path: Path) -> None:
    try:
        threat = await asyncio.to_thread(scanners.found_in, path)
    except Exception as problem:
        raise Unavailable("Проверка на вирусы сейчас не отвечает. Загрузите файл через несколько минут.") from problem
    if threat:
        raise Refused(REFUSALS["malware"])


async def _ask(job: dict[str, Any], shape: type[_Answer]) -> _Answer:
    """The sandbox's answer in the shape it must have."""
    try:
        answer = await pool.POOL.run(job)
        if "ok" in answer:
            return shape.model_validate(answer["ok"])
    except (pool.Lost, ValidationError) as problem:
        raise Refused(REFUSALS["too_heavy"]) from problem
    raise Refused(REFUSALS.get(str(answer.get("refused")), REFUSALS["too_heavy"]))


def _judged(seen: _Seen, kind: FileKind) -> tuple[Reason, ...]:
    """The warnings; raises `Refused` with the first ground for it."""
    if kind is FileKind.PDF:
        return (BLANK_PAGE,) if seen.blank else ()
    if seen.measures is None:
        raise Refused(REFUSALS["too_heavy"])
    reasons = verdict(Measures(**seen.measures.model_dump()))
    for reason in reasons:
        if reason.severity is Severity.REFUSE:
            raise Refused(reason)
    return tuple(reasons)


def _picture(path: Path, signature: bytes, *, limit: int = _ICON_BYTES) -> bytes:
    """A small picture the sandbox drew, if it is one."""
    drawn = _read(path, limit=limit)
    path.unlink()
    if not drawn.startswith(signature):
        raise Refused(REFUSALS["too_heavy"])
    return drawn


def _read(path: Path, *, limit: int = 4 * MAX_BYTES) -> bytes:
    """The whole file; a link or one that is too long is not what the sandbox was asked for."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > limit:
        raise Refused(REFUSALS["too_heavy"])
    return path.read_bytes()


def _beside(path: Path) -> Path:
    return path.with_name(f"{uuid4().hex}.part")
