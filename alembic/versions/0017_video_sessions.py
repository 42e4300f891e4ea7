"""video sessions and the hours at which they are held"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_LIVING = sa.text("state IN ('booked', 'running')")


def upgrade() -> None:
    op.create_table(
        "video_operator",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("week", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("operator_id"),
    )
    op.create_table(
        "video_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked", "running", "proved", "refused", "missed", "dropped", "cancelled",
                name="sessionstate", native_enum=False, create_constraint=True, length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("booked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reminded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("arrived_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("began_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("identity_index", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("word", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("told", sqlmodel.sql.sqltypes.AutoString(length=600), nullable=False),
        sa.Column("still_id", sa.Uuid(), nullable=True),
        sa.Column("still_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("offer", sqlmodel.sql.sqltypes.AutoString(length=10000), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=10000), nullable=False),
        sa.CheckConstraint("operator_id <> person_id", name="ck_video_session_not_own"),
        sa.CheckConstraint("state <> 'proved' OR still_at IS NOT NULL", name="ck_video_session_still"),
        sa.CheckConstraint("(state IN ('booked', 'running')) = (ended_at IS NULL)", name="ck_video_session_ended"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("still_id"),
    )  # fmt: skip
    op.create_index("ix_video_session_person_id", "video_session", ["person_id"])
    op.create_index("ix_video_session_starts_at", "video_session", ["starts_at"])
    for name, columns in (
        ("uq_video_session_slot", ["operator_id", "starts_at"]),
        ("uq_video_session_open", ["person_id"]),
    ):
        op.create_index(name, "video_session", columns, unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING)


def downgrade() -> None:
    op.drop_table("video_session")
    op.drop_table("video_operator")
