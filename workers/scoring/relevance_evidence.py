"""Finds the words that draw a comment away from the passage nearest to it: it leaves out each, and reads each alone.

Words that the article has too, and words without a topic, are not tried. All comments of a batch go through the encoder
together, with the same time limit as the words behind a toxicity score.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from moderation.model.signals import Span
from moderation.text.copies import Copy
from moderation.text.splitting import sentences, words_of
from workers.scoring.engines import Floats
from workers.scoring.toxicity_evidence import BUDGET_S, Clock, Place, Shares, span_of, strongest
from workers.text.passages import content_words, runs

CANDIDATES = 8
COPIED_CHARS = 3_200
"""The limit for all copies of a comment together: in a long comment, longer phrases are tried."""

MIN_CANDIDATES = 3
MAX_CHARS = 512
"""A longer comment is searched in one of its parts only. Each part has about so many characters:"""

PART_CHARS = 256
MIN_COST = 0.01
"""In cosine: anything less is noise of the int8 weights."""

Encode = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class Compared:
    """A comment, its unit vector, those of the passages that it is compared with, and the words of the article."""

    copy: Copy
    vector: Floats
    passages: Floats  # (passages, dimensions)
    article_words: frozenset[str]

    @property
    def nearest(self) -> Floats:
        """The vector of the passage nearest to the comment."""
        return np.asarray(self.passages[int(np.argmax(self.passages @ self.vector))])


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a comment that is searched, its unit vector, and that of the comment's nearest passage."""

    compared: Compared
    start: int
    end: int
    vector: Floats
    nearest: Floats

    @property
    def text(self) -> str:
        return self.compared.copy.text[self.start : self.end]

    @property
    def is_cut(self) -> bool:
        """Whether it is less than the whole comment."""
        return len(self.text) < len(self.compared.copy.text)

    def copies(self, phrase: Place) -> tuple[str, str]:
        """The part without the phrase, and the phrase alone."""
        start, end = phrase
        return self.text[:start] + self.text[end:], self.text[start:end]

    def straying(self, nothing: Floats, without: Floats, alone: Floats) -> float:
        """The cosine that a phrase costs, never below 0, computed from the vectors of an empty text and of the phrase's
        two copies.

        This is the mean of the cosine that it takes from an empty text and from all other words, as with toxicity: if
        all is off topic, any one word is easily spared.
        """
        costs = float((without - self.vector + nothing - alone) @ self.nearest) / 2
        return costs if costs >= MIN_COST else 0.0

    def spans(self, shares: Shares) -> tuple[Span, ...]:
        """The shares as spans of the original comment."""
        copy = self.compared.copy
        return tuple(span_of(copy, self.start + a, self.start + b, share) for (a, b), share in shares)


def straying_words(
    encode: Encode,
    asked: Sequence[Compared],
    *,
    max_chars: int = MAX_CHARS,
    budget_s: float = BUDGET_S,
    clock: Clock = time.monotonic,
) -> list[tuple[Span, ...]]:
    """Spans of each original comment, in order. Their weights are shares of the cosine that the words or phrases cost.

    Of a comment longer than ``max_chars``, only the part that is least like any passage is searched. If the time runs
    out, that part is the answer.
    """
    deadline = clock() + budget_s * len(asked)
    parts = _parts(encode, asked, max_chars)
    phrases = [list(_phrases(part)) for part in parts]
    if clock() >= deadline:
        return [part.spans([((0, len(part.text)), 1.0)]) if part.is_cut else () for part in parts]
    copies = [part.copies(phrase) for part, own in zip(parts, phrases, strict=True) for phrase in own]
    rows = encode(["", *(copy for pair in copies for copy in pair)])
    nothing, pairs = rows[0], iter(rows[1:].reshape(len(copies), 2, rows.shape[1]))
    return [
        part.spans(strongest(own, np.asarray([part.straying(nothing, *next(pairs)) for _ in own], dtype=np.float32)))
        for part, own in zip(parts, phrases, strict=True)
    ]


def _parts(encode: Encode, asked: Sequence[Compared], max_chars: int) -> list[Part]:
    cut = [list(runs(c.copy.text, PART_CHARS)) if len(c.copy.text) > max_chars else [] for c in asked]
    rows = iter(encode([c.copy.text[a:b] for c, own in zip(asked, cut, strict=True) for a, b in own]))
    parts = []
    for one, own in zip(asked, cut, strict=True):
        near = one.nearest
        found = [Part(one, a, b, next(rows), near) for a, b in own] or [
            Part(one, 0, len(one.copy.text), one.vector, near)
        ]
        parts.append(min(found, key=lambda part: float(np.max(part.compared.passages @ part.vector))))
    return parts


def _phrases(part: Part) -> Iterator[Place]:
    """Single words if there are few, else stretches of neighbours, cut between sentences where possible."""
    text = part.text
    told = [w for w in words_of(part.compared.copy, part.start, part.end) if _has_topic(text[slice(*w)], part.compared)]
    groups = [own for a, b in sentences(text) if (own := [w for w in told if a <= w[0] < b])]
    room = max(MIN_CANDIDATES, min(CANDIDATES, COPIED_CHARS // max(1, len(text))))
    while len(groups) > room:
        at = min(range(len(groups) - 1), key=lambda i: len(groups[i]) + len(groups[i + 1]))
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    while len(groups) < room and max(map(len, groups), default=1) > 1:
        at = max(range(len(groups)), key=lambda i: len(groups[i]))
        middle = len(groups[at]) // 2
        groups[at : at + 1] = [groups[at][:middle], groups[at][middle:]]
    for group in groups:
        yield group[0][0], group[-1][1]


def _has_topic(word: str, compared: Compared) -> bool:
    own = content_words(word)
    return bool(own) and not own <= compared.article_words
