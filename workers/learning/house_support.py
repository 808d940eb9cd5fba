"""Looks for words that a model minds only for one or two people's labels: a civil sentence with the word scores much
higher than without it, and would not if these people had not judged the comments that have it.

It looks at each person's own words, however rare they are in the site. One more fit answers for all words and all
people together, so that its cost does not grow with the newsroom.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import expit

from workers.learning.house_fit import Fit, fitted
from workers.learning.house_matrix import Doubles, HouseMatrix, Rows
from workers.learning.house_numbers import Numbers
from workers.learning.house_pieces import STEM, with_piece, written
from workers.learning.house_probes import ProbeSentence, civil_sentences, middle, numbers_of
from workers.scoring.masked_grams import masked_text
from workers.scoring.scorable import Scorable

FEWEST = 3  # rejected comments with the word
MOST_PIECES = 500  # that are looked at: those with most of the few people's weight
LARGEST_PART = 0.5  # of a word's rejections: where others have more, it does not rest on the few
LEAST_REJECTED = 0.2  # of a word's comments by weight: a word that people let stand raises no score
CARRIERS = slice(1, 40, 13)  # of the civil sentences: the ones that a word is put behind
RISE = 0.07  # of the probability
SUPPORT = 0.3  # of the rise, as a logit: others' labels alone must bring so much
MANY = 4  # people who decide: then two of them may not be enough, else one
MOST_KEPT = 50  # words in a report
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class TellingWord:
    """A piece as it is written, and the rows of the comments with it that the few judged who reject most of them."""

    text: str
    of_few: Rows


def few(data: HouseMatrix) -> int:
    """How many people together may not be enough to teach a word; 0 where there is nobody else to ask."""
    everybody = len({e.by for e in data.examples} - {None})
    if everybody < 2:
        return 0
    return 2 if everybody >= MANY else 1


def words_of_few(
    data: HouseMatrix, fit: Fit, *, strength: float, calibrated: Callable[[Fit], Fit], accepted: Collection[str] = ()
) -> list[str]:
    """The words that rest on the few, the one that raises scores most first. A lead has seen the ``accepted`` ones."""
    words = [word for word in _candidates(data, few(data)) if not is_accepted(word.text, accepted)]
    if not words:
        return []
    probe = _Probe.of(data, fit, words, calibrated)
    base, logits = probe.logits(fit)
    risen = np.flatnonzero(expit(logits) - expit(base) >= RISE)
    if not len(risen):
        return []
    left = data.weights.copy()
    left[np.concatenate([words[i].of_few for i in risen])] = 0.0
    base_left, logits_left = probe.logits(fitted(data.numbers, data.rejected, left, strength=strength))
    falls = expit(logits) - expit(logits_left) >= RISE
    unsupported = falls & (logits_left - base_left < SUPPORT * (logits - base))
    taught = shortest([words[i].text for i in risen[np.argsort(-logits[risen], kind="stable")] if unsupported[i]])
    return taught[:MOST_KEPT]


def shortest(words: Sequence[str]) -> list[str]:
    """The words without those that only say more of another one."""
    single = {word for word in words if " " not in word}
    return [word for word in dict.fromkeys(words) if word in single or not single.intersection(word.split())]


def is_accepted(word: str, accepted: Collection[str]) -> bool:
    """Another case of an accepted name, or the name beside another word, is accepted, too."""
    names = {name[:STEM] for name in accepted if len(name) >= SHORTEST_NAME and " " not in name}
    return word in accepted or any(token[:STEM] in names for token in word.split())


@dataclass(frozen=True, slots=True)
class _Probe:
    """``numbers`` has the carriers alone, then each word behind each of them."""

    numbers: Numbers
    carriers: int
    calibrated: Callable[[Fit], Fit]

    @classmethod
    def of(cls, data: HouseMatrix, fit: Fit, words: Sequence[TellingWord], calibrated: Callable[[Fit], Fit]) -> _Probe:
        carriers = civil_sentences()[CARRIERS]
        sentences = [ProbeSentence(carrier, carrier) for carrier in carriers]
        sentences += [ProbeSentence(*with_piece(carrier, word.text)) for word in words for carrier in carriers]
        return cls(numbers_of(data, sentences, middle(data, fit)), len(carriers), calibrated)

    def logits(self, fit: Fit) -> tuple[float, Doubles]:
        """The mean of the carriers alone, and with each word."""
        means = self.calibrated(fit).logits(self.numbers).reshape(-1, self.carriers).mean(axis=1)
        return float(means[0]), means[1:]


def _people(data: HouseMatrix) -> Rows:
    """A number for each example's person; -1 for nobody's."""
    names = sorted({e.by for e in data.examples if e.by is not None})
    numbers = {name: number for number, name in enumerate(names)}
    return np.asarray([-1 if e.by is None else numbers[e.by] for e in data.examples], dtype=np.int64)


def _candidates(data: HouseMatrix, many: int) -> list[TellingWord]:
    """The words of whose rejections the ``many`` people with most weight have the larger part."""
    people = _people(data)
    rows = np.flatnonzero(data.rejected & (people >= 0))
    if not many or not len(rows):
        return []
    lengths = np.maximum(1, np.diff(data.pieces.indptr))
    shares = data.weights / np.sqrt(lengths)  # one word of a long comment counts less
    by_person = sparse.csr_matrix((shares[rows], (people[rows], rows)), shape=(people.max() + 1, len(data)))
    holders = _Holders.of((by_person @ data.pieces).tocsc(), many)
    rejected, everything = data.pieces.T @ (shares * data.rejected), data.pieces.T @ shares
    often = data.pieces.T @ data.rejected.astype(np.float32) >= FEWEST
    of_few = often & (holders.weights >= LARGEST_PART * rejected) & (rejected >= LEAST_REJECTED * everything)
    columns = np.flatnonzero(of_few)
    columns = np.sort(columns[np.argsort(-holders.weights[columns], kind="stable")][:MOST_PIECES])
    by_column = data.pieces[:, columns].tocsc()
    rows_of = np.split(by_column.indices.astype(np.int64), by_column.indptr[1:-1])
    both = zip(columns.tolist(), rows_of, strict=True)
    return [_word(data, people, column, own, holders.people_of(column)) for column, own in both]


def _word(data: HouseMatrix, people: Rows, column: int, rows: Rows, holders: Rows) -> TellingWord:
    text = data.seen[rows[data.rejected[rows]][0]].example.text
    word = written(masked_text(Scorable(text)), int(data.piece_numbers[column]))
    assert word is not None, "the text has the piece"
    return TellingWord(word, rows[np.isin(people[rows], holders)])


@dataclass(frozen=True, slots=True)
class _Holders:
    """The people with most weight among the rejections of each piece. ``weights`` (pieces,) is what they have together;
    ``people`` are those of one piece after the other, and ``columns`` their pieces."""

    weights: Doubles
    people: Rows
    columns: Rows

    @classmethod
    def of(cls, table: Any, many: int) -> _Holders:
        """``table`` (people, pieces) has the weight of each."""
        columns = np.repeat(np.arange(table.shape[1]), np.diff(table.indptr))
        order = np.lexsort((-table.data, columns))
        first = order[np.arange(len(order)) - table.indptr[columns[order]] < many]
        weights = np.zeros(table.shape[1])
        np.add.at(weights, columns[first], table.data[first])
        return cls(weights, table.indices[first], columns[first])

    def people_of(self, column: int) -> Rows:
        return self.people[slice(*self.columns.searchsorted((column, column + 1)))]
