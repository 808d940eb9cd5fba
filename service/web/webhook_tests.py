"""Tests of webhooks and alerts from a request that waits for the outcome: how long, and how many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from moderation.ground.errors import TooManyHeld
from moderation.ground.webhooks.sending import Sender
from moderation.operations.alerts import mailing
from moderation.operations.alerts.sending import Alerter
from moderation.operations.alerts.values import Target
from moderation.sites import rows as sites
from service.context import gavel
from service.web import held_replies
from service.web.places import LONG

Outcome = TypeVar("Outcome")

LONGEST_S = 15.0
RETRY_AFTER_S = 5


def held(site_id: str, send: Callable[[Sender], Outcome]) -> Outcome:
    """Returns the result of ``send``. Raises TooManyHeld if as many requests wait already as may wait at once."""
    settings = gavel().settings
    with held_replies.place(site_id, wanted=True, length=LONG) as has_place:
        if not has_place:
            raise TooManyHeld(settings.web_threads // 2, RETRY_AFTER_S)
        return send(Sender(min(settings.webhook_timeout_s, LONGEST_S), settings.private_webhooks))


def alert_error(site_id: str, target: Target) -> str | None:
    """Sends a test of alerts there. Raises as ``held`` does."""
    context = gavel()
    with context.database.read() as conn:
        site = sites.get_site(conn, site_id)
    mailer = mailing.of(context.settings)
    return held(site_id, lambda sender: Alerter(context.database, sender, mailer).test(site, target))
