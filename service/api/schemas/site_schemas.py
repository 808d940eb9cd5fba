"""Bodies and answers about the site itself: its webhook, its patience, and how long it keeps comments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from moderation.operations.operating.deleting.settings import LABEL_DAYS, NOTICE_DAYS
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites.settings.limits import MAX_DAYS, MAX_PATIENCE_S, MIN_PATIENCE_S
from service.api.fields import Strict


class Site(BaseModel):
    """The site. The secret signs deliveries to the webhook."""

    id: str
    name: str
    webhook_url: str | None
    webhook_secret: str | None
    former_webhook_secret_until: Annotated[
        datetime | None, Field(description="Until then the secret before this one signs deliveries too")
    ]
    webhook_last_error: Annotated[
        str | None, Field(description="Why the last attempt at the webhook failed; null once one succeeds")
    ]
    webhook_last_error_at: datetime | None


class WebhookTest(BaseModel):
    """The result of a test event. It has the type `webhook.test` and is not in the feed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "event_id": "01a21022-6248-7aa4-98be-b8141b0f4638",
                "delivered": False,
                "status": 500,
                "duration_ms": 87,
                "error": "the site answered 500",
            }
        }
    )

    event_id: str
    delivered: Annotated[bool, Field(description="The webhook answered 2xx")]
    status: Annotated[int | None, Field(description="Null where there was no answer")]
    duration_ms: int
    error: str | None


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


def _without_default(schema: dict[str, Any]) -> None:
    """A field that may be left out needs no default: generated clients would take it for always sent."""
    schema.pop("default", None)


def _days(status: str) -> Any:
    """A field with the name of the setting. The former name, without the first word, is accepted until 1.1."""
    names = AliasChoices(f"keep_{status}_days", f"{status}_days")
    return Field(ge=1, le=MAX_DAYS, validation_alias=names, description="Null keeps them for ever")


class Retention(Strict):
    """How many days the site keeps comments, by status. Comments that wait for a decision are always kept."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"keep_published_days": None, "keep_rejected_days": 90, "keep_withdrawn_days": 7}}
    )

    keep_published_days: Annotated[StrictInt | None, _days("published")]
    keep_rejected_days: Annotated[StrictInt | None, _days("rejected")]
    keep_withdrawn_days: Annotated[StrictInt | None, _days("withdrawn")]
    keep_withdrawn_text_days: Annotated[
        StrictInt | None,
        Field(
            ge=1,
            le=MAX_DAYS,
            validation_alias=AliasChoices("keep_withdrawn_text_days", "withdrawn_text_days"),
            json_schema_extra=_without_default,
            description="Days after which the text of a withdrawn comment goes while the comment stays. "
            "Null keeps it as long as the comment; left out, nothing changes",
        ),
    ] = None
    keep_labels_days: Annotated[
        StrictInt,
        Field(
            ge=1,
            le=MAX_DAYS,
            validation_alias=AliasChoices("keep_labels_days", "labels_days"),
            json_schema_extra=_without_default,
            description="Days that judgements about texts that are not comments are kept; left out, nothing changes",
        ),
    ] = LABEL_DAYS
    keep_notices_days: Annotated[
        StrictInt,
        Field(
            ge=1,
            le=MAX_DAYS,
            json_schema_extra=_without_default,
            description="Days that notices of illegal content are kept after the decision; left out, nothing changes",
        ),
    ] = NOTICE_DAYS


OldDays = Annotated[
    int | None,
    Field(
        description="The former name of the field with `keep_`. Sent until 1.1", json_schema_extra={"deprecated": True}
    ),
]


class RetentionInForce(BaseModel):
    """How many days the site keeps comments, and when the sweeper acts on it."""

    keep_published_days: int | None
    keep_rejected_days: int | None
    keep_withdrawn_days: int | None
    keep_withdrawn_text_days: int | None
    keep_labels_days: int
    keep_notices_days: int
    published_days: OldDays
    rejected_days: OldDays
    withdrawn_days: OldDays
    withdrawn_text_days: OldDays
    labels_days: OldDays
    last_run_at: Annotated[datetime | None, Field(description="When the last daily deletion began")]
    next_run_at: Annotated[datetime, Field(description="When the next one is due. In the past: no sweeper runs")]
