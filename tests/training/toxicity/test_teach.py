"""Labels softened by a teacher: a vote that goes against the text moves towards what the others would say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.loop.batches import as_scored
from training.loop.scorer import logits_of
from training.rows.assemble import TOXICITY, read_own_texts
from training.rows.dataset import Floats, Rows
from training.toxicity.teach import TEACHER_SHARE, taught
from workers.scoring.engines.weights import default_models_dir

TEXTS = Path(__file__).parents[3] / "training" / "texts"
CHECKPOINT = default_models_dir() / "toxicity" / "toxicity.ckpt"
ASKED, WRONG = 400, 40


@pytest.fixture(scope="module")
def truth() -> Floats:
    return _asked().labels[:, TOXICITY]


@pytest.fixture(scope="module")
def softened(truth: Floats) -> Floats:
    """The labels after teaching, of which the first were turned round, the last not touched, and one not given."""
    rows = _asked()
    rows.labels[:WRONG, TOXICITY] = 1 - truth[:WRONG]
    rows.labels[WRONG, TOXICITY] = np.nan
    untouched = np.arange(ASKED) == ASKED - 1
    says = logits_of(CHECKPOINT, as_scored(rows.texts))[:, TOXICITY]
    return taught(rows, read_own_texts(TEXTS)[0], says, untouched).labels[:, TOXICITY]


def test_a_wrong_vote_moves_further_than_a_right_one(softened: Floats, truth: Floats) -> None:
    wrong, right = slice(0, WRONG), slice(WRONG + 1, ASKED - 1)

    moved_of_wrong = np.abs(softened[wrong] - (1 - truth[wrong])).mean()
    moved_of_right = np.abs(softened[right] - truth[right]).mean()

    assert moved_of_wrong > 1.5 * moved_of_right
    assert np.abs(softened[wrong] - (1 - truth[wrong])).max() <= TEACHER_SHARE


def test_protected_labels_and_missing_labels_stay(softened: Floats, truth: Floats) -> None:
    assert softened[ASKED - 1] == truth[ASKED - 1]
    assert np.isnan(softened[WRONG])


def _asked() -> Rows:
    """Our own texts that are plainly the one or the other."""
    rows, _ = read_own_texts(TEXTS)
    plain = np.flatnonzero((rows.labels[:, TOXICITY] <= 0.1) | (rows.labels[:, TOXICITY] >= 0.9))
    return rows.pick(np.random.default_rng(2).permutation(plain)[:ASKED].astype(np.int64))
