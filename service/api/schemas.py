"""Bodies and answers of the API. Signals and reasons have the core's JSON form."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from moderation.deciding.events import EventType
from moderation.model import Action, ArticleState, CommentStatus, DecidedBy, Of, ReasonCode
from moderation.signals.registry import SIGNALS
from service.api.fields import (
    EmailDomain,
    Language,
    Line,
    Moment,
    Note,
    PersonId,
    Prose,
    ShortLine,
    ShortReason,
    SiteOwnId,
    Strict,
    Summary,
    Title,
    Url,
    Version,
)
from service.api.measure_schemas import AuthorMessage

MAX_BATCH = 500


class FieldError(BaseModel):
    field: str
    message: str


class SilencedAuthor(BaseModel):
    """The reader whom a 403 `author-suspended` is about, with the message for them."""

    id: str
    standing: Literal["suspended", "banned"]
    until: datetime | None
    message: AuthorMessage | None


class Problem(BaseModel):
    """RFC 9457 problem details: the shape of every error."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    author: Annotated[SilencedAuthor | None, Field(description="Only where the type is `author-suspended`")] = None
    errors: list[FieldError]


class ArticleRef(Strict):
    """The article, by the site's own id. Other fields are stored, so that a first comment can describe the article."""

    id: SiteOwnId
    title: Title | None = None
    url: Url | None = None
    summary: Summary | None = None
    text: Prose | None = None
    section: ShortLine | None = None
    language: Language | None = None


class AuthorRef(Strict):
    """The author, by the site's own id. Other fields are facts for signals: what you leave out stays unknown."""

    id: PersonId
    name: Line | None = None
    created_at: Annotated[Moment | None, Field(description="When the author registered with your site")] = None
    email_domain: Annotated[
        EmailDomain | None, Field(description="What follows the @ of the author's e-mail address")
    ] = None
    address: Annotated[
        Line | None,
        Field(
            description="The address that the comment came from, such as an IP address. Gavel keeps only a digest with "
            "a secret of the site's, for 30 days"
        ),
    ] = None


