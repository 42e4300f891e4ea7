"""Antivirus hooks: plain callables that look at a file before anything decodes it.

An installation adds its own (`SCANNERS.append(clamav)`). A scanner that raises stops the intake: a file
nobody looked at is not taken.
"""

from collections.abc import Callable
from pathlib import Path

Scanner = Callable[[Path], str | None]

# Written in two halves, so that this source is not itself quarantined.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def eicar(path: Path) -> str | None:
    """Find the antivirus industry's test file, also inside another file (uncompressed)."""
    return "EICAR-Test-File" if _EICAR in path.read_bytes() else None


SCANNERS: list[Scanner] = [eicar]


def found_in(path: Path) -> str | None:
    """The name of the first threat found, or None. Blocking: call it in a thread."""
    return next((threat for scan in SCANNERS if (threat := scan(path))), None)
