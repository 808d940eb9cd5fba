"""Each site's webhook: an address that is found and that deliveries may go to, and how the last attempt went."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from moderation.operating.doctor.findings import Finding, error, ok, warning
from moderation.settings import Settings
from moderation.store import events, sites
from moderation.store.database import Database
from moderation.store.sites import Site

PART = "webhooks"


def check(settings: Settings, database: Database | None) -> list[Finding]:
    if database is None:
        return []
    with database.read() as conn:
        all_sites = sites.all_sites(conn)
        failures = {site.id: events.last_failure(conn, site.id) for site in all_sites}
    if not all_sites:
        return [warning(PART, "there is no site yet", 'gavel site create "Our paper"')]
    found = [finding for site in all_sites for finding in _site(site, failures[site.id], settings)]
    return found or [ok(PART, f"none of {len(all_sites)} sites has one: they read the feed")]


def _site(site: Site, failure: str | None, settings: Settings) -> Iterator[Finding]:
    url = site.settings.webhook_url
    if not url:
        return
    refused = _refused(url, settings.webhook_allow_private)
    change = f'gavel site set "{site.name}" --webhook-url https://…'
    if refused:
        yield error(PART, f"{site.name}: {refused}", change)
    elif failure:
        yield warning(
            PART, f"{site.name}: the last failed delivery says: {failure}", f"mend the site's webhook, or {change}"
        )
    else:
        yield ok(PART, f"{site.name}: {urlsplit(url).hostname} is found, and no delivery waits after a failure")


def _refused(url: str, allow_private: bool) -> str | None:
    """Why deliveries cannot go there; None when they can."""
    host = urlsplit(url).hostname or ""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as e:
        return f"{host!r} is not found: {e}"
    private = [address for address in found if not ip_address(address.partition("%")[0]).is_global]
    if private and not allow_private:
        return f"{host!r} leads to {private[0]}, which is not a public address"
    return None