class NewComment(Strict):
    """A reader's comment. If you set `id`, it is safe to send it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "c-1017",
                "article": {"id": "a-42", "title": "Ferry to run all winter"},
                "author": {"id": "reader-7", "name": "Dana"},
                "text": "At last. Will the last boat wait for the train?",
            }
        }
    )

    id: SiteOwnId | None = None
    article: ArticleRef
    author: AuthorRef
    text: Annotated[str, Field(description="1 to 20,000 characters after trimming, without control characters")]
    parent_id: SiteOwnId | None = None
    posted_at: Moment | None = None
    language: Language | None = None
    typed_s: Annotated[
        float | None, Field(ge=0, le=1e6, strict=True, description="How many seconds the author typed")
    ] = None


class CommentBatch(Strict):
    """Up to 500 comments. Each one is accepted or refused by itself."""

    comments: Annotated[list[SkipValidation[NewComment]], Field(min_length=1, max_length=MAX_BATCH)]


class Edit(Strict):
    """A new text. With `version`, the edit is refused if the comment has changed since."""

    text: str
    version: Version | None = None


class Links(BaseModel):
    """Addresses in this API, without the host."""

    self: str
    article: str


class Author(BaseModel):
    id: str
    name: str | None


class Span(BaseModel):
    """A passage of a text: positions in characters, `end` exclusive."""

    of: Of
    start: int
    end: int
    weight: float
    quote: str | None = None


class Signal(BaseModel):
    """Evidence: a value, or why there is none."""

    name: Annotated[str, Field(examples=list(SIGNALS))]
    value: float | None
    abstained: str | None
    source: str
    evidence: list[Span]


class ReasonPart(BaseModel):
    """One of several signals that a rule looks at, with the value beside the limit."""

    signal: str
    value: float | None
    bound: Literal["at_least", "below"] | None
    limit: float | None
    evidence: list[Span]


class Reason(BaseModel):
    """A reason for the decision, with the value beside the limit. If the rule looks at several signals, `parts` has a
    value and a limit for each."""

    code: ReasonCode
    action: Action
    signal: str | None
    value: float | None
    bound: Literal["at_least", "below"] | None
    limit: float | None
    label: str
    detail: str
    evidence: list[Span]
    parts: list[ReasonPart] = Field(default_factory=list)


class Decision(BaseModel):
    """The decision, the one who made it, and the reasons."""

    id: str
    action: Action
    status_before: CommentStatus
    status_after: CommentStatus
    by: DecidedBy
    policy_version: int | None
    category: Annotated[str | None, Field(description="The reason of a rejection")]
    note: str | None
    undoes: str | None
    featured: Annotated[
        bool | None, Field(description="True made the comment an editor's pick and false ended that; its status stayed")
    ]
    reasons: list[Reason]
    created_at: datetime


class Accepted(BaseModel):
    """A comment that is stored and waits for a decision."""

    id: str
    article_id: str
    status: CommentStatus
    version: int
    links: Links


class ListedComment(BaseModel):
    """A comment as a site shows it."""

    id: str
    article_id: str
    author: Author
    parent_id: str | None
    parent_published: Annotated[
        bool | None,
        Field(description="Whether readers see the comment that this one answers; null where it is no reply"),
    ]
    replies: Annotated[int, Field(description="Published replies")]
    text: Annotated[str, Field(description="As the reader wrote it: escape it wherever you show it")]
    language: str | None
    status: CommentStatus
    featured: Annotated[bool, Field(description="Whether it is an editor's pick; only published comments are")]
    version: int
    posted_at: datetime
    received_at: datetime
    updated_at: datetime
    links: Links


class Comment(ListedComment):
    """A comment with its signals and the latest decision. While it waits it has neither."""

    signals: list[Signal]
    models: dict[str, str]
    reports: int
    decision: Decision | None


class BatchResult(BaseModel):
    """The status that this comment would have had alone, and the comment or the problem."""

    status: int
    comment: Accepted | None = None
    problem: Problem | None = None


class BatchResults(BaseModel):
    """One result per comment, in the order of the request."""

    results: list[BatchResult]


class CommentPage(BaseModel):
    """`next` is null on the last page."""

    comments: list[ListedComment]
    next: str | None


class NewArticle(Strict):
    """A whole description of an article. Fields that you leave out become empty."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Ferry to run all winter",
                "url": "https://news.example/ferry",
                "summary": "Commuters on the north shore asked for it for years.",
                "text": "The council voted on Monday to keep the ferry running from November to March.",
                "section": "local",
                "state": "open",
            }
        }
    )

    title: Title
    url: Url | None = None
    summary: Summary | None = None
    text: Prose | None = None
    section: ShortLine | None = None
    tags: Annotated[tuple[ShortLine, ...], Field(max_length=50)] = ()
    language: Language | None = None
    question: Title | None = None
    state: ArticleState = ArticleState.OPEN


class Article(BaseModel):
    id: str
    title: str | None
    url: str | None
    summary: str | None
    text: str | None
    section: str | None
    tags: list[str]
    language: str | None
    question: str | None
    state: ArticleState


class NewDecision(Strict):
    """A decision by a person at the site, about the version that they saw."""

    model_config = ConfigDict(json_schema_extra={"example": {"action": "reject", "version": 2, "category": "insult"}})

    action: Action
    version: Version
    category: Annotated[
        ShortReason | None,
        Field(description="The reason of a rejection, one of `rejection_reasons` or another"),
    ] = None
    note: Note | None = None


class DecisionMade(BaseModel):
    """The decision, and the comment after it."""

    decision: Decision
    comment: Accepted


class NewReport(Strict):
    """A reader's report, with the site's own id of the reader."""

    model_config = ConfigDict(json_schema_extra={"example": {"reporter_id": "reader-9", "reason": "insult"}})

    reporter_id: PersonId
    reason: ShortReason
    note: Note | None = None


class ReportTaken(BaseModel):
    """The comment after the report, and how many readers have reported it."""

    comment: Accepted
    reports: int


class Event(BaseModel):
    """Something that happened to a comment or an author. `sequence` grows by one with each event of the site."""

    id: str
    sequence: int
    type: EventType
    created_at: datetime
    data: dict[str, Any]


class EventPage(BaseModel):
    """Send `next` as `after` the next time."""

    events: list[Event]
    next: int
