"""Decided comments that are scored again, on both databases and a real queue."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from redis import Redis

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.comments import Lane
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.pipeline import outages
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.rescoring import rescoring
from moderation.pipeline.rescoring.rescoring import outcome
from moderation.pipeline.rescoring.rows import Cause, Selection
from moderation.pipeline.rescoring.tables import rescores
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.comments import door
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.moves import Move
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import comments, decisions, scorings
from moderation.spine.events.tables import events
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom, add_site
from tests.ticking import TickingClock
from tests.workers.queue.test_pipeline import COSTLY, WordScorer
from workers.queue.pipeline import Pipeline
from workers.sweeping.sweeper import Sweeper

P, F, R = CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED
PATIENCE = timedelta(minutes=10)
LATE = NOON + PATIENCE + timedelta(seconds=1)
CALM, VILE = "The licence takes months to come.", "You are vile, all of you."


class Room:
    """A newsroom with a worker that can be down, and the sweeper."""

    def __init__(self, database: Database, queues: Queues, site: Site) -> None:
        self.database, self.queues, self.site = database, queues, site
        self.scorer = WordScorer()
        self.now = NOON
        self.newsroom = Newsroom(database, queues, site)
        self.pipeline = Pipeline(database, queues, self.scorer, now=lambda: self.now)  # type: ignore[arg-type]
        self.sweeper = Sweeper(database, queues, age_s=0, now=lambda: self.now)

    def post(self, text: str = CALM, **fields: object) -> Listed:
        return self.newsroom.post(text, **fields)

    def work(self) -> None:
        """The next jobs, as a worker would take them from the queues."""
        ids = sorted(self.queues.known_ids())
        self.pipeline.score(ids)
        self.queues.redis.flushall()

    def row(self, posted: Listed) -> sa.Row[tuple[object, ...]]:
        with self.database.read() as conn:
            return conn.execute(sa.select(comments).where(comments.c.id == posted.comment.id)).one()

    def story(self, posted: Listed) -> list[tuple[str, str, str]]:
        """(by, status after, first reason's code) of its decisions, oldest first."""
        with self.database.read() as conn:
            query = sa.select(decisions).where(decisions.c.comment_id == posted.comment.id)
            rows = conn.execute(query.order_by(decisions.c.version)).all()
        return [(r.decided_by, r.status_after, r.reasons[0]["code"]) for r in rows]

    def count(self, table: sa.Table) -> int:
        with self.database.read() as conn:
            return conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

    def chooses(self, patience_s: float | None, when_down: WhenDown) -> None:
        with self.database.write() as conn:
            settings = SiteSettings(patience_s=patience_s, when_scoring_is_down=when_down)
            sites.update_site_settings(conn, self.site.id, settings)

    def rescore(self, *, changes_only: bool = False, releases: bool = False) -> None:
        selection = Selection(statuses=(P, F, R))
        run = rescoring.start(self.database, selection)
        for _ in rescoring.mark(
            self.database,
            run,
            selection,
            changes_only=changes_only,
            releases=releases,
            per_s=0,
            by=OPERATOR,
            now=self.now,
        ):
            pass
        self.sweeper.sweep()
        self.work()


@pytest.fixture
def room(database: Database, queues: Queues) -> Room:
    with database.write() as conn:
        site = add_site(conn, "The Herald")
    return Room(database, queues, site)


def test_a_site_without_patience_waits_as_long_as_it_takes(room: Room) -> None:
    posted = room.post()
    room.now = NOON + timedelta(days=2)

    assert room.sweeper.decide_late() == 0
    assert room.row(posted).status == "waiting"


@pytest.mark.parametrize(("seconds", "decided"), [(600, 0), (600.1, 1)])
def test_patience_ends_when_it_is_exceeded(room: Room, seconds: float, decided: int) -> None:
    room.chooses(600, WhenDown.HOLD)
    room.post()
    room.now = NOON + timedelta(seconds=seconds)

    assert room.sweeper.decide_late() == decided


def test_holding_sends_all_to_people_and_scores_release_what_is_fine(room: Room) -> None:
    room.chooses(600, WhenDown.HOLD)
    calm, vile = room.post(CALM), room.post(VILE)
    room.now = LATE

    room.sweeper.decide_late()
    held = [room.row(c).status for c in (calm, vile)]
    room.sweeper.sweep()
    room.work()

    assert held == ["flagged", "flagged"]
    assert room.story(calm) == [("system", "flagged", "scoring_late"), ("policy", "published", "default")]
    assert room.story(vile) == [("system", "flagged", "scoring_late"), ("policy", "flagged", "rule")]
    assert room.row(vile).flagged_for == "toxicity"
    assert room.count(rescores) == 0


def test_a_comment_published_without_scores_goes_to_a_person_where_it_takes_too_long_to_read(room: Room) -> None:
    room.chooses(600, WhenDown.RULES_ONLY)
    costly = room.post(COSTLY)
    room.now = LATE

    room.sweeper.decide_late()
    room.pipeline.clock = TickingClock(0.0005)
    room.sweeper.sweep()
    room.work()

    assert room.story(costly) == [("system", "published", "default"), ("policy", "flagged", "too_costly")]
    assert room.count(rescores) == 0


def test_a_comment_that_takes_too_long_to_score_once_more_stays_as_it_is(room: Room) -> None:
    room.pipeline.clock = TickingClock(0.0)  # however slow the machine is
    costly = room.post(COSTLY)
    room.work()
    room.pipeline.clock = TickingClock(0.0005)

    room.rescore()

    assert room.story(costly) == [("policy", "published", "default")]
    assert room.count(rescores) == 0
    assert room.count(scorings) == 1


def test_rules_alone_publish_and_scores_flag_what_they_missed(room: Room) -> None:
    room.chooses(600, WhenDown.RULES_ONLY)
    calm, vile = room.post(CALM), room.post(VILE)
    advert = room.post("Buy at https://a.example and https://b.example and https://c.example and https://d.example now")
    room.now = LATE

    room.sweeper.decide_late()
    without = [room.row(c).status for c in (calm, vile, advert)]
    room.sweeper.sweep()
    room.work()

    assert without == ["published", "published", "flagged"]
    assert room.story(calm) == [("system", "published", "default")]
    assert room.story(vile) == [("system", "published", "default"), ("policy", "flagged", "rule")]
    with room.database.read() as conn:
        reasons = conn.execute(
            sa.select(decisions.c.reasons).where(decisions.c.comment_id == vile.comment.id)
        ).scalars()
        assert [r["code"] for r in list(reasons)[-1]] == ["rule", "rescored"]


def test_rules_alone_respect_an_article_that_people_read_first(room: Room) -> None:
    room.chooses(600, WhenDown.RULES_ONLY)
    posted = room.post()
    with room.database.write() as conn:
        articles.update_article(conn, posted.comment.article_id, {"state": ArticleState.PREMODERATED}, now=NOON)
    room.now = LATE

    room.sweeper.decide_late()

    assert room.row(posted).status == "flagged"


def test_imports_are_not_decided_late(room: Room) -> None:
    room.chooses(600, WhenDown.HOLD)
    intake.submit_many(room.database, room.queues, room.site.id, [Submission("a", "u", CALM)], now=NOON)
    room.now = LATE

    assert room.sweeper.decide_late() == 0


def test_a_person_who_was_faster_than_the_scores_is_right(room: Room) -> None:
    room.chooses(600, WhenDown.HOLD)
    vile = room.post(VILE)
    room.now = LATE
    room.sweeper.decide_late()
    with room.database.write() as conn:
        comment = comment_store.get_by_id(conn, vile.comment.id)
        reason = (Reason(ReasonCode.DEFAULT, Action.PUBLISH),)
        move = Move(comment, P, NOON, DecidedBy.API, reason)
        door.record(conn, move, now=room.now)

    room.sweeper.sweep()
    room.work()

    assert room.row(vile).status == "published"
    assert room.row(vile).toxicity == 0.95  # for people who look at it again
    assert room.count(rescores) == 0


def test_moderators_are_told_of_a_delay_and_of_what_follows(room: Room) -> None:
    room.chooses(60, WhenDown.RULES_ONLY)
    room.post()

    def told(seconds: float) -> list[outages.Outage]:
        with room.database.read() as conn:
            return outages.outages(conn, [room.site.id], now=NOON + timedelta(seconds=seconds))

    assert told(60) == []
    (outage,) = told(61)
    assert (outage.since, outage.waiting, outage.settings.when_scoring_is_down) == (NOON, 1, WhenDown.RULES_ONLY)
    with room.database.read() as conn:
        assert outages.outages(conn, ["00000000-0000-7000-8000-000000000000"], now=LATE) == []


def test_a_rescore_flags_what_new_models_find_and_leaves_the_rest(room: Room) -> None:
    calm, soon_vile = room.post(CALM), room.post("As vile as it gets.")
    room.scorer._signals = lambda text: WordScorer._signals(room.scorer, text.replace("vile", "mild"))  # type: ignore[method-assign]
    room.work()
    del room.scorer._signals  # the new model knows the word

    room.rescore()

    assert room.row(calm).version == 2
    assert room.story(calm) == [("policy", "published", "default")]
    assert room.story(soon_vile) == [("policy", "published", "default"), ("policy", "flagged", "rule")]
    assert room.count(scorings) == 4
    assert room.count(events) == 3


def test_a_rescore_for_changes_only_keeps_nothing_else(room: Room) -> None:
    calm = room.post(CALM)
    room.work()

    room.rescore(changes_only=True)

    assert room.count(scorings) == 1
    assert room.row(calm).status == "published"


@pytest.mark.parametrize(("releases", "status"), [(False, "flagged"), (True, "published")])
def test_flagged_comments_are_released_only_where_asked(room: Room, releases: bool, status: str) -> None:
    vile = room.post(VILE)
    room.work()
    room.scorer._signals = lambda text: WordScorer._signals(room.scorer, text.replace("vile", "mild"))  # type: ignore[method-assign]

    room.rescore(releases=releases)

    assert room.row(vile).status == status


def test_an_edit_meanwhile_makes_the_mark_void(room: Room) -> None:
    room.chooses(600, WhenDown.HOLD)
    posted = room.post(VILE)
    room.now = LATE
    room.sweeper.decide_late()
    intake.edit(
        room.database, room.queues, room.site.id, posted.comment.external_id, CALM, now=room.now, lane=Lane.LIVE
    )

    room.work()
    room.sweeper.sweep()
    room.work()

    assert room.row(posted).status == "published"
    assert room.count(rescores) == 0


def test_what_cannot_be_scored_is_dropped_and_stays_as_it_is(room: Room, redis: Redis) -> None:
    room.chooses(600, WhenDown.HOLD)
    posted = room.post()
    room.now = LATE
    room.sweeper.decide_late()
    redis.flushall()
    failed_at = LATE + timedelta(seconds=30)
    redis.zadd("rq:failed:bulk", {posted.comment.id: failed_at.timestamp() + 7 * 86_400})
    room.now = LATE + timedelta(minutes=1)

    swept = room.sweeper.sweep()

    assert swept.rescored == 0
    assert room.count(rescores) == 0
    assert room.row(posted).status == "flagged"


def test_a_failure_from_before_the_mark_does_not_count(room: Room, redis: Redis) -> None:
    room.chooses(600, WhenDown.HOLD)
    posted = room.post()
    room.now = LATE
    room.sweeper.decide_late()
    redis.flushall()
    redis.zadd("rq:failed:live", {posted.comment.id: NOON.timestamp() + 7 * 86_400})

    assert room.sweeper.sweep().rescored == 1


def test_a_slow_run_is_due_bit_by_bit_and_goes_on_where_it_was_cut_off(room: Room) -> None:
    for number in range(30):
        room.post(f"Number {number} of many.")
    room.work()
    selection = Selection()
    run = rescoring.start(room.database, selection)
    for _ in rescoring.mark(
        room.database, run, selection, changes_only=False, releases=False, per_s=10, by=OPERATOR, now=room.now
    ):
        pass

    room.now = NOON + timedelta(seconds=1)
    first = room.sweeper.sweep().rescored
    room.work()
    with room.database.read() as conn:
        left = rescoring.unfinished(conn)
    room.now = NOON + timedelta(seconds=60)
    second = room.sweeper.sweep().rescored
    room.work()

    assert (first, second) == (11, 19)
    assert left is not None and (left.total, left.marked, left.is_marked) == (30, 30, True)
    with room.database.read() as conn:
        assert rescoring.unfinished(conn) is None


ALL = list(product((P, F, R), Action, DecidedBy, Cause, (False, True)))


@pytest.mark.parametrize(("status", "verdict", "by", "cause", "releases"), ALL)
def test_newer_scores_never_overrule_people_reject_or_publish_unasked(
    status: CommentStatus, verdict: Action, by: DecidedBy, cause: Cause, releases: bool
) -> None:
    to = outcome(status, verdict, by=by, cause=cause, releases=releases)

    if by in (DecidedBy.MODERATOR, DecidedBy.API):
        assert to is None
    assert to is not R
    if to is P:
        assert releases and status is F and verdict is Action.PUBLISH
    if status is P and verdict is not Action.PUBLISH and by in (DecidedBy.POLICY, DecidedBy.SYSTEM):
        assert to is F


def test_the_seconds_of_a_scoring_hold_what_its_explanation_took(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise ``capacity`` would leave out half of the work."""
    calm, vile = room.post(CALM), room.post(VILE)
    explain = room.scorer.explain

    def slowly(*asked: object) -> object:
        time.sleep(1)
        return explain(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(room.scorer, "explain", slowly)
    room.work()

    with room.database.read() as conn:
        spent = {row.comment_id: row.seconds for row in conn.execute(sa.select(scorings))}
    assert spent[vile.comment.id] >= 1 > spent[calm.comment.id]
