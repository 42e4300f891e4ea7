"""The whole demo clinic into an empty database."""

from pathlib import Path

from bench import home as houses
from bench.report import Line, at_most


def measure(home: Path) -> list[Line]:
    """Leaves the clinic where the other benches look for it."""
    seconds = houses.with_clinic(home / "clinic")
    import sqlalchemy as sa

    from medcab import schema

    with schema.sync_engine().connect() as connection:
        visits = connection.execute(sa.text("SELECT count(*) FROM appointment")).scalar_one()
    return [at_most("demo clinic loaded", seconds or 0, 30, "s", detail=f"{visits:,} visits".replace(",", " "))]
