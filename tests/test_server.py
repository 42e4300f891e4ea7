"""What an operator is told when the program cannot start."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("command", "setting", "what"),
    [
        ("demo", "MEDCAB_PORT", "the cabinet"),
        ("demo", "MEDCAB_SANDBOX_PORT", "the sandbox"),
        ("sandbox", "MEDCAB_SANDBOX_PORT", "the sandbox"),
        ("sandbox", "MEDCAB_SMTP_PORT", "the sandbox's mail"),
    ],
)
def test_a_taken_port_is_told_in_a_sentence(taken: int, tmp_path: Path, command: str, setting: str, what: str) -> None:
    elsewhere = {
        "MEDCAB_MODE": "demo",
        "MEDCAB_PORT": "0",
        "MEDCAB_SANDBOX_PORT": "0",
        "MEDCAB_DATA_DIR": str(tmp_path),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "medcab.cli", command],
        env={**os.environ, **elsewhere, setting: str(taken)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    sentence = f"medcab: Port {taken} ({what}) is taken: stop the other program or choose another port."
    assert ended.stderr.splitlines() == [sentence]
