"""Sends a site's events to its webhook, signed and in order of their numbers, and retries if the site does not accept
them. One process at a time serves a site, for a few seconds; then other sites have their turn."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.webhooks.sending import NotSent, Sender
from moderation.ground.webhooks.signing import signature_headers
from moderation.operations.alerts.sending import Alerter
from moderation.sites import rows as sites
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.rows import Site
from moderation.spine.comments import envelope
from moderation.spine.events import rows as events
from moderation.spine.events.rows import Delivery
from workers.queue import coral, page_titles

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
PAGE = 100
TURN_S = 5.0  # for one site, before others have theirs; an attempt that has begun is finished
SLOW_S = 2.0  # a site that takes longer for one event is slow
LEASE_MARGIN_S = 10.0  # beyond one attempt, for the database
NO_WEBHOOK = "the site has no webhook any more"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SiteTurn:
    """The result of one turn of a site."""

    taken: int = 0  # events that the site accepted
    is_slow: bool = False  # one attempt took long, or had no answer
    is_more: bool = False  # the turn ended before the events did


@dataclass(frozen=True, slots=True)
class _Delivered:
    error: str | None
    seconds: float
    is_silent: bool = False  # there was no answer: the next event would have none either


class Courier:
    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        alerter: Alerter | None = None,
        turn_s: float = TURN_S,
        now: Callable[[], datetime] = utc_now,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.database = database
        self.sender = sender
        self.alerter = alerter
        self.turn_s = turn_s
        self.now = now
        self.is_stopping = is_stopping
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def deliver(self, site_id: str) -> SiteTurn:
        """Releases and sends the events that are due, until none is left or the turn is over.

        An event that the site refuses waits for its next attempt and does not hold up the others: ``comment.version``
        in the payload says which of two is newer. If another process delivers to the site, nothing happens.
        """
        with self.database.write() as conn:
            if not self._hold(conn, site_id):
                return SiteTurn()
        try:
            self._release(site_id)
            until = time.monotonic() + self.turn_s
            turn = self._turn(site_id, until)
            is_more = [self._tell_coral(site_id, until), self._tell_people(site_id, until)]
            is_more.append(page_titles.ask(self.database, self.sender, site_id, now=self.now(), until=until))
            return replace(turn, is_more=any(is_more) or turn.is_more)
        finally:
            with self.database.write() as conn:
                leases.end(conn, lease_of(site_id), self.holder)

    def _turn(self, site_id: str, until: float) -> SiteTurn:
        taken, is_slow = 0, False
        while True:
            with self.database.read() as conn:
                site = sites.get_site(conn, site_id)
                due = events.due_deliveries(conn, site_id, now=self.now(), limit=PAGE)
            if not due:
                return SiteTurn(taken, is_slow)
            for delivery in due:
                attempt = self._attempt(site, delivery)
                is_still_ours = self._record(site, delivery, attempt)
                taken += attempt.error is None
                is_slow = is_slow or attempt.is_silent or attempt.seconds > SLOW_S
                if not is_still_ours or attempt.is_silent or self.is_stopping() or time.monotonic() > until:
                    return SiteTurn(taken, is_slow, is_more=is_still_ours)

    def _tell_coral(self, site_id: str, until: float) -> bool:
        with self.database.read() as conn:
            site = sites.get_site(conn, site_id)
        return coral.tell(self.database, self.sender, site, now=self.now(), until=until)

    def _tell_people(self, site_id: str, until: float) -> bool:
        if self.alerter is None:
            return False
        with self.database.read() as conn:
            site = sites.get_site(conn, site_id)
        return self.alerter.tell(site, now=self.now(), until=until, retry_after=RETRY_AFTER)

    def _release(self, site_id: str) -> None:
        with self.database.read() as conn:
            if not events.has_due_events(conn, site_id, self.now()):
                return
        with self.database.write() as conn:
            events.release_due(conn, site_id, now=self.now())

    def _attempt(self, site: Site, delivery: Delivery) -> _Delivered:
        now = self.now()
        url, secrets = site.settings.webhook_url, site.settings.webhook_secrets(now)
        if not url or not secrets:
            return _Delivered(NO_WEBHOOK, 0.0)
        body = envelope.body(delivery.event)
        headers = signature_headers(secrets, delivery.event.id, body, now)
        started = time.perf_counter()
        try:
            error, is_silent = self.sender.post(url, body, headers).problem, False
        except NotSent as e:
            error, is_silent = str(e), True
        seconds = time.perf_counter() - started
        instruments().delivery_seconds.observe(seconds)
        return _Delivered(error, seconds, is_silent)

    def _record(self, site: Site, delivery: Delivery, attempt: _Delivered) -> bool:
        """Stores the result. False if another process may have taken the site over."""
        now, error = self.now(), attempt.error
        retries_left = delivery.attempts < len(RETRY_AFTER)
        next_at = now + RETRY_AFTER[delivery.attempts] if error and retries_left else None
        if error:
            log.warning("event %s not delivered (%s), %s", delivery.event.id, error, f"again at {next_at}")
        outcome = "delivered" if error is None else "failed" if retries_left else "given_up"
        instruments().deliveries.labels(outcome).inc()
        with self.database.write() as conn:
            delivered_at = None if error else now
            events.record_attempt(conn, delivery, delivered_at=delivered_at, next_at=next_at, error=error)
            if error != NO_WEBHOOK:
                webhook_failures.note(conn, site.id, error, now=now)
            return self._hold(conn, site.id)

    def _hold(self, conn: Connection, site_id: str) -> bool:
        """Holds the site for one more attempt: if the process dies, it is free after that."""
        now = self.now()
        until = now + timedelta(seconds=self.sender.deadline_s + LEASE_MARGIN_S)
        return leases.take(conn, lease_of(site_id), self.holder, until=until, now=now)


def lease_of(site_id: str) -> str:
    return f"deliver:{site_id}"
