"""`python -m training.relevance`: make the bundled relevance weights from the data folder, and measure them."""

import argparse
import json
from pathlib import Path
from typing import Any

from training.articles import read_articles
from training.bundle import TOKENIZER_FILES, write_manifest
from training.calibrate_relevance import Calibration, fit, measure_news, uncalibrated
from training.export_relevance import ONNX_FILE, export
from training.pairs import read_arguments, read_news_pairs
from training.train_relevance import trained_encoder


def publish_relevance(data: Path, folder: Path, checkpoint: Path) -> dict[str, Any]:
    """Train the encoder, or take it from the checkpoint if it is there, export and calibrate it, write the manifest.

    Returns the measures on data that it was not fitted on.
    """
    arguments, articles = read_arguments(data), read_articles()
    export(trained_encoder(articles, checkpoint), folder)
    describe(folder, uncalibrated())
    calibration, held_out = fit(folder, arguments, [one for one in articles if one.held_out])
    describe(folder, calibration)
    return {"held_out_topics": held_out, "news": measure_news(folder, read_news_pairs(data))}


def describe(folder: Path, calibration: Calibration) -> None:
    """Write the manifest of the relevance weights."""
    facts = {
        "name": "gavel-relevance-minilm-l6",
        "version": "1.1",
        "licence": "Apache-2.0",
        "languages": ["en"],
        "labels": [],
        "dimensions": 384,
        "max_tokens": 512,
        "window_tokens": 256,
        "sources": [
            {"name": "headlines and comments written for this project", "licence": "Apache-2.0"},
            {"name": "IBM Debater ArgQ-30k (calibration only)", "licence": "CC-BY-SA-3.0"},
        ],
        "calibration": calibration,
    }
    write_manifest(folder, facts, (ONNX_FILE, *TOKENIZER_FILES))


def main(arguments: list[str] | None = None) -> None:
    """Command line: publish and print the measures."""
    parser = argparse.ArgumentParser(prog="python -m training.relevance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the weights")
    parser.add_argument(
        "--checkpoint", type=Path, default=Path("var/training/relevance.pt"), help="the trained encoder"
    )
    parser.add_argument("--report", type=Path, help="also write the measures there as JSON")
    given = parser.parse_args(arguments)
    measured = json.dumps(publish_relevance(given.data, given.out, given.checkpoint), indent=1)
    print(measured)
    if given.report:
        given.report.write_text(measured + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
