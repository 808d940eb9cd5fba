"""A comment, and the lane that it waits in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from moderation.ground.values.statuses import CommentStatus


class Lane(StrEnum):
    """In order of urgency: somebody holds a connection open; a reader has just written; nobody waits."""

    INTERACTIVE = "interactive"
    LIVE = "live"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Comment:
    """A row of the table of comments. Unlike a Submission it was accepted, and has our ids, a status and a version."""

    id: str
    site_id: str
    external_id: str
    article_id: str
    author_id: str
    parent_id: str | None
    text: str
    language: str | None  # as the site sent it
    status: CommentStatus
    version: int
    posted_at: datetime
    received_at: datetime
    updated_at: datetime
    lane: Lane = Lane.LIVE
    request_id: str | None = None  # the request that brought the text, for the logs
    featured_at: datetime | None = None  # an editor's pick since then
    noticed_at: datetime | None = None  # while it is online: somebody gave notice that it is illegal, first then
    cost: int | None = field(default=None, compare=False)  # of reading it, in pieces, while it is being stored

    @property
    def is_new(self) -> bool:
        """Whether it is in its first version: nothing has been decided or kept about it yet. An imported comment is
        none."""
        return self.version == 1

    @property
    def is_noticed(self) -> bool:
        """Whether readers see it while it waits for a person, since somebody gave notice that it is illegal."""
        return self.noticed_at is not None and self.status is CommentStatus.PUBLISHED

    @property
    def is_featured(self) -> bool:
        """Whether editors picked it; only a published comment is."""
        return self.featured_at is not None and self.status is CommentStatus.PUBLISHED
