"""Finds the amounts that single words add to a score: it leaves each out, and scores it alone.

The head that explains scores learns from them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from moderation.judging.text.letters.emoji_words import with_pictures_named
from moderation.judging.text.letters.folding import fold
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.silent_words import silent_words
from moderation.judging.text.splitting import words_of
from training.rows.dataset import Floats
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import Engine

MIN_SCORE = 0.3
"""Texts below it are seldom held, so nobody asks for their words."""

AT_ONCE = 64

Place = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """A text to learn from, and the language that it is in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text, the positions of its telling words, the amount that each adds to the log-odds, shape (words, signals),
    and how much each signal counts, shape (signals,)."""

    text: str
    words: tuple[Place, ...]
    added: Floats
    counts: Floats


@dataclass(frozen=True)
class Scored:
    """A text as the workers score it, and its probabilities, shape (signals,)."""

    copy: Copy
    language: str
    scores: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    @cached_property
    def telling(self) -> tuple[Place, ...]:
        """The words that may count as evidence."""
        places, silent = words_of(self.copy, 0, len(self.copy.text)), silent_words(self.language)
        return tuple((a, b) for a, b in places if self.copy.text[a:b].lower() not in silent)


class Teacher:
    """Scores texts without one of their words, and words alone. It remembers the words."""

    def __init__(self, toxicity: Toxicity, engine: Engine, *, max_tokens: int) -> None:
        """Texts of more than ``max_tokens`` tokens are not taught."""
        self._toxicity, self._engine, self._max_tokens = toxicity, engine, max_tokens
        self._alone: dict[str, Floats] = {}

    def lessons(self, texts: Iterable[Text], count: int) -> Iterator[Lesson]:
        """At most ``count``, from those texts that score at least ``MIN_SCORE`` for some signal and have two telling
        words."""
        given = 0
        for chunk in chunks(texts, AT_ONCE):
            for lesson in self._taught(self._high(chunk)):
                if given == count:
                    return
                given += 1
                yield lesson

    def _high(self, texts: Sequence[Text]) -> list[Scored]:
        read = [Scored(self._as_scored(text.text), text.language) for text in texts]
        encodings = self._engine.encode([scored.copy.text for scored in read])
        read = [scored for scored, e in zip(read, encodings, strict=True) if len(e.ids) <= self._max_tokens]
        scores = self._toxicity.probabilities([scored.copy.text for scored in read])
        return [replace(scored, scores=s) for scored, s in zip(read, scores, strict=True) if s.max() >= MIN_SCORE]

    def _as_scored(self, text: str) -> Copy:
        return fold(text) if self._engine.knows_pictures else with_pictures_named(fold(text))

    def _taught(self, scored: Sequence[Scored]) -> list[Lesson]:
        scored = [high for high in scored if len(high.telling) > 1]
        self._learn(high.copy.text[a:b] for high in scored for a, b in high.telling)
        left = iter(self._odds([high.copy.text[:a] + high.copy.text[b:] for high in scored for a, b in high.telling]))
        wholes = self._odds([high.copy.text for high in scored])
        lessons = []
        for comment, whole in zip(scored, wholes, strict=True):
            text = comment.copy.text
            alone = [self._alone[text[a:b]] - self._alone[""] for a, b in comment.telling]
            added = np.stack([(whole - next(left) + amount) / 2 for amount in alone])
            lessons.append(Lesson(text, comment.telling, added, comment.scores))
        return lessons

    def _learn(self, words: Iterable[str]) -> None:
        new = [word for word in dict.fromkeys(("", *words)) if word not in self._alone]
        self._alone |= dict(zip(new, self._odds(new), strict=True))

    def _odds(self, texts: Sequence[str]) -> Floats:
        return self._toxicity.odds(texts) if texts else np.zeros((0, 0), dtype=np.float32)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of ``size``; the last may be shorter."""
    chunk = list[T]()
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
