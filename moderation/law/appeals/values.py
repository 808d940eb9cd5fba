"""An appeal, its outcomes, and the reasons that people choose from when they decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_CHARS = 2_000
MAX_ANSWER_CHARS = 1_000


class AppealSource(StrEnum):
    """The way by which an appeal came."""

    PAGE = "page"  # the form under the statement of reasons
    API = "api"  # the site sent it
    READER = "reader"  # a reader whom the site has signed


class AppealOutcome(StrEnum):
    UPHELD = "upheld"  # the decision stays
    OVERTURNED = "overturned"  # the comment is published, or the measure lifted
    SETTLED = "settled"  # somebody changed the decision or the measure, or the author the comment, before an answer


class AppealState(StrEnum):
    """How an appeal stands, in the site's words: open, or with its outcome."""

    OPEN = "open"
    UPHELD = AppealOutcome.UPHELD.value
    OVERTURNED = AppealOutcome.OVERTURNED.value
    SETTLED = AppealOutcome.SETTLED.value


class AppealReason(StrEnum):
    """Why the decision stays, or does not."""

    RULE_BROKEN = "rule_broken"
    NOTHING_NEW = "nothing_new"
    WITHIN_RULES = "within_rules"
    MISREAD = "misread"
    SOFTWARE_ERRED = "software_erred"


OUTCOME_OF: Mapping[AppealReason, AppealOutcome] = {
    AppealReason.RULE_BROKEN: AppealOutcome.UPHELD,
    AppealReason.NOTHING_NEW: AppealOutcome.UPHELD,
    AppealReason.WITHIN_RULES: AppealOutcome.OVERTURNED,
    AppealReason.MISREAD: AppealOutcome.OVERTURNED,
    AppealReason.SOFTWARE_ERRED: AppealOutcome.OVERTURNED,
}
"""In the order in which the desk offers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """Without ``decided_at`` it is open."""

    id: str
    site_id: str
    author_id: str  # ours
    text: str  # the author's words; empty once they are erased
    source: AppealSource
    language: str  # of the statement, in which the author hears the outcome
    created_at: datetime
    maker_id: str | None = None  # the person who made the decision, as ``deciders`` finds them
    decided_at: datetime | None = None
    outcome: AppealOutcome | None = None
    reason: AppealReason | None = None
    answer: str | None = None  # to the author, in the words of the person who decided
    moderator_id: str | None = None  # who decided the appeal
    by_same_person: bool = False  # who had made the decision: nobody else works for the site

    @property
    def state(self) -> AppealState:
        return AppealState(self.outcome) if self.outcome else AppealState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAppeal(Appeal):
    """Against a decision on a comment."""

    comment_id: str  # ours
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureAppeal(Appeal):
    """Against a measure that keeps the author from commenting."""

    measure_id: str


@dataclass(frozen=True, slots=True)
class Appealed:
    """The comment whose decision an appeal is against, with the site's own ids."""

    comment_id: str  # ours, here and below
    author_id: str
    comment_external_id: str
    article_external_id: str
    author_external_id: str
    version: int  # of the comment
