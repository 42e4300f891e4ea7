"""The settings that keep others out, asserted: the framework's own defaults are open, and a new version may bring new ones."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

import medcab.medcab
import rxconfig
from medcab import frontend, server
from medcab.guard import framework
from medcab.guard.middleware import Guard
from medcab.guard.policy import has_policy
from medcab.settings import SECRETS, Settings

KEY_OF = {f"MEDCAB_{name.upper()}": f"a{number}" * 32 for number, name in enumerate(SECRETS)}
KEYS = {name: f"1:{key}" if name == "MEDCAB_ENCRYPTION_KEYS" else key for name, key in KEY_OF.items()}
FIT = {
    **KEYS, "MEDCAB_MODE": "production", "MEDCAB_PUBLIC_URL": "https://cabinet.example",
    "MEDCAB_REGISTER_URL": "https://register.example", "MEDCAB_SMS_URL": "https://sms.example",
    "MEDCAB_TRUSTED_PROXIES": "1", "MEDCAB_SMTP_HOST": "mail.clinic.ru", "MEDCAB_SMTP_PORT": "587", "MEDCAB_SMTP_SECURITY": "starttls", "MEDCAB_MAIL_FROM": "Кабинет <cabinet@clinic.ru>",
}  # fmt: skip


def test_the_framework_is_told_to_be_closed() -> None:
    config = rxconfig.config
    assert not config.cors_allowed_origins
    assert config.state_manager_mode.value == "memory"
    assert config.telemetry_enabled is False
    assert config.show_built_with_reflex is False
    assert config.transport == "websocket"
    assert not config.state_auto_setters
    assert "SitemapPlugin" in {
        plugin.__name__ if isinstance(plugin, type) else type(plugin).__name__ for plugin in config.disable_plugins
    }


def test_the_server_is_started_closed(settings: Settings) -> None:
    """Exact origins; states in memory and never in files or in Redis; nothing sent home; nothing written into a public folder."""
    given = frontend.serving_environment(settings)
    assert given["REFLEX_STATE_MANAGER_MODE"] == "memory"
    assert given["REFLEX_CORS_ALLOWED_ORIGINS"].split(",") == settings.origins
    assert "*" not in given["REFLEX_CORS_ALLOWED_ORIGINS"]
    assert given["REFLEX_TELEMETRY_ENABLED"] == given["REFLEX_CHECK_LATEST_VERSION"] == "false"
    assert given["REFLEX_ENV_MODE"] == "prod"
    assert not Path(given["REFLEX_UPLOADED_FILES_DIR"]).is_relative_to(frontend.ROOT)


def test_production_answers_to_one_origin_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FIT.items():
        monkeypatch.setenv(name, value)
    assert Settings().origins == ["https://cabinet.example"]  # type: ignore[call-arg]
    assert Settings().problems() == []  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"MEDCAB_PUBLIC_URL": ""}, "MEDCAB_PUBLIC_URL is the default"),
        ({"MEDCAB_PUBLIC_URL": "http://cabinet.example"}, "plain http"),
        ({"MEDCAB_REGISTER_URL": ""}, "MEDCAB_REGISTER_URL must be an https address"),
        ({"MEDCAB_SMS_URL": "http://sms.example"}, "MEDCAB_SMS_URL must be an https address"),
        ({"MEDCAB_TRUSTED_PROXIES": "0"}, "MEDCAB_TRUSTED_PROXIES is 0"),
        ({"MEDCAB_SMTP_SECURITY": "auto"}, "letters with codes could travel in the clear"),
        ({"MEDCAB_SMTP_PORT": "0"}, "letters would go to the sandbox"),
        ({"MEDCAB_MAIL_FROM": "medcab <no-reply@medcab.example>"}, "MEDCAB_MAIL_FROM is the example's"),
        ({"MEDCAB_MODE": "demo"}, "MEDCAB_PUBLIC_URL is not of this machine"),
        ({"MEDCAB_INDEX_KEY": "short"}, "MEDCAB_INDEX_KEY must be 64 hex characters"),
        ({"MEDCAB_ENCRYPTION_KEYS": "a secret"}, "MEDCAB_ENCRYPTION_KEYS must be like"),
        ({"MEDCAB_SMS_KEY": KEY_OF["MEDCAB_REGISTER_KEY"]}, "MEDCAB_REGISTER_KEY and MEDCAB_SMS_KEY are the same key"),
        ({"MEDCAB_SECRET_KEY": ""}, "Secrets were generated here"),
        ({"MEDCAB_ENCRYPTION_KEYS": ""}, "Secrets were generated here"),
    ],
    ids=str,
)
def test_production_refuses_to_start_half_closed(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    given = {**os.environ, **FIT, "MEDCAB_DATA_DIR": str(tmp_path), **change}
    ended = subprocess.run(
        [sys.executable, "-m", "medcab.cli", "run"], env=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert not [key for key in KEY_OF.values() if key in ended.stdout + ended.stderr]


def test_the_configuration_is_shown_without_secrets(tmp_path: Path) -> None:
    address = "postgresql+psycopg://medcab:pa/ss@word@database.example:5432/medcab"
    given = {**os.environ, **FIT, "MEDCAB_DATA_DIR": str(tmp_path), "MEDCAB_DATABASE_URL": address}
    ended = subprocess.run(
        [sys.executable, "-m", "medcab.cli", "check-config"],
        env=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert not [key for key in KEY_OF.values() if key in ended.stdout]
    assert "word" not in ended.stdout.replace("password", "")
    assert "//•••@database.example:5432/medcab" in ended.stdout


def test_a_reset_never_parts_a_database_from_its_keys(tmp_path: Path) -> None:
    """They lie in the data folder; rows elsewhere would stay and could never be opened again."""
    given = {**os.environ, "MEDCAB_MODE": "demo", "MEDCAB_DATA_DIR": str(tmp_path), "MEDCAB_PORT": "0"}
    given["MEDCAB_DATABASE_URL"] = "postgresql+psycopg://medcab@127.0.0.1:1/medcab"
    command = [sys.executable, "-m", "medcab.cli", "demo", "--reset"]
    ended = subprocess.run(command, env=given, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert "empty that database" in ended.stderr
    assert (tmp_path / "secrets.json").exists()


def test_generated_secrets_are_for_the_owner_only(tmp_path: Path) -> None:
    from medcab.settings import _kept_secrets

    made = _kept_secrets(tmp_path)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len({*made.values()}) == len(SECRETS)
    assert all(len(value.removeprefix("1:")) == 64 for value in made.values())


def test_every_handler_has_a_policy_and_one_guard_stands_before_them() -> None:
    ours = {name: function for name, function in framework.own_handlers() if ".medcab___" in name}
    assert len(ours) > 10
    assert [name for name, function in ours.items() if not has_policy(function)] == []
    assert [type(one) for one in medcab.medcab.app._middlewares if type(one).__module__.startswith("medcab")] == [Guard]


def test_no_state_trusts_the_browsers_storage() -> None:
    """Cookies and local storage as state variables are written by whoever holds the browser."""
    stored = []
    for name, state in RegistrationContext.get().base_states.items():
        for field, made in state.get_fields().items():
            kind = type(made.default_value()).__name__ if made.default is not None or made.default_factory else ""
            if kind in ("Cookie", "LocalStorage", "SessionStorage"):
                stored.append(f"{name}.{field}")
    assert stored == []


def test_no_method_of_a_state_is_named_like_a_setter() -> None:
    """The framework's `setvar` would call it with anything."""
    names = [name for name, _ in framework.own_handlers() if ".medcab___" in name]
    assert [name for name in names if name.rpartition(".")[2].startswith("set_")] == []


