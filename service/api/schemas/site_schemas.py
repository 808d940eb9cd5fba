"""Bodies and answers about the site itself and its webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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
