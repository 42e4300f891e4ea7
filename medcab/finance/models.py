"""Tariffs, plans of volumes, and registers of done visits with what the payers answered."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.finance.rules.sums import Outcome
from medcab.schedule.rules.visits import Payer, VisitKind


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
    """A month's register of one payer: made once, its lines are frozen then."""

    __table_args__ = (sa.UniqueConstraint("organisation_id", "month", "payer"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    month: date
    payer: Payer = Field(sa_column=sa.Column(words(Payer), nullable=False))
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="person.id")


class BillLine(SQLModel, table=True):
    """A visit in a register, at the price of its day. Month, payer and place are repeated so that a report reads one index."""

    __tablename__ = "bill_line"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("kopecks > 0", name="ck_bill_line_kopecks"),
        sa.CheckConstraint("(outcome = 'rejected') = (reason_code <> '')", name="ck_bill_line_reason"),
        sa.Index(
            "ix_bill_line_report", "organisation_id", "month", "department_id", "payer", "outcome", "reason_code", "kopecks"
        ),
    )  # fmt: skip

    appointment_id: UUID = Field(foreign_key="appointment.id", primary_key=True)
    bill_id: UUID = Field(foreign_key="bill.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID = Field(foreign_key="department.id")
    month: date
    payer: Payer = Field(sa_column=sa.Column(words(Payer), nullable=False))
    kopecks: int = Field(sa_type=sa.BigInteger)
    outcome: Outcome = Field(default=Outcome.WAITING, sa_column=sa.Column(words(Outcome), nullable=False))
    reason_code: str = Field(default="", max_length=20)
    reason: str = Field(default="", max_length=200)
