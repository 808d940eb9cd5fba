"""The secret that a site shares with Gavel, and the signature that it makes (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

SECRET_PREFIX = "whsec_"


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature_headers(secret: str, event_id: str, sent: bytes, now: datetime) -> dict[str, str]:
    """Headers by which the site knows that Gavel sent ``sent``, and when.

    The signature is ``v1,base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}"))``; ``secret`` is ``whsec_`` and base64.
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    timestamp = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = b".".join((event_id.encode(), timestamp.encode(), sent))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{digest}"}
