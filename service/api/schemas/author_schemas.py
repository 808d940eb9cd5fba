"""The API's answers about one reader."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from moderation.ground.values.measures import Standing
from moderation.law.notices.values import Outcome
from service.api.schemas.comment_schemas import ListedComment
from service.api.schemas.decision_schemas import Decision
from service.api.schemas.measure_schemas import AuthorMessage, TakenMeasure
from service.api.schemas.signal_schemas import Signal
from service.api.schemas.statement_schemas import Appeal


class Mark(BaseModel):
    """How moderators want the reader's comments treated, why, and until when. A mark that is over is shown as
    `normal`."""

    standing: Standing
    reason: str | None
    until: datetime | None
    message: Annotated[AuthorMessage | None, Field(description="For the reader, from the measure that set the mark")]


class Record(BaseModel):
    """A reader as Gavel knows them."""

    id: str
    name: Annotated[str | None, Field(description="As the site gave it: escape it wherever you show it")]
    first_seen_at: datetime
    created_at: Annotated[datetime | None, Field(description="When they registered with your site, as you sent it")]
    email_domain: Annotated[str | None, Field(description="Of their e-mail address, as you sent it")]
    published: Annotated[int, Field(description="Comments that are published now")]
    rejected: Annotated[int, Field(description="Comments that are rejected now")]
    may_comment: Annotated[bool, Field(description="False while they are suspended or banned")]
    mark: Mark


class AuthorPage(BaseModel):
    """A reader, and a page of their comments."""

    author: Record
    comments: list[ListedComment]
    next: str | None


class EarlierText(BaseModel):
    """A text that an edit replaced."""

    text: str
    replaced_at: datetime


class Scores(BaseModel):
    """The signals of a comment, as it was scored."""

    version: int
    signals: list[Signal]
    models: dict[str, str]
    language: str | None
    scored_at: datetime


class SecondOpinion(BaseModel):
    """The answer of a language model about the comment, by the house rules, and where that model is."""

    version: int
    model: str
    host: Annotated[str, Field(description="That the comment was sent to")]
    breaks: Annotated[bool | None, Field(description="Whether it breaks a rule; `null` without an answer")]
    rule: Annotated[str | None, Field(description="The key of the rule")]
    quote: str | None
    read_at: datetime


class ReportHad(BaseModel):
    """Another reader's report, without who made it."""

    reason: str
    note: str | None
    created_at: datetime


class ExportedComment(ListedComment):
    """A comment with everything that is kept about it."""

    website: Annotated[str | None, Field(description="The author's, as you sent it")]
    typed_s: Annotated[float | None, Field(description="How many seconds the author typed, as you sent it")]
    address_digest: Annotated[str | None, Field(description="Of the address that the comment came from, for 30 days")]
    earlier_texts: list[EarlierText]
    scores: list[Scores]
    second_opinions: list[SecondOpinion]
    decisions: list[Decision]
    reports: list[ReportHad]


class ReportMade(BaseModel):
    """The reader's own report of a comment."""

    comment_id: str
    reason: str
    note: str | None
    created_at: datetime


class AppealMade(Appeal):
    """The reader's own appeal against a decision on a comment of theirs."""

    text: str


class NoticeGiven(BaseModel):
    """The reader's own notice that a comment is illegal, with its outcome."""

    id: str
    comment_id: str
    explanation: str
    category: str
    language: str
    name: Annotated[str | None, Field(description="Null once it was forgotten, as the address")]
    email: str | None
    received_at: datetime
    status: Annotated[str, Field(json_schema_extra={"enum": ["open", *Outcome]})]
    decided_at: datetime | None
    answer: Annotated[str | None, Field(description="In the words of the person who decided. Escape it")]


class AuthorExport(BaseModel):
    """Everything that is kept about a reader. `author` is null where they only reported comments or gave notices."""

    exported_at: datetime
    author: Record | None
    comments: list[ExportedComment]
    reports_made: list[ReportMade]
    measures: Annotated[list[TakenMeasure], Field(description="About the reader, newest first")]
    appeals: list[AppealMade]
    notices_given: list[NoticeGiven]


class AuthorErased(BaseModel):
    """How many comments lost their texts, and how many reports their maker."""

    id: str
    comments: int
    reports_made: int
