"""Finds the sentence and the words that carry a toxicity score: it leaves each word out, and scores it alone.

This explains weights whose export does not give the amounts that tokens add, at the cost of several runs of the
encoder. All comments of a batch and all signals of a comment are explained together. No text goes through the model
twice, and the scores of single words are remembered. The time is limited: when it is used up, the words found so far
are the answer.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moderation.ground.values.signals import Span
from moderation.judging.text.rewritten_text import Copy
from moderation.judging.text.splitting import sentences, words_of
from workers.scoring.encoder.scored import Window
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import Floats, logit
from workers.scoring.evidence.toxicity_words import (
    BUDGET_S,
    MIN_VALUE,
    Clock,
    CommentToExplain,
    Place,
    Shares,
    silent,
    span_of,
    strongest,
)

CANDIDATES = 6
CHUNK_WORDS = 3
TELLING = 0.2
"""A word that scores less alone than this share of the strongest one's score is not left out in turn."""

KNOWN_TEXTS, KNOWN_CHARS = 20_000, 4_000_000
"""The limit on texts whose scores are kept. Single words come back in every comment; this takes ten to twenty
megabytes."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """The window of a comment in which a signal is highest."""

    asked: int  # the comment's position in the batch
    column: int
    window: Window

    @property
    def sentences(self) -> list[Place]:
        """The window's sentences, or the whole window if it has only one."""
        places = sentences(self.window.text)
        return places if len(places) > 1 else [(0, len(self.window.text))]

    def text(self, sentence: Place) -> str:
        return self.window.text[sentence[0] : sentence[1]]


@dataclass(frozen=True, slots=True)
class OccludedSentence:
    """The sentence that carries one or more signals of a comment."""

    asked: int
    columns: tuple[int, ...]
    copy: Copy
    start: int
    end: int
    languages: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.copy.text[self.start : self.end]

    @property
    def words(self) -> list[Place]:
        """The words' positions in the sentence."""
        return words_of(self.copy, self.start, self.end)

    @property
    def single_words(self) -> list[str]:
        text = self.text
        return [text[a:b] for a, b in self.words]

    @property
    def is_silent(self) -> NDArray[np.bool_]:
        """Which of the words are no evidence: shape (words,)."""
        return silent(self.single_words, self.languages)

    def without(self, word: int) -> str:
        """The sentence without one of its words."""
        start, end = self.words[word]
        return self.text[:start] + self.text[end:]

    def spans(self, shares: Shares) -> tuple[Span, ...]:
        """The words that have a share, or the whole sentence if none has."""
        shown = shares or [((0, len(self.text)), 1.0)]
        return tuple(span_of(self.copy, self.start + a, self.start + b, share) for (a, b), share in shown)


