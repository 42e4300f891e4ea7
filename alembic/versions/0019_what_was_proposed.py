"""what the register said when the first operator proposed to accept"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    mark = sqlmodel.sql.sqltypes.AutoString(length=64)
    with op.batch_alter_table("dispute") as table:
        table.add_column(sa.Column("finding_mark", mark, nullable=False, server_default=""))
    with op.batch_alter_table("dispute") as table:
        table.alter_column("finding_mark", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("dispute") as table:
        table.drop_column("finding_mark")
