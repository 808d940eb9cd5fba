"""Bodies with comments that a site submits or edits, and the answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from moderation.ground.values.statuses import CommentStatus
from service.api.fields import (
    EmailDomain,
    Language,
    Line,
    Moment,
    SentPersonId,
    SiteOwnId,
    Strict,
    Url,
    Version,
)
from service.api.schemas.article_schemas import ArticleRef
from service.api.schemas.problem_schemas import Problem

MAX_BATCH = 500


class AuthorRef(Strict):
    """The author, by the site's own id. Other fields are facts for signals: what you leave out stays unknown."""

    id: SentPersonId
    name: Line | None = None
    created_at: Annotated[Moment | None, Field(description="When the author registered with your site")] = None
    email_domain: Annotated[
        EmailDomain | None, Field(description="What follows the @ of the author's e-mail address")
    ] = None
    url: Annotated[
        Url | None, Field(description="Of the website that the author entered with this comment: it is judged too")
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


class Accepted(BaseModel):
    """A comment that is stored and waits for a decision."""

    id: str
    article_id: str
    status: CommentStatus
    version: int
    links: Links


class BatchResult(BaseModel):
    """The status that this comment would have had alone, and the comment or the problem."""

    status: int
    comment: Accepted | None = None
    problem: Problem | None = None


class BatchResults(BaseModel):
    """One result per comment, in the order of the request."""

    results: list[BatchResult]
