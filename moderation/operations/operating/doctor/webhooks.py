"""Each site's webhook: an address that is found and that deliveries may go to, and how the last attempt went."""

from __future__ import annotations

from collections.abc import Iterator

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.webhooks.addresses import AddressRefused, resolve
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning
from moderation.sites import rows as sites
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.rows import Site
from moderation.sites.webhook_rows import Failure

PART = "webhooks"


def check(settings: Settings, database: Database | None) -> list[Finding]:
    if database is None:
        return []
    with database.read() as conn:
        all_sites = sites.all_sites(conn)
        failures = {site.id: webhook_failures.find(conn, site.id) for site in all_sites}
    if not all_sites:
        return [warning(PART, "there is no site yet", 'gavel site create "Our paper"')]
    findings = [finding for site in all_sites for finding in _site(site, failures[site.id], settings)]
    return findings or [ok(PART, f"none of {len(all_sites)} sites has one: they read the feed")]


def _site(site: Site, failure: Failure | None, settings: Settings) -> Iterator[Finding]:
    url = site.settings.webhook_url
    if not url:
        return
    change = f'gavel site set "{site.name}" --webhook-url https://…'
    try:
        destination = resolve(url, allow_private=settings.webhook_allow_private)
    except AddressRefused as e:
        yield error(PART, f"{site.name}: {e}", change)
        return
    if failure is None:
        yield ok(PART, f"{site.name}: {destination.host} has an address, and the last attempt did not fail")
        return
    problem = f"{site.name}: the last attempt, on {failure.failed_at:%Y-%m-%d at %H:%M} UTC, failed: {failure.error}"
    yield warning(PART, problem, f'mend it on the site, then `gavel site test-webhook "{site.name}"`; or {change}')
