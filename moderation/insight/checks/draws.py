"""Draws comments that the policy decided, for people to judge without seeing its verdict.

Each draw has a known probability, which says how many comments it speaks for. A comment's lot comes from its id alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.estimates import weighted_share
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import drawn_numbers
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check, Drawn
from moderation.judging.text import groups
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.moves import Judgement, Move

LARGEST = 0.25  # no comment is drawn with a larger probability
WIDEST = 5  # while the interval is wide, the share is multiplied by this at most
RARE = 5  # and by this where a verdict has few checks in a section
FEW = 5  # this many
LOOKED_BACK = timedelta(days=28)
DAY = timedelta(days=1)
PLANNED = 0.8  # of the most per day, so that chance seldom reaches it
NEWEST = 1_000  # decisions that the pace is measured over


@dataclass(frozen=True, slots=True)
class DrawState:
    """The facts about a site that the probability of a draw depends on."""

    drawn: int  # within a day, of those that no person sees otherwise
    per_day: float  # decisions, at the present pace
    lately: tuple[Drawn, ...] = ()  # draws of the last four weeks

    def width(self, verdict: CommentStatus) -> float:
        """The width of the interval of the verdict's error; 1 without any check."""
        judged = [draw for draw in self.lately if draw.verdict is verdict and draw.outcome is not None]
        error = weighted_share([(1 / draw.probability, draw.outcome is not verdict) for draw in judged])
        return error.width if error else 1.0

    def in_stratum(self, verdict: CommentStatus, section: str | None) -> int:
        return sum(draw.verdict is verdict and draw.section == section for draw in self.lately)


def chance(settings: SiteSettings, verdict: CommentStatus, section: str | None, state: DrawState) -> float:
    """The probability of drawing a comment with this verdict.

    It is the site's share, more while the interval is wide or the section has few checks, and less where the day's
    number would not suffice. It fades out towards that number, so that no hour of the day is left out at one stroke.
    """
    share, most = settings.check_share, settings.check_most_per_day
    if not share or not most:
        return 0.0
    rare = RARE if state.in_stratum(verdict, section) < FEW else 1
    wished = _wish(settings, verdict)
    if wished is None:
        return min(LARGEST, share * rare)  # people read flagged comments anyway, so these cost nobody time
    wide = min(WIDEST, max(1.0, state.width(verdict) / wished))
    affordable = PLANNED * most / max(state.per_day, 1.0)
    fading = max(0.0, min(1.0, (1 - state.drawn / most) / (1 - PLANNED)))
    return min(LARGEST, rare * min(wide * share, affordable)) * fading


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> Callable[[], None] | None:
    """Draws among comments that the policy has just decided, in the transaction of the decision.

    It locks the site last of all, and only where it is about to draw, so that two workers do not both draw the last
    comment of the day.
    """
    few = [move for move in moves if move.settles and drawn_numbers.drawn_number(move.comment.id) < LARGEST]
    known = checks.of(conn, [move.comment.id for move in few if not move.comment.is_new])  # of an earlier text
    candidates: dict[str, list[Move]] = {}
    for move in few:
        if move.comment.id not in known:
            candidates.setdefault(move.comment.site_id, []).append(move)
    drawn: list[Check] = []
    for site_id, of_site in sorted(candidates.items()):
        settings = sites.get_site(conn, site_id).settings
        if _lots(conn, site_id, settings, of_site, now):
            sites.lock_for_draw(conn, site_id)
            lots = _lots(conn, site_id, settings, of_site, now)
            drawn += [_check(move, probability, settings, now) for move, probability in lots]
    checks.insert(conn, drawn)
    return (lambda: _count(drawn)) if drawn else None


def _count(drawn: Sequence[Check]) -> None:
    for check in drawn:
        instruments().checks_drawn.labels(check.verdict).inc()


def _lots(
    conn: Connection, site_id: str, settings: SiteSettings, candidates: Sequence[Move], now: datetime
) -> list[tuple[Move, float]]:
    """Those that are drawn, each with its probability."""
    state, drawn = _state(conn, site_id, now), list[tuple[Move, float]]()
    if not any(_is_drawn(move, settings, state) for move in candidates):  # without draws behind it, a site draws most
        return []
    state = replace(state, lately=checks.drawn_since(conn, site_id, now - LOOKED_BACK))
    for move in candidates:
        section = _judgement(move).scored.article.section
        probability = chance(settings, move.to, section, state)
        if drawn_numbers.drawn_number(move.comment.id) < probability:
            drawn.append((move, probability))
            unseen = state.drawn + (move.to is not CommentStatus.FLAGGED)
            draw = Drawn(move.to, section, probability, None)
            state = replace(state, drawn=unseen, lately=(*state.lately, draw))
    return drawn


def _state(conn: Connection, site_id: str, now: datetime) -> DrawState:
    """Without the draws of the last weeks, of which there may be a thousand."""
    return DrawState(
        drawn=checks.count_unseen_since(conn, site_id, now - DAY),
        per_day=decisions.pace(conn, site_id, newest=NEWEST, now=now),
    )


def _is_drawn(move: Move, settings: SiteSettings, state: DrawState) -> bool:
    section = _judgement(move).scored.article.section
    return drawn_numbers.drawn_number(move.comment.id) < chance(settings, move.to, section, state)


def _judgement(move: Move) -> Judgement:
    assert move.judgement is not None  # of all that settle a comment
    return move.judgement


def _wish(settings: SiteSettings, verdict: CommentStatus) -> float | None:
    if verdict is CommentStatus.PUBLISHED:
        return settings.most_wrong_published
    return settings.most_wrong_rejected if verdict is CommentStatus.REJECTED else None


def _check(move: Move, probability: float, settings: SiteSettings, now: datetime) -> Check:
    judgement = _judgement(move)
    language = judgement.scoring.language or move.comment.language
    return Check(
        comment_id=move.comment.id,
        site_id=move.comment.site_id,
        drawn_at=now,
        probability=probability,
        verdict=move.to,
        section=judgement.scored.article.section,
        language=language,
        models=dict(judgement.scoring.models),
        policy_version=move.policy_version,
        groups=groups.mentioned(judgement.scored.reading, groups.lexicon(language, settings.group_words)),
        is_new_author=judgement.scored.author.published == 0,
    )
