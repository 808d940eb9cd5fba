"""Where a site hears of events: the form of its webhook's address, and the secret that signs deliveries."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from moderation.errors import FieldProblem, InvalidInput
from moderation.store import sites as store
from moderation.store.database import Database
from moderation.store.sites import Site

SECRET_PREFIX = "whsec_"  # Standard Webhooks 1.0
MAX_URL_CHARS = 2_000


def set_webhook(db: Database, site_id: str, webhook_url: str | None) -> Site:
    """Sets or clears where the site hears of events. Raises InvalidInput."""
    return _change_settings(db, site_id, lambda settings: hooked(settings, webhook_url))


def renew_secret(db: Database, site_id: str) -> Site:
    return _change_settings(db, site_id, lambda settings: {**settings, "webhook_secret": new_secret()})


def hooked(settings: Mapping[str, Any], webhook_url: str | None) -> dict[str, Any]:
    """The site's settings with another webhook. The first one brings the secret that signs deliveries."""
    if webhook_url is None:
        return {name: value for name, value in settings.items() if name != "webhook_url"}
    _check_url(webhook_url)
    return {"webhook_secret": new_secret(), **settings, "webhook_url": webhook_url}


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _change_settings(db: Database, site_id: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Site:
    with db.write() as conn:
        site = store.lock_site(conn, site_id)
        settings = change(site.settings)
        store.update_site_settings(conn, site_id, settings)
    return Site(site.id, site.name, settings)


def _is_plain(url: str) -> bool:
    return url.isprintable() and " " not in url


def _check_url(url: str) -> None:
    """Form only: where a name leads is looked at when something is sent."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as e:
        raise InvalidInput(FieldProblem("webhook_url", "is not a URL")) from e
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL_CHARS or not _is_plain(url):
        raise InvalidInput(FieldProblem("webhook_url", "must be an http or https URL"))
    if parts.username or parts.password or parts.fragment:
        raise InvalidInput(FieldProblem("webhook_url", "must hold neither credentials nor a fragment"))
