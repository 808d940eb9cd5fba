"""Sends what waits for a target as one message. The deliverer of webhooks calls it in the site's turn."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.ground.database.engine import Database, new_id
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.webhooks.sending import NotSent, Sender
from moderation.operations.alerts import look_rows, messages, rows
from moderation.operations.alerts.mailing import Mailer
from moderation.operations.alerts.messages import AlertMessage
from moderation.operations.alerts.values import Alert, AlertKind, AlertWish, Channel, Target
from moderation.sites.rows import Site

log = logging.getLogger(__name__)


def _count(alerts: Sequence[Alert], outcome: str) -> None:
    for alert in alerts:
        instruments().alerts.labels(alert.kind, outcome).inc()


@dataclass(frozen=True, slots=True)
class Alerter:
    database: Database
    sender: Sender
    mailer: Mailer
    public_url: str = ""

    def tell(self, site: Site, *, now: datetime, until: float, retry_after: Sequence[timedelta]) -> bool:
        """Sends one message to each target that is due. Returns whether more is due: the time, as of
        ``time.monotonic``, was up."""
        with self.database.read() as conn:
            due = rows.due_targets(conn, site.id, now)
        for target in due:
            if time.monotonic() > until:
                return True
            self._tell_one(site, target, now, retry_after)
        return False

    def test(self, site: Site, target: Target) -> str | None:
        """Sends a test, also in quiet hours, and returns the error."""
        message = messages.of_test(site=site.name, language=target.wish.language)
        return self._send(target.wish, message, new_id())

    def _tell_one(self, site: Site, target: Target, now: datetime, retry_after: Sequence[timedelta]) -> None:
        wish, message_id = target.wish, new_id()
        quiet_end = wish.quiet_end(now)
        with self.database.write() as conn:
            pause = timedelta(minutes=wish.pause_minutes)
            if not rows.postpone(conn, target, quiet_end or now + pause) or quiet_end is not None:
                return
            alerts = rows.take(conn, target.id, message_id)
            shown = [alert.subject for alert in alerts if alert.kind is AlertKind.THREAT and wish.shows_text]
            texts = {comment_id: look_rows.text_of(conn, comment_id) for comment_id in shown[: messages.TITLES]}
        if not alerts:
            return
        error = self._send(wish, self._message(site, wish, alerts, texts), message_id)
        is_last = target.attempts >= len(retry_after)
        _count(alerts, "sent" if error is None else "given_up" if is_last else "failed")
        with self.database.write() as conn:
            if error is None:
                rows.note_sent(conn, target.id)
                return
            log.warning("alert %s not sent to target %s: %s", message_id, target.id, error)
            delay = None if is_last else retry_after[target.attempts]
            next_at = now + max(delay, pause) if delay is not None else None
            rows.note_failure(conn, target, message_id, error, next_at=next_at)

    def _message(self, site: Site, wish: AlertWish, alerts: Sequence[Alert], texts: dict[str, str]) -> AlertMessage:
        return messages.of_alerts(
            alerts, site_id=site.id, site=site.name, language=wish.language, public_url=self.public_url, texts=texts
        )

    def _send(self, wish: AlertWish, message: AlertMessage, message_id: str) -> str | None:
        try:
            if wish.channel is Channel.MAIL:
                letter = messages.mail(message, sender=self.mailer.sender, to=wish.address, message_id=message_id)
                self.mailer.send(letter)
                return None
            return self.sender.post(wish.address, messages.body(message, wish.channel), {}).problem
        except NotSent as e:
            return str(e)
