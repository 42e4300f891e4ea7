"""rounds of comparison with the register, and what it said otherwise"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("halted", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_register_round_started_at", "register_round", ["started_at"])
    op.create_index(
        "ux_register_round_open", "register_round", ["is_open"], unique=True, sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )  # fmt: skip
    op.create_table(
        "standing_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("noticed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("was", sa.LargeBinary(), nullable=False),
        sa.Column("now", sa.LargeBinary(), nullable=False),
        sa.Column("closes", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("opens", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["verification_case.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("case_id", "person_id", "noticed_at"):
        op.create_index(f"ix_standing_change_{column}", "standing_change", [column])


def downgrade() -> None:
    op.drop_table("standing_change")
    op.drop_table("register_round")
