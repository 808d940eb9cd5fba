"""The proposals of second readers that are on. The review screen shows no comment that this person still has
to judge blind, so nobody reads a proposal before such a judgement."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from moderation.moderators.finding.context_rows import ReviewContext
from moderation.pipeline.second_opinions.acting import named
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules.values import RuleBook
from moderation.sites.second_readers import rows as readers
from moderation.spine.second_readings import rows as readings
from moderation.spine.second_readings.values import ReadComment


@dataclass(frozen=True, slots=True)
class ShownOpinion:
    name: str  # of the reader
    model: str
    breaks: bool
    rule: str  # with its number in the book
    quote: str | None
    reason: str | None  # of a rejection, that the rule belongs to


def of_readers(conn: Connection, context: ReviewContext) -> list[ShownOpinion]:
    comment = context.comment
    read = readings.on_comments(conn, [comment.id]).get(comment.id, [])
    if not read:
        return []
    names = {reader.id: reader.wish.name for reader in readers.of_site(conn, comment.site_id)}
    book = rule_books.read(conn, comment.site_id)
    return [_opinion(reading, names[reading.reader_id], book) for reading in read if reading.reader_id in names]


def _opinion(read: ReadComment, name: str, book: RuleBook) -> ShownOpinion:
    answer, rule = read.answer, book.find(read.answer.rule or "")
    return ShownOpinion(
        name=name,
        model=answer.model,
        breaks=bool(answer.breaks),
        rule=named(book, answer.rule),
        quote=answer.quote,
        reason=rule.reason if rule else None,
    )
