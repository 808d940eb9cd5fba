"""``python -m training.toxicity.panel DATA FOLDER OUT``: the eleventh stage, which the bundled weights do not have yet.

Weights learn from comments on news that were read whole. It goes on from those in FOLDER and writes a checkpoint and
the projection of its vectors into OUT; begun again, it goes on where it was cut off. ``toxicity.finish`` makes weights
of both. The layers below the middle stay as they are, and with them half of what a vector is made of.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.rows.dataset import Floats, Rows
from training.rows.panel_mix import panel_mix
from training.toxicity.news import own_vectors
from training.toxicity.one_pass import texts_to_compare, with_texts
from training.toxicity.stage import CHECKPOINT, Recipe, train
from workers.scoring.engines.weights import VECTOR_FILE

ELEVENTH = Recipe(epochs=1.0, learning_rate=8e-5, warm_up=0.04, seed=181, save_every=100, frozen_layers=3)

SHARE = 0.06
"""So many of the rows with labels are taught vectors, too."""

AIMS = "vectors.npy"
COMPARED = 3_000
"""So many texts from which it learns vectors alone."""


def eleventh_rows(data: Path) -> Rows:
    """The rows with labels, and some of the texts from which earlier stages learned vectors."""
    texts = texts_to_compare(data)
    drawn = np.random.default_rng(5).permutation(len(texts))[:COMPARED]
    return with_texts(panel_mix(data), [texts[place] for place in drawn], 1)


def learn(data: Path, before: Path, out: Path, recipe: Recipe = ELEVENTH) -> Path:
    """Trains on from the weights in the folder ``before``, and returns the checkpoint."""
    rows, checkpoint = eleventh_rows(data), before / CHECKPOINT
    aims = _kept_vectors(rows, checkpoint, before / VECTOR_FILE, out / AIMS)
    return train(rows, out, replace(recipe, init=checkpoint), aims)


def _kept_vectors(rows: Rows, checkpoint: Path, projection: Path, cache: Path) -> Floats:
    """They need some minutes, so they are kept."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, own_vectors(rows, checkpoint, projection, share=SHARE))
    aims: Floats = np.load(cache)
    if len(aims) != len(rows):
        raise ValueError(f"{cache} belongs to other rows")
    return aims


def main(arguments: list[str] | None = None) -> None:
    """Command line: train, or train on."""
    parser = argparse.ArgumentParser(prog="python -m training.toxicity.panel", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, help="end by the clock after so long")
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args(arguments)
    learn(given.data, given.folder, given.out, replace(ELEVENTH, minutes=given.minutes, processes=given.processes))


if __name__ == "__main__":
    main()
