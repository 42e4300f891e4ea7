"""Everything that differs between one installation and another.

Read from the environment (`MEDCAB_…`), then from `medcab.env` in the data folder. Secrets that are not given are made at the
first start and kept in `secrets.json` (mode 0600) in the data folder: demo and development need no set-up, and production
refuses to run on them (`problems`).
"""

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from medcab.norms import NORMS, Norms, norms_on

Mode = Literal["demo", "production", "test"]
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_KEYS = re.compile(rf"[0-9]{{1,5}}:{_KEY.pattern}(,[0-9]{{1,5}}:{_KEY.pattern})*")
_SHAPES = {
    "encryption_keys": (_KEYS, "like 2:<64 hex>,1:<64 hex>"),
    "bank_key": (re.compile(r"\S{16,}"), "the secret that the bank gave, of 16 characters or more"),
}
_LOCAL = ("127.0.0.1", "localhost")
_SHORTEST_TURN_KEY = 16
SECRETS = ("secret_key", "index_key", "encryption_keys", "register_key", "sms_key", "supervision_key", "bank_key")


class Settings(BaseSettings):
    """One installation. Keys are 32 bytes in hex."""

    model_config = SettingsConfigDict(env_prefix="MEDCAB_", extra="ignore")

    mode: Mode = Field("demo", description="demo shows accounts on the sign-in page; production refuses demo secrets")
    data_dir: Path = Field(Path("var"), description="database, files, secrets, logs")
    database_url: str = Field(
        "", description="sqlite+aiosqlite:///… or postgresql+psycopg://…; empty: SQLite in the data folder"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, description="the one port of the cabinet")
    public_url: str = Field("", description="address as browsers see it; empty: http://127.0.0.1:<port>")
    trusted_proxies: int = Field(0, description="how many proxies in front may set X-Forwarded-For")

    sandbox_port: int = Field(8090, description="port of the sandbox that plays the outside world in the demo")
    register_url: str = Field("", description="federal register; empty: the sandbox")
    register_people_per_second: int = Field(
        250, gt=0, description="how fast the nightly comparison may ask the register"
    )
    sms_url: str = Field("", description="SMS gateway; empty: the sandbox")
    bank_url: str = Field(
        "",
        description="bank that says who its clients are (OpenID Connect issuer); empty: the sandbox, in production none",
    )
    bank_client_id: str = Field("medcab", description="the cabinet's name at the bank")
    bank_acr: str = Field(
        "urn:bank:acr:in-person", description="how the bank must know its client (acr); empty: anyhow"
    )
    smtp_host: str = Field("127.0.0.1", description="mail server")
    smtp_port: int = Field(0, description="0: the sandbox's mail server (sandbox port + 1)")
    smtp_security: Literal["auto", "starttls", "tls"] = Field(
        "auto",
        description="auto: encrypted when the server offers it; production demands starttls, or tls from the first byte",
    )
    smtp_user: str = Field("", description="name at the mail server; empty: it asks for none")
    smtp_password: SecretStr = Field(SecretStr(""), description="password at the mail server")
    mail_from: str = Field("medcab <no-reply@medcab.example>", description="sender of letters")

    secret_key: SecretStr = Field(SecretStr(""), description="signs CSRF and flow tokens")
    index_key: SecretStr = Field(SecretStr(""), description="blind indexes; never rotated without reindexing")
    encryption_keys: SecretStr = Field(SecretStr(""), description="'2:<hex>,1:<hex>': the first seals, all open")
    register_key: SecretStr = Field(SecretStr(""), description="shared with the federal register")
    sms_key: SecretStr = Field(SecretStr(""), description="shared with the SMS gateway")
    bank_key: SecretStr = Field(SecretStr(""), description="the cabinet's secret at the bank")
    supervision_key: SecretStr = Field(
        SecretStr(""), description="shared with the supervision service, which sends notices"
    )
    generated_secrets: tuple[str, ...] = Field((), description="set by the program: the secrets that were made up here")

    enforce_rotation: bool = Field(False, description="make people change a password older than 90 days")
    norms: tuple[Norms, ...] = Field(
        NORMS, min_length=1, description="what the law asks of a worker, by the day it is in force from; JSON"
    )
    identity_proof_required: bool = Field(False, description="activate a cabinet only once identity is proved")
    identity_still_days: int = Field(
        180, ge=1, le=3650, description="how long the picture taken in a video session is kept"
    )
    turn_url: str = Field(
        "", description="relay of video calls (turn:host:port); empty: calls go straight, within one network"
    )
    turn_key: SecretStr = Field(SecretStr(""), description="secret shared with the relay (coturn's static-auth-secret)")
    overbook_a_day: int = Field(
        2, ge=0, le=50, description="how many visits a day may be booked on top of one worker's plan; 0: none"
    )
    password_profile: Literal["gosuslugi", "nist"] = Field("gosuslugi", description="rules for passwords")

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers use."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def origins(self) -> list[str]:
        """Exactly these may open the socket or post: the public one, and localhost's other name in a demo."""
        parts = urlsplit(self.origin)
        if parts.hostname == "127.0.0.1" and self.mode != "production":
            return [self.origin, f"http://localhost:{parts.port}"]
        return [self.origin]

    @property
    def _is_local(self) -> bool:
        return urlsplit(self.origin).hostname in _LOCAL

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'medcab.db'}"

    @property
    def bank(self) -> str:
        """The bank's address; empty: identity is not proved by one."""
        return self.bank_url.rstrip("/") or ("" if self.mode == "production" else f"{self.sandbox_url}/bank")

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def mail_port(self) -> int:
        return self.smtp_port or self.sandbox_port + 1

    def norms_on(self, day: date) -> Norms:
        return norms_on(day, self.norms)

    def problems(self) -> list[str]:
        """Why this must not serve real people, one sentence each; empty when it may."""
        if self.mode != "production":
            stranger = "MEDCAB_MODE is not production, but MEDCAB_PUBLIC_URL is not of this machine"
            return [] if self._is_local else [stranger]
        mailbox = self.mail_from.rpartition("@")[2].rstrip(">")
        made_up = [name for name in self.generated_secrets if name != "bank_key" or self.bank]
        checks = [
            (bool(made_up), "Secrets were generated here: give " + ", ".join(f"MEDCAB_{name.upper()}" for name in made_up)),
            (not self.public_url, "MEDCAB_PUBLIC_URL is the default: give the address that browsers use"),
            (self.public_url and not self.is_https, "MEDCAB_PUBLIC_URL is plain http: medical data needs https"),
            (self.trusted_proxies < 1, "MEDCAB_TRUSTED_PROXIES is 0, but some proxy ends https: all people would seem to come from its address"),
            (not self.smtp_port, "MEDCAB_SMTP_PORT is not given: letters would go to the sandbox"),
            (self.smtp_security == "auto" and self.smtp_host not in _LOCAL, "MEDCAB_SMTP_SECURITY is auto: letters with codes could travel in the clear"),
            (bool(self.turn_url) and len(self.turn_key.get_secret_value()) < _SHORTEST_TURN_KEY, "MEDCAB_TURN_KEY must be the relay's secret, of 16 characters or more"),
            (mailbox.endswith(".example"), "MEDCAB_MAIL_FROM is the example's: give the sender of letters"),
        ]  # fmt: skip
        found = [sentence for applies, sentence in checks if applies]
        found += [f"MEDCAB_{name.upper()} must be {shape}" for name, shape in self._misshapen()]
        return found + [
            f"{one} and {other} are the same key: who holds one could act as the other" for one, other in self._shared()
        ]

    def _misshapen(self) -> Iterator[tuple[str, str]]:
        """Addresses and secrets that are not what they must be, and what that is."""
        for name in ("register_url", "sms_url", *(["bank_url"] if self.bank_url else [])):
            if not str(getattr(self, name)).startswith("https://"):
                yield name, "an https address"
        for name in SECRETS:
            pattern, shape = _SHAPES.get(name, (_KEY, "64 hex characters"))
            if not pattern.fullmatch(getattr(self, name).get_secret_value()):
                yield name, shape

    def _shared(self) -> Iterator[tuple[str, str]]:
        """Secrets that were given twice, by their variables."""
        keys = [(f"MEDCAB_{name.upper()}", _KEY.findall(getattr(self, name).get_secret_value())) for name in SECRETS]
        for (one, mine), (other, theirs) in combinations(keys, 2):
            if set(mine) & set(theirs):
                yield one, other


def _kept_secrets(data_dir: Path) -> dict[str, str]:
    """The secrets of this installation, made at the first start; one that a later release has brought is added.

    Of several programs that start at once one makes them: they lock each other out.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(data_dir / "secrets.lock", os.O_RDWR | os.O_CREAT, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _completed(data_dir / "secrets.json")


def _completed(path: Path) -> dict[str, str]:
    kept = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in SECRETS if name not in kept]
    if missing:
        made = {name: secrets.token_hex(32) for name in missing}
        kept |= {name: f"1:{key}" if name == "encryption_keys" else key for name, key in made.items()}
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    return kept


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    bare = Settings()  # pyright: ignore[reportCallIssue]
    env_file = bare.data_dir / "medcab.env"
    given = Settings(_env_file=env_file) if env_file.exists() else bare  # pyright: ignore[reportCallIssue]
    missing = [name for name in SECRETS if not getattr(given, name).get_secret_value()]
    if not missing:
        return given
    kept = _kept_secrets(given.data_dir)
    made = {name: SecretStr(kept[name]) for name in missing}
    return given.model_copy(update={**made, "generated_secrets": tuple(missing)})
