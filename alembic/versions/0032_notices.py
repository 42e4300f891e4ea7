"""what the cabinet tells a person stays to be read in it"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    unread = sa.text("read_at IS NULL")
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("href", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("told_at", _MOMENT(), nullable=False),
        sa.Column("read_at", _MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_person", "notice", ["person_id", "told_at"])
    op.create_index("ix_notice_told_at", "notice", ["told_at"])
    op.create_index("ix_notice_unread", "notice", ["person_id"], sqlite_where=unread, postgresql_where=unread)


def downgrade() -> None:
    """What people were told went by mail as well, where they chose so; that it was read is forgotten."""
    op.drop_table("notice")
