"""kill -9 at each step of a check, again and again: no question is lost, none is answered twice."""

import multiprocessing
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from medcab import db
from medcab.outbox import OutboxMessage
from medcab.verification.checking import service as checking
from medcab.verification.models import CheckRun
from medcab.verification.rules import Item, ItemState
from tests import checks_worker
from tests.cast import Cast
from tests.conftest import POSTGRES
from tests.outbox import sent
from tests.sandbox.running import REGISTER_KEY, Sandbox
from tests.test_jobs import _keys
from tests.verification.conftest import Applicant
from tests.verification.people import doctor, held

ROUNDS = 2 * checks_worker.STEPS if POSTGRES else 50


@pytest.fixture
async def applicant(cast: Cast, register: Sandbox) -> Applicant:
    """The register says every time that the diploma is another one."""
    made = Applicant(cast.unverified, doctor())
    register.load(held(made.claim))
    await made.give_everything()
    await made.give(Item.DIPLOMA, number="0123465")
    await made.confirm_by_code()
    await made.submit()
    return made


@pytest.mark.long
async def test_killed_at_every_step_fifty_times(
    applicant: Applicant, register: Sandbox, database: str, tmp_path: Path
) -> None:
    environment = {
        "MEDCAB_DATABASE_URL": database, "MEDCAB_DATA_DIR": str(tmp_path), **_keys(tmp_path),
        "MEDCAB_REGISTER_URL": register.url, "MEDCAB_REGISTER_KEY": REGISTER_KEY.hex(),
    }  # fmt: skip
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([checks_worker.__name__])

    def serve(die_at: int) -> int | None:
        process = processes.Process(target=checks_worker.run, args=(environment, die_at))
        process.start()
        process.join(60)
        return process.exitcode

    ends = Counter()
    for number in range(ROUNDS):
        if ItemState.CHECKING not in set((await applicant.states()).values()):
            await applicant.retry()
        ends[serve(number % checks_worker.STEPS + 1)] += 1
    assert serve(0) == 0
    assert set(ends) <= {0, 9}
    assert ends[9] > ROUNDS // 2, "most of them died where they were told to"
    async with db.reading() as session:
        runs = (await session.exec(select(CheckRun))).all()
        asked = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == checking.CHECK))).all()
    assert sorted(run.case_version for run in runs) == list(range(1, len(asked) + 1)), "each sending is answered, once"
    assert all(message.done_at for message in asked)
    assert len([one for one in await sent("mail") if "нужны исправления" in one["subject"]]) == len(asked)
    assert (await applicant.states())[Item.DIPLOMA] is ItemState.MISMATCH
