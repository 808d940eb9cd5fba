"""Civil sentences as a site's fits and models would score them: each is read with the vector and the scores of the
published comment in the middle, so that nothing but its words can have it held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from workers.learning.house_fit import Fit
from workers.learning.house_matrix import Doubles, HouseMatrix, Rows, Seen
from workers.learning.house_numbers import Numbers
from workers.scoring.house.features import BUCKETS, DIMENSIONS, dense, of_length_one
from workers.scoring.ngrams.model import features

PLAIN = 1  # the place of a civil sentence about nothing


@dataclass(frozen=True, slots=True)
class ProbeSentence:
    """``read`` is the text with masks, as a model reads it."""

    text: str
    read: str


def civil_sentences() -> tuple[str, ...]:
    """Plain ones in English."""
    return tuple(_lines("civil_sentences.txt"))


def civil_names() -> tuple[str, ...]:
    """With names of papers, places, parties, religions, groups, clubs and professions, in many languages."""
    return tuple(line.partition("\t")[2] for line in _lines("civil_names.txt"))


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()


def middle(data: HouseMatrix, fit: Fit) -> Seen:
    """The published comment in the middle by the fit."""
    published = np.flatnonzero(~data.rejected)
    logits = fit.logits(data.numbers)[published]
    row = int(published[np.argsort(logits, kind="stable")[len(published) // 2]])
    return data.seen[row]


def seen_like(like: Seen, texts: Sequence[str]) -> list[Seen]:
    return [replace(like, example=replace(like.example, text=text)) for text in texts]


def numbers_of(data: HouseMatrix, sentences: Sequence[ProbeSentence], like: Seen) -> Numbers:
    """The sentences in the matrix's columns. N-grams that no comment of the site has are left out."""
    columns, values, ends = list[Doubles](), list[Doubles](), [0]
    for sentence in sentences:
        buckets, counts = of_length_one(*features(sentence.read, BUCKETS))
        places = np.minimum(data.buckets.searchsorted(buckets), len(data.buckets) - 1)
        known = data.buckets[places] == buckets
        columns.append(places[known])
        values.append(counts[known] * data.rarity[places[known]])
        ends.append(ends[-1] + int(known.sum()))
    parts = (np.concatenate(values), np.concatenate(columns).astype(np.int32), np.asarray(ends, dtype=np.int32))
    words = sparse.csr_matrix(parts, shape=(len(sentences), len(data.buckets)), dtype=np.float32)
    known_as = {"spaces": data.spaces, "signals": data.signals}
    rest = [dense(sentence.text, like.vector, like.values, **known_as) for sentence in sentences]
    return Numbers(words, np.stack(rest))


def logits_about(data: HouseMatrix, fit: Fit, rows: Rows) -> Doubles:
    """Of a civil sentence with the vector of each of these comments, shape (rows,)."""
    sentence = civil_sentences()[PLAIN]
    alone = numbers_of(data, [ProbeSentence(sentence, sentence)], middle(data, fit))
    width = len(data.spaces) * (DIMENSIONS + 1)
    rest = np.repeat(alone.rest, len(rows), axis=0)
    rest[:, :width] = data.numbers.rest[rows, :width]
    words = alone.words[np.zeros(len(rows), dtype=np.int64)]
    return fit.logits(Numbers(words, rest))
