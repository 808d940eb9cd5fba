"""Tells a site that events wait for it, where it has a webhook. Best effort: the sweeper tells it otherwise."""

from __future__ import annotations

from moderation.people import webhooks
from service.context import gavel


def tell(site_id: str) -> None:
    context = gavel()
    with context.database.read() as conn:
        hooked = webhooks.with_webhook(conn, [site_id])
    if hooked:
        context.queues.deliver(site_id)
