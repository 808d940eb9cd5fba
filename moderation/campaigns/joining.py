"""Puts scored comments into the campaigns that they are copies in, in the transaction that decides them.

A campaign begins with the second author. Two workers that score its first copies at once make one: the text's keys are
unique, so the one that comes second finds them taken and joins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.campaigns import change_rows as campaign_changes
from moderation.campaigns import rows as campaigns
from moderation.campaigns.near_copy_rows import WINDOW, keys_of, recognised
from moderation.comments.moves import Move
from moderation.monitoring.instruments import instruments
from moderation.values.scoring import CommentToScore

STRAGGLERS = 20  # near copies that each further copy looks for: those that were scored at the same time


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> Callable[[], None] | None:
    """Waiting comments that were just decided. One whose new text is no copy any more leaves its campaign."""
    every = [move.judgement.scored for move in moves if move.settles and move.judgement is not None]
    edited = [scored.comment.id for scored in every if scored.comment.version > 1]
    if edited:
        campaign_changes.leave(conn, edited)
    copies: dict[tuple[str, str], list[str]] = defaultdict(list)
    for scored in every:
        if campaign_id := _campaign_of(conn, scored, now):
            near = scored.alike.near if scored.alike.campaign_id is None else scored.alike.near[:STRAGGLERS]
            copies[campaign_id, scored.comment.site_id] += [scored.comment.id, *near]
    joined = sum(
        campaign_changes.add_copies(conn, campaign_id, site_id, _once(ids), since=now - WINDOW, live_until=now + WINDOW)
        for (campaign_id, site_id), ids in sorted(copies.items())
    )
    return (lambda: instruments().campaign_copies.inc(joined)) if joined else None


def _campaign_of(conn: Connection, scored: CommentToScore, now: datetime) -> str | None:
    alike = scored.alike
    if alike.innocent or (alike.campaign_id is None and not alike.others):
        return None
    if alike.campaign_id is not None and alike.is_keyed:
        return alike.campaign_id
    if alike.campaign_id is not None:
        _add_keys(conn, alike.campaign_id, scored, now)
        return alike.campaign_id
    return _found(conn, scored, now) or _made(conn, scored, now)


def _found(conn: Connection, scored: CommentToScore, now: datetime) -> str | None:
    """The campaign that somebody has begun since this comment was read."""
    keys = keys_of(scored)
    known = recognised(scored, campaigns.known_by(conn, scored.comment.site_id, keys, now=now))
    return known.campaign_id if known else None


def _made(conn: Connection, scored: CommentToScore, now: datetime) -> str:
    comment = scored.comment
    made = campaign_changes.make(conn, comment.site_id, at=comment.received_at, live_until=now + WINDOW)
    _add_keys(conn, made, scored, now)
    found = _found(conn, scored, now)
    if found is None or found == made:
        return made
    campaign_changes.unmake(conn, made)  # another worker was faster
    return found


def _add_keys(conn: Connection, campaign_id: str, scored: CommentToScore, now: datetime) -> None:
    comment = scored.comment
    campaign_changes.add_keys(conn, campaign_id, comment.site_id, comment.id, keys_of(scored).items(), now=now)


def _once(ids: Sequence[str]) -> list[str]:
    return sorted(set(ids))
