"""A waiting comment with all that scoring needs to know, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from moderation.text.reading import Reading
from moderation.text.reading_budget import Budget
from moderation.values.articles import Article
from moderation.values.authors import Author
from moderation.values.campaigns import UNIQUE, Alike
from moderation.values.comments import Comment
from moderation.values.policies import Candidate, Policy, SiteLanguages
from moderation.values.signals import Signal
from moderation.values.verdicts import Circumstances


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
    typed_s: float | None = None  # how long the author typed, if the site says so
    known_domains: frozenset[str] = frozenset()  # of its links: those that published comments of the site had before
    languages: SiteLanguages = SiteLanguages()
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
            treatment=self.alike.applied,
        )


@dataclass(frozen=True, slots=True)
class Scoring:
    """A row of the table of scorings: the signals of one version of a comment, without the text that they are about.
    ``seconds`` is this comment's share of the batch's time."""

    comment_id: str
    version: int
    signals: tuple[Signal, ...]
    models: Mapping[str, str]
    language: str | None
    seconds: float

    def value(self, name: str) -> float | None:
        return next((s.value for s in self.signals if s.name == name), None)
