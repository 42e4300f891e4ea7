"""a rate holds from its day on, and somebody who comes back keeps the time that was

What stands in a membership are the terms with which it began: they need no carrying over, and hold until others are written down.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_KEY = ["person_id", "organisation_id", "department_id", "role"]
_NO_DEPARTMENT, _NOT_REPLACED = sa.text("department_id IS NULL"), sa.text("replaced_at IS NULL")
_CONVENTION = {"uq": "uq_%(table_name)s_%(column_0_N_name)s"}
"""For SQLite, where the first migration gave the constraint no name."""
_SQLITE = """
CREATE TRIGGER ex_membership_overlap_{when} BEFORE {event} ON membership
BEGIN
  SELECT RAISE(ABORT, 'ex_membership_overlap') FROM membership
  WHERE person_id = NEW.person_id AND organisation_id = NEW.organisation_id AND department_id IS NEW.department_id AND role = NEW.role
    AND since <= coalesce(NEW.until, '9999-12-31') AND coalesce(until, '9999-12-31') >= NEW.since AND id <> NEW.id;
END
"""
_POSTGRESQL = """
ALTER TABLE membership ADD CONSTRAINT ex_membership_overlap
EXCLUDE USING gist (
  person_id WITH =, organisation_id WITH =, coalesce(department_id, '00000000-0000-0000-0000-000000000000') WITH =, role WITH =,
  daterange(since, until, '[]') WITH &&
)
WHERE (until IS NULL OR until >= since)
"""


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _name() -> str:
    return (
        "membership_person_id_organisation_id_department_id_role_key"
        if _is_postgresql()
        else f"uq_membership_{'_'.join(_KEY)}"
    )


def upgrade() -> None:
    op.drop_index("ux_membership_of_clinic", "membership")
    with op.batch_alter_table("membership", naming_convention=_CONVENTION) as table:
        table.drop_constraint(_name(), type_="unique")
    if _is_postgresql():
        op.execute(sa.text(_POSTGRESQL))
    else:
        op.execute(sa.text(_SQLITE.format(when="insert", event="INSERT")))
        op.execute(sa.text(_SQLITE.format(when="update", event=f"UPDATE OF {', '.join(_KEY)}, since, until")))
    op.create_table(
        "employment_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("post", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("replaced_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("rate BETWEEN 5 AND 200", name="ck_employment_terms_rate"),
        _refers("membership_id", "membership"),
        _refers("made_by_id", "person"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_employment_terms_membership_id", "employment_terms", ["membership_id"])
    op.create_index(
        "ux_employment_terms", "employment_terms", ["membership_id", "since"], unique=True,
        sqlite_where=_NOT_REPLACED, postgresql_where=_NOT_REPLACED,
    )  # fmt: skip


def downgrade() -> None:
    """The release before knows one time of a role in a place, and one rate of it."""
    _demand_nothing_lost()
    op.drop_table("employment_terms")
    if _is_postgresql():
        op.execute(sa.text("ALTER TABLE membership DROP CONSTRAINT ex_membership_overlap"))
    else:
        for when in ("insert", "update"):
            op.execute(sa.text(f"DROP TRIGGER ex_membership_overlap_{when}"))
    with op.batch_alter_table("membership", naming_convention=_CONVENTION) as table:
        table.create_unique_constraint(_name(), _KEY)
    op.create_index(
        "ux_membership_of_clinic", "membership", ["person_id", "organisation_id", "role"], unique=True,
        sqlite_where=_NO_DEPARTMENT, postgresql_where=_NO_DEPARTMENT,
    )  # fmt: skip


def _demand_nothing_lost() -> None:
    lost = {
        "rates and posts that hold from a day on": "SELECT count(*) FROM employment_terms",
        "people who came back to a place": (
            f"SELECT count(*) FROM (SELECT 1 FROM membership GROUP BY {', '.join(_KEY)} HAVING count(*) > 1) AS again"  # noqa: S608  (our own words)
        ),
    }  # fmt: skip
    found = {what: op.get_bind().execute(sa.text(query)).scalar_one() for what, query in lost.items()}
    if told := ", ".join(f"{what}: {count}" for what, count in found.items() if count):
        raise RuntimeError(
            f"The release before cannot keep the past of employments ({told}). Restore a backup instead of taking this migration back."
        )


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], initially="DEFERRED", deferrable=True)
