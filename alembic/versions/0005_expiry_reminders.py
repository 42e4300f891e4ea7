"""what has been told of permits that run out"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expiry_reminder",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("speciality", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("person_id", "speciality", "valid_until", "step"),
    )


def downgrade() -> None:
    op.drop_table("expiry_reminder")
