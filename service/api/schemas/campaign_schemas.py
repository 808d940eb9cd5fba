"""Campaigns in the API: near copies by several readers, and what is decided about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from moderation.ground.values.statuses import Action
from service.api.fields import Note, OldReasonSent, Reasoned, SiteOwnId, Strict
from service.api.schemas.comment_schemas import ListedComment

Count = Annotated[int, Field(description="Counting stops at 1,001")]


class Treatment(BaseModel):
    """The decision on later copies, and its end."""

    action: Action
    seen: Seen = None
    reason: str | None
    category: OldReasonSent
    by: Annotated[str, Field(description="The moderator's name, or `the site`")]
    until: datetime


class Campaign(BaseModel):
    """Near copies by several readers."""

    id: str
    copies: int
    authors: int
    published: Count
    flagged: Count
    rejected: Count
    first_at: datetime
    last_at: datetime
    treatment: Treatment | None


class CampaignPage(BaseModel):
    """`next` is null on the last page."""

    campaigns: list[Campaign]
    next: str | None


class OpenCampaign(BaseModel):
    """A campaign, with the copies that differ most among its newest."""

    campaign: Campaign
    samples: list[ListedComment]


class SeenText(Strict):
    """A comment that you read, at its version, as `samples` has it."""

    id: SiteOwnId
    version: Annotated[int, Field(strict=True, ge=1)]


Seen = Annotated[
    list[SeenText] | None,
    Field(
        description="The texts that you read: the call reaches these and their near copies. Needed where the campaign "
        "has texts unlike each other",
        min_length=1,
        max_length=100,
    ),
]


class CampaignDecision(Reasoned):
    """One decision for the texts that were seen and their near copies: `reject` those that wait and those that are
    published, `publish` those that wait."""

    model_config = ConfigDict(json_schema_extra={"example": {"action": "reject", "reason": "spam"}})

    action: Literal["publish", "reject"]
    seen: Seen = None
    note: Note | None = None
    overturn: Annotated[bool, Field(strict=True, description="Decide also what a person has approved")] = False
    mentions: Annotated[
        bool,
        Field(strict=True, description="Decide also near copies with words of their own"),
    ] = False
    after: Annotated[
        str | None, Field(description="`next` of the answer before, to go on with the same batch", max_length=120)
    ] = None


class CampaignDecided(BaseModel):
    """`next` is null once all copies are decided; otherwise send the same again with it as `after`."""

    batch_id: str
    decided: int
    left_out: Annotated[
        int,
        Field(description="Texts not seen, mentions, what a person approved, and what somebody changed meanwhile"),
    ]
    next: str | None


class NewTreatment(Reasoned):
    """For seven days from now. `publish` lets no copy past other rules: being one is then no reason to hold it."""

    model_config = ConfigDict(json_schema_extra={"example": {"action": "reject", "reason": "spam"}})

    action: Action
    seen: Seen = None
