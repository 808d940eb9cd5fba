"""Answers that show comments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from moderation.ground.values.statuses import CommentStatus
from service.api.schemas.decision_schemas import Decision
from service.api.schemas.signal_schemas import Signal
from service.api.schemas.submission_schemas import Links


class Author(BaseModel):
    id: str
    name: str | None


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


class CommentPage(BaseModel):
    """`next` is null on the last page."""

    comments: list[ListedComment]
    next: str | None
