"""The signature of Coral's requests (https://docs.coralproject.net/external-moderation-phases)."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Coral-Signature"
PREFIX = "sha256="


def signature(secret: str, body: bytes) -> str:
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """While Coral rolls its secret, the header has a signature by each of them, between commas."""
    wanted = signature(secret, body).encode()
    given = [one.strip().encode("utf-8", "replace") for one in header.split(",")]
    return any(hmac.compare_digest(wanted, one) for one in given)
