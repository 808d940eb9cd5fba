"""Comments that are sent or edited now, and the answer that waits for their decision where the caller prefers that."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading_cost import cost_of
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from service.api import prefer
from service.context import gavel, utc_now
from service.web import held_replies, webhook_notices
from service.web.places import length_of


@dataclass(frozen=True, slots=True)
class StoredComment:
    """A comment that is stored, as it is when the answer goes out."""

    comment: Comment
    waited_s: int  # seconds that the answer may have waited, by the caller's wish

    @property
    def headers(self) -> dict[str, str]:
        return {"Preference-Applied": f"wait={self.waited_s}"} if self.waited_s else {}


def submit(site_id: str, submission: Submission) -> StoredComment:
    """Stores a comment. Raises what ``intake.submit`` raises, and BacklogFull."""
    context, now = gavel(), utc_now()
    context.backlog.check(site_id, 1, now=now)
    wait_s = prefer.wait_s()
    length = length_of(cost_of(submission.text))
    is_worth = context.shares.is_worth_waiting(wait_s, now=now)
    with held_replies.place(site_id, wanted=is_worth, length=length) as may_wait:
        wanted, fit = Lane.INTERACTIVE if may_wait else Lane.LIVE, context.shares.fit(site_id, now=now)
        comment = intake.submit(context.database, context.queues, site_id, submission, lane=wanted, now=now, fit=fit)
        return _when_decided(comment, wait_s if may_wait and comment.lane is Lane.INTERACTIVE else 0)


def edit(site_id: str, external_id: str, text: str, version: int | None) -> StoredComment:
    """Gives a comment a new text. Raises what ``intake.edit`` raises."""
    context, wait_s = gavel(), prefer.wait_s()
    is_worth = context.shares.is_worth_waiting(wait_s, now=utc_now())
    with held_replies.place(site_id, wanted=is_worth, length=length_of(cost_of(text))) as may_wait:
        comment = intake.edit(
            context.database,
            context.queues,
            site_id,
            external_id,
            text,
            now=utc_now(),
            version=version,
            lane=Lane.INTERACTIVE if may_wait else Lane.LIVE,
            fit=context.shares.fit(site_id, now=utc_now()),
        )
        webhook_notices.tell(site_id)
        return _when_decided(comment, wait_s if may_wait and comment.lane is Lane.INTERACTIVE else 0)


def _when_decided(comment: Comment, wait_s: int) -> StoredComment:
    if comment.status is CommentStatus.WAITING and wait_s:
        comment = held_replies.decided(comment.id, timeout_s=wait_s) or comment
    return StoredComment(comment, wait_s)
