"""Recovery codes: ten of 80 random bits, shown once, used once, kept as keyed hashes."""

import hashlib
import hmac
import re
import secrets

from medcab.accounts.rules.policy import POLICY, Policy

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no letter is taken for another or for a digit."""
_LENGTH, _GROUP, _LONGEST_TYPED = 16, 4, 64
_READ_AS = str.maketrans("OILОАВЕКМНРСТХ", "011" + "0" + "ABEKMHPCTX")
"""What people type instead: Latin letters left out of the alphabet, then Russian ones of the same look."""


def make_recovery_codes(policy: Policy = POLICY) -> list[str]:
    """A new set, each as `XXXX-XXXX-XXXX-XXXX`."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))) for _ in range(policy.recovery_codes)]


def typed_recovery_code(text: str) -> str:
    """The code as it was printed, however it is typed; empty when it is no recovery code."""
    if len(text) > _LONGEST_TYPED:
        return ""
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", text).upper().translate(_READ_AS)
    return _grouped(bare) if len(bare) == _LENGTH and set(bare) <= set(_ALPHABET) else ""


def recovery_code_hash(code: str, key: bytes) -> str:
    """What is kept of a printed code: HMAC-SHA-256, 64 hex characters."""
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def recovery_codes_warning(left: int, policy: Policy = POLICY) -> str:
    """The sentence for somebody with few codes left; empty while there are enough."""
    if left > policy.recovery_codes_few:
        return ""
    if left == 0:
        return "Резервные коды закончились. Создайте новые, чтобы не потерять доступ без телефона."
    return f"Резервных кодов осталось: {left}. Создайте новые, чтобы не потерять доступ без телефона."


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
