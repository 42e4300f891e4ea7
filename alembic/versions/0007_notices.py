"""notices of the supervision service, and the rounds they are the reason of"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LATER = {"initially": "DEFERRED", "deferrable": True}


def upgrade() -> None:
    op.create_table(
        "supervision_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False, unique=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("subject_index", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("basis", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_supervision_notice_subject_index", "supervision_notice", ["subject_index"])
    for table in ("register_round", "standing_change"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("notice_id", sa.Uuid(), nullable=True))
            changed.create_foreign_key(f"fk_{table}_notice", "supervision_notice", ["notice_id"], ["id"], **_LATER)


def downgrade() -> None:
    for table in ("register_round", "standing_change"):
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(f"fk_{table}_notice", type_="foreignkey")
            changed.drop_column("notice_id")
    op.drop_table("supervision_notice")
