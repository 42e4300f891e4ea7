"""The nightly comparison with the register: people a second against the sandbox's program, and whether many cost more than few.

MEDCAB_BENCH_PEOPLE=100000 measures a larger second size than the usual one.
"""

import asyncio
import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench import home as houses
from bench.report import Line, Watch, at_most

FEW, MANY = 1000, int(os.environ.get("MEDCAB_BENCH_PEOPLE", "10000"))
AT_LEAST = 200
_LOADED_AT_ONCE = 2000
_LEAST_PAUSE = 0.1
"""Between two pages, as the durable work makes it."""


@dataclass(frozen=True)
class Round:
    """How one went: seconds, the process's highest memory in MB, and people compared."""

    seconds: float
    megabytes: float
    people: int

    @property
    def a_second(self) -> float:
        return self.people / self.seconds


def measure(home: Path) -> list[Line]:
    """Each size in an installation of its own; seeding and comparing in processes of their own, so that the memory is the round's."""
    few, many = (_round_of(home / f"nightly-{people}", people) for people in (FEW, MANY))
    speed = min(few.a_second, many.a_second)
    said = f"{FEW}: {few.a_second:.0f}, {MANY}: {many.a_second:.0f}"
    return [
        Line("people compared with the register a second", f"{speed:.0f} ({said})", f"≥ {AT_LEAST}", speed >= AT_LEAST),
        at_most(f"cost of one of {MANY} / of one of {FEW}", few.a_second / many.a_second, 1.15),
        at_most("their highest memory", many.megabytes / few.megabytes, 1.1, detail=f"{many.megabytes:.0f} / {few.megabytes:.0f} MB"),
    ]  # fmt: skip


def _round_of(home: Path, people: int) -> Round:
    ports = {"sandbox_port": houses.free_port(), "smtp_port": houses.free_port()}
    houses.settle(home, register_url="", register_people_per_second=1_000_000, **ports)
    _apart(_staff, people)
    with houses.program("-m", "medcab.cli", "sandbox"):
        return _apart(_compare, ports["sandbox_port"])


def _apart(work: Callable[[int], Any], argument: int) -> Any:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, argument).result()


def _staff(people: int) -> None:
    """So many active workers, each with a confirmed case, here and in the register."""
    from medcab import schema
    from medcab.demo.loader import transaction
    from medcab.sandbox.store import Store
    from medcab.settings import get_settings

    schema.upgrade()
    schema.load()
    store = Store(get_settings().data_dir / "sandbox")
    for first in range(0, people, _LOADED_AT_ONCE):
        with transaction(schema.sync_engine()) as connection:
            _load(connection, store, range(first, min(people, first + _LOADED_AT_ONCE)))
    store.close()


def _load(connection: Any, store: Any, numbers: range) -> None:
    from medcab.accounts.models import Person, Standing
    from medcab.demo.loader import insert
    from medcab.identifiers import snils
    from medcab.integrations.federal_register.mapping import licence_payloads, to_payload
    from medcab.verification.models import CaseItem, VerificationCase
    from medcab.verification.queries import CLAIM, FINDING
    from medcab.verification.rules import compare
    from tests.cast import MORNING, person
    from tests.verification.people import TODAY, doctor, held

    whole = held(doctor())
    findings = compare(doctor(), whole, today=TODAY)
    worded = [
        (item.value, finding.state.value, FINDING.dump_json(finding).decode()) for item, finding in findings.items()
    ]
    claims = [replace(doctor(), snils=snils.with_check_digits(f"{10_000_000 + n * 7:09}")) for n in numbers]
    cases = [uuid4() for _ in numbers]
    rows = [
        person(100_000 + n, "Соловьёва-Королёва", standing=Standing.ACTIVE).model_dump() | {"id": UUID(int=n + 1), "snils_index": bytes(str(n), "ascii").rjust(32)}
        for n in numbers
    ]  # fmt: skip
    insert(connection, Person, rows)
    insert(connection, VerificationCase, [
        {"id": case, "person_id": UUID(int=n + 1), "state": "active", "version": 1, "checked_claim": CLAIM.dump_json(claim).decode(),
         "claim": "{}", "created_at": MORNING, "updated_at": MORNING}
        for case, n, claim in zip(cases, numbers, claims, strict=True)
    ])  # fmt: skip
    insert(connection, CaseItem, [
        {"id": uuid4(), "case_id": case, "item": item, "state": state, "finding": text} for case in cases for item, state, text in worded
    ])  # fmt: skip
    known = [
        replace(whole, person=replace(whole.person, oid=f"1.2.{n}", snils=claim.snils))
        for n, claim in zip(numbers, claims, strict=True)
    ]
    store.put_people(map(to_payload, known), licence_payloads(whole))


def _compare(sandbox_port: int) -> Round:
    """One round, page by page, with the pauses that the durable work makes."""
    while not houses.speaks(sandbox_port, "/health", 200):
        time.sleep(0.05)
    return asyncio.run(_go_through())


async def _go_through() -> Round:
    from medcab import db, watch
    from medcab.verification import queries
    from medcab.verification.watch import service

    async with db.transaction() as session:
        begun = await service.begin(session)
    with Watch() as clock:
        for _ in range(begun.people):  # never more pages than people
            if (later := await watch.compare_page(begun.id, {"round_id": str(begun.id)})) is None:
                break
            await asyncio.sleep(max(later.seconds or 0, _LEAST_PAUSE))
    async with db.reading() as session:
        held = await queries.newest_round(session)
    assert held
    assert (held.done, held.changed, held.unanswered) == (held.people, 0, 0)
    await db.close()
    return Round(clock.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, held.done)
