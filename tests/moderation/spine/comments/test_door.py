from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.errors import MoveNotAllowed, StaleVersion
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Comment
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Circumstances, Reason, ReasonCode
from moderation.judging.policy import verdicts
from moderation.judging.signals.scoring import CommentToScore, Scoring
from moderation.law.notices import giving
from moderation.law.notices.values import NewNotice
from moderation.pipeline.arriving import intake
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import give_up, refresh, settle
from moderation.readers.reports import reporting as reports
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.rows import Site
from moderation.spine.articles.tables import authors
from moderation.spine.comments import decision_rows as decision_store
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Judgement, Move
from moderation.spine.comments.priority import priority, with_notice
from moderation.spine.comments.tables import comments, decisions, scorings
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from tests.builders import NOON
from tests.moderation.conftest import Newsroom


def judge(database: Database, comment_id: str, **values: float) -> Judgement:
    with database.read() as conn:
        (scored,) = loading.load_waiting(conn, [comment_id])
    return judgement_of(scored, **values)


def judgement_of(scored: CommentToScore, **values: float) -> Judgement:
    scores = {"toxicity": 0.1, "relevance": 0.9, "language.supported": 1.0, **values}
    signals = tuple(Signal(name, value, "test") for name, value in scores.items())
    verdict = verdicts.decide(signals, scored.policy, Circumstances())
    scoring = Scoring(signals, {"toxicity": "test@1"}, "en", 0.01)
    return Judgement(scored, scoring, verdict)


