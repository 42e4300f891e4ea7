"""The cabinet as a client of the bank: OpenID Connect Core 1.0 by code, with PKCE (RFC 7636), state, nonce and the issuer named (RFC 9207).

Everything that the bank signs is checked here and nowhere else: algorithm, signature, issuer, addressee, times, nonce, how well the bank
knows the person. What it says of the person is only read; whether that is the cabinet's person, `proofs.rules` decides.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pydantic_core
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from medcab.integrations.channel import Distrusted, Outage
from medcab.proofs.rules import Told

ALGORITHMS = ["ES256"]
"""Elliptic curves only: neither `none` nor an HMAC with our own secret is ever a signature."""
SCOPE = "openid profile snils"
_LEEWAY_SECONDS = 60
_LONGEST_ANSWER = 100_000
_TIMEOUT_SECONDS = 10.0
_log = structlog.get_logger()


class Silent(Outage):
    """The bank does not answer."""

    message = "Банк сейчас не отвечает. Попробуйте через несколько минут."


class Unbelievable(Distrusted):
    """The bank's answer is not what it must be: not signed by it, not for us, not now, or unreadable."""

    message = "Ответу банка нельзя верить, поэтому личность не подтверждена. Попробуйте ещё раз позже."


class CodeRefused(Unbelievable):
    """The bank does not know the code: used, old or made up."""

    message = "Банк не принял ответ: прошло слишком много времени. Начните подтверждение ещё раз."


@dataclass(frozen=True, slots=True)
class _Provider:
    """What the bank says of itself."""

    authorization: str
    token: str
    keys: str


