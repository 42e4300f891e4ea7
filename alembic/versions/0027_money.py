"""who pays for a visit; tariffs, plans of volumes, registers of done visits with what was answered"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_PAYERS = ("oms", "dms", "paid", "budget")
_SQLITE = """
CREATE TRIGGER ex_tariff_overlap_{when} BEFORE {event} ON tariff
BEGIN
  SELECT RAISE(ABORT, 'ex_tariff_overlap') FROM tariff
  WHERE organisation_id = NEW.organisation_id AND payer = NEW.payer AND specialty = NEW.specialty AND kind = NEW.kind
    AND since <= coalesce(NEW.until, '9999-12-31') AND coalesce(until, '9999-12-31') >= NEW.since AND id <> NEW.id;
END
"""
_POSTGRESQL = """
ALTER TABLE tariff ADD CONSTRAINT ex_tariff_overlap
EXCLUDE USING gist (
  organisation_id WITH =, payer WITH =, specialty WITH =, kind WITH =, daterange(since, until, '[]') WITH &&
)
"""


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _payer() -> sa.Enum:
    return _words("payer", *_PAYERS)


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], initially="DEFERRED", deferrable=True)


def upgrade() -> None:
    listed = ", ".join(f"'{payer}'" for payer in _PAYERS)
    op.execute(  # not in a batch, which would lose the triggers of the table
        sa.text(
            "ALTER TABLE appointment ADD COLUMN payer VARCHAR(32) DEFAULT 'oms' NOT NULL"
            f" CONSTRAINT payer CHECK (payer IN ({listed}))"
        )
    )
    _tariffs()
    op.create_table(
        "volume_plan",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("visits >= 0 AND kopecks >= 0", name="ck_volume_plan"),
        _refers("department_id", "department"),
        _refers("organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("department_id", "month", "payer"),
    )
    _bills()


def _tariffs() -> None:
    op.create_table(
        "tariff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        sa.Column("specialty", _TEXT(length=500), nullable=False),
        sa.Column("kind", _words("visitkind", "first", "repeat", "prophylactic"), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("kopecks > 0", name="ck_tariff_kopecks"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="ck_tariff_days"),
        _refers("organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tariff_organisation_id", "tariff", ["organisation_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(_POSTGRESQL))
        return
    op.execute(sa.text(_SQLITE.format(when="insert", event="INSERT")))
    op.execute(sa.text(_SQLITE.format(when="update", event="UPDATE")))


def _bills() -> None:
    op.create_table(
        "bill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        _refers("organisation_id", "organisation"),
        _refers("made_by_id", "person"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "month", "payer"),
    )
    op.create_table(
        "bill_line",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("outcome", _words("outcome", "waiting", "accepted", "rejected"), nullable=False),
        sa.Column("reason_code", _TEXT(length=20), nullable=False),
        sa.Column("reason", _TEXT(length=200), nullable=False),
        sa.CheckConstraint("kopecks > 0", name="ck_bill_line_kopecks"),
        sa.CheckConstraint("(outcome = 'rejected') = (reason_code <> '')", name="ck_bill_line_reason"),
        *(_refers(f"{name}_id", name) for name in ("appointment", "bill", "organisation", "department")),
        sa.PrimaryKeyConstraint("appointment_id"),
    )
    op.create_index("ix_bill_line_bill_id", "bill_line", ["bill_id"])
    of_report = ["organisation_id", "month", "department_id", "payer", "outcome", "reason_code", "kopecks"]
    op.create_index("ix_bill_line_report", "bill_line", of_report)


def downgrade() -> None:
    for table in ("bill_line", "bill", "volume_plan", "tariff"):
        op.drop_table(table)
    op.drop_column("appointment", "payer")
