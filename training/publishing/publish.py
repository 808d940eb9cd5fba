"""Writes the manifest of the bundled toxicity weights: facts beside the sha256 of the files."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.loop.batches import MAX_TOKENS
from training.publishing.bundle import bundle_toxicity
from training.rows.dataset import LABELS
from workers.scoring.engines.weights import Calibration
from workers.scoring.ngrams.model import NGrams

VERSION = "1.10"

SOURCES = (
    ("cat_wikipedia", "Apache-2.0"),
    ("conversationai_wiki_annotators", "Apache-2.0"),
    ("davidson_tweets", "MIT"),
    ("hatexplain", "MIT"),
    ("toxigen_human_subset", "MIT"),
    ("edos_sexism", "CC0-1.0"),
    ("toxic_spans_civil_comments", "CC0-1.0"),
    ("civil_comments_sample", "CC0-1.0"),
    ("hatemoji_build", "CC-BY-4.0"),
    ("gab_hate_corpus", "CC-BY-4.0"),
    ("sbic_dev", "CC-BY-4.0"),
    ("stormfront", "CC-BY-SA-3.0"),
    ("jigsaw_wiki_samples", "CC0-1.0 labels, CC-BY-SA-3.0 text"),
    ("ibm_argq", "CC-BY-SA-3.0"),
    ("civil_comments", "CC0-1.0"),
    ("jigsaw2018", "CC0-1.0 labels, CC-BY-SA-3.0 text"),
    ("texts written for this project", "Apache-2.0"),
)


def publish_toxicity(
    checkpoint: Path, folder: Path, ngrams: NGrams, calibrations: Mapping[str, Calibration], projection: Path
) -> None:
    """Bundle a finished checkpoint with everything the workers and Detoxify read.

    ``calibrations`` adjust the encoder's logits beside the n-grams', and ``projection`` makes vectors of its states.
    Detoxify ignores both.
    """
    given = {label: asdict(calibration) for label, calibration in calibrations.items()}
    bundle_toxicity(checkpoint, folder, {**toxicity_facts(), "calibration": given}, ngrams, projection)


def toxicity_facts() -> dict[str, Any]:
    """Name, licence, sources, languages, limits, and the length of text the weights were trained on."""
    return {
        "name": "gavel-toxicity-minilm-l6",
        "version": VERSION,
        "licence": "Apache-2.0",
        "languages": ["en"],
        "max_tokens": 512,
        "window_tokens": MAX_TOKENS,
        "default_limits": {label: DEFAULT_LIMITS[label] for label in LABELS},
        "sources": [{"name": name, "licence": licence} for name, licence in SOURCES],
    }
