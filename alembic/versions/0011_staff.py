"""the people of a clinic: rates, decisions, invitations, lists, departments that close"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NO_DEPARTMENT, _LIVING, _OPEN = sa.text("department_id IS NULL"), sa.text("closed_at IS NULL"), sa.text("is_open")
_NOT_LIFTED = sa.text("lifted_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=nullable)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _reference(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], initially="DEFERRED", deferrable=True)


def _only(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


_SAME_NAME = """
UPDATE department SET name = substr(name, 1, 120) || ' (' || id || ')' WHERE EXISTS (
    SELECT 1 FROM department AS other
    WHERE other.organisation_id = department.organisation_id AND other.name = department.name AND other.id < department.id)
"""
"""Nothing forbade two departments of one name until now: the later ones take their key into it, to be renamed by whoever knows them."""
_SAME_ROLE = """
DELETE FROM membership WHERE department_id IS NULL AND EXISTS (
    SELECT 1 FROM membership AS other
    WHERE other.person_id = membership.person_id AND other.organisation_id = membership.organisation_id AND other.role = membership.role
    AND other.department_id IS NULL AND other.id < membership.id)
"""
"""The same role of the same person in the same clinic twice gave nothing more than once."""


def upgrade() -> None:
    op.execute(_SAME_NAME)
    op.execute(_SAME_ROLE)
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("rate", sa.Integer(), nullable=False, server_default="100"))
        table.create_check_constraint("ck_membership_rate", "rate BETWEEN 5 AND 200")
    with op.batch_alter_table("membership") as table:
        table.alter_column("rate", server_default=None)
    _only("ux_membership_of_clinic", "membership", ["person_id", "organisation_id", "role"], _NO_DEPARTMENT)
    with op.batch_alter_table("department") as table:
        table.add_column(_moment("closed_at", nullable=True))
    _only("ux_department_name", "department", ["organisation_id", "name"], _LIVING)
    _decisions()
    _invitations()
    _sheets()


def _decisions() -> None:
    kinds = sa.Enum(
        "suspension", "dismissal", name="decisionkind", native_enum=False, length=32, create_constraint=True
    )
    op.create_table(
        "staff_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        _moment("decided_at"),
        _moment("lifted_at", nullable=True),
        sa.CheckConstraint("until >= since", name="ck_staff_decision_order"),
        _reference("person_id", "person.id"),
        _reference("organisation_id", "organisation.id"),
        _reference("decided_by_id", "person.id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_staff_decision_person_id", "staff_decision", ["person_id"])
    _only("ux_staff_decision", "staff_decision", ["person_id", "organisation_id", "kind"], _NOT_LIFTED)


def _invitations() -> None:
    roles = sa.Enum(
        "specialist", "therapist", "nurse", "pharmacist", "clinic_admin", "department_head", "support", "security_admin",
        name="role", native_enum=False, length=32, create_constraint=True,
    )  # fmt: skip
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        _text("email_index", 32),
        _text("family_name", 80),
        _text("given_name", 80),
        _text("patronymic", 80),
        sa.Column("role", roles, nullable=False),
        _text("post", 160),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        _text("token_hash", 64),
        sa.Column("invited_by_id", sa.Uuid(), nullable=True),
        _moment("created_at"),
        _moment("sent_at"),
        sa.Column("letters", sa.Integer(), nullable=False),
        _moment("expires_at"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        _text("outcome", 16),
        _moment("ended_at", nullable=True),
        sa.CheckConstraint("rate BETWEEN 5 AND 200", name="ck_invitation_rate"),
        _reference("organisation_id", "organisation.id"),
        _reference("department_id", "department.id"),
        _reference("invited_by_id", "person.id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    for column in ("organisation_id", "department_id", "email_index"):
        op.create_index(f"ix_invitation_{column}", "invitation", [column])
    _only("ux_invitation_open", "invitation", ["organisation_id", "email_index"], _OPEN)


def _sheets() -> None:
    op.create_table(
        "staff_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _text("name", 200),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _reference("organisation_id", "organisation.id"),
        _reference("person_id", "person.id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_staff_sheet_organisation_id", "staff_sheet", ["organisation_id"])
    op.create_index("ix_staff_sheet_created_at", "staff_sheet", ["created_at"])


def downgrade() -> None:
    for table in ("staff_sheet", "invitation", "staff_decision"):
        op.drop_table(table)
    op.drop_index("ux_department_name", "department")
    with op.batch_alter_table("department") as table:
        table.drop_column("closed_at")
    op.drop_index("ux_membership_of_clinic", "membership")
    with op.batch_alter_table("membership") as table:
        table.drop_constraint("ck_membership_rate", type_="check")
        table.drop_column("rate")
