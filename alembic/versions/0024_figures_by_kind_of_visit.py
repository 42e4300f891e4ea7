"""daily figures by kind of visit; attended minutes, and whether the first patient of a day was taken in time; where a rebuild has come to

The figures are counted anew from the visits and the hours, in one pass over each. Moscow has been three hours ahead since October 2014, and
no visit here is older.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OLD = (
    "offered_minutes", "booked_minutes", "planned", "done", "no_show", "cancelled", "late_cancelled", "waited", "waited_minutes",
    "wait_0_5", "wait_5_15", "wait_15_30", "wait_30_45", "wait_45",
)  # fmt: skip
_COUNTED = {
    "booked_minutes": "CASE WHEN lives THEN length ELSE 0 END",
    "attended_minutes": "CASE WHEN status = 'done' THEN length ELSE 0 END",
    "planned": "CASE WHEN lives THEN 1 ELSE 0 END",
    "done": "CASE WHEN status = 'done' THEN 1 ELSE 0 END",
    "no_show": "CASE WHEN status = 'no_show' THEN 1 ELSE 0 END",
    "cancelled": "CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END",
    "late_cancelled": "CASE WHEN status = 'cancelled' AND ahead < 1440 THEN 1 ELSE 0 END",
    "first_starts": "CASE WHEN begun AND place = 1 THEN 1 ELSE 0 END",
    "on_time_starts": "CASE WHEN begun AND place = 1 AND behind <= 5 THEN 1 ELSE 0 END",
    "waited": "CASE WHEN begun THEN 1 ELSE 0 END",
    "waited_minutes": "CASE WHEN begun AND wait > 0 THEN wait ELSE 0 END",
    "wait_0_5": "CASE WHEN begun AND wait < 5 THEN 1 ELSE 0 END",
    "wait_5_15": "CASE WHEN begun AND wait >= 5 AND wait < 15 THEN 1 ELSE 0 END",
    "wait_15_30": "CASE WHEN begun AND wait >= 15 AND wait < 30 THEN 1 ELSE 0 END",
    "wait_30_45": "CASE WHEN begun AND wait >= 30 AND wait < 45 THEN 1 ELSE 0 END",
    "wait_45": "CASE WHEN begun AND wait >= 45 THEN 1 ELSE 0 END",
}
_COUNT = """
INSERT INTO day_figures (department_id, kind, day, practitioner_id, organisation_id, offered_minutes, {names})
WITH visit AS (
  SELECT id, organisation_id, department_id, practitioner_id, kind, status, starts_at, started_at, {day} AS day,
    status <> 'cancelled' AS lives, status IN ('arrived', 'done') AND started_at IS NOT NULL AS begun,
    {length} AS length, {ahead} AS ahead, {behind} AS behind, {wait} AS wait
  FROM appointment WHERE status <> 'offered'
), placed AS (
  SELECT *, CASE WHEN begun THEN row_number() OVER (
    PARTITION BY department_id, day, practitioner_id, begun ORDER BY started_at, starts_at, id) END AS place
  FROM visit
), part AS (
  SELECT department_id, kind, day, practitioner_id, organisation_id, 0 AS offered_minutes, {sums}
  FROM placed GROUP BY department_id, kind, day, practitioner_id, organisation_id
), found AS (
  SELECT * FROM part
  UNION ALL SELECT department_id, 'all', day, practitioner_id, organisation_id, 0, {names} FROM part
  UNION ALL SELECT department_id, 'all', {day}, practitioner_id, organisation_id, {offered}, {zeros} FROM reception
)
SELECT department_id, kind, day, practitioner_id, organisation_id, sum(offered_minutes), {totals}
FROM found WHERE TRUE GROUP BY department_id, kind, day, practitioner_id, organisation_id
"""


def upgrade() -> None:
    op.drop_table("day_figures")
    op.create_table("day_figures", *_columns(is_new=True), sqlite_with_rowid=False)
    op.create_table(
        "figures_rebuilt",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("department_id", "month"),
    )
    _count()


def downgrade() -> None:
    """What is counted of all kinds is what was counted before there were kinds."""
    op.drop_table("figures_rebuilt")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE day_figures RENAME CONSTRAINT day_figures_pkey TO day_figures_by_kind_pkey"))
    op.rename_table("day_figures", "day_figures_by_kind")
    op.create_table("day_figures", *_columns(is_new=False))
    names = ", ".join(("department_id", "day", "practitioner_id", "organisation_id", *_OLD))
    op.execute(sa.text(f"INSERT INTO day_figures ({names}) SELECT {names} FROM day_figures_by_kind WHERE kind = 'all'"))
    _settle()
    op.drop_table("day_figures_by_kind")


def _columns(*, is_new: bool) -> list[sa.schema.SchemaItem]:
    kinds = sa.Enum(
        "all", "first", "repeat", "prophylactic", name="figurekind", native_enum=False, create_constraint=True, length=32
    )  # fmt: skip
    kind = [sa.Column("kind", kinds, nullable=False)] if is_new else []
    key = ("department_id", "kind", "day", "practitioner_id") if is_new else ("department_id", "day", "practitioner_id")
    return [
        sa.Column("department_id", sa.Uuid(), nullable=False), *kind, sa.Column("day", sa.Date(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False), sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (("offered_minutes", *_COUNTED) if is_new else _OLD)),
        *(sa.ForeignKeyConstraint([column], [target], initially="DEFERRED", deferrable=True) for column, target in (
            ("department_id", "department.id"), ("organisation_id", "organisation.id"), ("practitioner_id", "person.id"),
        )),
        sa.PrimaryKeyConstraint(*key),
    ]  # fmt: skip


def _count() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    minutes = _postgres if is_postgresql else _sqlite
    ready = "CASE WHEN arrived_at > starts_at THEN arrived_at ELSE starts_at END"
    length = minutes("starts_at", "ends_at")
    op.execute(sa.text(_COUNT.format(
        names=", ".join(_COUNTED), zeros=", ".join("0" for _ in _COUNTED),
        sums=", ".join(f"sum({counted}) AS {name}" for name, counted in _COUNTED.items()),
        totals=", ".join(f"sum({name})" for name in _COUNTED),
        day="CAST(starts_at AT TIME ZONE 'Europe/Moscow' AS date)" if is_postgresql else "date(substr(starts_at, 1, 19), '+3 hours')",
        length=length, ahead=minutes("cancelled_at", "starts_at"), behind=minutes("starts_at", "started_at"),
        wait=minutes(ready, "started_at"), offered=f"{length} / slot_minutes * slot_minutes",
    )))  # fmt: skip
    _settle()


def _sqlite(since: str, until: str) -> str:
    """Whole minutes; moments are text of a fixed length, microseconds last, which SQLite's own functions would round up to a second."""

    def instant(moment: str) -> str:
        return (
            f"(CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({moment}, 21, 6) AS INTEGER))"
        )  # fmt: skip

    return f"(({instant(until)} - {instant(since)}) / 60000000)"


def _postgres(since: str, until: str) -> str:
    return f"CAST(floor(extract(epoch FROM ({until}) - ({since})) / 60) AS integer)"


def _settle() -> None:
    """Or the table could not be altered again in the same transaction."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
