"""proofs of identity"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("bank", "video", name="way", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("proved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("identity_index", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("issuer", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("subject_index", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(way = 'video') = (operator_id IS NOT NULL)", name="ck_identity_proof_operator"),
        sa.CheckConstraint("operator_id <> person_id", name="ck_identity_proof_not_own"),
        sa.CheckConstraint("(way = 'bank') = (subject_index <> '')", name="ck_identity_proof_subject"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_identity_proof_person_id", "identity_proof", ["person_id"])
    op.create_index("ix_identity_proof_subject_index", "identity_proof", ["subject_index"])


def downgrade() -> None:
    op.drop_table("identity_proof")
