"""A text that is scored and not stored, and the answer about it. Neither goes to the database, to Redis or to a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from moderation.ground.values.signals import Signal
from moderation.ground.values.verdicts import Verdict

MAX_TEXT_CHARS = 20_480
"""The longest text of any dialect, in characters; our own calls take as much as a comment may have."""

MAX_ARTICLE_CHARS = 200_000
"""The longest article that a site may store."""


@dataclass(frozen=True, slots=True)
class ArticleContext:
    """The article under which the text would be posted.

    With an ``id`` that Gavel knows, the stored article counts, its state and the overrides of the policy included, and
    fields given here replace the stored ones. Any other ``id`` is that of an article without a description.
    """

    id: str | None = None  # the site's own
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to score, with all that is known about it."""

    text: str
    language: str | None = None  # as declared; used as it is. None: the text's own is detected
    article: ArticleContext | None = None
    parent_id: str | None = None  # the site's own id of a stored comment that the text answers
    parent_text: str | None = None  # or the text that it answers
    author_id: str | None = None  # the site's own; without one, signals about an author abstain
    author_name: str | None = None
    author_url: str | None = None  # of their website
    spans: bool = False  # whether each sentence is scored too
    explain: bool = False  # whether the words behind each exceeded limit of a model's signal are looked for: costs time


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """The toxicity signals of one sentence, by name. Positions are in characters of the text; the end is exclusive."""

    start: int
    end: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Checked:
    """The signals of a draft by name, and the verdict that the site's policy would give.

    A text that takes too long to read has no signals of models; then the verdict is to flag it.
    """

    signals: Mapping[str, Signal]
    verdict: Verdict
    policy_version: int
    language: str | None  # in which it was scored; None if it is unknown
    models: Mapping[str, str] = field(default_factory=dict)  # the versions of the models, as in a comment's scoring
    sentences: tuple[ScoredSentence, ...] = ()  # empty unless asked for, and in a language that the weights do not know

    def value(self, name: str) -> float | None:
        """The value of a signal; None if it abstains, is missing, or no model here has it."""
        signal = self.signals.get(name)
        return signal.value if signal is not None else None

    def abstained(self, name: str) -> str | None:
        """The reason why a signal has no value; None if it has one, or if no model here has the signal."""
        signal = self.signals.get(name)
        return signal.abstained if signal is not None else None

    @property
    def model_version(self) -> str:
        """One short line for a header: each model with its version."""
        return ", ".join(f"{model}={version}" for model, version in self.models.items())
