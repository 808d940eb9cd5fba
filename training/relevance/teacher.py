"""`python -m training.relevance.teacher`: trains the sentence encoder that teaches vectors to the toxicity encoder.

Afterwards `calibrated` makes of those vectors the relevance of a comment, and `measured` says how good it is.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from training.publishing.bundle import MANIFEST, TOKENIZER_FILES, write_manifest
from training.relevance.calibrate import Calibration, fit, measure_news, uncalibrated
from training.relevance.export import ONNX_FILE, export
from training.relevance.train import trained_encoder
from training.rows.articles import read_articles
from training.rows.pairs import read_arguments, read_news_pairs
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.weights import Weights
from workers.scoring.export.with_vector import DIMENSIONS
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.encoder_vectors import RELEVANCE, EncoderVectors


def make_teacher(folder: Path, checkpoint: Path) -> Path:
    """Trains the sentence encoder, or takes it from the checkpoint if it is there, and exports it to the folder."""
    export(trained_encoder(read_articles(), checkpoint), folder)
    facts = {"name": "sentences", "labels": [], "dimensions": DIMENSIONS, "max_tokens": 512, "window_tokens": 256}
    write_manifest(folder, facts, (ONNX_FILE, *TOKENIZER_FILES))
    return folder


def calibrated(folder: Path, data: Path) -> dict[str, Any]:
    """Fits the calibration of relevance for exported toxicity weights, and writes it into their manifest.

    Returns the measures on data that it was not fitted on.
    """
    _write(folder, uncalibrated())
    articles = [article for article in read_articles() if article.held_out]
    calibration, held_out = fit(relevance_of(folder), read_arguments(data), {"en": articles})
    _write(folder, calibration)
    return {"held_out_topics": held_out, "news": measure_news(relevance_of(folder), read_news_pairs(data))}


def relevance_of(folder: Path) -> Relevance:
    """Relevance as the workers judge it, by exported toxicity weights that give vectors."""
    weights = Weights.read(folder.name, folder)
    engine = OnnxEngine(weights)
    return Relevance(EncoderVectors(Toxicity(engine, weights), engine, weights))


def _write(folder: Path, calibration: Calibration) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    own = {"dimensions": DIMENSIONS, "languages": manifest["languages"], "calibration": calibration}
    manifest[RELEVANCE] = own
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Command line: make the teacher."""
    parser = argparse.ArgumentParser(prog="python -m training.relevance.teacher", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the exported sentence encoder")
    parser.add_argument(
        "--checkpoint", type=Path, default=Path("var/training/relevance.pt"), help="the trained encoder"
    )
    given = parser.parse_args(arguments)
    make_teacher(given.out, given.checkpoint)


if __name__ == "__main__":
    main()
