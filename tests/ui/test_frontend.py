"""The front end: built once, told apart by its sources, served without naming a host."""

import re
from pathlib import Path

import pytest
from reflex_base.environment import environment

from medcab import frontend
from medcab.settings import Settings
from medcab.ui.build_plugins import SameOriginPlugin, same_origin

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    files = {
        "medcab/schedule/pages.py": "page",
        "medcab/schedule/service.py": "service",
        "medcab/ui/parts.jsx": "parts",
        "medcab/web/fingerprint": "old",
        "assets/emblem.svg": "emblem",
        "assets/external/medcab/ui/parts/parts.jsx": "a link that Reflex made",
        "rxconfig.py": "config",
        "reflex.lock/package-lock.json": "lock",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "medcab/schedule/pages.py",
        "medcab/ui/parts.jsx",
        "assets/emblem.svg",
        "rxconfig.py",
        "reflex.lock/package-lock.json",
    ],
)
def test_what_is_drawn_asks_for_a_new_build(sources: Path, name: str) -> None:
    before = frontend.fingerprint(sources)
    (sources / name).write_text("changed")
    assert frontend.fingerprint(sources) != before


def test_a_new_or_renamed_source_asks_for_a_new_build(sources: Path) -> None:
    before = frontend.fingerprint(sources)
    (sources / "medcab/ui/parts.jsx").rename(sources / "medcab/ui/others.jsx")
    assert frontend.fingerprint(sources) != before


@pytest.mark.parametrize("name", ["medcab/schedule/service.py", "medcab/web/fingerprint", "assets/external/x.jsx"])
def test_what_is_not_drawn_does_not(sources: Path, name: str) -> None:
    before = frontend.fingerprint(sources)
    (sources / name).write_text("changed")
    assert frontend.fingerprint(sources) == before


def test_the_bundle_speaks_to_the_origin_it_came_from() -> None:
    baked = "var e={EVENT:`ws://localhost:8000/_event`,PING:`http://localhost:8000/ping`,TEST:!1};"
    script, count = same_origin(baked)
    assert count == 2
    assert "8000" not in script
    assert '"/_event"' in script
    assert ".replace(/^http/,`ws`)" in script


def test_a_bundle_without_the_address_is_a_failure_not_a_surprise(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="names no address"):
        SameOriginPlugin().post_build(static_dir=tmp_path)


def test_reflex_still_knows_the_internal_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served = frontend.serving_environment(Settings(data_dir=tmp_path))
    for name in ("__REFLEX_SKIP_COMPILE", "__REFLEX_MOUNT_FRONTEND_COMPILED_APP"):
        monkeypatch.setenv(name, served[name])
    assert environment.REFLEX_SKIP_COMPILE.get() is True
    assert environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.get() is True


def test_state_with_personal_data_is_never_pickled_to_disk(tmp_path: Path) -> None:
    served = frontend.serving_environment(Settings(data_dir=tmp_path))
    assert served["REFLEX_STATE_MANAGER_MODE"] == "memory"


def test_only_our_origins_may_connect(tmp_path: Path) -> None:
    served = frontend.serving_environment(Settings(data_dir=tmp_path, public_url="https://cabinet.example"))
    assert served["REFLEX_CORS_ALLOWED_ORIGINS"] == "https://cabinet.example"


def test_the_npm_lock_pins_contents_and_names_no_host() -> None:
    lock = (ROOT / "reflex.lock" / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in lock
    assert not re.search(r'"resolved"|registry\.', lock)


def test_a_build_does_not_inherit_a_server_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("__REFLEX_SKIP_COMPILE", "true")
    monkeypatch.setenv("REFLEX_BACKEND_ONLY", "true")
    monkeypatch.setattr(frontend.shutil, "which", lambda *_, **__: "/usr/bin/npm")
    building = frontend._building_environment()
    assert "__REFLEX_SKIP_COMPILE" not in building
    assert "REFLEX_BACKEND_ONLY" not in building
    assert building["REFLEX_USE_NPM"] == "1"


def test_a_machine_without_npm_is_told_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend.shutil, "which", lambda *_, **__: None)
    with pytest.raises(frontend.CannotBuild, match="npm is missing"):
        frontend._building_environment()
