"""The test's database as an older release left it."""

from alembic import command

from medcab import schema


def downgrade(to: str) -> None:
    """Take migrations back, as far as `to`."""
    engine = schema.migrating_engine()
    try:
        with engine.begin() as connection:
            made = schema.config()
            made.attributes["connection"] = connection
            command.downgrade(made, to)
    finally:
        engine.dispose()
