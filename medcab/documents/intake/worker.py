"""The sandbox: a program that decodes one file at a time, each in a throw-away process of its own.

`python -m medcab.documents.intake.worker` loads the decoders once, reads one JSON job a line from standard
input and forks for each. The child has no network, little memory, 10 s of processor and no environment;
whatever happens to it, the parent answers one JSON line: `{"ok": …}` or `{"refused": code}`. The child's
answer is data from a hostile place: `reception` checks it again.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from medcab.documents.intake import pdf, photo
from medcab.documents.intake.refusal import RefusedFile
from medcab.documents.rules import LARGE_SIDE, THUMBNAIL_SIDE, FileKind

CPU_SECONDS = 10
WALL_SECONDS = 30
MEMORY = 1024 * 1024 * 1024  # address space; 50 MP with a copy of it take about 700 MB
WRITTEN = 64 * 1024 * 1024  # the largest file a child may write
ICON_SIDE = 320
_ONE_COLOUR = 16  # of 255: a sheet that differs by less is blank
_ANSWER = 64 * 1024
_BEHIND = 10  # a click goes before a photograph
_NEW_NETWORK_AND_USER = 0x40000000 | 0x10000000  # CLONE_NEWNET | CLONE_NEWUSER


def cut_off() -> None:
    """Leave the network and every privilege behind, where the kernel lets us."""
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(AttributeError):
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        libc.unshare(_NEW_NETWORK_AND_USER)


def confine() -> None:
    """What one file may cost. The kernel ends the process at the limit; the parent reports it."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    signal.alarm(WALL_SECONDS)


def examine(job: dict[str, Any]) -> dict[str, Any]:
    """Look at the file whole; writes `clean` (photographs) and `icon`."""
    path, clean, icon = Path(job["path"]), Path(job["clean"]), Path(job["icon"])
    if job["kind"] == FileKind.PDF:
        pages, figures, straightened = pdf.examine(path), None, False
        picture = pdf.first_page(path, THUMBNAIL_SIDE)
        width, height = picture.size
        blank = bool(np.ptp(np.asarray(picture)) < _ONE_COLOUR)
    else:
        pages, blank = 1, False
        picture, figures, straightened = photo.examine(path, clean, photo.Wanted(**job["wanted"]))
        width, height = picture.size
    picture.thumbnail((ICON_SIDE, ICON_SIDE))
    picture.save(icon, "JPEG", quality=80)
    return {
        "pages": pages,
        "width": width,
        "height": height,
        "measures": figures,
        "blank": blank,
        "straightened": straightened,
    }


def join(job: dict[str, Any]) -> dict[str, Any]:
    """Make one PDF, `clean`, of kept photographs, in the order of `parts`."""
    pdf.join([Path(each) for each in job["parts"]], Path(job["clean"]))
    return {}


def preview(job: dict[str, Any]) -> dict[str, Any]:
    """Draw one page into `icon`: as PNG, longer side at most 1200 px, or large as JPEG of at most 2600."""
    path, side = Path(job["path"]), LARGE_SIDE if job["large"] else THUMBNAIL_SIDE
    if job["kind"] == FileKind.PDF:
        picture = pdf.first_page(path, side, page=int(job["page"]))
    else:
        picture = photo.open_upright(path).convert("RGB")
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    if job["large"]:
        picture.save(Path(job["icon"]), "JPEG", quality=88)
    else:
        picture.save(Path(job["icon"]), "PNG")
    return {}


def read(job: dict[str, Any]) -> dict[str, Any]:
    """Write the beginning of a PDF's own text into `text`, UTF-8; a scan has none."""
    Path(job["text"]).write_text(pdf.text_of(Path(job["path"]), int(job["most"])), encoding="utf-8", errors="ignore")
    return {}


_WORK = {"examine": examine, "join": join, "preview": preview, "read": read}


def answer(line: bytes) -> bytes:
    """Do one job; never raises."""
    try:
        confine()
        job = json.loads(line)
        told = {"ok": _WORK[job["do"]](job)}
    except RefusedFile as no:
        told = {"refused": no.code}
    except BaseException:
        told = {"refused": "too_heavy"}
    return json.dumps(told).encode()


def in_a_fresh_process(line: bytes) -> bytes:
    """Fork, let the child work, and return what it said, or `too_heavy` when it died."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        os.close(0)
        os.write(write_end, answer(line))
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        told = pipe.read(_ANSWER)
    _, status = os.waitpid(child, 0)
    return told if status == 0 and told else b'{"refused": "too_heavy"}'


def main() -> None:
    os.nice(_BEHIND)
    cut_off()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(in_a_fresh_process(line) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
