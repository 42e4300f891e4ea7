"""The clients are tried against the real sandbox."""

from tests.sandbox.conftest import sandbox, sandbox_program

__all__ = ["sandbox", "sandbox_program"]
