"""From a trained encoder to finished weights.

It calibrates, fits the n-grams and weighs them beside the encoder, exports, fixes the scales of activations, and fits
what each token adds. ``training.limits.choose --write`` then moves the scores to where the default limits hold what
they may.
"""

from __future__ import annotations

import json
from pathlib import Path

from training.evidence.attributions import make as make_attributions
from training.evidence.rationale import make as make_head
from training.loop.batches import as_scored
from training.loop.scorer import logits_of
from training.publishing import fix_scales
from training.publishing.publish import publish_toxicity
from training.relevance.teacher import calibrated
from training.rows.assemble import Mix, second_stage
from training.rows.dataset import TRAIN_FILE, read_rows
from training.rows.news_mix import HAND_LABELS, TEXTS
from training.toxicity.calibrate import fit, fold, rows_to_fit
from training.toxicity.ngrams import combine, rows_for_ngrams, train_ngrams
from workers.scoring.engines.weights import NGRAMS_FILE, Weights
from workers.scoring.export.exporting import export_beside
from workers.scoring.ngrams.model import NGrams, read_ngrams, write_ngrams


def finish(data: Path, checkpoint: Path, projection: Path, folder: Path) -> None:
    """Writes finished weights into the folder; the limits are still to be chosen."""
    _, kept = second_stage(read_rows(data / TRAIN_FILE), TEXTS, HAND_LABELS, Mix())
    rows, counts = rows_to_fit(data, kept)
    logits = logits_of(checkpoint, as_scored(rows.texts), threads=2)
    ready, calibration = checkpoint.with_name("calibrated.ckpt"), fit(logits, rows, counts)
    fold(checkpoint, calibration, ready)
    logits = calibration.of(logits)
    ngrams, calibrations = combine(logits, _ngrams(data, checkpoint.parent / NGRAMS_FILE), rows, counts)
    publish_toxicity(ready, folder, ngrams, calibrations, projection)
    export_beside(Weights.read(folder.name, folder))
    fix_scales.fix(folder)
    print(json.dumps(calibrated(folder, data), indent=1))
    make_head(Weights.read(folder.name, folder), data)
    make_attributions(Weights.read(folder.name, folder))
    fix_scales.fix(folder)


def _ngrams(data: Path, kept: Path) -> NGrams:
    """They need some minutes, so they are kept."""
    if not kept.exists():
        write_ngrams(kept, train_ngrams(rows_for_ngrams(data)))
    return read_ngrams(kept)
