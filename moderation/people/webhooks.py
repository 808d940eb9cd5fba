"""The webhook at which a site hears of events: whether it has one, and the secret that signs what is sent there."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable

from sqlalchemy.engine import Connection

from moderation.store import sites

SECRET_PREFIX = "whsec_"  # Standard Webhooks 1.0


def with_webhook(conn: Connection, site_ids: Iterable[str]) -> list[str]:
    """Those of the sites that have a webhook."""
    return [site_id for site_id in site_ids if sites.get_site(conn, site_id).settings.webhook_url]


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
