"""The reception desk: a file comes in from outside, and either a clean one goes on or a person is told why
not.

The caller gives a path inside a private folder (`storage.private_folder()`) and owns that folder: what is
written here, the clean file included, lies beside the original and goes with the folder.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from medcab.documents.intake import pool, scanners, signatures
from medcab.documents.rules import (
    BLANK_PAGE,
    MAX_BYTES,
    MAX_PAGES,
    REFUSALS,
    FileKind,
    Measures,
    Reason,
    Severity,
    display_name,
    verdict,
)
from medcab.errors import Invalid, Unavailable

_JPEG = b"\xff\xd8\xff"
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


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


_Answer = TypeVar("_Answer", bound=BaseModel)


async def examine(path: Path, declared_name: str) -> Accepted:
    """Take in the file at `path`, called `declared_name` by its sender.

    Raises `Refused`, or `Unavailable` when nobody can look for viruses.
    """
    kind = await asyncio.to_thread(_kind, path)
    await _scan(path)
    clean, icon = _beside(path), _beside(path)
    job = {"do": "examine", "kind": kind, "path": str(path), "clean": str(clean), "icon": str(icon)}
    seen = await _ask(job, _Seen)
    if kind is FileKind.PDF:  # kept as it came: the sandbox had no part in these bytes
        clean, warnings = path, [BLANK_PAGE] if seen.blank else []
    else:
        warnings = _judged(seen)
    mime = "application/pdf" if kind is FileKind.PDF else "image/jpeg"
    kept = await asyncio.to_thread(_read, clean)
    thumbnail = await asyncio.to_thread(_picture, icon, _JPEG)
    if kind is not FileKind.PDF and not kept.startswith(_JPEG):
        raise Refused(REFUSALS["too_heavy"])
    return Accepted(
        kind=kind,
        name=display_name(declared_name, kind),
        mime=mime,
        size=len(kept),
        pages=seen.pages,
        width=seen.width,
        height=seen.height,
        sha256=hashlib.sha256(kept).hexdigest(),
        clean_path=clean,
        warnings=tuple(warnings),
        thumbnail=thumbnail,
    )


async def render_preview(path: Path, page: int = 1) -> bytes:
    """Page `page` (from 1) of a taken-in file as PNG, longer side at most 1200 px; raises `Refused`."""
    kind = await asyncio.to_thread(_kind, path, limit=_PREVIEW_BYTES)
    icon = _beside(path)
    await _ask({"do": "preview", "kind": kind, "path": str(path), "page": page, "icon": str(icon)}, _Nothing)
    return await asyncio.to_thread(_picture, icon, b"\x89PNG\r\n", limit=_PREVIEW_BYTES)


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


def _judged(seen: _Seen) -> list[Reason]:
    """The warnings on a photograph; raises `Refused` with the first ground for it."""
    if seen.measures is None:
        raise Refused(REFUSALS["too_heavy"])
    reasons = verdict(Measures(**seen.measures.model_dump()))
    for reason in reasons:
        if reason.severity is Severity.REFUSE:
            raise Refused(reason)
    return reasons


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
