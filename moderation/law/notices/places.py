"""Where a notice puts its comment: first in the queue, or after the others; and whether readers stop seeing it before a
person has read it, which only a site that says so has, and only within bounds.

The bounds count what came, whatever names it came under: a stranger can make up addresses by the thousand. Beyond
them a notice is kept and answered like any other, in its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.law.notices import near_limits
from moderation.law.notices import pace_rows as pace
from moderation.law.notices.pace_rows import RecentNotice
from moderation.law.notices.values import LegalNotice, Outcome, Place
from moderation.sites import rows as sites
from moderation.spine.comments import decision_rows as decisions

WITHIN = timedelta(hours=1)
FIRST_ON_ARTICLE, FIRST_BY_KEY, FIRST_AT_SITE = 20, 60, 120
"""Notices within an hour that put their comments first."""

FIRST_BY_FLAGGER = 60  # a trusted one has this alone, so that strangers cannot use it up
HID_BY_NOTIFIER, HID_ON_ARTICLE, HID_AT_SITE = 3, 3, 10
"""Comments that notices may take offline within an hour, unread, at a site that allows it."""

DISMISSALS = 3
"""So many dismissed notices put a notifier, or a text, after the others, unless a person upheld some."""

LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Placing:
    """The place of a notice, and whether it takes its comment offline."""

    place: Place
    hides: bool = False


def placing(
    conn: Connection, comment: Comment, notice: LegalNotice, *, dismissals: int, is_repeat: bool, now: datetime
) -> Placing:
    """``dismissals`` are those of the comment's present text by people; ``is_repeat`` says that the notice repeats the
    grounds of one of these."""
    if is_repeat:
        return Placing(Place.CROWDED)
    if _is_unfounded(conn, notice, now):
        return Placing(Place.UNFOUNDED)
    recent = pace.first_since(conn, comment.site_id, now - WITHIN)
    if dismissals >= DISMISSALS or _is_crowded(recent, comment, notice):
        return Placing(Place.CROWDED)
    return Placing(Place.FIRST, hides=_hides(conn, recent, comment, notice))


def _is_unfounded(conn: Connection, notice: LegalNotice, now: datetime) -> bool:
    assert notice.notifier is not None
    answered = pace.outcomes_of_notifier(conn, notice.site_id, notice.notifier, since=now - LOOKED_BACK)
    dismissed, upheld = answered.get(Outcome.DISMISSED, 0), answered.get(Outcome.UPHELD, 0)
    return dismissed >= DISMISSALS and dismissed >= DISMISSALS * upheld


def _is_crowded(recent: list[RecentNotice], comment: Comment, notice: LegalNotice) -> bool:
    if notice.is_trusted:
        return sum(other.notifier == notice.notifier for other in recent) >= FIRST_BY_FLAGGER
    others = [other for other in recent if not other.is_trusted]
    on_article = sum(other.article_id == comment.article_id for other in others)
    by_key = sum(notice.key_id is not None and other.key_id == notice.key_id for other in others)
    return on_article >= FIRST_ON_ARTICLE or by_key >= FIRST_BY_KEY or len(others) >= FIRST_AT_SITE


def _hides(conn: Connection, recent: list[RecentNotice], comment: Comment, notice: LegalNotice) -> bool:
    is_shown = comment.status in (CommentStatus.PUBLISHED, CommentStatus.WAITING)
    if not is_shown or not sites.get_site(conn, comment.site_id).settings.hide_noticed:
        return False
    hid = [other for other in recent if other.hid]
    by_notifier = sum(other.notifier == notice.notifier for other in hid)
    on_article = sum(other.article_id == comment.article_id for other in hid)
    if by_notifier >= HID_BY_NOTIFIER or on_article >= HID_ON_ARTICLE or len(hid) >= HID_AT_SITE:
        return False
    if _is_read(conn, comment):
        return False
    return notice.is_trusted or near_limits.is_near(conn, comment)


def _is_read(conn: Connection, comment: Comment) -> bool:
    """Whether a person has decided about this text: no notice takes offline what a person published."""
    edited = pace.edited_at(conn, [comment.id]).get(comment.id)
    by_people = [decision for decision in decisions.decisions_of(conn, comment.id) if decision.decided_by in PEOPLE]
    return any(edited is None or decision.created_at > edited for decision in by_people)
