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
from moderation.text.contacts.shared_marks import MARK
from moderation.values.scoring import CommentToScore

STRAGGLERS = 20  # near copies that each further copy looks for: those that were scored at the same time


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> Callable[[], None] | None:
    """Waiting comments that were just decided. One whose new text is no copy any more leaves its campaign."""
    every = [move.judgement.scored for move in moves if move.settles and move.judgement is not None]
    edited = [scored.comment.id for scored in every if scored.comment.version > 1]
    if edited:
        campaign_changes.leave(conn, edited)
    joining: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)  # ids, and whether of the text
    for scored in every:
        if campaign_id := _campaign_of(conn, scored, now):
            alike, ids = scored.alike, joining[campaign_id, scored.comment.site_id]
            near = alike.near if alike.campaign_id is None else alike.near[:STRAGGLERS]
            for id, is_copy in ((scored.comment.id, alike.is_copy), *((id, id not in alike.sharing) for id in near)):
                ids[id] = ids.get(id, False) or is_copy
    joined = 0
    for (campaign_id, site_id), ids in sorted(joining.items()):
        copies, sharing = (sorted(id for id in ids if ids[id] is is_copy) for is_copy in (True, False))
        joined += campaign_changes.add_copies(
            conn, campaign_id, site_id, copies, sharing, since=now - WINDOW, live_until=now + WINDOW
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
    """Of a text that only shares a contact or a domain, these alone: its copies are none of the campaign's text."""
    comment, is_copy = scored.comment, scored.alike.is_copy
    prints = [(key, mark) for key, mark in keys_of(scored).items() if is_copy or key >= MARK]
    campaign_changes.add_keys(conn, campaign_id, comment.site_id, comment.id, prints, now=now)
