"""calendars for other programs by a secret link; when a visit was changed last"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", _TEXT(length=64), nullable=False),
        sa.Column("name", _TEXT(length=60), nullable=False),
        sa.Column("with_names", sa.Boolean(), nullable=False),
        sa.Column("with_hours", sa.Boolean(), nullable=False),
        sa.Column("made_at", _MOMENT(), nullable=False),
        sa.Column("read_at", _MOMENT(), nullable=True),
        sa.Column("journalled_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_hash"),
    )
    op.create_index("ix_calendar_feed_person_id", "calendar_feed", ["person_id"], unique=False)
    op.add_column("appointment", sa.Column("changed_at", _MOMENT(), nullable=True))


def downgrade() -> None:
    op.drop_column("appointment", "changed_at")
    op.drop_table("calendar_feed")
