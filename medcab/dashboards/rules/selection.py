"""Whose visits, and which, a page of figures is narrowed to."""

from dataclasses import dataclass
from uuid import UUID

from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.visits import VisitKind


@dataclass(frozen=True, slots=True)
class Selection:
    """One doctor, or visits of one kind, or both; nothing given: everybody and everything.

    Hours are offered for no kind of visit: with a kind, nothing is offered and the use of slots is «нет данных».
    """

    doctor_id: UUID | None = None
    kind: VisitKind | None = None

    @classmethod
    def read(cls, doctor: str = "", kind: str = "") -> "Selection":
        """As an address has them. A kind that there is none of is as if it were not there; a doctor that is none stays one without figures."""
        return cls(_person(doctor), VisitKind(kind) if kind in set(VisitKind) else None)

    @property
    def kept_as(self) -> FigureKind:
        """Which rows of the roll-up count."""
        return FigureKind(self.kind.value) if self.kind else FigureKind.ALL


EVERYTHING = Selection()
_NOBODY = UUID(int=0)


def _person(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return _NOBODY
