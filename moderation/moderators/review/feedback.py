"""A person's judgement that comes through another vendor's dialect: a decision where the comment is known here, and a
label to learn from everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, MoveNotAllowed, StaleVersion
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import Action
from moderation.moderators.review import api_decisions
from moderation.moderators.review import label_rows as labels
from moderation.moderators.review.label_rows import Label
from moderation.spine.comments import rows as comments

MAX_TEXT_BYTES = 20_480
MAX_NAME_CHARS = 50
MAX_REFERENCE_CHARS = 200


class FeedbackUse(StrEnum):
    """The use that was made of a judgement."""

    DECIDED = "decided"  # it is a decision now
    AGREED = "agreed"  # the comment was decided so already
    KEPT = "kept"  # as a label


@dataclass(frozen=True, slots=True)
class Feedback:
    """A judgement as a dialect brings it."""

    source: str  # the dialect
    text: str
    values: Mapping[str, float]  # by signal, or by the dialect's own word: 0 says that it is not so, 1 that it is
    action: Action | None = None  # the decision that follows from the values; None if none does
    references: tuple[str, ...] = ()  # the site's own ids that the comment may have, likeliest first
    language: str | None = None


def take(
    db: Database, site_id: str, feedback: Feedback, *, may_decide: bool, key_id: str | None, now: datetime
) -> FeedbackUse:
    """Decides the comment, if the key may and the text is still the one that was judged; else keeps labels.

    Raises InvalidInput.
    """
    _check(feedback)
    comment = _known(db, site_id, feedback)
    if comment is not None and feedback.action is not None and may_decide:
        return _decide(db, comment, feedback.action, now)
    with db.write() as conn:
        labels.insert(conn, site_id, _labels(feedback, comment, key_id), now=now)
    return FeedbackUse.KEPT


def _decide(db: Database, comment: Comment, action: Action, now: datetime) -> FeedbackUse:
    if comment.status is action.status:
        return FeedbackUse.AGREED
    try:
        api_decisions.rule(db, comment.site_id, comment.external_id, action, version=comment.version, now=now)
    except (MoveNotAllowed, StaleVersion):  # withdrawn, or decided meanwhile: the newer decision is the better informed
        return FeedbackUse.AGREED
    return FeedbackUse.DECIDED


def _known(db: Database, site_id: str, feedback: Feedback) -> Comment | None:
    """None also where the comment has another text by now: somebody judged the one before."""
    with db.read() as conn:
        for reference in feedback.references:
            comment = comments.find_comment(conn, site_id, reference)
            if comment is not None and comment.text.strip() == feedback.text.strip():
                return comment
    return None


def _labels(feedback: Feedback, comment: Comment | None, key_id: str | None) -> list[Label]:
    reference = comment.external_id if comment else next(iter(feedback.references), None)
    text = None if comment else feedback.text
    return [
        Label(feedback.source, name, value, text, feedback.language, reference, key_id)
        for name, value in feedback.values.items()
    ]


def _check(feedback: Feedback) -> None:
    problems = []
    if len(feedback.text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        problems.append(FieldProblem("text", f"has more than {MAX_TEXT_BYTES:,} bytes"))
    if not feedback.values:
        problems.append(FieldProblem("values", "are missing"))
    if any(not 0 < len(name) <= MAX_NAME_CHARS or not 0 <= value <= 1 for name, value in feedback.values.items()):
        problems.append(FieldProblem("values", f"must be 0 to 1, under names of at most {MAX_NAME_CHARS} letters"))
    if any(len(reference) > MAX_REFERENCE_CHARS for reference in feedback.references):
        problems.append(FieldProblem("references", f"have at most {MAX_REFERENCE_CHARS} characters"))
    if problems:
        raise InvalidInput(*problems)
