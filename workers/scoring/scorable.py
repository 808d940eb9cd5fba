"""The form of a scorer: what it reads about a comment, what it gives, and what it is asked to explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from moderation.budget import UNLIMITED, Budget
from moderation.model import Signal, Span

Evidence = Mapping[str, tuple[Span, ...]]
"""By signal, what carries it, as offsets in the original texts. A signal with nothing to show is not in it."""


@dataclass(frozen=True, slots=True)
class Scorable:
    """All that a scorer may read about one comment."""

    text: str
    language: str | None = None  # as the site gives it, used as it is; else ``Scorer`` detects it for all scorers
    title: str | None = None
    summary: str | None = None
    article_text: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    parent_text: str | None = None
    article_key: str | None = None  # names this version of the article, for its cached vectors
    budget: Budget = field(default=UNLIMITED, compare=False, repr=False)  # of time outside the encoder


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A scored comment, and those of its signals whose evidence is asked for. Each must have had a value."""

    scorable: Scorable
    signals: tuple[str, ...]


class SignalScorer(Protocol):
    """One model, as it stands behind one or more signals. It gives every signal of ``names`` for every comment."""

    @property
    def model(self) -> str:
        """The name under which ``version`` is kept with a scoring."""

    @property
    def version(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    def score(self, batch: Sequence[Scorable]) -> Sequence[tuple[Signal, ...]]:
        """The signals of each comment, in the order of ``names``; one that cannot judge it abstains and says why."""

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        """The evidence for each comment, in order. Cheapest soon after the comments were scored."""
