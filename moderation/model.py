"""The newsroom's nouns as frozen values, and the status moves that are allowed. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from moderation.measures import HELD, SILENCED, Standing
from moderation.reading_budget import UNLIMITED, Budget


class CommentStatus(StrEnum):
    """How far a comment has come. Readers see only ``published`` comments."""

    WAITING = "waiting"
    PUBLISHED = "published"
    FLAGGED = "flagged"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """The action that a verdict asks for, from mild to severe."""

    PUBLISH = "publish"
    FLAG = "flag"
    REJECT = "reject"

    @property
    def severity(self) -> int:
        """0 for the mildest action; a higher number is more severe."""
        return list(Action).index(self)

    @property
    def status(self) -> CommentStatus:
        """The status of a comment after this action."""
        return _STATUS_AFTER[self]


_STATUS_AFTER = {
    Action.PUBLISH: CommentStatus.PUBLISHED,
    Action.FLAG: CommentStatus.FLAGGED,
    Action.REJECT: CommentStatus.REJECTED,
}


class ArticleState(StrEnum):
    OPEN = "open"
    PREMODERATED = "premoderated"  # every comment goes to a person
    CLOSED = "closed"  # takes no new comments


class Lane(StrEnum):
    """RQ queues in order of urgency: somebody holds a connection open; a reader has just written; nobody waits."""

    INTERACTIVE = "interactive"
    LIVE = "live"
    BULK = "bulk"


class DecidedBy(StrEnum):
    POLICY = "policy"
    MODERATOR = "moderator"
    API = "api"
    SYSTEM = "system"  # the sweeper, where scoring failed for good
    IMPORT = "import"  # before Gavel: the newsroom's history


_W, _P, _F, _R, _X = CommentStatus
ALLOWED_MOVES: Mapping[CommentStatus, frozenset[CommentStatus]] = MappingProxyType(
    {
        _W: frozenset({_P, _F, _R, _X}),
        _P: frozenset({_W, _F, _R, _X}),
        _F: frozenset({_W, _P, _R, _X}),
        _R: frozenset({_W, _P, _F, _X}),
        _X: frozenset(),
    }
)
"""An edit makes a comment ``waiting`` again; an undo, a report or a rescore makes it ``flagged`` again."""


class Of(StrEnum):
    """The text that a span points into."""

    COMMENT = "comment"
    TITLE = "title"
    SUMMARY = "summary"
    ARTICLE = "article"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a text that carries a signal. Positions are in characters, and the end is exclusive."""

    start: int
    end: int
    weight: float = 1.0  # its share of the signal, 0..1
    of: Of = Of.COMMENT
    quote: str | None = None  # kept where the text may change later, as articles do


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of evidence. Exactly one of ``value`` and ``abstained`` is set, or neither: then it is missing.

    A signal abstains with a reason (``"too short"``, ``"language: sw"``) when it works but cannot judge this text.
    """

    name: str
    value: float | None
    source: str  # what computed it, e.g. "toxicity-minilm@3f2a9c" or "rules"
    abstained: str | None = None
    evidence: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.value is not None and self.abstained is not None:
            raise ValueError(f"signal {self.name} has a value and abstains")


Bound = Literal["at_least", "below"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A signal is at or above a limit (``at_least``), or under it (``below``)."""

    signal: str
    bound: Bound
    limit: float

    def holds_for(self, value: float) -> bool:
        return value >= self.limit if self.bound == "at_least" else value < self.limit


@dataclass(frozen=True, slots=True)
class Rule:
    """Take ``action`` when all conditions hold: one, or several on different signals."""

    conditions: tuple[Condition, ...]
    action: Action
    label: str = ""  # the newsroom's words for it, shown to moderators

    @property
    def signals(self) -> frozenset[str]:
        return frozenset(condition.signal for condition in self.conditions)

    def fires_on(self, values: Mapping[str, float]) -> bool:
        """A signal without a value fires nothing: neither alone nor beside others that have one."""
        return all(c.signal in values and c.holds_for(values[c.signal]) for c in self.conditions)


