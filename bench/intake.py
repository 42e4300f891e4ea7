"""Intake of heavy files by `medcab run`: how long until the verdict, and what everybody else feels meanwhile.

MEDCAB_TRUSTED_PROXIES lets each user have an address of their own: the flood limits count by address.
"""

import asyncio
import io
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import httpx

from bench import home as houses
from bench.report import Line, at_most, percentile

ALONE = 5
"""Files of each kind, one after another, nobody else sending."""
SENDERS, SENT = 4, 4
"""Who send at the same time, and how many files each."""
OTHERS, PAUSE = 20, 0.25
"""Who meanwhile click, and how many seconds on average between an answer and the next click."""
VERDICT, LATE, MEMORY, WORST_MEMORY = 2, 150, 1024, 1280
PDF_BYTES = 10_000_000


@dataclass
class Felt:
    """Seconds that requests took, and the most memory that the server and its sandboxes had together, in MB."""

    verdicts: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    idle: float = 0
    megabytes: float = 0


def _photo(number: int) -> bytes:
    """12 megapixels, with the grain that a phone's camera leaves: 5 to 6 MB."""
    import numpy as np
    from PIL import Image

    from tests.documents import labelled

    small = labelled.scene(number).picture.resize((3024, 4032))
    grain = np.random.default_rng(number).normal(0, 6, (4032, 3024, 1)).astype(np.float32)
    kept = io.BytesIO()
    Image.fromarray((np.asarray(small) + grain).clip(0, 255).astype(np.uint8)).save(kept, "JPEG", quality=92)
    return kept.getvalue()


def _vast_photo(number: int) -> bytes:
    """As many pixels as are taken at all, 50 million."""
    from tests.documents import labelled

    kept = io.BytesIO()
    labelled.scene(number).picture.resize((6100, 8133)).save(kept, "JPEG", quality=85)
    return kept.getvalue()


