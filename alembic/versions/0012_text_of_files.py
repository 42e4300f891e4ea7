"""what stands in a file, sealed, for searching"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("text", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("stored_file", "text")
