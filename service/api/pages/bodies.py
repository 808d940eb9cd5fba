"""Answers of the calls by which a page reads. Texts and names are as readers wrote them: escape them wherever you show
them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.api.schemas.article_schemas import ArticleMode


class PageArticle(BaseModel):
    """The article, and whether it takes comments now."""

    id: str
    title: str | None
    state: Literal["open", "closed"]
    open: bool
    closes_at: datetime | None
    aged: Annotated[bool, Field(description="Closed for its age, by the site's `close_after_days`")]
    mode: ArticleMode | None
    comments: Annotated[int, Field(description="That readers see")]
    roots: Annotated[int, Field(description="Threads")]
    picks: Annotated[int, Field(description="Editor's picks")]


class PageAuthor(BaseModel):
    name: str | None
    staff: Annotated[bool, Field(description="Works for the site, as its server signed")]


class PageReply(BaseModel):
    """A reply. `parent_name` is null where the comment that it answers is no longer shown."""

    id: str
    text: str
    author: PageAuthor
    posted_at: datetime
    edited_at: datetime | None
    featured: bool
    parent_id: str | None
    parent_name: str | None


class PageComment(BaseModel):
    """A comment that began a thread, with its first replies, the oldest first."""

    id: str
    gone: Annotated[bool, Field(description="No longer shown, above replies that are: no text, no name")]
    text: str
    author: PageAuthor
    posted_at: datetime
    edited_at: datetime | None
    featured: bool
    replies: int
    skipped: Annotated[int, Field(description="Replies before the first one here")]
    first_replies: list[PageReply]
    more_replies: Annotated[str | None, Field(description="`after` of the replies that follow")]


class ArticlePage(BaseModel):
    """A page of an article's threads. `next` is null on the last one."""

    article: PageArticle
    order: str
    version: str
    edit_minutes: Annotated[int, Field(description="How long a reader may edit a comment of their own")]
    longest: Annotated[int, Field(description="Characters of a comment, at most")]
    report_reasons: list[str]
    links: Annotated[bool, Field(description="Whether addresses in texts are to be links")]
    rules: Annotated[str | None, Field(description="Path of the page with the rule book; add a language’s code")]
    comments: list[PageComment]
    next: str | None


class ArticleVersion(BaseModel):
    version: Annotated[str, Field(description="Another one after any change that readers see")]
    comments: int


class ShownMark(BaseModel):
    """A comment that readers see: of one with another mark than before, the text or the pick has changed."""

    edited_at: datetime | None
    featured: bool


class ShownNow(BaseModel):
    """The article now, and those of the comments that were asked for which readers still see."""

    article: PageArticle
    version: str
    shown: Annotated[dict[str, ShownMark], Field(description="By id. One that is missing is no longer shown")]


class ReplyPage(BaseModel):
    """Replies of one thread. `next` is null on the last page."""

    version: str
    replies: list[PageReply]
    next: str | None


class Picks(BaseModel):
    """The editor's picks of an article, the newest first."""

    version: str
    picks: list[PageReply]


class NewestArticle(BaseModel):
    id: str
    title: str | None
    url: str | None


class NewestComment(BaseModel):
    """A comment of any article of the site."""

    id: str
    article: NewestArticle
    text: str
    author: PageAuthor
    posted_at: datetime
    featured: bool


class NewestComments(BaseModel):
    comments: list[NewestComment]


class PageCounts(BaseModel):
    """The comments that readers see, by article."""

    counts: dict[str, int]


class BoxTexts(BaseModel):
    """The words of the comment box by code."""

    language: str
    texts: dict[str, str]
