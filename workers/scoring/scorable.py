"""The interface of a scorer: the fields of a comment that it reads, the signals that it gives, and the evidence that it
is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from moderation.ground.values.signals import Signal, Span
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from workers.scoring.house.model import HouseModel
from workers.scoring.ngrams.corrections import SiteNGrams

Evidence = Mapping[str, tuple[Span, ...]]
"""The evidence for each signal, as positions in the original texts. A signal with nothing to show is not in it."""


@dataclass(frozen=True, slots=True)
class ForeignPart:
    """``[start, end)`` of a comment, which is in another language than most of it."""

    language: str
    start: int
    end: int


UNREAD = Reading("", UNLIMITED)


@dataclass(frozen=True, slots=True)
class Scorable:
    """All that a model may read: the texts of a CommentToScore, or a text that is no comment, with what was learnt from
    the site's people. It knows no author, policy or status. A text that nobody has read yet is read now."""

    text: str
    language: str | None = None  # from the site, else ``Scorer`` detects it for all scorers
    other_languages: tuple[str, ...] = ()  # that ``Scorer`` detects besides
    parts: tuple[ForeignPart, ...] = ()  # in some of these
    title: str | None = None
    summary: str | None = None
    article_text: str | None = None
    article_language: str | None = None  # from the site, else ``Scorer`` detects it
    section: str | None = None
    tags: tuple[str, ...] = ()
    parent_text: str | None = None
    article_key: str | None = None  # identifies this version of the article, for its cached vectors
    site_spam: SiteNGrams | None = field(default=None, repr=False)  # learnt from the site's own decisions
    house: HouseModel | None = field(default=None, repr=False)  # of the site
    reading: Reading = field(default=UNREAD, compare=False, repr=False)  # within the text's time outside the encoder

    def __post_init__(self) -> None:
        if self.reading.text != self.text:
            object.__setattr__(self, "reading", Reading(self.text, UNLIMITED))

    @property
    def budget(self) -> Budget:
        """The text's time outside the encoder."""
        return self.reading.budget

    @property
    def unhurried(self) -> Scorable:
        """The same without a limit: its time may be used up by now, and was enough to score it."""
        return replace(self, reading=self.reading.within(UNLIMITED))

    @property
    def languages(self) -> tuple[str | None, ...]:
        """All languages of the comment, the main one first."""
        return (self.language, *self.other_languages)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A scored comment, and those of its signals whose evidence is wanted. Each of them has a value."""

    scorable: Scorable
    signals: tuple[str, ...]


class SignalScorer(Protocol):
    """The model behind one or more signals. It gives every signal in ``names`` for every comment."""

    @property
    def models(self) -> Mapping[str, str]:
        """Names and versions, as a scoring keeps them."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def score(self, batch: Sequence[Scorable]) -> Sequence[tuple[Signal, ...]]:
        """The signals of each comment, in the order of ``names``. A signal that cannot judge it abstains with a
        reason."""

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        """The evidence for each comment, in order. This is cheapest soon after the comments were scored."""
