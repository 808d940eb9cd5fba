"""The bias watch: whether civil comments fare worse for the group they mention, their language or a new author.

A difference is named only where chance explains it badly, after the correction for the number of comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.ground.estimates import Share, corrected, difference_by_chance, weighted_share
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.error_rates import WINDOW
from moderation.insight.checks.rows import Check

FEWEST = 10  # civil comments on each side of a comparison
UNLIKELY = 0.05
_HELD = (CommentStatus.FLAGGED, CommentStatus.REJECTED)


class GroupKind(StrEnum):
    GROUP = "group"  # mentioned, beside comments that mention none
    LANGUAGE = "language"  # beside all other languages
    AUTHOR = "author"  # without a published comment, beside all others


@dataclass(frozen=True, slots=True)
class Fared:
    """How comments fared."""

    held: Share | None  # of the civil ones, which people published: held or rejected by the policy
    overturned: Share | None  # of those that the policy held or rejected: published by people

    @property
    def civil(self) -> int:
        return self.held.count if self.held else 0


@dataclass(frozen=True, slots=True)
class Comparison:
    kind: GroupKind
    name: str
    these: Fared
    others: Fared
    by_chance: float | None = None  # corrected; None where there are too few to compare

    @property
    def is_warning(self) -> bool:
        """They are held more often than the others, and hardly by chance."""
        if self.by_chance is None or self.these.held is None or self.others.held is None:
            return False
        return self.by_chance < UNLIKELY and self.these.held.share > self.others.held.share


def of_site(conn: Connection, site_id: str, *, now: datetime) -> tuple[Comparison, ...]:
    """Groups, languages and new authors of the last ninety days, in this order."""
    return compare(checks.since(conn, site_id, now - WINDOW))


def compare(drawn: Sequence[Check]) -> tuple[Comparison, ...]:
    """As ``of_site``, of checks at hand."""
    decided = [check for check in drawn if check.outcome is not None]
    groups = sorted({group for check in decided for group in check.groups})
    languages = sorted({check.language for check in decided if check.language})
    comparisons = [_group(decided, group) for group in groups]
    if len(languages) > 1:
        comparisons += [_language(decided, code) for code in languages]
    if any(check.is_new_author for check in decided):
        comparisons.append(_split(decided, GroupKind.AUTHOR, "", lambda c: c.is_new_author))
    return _with_chances(comparisons)


def _group(decided: Sequence[Check], group: str) -> Comparison:
    mention = [check for check in decided if group in check.groups]
    return Comparison(GroupKind.GROUP, group, _fared(mention), _fared([check for check in decided if not check.groups]))


def _language(decided: Sequence[Check], code: str) -> Comparison:
    return _split(decided, GroupKind.LANGUAGE, code, lambda check: check.language == code)


def _split(decided: Sequence[Check], kind: GroupKind, name: str, belongs: Callable[[Check], bool]) -> Comparison:
    these, others = [c for c in decided if belongs(c)], [c for c in decided if not belongs(c)]
    return Comparison(kind, name, _fared(these), _fared(others))


def _fared(decided: Sequence[Check]) -> Fared:
    civil = [check for check in decided if check.outcome is CommentStatus.PUBLISHED]
    held = [check for check in decided if check.verdict in _HELD]
    return Fared(
        weighted_share((check.weight, check.verdict in _HELD) for check in civil),
        weighted_share((check.weight, check.outcome is CommentStatus.PUBLISHED) for check in held),
    )


def _with_chances(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    enough = [at for at, pair in enumerate(comparisons) if min(pair.these.civil, pair.others.civil) >= FEWEST]
    chances = [
        difference_by_chance(these, others)
        for at in enough
        if (these := comparisons[at].these.held) and (others := comparisons[at].others.held)
    ]
    by_place = dict(zip(enough, corrected(chances), strict=True))
    return tuple(replace(pair, by_chance=by_place.get(at)) for at, pair in enumerate(comparisons))
