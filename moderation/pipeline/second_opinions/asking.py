"""Chooses the comments that second readers are asked about: those held for a person, and of those that the policy
publishes some that nearly were held or that chance draws, as the site wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.values.policies import Condition
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.insight.checks import drawn_numbers
from moderation.judging.policy.verdicts import in_force
from moderation.judging.signals.registry import SIGNALS
from moderation.sites import rows as sites
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import SecondReader
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.moves import Judgement, Move
from moderation.spine.second_readings import rows as store
from moderation.spine.second_readings.rows import NewReading, ReadVersion
from moderation.spine.second_readings.values import Purpose, ReadingState

DRAWN = "second reader"
"""The purpose of the numbers that draw comments: others than those of checks, which so are no more often read."""


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Asks, in the transaction of the decision, each reader that is in the shadow or on."""
    reading = {site_id: readers.reading(conn, site_id) for site_id in {move.comment.site_id for move in moves}}
    chosen = _chosen(conn, moves, reading)
    published = [move.comment.id for move, _ in chosen if move.to is CommentStatus.PUBLISHED]
    known = store.of_versions(conn, published)
    asked = [
        NewReading(reader.site_id, reader.id, move.comment.id, move.comment.version + 1, purpose)
        for move, purpose in chosen
        for reader in reading[move.comment.site_id]
        if not _was_read(known.get((move.comment.id, move.comment.version), ()), reader)
    ]
    store.insert(conn, asked, now=now)


def waited_for(settings: SiteSettings, judgement: Judgement, now: datetime) -> tuple[Purpose, datetime] | None:
    """Why publishing the comment waits for a second reader, and until when. None if it does not."""
    if not settings.second_reader_wait_s or judgement.verdict.action is not Action.PUBLISH:
        return None
    if judgement.scored.comment.status is not CommentStatus.WAITING:
        return None
    purpose = _of_published(settings, judgement, now)
    return None if purpose is None else (purpose, now + timedelta(seconds=settings.second_reader_wait_s))


def _chosen(
    conn: Connection, moves: Sequence[Move], reading: Mapping[str, Sequence[SecondReader]]
) -> list[tuple[Move, Purpose]]:
    mine = [move for move in moves if reading[move.comment.site_id]]
    settings = {site_id: sites.get_site(conn, site_id).settings for site_id in {m.comment.site_id for m in mine}}
    purposes = ((move, _purpose(settings[move.comment.site_id], move)) for move in mine)
    return [(move, purpose) for move, purpose in purposes if purpose is not None]


def _purpose(settings: SiteSettings, move: Move) -> Purpose | None:
    if move.to is CommentStatus.FLAGGED:
        is_known = any(reason.code is ReasonCode.SECOND_READER for reason in move.reasons)
        return None if is_known or move.comment.status is CommentStatus.FLAGGED else Purpose.HELD
    if move.to is not CommentStatus.PUBLISHED or not move.settles or move.judgement is None:
        return None
    return _of_published(settings, move.judgement, move.due_at)


def _of_published(settings: SiteSettings, judgement: Judgement, now: datetime) -> Purpose | None:
    if settings.second_reader_band and is_near(judgement, settings.second_reader_band, now):
        return Purpose.BAND
    number = drawn_numbers.drawn_number(judgement.scored.comment.id, DRAWN)
    return Purpose.RANDOM if number < settings.second_reader_share else None


def is_near(judgement: Judgement, band: float, now: datetime) -> bool:
    """Whether a rule against the comment would fire if each harmful score were higher by ``band``. Rules that look at
    anything else say nothing of what a text means."""
    values = {signal.name: signal.value for signal in judgement.scoring.signals}
    force = in_force(judgement.scored.policy, judgement.scored.circumstances(now))
    against = (rule for rule in force.rules if rule.action is not Action.PUBLISH)
    return any(all(_comes_near(condition, values, band) for condition in rule.conditions) for rule in against)


def _comes_near(condition: Condition, values: Mapping[str, float | None], band: float) -> bool:
    spec, value = SIGNALS.get(condition.signal), values.get(condition.signal)
    if spec is None or value is None or not spec.is_harmful or condition.bound != "at_least":
        return False
    return value + band >= condition.limit


def _was_read(known: Sequence[ReadVersion], reader: SecondReader) -> bool:
    """Publishing waited for its answer."""
    return any(read.reader_id == reader.id and read.state is ReadingState.READ for read in known)