def test_the_frameworks_upload_is_used_nowhere() -> None:
    used = [
        path
        for path in (frontend.ROOT / "medcab").rglob("*.py")
        if any(word in path.read_text() for word in ("rx.upload", "upload_files("))
    ]
    assert used == []


def test_what_tabs_show_stays_in_the_workers_memory() -> None:
    """Reflex would keep it in any Redis it finds, as pickles that whoever writes there could turn into programs."""
    assert 'os.environ.pop("REFLEX_REDIS_URL", None)' in Path(server.__file__).read_text()


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        ({"workers": 2}, ["MEDCAB_WORKERS is 2 without MEDCAB_REDIS_URL"]),
        ({"redis_url": "http://127.0.0.1"}, ["MEDCAB_REDIS_URL must begin with"]),
        ({"workers": 2, "redis_url": "redis://127.0.0.1:6379/0"}, []),
        ({"redis_url": "redis://127.0.0.1:6379/0"}, []),
    ],
)
@pytest.mark.parametrize("mode", ["demo", "test"])
def test_several_workers_need_a_way_to_hear_of_each_other(
    given: dict[str, Any], sentences: list[str], mode: Any
) -> None:
    problems = Settings(mode=mode, **given).problems()
    assert [problem.startswith(sentence) for problem, sentence in zip(problems, sentences, strict=True)] == [
        True
    ] * len(sentences)


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("redis://127.0.0.1:6379", True),
        ("rediss://:secret@redis.clinic:6379", True),
        ("rediss://redis.clinic:6379", False),
        ("redis://:secret@redis.clinic:6379", False),
    ],
)
def test_redis_on_another_machine_is_reached_by_tls_and_password(url: str, fits: bool) -> None:
    problems = Settings(mode="production", redis_url=url).problems()
    assert any("MEDCAB_REDIS_URL leads to another machine" in one for one in problems) is not fits
