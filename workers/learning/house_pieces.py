"""The pieces of comments by which a model could tell a group of them: words, beginnings of words, pairs of words,
signs, and in scripts without spaces short runs of letters. A name is one of these, however rare."""

from __future__ import annotations

import re
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

import numpy as np
from scipy import sparse

from moderation.judging.text.disguises import masks
from workers.scoring.ngrams.model import Buckets

MOST_TOKENS = 400  # of one comment
STEM = 5  # letters with which the cases of a name begin alike
SYLLABLES = (2, 3)  # with which a Korean name begins, before its endings
LETTERS = (2, 3, 4)  # of a run without spaces
MOST_LETTERS = 200  # of such a run
RAW = {
    masks.LINK: "https://site.example/page",
    masks.MAIL: "reader@mail.example",
    masks.HANDLE: "@reader",
    masks.MONEY: "$20",
    masks.CAPITALS: "READ",
}

_TOKEN = re.compile(r"\w[\w'’-]*|[^\w\s]+")
_KOREAN = re.compile(r"[\uac00-\ud7a3]{3,}")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{2,}")


@dataclass(slots=True)
class Pieces:
    """Collects the pieces of one comment after the other. They are kept as numbers: the words themselves would take
    more memory than all else."""

    numbers: array[int] = field(default_factory=lambda: array("I"))
    ends: list[int] = field(default_factory=lambda: [0])

    def add(self, masked: str) -> None:
        self.numbers.extend({number_of(piece) for piece, _written in pieces_of(masked)})
        self.ends.append(len(self.numbers))

    def table(self) -> tuple[Any, Buckets]:
        """Shape (comments, pieces), 1 where a comment has the piece, and the number of each piece."""
        numbers, columns = np.unique(np.frombuffer(self.numbers, dtype=np.uint32), return_inverse=True)
        values = np.ones(len(columns), dtype=np.float32)
        shape = (len(self.ends) - 1, len(numbers))
        return sparse.csr_matrix((values, columns.astype(np.int32), self.ends), shape=shape), numbers.astype(np.int64)


def number_of(piece: str) -> int:
    return zlib.crc32(piece.encode("utf-8", "surrogatepass"))


def pieces_of(masked: str) -> Iterator[tuple[str, str]]:
    """Each piece of a masked text, and as it is written there: a beginning by its whole word."""
    tokens = [match[0] for match in islice(_TOKEN.finditer(masked.lower()), MOST_TOKENS)]
    for token in tokens:
        yield token, token
        yield from ((token[:length], token) for length in _beginnings(token))
        if run := _UNSPACED.search(token):
            letters = run[0][:MOST_LETTERS]
            yield from ((letters[i : i + n],) * 2 for n in LETTERS for i in range(len(letters) - n + 1))
    yield from ((f"{first} {next_one}",) * 2 for first, next_one in pairwise(tokens))


def _beginnings(token: str) -> tuple[int, ...]:
    if _KOREAN.match(token):
        return SYLLABLES
    return (STEM,) if len(token) > STEM else ()


def written(masked: str, number: int) -> str | None:
    """The piece of this number, as it is written in the text."""
    return next((word for piece, word in pieces_of(masked) if number_of(piece) == number), None)


def with_piece(sentence: str, piece: str) -> tuple[str, str]:
    """A sentence that ends in the piece, as a reader writes it and as a model reads it."""
    return f"{sentence} {RAW.get(piece, piece)}", f"{sentence} {piece}"
