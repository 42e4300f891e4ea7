"""diagnoses of visits, weekly counts of cases, weeks of earlier years, alerts"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_AGES = ("0", "1-14", "15-17", "18-59", "60+", "unknown")


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], initially="DEFERRED", deferrable=True)


def upgrade() -> None:
    _diagnoses()
    op.create_table(
        "week_cases",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("chapter", _TEXT(length=6), nullable=False),
        sa.Column("category", _TEXT(length=3), nullable=False),
        sa.Column("age_group", _words("agegroup", *_AGES), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("first_ever", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        _refers("department_id", "department"),
        _refers("organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("department_id", "week", "month", "chapter", "category", "age_group"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "past_week",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("chapter", _TEXT(length=6), nullable=False),
        sa.Column("first_ever", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_ever >= 0", name="ck_past_week"),
        _refers("department_id", "department"),
        sa.PrimaryKeyConstraint("department_id", "week", "chapter"),
        sqlite_with_rowid=False,
    )
    _alerts()


def _diagnoses() -> None:
    op.create_table(
        "visit_diagnosis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("code", _TEXT(length=8), nullable=False),
        sa.Column("chapter", _TEXT(length=6), nullable=False),
        sa.Column("kind", _words("diagnosiskind", "main", "secondary"), nullable=False),
        sa.Column("course", _words("course", "first", "this_year", "known"), nullable=False),
        sa.Column("age_group", _words("agegroup", *_AGES), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("struck_by_id", sa.Uuid(), nullable=True),
        sa.Column("struck_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_by_id IS NULL)", name="ck_visit_diagnosis_struck"),
        _refers("appointment_id", "appointment"),
        _refers("made_by_id", "person"),
        _refers("struck_by_id", "person"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visit_diagnosis_appointment", "visit_diagnosis", ["appointment_id"])
    stands, main = sa.text("struck_at IS NULL"), sa.text("struck_at IS NULL AND kind = 'main'")
    for name, columns, where in (
        ("uq_visit_diagnosis_code", ["appointment_id", "code"], stands),
        ("uq_visit_diagnosis_main", ["appointment_id"], main),
    ):
        op.create_index(name, "visit_diagnosis", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _alerts() -> None:
    op.create_table(
        "epidemic_alert",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("chapter", _TEXT(length=6), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        _refers("department_id", "department"),
        sa.PrimaryKeyConstraint("department_id", "week", "chapter"),
    )
    op.create_table(
        "week_watched",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        _refers("department_id", "department"),
        sa.PrimaryKeyConstraint("department_id", "week"),
    )


def downgrade() -> None:
    for table in ("week_watched", "epidemic_alert", "past_week", "week_cases", "visit_diagnosis"):
        op.drop_table(table)
