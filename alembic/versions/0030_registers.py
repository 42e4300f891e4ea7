"""registers with numbers, lines that can be refused and go again, files that are looked through, and a done visit that stays done once billed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_REPORT = ["organisation_id", "month", "department_id", "payer", "outcome", "reason_code", "kopecks"]
_LIVE = "appointment_id = NEW.id AND outcome IN ('waiting', 'accepted')"
_TOUCHES = "(OLD.status = 'done' AND NEW.status <> 'done') OR OLD.payer <> NEW.payer"
_IN_ORDER = "row_number() OVER (PARTITION BY l.bill_id ORDER BY a.starts_at, a.id)"
_SQLITE = f"""
CREATE TRIGGER ck_billed_visit BEFORE UPDATE OF status, payer ON appointment WHEN {_TOUCHES}
BEGIN
  SELECT RAISE(ABORT, 'ck_billed_visit') FROM bill_line WHERE {_LIVE};
END
"""
_FUNCTION = f"""
CREATE FUNCTION ck_billed_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM bill_line WHERE {_LIVE}) THEN
    RAISE EXCEPTION 'ck_billed_visit' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_billed_visit';
  END IF;
  RETURN NEW;
END $$
"""
_TRIGGER = (
    "CREATE TRIGGER ck_billed_visit BEFORE UPDATE OF status, payer ON appointment"
    f" FOR EACH ROW WHEN ({_TOUCHES}) EXECUTE FUNCTION ck_billed_visit()"
)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _payer() -> sa.Enum:
    return _words("payer", "oms", "dms", "paid", "budget")


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], initially="DEFERRED", deferrable=True)


def upgrade() -> None:
    op.add_column("tariff", sa.Column("used_until", sa.Date(), nullable=True))
    _create_bill("bill_next", sa.Column("number", sa.Integer(), nullable=False), key=("month", "payer", "number"))
    op.execute(sa.text(
        "INSERT INTO bill_next (id, organisation_id, month, payer, number, made_at, made_by_id)"
        " SELECT id, organisation_id, month, payer, 1, made_at, made_by_id FROM bill"
    ))  # fmt: skip
    _create_lines()
    op.execute(sa.text(  # in the order that a register is written in
        "INSERT INTO bill_line_next (id, appointment_id, bill_id, number, organisation_id, department_id, month, payer, kopecks,"
        " outcome, reason_code, reason, is_last) SELECT l.appointment_id, l.appointment_id, l.bill_id,"
        f" {_IN_ORDER}, l.organisation_id, l.department_id, l.month, l.payer, l.kopecks,"
        f" l.outcome, l.reason_code, l.reason, {_true()} FROM bill_line l JOIN appointment a ON a.id = l.appointment_id"
    ))  # fmt: skip
    _replace()
    op.create_index("ix_bill_line_appointment_id", "bill_line", ["appointment_id"])
    op.create_index(
        "ix_bill_line_report", "bill_line", ["organisation_id", "is_last", "department_id", "month", *_REPORT[3:]]
    )
    op.create_index(
        "uq_bill_line_last", "bill_line", ["appointment_id"], unique=True,
        sqlite_where=sa.text("is_last"), postgresql_where=sa.text("is_last"),
    )  # fmt: skip
    _create_sheets()
    _mark_used()
    _guard()


def _true() -> str:
    return "true" if op.get_bind().dialect.name == "postgresql" else "1"


def _create_bill(name: str, *more: sa.Column, key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        *more,
        sa.Column("made_at", _MOMENT(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        _refers("organisation_id", "organisation"),
        _refers("made_by_id", "person"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", *key),
    )


def _create_lines() -> None:
    op.create_table(
        "bill_line_next",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("outcome", _words("outcome", "waiting", "accepted", "rejected", "withdrawn"), nullable=False),
        sa.Column("reason_code", _TEXT(length=20), nullable=False),
        sa.Column("reason", _TEXT(length=1000), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("again_at", _MOMENT(), nullable=True),
        sa.CheckConstraint("kopecks > 0", name="ck_bill_line_kopecks"),
        sa.CheckConstraint("(outcome = 'rejected') = (reason_code <> '')", name="ck_bill_line_reason"),
        sa.CheckConstraint("again_at IS NULL OR outcome = 'rejected'", name="ck_bill_line_again"),
        sa.CheckConstraint("outcome = 'rejected' OR is_last = (outcome <> 'withdrawn')", name="ck_bill_line_last"),
        _refers("appointment_id", "appointment"), _refers("bill_id", "bill_next"), _refers("organisation_id", "organisation"),
        _refers("department_id", "department"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bill_id", "number"),
    )  # fmt: skip


def _replace() -> None:
    """PostgreSQL first checks the keys of what was copied: it neither drops nor indexes a table while they wait."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        op.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
    op.drop_table("bill_line")
    op.drop_table("bill")
    op.rename_table("bill_next", "bill")
    op.rename_table("bill_line_next", "bill_line")


