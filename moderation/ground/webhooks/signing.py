"""The secret that a site shares with Gavel, and the signature that it makes (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

SECRET_PREFIX = "whsec_"


def new_secret() -> str:
    """256 random bits in base64, behind the prefix that Standard Webhooks defines."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature_headers(secrets: tuple[str, ...], event_id: str, sent: bytes, now: datetime) -> dict[str, str]:
    """Headers that prove that Gavel sent the body ``sent``, and when.

    A signature is ``v1,base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}"))``; a secret is ``whsec_`` and base64.
    There is one for each secret, with spaces in between.
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    timestamp = str(int(now.timestamp()))
    signed = b".".join((event_id.encode(), timestamp.encode(), sent))
    signatures = " ".join(_signature(secret, signed) for secret in secrets)
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
