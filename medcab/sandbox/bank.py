"""A bank that says who its clients are: an OpenID Connect provider (Core 1.0; PKCE of RFC 7636, the issuer in its answer of RFC 9207).

Its clients are the people of the register. Signing is written apart from what checks it in the cabinet: a mistake there is seen here.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from medcab.sandbox import views
from medcab.sandbox.register import misbehaviour
from medcab.sandbox.store import Store
from medcab.sandbox.supervision import Supervision
from medcab.sandbox.switches import Mode, Switchboard

CLIENT_ID = "medcab"
RETURN_PATH = "/identity/bank"
VERIFIED = "urn:bank:acr:in-person"
_CODE_SECONDS, _TOKEN_SECONDS = 60, 300
_ASKED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)


class Fault(StrEnum):
    """What is wrong with the answers, for tests: each is an attack or a mistake that the cabinet has to notice."""

    NONE = ""
    NONCE = "nonce"
    AUDIENCE = "audience"
    ISSUER = "issuer"
    EXPIRED = "expired"
    FUTURE = "future"
    ALGORITHM_NONE = "alg_none"
    ALGORITHM_HMAC = "alg_hmac"
    FOREIGN_KEY = "foreign_key"
    WEAK = "weak"
    NO_SUBJECT = "no_subject"
    MIX_UP = "mix_up"


@dataclass(frozen=True)
class _Grant:
    """What a code stands for."""

    asked: dict[str, str]
    snils: str
    until: float


class Bank:
    """`authorize` and its page, `token`, and what a client reads before: the configuration and the keys."""

    def __init__(self, store: Store, switchboard: Switchboard, supervision: Supervision, secret: str) -> None:
        self._store, self._switchboard, self._cabinet, self._secret = store, switchboard, supervision, secret
        self._grants: dict[str, _Grant] = {}
        self.fault = Fault.NONE
        self.renew_key()

    def renew_key(self) -> None:
        """Sign with another key from now on."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = secrets.token_hex(8)

    def routes(self) -> list[Route]:
        return [
            Route("/bank/.well-known/openid-configuration", self._configuration),
            Route("/bank/jwks", self._keys),
            Route("/bank", self._about),
            Route("/bank/authorize", self._choose),
            Route("/bank/authorize/as", self._answer),
            Route("/bank/token", self._token, methods=["POST"]),
        ]

    async def _configuration(self, request: Request) -> Response:
        issuer = _issuer(request)
        spoiled = await misbehaviour((await self._switchboard.take("bank.configuration")).mode)
        return spoiled or JSONResponse(
            {
                "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/jwks",
                "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True,
            }
        )  # fmt: skip

    async def _about(self, request: Request) -> Response:
        return HTMLResponse(views.bank_about())

    async def _keys(self, request: Request) -> Response:
        numbers = self._key.public_key().public_numbers()
        x, y = (_encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self._key_id, "x": x, "y": y}
        return JSONResponse({"keys": [key]})

    async def _choose(self, request: Request) -> Response:
        """Which client of the bank this is. A wrong client or return address is told here: nobody may be sent there."""
        asked = {name: request.query_params.get(name, "") for name in _ASKED}
        if asked["client_id"] != CLIENT_ID or asked["redirect_uri"] != self._cabinet.cabinet.url + RETURN_PATH:
            return HTMLResponse(
                views.bank_page("", [], "", "Банк не знает такого приложения или адреса возврата."), 400
            )
        if not _is_whole(asked):
            return self._back(request, asked, {"error": "invalid_request"})
        search = request.query_params.get("q", "")
        people = [(row["snils"], row["name"]) for row in self._store.people(search)]
        return HTMLResponse(views.bank_page(urlencode(asked), people, search))

    async def _answer(self, request: Request) -> Response:
        """The client has signed in, or refused."""
        asked = {name: request.query_params.get(name, "") for name in _ASKED}
        if asked["redirect_uri"] != self._cabinet.cabinet.url + RETURN_PATH:
            return HTMLResponse(views.bank_page("", [], "", "Банк не знает такого адреса возврата."), 400)
        who = self._store.person(snils=request.query_params.get("who", ""))
        if who is None:
            return self._back(request, asked, {"error": "access_denied"})
        code = secrets.token_urlsafe(32)
        self._grants[code] = _Grant(asked, who["snils"], time.monotonic() + _CODE_SECONDS)
        return self._back(request, asked, {"code": code})

    def _back(self, request: Request, asked: dict[str, str], answer: dict[str, str]) -> Response:
        issuer = "https://another-bank.example" if self.fault is Fault.MIX_UP else _issuer(request)
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state'], 'iss': issuer})}", 302
        )

    async def _token(self, request: Request) -> Response:
        """The signed word of who the client is, once for a code, to whoever knows the secret and the verifier."""
        switch = await self._switchboard.take("bank.token")
        if spoiled := await misbehaviour(switch.mode):
            return spoiled
        if not self._is_ours(request):
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
        given = dict(parse_qsl((await request.body()).decode()))
        grant = self._grants.pop(given.get("code", ""), None)
        if grant is None or grant.until < time.monotonic() or not _fits(given, grant.asked):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = self._signed(self._claims(_issuer(request), grant))
        if switch.mode is Mode.TAMPERED:
            token = token[:-6] + ("A" * 6 if token[-6:] != "A" * 6 else "B" * 6)
        answer = {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
            "id_token": token,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _is_ours(self, request: Request) -> bool:
        right = base64.b64encode(f"{CLIENT_ID}:{self._secret}".encode()).decode()
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Basic {right}".encode())

    def _claims(self, issuer: str, grant: _Grant) -> dict[str, Any]:
        row = self._store.person(snils=grant.snils)
        person, now = json.loads(row["body"])["person"] if row else {}, int(time.time())
        claims = {
            "iss": issuer, "aud": CLIENT_ID, "iat": now, "exp": now + _TOKEN_SECONDS, "auth_time": now, "nonce": grant.asked["nonce"], "acr": VERIFIED,
            "sub": hashlib.sha256(f"client {grant.snils}".encode()).hexdigest()[:24],
            "family_name": person.get("lastName") or "", "given_name": person.get("firstName") or "", "middle_name": person.get("patronymic") or "",
            "birthdate": person.get("birthDate") or "", "snils": grant.snils,
        }  # fmt: skip
        wrong: dict[Fault, dict[str, Any]] = {
            Fault.NONCE: {"nonce": "another"}, Fault.AUDIENCE: {"aud": "another-cabinet"}, Fault.ISSUER: {"iss": "https://another-bank.example"},
            Fault.EXPIRED: {"iat": now - 7200, "exp": now - 3600}, Fault.FUTURE: {"iat": now + 3600, "exp": now + 7200},
            Fault.WEAK: {"acr": "urn:bank:acr:remote"}, Fault.NO_SUBJECT: {"sub": ""},
        }  # fmt: skip
        return claims | wrong.get(self.fault, {})

    def _signed(self, claims: dict[str, Any]) -> str:
        algorithm = {Fault.ALGORITHM_NONE: "none", Fault.ALGORITHM_HMAC: "HS256"}.get(self.fault, "ES256")
        header = {"alg": algorithm, "typ": "JWT", "kid": self._key_id}
        text = ".".join(_encoded(json.dumps(part, ensure_ascii=False).encode()) for part in (header, claims))
        if algorithm == "none":
            return f"{text}."
        if algorithm == "HS256":
            return f"{text}.{_encoded(hmac.digest(self._secret.encode(), text.encode(), 'sha256'))}"
        key = ec.generate_private_key(ec.SECP256R1()) if self.fault is Fault.FOREIGN_KEY else self._key
        r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _issuer(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/bank"


def _is_whole(asked: dict[str, str]) -> bool:
    """RFC 7636: a challenge of SHA-256 is 43 characters; without state and nonce nobody knows whose answer it is."""
    return (
        asked["response_type"] == "code"
        and "openid" in asked["scope"].split()
        and asked["code_challenge_method"] == "S256"
        and len(asked["code_challenge"]) == 43  # noqa: PLR2004
        and bool(asked["state"] and asked["nonce"])
    )


def _fits(given: dict[str, str], asked: dict[str, str]) -> bool:
    challenge = _encoded(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
    return (
        given.get("grant_type") == "authorization_code"
        and given.get("redirect_uri") == asked["redirect_uri"]
        and hmac.compare_digest(challenge, asked["code_challenge"])
    )


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
