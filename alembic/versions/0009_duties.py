"""reminders of every duty, not of permits only; where somebody wants them"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("expiry_reminder", "duty_reminder")
    op.execute("ALTER TABLE duty_reminder RENAME COLUMN speciality TO subject")
    op.create_table(
        "reminder_choice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("by_sms", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("person_id"),
    )


def downgrade() -> None:
    op.drop_table("reminder_choice")
    op.execute("ALTER TABLE duty_reminder RENAME COLUMN subject TO speciality")
    op.rename_table("duty_reminder", "expiry_reminder")
