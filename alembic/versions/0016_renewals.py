"""a renewal names the paper before it: one for each paper, and no circles"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LIVE = sa.text("renews_id IS NOT NULL AND replaced_at IS NULL AND removed_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("document") as table:
        table.add_column(sa.Column("renews_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("renews_generation", sa.Integer(), nullable=True))
        table.add_column(sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("document") as table:
        table.alter_column("generation", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        table.create_unique_constraint("ux_document_generation", ["id", "generation"])
        table.create_check_constraint("ck_document_renews", "(renews_id IS NULL) = (renews_generation IS NULL)")
        table.create_check_constraint("ck_document_generation", "generation = coalesce(renews_generation + 1, 0)")
        table.create_foreign_key(
            "fk_document_renews", "document", ["renews_id", "renews_generation"], ["id", "generation"],
            deferrable=True, initially="DEFERRED",
        )  # fmt: skip
    op.create_index(
        "ux_document_renews", "document", ["renews_id"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )


def downgrade() -> None:
    op.drop_index("ux_document_renews", "document")
    with op.batch_alter_table("document") as table:
        table.drop_constraint("fk_document_renews", type_="foreignkey")
        table.drop_constraint("ck_document_generation", type_="check")
        table.drop_constraint("ck_document_renews", type_="check")
        table.drop_constraint("ux_document_generation", type_="unique")
    with op.batch_alter_table("document") as table:
        for column in ("generation", "renews_generation", "renews_id"):
            table.drop_column(column)