def _create_sheets() -> None:
    op.create_table(
        "finance_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=True),
        sa.Column("name", _TEXT(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
        _refers("organisation_id", "organisation"),
        _refers("person_id", "person"),
        _refers("bill_id", "bill"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_finance_sheet_organisation_id", "finance_sheet", ["organisation_id"])
    op.create_index("ix_finance_sheet_created_at", "finance_sheet", ["created_at"])


def _mark_used() -> None:
    """Of registers that stand it is not known which tariffs they took: all of their payer's, to the end of the last month."""
    last = "(SELECT max(month) FROM bill WHERE bill.organisation_id = tariff.organisation_id AND bill.payer = tariff.payer)"
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    end = (
        f"({last} + interval '1 month' - interval '1 day')::date"
        if is_postgresql
        else f"date({last}, '+1 month', '-1 day')"
    )
    op.execute(sa.text(f"UPDATE tariff SET used_until = {end} WHERE {end} >= since"))  # noqa: S608  (our own words)
    op.execute(sa.text("UPDATE tariff SET used_until = until WHERE until < used_until"))


def _guard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(_FUNCTION))
        op.execute(sa.text(_TRIGGER))
    else:
        op.execute(sa.text(_SQLITE))


def downgrade() -> None:
    """Lines of first registers only: the release before knows no other, nor their numbers. Files that are looked through are uploaded anew."""
    _demand_nothing_lost()
    op.execute(sa.text(
        "DROP TRIGGER ck_billed_visit" + (" ON appointment" if op.get_bind().dialect.name == "postgresql" else "")
    ))  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION ck_billed_visit"))
    op.drop_table("finance_sheet")
    _create_bill("bill_next", key=("month", "payer"))
    op.execute(sa.text(
        "INSERT INTO bill_next (id, organisation_id, month, payer, made_at, made_by_id)"
        " SELECT id, organisation_id, month, payer, made_at, made_by_id FROM bill"
    ))  # fmt: skip
    _create_old_lines()
    op.execute(sa.text(
        "INSERT INTO bill_line_next (appointment_id, bill_id, organisation_id, department_id, month, payer, kopecks, outcome, reason_code, reason)"
        " SELECT l.appointment_id, l.bill_id, l.organisation_id, l.department_id, l.month, l.payer, l.kopecks, l.outcome, l.reason_code,"
        " l.reason FROM bill_line l"
    ))  # fmt: skip
    _replace()
    op.create_index("ix_bill_line_bill_id", "bill_line", ["bill_id"])
    op.create_index("ix_bill_line_report", "bill_line", _REPORT)
    op.drop_column("tariff", "used_until")


def _demand_nothing_lost() -> None:
    """Numbers that payers know, lines that were taken back or went again, long words of payers: no upgrade could make them anew."""
    lost = {
        "further registers of a month": "SELECT count(*) FROM bill WHERE number > 1",
        "lines that were withdrawn": "SELECT count(*) FROM bill_line WHERE outcome = 'withdrawn'",
        "refused lines that went or go again": "SELECT count(*) FROM bill_line WHERE again_at IS NOT NULL OR (outcome = 'rejected' AND NOT is_last)",
        "reasons longer than 200 signs": "SELECT count(*) FROM bill_line WHERE length(reason) > 200",
        "numbers of lines that would be others": (
            f"SELECT count(*) FROM (SELECT l.number, {_IN_ORDER} AS anew FROM bill_line l"  # noqa: S608  (our own words)
            " JOIN appointment a ON a.id = l.appointment_id) AS numbered WHERE number <> anew"
        ),
    }  # fmt: skip
    found = {what: op.get_bind().execute(sa.text(query)).scalar_one() for what, query in lost.items()}
    if told := ", ".join(f"{what}: {count}" for what, count in found.items() if count):
        raise RuntimeError(
            f"The release before cannot keep what payers have been sent ({told}). Restore a backup instead of taking this migration back."
        )


def _create_old_lines() -> None:
    op.create_table(
        "bill_line_next",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payer", _payer(), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("outcome", _words("outcome", "waiting", "accepted", "rejected"), nullable=False),
        sa.Column("reason_code", _TEXT(length=20), nullable=False),
        sa.Column("reason", _TEXT(length=200), nullable=False),
        sa.CheckConstraint("kopecks > 0", name="ck_bill_line_kopecks"),
        sa.CheckConstraint("(outcome = 'rejected') = (reason_code <> '')", name="ck_bill_line_reason"),
        _refers("appointment_id", "appointment"), _refers("bill_id", "bill_next"), _refers("organisation_id", "organisation"),
        _refers("department_id", "department"),
        sa.PrimaryKeyConstraint("appointment_id"),
    )  # fmt: skip