@dataclass(frozen=True, slots=True)
class Override:
    """Rules for one section or article. Each replaces the base rules on the same signal or the same several signals;
    ``without`` drops every rule that looks at a signal."""

    rules: tuple[Rule, ...] = ()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a site's limits. A person decides a comment if one of the ``required`` signals neither has a value
    nor abstains."""

    version: int
    rules: tuple[Rule, ...]
    required: frozenset[str]
    default: Action = Action.PUBLISH  # when no rule fires
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    shipped_words: bool = True  # False drops all rules on signals of lists that come with Gavel
    blocked_domains: frozenset[str] = frozenset()  # with all under them
    allowed_domains: frozenset[str] = frozenset()
    sections: Mapping[str, Override] = field(default_factory=dict)
    articles: Mapping[str, Override] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that runs in the shadow: its verdicts are recorded and change nothing."""

    id: str
    policy: Policy


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
class SiteLanguages:
    """The languages, as ISO 639 codes, for which a site sets how far it trusts the scores."""

    trusted: frozenset[str] = frozenset()  # published without a person where the scores otherwise only advise
    held: frozenset[str] = frozenset()  # every comment goes to a person


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts that the policy needs besides signals."""

    article_id: str | None = None  # the site's own id
    section: str | None = None
    article_state: ArticleState = ArticleState.OPEN
    author_on_hold: bool = False
    author_trusted: bool = False
    languages: SiteLanguages = SiteLanguages()
    treatment: Treatment | None = None  # in force for the campaign that the comment is a copy in


@dataclass(frozen=True, slots=True)
class Article:
    id: str
    site_id: str
    external_id: str
    title: str | None
    url: str | None
    text: str | None
    section: str | None
    tags: tuple[str, ...]
    language: str | None
    state: ArticleState
    question: str | None = None
    summary: str | None = None  # the standfirst: a few sentences that sum the text up


@dataclass(frozen=True, slots=True)
class Author:
    id: str
    site_id: str
    external_id: str
    name: str | None
    published: int = 0  # their comments that are published now
    rejected: int = 0  # their comments that are rejected now
    standing: Standing = Standing.NORMAL
    standing_until: datetime | None = None
    registered_at: datetime | None = None  # their account with the site, where the site says so
    email_domain: str | None = None

    def is_on_hold(self, now: datetime) -> bool:
        """Whether a person must see everything by this author: they are on hold, or may not write at all, and the mark
        has not expired."""
        return self.standing in HELD and self._is_marked(now)

    def is_silenced(self, now: datetime) -> bool:
        """Whether the author is suspended or banned and the mark has not expired. Then their new comments are
        refused."""
        return self.standing in SILENCED and self._is_marked(now)

    def is_trusted(self, now: datetime) -> bool:
        """Whether a moderator trusts the author and the mark has not expired. Then only severe rules hold their
        comments."""
        return self.standing is Standing.TRUSTED and self._is_marked(now)

    def standing_at(self, now: datetime) -> Standing:
        """The mark that holds then."""
        return self.standing if self._is_marked(now) else Standing.NORMAL

    def _is_marked(self, now: datetime) -> bool:
        return self.standing_until is None or now < self.standing_until


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    site_id: str
    external_id: str
    article_id: str
    author_id: str
    parent_id: str | None
    text: str
    language: str | None  # as the site sent it
    status: CommentStatus
    version: int
    posted_at: datetime
    received_at: datetime
    updated_at: datetime
    lane: Lane = Lane.LIVE
    request_id: str | None = None  # the request that brought the text, for the logs
    featured_at: datetime | None = None  # an editor's pick since then

    @property
    def is_featured(self) -> bool:
        """Only a published comment is."""
        return self.featured_at is not None and self.status is CommentStatus.PUBLISHED


@dataclass(frozen=True, slots=True)
class Treatment:
    """A moderator's decision on a campaign, which also holds for what comes like it for some days."""

    action: Action  # PUBLISH: being a copy is no reason to hold a comment
    reason: str | None  # the site's reason for rejecting
    until: datetime
    by: str  # the moderator's name


