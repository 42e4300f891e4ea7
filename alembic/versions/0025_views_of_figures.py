"""when a day's figures changed last; a person's own views of them, views that colleagues sent"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.add_column("day_figures", sa.Column("counted_at", _MOMENT(), nullable=True))
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", _TEXT(length=60), nullable=False),
        sa.Column("address", _TEXT(length=500), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("made_at", _MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_view_owner", "saved_view", ["person_id", "organisation_id"], unique=False)
    op.create_table(
        "sent_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("note", _TEXT(length=200), nullable=False),
        sa.Column("address", _TEXT(length=500), nullable=False),
        sa.Column("sent_at", _MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["sender_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sent_view_owner", "sent_view", ["person_id", "organisation_id"], unique=False)

    op.create_table(
        "monthly_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("made_at", _MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("department_id", "month"),
    )


def downgrade() -> None:
    for table in ("monthly_report", "sent_view", "saved_view"):
        op.drop_table(table)
    op.drop_column("day_figures", "counted_at")
