"""Sends events to a site's webhook, signed, in the order of its sequence, and again later when it takes them not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import urllib3
from urllib3.exceptions import HTTPError

from moderation.deciding import events as envelope
from moderation.monitoring.instruments import instruments
from moderation.store import events, sites
from moderation.store.database import Database
from moderation.store.events import Delivery
from moderation.store.sites import Site
from workers.queue.webhook_addresses import AddressRefused, Destination, resolve

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
PAGE = 100

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Courier:
    def __init__(
        self, database: Database, *, timeout_s: float, allow_private: bool, now: Callable[[], datetime] = _now
    ) -> None:
        self.database = database
        self.timeout_s = timeout_s
        self.allow_private = allow_private
        self.now = now

    def deliver(self, site_id: str) -> int:
        """Releases and sends what is due, and returns how many events the site took.

        An event that fails waits for its next attempt and does not hold up the others: ``comment.version`` in the
        payload tells a site which of two is newer.
        """
        self._release(site_id)
        taken = 0
        while True:
            with self.database.read() as conn:
                site = sites.get_site(conn, site_id)
                due = events.due_deliveries(conn, site_id, now=self.now(), limit=PAGE)
            if not due:
                return taken
            for delivery in due:
                taken += self._attempt(site, delivery)

    def _release(self, site_id: str) -> None:
        with self.database.read() as conn:
            if not events.has_due_events(conn, site_id, self.now()):
                return
        with self.database.write() as conn:
            events.release_due(conn, site_id, now=self.now())

    def _attempt(self, site: Site, delivery: Delivery) -> bool:
        started = time.perf_counter()
        error = self._send(site, delivery)
        instruments().delivery_seconds.observe(time.perf_counter() - started)
        now = self.now()
        retries_left = delivery.attempts < len(RETRY_AFTER)
        next_at = now + RETRY_AFTER[delivery.attempts] if error and retries_left else None
        if error:
            log.warning("event %s not delivered (%s), %s", delivery.event.id, error, f"again at {next_at}")
        outcome = "delivered" if error is None else "failed" if retries_left else "given_up"
        instruments().deliveries.labels(outcome).inc()
        with self.database.write() as conn:
            delivered_at = None if error else now
            events.record_attempt(conn, delivery, delivered_at=delivered_at, next_at=next_at, error=error)
        return error is None

    def _send(self, site: Site, delivery: Delivery) -> str | None:
        """None when the site answered 2xx, else what went wrong."""
        url, secret = site.settings.webhook_url, site.settings.webhook_secret
        if not url or not secret:
            return "the site has no webhook any more"
        sent = envelope.body(delivery.event)
        headers = envelope.signature_headers(secret, delivery.event, sent, self.now())
        try:
            destination = resolve(url, allow_private=self.allow_private)
            status = self._post(destination, sent, {**headers, "content-type": "application/json"})
        except (AddressRefused, HTTPError, OSError) as e:
            return str(e)
        return None if 200 <= status < 300 else f"answered {status}"

    def _post(self, to: Destination, sent: bytes, headers: dict[str, str]) -> int:
        default_port = {"http": 80, "https": 443}[to.scheme]
        host = to.host if to.port == default_port else f"{to.host}:{to.port}"
        timeout = urllib3.Timeout(total=self.timeout_s)
        pool: urllib3.HTTPConnectionPool
        if to.scheme == "https":
            pool = urllib3.HTTPSConnectionPool(
                to.address, to.port, timeout=timeout, server_hostname=to.host, assert_hostname=to.host
            )
        else:
            pool = urllib3.HTTPConnectionPool(to.address, to.port, timeout=timeout)
        with pool:
            answer = pool.urlopen(
                "POST", to.target, body=sent, headers={**headers, "host": host}, retries=False, preload_content=False
            )
            answer.close()  # nothing in the body is ours to read, however long it is
            return answer.status
