"""what a line of a register says of its visit is written on the line: what was sent does not change with the schedule"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_REPORT = ["organisation_id", "is_last", "department_id", "month", "payer", "outcome", "reason_code", "kopecks"]
_KEPT = (
    "id, appointment_id, bill_id, number, organisation_id, department_id, month, payer, kopecks, outcome, reason_code, reason, is_last,"
    " again_at"
)
_SPECIALTY = (
    "coalesce((SELECT max(r.specialty) FROM reception r WHERE r.practitioner_id = a.practitioner_id AND r.department_id = l.department_id"
    " AND r.organisation_id = l.organisation_id AND r.starts_at <= a.starts_at AND a.starts_at < r.ends_at"
    "), '')"
)
"""As the register looked it up until now."""
_IS_FIRST = (
    "NOT EXISTS (SELECT 1 FROM bill_line f JOIN bill fb ON fb.id = f.bill_id WHERE f.appointment_id = l.appointment_id AND f.id <> l.id"
    " AND f.outcome <> 'withdrawn' AND (fb.made_at < b.made_at OR (fb.made_at = b.made_at AND fb.number < b.number)))"
)
_JOINED = "bill_line l JOIN bill b ON b.id = l.bill_id JOIN appointment a ON a.id = l.appointment_id"
_GUARD = """
CREATE TRIGGER ck_billed_visit BEFORE UPDATE OF status, payer ON appointment
WHEN (OLD.status = 'done' AND NEW.status <> 'done') OR OLD.payer <> NEW.payer
BEGIN
  SELECT RAISE(ABORT, 'ck_billed_visit') FROM bill_line WHERE appointment_id = NEW.id AND outcome IN ('waiting', 'accepted');
END
"""


def upgrade() -> None:
    _create(
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", _MOMENT(), nullable=False),
        sa.Column("kind", _words("visitkind", "first", "repeat", "prophylactic"), nullable=False),
        sa.Column("specialty", _TEXT(length=500), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        _refers("practitioner_id", "person"),
    )
    names = ", ".join(f"l.{name.strip()}" for name in _KEPT.split(","))
    op.execute(sa.text(
        f"INSERT INTO bill_line_next ({_KEPT}, practitioner_id, starts_at, kind, specialty, is_first)"
        f" SELECT {names}, a.practitioner_id, a.starts_at, a.kind, {_SPECIALTY}, {_IS_FIRST} FROM {_JOINED}"  # noqa: S608  (our own words)
    ))  # fmt: skip
    _replace([*_REPORT, "is_first"])


def downgrade() -> None:
    """Refused where a line says of its visit what the schedule does not say any more: it could not be found again."""
    lost = op.get_bind().execute(sa.text(
        f"SELECT count(*) FROM {_JOINED} WHERE l.practitioner_id <> a.practitioner_id OR l.starts_at <> a.starts_at"  # noqa: S608  (our own words)
        f" OR l.kind <> a.kind OR l.specialty <> {_SPECIALTY}"
    )).scalar_one()  # fmt: skip
    if lost:
        raise RuntimeError(
            f"{lost} lines of registers were sent with a day, doctor, kind or specialty that the schedule does not say:"
            " an older release would show other ones. Restore a backup instead of taking this migration back."
        )
    _create()
    op.execute(sa.text(f"INSERT INTO bill_line_next ({_KEPT}) SELECT {_KEPT} FROM bill_line"))  # noqa: S608  (our own words)
    _replace(_REPORT)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], initially="DEFERRED", deferrable=True)


def _create(*more: sa.Column | sa.ForeignKeyConstraint) -> None:
    op.create_table(
        "bill_line_next",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _words("payer", "oms", "dms", "paid", "budget"), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("outcome", _words("outcome", "waiting", "accepted", "rejected", "withdrawn"), nullable=False),
        sa.Column("reason_code", _TEXT(length=20), nullable=False),
        sa.Column("reason", _TEXT(length=1000), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("again_at", _MOMENT(), nullable=True),
        *more,
        sa.CheckConstraint("kopecks > 0", name="ck_bill_line_kopecks"),
        sa.CheckConstraint("(outcome = 'rejected') = (reason_code <> '')", name="ck_bill_line_reason"),
        sa.CheckConstraint("again_at IS NULL OR outcome = 'rejected'", name="ck_bill_line_again"),
        sa.CheckConstraint("outcome = 'rejected' OR is_last = (outcome <> 'withdrawn')", name="ck_bill_line_last"),
        _refers("appointment_id", "appointment"), _refers("bill_id", "bill"), _refers("organisation_id", "organisation"),
        _refers("department_id", "department"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bill_id", "number"),
    )  # fmt: skip


def _replace(report: list[str]) -> None:
    """PostgreSQL first checks the keys of what was copied; SQLite renames no table that a trigger asks for."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        op.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
    else:
        op.execute(sa.text("DROP TRIGGER ck_billed_visit"))
    op.drop_table("bill_line")
    op.rename_table("bill_line_next", "bill_line")
    op.create_index("ix_bill_line_appointment_id", "bill_line", ["appointment_id"])
    op.create_index("ix_bill_line_report", "bill_line", report)
    op.create_index(
        "uq_bill_line_last", "bill_line", ["appointment_id"], unique=True,
        sqlite_where=sa.text("is_last"), postgresql_where=sa.text("is_last"),
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text(_GUARD))
