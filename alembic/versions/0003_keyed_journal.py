"""the journal's chain is made with the installation's secret

Until now whoever could write to the database could make the whole chain anew. A line or link that did not hold before stays broken,
so that `medcab verify-journal` goes on naming it.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from medcab.settings import get_settings

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 1000
_ENTRY = sa.table(
    "audit_entry",
    sa.column("seq", sa.BigInteger), sa.column("at", sa.DateTime(timezone=True)), sa.column("action", sa.String),
    sa.column("outcome", sa.String), sa.column("person_id", sa.Uuid), sa.column("session_id", sa.Uuid),
    sa.column("organisation_id", sa.Uuid), sa.column("subject", sa.String), sa.column("ip", sa.String), sa.column("user_agent", sa.String),
    sa.column("request_id", sa.String), sa.column("details", sa.String), sa.column("prev_hash", sa.String), sa.column("hash", sa.String),
)  # fmt: skip
_CHANGE = (
    sa.update(_ENTRY)
    .where(_ENTRY.c.seq == sa.bindparam("line"))
    .values(prev_hash=sa.bindparam("before"), hash=sa.bindparam("own"))
)


def upgrade() -> None:
    _rechain(_plain, _keyed)


def downgrade() -> None:
    _rechain(_keyed, _plain)


def _rechain(former: Callable[[bytes], str], new: Callable[[bytes], str]) -> None:
    before = before_then = ""
    for rows in _batches():
        changes = []
        for row in rows:
            link = before if row.prev_hash == before_then else row.prev_hash
            is_whole = former(_content(row, row.prev_hash)) == row.hash
            own = new(_content(row, link)) if is_whole else row.hash
            changes.append({"line": row.seq, "before": link, "own": own})
            before, before_then = own, row.hash
        op.get_bind().execute(_CHANGE, changes)


def _batches() -> Iterator[list[sa.Row]]:
    last = 0
    while rows := list(
        op.get_bind().execute(sa.select(_ENTRY).where(_ENTRY.c.seq > last).order_by(_ENTRY.c.seq).limit(_BATCH))
    ):
        yield rows
        last = rows[-1].seq


def _content(row: sa.Row, link: str) -> bytes:
    at: datetime = row.at.astimezone(UTC) if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    told = [
        row.seq, at.isoformat(), row.action, row.outcome, str(row.person_id), str(row.session_id), str(row.organisation_id),
        row.subject, row.ip, row.user_agent, row.request_id, row.details, link,
    ]  # fmt: skip
    return json.dumps(told, ensure_ascii=False).encode()


def _plain(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _keyed(content: bytes) -> str:
    secret = get_settings().secret_key.get_secret_value().encode()
    key = hmac.new(secret, b"journal", hashlib.sha256).digest()
    return hmac.new(key, content, hashlib.sha256).hexdigest()
