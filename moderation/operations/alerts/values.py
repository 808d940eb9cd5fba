"""Targets of alerts, the kinds that they hear of, and their quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class AlertKind(StrEnum):
    THREAT = "threat"
    FLAGGER = "flagger"  # a notice from a trusted flagger
    QUEUE_SIZE = "queue_size"
    QUEUE_AGE = "queue_age"
    SURGE = "surge"
    PROMISE = "promise"  # the house model went back into the shadow
    SECOND_READER = "second_reader"  # one went back into the shadow, or does not answer
    WEBHOOK = "webhook"


class Channel(StrEnum):
    SLACK = "slack"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class AlertWish:
    """A target as a lead describes it."""

    channel: Channel
    address: str = field(repr=False)  # a webhook's URL holds its secret
    kinds: tuple[AlertKind, ...] = tuple(AlertKind)
    language: str = "en"
    zone: str = "UTC"
    quiet_from: int | None = None  # hours of the zone's day
    quiet_until: int | None = None
    queue_size: int = 100
    queue_hours: int = 24
    pause_minutes: int = 10  # between two messages
    shows_text: bool = False

    def quiet_end(self, now: datetime) -> datetime | None:
        """The end of the quiet hours, if ``now`` is in them."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return None
        local = now.astimezone(ZoneInfo(self.zone))
        hour = local.hour
        if not (start <= hour < end if start < end else hour >= start or hour < end):
            return None
        day = local.date() + timedelta(days=hour >= end)
        return datetime.combine(day, time(end), ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    site_id: str
    wish: AlertWish
    created_at: datetime
    next_at: datetime  # no message before
    attempts: int = 0  # that failed in a row
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that happened. ``subject`` is an id, or names a state that may come back."""

    kind: AlertKind
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)  # never a comment's text or a reader's name
    is_state: bool = False
