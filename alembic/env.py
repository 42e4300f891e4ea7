"""Runs migrations on a plain synchronous connection to the configured database."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

from medcab import schema
from medcab.security.crypto import EncryptedBytes, EncryptedDate, EncryptedText

schema.load()


def render_item(kind: str, item: Any, autogen: Any) -> str | bool:
    """A migration must not import the product: sealed columns are plain bytes there."""
    if kind == "type" and isinstance(item, EncryptedText | EncryptedDate | EncryptedBytes):
        return "sa.LargeBinary()"
    return False


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """The exclusion constraint's index is written by hand."""
    return name not in schema.BY_HAND


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_object=include_object,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with schema.migrating_engine().connect() as connection:
        run(connection)
        connection.commit()
