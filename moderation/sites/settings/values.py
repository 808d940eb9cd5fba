"""The settings of one site, each with its type and its default. ``moderation.ground.environment.settings`` has those
of the whole installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.ground.values.policies import SiteLanguages
from moderation.ground.values.statuses import CommentStatus
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.ladder import Ladder
from moderation.sites.settings.rejection_reasons import DEFAULT_REASONS, Details
from moderation.sites.settings.score_maps import ScoreMaps

LABEL_DAYS = 365
NOTICE_DAYS = 183
PACE = 20
"""Comments of one reader within a minute: more than anybody writes who reads the others'."""

MADE_SECRETS = frozenset({"webhook_secret", "former_webhook_secret"})  # by Gavel
SECRETS = MADE_SECRETS | {"coral_signing_secret", "coral_token"}  # no list, page or audit entry shows these
SPAM_LIMIT = 0.62  # at which models/spam/README.md has its measurements


class WhenDown(StrEnum):
    HOLD = "hold"  # people decide every comment
    RULES_ONLY = "rules_only"  # the rules that need no model decide alone


class WithoutModel(StrEnum):
    """The answer to a caller of Perspective's interface who asks for an attribute that no model here measures."""

    ERROR = "error"  # as Perspective answers to an unknown one
    OMIT = "omit"  # it is left out


class LanguageTrust(StrEnum):
    """How far a site trusts the scores in one language."""

    BY_MODEL = "by_model"  # as the measurements of the weights say
    TRUSTED = "trusted"  # the policy decides although the scores only advise
    HELD = "held"  # every comment goes to a person


@dataclass(frozen=True, slots=True)
class FormerSecret:
    """A secret that another one has replaced. Deliveries are signed with both for a while."""

    secret: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """A new site has the defaults. ``docs/site-settings.md`` explains each field."""

    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    former_webhook_secret: FormerSecret | None = None
    patience_s: float | None = None  # None: comments wait without a limit
    when_scoring_is_down: WhenDown = WhenDown.HOLD
    keep_published_days: int | None = None  # None keeps them for ever, here and below
    keep_rejected_days: int | None = None
    keep_withdrawn_days: int | None = None
    keep_withdrawn_text_days: int | None = None  # then the text goes, and the comment stays
    keep_labels_days: int = LABEL_DAYS
    keep_notices_days: int = NOTICE_DAYS  # after the decision
    rejection_reasons: tuple[str, ...] = DEFAULT_REASONS
    reason_details: Details = field(default_factory=dict)  # of the reasons that the site itself describes
    hide_noticed: bool = False  # whether a trusted or likely notice takes a comment offline before a person reads it
    objection_days: int = 183  # for which authors may object to a decision
    objection_contact: str | None = None  # where they do, in words, or an address
    open_appeals_per_author: int = 3  # at once, here and below
    open_appeals_per_site: int = 1_000  # 0 takes none
    author_ladder: Ladder | None = None
    comments_per_author_per_minute: int | None = PACE  # None: as many as they like
    reader_edit_minutes: int = 15  # after a comment came, in which its reader may edit it by a token; 0 is never
    origins: tuple[str, ...] = ()  # of the site's pages, which may read what is public
    trusted_languages: tuple[str, ...] = ()  # ISO 639 codes, here and below
    held_languages: tuple[str, ...] = ()
    perspective_without_model: WithoutModel = WithoutModel.ERROR
    perspective_score_maps: ScoreMaps = field(default_factory=dict)  # attributes without one keep our own scale
    akismet_spam_limit: float = SPAM_LIMIT  # from which on the spam signal alone is an answer of "spam"
    akismet_counts_toxicity: bool = False  # whether the policy's rules on toxicity are one too
    check_share: float = 0.01  # of what the policy decides: people check it without seeing the verdict
    check_most_per_day: int = 40
    most_wrong_published: float = 0.01  # the wishes: shares that people would decide otherwise, here and below
    most_wrong_rejected: float = 0.02
    read_per_day: int = 300  # comments that people can read
    group_words: tuple[str, ...] = ()  # "group: word" adds to the words by which we see that a text mentions a group
    coral_url: str | None = None  # of the Coral that sends its comments here
    coral_token: str | None = field(default=None, repr=False)  # lets Gavel decide comments there
    coral_signing_secret: str | None = field(default=None, repr=False)  # proves that a request comes from there

    def webhook_secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign a delivery at this moment, the newest first; none of a site without a webhook."""
        former = self.former_webhook_secret
        before = former.secret if former is not None and now < former.until else None
        return tuple(secret for secret in (self.webhook_secret, before) if secret is not None)

    @property
    def languages(self) -> SiteLanguages:
        """How far the site trusts the scores, by language."""
        return SiteLanguages(frozenset(self.trusted_languages), frozenset(self.held_languages))

    def trust_in(self, language: str) -> LanguageTrust:
        """``language`` is an ISO 639 code."""
        if language in self.held_languages:
            return LanguageTrust.HELD
        return LanguageTrust.TRUSTED if language in self.trusted_languages else LanguageTrust.BY_MODEL

    @property
    def reasons_against_author(self) -> frozenset[str]:
        """The reasons for rejection that count on the ladder."""
        return rejection_reasons.counting(self.reason_details, self.rejection_reasons)

    @property
    def patience(self) -> timedelta | None:
        """How long comments wait for their scores; None is without a limit."""
        return timedelta(seconds=self.patience_s) if self.patience_s is not None else None

    @property
    def keep_days(self) -> dict[CommentStatus, int]:
        """Days by status. Comments in the other statuses are kept for ever."""
        by_status = {status: getattr(self, name) for status, name in KEPT.items()}
        return {status: days for status, days in by_status.items() if days is not None}


KEPT: Mapping[CommentStatus, str] = {
    CommentStatus.PUBLISHED: "keep_published_days",
    CommentStatus.REJECTED: "keep_rejected_days",
    CommentStatus.WITHDRAWN: "keep_withdrawn_days",
}
"""The statuses whose comments a site may delete after some days, each with the field that holds the days. Comments that
wait for a decision are always kept."""
NAMES = tuple(f.name for f in fields(SiteSettings))
