"""The API's answers to a site that reads: counts, and the states of comments."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from moderation.ground.values.statuses import CommentStatus
from service.api.fields import ArticleId, Strict

MAX_COUNTED = 500


class CommentState(BaseModel):
    """Where a comment stands, for a site that keeps a copy of it."""

    id: str
    version: int
    status: CommentStatus


class StatePage(BaseModel):
    comments: list[CommentState]
    next: str | None


class CountedArticles(Strict):
    model_config = ConfigDict(json_schema_extra={"example": {"ids": ["a-42", "a-43"]}})

    ids: Annotated[list[ArticleId], Field(min_length=1, max_length=MAX_COUNTED)]


class Counts(BaseModel):
    """Published comments by the article's id."""

    counts: dict[str, int]
