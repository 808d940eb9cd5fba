"""Finds the words that draw a comment away from the passage nearest to it: it reads each alone.

Words that the article has too, and words without a topic, are not tried. All comments of a batch go through the encoder
together, with the same time limit as the words behind a toxicity score. To read the comment without each of its words
as well takes five times as long: of 150 comments, an eighth more of the cosine came back when the marked words went,
but a quarter more words were marked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache

from moderation.model.signals import Span
from moderation.text.copies import Copy
from moderation.text.splitting import sentences, words_of
from workers.scoring.engines import Floats
from workers.scoring.toxicity_evidence import BUDGET_S, Clock, Place, Shares, span_of, strongest
from workers.text.passages import content_words, runs

CANDIDATES = 16
"""The most phrases of a comment: in a comment with more words than that, longer phrases are tried."""

MAX_CHARS = 512
"""A longer comment is searched in one of its parts only. Each part has about so many characters:"""

PART_CHARS = 256
MIN_COST = 0.01
"""In cosine: anything less is noise of the int8 weights."""

KEPT_WORDS = 4096
KEPT_CHARS = 24
"""Phrases up to this length are kept with their vectors: most words of a comment come again in another."""

Encode = Callable[[Sequence[str]], Floats]


class KeptVectors:
    """Encodes texts, and remembers the vectors of the newest short ones: 6 MB at most."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._kept: LRUCache[str, Floats] = LRUCache(KEPT_WORDS)

    def __call__(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts, shape (texts, dimensions)."""
        found = {text: kept for text in texts if (kept := self._kept.get(text)) is not None}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        found |= dict(zip(new, self._encode(new), strict=True)) if new else {}
        self._kept.update((text, found[text].copy()) for text in new if len(text) <= KEPT_CHARS)
        return np.stack([found[text] for text in texts]) if texts else self._encode(texts)


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

    def straying(self, nothing: Floats, alone: Floats) -> Floats:
        """The cosine that each phrase takes from an empty text, never below 0, shape (phrases,).

        ``alone`` has the vectors of the phrases, shape (phrases, dimensions). They are not compared with the comment
        without them: if all is off topic, any one word is easily spared.
        """
        costs = (nothing - alone) @ self.nearest
        return np.asarray(np.where(costs >= MIN_COST, costs, 0.0), dtype=np.float32)

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
    alone = [part.text[start:end] for part, own in zip(parts, phrases, strict=True) for start, end in own]
    nothing, *rows = np.split(encode(["", *alone]), np.cumsum([1, *map(len, phrases)])[:-1])
    return [
        part.spans(strongest(own, part.straying(nothing[0], of_own)))
        for part, own, of_own in zip(parts, phrases, rows, strict=True)
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
    while len(groups) > CANDIDATES:
        at = min(range(len(groups) - 1), key=lambda i: len(groups[i]) + len(groups[i + 1]))
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    while len(groups) < CANDIDATES and max(map(len, groups), default=1) > 1:
        at = max(range(len(groups)), key=lambda i: len(groups[i]))
        middle = len(groups[at]) // 2
        groups[at : at + 1] = [groups[at][:middle], groups[at][middle:]]
    for group in groups:
        yield group[0][0], group[-1][1]


def _has_topic(word: str, compared: Compared) -> bool:
    own = content_words(word)
    return bool(own) and not own <= compared.article_words
