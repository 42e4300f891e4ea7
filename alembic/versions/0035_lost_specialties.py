"""from which day to which a specialty was confirmed: what a check drops is kept with its last day"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what is confirmed now it is not known since when: it counts for all days before, as it did."""
    op.add_column("practice_right", sa.Column("since", sa.Date(), nullable=True))
    op.create_table(
        "former_practice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("specialty", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint("until >= since", name="ck_former_practice_order"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_former_practice_person_id", "former_practice", ["person_id"])


def downgrade() -> None:
    lost = op.get_bind().execute(sa.text("SELECT count(*) FROM former_practice")).scalar_one()
    lost += op.get_bind().execute(sa.text("SELECT count(*) FROM practice_right WHERE since IS NOT NULL")).scalar_one()
    if lost:
        raise RuntimeError(
            f"The release before cannot keep since when and until when specialties were confirmed ({lost}). Restore a backup instead of taking this migration back."
        )
    op.drop_table("former_practice")
    op.drop_column("practice_right", "since")
