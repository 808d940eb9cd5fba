"""Puts scored comments into the campaigns that they are copies in, in the transaction that decides them.

A campaign begins with the second author. Two workers that score its first copies at once make one: they add keys one
after the other, so the second finds the first one's and joins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.monitoring.instruments import instruments
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.contacts.shared_marks import MARK
from moderation.moderators.campaigns import change_rows as campaign_changes
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns.near_copy_rows import WINDOW, keys_of, recognised
from moderation.spine.comments.moves import Move

STRAGGLERS = 20  # near copies that each further copy looks for: those that were scored at the same time


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> Callable[[], None] | None:
    """Waiting comments that were just decided. One whose new text is no copy any more leaves its campaign."""
    every = [move.judgement.scored for move in moves if move.settles and move.judgement is not None]
    edited = [scored.comment.id for scored in every if scored.comment.version > 1]
    copies = [scored for scored in every if _is_copy(scored)]
    held = _held(conn, copies, edited, now)
    if edited:
        held -= campaign_changes.leave(conn, edited)
    free = campaign_changes.free(conn, {id for scored in copies for id in _taken_in(scored)})
    joining: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)  # ids, and whether of the text
    for scored in copies:
        alike = scored.alike
        ids = joining[_campaign_of(conn, scored, held, now), scored.comment.site_id]
        near = [id for id in _taken_in(scored) if id in free]
        for id, is_copy in ((scored.comment.id, alike.is_copy), *((id, id not in alike.sharing) for id in near)):
            ids[id] = ids.get(id, False) or is_copy
    joined = sum(_joined(conn, *where, ids, now) for where, ids in sorted(joining.items()))
    return (lambda: instruments().campaign_copies.inc(joined)) if joined else None


def _is_copy(scored: CommentToScore) -> bool:
    alike = scored.alike
    return not alike.innocent and (alike.campaign_id is not None or alike.others > 0)


def _taken_in(scored: CommentToScore) -> Sequence[str]:
    """The stored near copies that come into the campaign with this one. One that somebody is deciding or editing right
    now comes with the next copy: to wait for it, with other rows locked, is how two writers block each other."""
    return scored.alike.near if scored.alike.campaign_id is None else scored.alike.near[:STRAGGLERS]


def _held(conn: Connection, copies: Sequence[CommentToScore], edited: Sequence[str], now: datetime) -> set[str]:
    """All campaigns that are left or joined, locked in one order before any of them changes; except those that begin
    here, which nobody else knows. Those that have gone since the comments were read are left out."""
    campaign_changes.add_keys_alone(conn, {copy.comment.site_id for copy in copies if not copy.alike.is_keyed})
    joined = {copy.alike.campaign_id or _found(conn, copy, now) for copy in copies}
    return campaign_changes.hold(conn, {id for id in joined if id} | campaign_changes.campaigns_of(conn, edited))


def _joined(conn: Connection, campaign_id: str, site_id: str, ids: Mapping[str, bool], now: datetime) -> int:
    copies, sharing = (sorted(id for id in ids if ids[id] is is_copy) for is_copy in (True, False))
    return campaign_changes.add_copies(
        conn, campaign_id, site_id, copies, sharing, since=now - WINDOW, live_until=now + WINDOW
    )


def _campaign_of(conn: Connection, scored: CommentToScore, held: Collection[str], now: datetime) -> str:
    alike = scored.alike
    if alike.campaign_id is None or alike.campaign_id not in held:
        return _found(conn, scored, now) or _made(conn, scored, now)
    if not alike.is_keyed:
        _add_keys(conn, alike.campaign_id, scored, now)
    return alike.campaign_id


def _found(conn: Connection, scored: CommentToScore, now: datetime) -> str | None:
    """The campaign that somebody has begun since this comment was read."""
    keys = keys_of(scored)
    known = recognised(scored, campaigns.known_by(conn, scored.comment.site_id, keys, now=now))
    return known.campaign_id if known else None


def _made(conn: Connection, scored: CommentToScore, now: datetime) -> str:
    comment = scored.comment
    campaign_id = campaign_changes.make(conn, comment.site_id, at=comment.received_at, live_until=now + WINDOW)
    _add_keys(conn, campaign_id, scored, now)
    return campaign_id


def _add_keys(conn: Connection, campaign_id: str, scored: CommentToScore, now: datetime) -> None:
    """Of a text that only shares a contact or a domain, these alone: its copies are none of the campaign's text."""
    comment, is_copy = scored.comment, scored.alike.is_copy
    prints = [(key, mark) for key, mark in keys_of(scored).items() if is_copy or key >= MARK]
    campaign_changes.add_keys(conn, campaign_id, comment.site_id, comment.id, prints, now=now)
