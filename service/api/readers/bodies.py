"""Bodies and answers of the calls of a signed reader."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from moderation.ground.values.statuses import CommentStatus
from moderation.law.statements.measure_facts import AccountRestriction
from service.api.fields import ArticleId, Language, Note, ShortReason, SiteOwnId, Strict, Title, Url
from service.api.notices.bodies import ILLEGAL, GivenNotice, NoticeReceipt
from service.api.schemas.measure_schemas import AuthorMessage
from service.api.schemas.statement_schemas import Appeal, AppealText


class Reader(BaseModel):
    """The reader of the token, and whether they may comment now."""

    id: str
    name: str | None
    staff: Annotated[bool, Field(description="Whether the site says that they work for it")]
    moderates: Annotated[bool, Field(description="Whether they may decide about comments, in the box")]
    may_comment: bool
    until: Annotated[datetime | None, Field(description="When they may comment again; null of a ban has no end")]
    message: Annotated[AuthorMessage | None, Field(description="For the reader, about the measure that holds")]
    statement_path: Annotated[
        str | None, Field(description="The page with the reasons for that measure and the form for an appeal")
    ]
    edit_minutes: Annotated[int, Field(description="How long after posting they may edit a comment")]
    token_until: Annotated[datetime, Field(description="The end of the token: get another one before")]


class NewOwnComment(Strict):
    """A comment by the reader of the token. With `id`, a UUID that the page makes, it is safe to send it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a21022-6248-7aa4-98be-b8141b0f4638",
                "article_id": "a-42",
                "text": "At last. Will the last boat wait for the train?",
            }
        }
    )

    article_id: ArticleId
    article_url: Annotated[
        Url | None,
        Field(description="Of the page, at one of the site's origins: an article that Gavel does not know is made"),
    ] = None
    article_title: Annotated[Title | None, Field(description="Of an article that is made")] = None
    text: Annotated[str, Field(description="1 to 20,000 characters after trimming, without control characters")]
    id: UUID | None = None
    parent_id: Annotated[SiteOwnId | None, Field(description="A published comment on the same article")] = None
    language: Language | None = None
    typed_s: Annotated[
        float | None, Field(ge=0, le=1e6, strict=True, description="How many seconds the reader typed")
    ] = None


class OwnComment(BaseModel):
    """A comment of the reader's own, with its state."""

    id: str
    article_id: str
    parent_id: str | None
    text: Annotated[str, Field(description="As the reader wrote it: escape it wherever you show it")]
    status: CommentStatus
    version: int
    replies: Annotated[int, Field(description="Published replies")]
    featured: bool
    posted_at: datetime
    updated_at: datetime
    editable_until: Annotated[datetime | None, Field(description="Null once the reader may no longer edit it")]
    statement_path: Annotated[
        str | None,
        Field(
            description="The page with the reasons and the form for an appeal, behind the address of this Gavel: of a "
            "comment that was rejected or taken offline, until appeals end"
        ),
    ]


class OwnComments(BaseModel):
    """`next` is null on the last page."""

    comments: list[OwnComment]
    next: str | None


class OwnReport(Strict):
    """A report by the reader of the token."""

    model_config = ConfigDict(json_schema_extra={"example": {"comment_id": "c-1017", "reason": "insult"}})

    comment_id: SiteOwnId
    reason: ShortReason
    note: Note | None = None
    notice: Annotated[
        GivenNotice | None, Field(description="With the reason `illegal`: a notice of illegal content")
    ] = None

    @field_validator("notice", mode="after")
    @classmethod
    def _goes_with_illegal(cls, notice: GivenNotice | None, info: ValidationInfo) -> GivenNotice | None:
        if notice is not None and info.data.get("reason") != ILLEGAL:
            raise ValueError(f"goes with the reason {ILLEGAL}")
        return notice


class ReportCounted(BaseModel):
    """`counted` is false if the reader had reported the comment before: a reader counts once."""

    counted: bool
    notice: Annotated[NoticeReceipt | None, Field(description="The receipt, if the report came with a notice")] = None


class OwnAppeal(Strict):
    """An appeal by the reader of the token, against the newest decision on a comment of theirs, or against a suspension
    or a ban: exactly one of `comment_id` and `measure_id`."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"comment_id": "c-1017", "text": "I quoted the minister. The words are hers."}}
    )

    comment_id: SiteOwnId | None = None
    measure_id: Annotated[
        UUID | None, Field(description="Instead of `comment_id`: the suspension or ban", validate_default=True)
    ] = None
    text: AppealText

    @field_validator("measure_id", mode="after")
    @classmethod
    def _is_one_of_both(cls, measure_id: UUID | None, known: ValidationInfo) -> UUID | None:
        if "comment_id" not in known.data:
            return measure_id  # a comment was named, and its own problem is said
        if measure_id is None and known.data["comment_id"] is None:
            raise ValueError("must be given, or comment_id instead")
        if measure_id is not None and known.data["comment_id"] is not None:
            raise ValueError("replaces comment_id: give only one of them")
        return measure_id


class OwnMeasure(BaseModel):
    """A suspension or a ban of the reader."""

    id: str
    restriction: AccountRestriction
    created_at: datetime
    until: Annotated[datetime | None, Field(description="The end that it was given; null of a ban")]
    holds: Annotated[bool, Field(description="Whether it keeps the reader from commenting now")]
    message: Annotated[AuthorMessage | None, Field(description="For the reader, as they got it")]
    statement_path: Annotated[
        str | None,
        Field(
            description="The page with the reasons and the form for an appeal, behind the address of this Gavel; null "
            "from `appeal_until` on"
        ),
    ]
    may_appeal: Annotated[bool, Field(description="Whether the reader can appeal now, on the page or by your call")]
    appeal_until: datetime
    appeal: Appeal | None


class OwnMeasures(BaseModel):
    """`next` is null on the last page; otherwise send it as `after`."""

    measures: list[OwnMeasure]
    next: str | None
