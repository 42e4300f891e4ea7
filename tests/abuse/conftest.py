"""One real server for the whole suite, people in every part, and a look at the database from outside."""

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import SQLModel, col, select

from medcab import db, frontend, schema, server
from medcab.access import Actor, Role
from medcab.accounts.inbox.models import Notice
from medcab.accounts.models import Factor, LoginSession, Membership, PasswordRecord, Person, SignInRecord
from medcab.accounts.sessions import service as sessions
from medcab.accounts.sessions.service import Started
from medcab.audit import AuditEntry
from medcab.dashboards.monthly.models import MonthlyReport
from medcab.dashboards.views.models import SavedView
from medcab.documents.models import Document, StoredFile
from medcab.finance.models import Bill, BillLine, FinanceSheet, Tariff
from medcab.proofs.video.models import VideoSession
from medcab.proofs.video.rules import SessionState
from medcab.schedule.diagnoses.models import VisitDiagnosis
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.entry import Course, DiagnosisKind
from medcab.schedule.feeds.models import CalendarFeed
from medcab.schedule.models import Appointment, ReceptionClosed, ReceptionTemplate
from medcab.schedule.resources.models import Resource, ResourceClosed, ResourceKind
from medcab.schedule.rota.models import RotaSheet
from medcab.schedule.rules.templates import Weeks
from medcab.schedule.rules.visits import AppointmentStatus, Payer, VisitKind
from medcab.schedule.rules.waiting import Urgency, WishState
from medcab.schedule.waiting.models import Wish
from medcab.settings import SECRETS, Settings
from medcab.staff.models import Invitation, StaffSheet
from tests.abuse.wire import Site
from tests.cast import FOREIGN_WARD, OTHER_CLINIC, Cast, settle
from tests.conftest import POSTGRES, _postgres

Enter = Callable[[Actor], Awaitable[str]]
FOREIGN_NAME = "Чужой"
NO_PASSWORD = "$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43
"""A hash that no password has."""
FOREIGN = {
    "view_id": UUID(int=0xFA1), "report_id": UUID(int=0xFA2),
    "organisation_id": OTHER_CLINIC, "department_id": FOREIGN_WARD, "session_id": UUID(int=0xF1), "record_id": UUID(int=0xF2),
    "document_id": UUID(int=0xF3), "file_id": UUID(int=0xF4), "appointment_id": UUID(int=0xF5), "person_id": UUID(int=11),
    "patient_id": UUID(int=0xF6), "membership_id": UUID(int=0xF7), "invitation_id": UUID(int=0xF8), "sheet_id": UUID(int=0xF9),
    "template_id": UUID(int=0xFA), "closed_id": UUID(int=0xFB), "video_id": UUID(int=0xFC), "who": UUID(int=11),
    "resource_id": UUID(int=0xE1), "device_id": UUID(int=0xE2),
    "tariff_id": UUID(int=0xFA3), "bill_id": UUID(int=0xFA4), "line_id": UUID(int=0xFA5),
    "diagnosis_id": UUID(int=0xFA6), "wish_id": UUID(int=0xFD), "feed_id": UUID(int=0xFE), "notice_id": UUID(int=0xFA7),
}  # fmt: skip
"""By the name of the argument: something that exists and belongs to a doctor of another clinic."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def _home(template: str, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's database with the cast in it; its URL."""
    if POSTGRES:
        name = f"medcab_abuse_{uuid4().hex[:8]}"
        _postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
        url = f"{POSTGRES}/{name}"
    else:
        path = tmp_path_factory.mktemp("abuse") / "medcab.db"
        path.write_bytes(Path(template).read_bytes())
        url = f"sqlite+aiosqlite:///{path}"
    yield url
    if POSTGRES:
        _postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def cast(_home: str, settings: Settings) -> Cast:
    """The cast, and what belongs to the doctor of the other clinic."""

    async def fill() -> Cast:
        async with db.transaction() as session:
            made = settle(session)
            _foreign_belongings(session)
            for actor in made.everyone().values():
                session.add(PasswordRecord(person_id=actor.person_id, hash=NO_PASSWORD, set_at=datetime.now(UTC)))
        await db.close()
        return made

    settings.database_url = _home
    return asyncio.run(fill())