def rows(database: Database, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with database.read() as conn:
        return list(conn.execute(sa.select(table).order_by(table.c.id)))


def status_of(database: Database, comment_id: str) -> CommentStatus:
    with database.read() as conn:
        return comment_store.get_by_id(conn, comment_id).status


def by_hand(comment: Comment, action: Action, **overrides: object) -> Move:
    fields = {"decided_by": DecidedBy.API, "to": action.status, "due_at": NOON, **overrides}
    return Move(comment, **fields)  # type: ignore[arg-type]


def test_a_settled_comment_has_one_decision_one_scoring_and_one_event(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment

    (made,) = settle(database, [judge(database, comment.id)], now=NOON)

    assert made.status_after is CommentStatus.PUBLISHED
    (row,) = rows(database, comments)
    assert (row.status, row.version, row.toxicity, row.relevance) == ("published", 2, 0.1, 0.9)
    assert [len(rows(database, table)) for table in (decisions, scorings, events)] == [1, 1, 1]
    (event,) = rows(database, events)
    assert event.type == "comment.published"
    assert event.payload["comment"]["version"] == 2
    assert event.decision_id == made.id
    assert rows(database, authors)[0].published == 1


def test_a_flagged_comment_names_its_reason(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment

    settle(database, [judge(database, comment.id, toxicity=0.99, insult=0.95)], now=NOON)

    (row,) = rows(database, comments)
    assert (row.status, row.priority) == ("flagged", priority(0.99, 0, NOON))
    (decision,) = rows(database, decisions)
    assert {reason["signal"] for reason in decision.reasons} == {"toxicity", "insult"}
    assert row.flagged_for == decision.reasons[0]["signal"]


def test_reports_that_came_while_it_was_scored_count_in_its_priority(
    newsroom: Newsroom, database: Database, site: Site
) -> None:
    comment = newsroom.post(id="n-1").comment
    judgement = judge(database, comment.id, toxicity=0.99)
    for reader in ("r-1", "r-2"):
        reports.report(database, site.id, "n-1", reports.Report(reader, "insult"), now=NOON)

    settle(database, [judgement], now=NOON)

    (row,) = rows(database, comments)
    assert row.priority == priority(0.99, 2, NOON)


def test_newer_scores_keep_the_reports_that_came_meanwhile(newsroom: Newsroom, database: Database, site: Site) -> None:
    comment = newsroom.post(id="n-1").comment
    settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)
    with database.read() as conn:
        (scored,) = loading.load_decided(conn, [comment.id])
    newer = judgement_of(scored, toxicity=0.95)
    reports.report(database, site.id, "n-1", reports.Report("r-1", "insult"), now=NOON)

    with database.write() as conn:
        refresh(conn, newer, now=NOON)

    (row,) = rows(database, comments)
    assert row.priority == priority(0.95, 1, NOON)


def test_a_noticed_comment_keeps_its_place_beside_newer_scores(
    newsroom: Newsroom, database: Database, site: Site
) -> None:
    comment = newsroom.post(id="n-1").comment
    settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)
    notice = NewNotice("n-1", "§ 130 StGB: it calls for violence.", "Karl", "karl@mail.example")
    giving.give(database, site.id, notice, by=SYSTEM, now=NOON)
    with database.read() as conn:
        (scored,) = loading.load_decided(conn, [comment.id])

    with database.write() as conn:
        refresh(conn, judgement_of(scored, toxicity=0.95), now=NOON)

    (row,) = rows(database, comments)
    assert row.priority == with_notice(priority(0.95, 0, NOON), 1) > priority(1.0, 1_000, NOON)


def test_a_second_settlement_of_the_same_version_changes_nothing(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment
    judgement = judge(database, comment.id)
    settle(database, [judgement], now=NOON)

    again = settle(database, [judgement], now=NOON)

    assert again == []
    assert [len(rows(database, table)) for table in (decisions, scorings, events)] == [1, 1, 1]


def test_settling_in_parallel_decides_each_comment_once(newsroom: Newsroom, database: Database) -> None:
    judgements = [judge(database, newsroom.post(f"Comment number {n}.").comment.id) for n in range(20)]

    with ThreadPoolExecutor(4) as pool:
        turns = [pool.submit(settle, database, judgements[::step], now=NOON) for step in (1, -1, 1, -1)]
        made = [decision for turn in turns for decision in turn.result()]

    assert sorted(d.comment_id for d in made) == sorted(j.scored.comment.id for j in judgements)
    assert len(rows(database, decisions)) == len(rows(database, events)) == 20


def test_a_comment_edited_while_it_was_scored_is_left_to_its_new_version(
    newsroom: Newsroom, database: Database, queues: Queues, site: Site
) -> None:
    comment = newsroom.post("Before.", id="n-1").comment
    judgement = judge(database, comment.id)
    intake.edit(database, queues, site.id, "n-1", "After.", now=NOON)

    made = settle(database, [judgement], now=NOON)

    assert made == []
    assert status_of(database, comment.id) is CommentStatus.WAITING
    assert rows(database, scorings) == []


def test_a_person_decides_a_flagged_comment_and_the_record_moves_with_it(
    newsroom: Newsroom, database: Database
) -> None:
    comment = newsroom.post().comment
    settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)

    with database.write() as conn:
        flagged = comment_store.get_by_id(conn, comment.id)
        record(conn, by_hand(flagged, Action.REJECT), now=NOON)
    with database.write() as conn:
        rejected = comment_store.get_by_id(conn, comment.id)
        record(conn, by_hand(rejected, Action.PUBLISH), now=NOON)

    (author,) = rows(database, authors)
    assert (author.published, author.rejected) == (1, 0)
    assert [d.version for d in rows(database, decisions)] == [1, 2, 3]


def test_of_a_batch_those_that_changed_meanwhile_are_left_out_and_the_others_decided(
    newsroom: Newsroom, database: Database
) -> None:
    ids = [newsroom.post(f"Text {n}.", id=f"n-{n}", author_id=f"u-{n % 2}").comment.id for n in range(4)]
    batch = [judge(database, id) for id in ids]
    with database.write() as conn:
        record(conn, by_hand(comment_store.get_by_id(conn, ids[1]), Action.REJECT), now=NOON)

    made = settle(database, batch, now=NOON)

    assert [decision.comment_id for decision in made] == [ids[0], *ids[2:]]
    assert [status_of(database, id) for id in ids] == ["published", "rejected", "published", "published"]
    assert [row.version for row in rows(database, comments)] == [2, 2, 2, 2]
    assert sorted((row.published, row.rejected) for row in rows(database, authors)) == [(1, 1), (2, 0)]
    assert len(rows(database, events)) == 4


def test_a_stale_decision_changes_nothing_and_says_who_decided(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment
    settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)
    with database.write() as conn:
        flagged = comment_store.get_by_id(conn, comment.id)
        record(conn, by_hand(flagged, Action.PUBLISH), now=NOON)

    with pytest.raises(StaleVersion) as refused, database.write() as conn:
        record(conn, by_hand(flagged, Action.REJECT), now=NOON)

    assert (refused.value.current, refused.value.status, refused.value.decided_by) == (3, "published", "api")
    assert status_of(database, comment.id) is CommentStatus.PUBLISHED
    assert len(rows(database, decisions)) == 2


def test_a_withdrawn_comment_takes_no_decision(newsroom: Newsroom, database: Database, site: Site) -> None:
    newsroom.post(id="n-1")
    gone = intake.withdraw(database, site.id, "n-1", now=NOON)

    with pytest.raises(MoveNotAllowed), database.write() as conn:
        record(conn, by_hand(gone, Action.PUBLISH), now=NOON)


def test_giving_up_sends_a_waiting_comment_to_a_person_once(newsroom: Newsroom, database: Database) -> None:
    waiting = newsroom.post("One.").comment
    decided = newsroom.post("Two.").comment
    settle(database, [judge(database, decided.id)], now=NOON)

    first = give_up(database, [waiting.id, decided.id], now=NOON, detail="it broke")
    again = give_up(database, [waiting.id], now=NOON, detail="it broke")

    assert [d.comment_id for d in first] == [waiting.id]
    assert again == []
    assert first[0].reasons[0]["code"] == ReasonCode.SCORING_FAILED
    assert status_of(database, waiting.id) is CommentStatus.FLAGGED
    assert status_of(database, decided.id) is CommentStatus.PUBLISHED


def test_events_are_numbered_without_a_gap_when_they_are_due(
    newsroom: Newsroom, database: Database, site: Site
) -> None:
    for number in range(3):
        comment = newsroom.post(f"Number {number}.").comment
        settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)
    with database.write() as conn:
        flagged = comment_store.get_by_id(conn, comment.id)
        record(conn, by_hand(flagged, Action.PUBLISH, due_at=NOON + timedelta(seconds=10)), now=NOON)

    with database.write() as conn:
        early = event_store.release_due(conn, site.id, now=NOON + timedelta(seconds=9))
        late = event_store.release_due(conn, site.id, now=NOON + timedelta(seconds=10))
        feed = event_store.feed(conn, site.id, after=1, limit=10)

    assert (early, late) == (3, 1)
    assert [(e.sequence, e.type) for e in feed][-1] == (4, "comment.published")
    assert [e.sequence for e in feed] == [2, 3, 4]


