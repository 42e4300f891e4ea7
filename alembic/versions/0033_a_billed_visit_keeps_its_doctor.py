"""a done visit in a register keeps its doctor, as it keeps its mark and its payer; which visits were handed over"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_FORMER = "(OLD.status = 'done' AND NEW.status <> 'done') OR OLD.payer <> NEW.payer"
_NOW = f"{_FORMER} OR OLD.practitioner_id <> NEW.practitioner_id"


def upgrade() -> None:
    _guard("status, payer, practitioner_id", _NOW)
    op.create_table(
        "handed_over",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("from_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("to_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        _refers("appointment_id", "appointment"),
        _refers("from_practitioner_id", "person"),
        _refers("to_practitioner_id", "person"),
        _refers("made_by_id", "person"),
        sa.PrimaryKeyConstraint("appointment_id"),
    )


def downgrade() -> None:
    """The journal still has every hand-over with its visits; only what is ticked to go back is forgotten."""
    op.drop_table("handed_over")
    _guard("status, payer", _FORMER)


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], initially="DEFERRED", deferrable=True)


def _guard(columns: str, touches: str) -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(sa.text("DROP TRIGGER ck_billed_visit" + (" ON appointment" if is_postgresql else "")))
    if is_postgresql:
        op.execute(
            sa.text(
                f"CREATE TRIGGER ck_billed_visit BEFORE UPDATE OF {columns} ON appointment"
                f" FOR EACH ROW WHEN ({touches}) EXECUTE FUNCTION ck_billed_visit()"
            )
        )
    else:
        op.execute(
            sa.text(
                f"CREATE TRIGGER ck_billed_visit BEFORE UPDATE OF {columns} ON appointment WHEN {touches} BEGIN"
                " SELECT RAISE(ABORT, 'ck_billed_visit') FROM bill_line"
                " WHERE appointment_id = NEW.id AND outcome IN ('waiting', 'accepted'); END"
            )
        )
