"""Cuts comments into the windows that are scored: each reading of a comment, without disguises, in stretches that the
weights can read, and its worst sentence once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from tokenizers import Encoding

from moderation.reading_budget import UNLIMITED, Budget
from moderation.text.copies import Copy
from workers.scoring.engines import Engine
from workers.scoring.ngrams import NGrams
from workers.scoring.scored import Window
from workers.scoring.worst_sentence import DISCOUNT, Place, candidates, may_have_candidates, worst_sentences
from workers.text.long_words import with_long_words_cut
from workers.text.pictures import with_pictures_named
from workers.text.reading import read
from workers.text.windows import SPARE_TOKENS, cut_by_sentences

Budgets = Mapping[str, Budget]
"""The time that texts may take outside the encoder, by text."""

NO_BUDGETS: Budgets = MappingProxyType({})


class Windowing:
    def __init__(self, engine: Engine, ngrams: NGrams | None, *, tokens: int, guesses: bool) -> None:
        """A window has at most so many ``tokens``. Without ``ngrams`` no sentence is scored alone. With ``guesses``,
        disguised words are guessed from English ones."""
        self._engine, self._ngrams, self._window_tokens, self._guesses = engine, ngrams, tokens, guesses

    def of(self, texts: Sequence[str], budgets: Budgets = NO_BUDGETS) -> tuple[list[Window], list[Encoding]]:
        """All stretches to score: each reading of each text, cut only if it is longer than the weights read, and the
        worst sentence of a longer text."""
        allowed = [budgets.get(text, UNLIMITED) for text in texts]
        whole = [Window(i, c, 0, len(c.text)) for i, text in enumerate(texts) for c in self._copies(text, allowed[i])]
        windows, encodings, cut = list[Window](), list[Encoding](), list[Window]()
        for window, encoding in zip(whole, self._engine.encode([w.text for w in whole]), strict=True):
            if len(encoding) <= self._window_tokens:
                windows.append(window)
                encodings.append(encoding)
            else:
                cut += self._cut(window, encoding, allowed[window.comment])
        cut += self._sentences(whole, allowed)
        for window, encoding in zip(cut, self._engine.encode([w.text for w in cut]), strict=True):
            if not window.discount or len(encoding) <= self._window_tokens:  # a longer sentence is in windows already
                windows.append(window)
                encodings.append(encoding)
        return windows, encodings

    def _sentences(self, whole: Sequence[Window], allowed: Sequence[Budget]) -> list[Window]:
        """The sentences that are scored alone, too."""
        if self._ngrams is None:
            return []
        first = list({w.comment: w for w in reversed(whole)}.values())  # the first reading of each
        first = [window for window in first if may_have_candidates(window.text)]
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
            found = [replace(window, start=start, end=end) for start, end in stretches]
            budget.check()  # there are seldom as many as lie between two looks at the clock
            return found

    def _copies(self, text: str, budget: Budget) -> tuple[Copy, ...]:
        knows_pictures = self._engine.knows_pictures  # may open the tokenizer, which is nobody's cost
        with budget:
            reading = read(text, budget)
            whole = reading.copies if self._guesses else reading.plain_copies
            copies = tuple(map(with_long_words_cut, budget.over(whole)))
            if not knows_pictures:
                copies = tuple(map(with_pictures_named, budget.over(copies)))
            return copies

    @property
    def _room(self) -> int:
        """Tokens of text in a window, less those for special tokens and for words that a cut splits differently."""
        return max(1, self._window_tokens - SPARE_TOKENS)
