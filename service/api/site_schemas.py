"""Bodies and answers about the site itself: its webhook, its patience, and how long it keeps comments."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from moderation.site_settings import (
    DEFAULT_REASONS,
    MAX_DAYS,
    MAX_PATIENCE_S,
    MAX_REASONS,
    MIN_PATIENCE_S,
    WhenDown,
)
from service.api.fields import ShortReason, Strict


class Site(BaseModel):
    """The site. The secret signs deliveries to the webhook."""

    id: str
    name: str
    webhook_url: str | None
    webhook_secret: str | None


class SiteSettings(Strict):
    """A null address turns the webhook off."""

    model_config = ConfigDict(json_schema_extra={"example": {"webhook_url": "https://news.example/hooks/gavel"}})

    webhook_url: Annotated[str, Field(max_length=2_000)] | None


class FailurePolicy(Strict):
    """The treatment of comments that have waited longer than the site's patience because scoring is down."""

    model_config = ConfigDict(json_schema_extra={"example": {"patience_s": 600, "when_down": "hold"}})

    patience_s: Annotated[
        StrictFloat | None,
        Field(ge=MIN_PATIENCE_S, le=MAX_PATIENCE_S, description="Seconds; null lets comments wait without a limit"),
    ]
    when_down: Annotated[
        WhenDown,
        Field(description="`hold` sends them to people; `rules_only` lets the rules that need no model decide"),
    ]


Days = Annotated[StrictInt | None, Field(ge=1, le=MAX_DAYS, description="Null keeps them for ever")]


class Retention(Strict):
    """How many days the site keeps comments, by status. Comments that wait for a decision are always kept."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"published_days": None, "rejected_days": 90, "withdrawn_days": 7}}
    )

    published_days: Days
    rejected_days: Days
    withdrawn_days: Days


class NewRejectionReasons(Strict):
    """The reasons that moderators choose from when they reject a comment, in the order of the buttons."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"rejection_reasons": ["Insult", "Off topic", "Advertising"]}}
    )

    rejection_reasons: Annotated[
        list[ShortReason] | None,
        Field(
            min_length=1,
            max_length=MAX_REASONS,
            description="Null goes back to the default: " + "; ".join(DEFAULT_REASONS),
        ),
    ]


class RejectionReasons(BaseModel):
    """The reasons in force at the site."""

    rejection_reasons: list[str]
    are_default: bool
