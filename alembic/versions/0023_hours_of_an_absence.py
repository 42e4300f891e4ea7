"""an absence of some hours, and many visits moved without one; where each of them stood, to the last detail"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_HOURS = "starts BETWEEN 0 AND 1439 AND ends BETWEEN 1 AND 1440 AND (until > since OR ends > starts)"
_TABLES = ("reception_closed", "absence")


def upgrade() -> None:
    for name in _TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("starts", sa.Integer(), nullable=False, server_default="0"))
            table.add_column(sa.Column("ends", sa.Integer(), nullable=False, server_default="1440"))
            table.create_check_constraint(f"ck_{name}_hours", _HOURS)
    with op.batch_alter_table("absence") as table:
        table.add_column(sa.Column("closes", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.create_check_constraint("ck_absence_closed", "closes OR closed_id IS NULL")
    with op.batch_alter_table("absence_visit") as table:
        table.add_column(sa.Column("from_confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        reason = sqlmodel.sql.sqltypes.AutoString(length=200)
        table.add_column(sa.Column("from_over_reason", reason, nullable=False, server_default=""))
    for name in _TABLES:
        with op.batch_alter_table(name) as table:
            for column in ("starts", "ends", *(("closes",) if name == "absence" else ())):
                table.alter_column(column, server_default=None)
    with op.batch_alter_table("absence_visit") as table:
        table.alter_column("from_over_reason", server_default=None)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM absence_visit WHERE absence_id IN (SELECT id FROM absence WHERE NOT closes)"))
    op.execute(sa.text("DELETE FROM absence WHERE NOT closes"))
    op.execute(sa.text("UPDATE absence SET closed_id = NULL WHERE starts > 0 OR ends < 1440"))
    op.execute(sa.text("DELETE FROM reception_closed WHERE starts > 0 OR ends < 1440"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            sa.text("SET CONSTRAINTS ALL IMMEDIATE")
        )  # or the tables could not be altered in the same transaction
    with op.batch_alter_table("absence_visit") as table:
        table.drop_column("from_over_reason")
        table.drop_column("from_confirmed_at")
    with op.batch_alter_table("absence") as table:
        table.drop_constraint("ck_absence_closed", type_="check")
        table.drop_column("closes")
    for name in _TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"ck_{name}_hours", type_="check")
            table.drop_column("ends")
            table.drop_column("starts")