def _scan(number: int) -> bytes:
    """A PDF of 10 MB: text and incompressible pictures on twenty pages."""
    import pikepdf

    from tests.documents.making import pdf

    def fill(made: pikepdf.Pdf) -> None:
        random = os.urandom(PDF_BYTES // 20 // 3 * 3 - 2000)
        for page in made.pages:
            image = pikepdf.Stream(
                made, bytes([number]) + random[1:], Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=len(random) // 300,
                Height=100, ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
            )  # fmt: skip
            page.Resources.XObject = pikepdf.Dictionary(Scan=image)
            page.Contents = made.make_stream(
                b"q 500 0 0 600 40 40 cm /Scan Do Q BT /F1 24 Tf 72 700 Td (Diploma No 107724) Tj ET"
            )

    return pdf(fill, pages=20)


async def _sessions() -> list[str]:
    """Signed-in workers, all different."""
    from sqlmodel import col, select

    from medcab import clock, db
    from medcab.accounts.models import Factor, LoginSession, Membership, Person, Standing
    from medcab.security import tokens

    now, given = clock.now(), [tokens.make() for _ in range(SENDERS + OTHERS + 1)]
    async with db.transaction() as session:
        found = select(Person.id).where(
            col(Person.standing) == Standing.ACTIVE, col(Person.id).in_(select(col(Membership.person_id)))
        )
        people = (await session.exec(found.order_by(col(Person.id)).limit(len(given)))).all()
        assert len(people) == len(given)
        session.add_all(
            LoginSession(
                token_hash=tokens.fingerprint(token), person_id=person, factor=Factor.SMS, created_at=now, seen_at=now,
                expires_at=now + timedelta(hours=1),
            )
            for token, person in zip(given, people, strict=True)
        )  # fmt: skip
    await db.close()
    return given


@asynccontextmanager
async def _user(port: int, token: str, number: int) -> AsyncIterator[httpx.AsyncClient]:
    from medcab.api import SESSION_COOKIE

    origin = f"http://127.0.0.1:{port}"
    headers = {"Cookie": f"{SESSION_COOKIE}={token}", "Origin": origin, "X-Forwarded-For": f"198.51.{number}.7"}
    async with httpx.AsyncClient(base_url=origin, headers=headers, trust_env=False, timeout=60) as client:
        yield client


async def _send(user: httpx.AsyncClient, content: bytes, name: str) -> float:
    """Seconds from the first byte to the verdict, which must be that it is taken."""
    form = await user.get("/api/files/form")
    headers = {"X-CSRF-Token": form.json()["csrf"], "Cookie": _cookies(user, form)}
    began = time.perf_counter()
    answer = await user.post("/api/files", files={"file": (name, content)}, headers=headers)
    took = time.perf_counter() - began
    if answer.status_code != 200 or "again" in answer.json():
        raise RuntimeError(answer.text)
    return took


def _cookies(user: httpx.AsyncClient, form: httpx.Response) -> str:
    given = "; ".join(f"{name}={value}" for name, value in form.cookies.items())
    return f"{user.headers['Cookie']}; {given}" if given else user.headers["Cookie"]


async def _click(user: httpx.AsyncClient, felt: Felt, until: asyncio.Event) -> None:
    """A request that finds out who asks, in the database, again and again."""
    import random

    while not until.is_set():
        await asyncio.sleep(random.uniform(0, 2 * PAUSE))
        began = time.perf_counter()
        (await user.get("/api/files/form")).raise_for_status()
        felt.clicks.append(time.perf_counter() - began)


def _memory(root: int) -> float:
    """MB that the process and all it started have in memory; what they share is counted once."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(_share(each) for each in family) / 1024


def _share(process: int) -> float:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(float(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


async def _watch_memory(root: int, felt: Felt, until: asyncio.Event) -> None:
    while not until.is_set():
        felt.megabytes = max(felt.megabytes, await asyncio.to_thread(_memory, root))
        await asyncio.sleep(0.1)


async def _alone(port: int, token: str, files: list[tuple[str, bytes]]) -> list[float]:
    async with _user(port, token, 1) as user:
        return [await _send(user, content, name) for name, content in files]


async def _together(port: int, root: int, tokens: list[str], files: list[tuple[str, bytes]]) -> Felt:
    """Everybody at once: the senders one file after another, the others clicking."""
    felt, over = Felt(idle=_memory(root)), asyncio.Event()

    async def clicking(token: str, number: int) -> None:
        async with _user(port, token, 100 + number) as user:
            await _click(user, felt, over)

    others = [asyncio.create_task(clicking(token, number)) for number, token in enumerate(tokens[SENDERS:])]
    others.append(asyncio.create_task(_watch_memory(root, felt, over)))
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn")
    ) as process:  # or sending would slow the clicks on this side
        sending = process.submit(_send_all, port, tokens[:SENDERS], files)
        felt.verdicts = await asyncio.wrap_future(sending)
    over.set()
    await asyncio.gather(*others)
    return felt


def _send_all(port: int, tokens: list[str], files: list[tuple[str, bytes]]) -> list[float]:
    """Each sender one file after another, all senders at once."""

    async def all_of_them() -> list[list[float]]:
        shares = [files[number::SENDERS] for number in range(SENDERS)]
        return await asyncio.gather(*(_sent(port, tokens[n], n, share) for n, share in enumerate(shares)))

    return [seconds for each in asyncio.run(all_of_them()) for seconds in each]


async def _sent(port: int, token: str, number: int, files: list[tuple[str, bytes]]) -> list[float]:
    async with _user(port, token, 10 + number) as user:
        return [await _send(user, content, name) for name, content in files]


def measure(home: Path) -> list[Line]:
    """First one sender, for the verdict; then several at once, for everybody else and for the memory."""
    houses.with_clinic(home / "clinic")
    tokens = asyncio.run(_sessions())
    scans = [("скан.pdf", _scan(number)) for number in range(ALONE + SENDERS * SENT // 2)]
    photos = [("снимок.jpg", _photo(number)) for number in range(ALONE + SENDERS * SENT // 2)]
    os.environ["MEDCAB_TRUSTED_PROXIES"] = "1"
    with houses.serving(home / "clinic") as (port, root):
        asyncio.run(_alone(port, tokens[0], [("разогрев.pdf", _scan(99))]))  # the sandbox is up
        pdf, photo = (asyncio.run(_alone(port, tokens[0], kind[:ALONE])) for kind in (scans, photos))
        heavy = [each for pair in zip(scans[ALONE:], photos[ALONE:], strict=True) for each in pair]
        felt = asyncio.run(_together(port, root, tokens[1:], heavy))
        vast = [("снимок.jpg", _vast_photo(number)) for number in range(SENDERS)]
        worst = asyncio.run(_together(port, root, tokens[1:], vast)).megabytes
    late = percentile(felt.clicks, 0.95) * 1000
    return [
        at_most("a PDF of 10 MB until the verdict", median(pdf), VERDICT, "s", detail=f"worst {max(pdf):.2f}"),
        at_most("a photograph of 12 megapixels until the verdict", median(photo), VERDICT, "s", detail=f"worst {max(photo):.2f}"),
        at_most(f"a click of {OTHERS} others while {SENDERS} send such files, 95th percentile", late, LATE, "ms", detail=f"median {percentile(felt.clicks, 0.5) * 1000:.0f}"),
        Line(f"verdict while {SENDERS} send at once, median", f"{median(felt.verdicts):.2f} s (worst {max(felt.verdicts):.2f})"),
        at_most("highest memory of the server and its sandboxes meanwhile", felt.megabytes, MEMORY, "MB", detail=f"before: {felt.idle:.0f}"),
        at_most(f"the same while {SENDERS} send 50 megapixels each", worst, WORST_MEMORY, "MB"),
    ]  # fmt: skip
