"""A linear model on the n-grams of a comment's letters and words, beside the encoder.

It knows rare words and spellings that the encoder's word pieces break up, and costs a twentieth of its time. Features
are hashed (Weinberger et al. 2009, "Feature hashing for large scale multitask learning"), so there is no vocabulary,
and any new spelling falls into some bucket.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Buckets = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Grams = tuple[Buckets, Floats]
"""Buckets in order, and for each ``1 + log`` of how often it occurs."""

Hashed = Callable[[Sequence[str], int], list[Grams]]
"""From texts and a number of buckets to the n-grams of each text."""

LENGTHS = (2, 3, 4, 5)  # of n-grams of characters, which stay within a word and the spaces around it
WORD = re.compile(r"\w\w+")
SYLLABLES = re.compile(r"[\uac00-\ud7a3]+")
SPACE = ord(" ")
TOGETHER = 1 << 14
"""Characters of texts that are hashed together. This is faster for short texts and slower for long ones, and 20,000
characters take 3 MB."""

_STEP = np.uint64(1_000_003)
_MIX = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2**64 / golden ratio. Both are odd, so that no bit is lost


@dataclass(frozen=True, slots=True)
class NGrams:
    """``rarity`` (buckets,) is the inverse document frequency of each bucket. ``weights`` (buckets, labels) and
    ``bias`` (labels,) are the coefficients of the regression. The number of buckets is a power of two. With
    ``spelled_out`` they were fitted on Korean syllables taken apart."""

    labels: tuple[str, ...]
    rarity: Floats
    weights: Floats
    bias: Floats
    spelled_out: bool = False

    @property
    def size(self) -> int:
        return len(self.rarity)

    def logits(self, texts: Sequence[str], hashed: Hashed | None = None) -> Floats:
        """Shape (texts, labels). ``hashed`` gets some of the texts at a time, in place of ``features_of``."""
        read, hashed = [self._read(text) for text in texts], hashed or features_of
        groups = (hashed(some, self.size) for some in _together(read))
        logits = [self.logits_of([self.weighted(*grams) for grams in some]) for some in groups]
        return np.concatenate([np.zeros((0, len(self.labels)), np.float32), *logits])

    def logits_of(self, vectors: Sequence[tuple[Buckets, Floats]]) -> Floats:
        """The logits of several such vectors, shape (vectors, labels)."""
        if not vectors:
            return np.zeros((0, len(self.labels)), np.float32)
        rows = self.weights.take(np.concatenate([buckets for buckets, _ in vectors]), axis=0)
        ends = np.cumsum([len(values) for _, values in vectors])
        own = np.split(rows, ends[:-1])
        return np.stack([values @ weights for (_, values), weights in zip(vectors, own, strict=True)]) + self.bias

    def added_by(self, text: str, places: Sequence[tuple[int, int]]) -> Floats:
        """How much each stretch of a text adds to the logits, shape (places, labels): the mean of what is lost without
        it and what it has alone."""
        without, alone = ([text[:a] + text[b:] for a, b in places], [text[a:b] for a, b in places])
        empty, whole, *rest = self.logits(["", text, *without, *alone])
        parts = np.asarray(rest, dtype=np.float32).reshape(2, len(places), len(self.labels))
        amounts: Floats = (whole - parts[0] + parts[1] - empty) / 2
        return amounts

    def vector(self, text: str) -> tuple[Buckets, Floats]:
        """The text's buckets, sorted, and their values."""
        return self.weighted(*features(self._read(text), self.size))

    def _read(self, text: str) -> str:
        return spelled_out(text) if self.spelled_out else text

    def weighted(self, buckets: Buckets, counts: Floats) -> tuple[Buckets, Floats]:
        """The buckets with their values, from what ``features`` counted in buckets below ``size``."""
        return buckets, weighted(buckets, counts, self.rarity)

    def logit_of(self, buckets: Buckets, values: Floats) -> Floats:
        """The logits of one such vector, shape (labels,)."""
        logits: Floats = values @ self.weights.take(buckets, axis=0) + self.bias
        return logits


def spelled_out(text: str) -> str:
    """The text with each Korean syllable as its two or three letters: a syllable changes with the ending behind it,
    and swearing is often written in letters alone."""
    return SYLLABLES.sub(lambda match: unicodedata.normalize("NFD", match[0]), text)


def features(text: str, size: int) -> Grams:
    """The buckets below ``size`` for a text's n-grams, in order, and for each ``1 + log`` of how often it occurs."""
    return features_of([text], size)[0]


def features_of(texts: Sequence[str], size: int) -> list[Grams]:
    """The same for many texts at once, in a fraction of the time for short ones."""
    return [grams for some in _together(texts) for grams in _features_together(some, size)]


def single_spaced(text: str) -> str:
    """The text as it is hashed: texts that are equal in this form have the same n-grams."""
    return " ".join(text.lower().split())


