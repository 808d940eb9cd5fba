"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as authenticator apps make them."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
DRIFT_STEPS = 1  # a telephone's clock may be wrong by half a minute


def new_secret() -> str:
    """160 bits in base32, the length that RFC 4226 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code for a time step. RFC 4226, section 5.3: four bytes, from where the last half-byte points, without the
    sign bit."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step near ``now`` that the code is for; None if it is for none of them."""
    given = "".join(code.split())
    current = int(now.timestamp()) // STEP_S
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), given.encode()):
            return step
    return None


def address(secret: str, account: str) -> str:
    """The address that an authenticator app reads from a QR code or a link."""
    label = quote(f"Gavel:{account}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': 'Gavel'})}"
