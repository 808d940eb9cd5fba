"""The rows from which the tenth stage of the toxicity weights learns to judge comments on news."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.rows.assemble import OWN, TOXICITY, Mix, second_stage
from training.rows.dataset import TRAIN_FILE, Rows, join, read_rows
from training.rows.news import CIVIL_COMMENTS, NEWS_TRAIN, news_rows

HERE = Path(__file__).parents[1]
TEXTS, HAND_LABELS = HERE / "texts", HERE / "labels"

LONGEST = 700
"""Characters. Training cuts texts at 128 tokens, and the label of a longer one may be about what is cut off."""

WIKIPEDIA_TOXIC, WIKIPEDIA_CIVIL = 6_000, 4_000
OLD: Mapping[str, int] = {"own": 9_000, "graded": 5_000, "sources": 8_000}
"""So many rows of each kind beside all comments on news, at random."""


def news_mix(data: Path, seed: int = 57) -> Rows:
    """Some 60,000 rows: the comments on news, 10,000 of Wikipedia, and a sample of the rows and texts of earlier
    stages, so that nothing of theirs is forgotten."""
    random = np.random.default_rng(seed)
    news = news_rows(data / NEWS_TRAIN)
    short = np.asarray([len(text) <= LONGEST for text in news.texts])
    on_news = np.asarray([source.startswith(CIVIL_COMMENTS) for source in news.sources])
    toxic = news.labels[:, TOXICITY] >= 0.5
    wikipedia = short & ~on_news & ~np.isnan(news.labels[:, TOXICITY])
    chosen = [
        np.flatnonzero(short & on_news & ~np.isnan(news.labels).all(axis=1)),
        drawn(wikipedia & toxic, WIKIPEDIA_TOXIC, random),
        drawn(wikipedia & ~toxic, WIKIPEDIA_CIVIL, random),
    ]
    return join(news.pick(np.concatenate(chosen)), old_rows(data, random, OLD))


def old_rows(data: Path, random: np.random.Generator, counts: Mapping[str, int]) -> Rows:
    """So many rows of each kind from the earlier stages: our own texts, graded ones, others."""
    rows, _ = second_stage(read_rows(data / TRAIN_FILE), TEXTS, HAND_LABELS, Mix(own_copies=1))
    own = np.asarray([source.startswith(OWN) for source in rows.sources])
    graded = (rows.weights > 1).any(axis=1) & ~own
    parts = {"own": own, "graded": graded, "sources": ~own & ~graded}
    return rows.pick(np.concatenate([drawn(mask, counts[name], random) for name, mask in parts.items()]))


def drawn(mask: NDArray[np.bool_], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The places of so many of the rows, at random."""
    return random.permutation(np.flatnonzero(mask))[:count]
