"""The settings of the site whose key makes the call."""

from __future__ import annotations

from typing import Any

from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.settings.values import SiteSettings
from service.auth import caller, current_key
from service.context import gavel, utc_now


def read() -> SiteSettings:
    """The settings in force. Only inside a request with a key."""
    with gavel().database.read() as conn:
        return store.get_site(conn, current_key().site_id).settings


def change(**changes: Any) -> SiteSettings:
    """Changes the named fields, notes it in the audit trail, and returns the settings after it.

    Raises InvalidInput, which names each field that is out of its limits.
    """
    site_id, now = current_key().site_id, utc_now()
    private = gavel().settings.private_webhooks
    return sites.change_settings(
        gavel().database, site_id, by=caller(), now=now, private_webhooks=private, **changes
    ).settings