def _features_together(texts: Sequence[str], size: int) -> list[Grams]:
    shift, narrow = np.uint64(64 - (size.bit_length() - 1)), np.min_scalar_type(size - 1)
    read = list(map(single_spaced, texts))
    words, letters = (
        _cut((hashes >> shift).astype(narrow), ends) for hashes, ends in (_words_of(read), _letters_of(read))
    )
    by_text = [np.concatenate(both) for both in zip(words, letters, strict=True)]
    for buckets in by_text:
        buckets.sort()  # the texts one by one and in narrow numbers: all at once take seven times as long
    return _counted(by_text)


def _cut(together: NDArray[Any], ends: Sequence[int]) -> list[NDArray[Any]]:
    return [together[begin:end] for begin, end in pairwise([0, *ends])]


def _counted(by_text: Sequence[NDArray[Any]]) -> list[Grams]:
    """The sorted buckets of each text once, and how often they occur."""
    together, ends = np.concatenate(by_text), np.cumsum([len(buckets) for buckets in by_text])
    is_new = np.ones(len(together) + 1, dtype=bool)
    is_new[1:-1] = together[1:] != together[:-1]
    is_new[ends] = True
    places = is_new.nonzero()[0]
    values = np.float32(1.0) + np.log(places[1:] - places[:-1], dtype=np.float32)
    buckets = together.take(places[:-1]).astype(np.int64)
    edges = [0, *places.searchsorted(ends).tolist()]
    return [(buckets[a:b], values[a:b]) for a, b in pairwise(edges)]


def weighted(buckets: Buckets, counts: Floats, rarity: Floats) -> Floats:
    """Term frequency times rarity, as a vector of length 1."""
    values: Floats = counts * rarity.take(buckets)
    length = float(np.sqrt(np.square(values).sum()))
    return values / length if length else values


def read_ngrams(path: Path) -> NGrams:
    """Reads a file that ``write_ngrams`` wrote."""
    with np.load(path) as kept:
        # One row after another: from a file that has columns, each lookup of rows would first copy the whole table.
        weights = np.ascontiguousarray(kept["weights"], dtype=np.float32) * kept["scale"]
        labels, rarity = tuple(map(str, kept["labels"])), kept["rarity"].astype(np.float32)
        is_spelled_out = "spelled_out" in kept and bool(kept["spelled_out"])
        return NGrams(labels, rarity, weights, kept["bias"], is_spelled_out)


def write_ngrams(path: Path, ngrams: NGrams) -> None:
    """Writes the weights as whole numbers of one byte, with a scale per label."""
    scale = np.abs(ngrams.weights).max(axis=0) / 127
    whole = np.round(ngrams.weights / np.where(scale > 0, scale, 1)).astype(np.int8)
    np.savez_compressed(
        path,
        spelled_out=np.asarray(ngrams.spelled_out),
        labels=np.asarray(ngrams.labels),
        rarity=ngrams.rarity.astype(np.float16),
        weights=whole,
        scale=scale.astype(np.float32),
        bias=ngrams.bias.astype(np.float32),
    )


def _together(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in order, as many together as have ``TOGETHER`` characters."""
    first = chars = 0
    for place, text in enumerate(texts):
        if place > first and chars + len(text) > TOGETHER:
            yield texts[first:place]
            first, chars = place, 0
        chars += len(text)
    if texts:
        yield texts[first:]


def _letters_of(texts: Sequence[str]) -> tuple[Hashes, list[int]]:
    """The hashes of the n-grams of characters in texts with single spaces, in the order of the texts, and where those
    of each text end."""
    framed = [f" {text}" if text else "" for text in texts]
    together = "".join([*framed, " "])  # the space after a text is the one before the next
    codes = np.frombuffer(together.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    spaces = np.concatenate(([0], (codes == SPACE).cumsum()))
    hashes = np.empty((len(codes), len(LENGTHS)), dtype=np.uint64)  # of the n-grams that begin at each character
    is_inside = np.zeros(hashes.shape, dtype=bool)
    for column, length in enumerate(LENGTHS):
        many = len(codes) - length + 1
        if many < 1:
            break
        hashed = np.full(many, length, dtype=np.uint64)
        for place in range(length):
            hashed = hashed * _STEP ^ codes[place : place + many]
        hashes[:many, column] = hashed
        is_inside[:many, column] = spaces[length - 1 :][:many] == spaces[1:][:many]  # with a space only at the ends
    places = is_inside.ravel().nonzero()[0]
    ends = np.cumsum([len(text) for text in framed]) * len(LENGTHS)
    return hashes.ravel().take(places) * _MIX, places.searchsorted(ends).tolist()


def _words_of(texts: Sequence[str]) -> tuple[Hashes, list[int]]:
    """The same of words and of pairs of words, whose checksum goes on from the first word's."""
    hashes, ends = list[int](), list[int]()
    for text in texts:
        words = " ".join(WORD.findall(text)).encode("utf-8", "surrogatepass").split(b" ")
        of_words = list(map(zlib.crc32, words if words != [b""] else ()))
        hashes += of_words
        hashes += map(zlib.crc32, (b" " + word for word in words[1:]), of_words)
        ends.append(len(hashes))
    return np.asarray(hashes, dtype=np.uint64) * _STEP * _MIX, ends
