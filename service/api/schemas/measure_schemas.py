"""Measures about readers in the API: bodies, answers, and the data of their events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from moderation.ground.values.measures import MAX_DAYS, MAX_REASON_CHARS, Measure, Standing
from moderation.law.statements.facts import Automation
from moderation.law.statements.measure_facts import AccountRestriction
from moderation.sites.settings.grounds import GroundKind
from service.api.fields import Language, Moment, Note, Prose, ShortReason, SiteOwnId, Strict

Limit = Annotated[int, Field(ge=1, le=200)]


class AuthorState(BaseModel):
    """Whether a reader may comment, and how moderators want them treated. Close your comment box where `may_comment` is
    false."""

    id: str
    standing: Standing
    until: Annotated[datetime | None, Field(description="Null: until somebody ends it")]
    may_comment: bool


class AuthorMessage(BaseModel):
    """For the reader, in their language where it is known: text, not HTML."""

    language: str
    text: str


class StatedGround(BaseModel):
    """The ground of a decision or a measure as it was then, in the language of the statement."""

    kind: GroundKind
    name: Annotated[str | None, Field(description="The reason of the rejection, where the site or Gavel describes it")]
    provision: str | None
    text: Annotated[str, Field(description="The house rule, or why the comment is illegal")]
    category: str
    keywords: list[str]


class AccountStatement(BaseModel):
    """The statement of reasons for a measure that keeps a reader from commenting (Regulation (EU) 2022/2065, Article
    17). Its page says the rest."""

    language: str
    restriction: AccountRestriction
    automated_decision: Automation
    ground: StatedGround
    object_until: datetime
    path: Annotated[
        str, Field(description="The page of the statement, behind the address of this Gavel. Until `object_until`")
    ]


class EventMeasure(BaseModel):
    """A measure about a reader. `reason` and `rejection_reason` are for the reader to know, too."""

    id: str
    measure: Measure
    by: Annotated[
        Literal["moderator", "api", "ladder"], Field(description="`ladder`: Gavel itself, as the site has set it")
    ]
    reason: str | None
    rejection_reason: Annotated[str | None, Field(description="One of the site's `rejection_reasons`")]
    category: Annotated[
        str | None,
        Field(
            description="The former name of `rejection_reason`. Sent until 1.1",
            json_schema_extra={"deprecated": True},
        ),
    ]
    comment_id: Annotated[str | None, Field(description="The comment that it is about")]
    until: datetime | None
    undone: bool
    statement: Annotated[AccountStatement | None, Field(description="Of `suspend` and `ban`")]


class AuthorEventData(BaseModel):
    """The reader as they are after the event, the measure that was taken, undone or has ended, and the message for
    them. `measure` is null for a mark that was set before Gavel kept measures."""

    author: AuthorState
    measure: EventMeasure | None
    message: AuthorMessage | None


class TakenMeasure(EventMeasure):
    """A measure as it is kept."""

    note: Annotated[str | None, Field(description="For moderators only")]
    message: AuthorMessage | None
    created_at: datetime
    undone_at: datetime | None


class NewMeasure(Strict):
    """A measure about a reader. It needs a `reason` in words, or a `rejection_reason`, whose message then goes with
    it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"measure": "suspend", "days": 7, "rejection_reason": "Insult or abuse", "comment_id": "c-1017"}
        }
    )

    measure: Measure
    reason: Annotated[Prose | None, Field(max_length=MAX_REASON_CHARS, description="Why. The reader may read it")] = (
        None
    )
    rejection_reason: Annotated[ShortReason | None, Field(description="One of the site's `rejection_reasons`")] = None
    category: Annotated[
        ShortReason | None,
        Field(
            description="The former name of `rejection_reason`. Accepted until 1.1",
            json_schema_extra={"deprecated": True},
        ),
    ] = None
    days: Annotated[StrictInt | None, Field(ge=1, le=MAX_DAYS)] = None
    until: Annotated[Moment | None, Field(description="Instead of `days`")] = None
    comment_id: Annotated[SiteOwnId | None, Field(description="The comment that it is about")] = None
    note: Annotated[Note | None, Field(description="For moderators only")] = None
    language: Annotated[
        Language | None, Field(description="Of the message; left out, that of the reader's comments")
    ] = None


class MeasureTaken(BaseModel):
    """The measure, and the reader after it."""

    author: AuthorState
    measure: TakenMeasure


class MeasurePage(BaseModel):
    """`next` is null on the last page; otherwise send it as `after`."""

    author: AuthorState
    measures: list[TakenMeasure]
    next: str | None
