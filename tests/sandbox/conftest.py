"""One sandbox for all tests here; each begins with an empty one."""

from collections.abc import Iterator

import pytest

from tests.sandbox.running import Sandbox, running


@pytest.fixture(scope="session")
def sandbox_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_program: Sandbox) -> Sandbox:
    sandbox_program.http.delete("/control").raise_for_status()
    return sandbox_program
