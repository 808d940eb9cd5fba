"""Bodies and answers about articles."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.modes import ModeName
from service.api.fields import (
    ArticleId,
    Language,
    Prose,
    ShortLine,
    Strict,
    Summary,
    Title,
    Url,
)


class ArticleRef(Strict):
    """The article, by the site's own id. Other fields are stored, so that a first comment can describe the article."""

    id: ArticleId
    title: Title | None = None
    url: Url | None = None
    summary: Summary | None = None
    text: Prose | None = None
    section: ShortLine | None = None
    language: Language | None = None


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


class ArticleMode(BaseModel):
    """The strictest mode for breaking news that holds for an article, for its readers to know."""

    name: ModeName
    until: datetime


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
    mode: ArticleMode | None