def _foreign_belongings(session: object) -> None:
    owner, now = FOREIGN["person_id"], datetime.now(UTC)
    later = now + timedelta(days=1)
    session.add_all([  # type: ignore[attr-defined]
        LoginSession(id=FOREIGN["session_id"], token_hash="f" * 64, person_id=owner, factor=Factor.TOTP, created_at=now, seen_at=now, expires_at=later),
        SignInRecord(id=FOREIGN["record_id"], person_id=owner, at=now, outcome="success"),
        StoredFile(id=FOREIGN["file_id"], person_id=owner, name=f"{FOREIGN_NAME}.pdf", mime="application/pdf", size=1, sha256="f" * 64, created_at=now),
        Document(id=FOREIGN["document_id"], person_id=owner, kind="diploma", number=FOREIGN_NAME, file_id=FOREIGN["file_id"], created_at=now),
        Appointment(
            id=FOREIGN["appointment_id"], organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, practitioner_id=owner,
            patient_id=FOREIGN["patient_id"], kind=next(iter(VisitKind)), status=AppointmentStatus.BOOKED, starts_at=later,
            ends_at=later + timedelta(minutes=15), booked_at=now,
        ),
        VisitDiagnosis(
            id=FOREIGN["diagnosis_id"], appointment_id=FOREIGN["appointment_id"], code="J06.9", chapter="X", kind=DiagnosisKind.MAIN,
            course=Course.FIRST, age_group=AgeGroup.ADULT, made_by_id=owner, made_at=now,
        ),
        _foreign_patient(),
        ReceptionTemplate(
            id=FOREIGN["template_id"], organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, practitioner_id=owner, weekdays=1, weeks=Weeks.ALL,
            starts=540, ends=600, slot_minutes=15, since=later.date(), written_until=now.date(),
        ),
        Wish(
            id=FOREIGN["wish_id"], organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, patient_id=FOREIGN["patient_id"], practitioner_id=owner,
            kind=next(iter(VisitKind)), urgency=Urgency.PLANNED, since=now.date(), until=later.date(), state=WishState.WAITING, created_at=now,
            created_by_id=owner,
        ),
        ReceptionClosed(id=FOREIGN["closed_id"], organisation_id=OTHER_CLINIC, practitioner_id=owner, since=later.date(), until=later.date()),
        Resource(id=FOREIGN["resource_id"], organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, kind=ResourceKind.ROOM, name=FOREIGN_NAME),
        Resource(id=FOREIGN["device_id"], organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, kind=ResourceKind.DEVICE, name=f"{FOREIGN_NAME} 2"),
        CalendarFeed(id=FOREIGN["feed_id"], person_id=owner, organisation_id=OTHER_CLINIC, secret_hash="d" * 64, name=FOREIGN_NAME, with_names=True, made_at=now),
        SavedView(id=FOREIGN["view_id"], person_id=owner, organisation_id=OTHER_CLINIC, name=FOREIGN_NAME, address="/figures", made_at=now),
        Notice(id=FOREIGN["notice_id"], person_id=owner, subject=FOREIGN_NAME, text=FOREIGN_NAME, told_at=now),
        MonthlyReport(id=FOREIGN["report_id"], department_id=FOREIGN_WARD, month=now.date().replace(day=1), made_at=now),
        ResourceClosed(id=FOREIGN["closed_id"], resource_id=FOREIGN["resource_id"], starts_at=later, ends_at=later + timedelta(hours=1)),
        VideoSession(id=FOREIGN["video_id"], person_id=owner, operator_id=UUID(int=6), starts_at=later, state=SessionState.BOOKED, booked_at=now, word="1234"),
        Membership(id=FOREIGN["membership_id"], person_id=owner, organisation_id=OTHER_CLINIC, role=Role.PHARMACIST, since=now.date()),
        StaffSheet(id=FOREIGN["sheet_id"], organisation_id=OTHER_CLINIC, person_id=owner, name=FOREIGN_NAME, rows="[]", created_at=now),
        RotaSheet(id=FOREIGN["sheet_id"], organisation_id=OTHER_CLINIC, person_id=owner, name=FOREIGN_NAME, content="[]", created_at=now),
        Invitation(
            id=FOREIGN["invitation_id"], organisation_id=OTHER_CLINIC, email="guest@medcab.example", email_index="f" * 32, family_name=FOREIGN_NAME,
            given_name="Анна", role=Role.NURSE, token_hash="e" * 64, created_at=now, sent_at=now, expires_at=later,
        ),
        *_foreign_money(owner, now),
    ])  # fmt: skip


