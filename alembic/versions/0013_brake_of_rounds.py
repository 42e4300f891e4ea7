"""a round counts whom it has asked and who has lost everything; a notice is the reason of one round"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("register_round") as table:
        table.add_column(sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("lost", sa.Integer(), nullable=False, server_default="0"))
        table.create_unique_constraint("uq_register_round_notice_id", ["notice_id"])


def downgrade() -> None:
    with op.batch_alter_table("register_round") as table:
        table.drop_constraint("uq_register_round_notice_id", type_="unique")
        table.drop_column("lost")
        table.drop_column("asked")
