"""The policy's answer with its reasons, and the circumstances that it looks at beside the signals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.modes import ModeName
from moderation.ground.values.policies import Bound, SiteLanguages
from moderation.ground.values.signals import Span
from moderation.ground.values.statuses import Action


class ReasonCode(StrEnum):
    RULE = "rule"  # a rule on one signal fired
    COMBINED = "combined"  # a rule on several signals fired
    MISSING = "missing"  # a required signal has no value
    LANGUAGE = "language"  # the scores are not trusted in the language, or the site holds it
    DISAGREEMENT = "disagreement"  # one rule publishes, another does not
    PREMODERATED = "premoderated"  # the article sends everything to a person
    AUTHOR_HOLD = "author_hold"  # a moderator asked to see everything by this author
    AUTHOR_TRUSTED = "author_trusted"  # a limit was not applied because a moderator trusts the author
    SCORING_FAILED = "scoring_failed"  # every attempt failed
    TOO_COSTLY = "too_costly"  # the text takes too long to read
    SCORING_LATE = "scoring_late"  # scoring was down longer than the site waits
    RESCORED = "rescored"  # newer scores disagree with the decision
    REPORTED = "reported"  # readers reported it
    SECOND_READER = "second_reader"  # a language model says that it breaks a house rule
    NOTICED = "noticed"  # somebody gave notice that it is illegal
    MODE = "mode"  # the article, its section or the site is in a mode for breaking news
    CAMPAIGN = "campaign"  # a moderator decided for some days on what comes like a campaign
    DEFAULT = "default"  # no rule fired


@dataclass(frozen=True, slots=True)
class Part:
    """One signal of a reason: the value beside the limit, with the evidence that the signal carried."""

    signal: str
    value: float | None
    bound: Bound | None
    limit: float | None
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of why: the value beside the limit, with the evidence that the signal carried.

    Where a rule looks at several signals, ``parts`` holds them and the fields for a single one are empty.
    """

    code: ReasonCode
    action: Action
    signal: str | None = None
    value: float | None = None
    limit: float | None = None
    bound: Bound | None = None
    label: str = ""
    detail: str = ""
    evidence: tuple[Span, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def looked_at(self) -> tuple[Part, ...]:
        """Every signal that this reason rests on."""
        if self.parts or self.signal is None:
            return self.parts
        return (Part(self.signal, self.value, self.bound, self.limit, self.evidence),)


@dataclass(frozen=True, slots=True)
class Verdict:
    action: Action
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts that the policy needs besides signals."""

    article_id: str | None = None  # the site's own id
    section: str | None = None
    article_state: ArticleState = ArticleState.OPEN
    author_on_hold: bool = False
    author_trusted: bool = False
    languages: SiteLanguages = SiteLanguages()
    held_by: ModeName | None = None  # a mode by which a person reads the comment first
    treatment: Treatment | None = None  # in force for the campaign that the comment is a copy in


@dataclass(frozen=True, slots=True)
class ShadowVerdict:
    """One candidate's verdict on a version of a comment, beside the policy's."""

    shadow_id: str
    comment_id: str
    version: int
    action: Action
    policy_action: Action
    reason: str | None
    section: str | None
    language: str | None
