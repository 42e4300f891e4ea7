"""what became of each item; disputes, which two people decide"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BEGINNINGS = """
INSERT INTO case_item_event (id, case_id, item, at, source, state, code, finding)
SELECT id, case_id, item, checked_at, 'register', state, code, finding FROM case_item WHERE checked_at IS NOT NULL
"""
"""What was known of each item until now is the first thing that became of it. The event takes the row's id: one of each, and sealed alike."""


def upgrade() -> None:
    op.create_table(
        "case_item_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "worker",
                "register",
                "comparison",
                "operator",
                "clock",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("finding", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["case_id"], ["verification_case.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_item_event_item", "case_item_event", ["case_id", "item", "at"])
    op.execute(_BEGINNINGS)

    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "asked",
                "proposed",
                "accepted",
                "refused",
                "withdrawn",
                "closed",
                name="disputestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("waiting_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposal", sa.LargeBinary(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reminded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'accepted' OR (proposed_by_id IS NOT NULL AND confirmed_by_id IS NOT NULL AND review_on IS NOT NULL)",
            name="ck_dispute_accepted_by_two",
        ),
        sa.CheckConstraint("state <> 'proposed' OR proposed_by_id IS NOT NULL", name="ck_dispute_proposed_by_one"),
        sa.CheckConstraint("confirmed_by_id <> person_id", name="ck_dispute_not_own_confirmation"),
        sa.CheckConstraint("confirmed_by_id <> proposed_by_id", name="ck_dispute_four_eyes"),
        sa.CheckConstraint("proposed_by_id <> person_id", name="ck_dispute_not_own_proposal"),
        sa.ForeignKeyConstraint(["case_id"], ["verification_case.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_dispute_person_id", "dispute", ["person_id"])
    op.create_index("ix_dispute_queue", "dispute", ["state", "waiting_since"])
    op.create_index(
        "ux_dispute_open",
        "dispute",
        ["case_id", "item"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'asked', 'proposed')"),
        postgresql_where=sa.text("state IN ('waiting', 'asked', 'proposed')"),
    )

    op.create_table(
        "dispute_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opened",
                "added",
                "asked",
                "proposed",
                "sent_back",
                "confirmed",
                "refused",
                "withdrawn",
                "closed",
                "changed",
                "ended",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_dispute_entry_dispute", "dispute_entry", ["dispute_id", "at"])

    op.create_table(
        "dispute_paper",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("dispute_id", "document_id"),
    )


def downgrade() -> None:
    for table in ("dispute_paper", "dispute_entry", "dispute", "case_item_event"):
        op.drop_table(table)
