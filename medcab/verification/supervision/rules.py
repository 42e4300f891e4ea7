"""Notices of the supervision service (product G1): what they are about. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from medcab.identifiers.sameness import plain_digits, plain_licence


class NoticeKind(StrEnum):
    """What happened, as the service names it."""

    LICENCE_WITHDRAWN = "licence_withdrawn"
    LICENCE_SUSPENDED = "licence_suspended"
    LICENCE_RESTORED = "licence_restored"
    ACCREDITATION_EXCLUDED = "accreditation_excluded"
    ACCREDITATION_RESTORED = "accreditation_restored"


TITLES = {
    NoticeKind.LICENCE_WITHDRAWN: "действие лицензии прекращено",
    NoticeKind.LICENCE_SUSPENDED: "действие лицензии приостановлено",
    NoticeKind.LICENCE_RESTORED: "действие лицензии возобновлено",
    NoticeKind.ACCREDITATION_EXCLUDED: "запись об аккредитации исключена",
    NoticeKind.ACCREDITATION_RESTORED: "запись об аккредитации восстановлена",
}
OF_LICENCE = frozenset({NoticeKind.LICENCE_WITHDRAWN, NoticeKind.LICENCE_SUSPENDED, NoticeKind.LICENCE_RESTORED})
LOSES_LICENCE = OF_LICENCE - {NoticeKind.LICENCE_RESTORED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice. `number` is the service's own and unique; `subject` is a licence's number, or a person's SNILS."""

    number: str
    kind: NoticeKind
    subject: str
    basis: str
    issued_at: datetime

    @property
    def subject_kept(self) -> str:
        """The subject in the form in which it is compared."""
        return plain_licence(self.subject) if self.kind in OF_LICENCE else plain_digits(self.subject)
