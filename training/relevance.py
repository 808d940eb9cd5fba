"""`python -m training.relevance`: make the bundled relevance weights from the data folder, and measure them."""

import argparse
import json
from pathlib import Path
from typing import Any

from training.bundle import TOKENIZER_FILES, write_manifest
from training.calibrate_relevance import Calibration, fit, measure_news, uncalibrated
from training.export_relevance import ONNX_FILE, common_part, export, load_encoder
from training.pairs import read_arguments, read_news_pairs

CENTRED_ON_EVERY = 10
"""Every tenth argument is enough to find the part that all have in common."""


def publish_relevance(data: Path, folder: Path) -> dict[str, Any]:
    """Export the encoder, calibrate it, write the manifest, and return how it does on what it was not fitted on."""
    arguments = read_arguments(data)
    topics = tuple(dict.fromkeys(argument.topic for argument in arguments))
    fitted = tuple(argument.text for argument in arguments if not argument.held_out)
    centre = common_part(load_encoder(), (*fitted[::CENTRED_ON_EVERY], *topics))
    export(load_encoder(centre), folder)
    describe(folder, uncalibrated())
    calibration, held_out = fit(folder, arguments)
    describe(folder, calibration)
    return {"held_out_topics": held_out, "news": measure_news(folder, read_news_pairs(data))}


def describe(folder: Path, calibration: Calibration) -> None:
    """Write the manifest of the relevance weights."""
    facts = {
        "name": "gavel-relevance-minilm-l6",
        "version": "1.0",
        "licence": "Apache-2.0",
        "languages": ["en"],
        "labels": [],
        "dimensions": 384,
        "max_tokens": 512,
        "window_tokens": 256,
        "sources": [{"name": "IBM Debater ArgQ-30k (calibration and centring only)", "licence": "CC-BY-SA-3.0"}],
        "calibration": calibration,
    }
    write_manifest(folder, facts, (ONNX_FILE, *TOKENIZER_FILES))


def main(arguments: list[str] | None = None) -> None:
    """Command line: publish and print the measures."""
    parser = argparse.ArgumentParser(prog="python -m training.relevance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the weights")
    parser.add_argument("--report", type=Path, help="also write the measures there as JSON")
    given = parser.parse_args(arguments)
    measured = json.dumps(publish_relevance(given.data, given.out), indent=1)
    print(measured)
    if given.report:
        given.report.write_text(measured + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
