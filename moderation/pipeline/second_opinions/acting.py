"""The effects of a second reader that is on: a comment that is online goes to a person, and one that waits for a person
comes sooner. An answer that finds nothing has none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.comments import Comment
from moderation.ground.values.signals import Span
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.pipeline.second_opinions.vetoing import LABEL
from moderation.readers.reports.rows import raise_priority
from moderation.sites.rules.values import RuleBook
from moderation.spine.comments import door
from moderation.spine.comments.door import Passed
from moderation.spine.comments.moves import Move
from moderation.spine.events import rows as events
from moderation.spine.second_readings.values import Purpose, ReaderAnswer, ReadingAsked

STEP = 0.5  # by which a comment comes sooner that it finds to break a rule: as much as half a certain insult


def act(
    conn: Connection, comment: Comment, reading: ReadingAsked, answer: ReaderAnswer, book: RuleBook, *, now: datetime
) -> Passed:
    """In the transaction that keeps the answer and that has locked the comment."""
    if not answer.breaks or comment.text != reading.text:
        return Passed()
    if reading.purpose is Purpose.HELD and comment.status is CommentStatus.FLAGGED:
        raise_priority(conn, comment.id, STEP)
    is_online = comment.status is CommentStatus.PUBLISHED and comment.version == reading.version
    if reading.purpose not in (Purpose.BAND, Purpose.RANDOM) or not is_online:
        return Passed()
    events.hasten(conn, comment.id, now=now)
    why = reason(comment.text, answer.rule, answer.quote, book)
    return door.let_through(conn, [Move(comment, CommentStatus.FLAGGED, now, DecidedBy.SYSTEM, (why,))], now=now)


def reason(text: str, rule: str | None, quote: str | None, book: RuleBook) -> Reason:
    """With the quoted words as a passage of the text, which goes when the text does."""
    start = text.find(quote) if quote else -1
    evidence = (Span(start, start + len(quote)),) if quote and start >= 0 else ()
    return Reason(ReasonCode.SECOND_READER, Action.FLAG, label=LABEL, detail=named(book, rule), evidence=evidence)


def named(book: RuleBook, key: str | None) -> str:
    """The rule with its number in the book: ``3. No insults``. Empty for one that is not there any more."""
    return next((f"{place}. {rule.name}" for place, rule in enumerate(book.rules, 1) if rule.key == key), "")