def test_releasing_in_parallel_numbers_each_event_once(newsroom: Newsroom, database: Database, site: Site) -> None:
    for number in range(12):
        comment = newsroom.post(f"Number {number}.").comment
        settle(database, [judge(database, comment.id)], now=NOON)

    def release(_: int) -> int:
        with database.write() as conn:
            return event_store.release_due(conn, site.id, now=NOON, limit=3)

    with ThreadPoolExecutor(4) as pool:
        released = sum(pool.map(release, range(8)))

    assert released == 12
    assert sorted(row.sequence for row in rows(database, events)) == list(range(1, 13))


def test_a_cancelled_event_is_never_released(newsroom: Newsroom, database: Database, site: Site) -> None:
    comment = newsroom.post().comment
    (made,) = settle(database, [judge(database, comment.id)], now=NOON)

    with database.write() as conn:
        cancelled = event_store.cancel_event_of(conn, made.id, now=NOON)
        again = event_store.cancel_event_of(conn, made.id, now=NOON)
        released = event_store.release_due(conn, site.id, now=NOON + timedelta(days=1))

    assert (cancelled, again, released) == (True, False, 0)


def test_decisions_are_read_back_as_they_were_made(newsroom: Newsroom, database: Database, site: Site) -> None:
    comment = newsroom.post().comment
    (made,) = settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)

    with database.read() as conn:
        found = decision_store.get_decision(conn, site.id, made.id)
        latest = decision_store.latest_by_comment(conn, [comment.id])

    assert found == replace(made, moderator_name=None)
    assert latest == {comment.id: found}


def test_a_reason_survives_the_database(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment
    reason = Reason(ReasonCode.RULE, Action.FLAG, "toxicity", 0.91, 0.8, "at_least", "Toxic", "", ())
    settle(database, [judge(database, comment.id)], now=NOON)

    with database.write() as conn:
        current = comment_store.get_by_id(conn, comment.id)
        record(conn, by_hand(current, Action.FLAG, reasons=(reason,)), now=NOON)

    assert rows(database, comments)[0].flagged_for == "toxicity"
