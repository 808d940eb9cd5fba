"""The settings of a site's webhook, and of its Coral."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, PlainSerializer

from moderation.ground.declaring import Heading, Setting, SettingGroup, SettingUnit, checked_by
from moderation.judging.text.contacts.address_form import MAX_URL_CHARS, url_problems

MAX_SECRET_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class FormerSecret:
    """A secret that another one has replaced. Deliveries are signed with both for a while."""

    secret: str = field(repr=False)
    until: Annotated[datetime, PlainSerializer(datetime.isoformat, when_used="json")]


def _secret_problems(secret: str | None) -> Iterator[str]:
    if secret is not None and not (secret.isascii() and secret.isprintable()):
        yield "must have printable ASCII characters only"
    if secret is not None and secret != secret.strip():
        yield "must neither begin nor end with a space"


class WebhookSettings(SettingGroup):
    """Where events go, and what signs them."""

    about = Heading("Webhook", "events.md#webhooks")

    webhook_url: Annotated[
        str | None,
        Field(
            title="Address for events",
            description="Off without one. Never inside a private network.",
            max_length=MAX_URL_CHARS,
        ),
        checked_by(url_problems),
        Setting(unit=SettingUnit.ADDRESS),
    ] = None
    webhook_secret: Annotated[
        str | None, Field(title="Secret that signs events", repr=False), Setting(is_secret=True, is_made=True)
    ] = None
    former_webhook_secret: Annotated[
        FormerSecret | None,
        Field(title="Secret before it, which still signs for a while"),
        Setting(is_secret=True, is_made=True),
    ] = None

    def webhook_secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign a delivery at this moment, the newest first; none of a site without a webhook."""
        former = self.former_webhook_secret
        before = former.secret if former is not None and now < former.until else None
        return tuple(secret for secret in (self.webhook_secret, before) if secret is not None)

    def with_secret(self, secret: str, *, former_until: datetime | None) -> Self:
        """The settings with another secret. The one before signs deliveries, too, until then."""
        old = self.webhook_secret
        former = FormerSecret(old, former_until) if old is not None and former_until is not None else None
        return self.model_copy(update={"webhook_secret": secret, "former_webhook_secret": former})


class CoralSettings(SettingGroup):
    """The Coral that sends its comments here. Operators set all three: its address gets its token."""

    about = Heading("Coral", "coming-from-coral.md")

    coral_url: Annotated[
        str | None,
        Field(title="Address of the Coral that sends comments here", max_length=MAX_URL_CHARS),
        checked_by(url_problems),
        Setting(unit=SettingUnit.ADDRESS, is_for_operators=True),
    ] = None
    coral_token: Annotated[
        str | None,
        Field(
            title="Access token that tells Coral your moderators’ decisions",
            min_length=1,
            max_length=MAX_SECRET_CHARS,
            repr=False,
        ),
        checked_by(_secret_problems),
        Setting(is_secret=True, is_for_operators=True),
    ] = None
    coral_signing_secret: Annotated[
        str | None,
        Field(
            title="Secret of Coral’s moderation phase, which signs its requests",
            min_length=1,
            max_length=MAX_SECRET_CHARS,
            repr=False,
        ),
        checked_by(_secret_problems),
        Setting(is_secret=True, is_for_operators=True),
    ] = None
