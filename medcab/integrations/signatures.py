"""HTTP Message Signatures (RFC 9421, hmac-sha256) over requests and answers, and Content-Digest (RFC 9530).

The shared key never travels. What is signed holds the method, the path, the query, the digest of the body,
the kind of operation, the schema version and the request id; an answer's signature holds the same request id,
so that an answer to another question does not pass.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

WINDOW_SECONDS = 120
REQUEST_PARTS = (
    "@method",
    "@path",
    "@query",
    "content-digest",
    "x-operation",
    "x-schema-version",
    "x-request-id",
    "idempotency-key",
)
ANSWER_PARTS = ("@status", "content-digest", "x-request-id")

_PARAMS = re.compile(
    r'^sig=(?P<params>\((?P<parts>[^)]*)\);created=(?P<created>\d{1,12});keyid="(?P<keyid>[^"]*)";alg="hmac-sha256")$'
)
_SIGNATURE = re.compile(r"^sig=:(?P<mac>[A-Za-z0-9+/=]+):$")


class BadSignature(Exception):
    """The message was changed, is old, answers another question or comes from somebody else."""


def content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(parts: Sequence[str], values: Mapping[str, str], params: str) -> bytes:
    """The text that is signed (RFC 9421, 2.5). Raises `BadSignature` when a part is missing."""
    try:
        lines = [f'"{part}": {values[part]}' for part in parts]
    except KeyError as missing:
        raise BadSignature("a signed part is not in the message") from missing
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def sign(key: bytes, keyid: str, parts: Sequence[str], values: Mapping[str, str], *, created: int) -> dict[str, str]:
    """The two headers for a message; parts that the message does not have are left out. `created` is in Unix
    seconds.
    """
    present = [part for part in parts if part in values]
    listed = " ".join(f'"{part}"' for part in present)
    params = f'({listed});created={created};keyid="{keyid}";alg="hmac-sha256"'
    mac = hmac.digest(key, signature_base(present, values, params), "sha256")
    return {"Signature-Input": f"sig={params}", "Signature": f"sig=:{base64.b64encode(mac).decode()}:"}


def verify(
    key: bytes, headers: Mapping[str, str], required: Sequence[str], values: Mapping[str, str], *, at: float
) -> None:
    """Raises `BadSignature` unless the headers sign every required part with this key, now
    (±`WINDOW_SECONDS`).
    """
    given = _PARAMS.match(headers.get("signature-input", ""))
    signature = _SIGNATURE.match(headers.get("signature", ""))
    if not given or not signature:
        raise BadSignature("the message is not signed")
    parts = re.findall(r'"([^"]*)"', given["parts"])
    if not set(required) <= set(parts):
        raise BadSignature("not everything is signed")
    if len(set(parts)) != len(parts):
        raise BadSignature("a part is signed twice")
    if abs(at - int(given["created"])) > WINDOW_SECONDS:
        raise BadSignature("the signature is too old, or from the future")
    expected = hmac.digest(key, signature_base(parts, values, given["params"]), "sha256")
    if not hmac.compare_digest(base64.b64encode(expected), signature["mac"].encode()):
        raise BadSignature("the signature does not match")
