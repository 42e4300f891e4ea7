"""what a schedule is fought for with: rooms and devices, absences, a waiting list, patients' answers

A visit may be offered (it holds its time until somebody answers) and may be booked on top of the plan (it holds no time). SQLite cannot change
a table's constraints: `appointment` is built anew there, and its triggers with it (decision 0006).
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TRIGGER = """
CREATE TRIGGER ex_appointment_overlap_{when} BEFORE {event} ON appointment
WHEN NEW.status NOT IN ('cancelled', 'no_show'){but_over}
BEGIN
  SELECT RAISE(ABORT, 'ex_appointment_overlap') FROM appointment
  WHERE practitioner_id = NEW.practitioner_id AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
    AND starts_at > datetime(NEW.starts_at, '-12 hours')
    AND status NOT IN ('cancelled', 'no_show'){and_over} AND id <> NEW.id;
END
"""
_EVENTS = {"insert": "INSERT", "update": "UPDATE OF practitioner_id, starts_at, ends_at, status{over}"}
_CONSTRAINT = """
ALTER TABLE appointment ADD CONSTRAINT ex_appointment_overlap
EXCLUDE USING gist (practitioner_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
WHERE (status NOT IN ('cancelled', 'no_show'){and_over})
"""
_RESOURCE_TRIGGER = """
CREATE TRIGGER ex_resource_overlap_{when} BEFORE {event} ON appointment_resource
WHEN NEW.is_held
BEGIN
  SELECT RAISE(ABORT, 'ex_resource_overlap') FROM appointment_resource
  WHERE resource_id = NEW.resource_id AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
    AND starts_at > datetime(NEW.starts_at, '-12 hours')
    AND is_held AND appointment_id <> NEW.appointment_id;
END
"""
_RESOURCE_EVENTS = {"insert": "INSERT", "update": "UPDATE OF resource_id, starts_at, ends_at, is_held"}
_RESOURCE_CONSTRAINT = """
ALTER TABLE appointment_resource ADD CONSTRAINT ex_resource_overlap
EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (is_held)
"""
_STATUSES = ("offered", "booked", "arrived", "done", "no_show", "cancelled")
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString
_INDEXES = {"department": "department_id", "patient": "patient_id", "practitioner": "practitioner_id"}
_HELD = "(status = 'offered') = (held_until IS NOT NULL)"
_OVER = "is_over = (over_reason <> '')"
_OLD = (
    "id, organisation_id, department_id, practitioner_id, patient_id, kind, status, starts_at, ends_at, booked_at, arrived_at, started_at, "
    "finished_at, cancelled_at, cancel_reason, version, changed_by_id"
)


def upgrade() -> None:
    op.add_column("reception_closed", sa.Column("hours", _TEXT(), nullable=False, server_default="[]"))
    if op.get_bind().dialect.name == "postgresql":
        _change_appointment()
    else:
        _rebuild_appointment(is_new=True)
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("closed_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tell_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("taken_back_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("until >= since", name="ck_absence_days"),
        sa.ForeignKeyConstraint(["closed_id"], ["reception_closed.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["practitioner_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absence_organisation_id", "absence", ["organisation_id"], unique=False)
    op.create_index("ix_absence_practitioner_id", "absence", ["practitioner_id"], unique=False)
    op.create_table(
        "patient_reminder",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("patient_id", "day"),
    )
    op.create_index("ix_patient_reminder_day", "patient_reminder", ["day"], unique=False)
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("room", "device", name="resourcekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("ends > starts", name="ck_resource_order"),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name="ck_resource_weekdays"),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "name"),
    )
    op.create_index("ix_resource_department_id", "resource", ["department_id"], unique=False)
    op.create_table(
        "absence_visit",
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("moved", "cancelled", "call", name="outcome", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("from_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("from_department_id", sa.Uuid(), nullable=False),
        sa.Column("from_starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("from_ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("called_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["from_department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["from_practitioner_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("absence_id", "appointment_id"),
    )
    op.create_index("ix_absence_visit_appointment_id", "absence_visit", ["appointment_id"], unique=False)
    op.create_table(
        "appointment_resource",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("appointment_id", "resource_id"),
    )
    op.create_index("ix_appointment_resource_time", "appointment_resource", ["resource_id", "starts_at"], unique=False)
    op.create_table(
        "resource_closed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="ck_resource_closed_order"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_resource_closed_resource_id", "resource_closed", ["resource_id"], unique=False)
    op.create_table(
        "visit_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("confirm", "offer", name="linkpurpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_visit_link_appointment_id", "visit_link", ["appointment_id"], unique=False)
    op.create_table(
        "waiting_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("specialty", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "first",
                "repeat",
                "prophylactic",
                name="visitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "urgency",
            sa.Enum("urgent", "soon", "planned", name="urgency", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "offered",
                "booked",
                "expired",
                "withdrawn",
                name="wishstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('offered', 'booked')) = (appointment_id IS NOT NULL)", name="ck_waiting_wish_offer"
        ),
        sa.CheckConstraint("practitioner_id IS NOT NULL OR specialty <> ''", name="ck_waiting_wish_whom"),
        sa.CheckConstraint("ends > starts", name="ck_waiting_wish_order"),
        sa.CheckConstraint("until >= since", name="ck_waiting_wish_days"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="ck_waiting_wish_weekdays"),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["practitioner_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appointment_id"),
    )
    op.create_index("ix_waiting_wish_department_id", "waiting_wish", ["department_id"], unique=False)
    op.create_index("ix_waiting_wish_patient_id", "waiting_wish", ["patient_id"], unique=False)
    op.create_index("ix_waiting_wish_state", "waiting_wish", ["organisation_id", "state"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(_RESOURCE_CONSTRAINT))
        return
    for when, event in _RESOURCE_EVENTS.items():
        op.execute(sa.text(_RESOURCE_TRIGGER.format(when=when, event=event)))


def downgrade() -> None:
    op.drop_column("reception_closed", "hours")
    op.drop_table("waiting_wish")
    op.drop_table("visit_link")
    op.drop_table("resource_closed")
    op.drop_table("appointment_resource")
    op.drop_table("absence_visit")
    op.drop_table("resource")
    op.drop_table("patient_reminder")
    op.drop_table("absence")
    op.execute(sa.text("DELETE FROM appointment WHERE status = 'offered' OR is_over"))
    if op.get_bind().dialect.name != "postgresql":
        _rebuild_appointment(is_new=False)
        return
    op.execute(sa.text("ALTER TABLE appointment DROP CONSTRAINT ex_appointment_overlap"))
    op.drop_constraint("appointmentstatus", "appointment")
    op.drop_constraint("ck_appointment_held", "appointment")
    op.drop_constraint("ck_appointment_over", "appointment")
    for column in ("held_until", "confirmed_at", "is_over", "over_reason"):
        op.drop_column("appointment", column)
    op.create_check_constraint("appointmentstatus", "appointment", f"status IN {_STATUSES[1:]}")
    op.execute(sa.text(_CONSTRAINT.format(and_over="")))


def _change_appointment() -> None:
    op.execute(sa.text("ALTER TABLE appointment DROP CONSTRAINT ex_appointment_overlap"))
    op.drop_constraint("appointmentstatus", "appointment")
    op.add_column("appointment", sa.Column("held_until", _MOMENT(), nullable=True))
    op.add_column("appointment", sa.Column("confirmed_at", _MOMENT(), nullable=True))
    op.add_column("appointment", sa.Column("is_over", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("appointment", sa.Column("over_reason", _TEXT(length=200), nullable=False, server_default=""))
    for column in ("is_over", "over_reason"):
        op.alter_column("appointment", column, server_default=None)
    op.create_check_constraint("appointmentstatus", "appointment", f"status IN {_STATUSES}")
    op.create_check_constraint("ck_appointment_held", "appointment", _HELD)
    op.create_check_constraint("ck_appointment_over", "appointment", _OVER)
    op.execute(sa.text(_CONSTRAINT.format(and_over=" AND NOT is_over")))


def _rebuild_appointment(*, is_new: bool) -> None:
    op.create_table("appointment_built", *_columns(is_new=is_new))
    more, values = (", held_until, confirmed_at, is_over, over_reason", ", NULL, NULL, 0, ''") if is_new else ("", "")
    op.execute(sa.text(f"INSERT INTO appointment_built ({_OLD}{more}) SELECT {_OLD}{values} FROM appointment"))  # noqa: S608
    op.drop_table("appointment")
    op.rename_table("appointment_built", "appointment")
    for name, column in _INDEXES.items():
        op.create_index(f"ix_appointment_{name}", "appointment", [column, "starts_at"])
    words = (
        {"but_over": " AND NOT NEW.is_over", "and_over": " AND NOT is_over"}
        if is_new
        else {"but_over": "", "and_over": ""}
    )
    for when, event in _EVENTS.items():
        changed = event.format(over=", is_over" if is_new else "")
        op.execute(sa.text(_TRIGGER.format(when=when, event=changed, **words)))


def _columns(*, is_new: bool) -> list[sa.schema.SchemaItem]:
    def kept(name: str, *values: str) -> sa.Enum:
        return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)

    def key(column: str, target: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint([column], [target], initially="DEFERRED", deferrable=True)

    ids = [
        sa.Column(name, sa.Uuid(), nullable=False)
        for name in ("id", "organisation_id", "department_id", "practitioner_id", "patient_id")
    ]
    needed = [sa.Column(name, _MOMENT(), nullable=False) for name in ("starts_at", "ends_at", "booked_at")]
    later = [
        sa.Column(name, _MOMENT(), nullable=True)
        for name in ("arrived_at", "started_at", "finished_at", "cancelled_at")
    ]
    new = [
        sa.Column("held_until", _MOMENT(), nullable=True), sa.Column("confirmed_at", _MOMENT(), nullable=True),
        sa.Column("is_over", sa.Boolean(), nullable=False), sa.Column("over_reason", _TEXT(length=200), nullable=False),
        sa.CheckConstraint(_HELD, name="ck_appointment_held"), sa.CheckConstraint(_OVER, name="ck_appointment_over"),
    ]  # fmt: skip
    return [
        *ids, sa.Column("kind", kept("visitkind", "first", "repeat", "prophylactic"), nullable=False),
        sa.Column("status", kept("appointmentstatus", *(_STATUSES if is_new else _STATUSES[1:])), nullable=False), *needed, *later,
        sa.Column("cancel_reason", _TEXT(length=200), nullable=False), *(new if is_new else []),
        sa.Column("version", sa.Integer(), nullable=False), sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name="ck_appointment_order"), sa.PrimaryKeyConstraint("id"),
        key("changed_by_id", "person.id"), key("department_id", "department.id"), key("organisation_id", "organisation.id"),
        key("patient_id", "patient.id"), key("practitioner_id", "person.id"),
    ]  # fmt: skip
