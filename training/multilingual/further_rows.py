"""The rows of a further sitting, and the rows that it holds out to choose by."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.multilingual.rows import CIVIL_TEXTS, FOLDER, OWN_TEXTS, read_civil, read_learnt, read_own
from training.multilingual.second import own_texts
from training.rows.dataset import TRAIN_FILE, Rows, join, read_rows

ENGLISH = 5_000
MOST_PER_SOURCE = 5_000
TWICE = ("de", "ko", "pl")
"""Languages whose rows all take part, and come twice."""

OWN_ENGLISH = 2_500

THIRD_SEED, THIRD_ENGLISH, THIRD_PER_SOURCE, THIRD_REPLAYED = 23, 10_000, 20_000, 100_000
THIRD_OWN = 9_317 + 2_795
"""The third sitting's command, and our English and civil texts at that time: from them follows which rows it saw. The
loss of its weights bears that out: of 50 numbers of texts tried, this one sets seen and unseen rows furthest apart."""

HELD_OUT = 4
"""Of the rows that the third sitting did not see, one in so many is held out: a tenth of all."""


def read_further(data: Path, seed: int = 29) -> Rows:
    """All rows of the sitting."""
    random = np.random.default_rng(seed)
    others = read_learnt(data / FOLDER / TRAIN_FILE)
    left = np.flatnonzero(~held_out(others, len(read_rows(data / TRAIN_FILE))))
    languages = np.asarray([source.split("/")[0] for source in others.sources])
    sources = np.asarray(others.sources)
    again = left[np.isin(languages[left], TWICE)]
    rest = left[~np.isin(languages[left], TWICE)]
    some = [_some(rest[sources[rest] == source], MOST_PER_SOURCE, random) for source in sorted(set(sources[rest]))]
    english, ours = read_rows(data / TRAIN_FILE), read_own(OWN_TEXTS)
    return join(
        english.pick(_some(np.arange(len(english)), ENGLISH, random)),
        others.pick(np.concatenate([*some, again, again])),
        ours.pick(_some(np.arange(len(ours)), OWN_ENGLISH, random)),
        read_civil(CIVIL_TEXTS),
        own_texts(held_out=False),
    )


def held_out(others: Rows, english: int) -> NDArray[np.bool_]:
    """Shape (rows,). ``others`` are all training rows of other languages; ``english`` is the number of English ones."""
    random = np.random.default_rng(THIRD_SEED)
    random.permutation(english)
    drawn = np.zeros(len(others), dtype=np.bool_)
    left: dict[str, int] = {}
    for row in random.permutation(len(others)):
        left[others.sources[row]] = left.get(others.sources[row], 0) + 1
        drawn[row] = left[others.sources[row]] <= THIRD_PER_SOURCE
    places = np.flatnonzero(drawn)
    before = THIRD_ENGLISH + len(places) + THIRD_OWN
    seen = np.random.default_rng(THIRD_SEED + 4).permutation(before)[:THIRD_REPLAYED] - THIRD_ENGLISH
    unseen = np.ones(len(others), dtype=np.bool_)
    unseen[places[seen[(seen >= 0) & (seen < len(places))]]] = False
    parts = np.asarray([zlib.crc32(text.encode()) % HELD_OUT == 0 for text in others.texts])
    return np.asarray(unseen & parts)


def _some(places: NDArray[np.int64], most: int, random: np.random.Generator) -> NDArray[np.int64]:
    return np.asarray(random.permutation(places)[:most], dtype=np.int64)
