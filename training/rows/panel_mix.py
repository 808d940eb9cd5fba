"""The rows from which the eleventh stage of the toxicity weights learns: mostly comments on news, read whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.rows.assemble import TOXICITY
from training.rows.dataset import LABELS, Floats, Rows, join
from training.rows.news import CIVIL_COMMENTS, NEWS_TRAIN, news_rows
from training.rows.news_mix import drawn, old_rows
from training.rows.panel import found_rows, panel_rows, perspective_rows

COPIES = 2
PANEL_WEIGHT, OTHER_WEIGHT = 1.5, 0.6
"""A reading counts more than a vote of the crowd, or than the score of another model."""

LONGEST, LONGEST_SCORED = 500, 300
"""Characters. Long rows cost most, and say least."""

FLAGGED, VOTED, SPANS, OTHERS, SCORED = 1_400, 4_000, 1_500, 1_500, 3_000
OLD: Mapping[str, int] = {"own": 6_500, "graded": 1_500, "sources": 3_000}

OF_A_VOTE = (0.10, 0.62)
"""The reading of a comment that one vote calls civil, and how much more one has that it calls toxic: a quarter of those
are civil to a careful reader."""


def panel_mix(data: Path, seed: int = 91) -> Rows:
    """Some 49,000 rows: the comments that were read, twice, and samples of all others."""
    random = np.random.default_rng(seed)
    news, panel = news_rows(data / NEWS_TRAIN), panel_rows(data)
    read = with_votes(panel, news)
    return join(
        *[read] * COPIES,
        _lighter(_voted(news, frozenset(panel.texts), random)),
        old_rows(data, random, OLD),
        _lighter(_found(data, random)),
        _lighter(_scored(data, random)),
    )


def with_votes(panel: Rows, news: Rows) -> Rows:
    """The comments that were read, with the crowd's votes for the labels that no reading gives."""
    places = {text: place for place, text in enumerate(news.texts)}
    votes = news.pick(np.asarray([places[text] for text in panel.texts], dtype=np.int64))
    blank = ~np.isnan(votes.labels) & (np.isnan(panel.labels) | (panel.weights < 1))
    blank[:, [TOXICITY, LABELS.index("insult"), LABELS.index("identity_attack")]] = False
    labels, weights = np.where(blank, votes.labels, panel.labels), np.where(blank, votes.weights, panel.weights)
    weights[:, TOXICITY] = PANEL_WEIGHT
    return Rows(panel.texts, labels.astype(np.float32), weights.astype(np.float32), panel.sources)


def votes_as_read(rows: Rows) -> Rows:
    """The rows, with the toxicity of single votes on the scale of the readings."""
    voted, labels = _named(rows, "superni"), rows.labels.copy()
    labels[voted, TOXICITY] = as_read(labels[voted, TOXICITY])
    return Rows(rows.texts, labels, rows.weights, rows.sources)


def as_read(votes: Floats) -> Floats:
    """Votes of one rater each on the scale of the readings."""
    least, more = OF_A_VOTE
    return np.asarray(least + more * votes, dtype=np.float32)


def _voted(news: Rows, read: frozenset[str], random: np.random.Generator) -> Rows:
    """Comments on news that only the crowd judged, those that name a group and are civil apart."""
    usable = np.asarray([_is_short(text) and text not in read for text in news.texts])
    usable &= np.asarray([source.startswith(CIVIL_COMMENTS) for source in news.sources])
    usable &= ~np.isnan(news.labels[:, TOXICITY])
    flagged = _named(news, "flagged")
    chosen = [drawn(usable & flagged, FLAGGED, random), drawn(usable & ~flagged, VOTED, random)]
    return votes_as_read(news.pick(np.concatenate(chosen)))


def _found(data: Path, random: np.random.Generator) -> Rows:
    rows = found_rows(data)
    spans = _named(rows, "spans")
    return rows.pick(np.concatenate([drawn(spans, SPANS, random), drawn(~spans, OTHERS, random)]))


def _scored(data: Path, random: np.random.Generator) -> Rows:
    rows = perspective_rows(data)
    short = np.asarray([len(text) <= LONGEST_SCORED for text in rows.texts])
    return rows.pick(drawn(short, SCORED, random))


def _lighter(rows: Rows) -> Rows:
    return Rows(rows.texts, rows.labels, rows.weights * np.float32(OTHER_WEIGHT), rows.sources)


def _named(rows: Rows, part: str) -> NDArray[np.bool_]:
    return np.asarray([part in source for source in rows.sources], dtype=np.bool_)


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST
