"""Modes for breaking news: for some hours, comments on an article, in a section or on the whole site are let in, and
published, with more care."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus

REGULAR_FROM = 5  # published comments
SLOW_MINUTES = 5


class ModeName(StrEnum):
    """From the mildest to the strictest."""

    SLOW = "slow"  # one comment of each reader in some minutes
    REGULARS_ONLY = "regulars_only"  # a person reads the comments of all but regulars first
    EVERYTHING_WAITS = "everything_waits"  # a person reads every comment first
    CLOSED = "closed"  # no new comments, and a person reads those that are edited first


@dataclass(frozen=True, slots=True)
class Mode:
    """It holds from ``began_at`` until ``ends_at``, which is earlier than ``until`` where somebody ended it. Without
    an article and a section it is about the whole site."""

    id: str
    site_id: str
    name: ModeName
    began_at: datetime
    until: datetime
    ends_at: datetime
    article_id: str | None = None
    section: str | None = None
    regular_from: int = REGULAR_FROM
    minutes: int = SLOW_MINUTES

    def covers(self, article_id: str | None, section: str | None) -> bool:
        """``article_id`` is ours. A section covers the articles that are in it now."""
        if self.article_id is not None:
            return self.article_id == article_id
        return self.section is None or self.section == section

    def is_in_force(self, now: datetime) -> bool:
        return self.began_at <= now < self.ends_at

    def meets(self, comment: Comment) -> bool:
        """Whether it is about this comment: one that waits or is flagged and came before the end, or one that was
        decided and came while the mode held. Closed is about the words that came meanwhile, and they do by edits."""
        if self.name is ModeName.CLOSED:
            if comment.status is CommentStatus.FLAGGED:
                return comment.received_at < self.ends_at and self.began_at <= comment.updated_at
            return comment.status is CommentStatus.WAITING and self.is_in_force(comment.updated_at)
        if comment.status in (CommentStatus.WAITING, CommentStatus.FLAGGED):
            came = comment.updated_at if comment.status is CommentStatus.WAITING else comment.received_at
            return came < self.ends_at
        return self.is_in_force(comment.received_at)

    def holds_author(self, published: int) -> bool:
        """Whether a person reads the comments of an author with so many published ones first."""
        if self.name is ModeName.REGULARS_ONLY:
            return published < self.regular_from
        return self.name in (ModeName.EVERYTHING_WAITS, ModeName.CLOSED)


def strictest(modes: Iterable[Mode]) -> Mode | None:
    """The one that readers feel most; of two alike, the one that ends later."""
    ranks = list(ModeName)
    return max(modes, key=lambda mode: (ranks.index(mode.name), mode.ends_at), default=None)
