"""what only some papers carry: hours of training, a category, a rate, a length of service"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("hours", sa.Integer(), nullable=True))
    op.add_column("document", sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True))
    op.add_column("document", sa.Column("rate", sa.Float(), nullable=True))
    op.add_column("document", sa.Column("months", sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in ("hours", "category", "rate", "months"):
        op.drop_column("document", column)
