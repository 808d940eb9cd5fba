"""The rows from which the upper layers of the toxicity weights learn to judge comments on news."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.assemble import OWN, TOXICITY, Mix, second_stage
from training.dataset import TRAIN_FILE, Rows, join, read_rows
from training.news import CIVIL_COMMENTS, NEWS_TRAIN, news_rows

HERE = Path(__file__).parent
LONGEST = 480
"""Characters. Longer comments take a window each and teach little more."""

WIKIPEDIA_TOXIC, WIKIPEDIA_CIVIL = 5_000, 3_000
OLD = {"own": 5_000, "graded": 4_000, "sources": 6_000}
"""So many rows of each kind beside all comments on news whose toxicity is known, at random."""


def news_mix(data: Path, seed: int = 57) -> Rows:
    """Some 42,000 rows: 19,000 comments on news, 8,000 of Wikipedia, and a sample of the rows and texts of earlier
    stages, so that nothing of theirs is forgotten."""
    random = np.random.default_rng(seed)
    news = news_rows(data / NEWS_TRAIN)
    known = np.asarray([len(text) <= LONGEST for text in news.texts]) & ~np.isnan(news.labels[:, TOXICITY])
    on_news = np.asarray([source.startswith(CIVIL_COMMENTS) for source in news.sources])
    toxic = news.labels[:, TOXICITY] >= 0.5
    wikipedia = known & ~on_news
    chosen = [
        np.flatnonzero(known & on_news),
        _drawn(wikipedia & toxic, WIKIPEDIA_TOXIC, random),
        _drawn(wikipedia & ~toxic, WIKIPEDIA_CIVIL, random),
    ]
    return join(news.pick(np.concatenate(chosen)), _old_rows(data, random))


def _old_rows(data: Path, random: np.random.Generator) -> Rows:
    rows, _ = second_stage(read_rows(data / TRAIN_FILE), HERE / "texts", HERE / "labels", Mix(own_copies=1))
    own = np.asarray([source.startswith(OWN) for source in rows.sources])
    graded = (rows.weights > 1).any(axis=1) & ~own
    parts = {"own": own, "graded": graded, "sources": ~own & ~graded}
    return rows.pick(np.concatenate([_drawn(mask, OLD[name], random) for name, mask in parts.items()]))


def _drawn(mask: NDArray[np.bool_], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    return random.permutation(np.flatnonzero(mask))[:count]