class Occlusion:
    """Explains comments that one ``Toxicity`` has scored, and remembers the scores of single words."""

    def __init__(self, toxicity: Toxicity) -> None:
        self._toxicity = toxicity
        self._said = LogOdds(toxicity.probabilities)

    def explain(
        self, asked: Sequence[CommentToExplain], *, budget_s: float = BUDGET_S, clock: Clock = time.monotonic
    ) -> list[dict[str, tuple[Span, ...]]]:
        """Spans in the original texts, in order. Weights are shares of the score that the words add, and sum to at most
        1.

        Each comment has one mapping by signal; a signal with nothing to show is not in it.
        """
        deadline = clock() + budget_s * len(asked)
        stretches = self._stretches(asked)
        carried = self._carried(stretches, deadline, clock) if clock() < deadline else None
        explanations: list[dict[str, tuple[Span, ...]]] = [{} for _ in asked]
        for place, stretch in enumerate(stretches):
            for nth, column in enumerate(stretch.columns):
                shares = strongest(stretch.words, carried[place][:, nth]) if carried else []
                explanations[stretch.asked][self._toxicity.signals[column]] = stretch.spans(shares)
        self._said.forget(KNOWN_TEXTS, KNOWN_CHARS)
        return explanations

    def _stretches(self, asked: Sequence[CommentToExplain]) -> list[OccludedSentence]:
        """The sentences that score highest alone, each once for all the signals that it carries."""
        suspects = self._suspects(asked)
        self._said.learn(s.text(sentence) for s in suspects for sentence in s.sentences)
        carriers: dict[tuple[int, Copy, int, int], list[int]] = {}
        for s in suspects:
            start, end = s.sentences[int(np.argmax([self._said[s.text(stretch)][s.column] for stretch in s.sentences]))]
            at = (s.asked, s.window.copy, s.window.start + start, s.window.start + end)
            carriers.setdefault(at, []).append(s.column)
        return [
            OccludedSentence(place, tuple(columns), copy, a, b, asked[place].languages)
            for (place, copy, a, b), columns in carriers.items()
        ]

    def _suspects(self, asked: Sequence[CommentToExplain]) -> list[Suspect]:
        """One for each signal that is high enough to explain."""
        suspects = []
        for place, scored in enumerate(self._toxicity.scored([comment.text for comment in asked])):
            self._said.know([window.text for window in scored.windows], scored.in_full)
            for column in map(self._toxicity.signals.index, asked[place].signals):
                worst = int(scored.rows[:, column].argmax())
                if scored.rows[worst, column] >= MIN_VALUE and scored.windows[worst].text.strip():
                    suspects.append(Suspect(place, column, scored.windows[worst]))
        return suspects

    def _carried(self, stretches: Sequence[OccludedSentence], deadline: float, clock: Clock) -> list[Floats]:
        """How much each word of each stretch adds to the log-odds: shape (words, columns), never below 0.

        This is the mean of the amounts that it adds to an empty text and to all other words: the two ends of its
        Shapley value. The second alone would show one of two insults only, since either is enough. A word alone costs
        little to score, so only words that score high alone are left out in turn; if one word carries all, not even
        that one is. All others have 0.
        """
        self._said.learn(["", *(word for s in stretches for word in s.single_words)])
        alone = [self._alone(s) for s in stretches]
        tried = [
            [i for i in candidates(single, self._whole(s)) if not s.is_silent[i]]
            for single, s in zip(alone, stretches, strict=True)
        ]
        carried = [sole(single, places) for single, places in zip(alone, tried, strict=True)]
        for at in range(0, CANDIDATES, CHUNK_WORDS):
            if at and clock() >= deadline:
                break
            chunks = [places[at : at + CHUNK_WORDS] if len(places) > 1 else [] for places in tried]
            self._said.learn(s.without(i) for s, chunk in zip(stretches, chunks, strict=True) for i in chunk)
            for s, chunk, amounts, added in zip(stretches, chunks, alone, carried, strict=True):
                for i in chunk:
                    added[i] = np.maximum(0.0, (self._adds(s, i) + amounts[i]) / 2)
        return carried

    def _alone(self, stretch: OccludedSentence) -> Floats:
        """How much each word adds to an empty text: shape (words, columns). Silent words count as 0."""
        rows = [(self._said[word] - self._said[""])[list(stretch.columns)] for word in stretch.single_words]
        alone = np.asarray(rows, dtype=np.float32).reshape(len(rows), len(stretch.columns))
        alone[stretch.is_silent] = 0.0
        return alone

    def _whole(self, stretch: OccludedSentence) -> Floats:
        """How much the sentence adds to an empty text: shape (columns,)."""
        return (self._said[stretch.text] - self._said[""])[list(stretch.columns)]

    def _adds(self, stretch: OccludedSentence, word: int) -> Floats:
        """How much a word adds to all others: shape (columns,)."""
        return (self._said[stretch.text] - self._said[stretch.without(word)])[list(stretch.columns)]


class LogOdds:
    """The weights' log-odds for texts, by text. It keeps the ones learned last."""

    def __init__(self, probabilities: Callable[[Sequence[str]], Floats]) -> None:
        self._probabilities = probabilities
        self._rows: OrderedDict[str, Floats] = OrderedDict()
        self._chars = 0

    def __getitem__(self, text: str) -> Floats:
        return self._rows[text]

    def know(self, texts: Sequence[str], probabilities: Floats) -> None:
        """Stores probabilities that are already computed, shape (texts, columns)."""
        for text, row in zip(texts, logit(probabilities), strict=True):
            self._chars += 0 if text in self._rows else len(text)
            self._rows[text] = row.copy()  # a view would keep the whole batch in memory

    def learn(self, texts: Iterable[str]) -> None:
        """Scores the texts that are not known yet, all in one go."""
        asked = dict.fromkeys(texts)
        new = [text for text in asked if text not in self._rows]
        if new:
            self.know(new, self._probabilities(new))
        for text in asked:
            self._rows.move_to_end(text)

    def forget(self, texts: int, chars: int) -> None:
        """Drops the texts not asked for the longest, until at most ``texts`` texts with ``chars`` characters are
        left."""
        while len(self._rows) > texts or self._chars > chars:
            text, _ = self._rows.popitem(last=False)
            self._chars -= len(text)


def candidates(alone: Floats, whole: Floats) -> list[int]:
    """The words to leave out in turn, strongest first: those that score high enough alone, for any column.

    If no word alone has much of the sentence's score, shape (columns,), any word may matter.
    """
    if not alone.size:
        return []
    top = alone.max(axis=0)
    tells = (alone >= TELLING * top) | (top < TELLING * whole) | (top <= 0)
    order = np.argsort(-(alone - top).max(axis=1), kind="stable")
    return [int(i) for i in order if tells[i].any()][:CANDIDATES]


def sole(alone: Floats, places: Sequence[int]) -> Floats:
    """The whole amount for a candidate without a rival; 0 for every other word."""
    carried = np.zeros_like(alone)
    if len(places) == 1:
        carried[places] = np.maximum(0.0, alone[places])
    return carried
