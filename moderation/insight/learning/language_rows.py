"""A site's newest comments by language: how far the scores decide there, and how people decided the comments that only
their language kept from the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import ReasonCode
from moderation.insight.learning.rows import TAUGHT_BY
from moderation.judging.signals.language import VALUES, LanguageStanding
from moderation.spine.comments.standing_rows import in_force
from moderation.spine.comments.tables import comments, decisions, scorings

NEWEST = 2_000  # decisions of the policy


@dataclass(frozen=True, slots=True)
class LanguageRecord:
    """The comments in one language among the newest."""

    language: str
    comments: int
    standing: (
        LanguageStanding | None
    )  # None where the policy decided only because the site trusts or holds the language
    held_alone: int  # sent to a person for no other reason than that the scores only advise
    judged: int  # of these, by decisions of people that stand
    rejected: int  # of these

    @property
    def approved(self) -> int:
        return self.judged - self.rejected


def newest(conn: Connection, site_id: str, *, trusted: Sequence[str], held: Sequence[str]) -> list[LanguageRecord]:
    """The languages of the newest comments that the policy decided, those with most comments first. ``trusted`` and
    ``held`` are the site's, whose comments do not show how far the scores decide."""
    by_language: dict[str, list[tuple[LanguageStanding | None, bool, str | None]]] = {}
    for row in conn.execute(_NEWEST, {"site_id": site_id, "most": NEWEST}):
        doubt = _doubt(row.reasons)
        standing = doubt or (None if row.language in (*trusted, *held) else LanguageStanding.DECIDES)
        alone = doubt is LanguageStanding.ADVISES and _is_alone(row.reasons)
        by_language.setdefault(row.language, []).append((standing, alone, row.outcome))
    ordered = sorted(by_language.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_record(language, rows) for language, rows in ordered]


def _record(language: str, rows: Sequence[tuple[LanguageStanding | None, bool, str | None]]) -> LanguageRecord:
    outcomes = [outcome for _, alone, outcome in rows if alone]
    judged = [outcome for outcome in outcomes if outcome is not None]
    # A comment that mixes two languages is as doubtful as the other one, so the best says how far this one is trusted
    standings = [standing for standing, *_ in rows if standing is not None]
    best = max(standings, key=VALUES.__getitem__, default=None)
    return LanguageRecord(
        language, len(rows), best, len(outcomes), len(judged), judged.count(CommentStatus.REJECTED.value)
    )


def _doubt(reasons: Sequence[Mapping[str, Any]]) -> LanguageStanding | None:
    """The standing that sent the comment to a person; None if none did."""
    values = [reason["value"] for reason in reasons if reason["code"] == ReasonCode.LANGUAGE]
    return next((standing for standing, value in VALUES.items() if values and value == values[0]), None)


def _is_alone(reasons: Sequence[Mapping[str, Any]]) -> bool:
    return all(r["code"] == ReasonCode.LANGUAGE for r in reasons if r["action"] != Action.PUBLISH)


_BY_PERSON = decisions.alias("by_person")
_BY_POLICY = (
    sa.select(decisions.c.id, decisions.c.comment_id, decisions.c.reasons, decisions.c.scoring_id)
    .where(decisions.c.site_id == sa.bindparam("site_id"), decisions.c.decided_by == DecidedBy.POLICY)
    .order_by(decisions.c.id.desc())
    .limit(sa.bindparam("most"))
    .subquery("by_policy")
)
_OUTCOME = (
    sa.select(_BY_PERSON.c.status_after)
    .join(comments, comments.c.id == _BY_PERSON.c.comment_id)
    .where(
        _BY_PERSON.c.comment_id == _BY_POLICY.c.comment_id,
        _BY_PERSON.c.decided_by.in_(TAUGHT_BY),
        _BY_PERSON.c.status_after.in_((CommentStatus.PUBLISHED, CommentStatus.REJECTED)),
        comments.c.status == _BY_PERSON.c.status_after,
        in_force(_BY_PERSON),
    )
    .limit(1)
    .correlate(_BY_POLICY)
    .scalar_subquery()
)
_NEWEST = (
    sa.select(_BY_POLICY.c.reasons, scorings.c.language, _OUTCOME.label("outcome"))
    .join_from(_BY_POLICY, scorings, scorings.c.id == _BY_POLICY.c.scoring_id)
    .where(scorings.c.language.is_not(None))
)
