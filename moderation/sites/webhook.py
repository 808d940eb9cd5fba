"""The webhook that informs a site of events: whether a site has one, how its last attempt went, and a test."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.webhooks.sending import NotSent, Sender
from moderation.ground.webhooks.signing import signature_headers
from moderation.sites import rows as sites
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.audit import actors
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.people.roles import Role, allow
from moderation.sites.rows import Moderator, Site

TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Tested:
    """The site's answer to a test event."""

    event_id: str
    status: int | None  # None: there was no answer
    duration_ms: int
    error: str | None  # None: the site accepted it


def with_webhook(conn: Connection, site_ids: Iterable[str]) -> list[str]:
    """The sites that have a webhook."""
    return [site_id for site_id in site_ids if sites.get_site(conn, site_id).settings.webhook_url]


def send_test(db: Database, site_id: str, sender: Sender, *, by: Actor, now: datetime) -> Tested:
    """Sends a signed event that is not in the feed, and waits for the answer.

    The audit trail records it before it is sent. Raises NotFound, and InvalidInput if the site has no webhook.
    """
    with db.write() as conn:
        site = sites.get_site(conn, site_id)
        if not site.settings.webhook_url:
            raise InvalidInput(FieldProblem("webhook_url", "is not set, so there is nothing to test"))
        note(conn, by, "webhook.tested", site_id=site_id, subject=site.name, now=now)
    tested = _try(site, sender, now)
    with db.write() as conn:
        webhook_failures.note(conn, site_id, tested.error, now=now)
    return tested


def send_test_at_desk(db: Database, admin: Moderator, site_id: str, sender: Sender, *, now: datetime) -> Tested:
    """Like ``send_test``, for an admin. Also raises NotAllowed."""
    allow(admin, site_id, Role.ADMIN)
    return send_test(db, site_id, sender, by=actors.person(admin), now=now)


def _try(site: Site, sender: Sender, now: datetime) -> Tested:
    event_id = new_id()
    body = _test_event(event_id, site, now)
    headers = signature_headers(site.settings.webhook_secrets(now), event_id, body, now)
    started = time.perf_counter()
    status, error = None, None
    try:
        answer = sender.post(site.settings.webhook_url or "", body, headers)
        status, error = answer.status, answer.problem
    except NotSent as e:
        error = str(e)
    return Tested(event_id, status, round((time.perf_counter() - started) * 1000), error)


def _test_event(event_id: str, site: Site, now: datetime) -> bytes:
    """In the form of all events, but without a number, since it is not in the feed."""
    event = {
        "id": event_id,
        "sequence": None,
        "type": TEST,
        "created_at": now.isoformat(),
        "data": {"site": {"id": site.id, "name": site.name}},
    }
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
