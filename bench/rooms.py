"""Each bench runs in a process of its own, where settings are read for it alone."""

from importlib import import_module
from pathlib import Path

from bench.report import Line


def measure(name: str, home: Path) -> list[Line]:
    """What the bench of this name has to say; `home` is a folder that all benches of a run share."""
    return import_module(f"bench.{name}").measure(home)
