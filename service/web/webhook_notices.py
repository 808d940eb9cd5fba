"""Starts the delivery of waiting events to a site that has a webhook. If this fails, the sweeper does it."""

from __future__ import annotations

from moderation.sites import webhook as webhooks
from service.context import gavel


def tell(site_id: str) -> None:
    """Queues one delivery if the site has a webhook."""
    context = gavel()
    with context.database.read() as conn:
        hooked = webhooks.with_webhook(conn, [site_id])
    if hooked:
        context.queues.deliver(site_id)
