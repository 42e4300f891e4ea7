"""What else lies in a worker's folder: training with its hours, a medical book, a qualification category."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from medcab.demo.clinic import identity
from medcab.demo.loader import insert
from medcab.demo.staff import Story, Worker, workers
from medcab.documents.kinds.rules import Category, DocumentKind
from medcab.documents.models import Document

_SCHOOL = "Приволжская медицинская академия имени Н. Ф. Дроздова"
_COURSES = ("Актуальные вопросы специальности", "Неотложная помощь на амбулаторном приёме", "Клинические рекомендации: новое за год", "Диспансерное наблюдение")  # fmt: skip
_EVENTS = (
    "Вебинар «Ведение полиморбидного пациента»",
    "Научно-практическая конференция региона",
    "Интерактивный модуль НМО",
)
_SHARE_WITHOUT_BOOK, _SHARE_WITH_CATEGORY = 0.08, 0.3
_LONGEST_SINCE_CHECK = 340


def load(connection: sa.Connection, now: datetime, today: date) -> None:
    """Papers without scans: nobody sends them to the register."""
    rng = np.random.default_rng(31)
    medical = [worker for worker in workers() if worker.story not in (Story.NOT_NEEDED, Story.DRAFT)]
    insert(connection, Document, [row for worker in medical for row in _papers(rng, worker, now, today)])


def _papers(rng: np.random.Generator, worker: Worker, now: datetime, today: date) -> list[dict[str, Any]]:
    courses = [
        _paper(worker, f"course/{n}", now, kind=DocumentKind.COURSE, number=f"7819{rng.integers(10**6, 10**7)}", issuer=_SCHOOL,
               specialty=str(rng.choice(_COURSES)), issued_on=_before(rng, today, 1400), hours=int(rng.choice([18, 36, 36, 72])))
        for n in range(int(rng.integers(1, 4)))
    ]  # fmt: skip
    events = [
        _paper(worker, f"event/{n}", now, kind=DocumentKind.EVENT, number=f"{rng.integers(10**9, 10**10)}", issuer="Портал НМО",
               specialty=str(rng.choice(_EVENTS)), issued_on=_before(rng, today, 1400), hours=int(rng.integers(2, 9)))
        for n in range(int(rng.integers(2, 8)))
    ]  # fmt: skip
    return [*courses, *events, *_medical_book(rng, worker, now, today), *_category(rng, worker, now, today)]


def _medical_book(rng: np.random.Generator, worker: Worker, now: datetime, today: date) -> list[dict[str, Any]]:
    """Most were looked at within the year; a few forgot."""
    if rng.random() < _SHARE_WITHOUT_BOOK:
        return []
    days = int(rng.integers(5, _LONGEST_SINCE_CHECK)) + (60 if rng.random() < _SHARE_WITHOUT_BOOK else 0)
    return [_paper(worker, "book", now, kind=DocumentKind.MEDICAL_BOOK, number=f"{rng.integers(10**6, 10**7)}",
                   issuer="Центр медицинских осмотров", issued_on=today - timedelta(days=days))]  # fmt: skip


def _category(rng: np.random.Generator, worker: Worker, now: datetime, today: date) -> list[dict[str, Any]]:
    if rng.random() > _SHARE_WITH_CATEGORY:
        return []
    return [_paper(worker, "category", now, kind=DocumentKind.QUALIFICATION, number=f"{rng.integers(100, 999)}-к",
                   issuer="Аттестационная комиссия департамента здравоохранения", specialty=worker.training.title,
                   issued_on=_before(rng, today, 1750), category=str(rng.choice(list(Category))))]  # fmt: skip


def _before(rng: np.random.Generator, today: date, days: int) -> date:
    return today - timedelta(days=int(rng.integers(20, days)))


def _paper(worker: Worker, name: str, now: datetime, **written: Any) -> dict[str, Any]:
    row = {
        "hours": None,
        "category": None,
        "specialty": "",
        "file_id": None,
        "expires_on": None,
        "series": "",
        **written,
    }
    return {
        **row, "kind": row["kind"].value, "id": identity("paper", f"{worker.login}/{name}"), "person_id": worker.id,
        "created_at": now - timedelta(days=100),
    }  # fmt: skip
