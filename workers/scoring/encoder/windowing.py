"""Cuts comments into the windows that are scored: each reading of a comment, without disguises, in stretches that the
weights can read, and its worst sentence once more.

Of a text that has more pieces than a comment may cost, there is a sample of windows, and each says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType

from tokenizers import Encoding

from moderation.judging.text.letters.emoji_words import with_pictures_named
from moderation.judging.text.long_words import with_long_words_cut
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED, Budget
from moderation.judging.text.reading_cost import CHARS, MOST_PIECES, OF_TOPIC
from moderation.judging.text.rewritten_text import Copy
from workers.scoring.encoder.passages import PASSAGE_CHARS, runs
from workers.scoring.encoder.scored import Window
from workers.scoring.encoder.windows import SPARE_TOKENS, cut_by_sentences, spread
from workers.scoring.encoder.worst_sentence import DISCOUNT, Place, candidates, may_have_candidates, worst_sentences
from workers.scoring.engines.onnx import Engine
from workers.scoring.ngrams.model import NGrams

Readings = Mapping[str, Reading]
"""Of texts that were read before, each within its time outside the encoder, by text."""

NO_READINGS: Readings = MappingProxyType({})

Rooms = Mapping[str, int]
"""The pieces that the encoder may read of texts, over all copies, by text."""

NO_ROOMS: Rooms = MappingProxyType({})
ROOM = MOST_PIECES - OF_TOPIC
"""Of a text that is read once, beside its topic."""

Stretch = tuple[Window, Encoding | None]
"""A window, with its tokens if it was not cut."""


class Windowing:
    def __init__(self, engine: Engine, ngrams: NGrams | None, *, tokens: int, guesses: bool) -> None:
        """A window has at most so many ``tokens``. Without ``ngrams`` no sentence is scored alone. With ``guesses``,
        disguised words are guessed from English ones."""
        self._engine, self._ngrams, self._window_tokens, self._guesses = engine, ngrams, tokens, guesses

    def of(
        self, texts: Sequence[str], readings: Readings = NO_READINGS, rooms: Rooms = NO_ROOMS
    ) -> tuple[list[Window], list[Encoding]]:
        """All stretches to score: each reading of each text, cut only if it is longer than the weights read, and the
        worst sentence of a longer text. A text that is not in ``rooms`` has ``ROOM``."""
        given = [readings.get(text) or Reading(text, UNLIMITED) for text in texts]
        allowed = [reading.budget for reading in given]
        whole = [w for i, reading in enumerate(given) for w in self._whole(i, reading, rooms.get(reading.text, ROOM))]
        read = zip(whole, self._engine.encode([w.text for w in whole]), strict=True)
        windows, encodings, cut = list[Window](), list[Encoding](), list[Window]()
        for at, own in groupby(read, key=lambda pair: pair[0].comment):
            for window, tokens in self._in_room(list(own), allowed[at], rooms.get(texts[at], ROOM)):
                if tokens is None:
                    cut.append(window)
                else:
                    windows.append(window)
                    encodings.append(tokens)
        cut += self._sentences(whole, allowed)
        for window, encoding in zip(cut, self._engine.encode([w.text for w in cut]), strict=True):
            if not window.discount or len(encoding) <= self._window_tokens:  # a longer sentence is in windows already
                windows.append(window)
                encodings.append(encoding)
        return windows, encodings

    def _whole(self, number: int, reading: Reading, room: int) -> Iterator[Window]:
        """Each reading of a text in one piece. Of one that no encoder could read in its room there is a sample, so that
        no tokenizer reads the rest."""
        for copy in self._copies(reading):
            length, most = len(copy.text), max(PASSAGE_CHARS, CHARS * room)
            if length <= most:
                yield Window(number, copy, 0, length)
                continue
            for start, end in spread(list(runs(copy.text, PASSAGE_CHARS)), most // PASSAGE_CHARS):
                yield Window(number, copy, start, end, is_sample=True)

    def _in_room(self, read: Sequence[tuple[Window, Encoding]], budget: Budget, room: int) -> list[Stretch]:
        """The windows of one text that fit into its room beside its worst sentence. Its copies share it."""
        stretches = list[Stretch]()
        for window, encoding in read:
            fits = len(encoding) <= self._window_tokens
            stretches += [(window, encoding)] if fits else [(cut, None) for cut in self._cut(window, encoding, budget)]
        most = max(1, room // self._window_tokens - 1)
        if len(stretches) <= most:
            return stretches
        copies = [list(own) for _, own in groupby(stretches, key=lambda stretch: id(stretch[0].copy))]
        some = [stretch for own in copies for stretch in spread(own, max(1, most // len(copies)))]
        return [(replace(window, is_sample=True), tokens) for window, tokens in some]

    def _sentences(self, whole: Sequence[Window], allowed: Sequence[Budget]) -> list[Window]:
        """The sentences that are scored alone, too."""
        if self._ngrams is None:
            return []
        first = list({w.comment: w for w in reversed(whole)}.values())  # the first reading of each
        first = [window for window in first if not window.is_sample and may_have_candidates(window.text)]
        if not first:
            return []
        asked = list[tuple[str, list[Place]]]()
        for window in first:
            with allowed[window.comment] as budget:
                asked.append((window.text, candidates(window.text)))
                budget.check()
        worst = zip(first, worst_sentences(asked, self._ngrams), strict=True)
        return [replace(window, start=at[0], end=at[1], discount=DISCOUNT) for window, at in worst if at is not None]

    def _cut(self, window: Window, encoding: Encoding, budget: Budget) -> list[Window]:
        with budget:
            stretches = budget.over(cut_by_sentences(window.text, encoding, self._room))
            windows = [replace(window, start=window.start + a, end=window.start + b) for a, b in stretches]
            budget.check()  # there are seldom as many as lie between two looks at the clock
            return windows

    def _copies(self, reading: Reading) -> tuple[Copy, ...]:
        knows_pictures = self._engine.knows_pictures  # may open the tokenizer, which is nobody's cost
        with reading.budget as budget:
            whole = reading.copies if self._guesses else reading.plain_copies
            copies = tuple(map(with_long_words_cut, budget.over(whole)))
            if not knows_pictures:
                copies = tuple(map(with_pictures_named, budget.over(copies)))
            return copies

    @property
    def _room(self) -> int:
        """Tokens of text in a window, less those for special tokens and for words that a cut splits differently."""
        return max(1, self._window_tokens - SPARE_TOKENS)