@dataclass
class Bank:
    """`issuer` is the bank's address, `client_id` and `secret` are the cabinet's at the bank, `acr` is demanded unless empty."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    acr: str = ""
    clock: Callable[[], float] = time.time
    timeout: float = _TIMEOUT_SECONDS
    keys_at_most_every: float = 30.0
    """Seconds: an unknown key is a reason to ask for the keys anew, a flood of them is not."""
    _provider: _Provider | None = field(default=None, init=False)
    _keys: KeySet | None = field(default=None, init=False)
    _keys_read: float = field(default=0.0, init=False)

    async def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises `Silent`, `Unbelievable`."""
        async with self._http() as http:
            provider = await self._provider_of(http)
        asked = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": SCOPE, "state": state, "nonce": nonce,
            "code_challenge": _encoded(hashlib.sha256(verifier.encode()).digest()), "code_challenge_method": "S256",
        } | ({"acr_values": self.acr} if self.acr else {})  # fmt: skip
        return f"{provider.authorization}?{urlencode(asked)}"

    async def client_of(self, *, code: str, nonce: str, verifier: str) -> Told:
        """Who the bank says it is. Raises `Silent`, `Unbelievable`, `CodeRefused`."""
        async with self._http() as http:
            provider = await self._provider_of(http)
            token = await self._token(http, provider, code, verifier)
            claims = await self._checked(http, provider, token)
        self._demand(claims, nonce)
        return _told(self.issuer, claims)

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self.timeout, follow_redirects=False, trust_env=False)

    async def _provider_of(self, http: httpx.AsyncClient) -> _Provider:
        if self._provider is None:
            status, said = await self._ask(http, "GET", f"{self.issuer}/.well-known/openid-configuration")
            if status != httpx.codes.OK or said.get("issuer") != self.issuer:
                raise Unbelievable from ValueError(f"status {status}: the configuration is of another issuer")
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            self._provider = _Provider(*(self._own(said.get(name)) for name in names))
        return self._provider

    def _own(self, address: object) -> str:
        """An address of the bank itself: its configuration must not lead the secret elsewhere."""
        given, own = urlsplit(str(address)), urlsplit(self.issuer)
        if (given.scheme, given.netloc) != (own.scheme, own.netloc) or given.query or given.fragment:
            raise Unbelievable from ValueError("the configuration leads elsewhere")
        return str(address)

    async def _token(self, http: httpx.AsyncClient, provider: _Provider, code: str, verifier: str) -> str:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        status, said = await self._ask(http, "POST", provider.token, data=body, auth=(self.client_id, self.secret))
        if status == httpx.codes.BAD_REQUEST and said.get("error") == "invalid_grant":
            raise CodeRefused
        token = said.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            raise Unbelievable from ValueError(f"status {status}: no token")
        return token

    async def _checked(self, http: httpx.AsyncClient, provider: _Provider, token: str) -> dict[str, Any]:
        """The claims under a signature of the bank's own key; the keys are read anew when none that we have fits."""
        if self._keys and (claims := _opened(token, self._keys)) is not None:
            return claims
        if self._keys and time.monotonic() - self._keys_read < self.keys_at_most_every:
            raise Unbelievable from ValueError("not signed with the bank's keys")
        claims = _opened(token, await self._read_keys(http, provider))
        if claims is None:
            raise Unbelievable from ValueError("not signed with the bank's keys")
        return claims

    async def _read_keys(self, http: httpx.AsyncClient, provider: _Provider) -> KeySet:
        status, said = await self._ask(http, "GET", provider.keys)
        try:
            self._keys = KeySet.import_key_set(said)  # pyright: ignore[reportArgumentType]
        except (JoseError, ValueError, KeyError, TypeError) as problem:
            raise Unbelievable from problem
        if status != httpx.codes.OK:
            raise Unbelievable from ValueError(f"status {status}: no keys")
        self._keys_read = time.monotonic()
        return self._keys

    def _demand(self, claims: Mapping[str, Any], nonce: str) -> None:
        """Core 3.1.3.7: for us, from this bank, for this very question, now, and as sure as we ask."""
        rules = jwt.JWTClaimsRegistry(
            now=int(self.clock()), leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer}, sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        try:
            rules.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as problem:
            raise Unbelievable from problem
        addressees = claims.get("aud")
        if addressees not in (self.client_id, [self.client_id]) or claims.get("azp", self.client_id) != self.client_id:
            raise Unbelievable from ValueError("the answer is for another cabinet")
        if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
            raise Unbelievable from ValueError("the answer is to another question")
        if self.acr and claims.get("acr") != self.acr:
            raise Unbelievable from ValueError("the bank is not sure enough")

    async def _ask(self, http: httpx.AsyncClient, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        try:
            async with http.stream(method, url, headers={"accept": "application/json"}, **more) as answer:
                content = b""
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > _LONGEST_ANSWER:
                        raise Unbelievable from ValueError("the answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            _log.warning("bank.failed", reason=repr(problem))
            raise Silent from problem
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Silent from ValueError(f"status {answer.status_code}")
        try:
            said = pydantic_core.from_json(content, allow_inf_nan=False)
        except ValueError as problem:
            raise Unbelievable from problem
        if not isinstance(said, dict):
            raise Unbelievable from ValueError("not an object")
        return answer.status_code, said


def _opened(token: str, keys: KeySet) -> dict[str, Any] | None:
    """The claims; None unless one of the keys has signed them."""
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError):
        return None


def _told(issuer: str, claims: Mapping[str, Any]) -> Told:
    """What the bank says of the person; `Unbelievable` when it does not say who it is."""

    def text(name: str) -> str:
        value = claims.get(name)
        return value.strip()[:200] if isinstance(value, str) else ""

    try:
        born = date.fromisoformat(text("birthdate"))
    except ValueError as problem:
        raise Unbelievable from problem
    if not (text("sub") and text("family_name") and text("given_name")):
        raise Unbelievable from ValueError("the answer is about nobody")
    return Told(
        issuer=issuer, subject=text("sub"), family_name=text("family_name"), given_name=text("given_name"), patronymic=text("middle_name"),
        birth_date=born, snils=text("snils"),
    )  # fmt: skip


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
