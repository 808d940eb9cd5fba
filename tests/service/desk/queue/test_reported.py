"""Readers' reports and the order of the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.values.comments import Comment
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueOrder, QueueView
from moderation.pipeline.settling import judgements as settling
from moderation.readers.reports import reporting as reports
from moderation.readers.reports.reporting import Report
from moderation.spine.comments import priority
from tests.service.desk.cast import Cast


def report(cast: Cast, comment: Comment, *readers: str) -> None:
    for reader in readers:
        made = Report(reader, "insult")
        reports.report(cast.database, cast.herald.id, comment.external_id, made, now=cast.now)


def queued(cast: Cast) -> list[str]:
    with cast.database.read() as conn:
        lines = queue.page(conn, QueueView((cast.herald.id,)), now=cast.now, after=None, limit=10)
    return [line.text for line in lines]


def test_reports_bring_a_flagged_comment_forward(cast: Cast) -> None:
    mild = cast.flagged("Mild.", scores={"toxicity": 0.81, "insult": 0.5})
    cast.flagged("Middling.", scores={"toxicity": 0.9, "insult": 0.5})
    cast.flagged("Worst.", scores={"toxicity": 0.99, "insult": 0.5})
    assert queued(cast) == ["Worst.", "Middling.", "Mild."]

    report(cast, mild, "r-1")

    assert queued(cast) == ["Mild.", "Worst.", "Middling."]


def test_the_same_reader_again_brings_nothing_forward(cast: Cast) -> None:
    harmless = cast.flagged("Harmless.", scores={"toxicity": 0.0, "insult": 0.0, "relevance": 0.01})
    cast.flagged("Reported more.", scores={"toxicity": 0.81, "insult": 0.5})

    report(cast, harmless, "r-1", "r-1", "r-1", "r-1")

    assert queued(cast) == ["Reported more.", "Harmless."]


def test_reports_weigh_the_same_before_and_after_flagging(cast: Cast) -> None:
    """Three reports flag a published comment; its place counts them as if it had been flagged before."""
    scores = {"toxicity": 0.5, "insult": 0.1}
    later = cast.published("Published first.", scores=scores)
    report(cast, later, "r-1", "r-2", "r-3")

    with cast.database.read() as conn:
        cursor = queue.cursor_of(conn, later.id, QueueOrder.PRIORITY)

    assert queued(cast) == ["Published first."]
    assert cursor is not None
    assert cursor[0] == pytest.approx(priority.priority(0.5, 3, later.received_at))


def test_reports_of_what_could_not_be_scored_count(cast: Cast) -> None:
    for text in ("Unreported.", "Reported."):
        comment = cast.waiting(text, now=cast.now - timedelta(hours=1) if text == "Unreported." else cast.now)
        if text == "Reported.":
            report(cast, comment, "r-1", "r-2")
        settling.give_up(cast.database, [comment.id], now=cast.now, detail="every attempt failed")

    assert queued(cast) == ["Reported.", "Unreported."]
