"""Video sessions: the operators' hours, one call that is about to begin, and one that is over."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from medcab.demo.clinic import identity
from medcab.demo.loader import insert
from medcab.proofs.video.models import VideoOperator, VideoSession
from medcab.proofs.video.rules import REASONS, SLOT, SessionState, Week

_OPERATORS = ("podderzhka", "podderzhka2")
_HOURS = (8 * 60, 20 * 60)
_SOON, _REFUSED = "konsultacii7", "diagnostika3"
_ROUND = timedelta(minutes=5)


def load(connection: sa.Connection, now: datetime) -> None:
    """Hours on every day of the week, so that there is always a time to choose."""
    week = Week(days=(_HOURS,) * 7).written()
    hours = [{"operator_id": identity("person", login), "week": week, "away_until": None} for login in _OPERATORS]
    insert(connection, VideoOperator, hours)
    begins = now + _ROUND - timedelta(minutes=now.minute % 5)
    yesterday = now - timedelta(days=1)
    over = {
        "state": SessionState.REFUSED, "arrived_at": yesterday, "began_at": yesterday, "ended_at": yesterday + SLOT, "version": 3, "call": 1,
        "told": REASONS["picture"].told,
    }  # fmt: skip
    insert(connection, VideoSession, [_session(_SOON, begins, now), _session(_REFUSED, yesterday, now) | over])


def _session(login: str, starts_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": identity("video-session", login), "person_id": identity("person", login), "operator_id": identity("person", _OPERATORS[0]),
        "starts_at": starts_at, "state": SessionState.BOOKED, "version": 1, "booked_at": now - timedelta(days=3), "reminded_at": now,
        "arrived_at": None, "began_at": None, "ended_at": None, "identity_index": "", "word": "", "told": "", "still_id": None,
        "still_at": None, "call": 0, "offer": "", "answer": "",
    }  # fmt: skip
