"""The policy of signing in: numbers in `POLICY`, decisions as pure functions. The clock comes in as an argument, aware."""

from medcab.accounts.rules.codes import SentBefore, next_send, typed_code
from medcab.accounts.rules.lockout import (
    NO_FAILURES,
    Address,
    Failures,
    Held,
    Reason,
    address_held,
    failed,
    held,
    is_spraying,
)
from medcab.accounts.rules.password_age import PasswordAge, PasswordStanding, password_age
from medcab.accounts.rules.policy import POLICY, Limit, Policy
from medcab.accounts.rules.recovery_codes import (
    make_recovery_codes,
    recovery_code_hash,
    recovery_codes_warning,
    typed_recovery_code,
)
from medcab.accounts.rules.sessions import is_stepped_up, sessions_to_end
from medcab.accounts.rules.totp import Accepted, ClockOff, Replayed, Wrong, check_totp, enrolment_uri, new_secret

__all__ = [
    "NO_FAILURES",
    "POLICY",
    "Accepted",
    "Address",
    "ClockOff",
    "Failures",
    "Held",
    "Limit",
    "PasswordAge",
    "PasswordStanding",
    "Policy",
    "Reason",
    "Replayed",
    "SentBefore",
    "Wrong",
    "address_held",
    "check_totp",
    "enrolment_uri",
    "failed",
    "held",
    "is_spraying",
    "is_stepped_up",
    "make_recovery_codes",
    "new_secret",
    "next_send",
    "password_age",
    "recovery_code_hash",
    "recovery_codes_warning",
    "sessions_to_end",
    "typed_code",
    "typed_recovery_code",
]
