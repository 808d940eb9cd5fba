"""A waiting comment with all that scoring needs to know, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from moderation.ground.values.articles import Article
from moderation.ground.values.authors import Author
from moderation.ground.values.campaigns import UNIQUE, Alike
from moderation.ground.values.comments import Comment
from moderation.ground.values.modes import Mode, ModeName, strictest
from moderation.ground.values.policies import Candidate, Policy, SiteLanguages
from moderation.ground.values.signals import Signal
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget


@dataclass(frozen=True, slots=True)
class CommentToScore:
    """A comment with all that its signals and its verdict depend on, its text read. A Comment alone knows neither
    article, author nor policy."""

    comment: Comment
    article: Article
    author: Author
    parent_text: str | None
    policy: Policy
    reading: Reading = field(compare=False, repr=False)  # of its text: nothing reads that again
    near_copies: int = 0  # earlier comments of the site with nearly the same text
    marks: tuple[int, ...] = ()  # of the contacts and little-known domains in it: see text.contacts.shared_marks
    alike: Alike = UNIQUE
    reports: int = 0  # by readers
    recent: int = 0  # other comments by the author, or from their address, in the ten minutes before
    website: str | None = None  # of the author, which their name links to
    typed_s: float | None = None  # how long the author typed, if the site says so
    known_domains: frozenset[str] = frozenset()  # of its links: those that published comments of the site had before
    languages: SiteLanguages = SiteLanguages()
    modes: tuple[Mode, ...] = ()  # of the site, for breaking news, that hold or ended after the comment came
    candidates: tuple[Candidate, ...] = ()  # policies of the site that run in the shadow

    @property
    def fingerprint(self) -> int | None:
        """None if the text is too short for one."""
        return self.reading.fingerprint

    @property
    def budget(self) -> Budget:
        """The time that reading it may take."""
        return self.reading.budget

    @property
    def external_ids(self) -> tuple[str, str]:
        """The site's own ids of the article and the author."""
        return self.article.external_id, self.author.external_id

    def circumstances(self, now: datetime) -> Circumstances:
        return Circumstances(
            article_id=self.article.external_id,
            section=self.article.section,
            article_state=self.article.state,
            author_on_hold=self.author.is_on_hold(now),
            author_trusted=self.author.is_trusted(now),
            languages=self.languages,
            held_by=self._held_by(),
            treatment=self.alike.applied,
        )

    def _held_by(self) -> ModeName | None:
        holding = strictest(
            mode
            for mode in self.modes
            if mode.covers(self.article.id, self.article.section)
            and mode.meets(self.comment)
            and mode.holds_author(self.author.published)
        )
        return holding.name if holding else None


@dataclass(frozen=True, slots=True)
class Scoring:
    """The signals that were measured of one version of a comment, and by which models; it does not say of which one.
    ``seconds`` is this comment's share of the batch's time."""

    signals: tuple[Signal, ...]
    models: Mapping[str, str]
    language: str | None
    seconds: float

    def value(self, name: str) -> float | None:
        return next((s.value for s in self.signals if s.name == name), None)
