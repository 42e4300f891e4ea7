"""Tariffs, plans of volumes, registers of done visits with what the payers answered, and files that are being looked through."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.finance.rules.sums import Outcome
from medcab.schedule.rules.visits import Payer, VisitKind
from medcab.security.crypto import EncryptedText


class Tariff(SQLModel, table=True):
    """What a visit costs. That no day has two is a constraint of the database (see the migrations)."""

    __table_args__ = (
        sa.CheckConstraint("kopecks > 0", name="ck_tariff_kopecks"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="ck_tariff_days"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    payer: Payer = Field(sa_column=sa.Column(words(Payer), nullable=False))
    specialty: str = Field(max_length=500)
    kind: VisitKind = Field(sa_column=sa.Column(words(VisitKind), nullable=False))
    kopecks: int = Field(sa_type=sa.BigInteger)
    since: date
    until: date | None = None
    used_until: date | None = None
    """The last day on which a register took this price: up to it nothing may be changed."""


class VolumePlan(SQLModel, table=True):
    """What a department is to bill to a payer in a month; `month` is its first day."""

    __tablename__ = "volume_plan"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.CheckConstraint("visits >= 0 AND kopecks >= 0", name="ck_volume_plan"),)

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    month: date = Field(primary_key=True)
    payer: Payer = Field(sa_column=sa.Column(words(Payer), primary_key=True))
    organisation_id: UUID = Field(foreign_key="organisation.id")
    visits: int
    kopecks: int = Field(sa_type=sa.BigInteger)


class Bill(SQLModel, table=True):
    """A month's register of one payer; its lines are frozen when it is made. Those after the first hold what came late or goes again."""

    __table_args__ = (sa.UniqueConstraint("organisation_id", "month", "payer", "number"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    month: date
    payer: Payer = Field(sa_column=sa.Column(words(Payer), nullable=False))
    number: int = 1
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="person.id")


class BillLine(SQLModel, table=True):
    """A visit in a register as it was sent, at the price of its day: what the payer reads of it does not change with the schedule, the
    patient's own data aside. Month, payer and place are repeated so that a report reads one index.

    A visit has one line at a time that is not refused: that is the last one, and reports count only it. A done visit with such a line
    can neither be taken back nor change its payer (`ck_billed_visit`, see the migrations).
    """

    __tablename__ = "bill_line"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("kopecks > 0", name="ck_bill_line_kopecks"),
        sa.CheckConstraint("(outcome = 'rejected') = (reason_code <> '')", name="ck_bill_line_reason"),
        sa.CheckConstraint("again_at IS NULL OR outcome = 'rejected'", name="ck_bill_line_again"),
        sa.CheckConstraint("outcome = 'rejected' OR is_last = (outcome <> 'withdrawn')", name="ck_bill_line_last"),
        sa.UniqueConstraint("bill_id", "number"),
        sa.Index(
            "uq_bill_line_last", "appointment_id", unique=True, sqlite_where=sa.text("is_last"), postgresql_where=sa.text("is_last")
        ),
        sa.Index(
            "ix_bill_line_report", "organisation_id", "is_last", "department_id", "month", "payer", "outcome", "reason_code", "kopecks",
            "is_first",
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    bill_id: UUID = Field(foreign_key="bill.id")
    number: int
    """In the register: what the payer's answer names it by."""
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID = Field(foreign_key="department.id")
    month: date
    payer: Payer = Field(sa_column=sa.Column(words(Payer), nullable=False))
    practitioner_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime
    kind: VisitKind = Field(sa_column=sa.Column(words(VisitKind), nullable=False))
    specialty: str = Field(max_length=500)
    kopecks: int = Field(sa_type=sa.BigInteger)
    outcome: Outcome = Field(default=Outcome.WAITING, sa_column=sa.Column(words(Outcome), nullable=False))
    reason_code: str = Field(default="", max_length=20)
    reason: str = Field(default="", max_length=1000)
    """In the payer's own words."""
    is_first: bool = True
    """No line of the visit had been asked for before, those taken back aside."""
    is_last: bool = True
    again_at: datetime | None = None
    """When somebody put it right, so that the next register takes the visit again."""


class FinanceSheet(SQLModel, table=True):
    """Tariffs, or the answers to a register, that were read from a file and not applied yet; swept away after a day."""

    __tablename__ = "finance_sheet"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    bill_id: UUID | None = Field(default=None, foreign_key="bill.id")
    """Whose answers these are; None: tariffs."""
    name: str = Field(max_length=200)
    content: str = Field(sa_column=sa.Column(EncryptedText("finance.sheet"), nullable=False))
    """The table as it was read, JSON."""
    created_at: datetime = Field(index=True)
