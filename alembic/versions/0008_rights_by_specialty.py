"""which specialties each person may practise, and which one a reception is held under

Filled from the register's answers that are known: what was confirmed before stays confirmed.
"""

import json
from datetime import date

import sqlalchemy as sa
import sqlmodel
from alembic import op

from medcab.security.crypto import EncryptedText

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CASE = sa.table("verification_case", sa.column("id", sa.Uuid), sa.column("person_id", sa.Uuid))
_ITEM = sa.table(
    "case_item", sa.column("case_id", sa.Uuid), sa.column("item", sa.String), sa.column("finding", EncryptedText("case_item.finding"))
)  # fmt: skip
_RIGHT = sa.table(
    "practice_right", sa.column("person_id", sa.Uuid), sa.column("specialty", sa.String), sa.column("until", sa.Date)
)


def upgrade() -> None:
    op.create_table(
        "practice_right",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("specialty", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("person_id", "specialty"),
    )
    op.add_column(
        "reception",
        sa.Column("specialty", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False, server_default=""),
    )
    permits = sa.select(_CASE.c.person_id, _ITEM.c.finding).join(_CASE, _CASE.c.id == _ITEM.c.case_id)
    known: dict[tuple[object, str], date] = {}
    for person_id, finding in op.get_bind().execute(permits.where(_ITEM.c.item.in_(("certificate", "accreditation")))):
        for permit in json.loads(finding).get("permits", ()):
            ends = date.fromisoformat(permit["valid_until"]) if permit["valid_until"] else date.max
            key = (person_id, permit["speciality"])
            known[key] = max(ends, known.get(key, ends))
    rows = [
        {"person_id": person_id, "specialty": specialty, "until": None if ends == date.max else ends}
        for (person_id, specialty), ends in known.items()
    ]
    if rows:
        op.bulk_insert(_RIGHT, rows)


def downgrade() -> None:
    op.drop_column("reception", "specialty")
    op.drop_table("practice_right")