def _foreign_money(owner: UUID, now: datetime) -> list[object]:
    month = now.date().replace(day=1)
    return [
        Tariff(
            id=FOREIGN["tariff_id"], organisation_id=OTHER_CLINIC, payer=Payer.OMS, specialty=FOREIGN_NAME, kind=next(iter(VisitKind)), kopecks=1,
            since=month,
        ),
        Bill(id=FOREIGN["bill_id"], organisation_id=OTHER_CLINIC, month=month, payer=Payer.OMS, made_at=now),
        BillLine(
            id=FOREIGN["line_id"], appointment_id=FOREIGN["appointment_id"], bill_id=FOREIGN["bill_id"], number=1, organisation_id=OTHER_CLINIC,
            department_id=FOREIGN_WARD, month=month, payer=Payer.OMS, kopecks=1, practitioner_id=owner, starts_at=now, kind=VisitKind.FIRST,
            specialty="Терапия",
        ),
        FinanceSheet(id=FOREIGN["sheet_id"], organisation_id=OTHER_CLINIC, person_id=owner, name=FOREIGN_NAME, content="[[], []]", created_at=now),
    ]  # fmt: skip


def _foreign_patient() -> object:
    from tests.cast import patient

    made = patient(OTHER_CLINIC, FOREIGN_NAME, number=77)
    made.id = FOREIGN["patient_id"]
    return made


@pytest.fixture(scope="session")
def site(_home: str, cast: Cast, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server's own process, started as an operator starts it."""
    if not frontend.is_built():
        pytest.skip("The front end is not built: `medcab build` first.")
    data, port = tmp_path_factory.mktemp("server"), _free_port()
    given = {f"MEDCAB_{name.upper()}": getattr(settings, name).get_secret_value() for name in SECRETS}
    given |= {
        "MEDCAB_MODE": "test", "MEDCAB_DATA_DIR": str(data), "MEDCAB_DATABASE_URL": _home, "MEDCAB_PORT": str(port),
        "MEDCAB_SANDBOX_PORT": str(_free_port()), "MEDCAB_TRUSTED_PROXIES": "1",
    }  # fmt: skip
    log = data / "log"
    with log.open("wb") as written, _running(given, written) as program, pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "READY_SECONDS", 90)  # the machine may be busy; how fast a start is stands in the bench
        server.wait_ready(f"http://127.0.0.1:{port}/ping", program)
        yield Site(f"http://127.0.0.1:{port}", log, program.pid)


@contextmanager
def _running(given: dict[str, str], written: object) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "medcab.cli", "run"]
    program = subprocess.Popen(
        command, env={**os.environ, **given}, stdout=written, stderr=written, start_new_session=True
    )  # type: ignore[call-overload]
    try:
        yield program
    finally:
        program.terminate()
        try:
            program.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)  # with its worker


@pytest.fixture(autouse=True)
async def _same_database(_home: str, settings: Settings) -> AsyncIterator[None]:
    """This process looks at the server's database."""
    await db.close()
    settings.database_url = _home
    yield
    await db.close()


_entered: dict[UUID, Started] = {}
FRESH = timedelta(minutes=1)
"""A session is shared by tests for so long: it must still count as stepped up wherever it is used."""


async def enter(actor: Actor) -> str:
    """Sign the person in past the forms, unless they are and nothing happened to that session; the cookie's token."""
    async with db.transaction() as session:
        if (known := _entered.get(actor.person_id)) and _as_begun(await session.get(LoginSession, known.session_id)):
            return known.token
        person = await session.get(Person, actor.person_id)
        assert person
        _entered[actor.person_id] = started = await sessions.start(session, person, Factor.TOTP)
        return started.token


def _as_begun(begun: LoginSession | None) -> bool:
    if begun is None or begun.ended_at or begun.organisation_id:
        return False
    return datetime.now(UTC) - begun.created_at < FRESH


async def refusals(ip: str) -> list[AuditEntry]:
    """What the server wrote down about this address."""
    async with db.reading() as session:
        mine = select(AuditEntry).where(AuditEntry.ip == ip, AuditEntry.outcome == "refused")
        return list((await session.exec(mine.order_by(col(AuditEntry.seq)))).all())


_GOES_ON = {"audit_entry", "register_round"}
"""The journal grows with refusals; a comparison that somebody was allowed to begin goes on by itself."""
_TIDE = {"seen_at", "started_at", "done_at"}


def contents() -> dict[str, str]:
    """A hash of every business table; when somebody was seen or a letter left is no business."""
    engine, found = schema.sync_engine(), {}
    with engine.connect() as connection:
        cursor = connection.connection.cursor()  # the driver's own: SQLAlchemy's rows cost most of the suite's looks
        for table in SQLModel.metadata.sorted_tables:
            if table.name in _GOES_ON:
                continue
            names = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in _TIDE)
            cursor.execute(f'SELECT {names} FROM "{table.name}"')
            rows = sorted(map(repr, cursor.fetchall()))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    engine.dispose()
    return found
