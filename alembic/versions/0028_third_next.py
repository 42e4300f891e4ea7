"""how soon somebody who calls can be seen, each morning"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "third_next",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("specialty", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("measured_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("third_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("department_id", "day", "specialty"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("third_next")