@dataclass(frozen=True, slots=True)
class Alike:
    """The comment repeats others' recent comments: how many authors there are, and the campaign that it belongs to."""

    others: int = 0  # authors; counting stops at ``store.near_copies.MOST_AUTHORS``
    near: tuple[str, ...] = ()  # ids of near copies, newest first, as many as a new campaign takes in
    campaign_id: str | None = None
    is_keyed: bool = False  # the campaign knows this very text, and whatever contacts and domains it has
    is_copy: bool = False  # of a text; False if it only shares a contact or a domain
    treatment: Treatment | None = None  # in force
    innocent: str = ""  # why many readers write the same in good faith

    @property
    def applied(self) -> Treatment | None:
        """The treatment that holds for this comment: one that only shares a contact or a domain is not rejected unread,
        since a reader may warn of it."""
        if self.treatment is None or self.is_copy or self.treatment.action is not Action.REJECT:
            return self.treatment
        return replace(self.treatment, action=Action.FLAG, reason=None)

    @property
    def excuse(self) -> str:
        """Why being a copy is no reason to hold the comment; empty if it may be one."""
        is_approved = self.treatment is not None and self.treatment.action is Action.PUBLISH
        return self.innocent or (f"{self.treatment.by} approved such copies" if self.treatment and is_approved else "")


UNIQUE = Alike()


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as a direction: a unit vector times 127, one signed byte for each number.

    ``space`` names the encoder and its version. Vectors of two spaces must not be compared.
    """

    space: str
    numbers: bytes


@dataclass(frozen=True, slots=True)
class CommentToScore:
    """All that the scorers and the cheap signals read about one waiting comment. It is loaded in one transaction."""

    comment: Comment
    article: Article
    author: Author
    parent_text: str | None
    policy: Policy
    fingerprint: int | None  # None if the text is too short for one: see text.fingerprints
    near_copies: int = 0  # earlier comments of the site with nearly the same text
    marks: tuple[int, ...] = ()  # of the contacts and little-known domains in it: see text.shared
    alike: Alike = UNIQUE
    reports: int = 0  # by readers
    recent: int = 0  # other comments by the author, or from their address, in the ten minutes before
    typed_s: float | None = None  # how long the author typed, if the site says so
    known_domains: frozenset[str] = frozenset()  # of its links: those that published comments of the site had before
    languages: SiteLanguages = SiteLanguages()
    candidates: tuple[Candidate, ...] = ()  # policies of the site that run in the shadow
    budget: Budget = field(default=UNLIMITED, compare=False, repr=False)  # the time that reading it may take

    def circumstances(self, now: datetime) -> Circumstances:
        return Circumstances(
            article_id=self.article.external_id,
            section=self.article.section,
            article_state=self.article.state,
            author_on_hold=self.author.is_on_hold(now),
            author_trusted=self.author.is_trusted(now),
            languages=self.languages,
            treatment=self.alike.applied,
        )


@dataclass(frozen=True, slots=True)
class Scoring:
    """The result of scoring one version of a comment. ``seconds`` is this comment's share of the batch's time."""

    comment_id: str
    version: int
    signals: tuple[Signal, ...]
    models: Mapping[str, str]
    language: str | None
    seconds: float

    def value(self, name: str) -> float | None:
        return next((s.value for s in self.signals if s.name == name), None)


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the outbox. ``sequence`` has no gaps within a site and is set when the event is released."""

    id: str
    site_id: str
    sequence: int | None
    type: str
    comment_id: str | None  # None for an event about an author
    payload: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    author_id: str | None = None  # of an event about an author
