"""hours that come again week by week, and days without any"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reception_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Enum("all", "odd", "even", name="weeks", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("break_starts", sa.Integer(), nullable=True),
        sa.Column("break_ends", sa.Integer(), nullable=True),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("room", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("specialty", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("on_holidays", sa.Boolean(), nullable=False),
        sa.Column("written_until", sa.Date(), nullable=False),
        sa.CheckConstraint("ends > starts", name="ck_reception_template_order"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="ck_reception_template_weekdays"),
        sa.CheckConstraint("(break_starts IS NULL) = (break_ends IS NULL)", name="ck_reception_template_break"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="ck_reception_template_days"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["practitioner_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("ix_reception_template_department_id", "reception_template", ["department_id"])
    op.create_index("ix_reception_template_practitioner_id", "reception_template", ["practitioner_id"])
    op.create_table(
        "reception_closed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.CheckConstraint("until >= since", name="ck_reception_closed_days"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["practitioner_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reception_closed_practitioner_id", "reception_closed", ["practitioner_id"])


def downgrade() -> None:
    op.drop_table("reception_closed")
    op.drop_table("reception_template")
