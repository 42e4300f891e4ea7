"""no worker has two living visits at once

PostgreSQL has exclusion constraints for this; SQLite gets the same promise from triggers, which its single writer makes race-free.
Intervals are half-open. Both raise an integrity error that names `ex_appointment_overlap`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER ex_appointment_overlap_{when} BEFORE {event} ON appointment
WHEN NEW.status NOT IN ('cancelled', 'no_show')
BEGIN
  SELECT RAISE(ABORT, 'ex_appointment_overlap') FROM appointment
  WHERE practitioner_id = NEW.practitioner_id AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
    AND starts_at > datetime(NEW.starts_at, '-12 hours')
    AND status NOT IN ('cancelled', 'no_show') AND id <> NEW.id;
END
"""
_POSTGRESQL = """
ALTER TABLE appointment ADD CONSTRAINT ex_appointment_overlap
EXCLUDE USING gist (practitioner_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
WHERE (status NOT IN ('cancelled', 'no_show'))
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        op.execute(sa.text(_POSTGRESQL))
        return
    op.execute(sa.text(_SQLITE.format(when="insert", event="INSERT")))
    changed = "UPDATE OF practitioner_id, starts_at, ends_at, status"
    op.execute(sa.text(_SQLITE.format(when="update", event=changed)))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE appointment DROP CONSTRAINT ex_appointment_overlap"))
        return
    for when in ("insert", "update"):
        op.execute(sa.text(f"DROP TRIGGER ex_appointment_overlap_{when}"))
