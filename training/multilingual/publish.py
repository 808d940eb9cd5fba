"""``python -m training.multilingual.publish DATA MODELS TRAINED [BASE]``: bundles the trained encoder, calibrates it
and writes each language's standing into the manifest.

With BASE, TRAINED is the folder of a sitting from the base. Without, it is the file of a further sitting: word table,
tokenizer and vectors stay as they are in MODELS.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from moderation.signals.default_limits import DEFAULT_LIMITS
from training.dataset import LABELS, TRAIN_FILE
from training.multilingual.bundle import bundle, bundle_further, write_manifest
from training.multilingual.calibrate import ALL, calibrations, crossed
from training.multilingual.evaluate import report
from training.multilingual.measure import standings
from training.multilingual.ngrams import languages_with_enough
from training.multilingual.rows import FOLDER, read_other_languages
from training.multilingual.scored import Measurements
from workers.scoring.engines.weights import HEADS_FILE, MANIFEST, TOPICS_FILE, Calibration
from workers.scoring.relevance.encoder_vectors import RELEVANCE

NAME, VERSION = "gavel-toxicity-e5-l6", "1.3"
BASE = {"name": "intfloat/multilingual-e5-small", "licence": "MIT"}
SOURCES = {
    "mlma (ar, fr)": "MIT",
    "germeval2018 (de)": "CC-BY-4.0",
    "offendes (es)": "Apache-2.0",
    "beep (ko), for relevance its unlabelled comments, too": "CC-BY-SA-4.0",
    "curse_detection (ko)": "MIT",
    "k_mhas (ko)": "CC-BY-SA-4.0",
    "poleval2019_task6 (pl)": "BSD-3-Clause",
    "told_br (pt)": "CC-BY-SA-4.0",
    "ro_offense (ro)": "Apache-2.0",
    "offenseval_tr (tr)": "CC-BY",
    "vihos (vi)": "MIT",
    "cold (zh)": "Apache-2.0",
    "the English sources of models/toxicity": "see its card",
    "texts written for this project": "Apache-2.0",
}


def facts(measured: Measurements) -> dict[str, Any]:
    """Calibrations and standings of the bundled weights, for the manifest."""
    limits = {label: DEFAULT_LIMITS[label] for label in LABELS}
    found = calibrations(measured.validation, limits)
    valid = replace(measured.validation, logits=crossed(measured.validation, limits))
    held = standings(valid, measured.languages, limits)
    return {
        "languages": sorted(held),
        "standings": {code: held[code].value for code in sorted(held)},
        "default_limits": limits,
        "calibration_by_language": {code: _form(found.get(code, found[ALL])) for code in sorted(held)},
    }


def _form(own: Mapping[str, Calibration]) -> dict[str, dict[str, float]]:
    return {label: {key: round(value, 4) for key, value in asdict(one).items()} for label, one in own.items()}


def publish(data: Path, folder: Path, shape: Mapping[str, Any]) -> None:
    """Calibrates the bundled weights. ``shape`` is what ``bundle`` says of the encoder, for the manifest."""
    sources = [{"name": name, "licence": licence} for name, licence in SOURCES.items()]
    own = {"name": NAME, "version": VERSION, "licence": "Apache-2.0", "base": BASE, "sources": sources}
    own |= {"ngrams_languages": languages_with_enough(read_other_languages(data / FOLDER / TRAIN_FILE)), **shape}
    own |= kept_relevance(folder)
    (folder / HEADS_FILE).unlink(missing_ok=True)  # it was fitted to the graph before
    write_manifest(folder, own)
    measured = Measurements.of(folder, data)
    write_manifest(folder, {**own, **facts(measured)})
    print(report(folder, measured))
    print(f"python -m training.rationale {data} {folder} fits the head that marks words")


def kept_relevance(folder: Path) -> dict[str, Any]:
    """The manifest's part on the encoder of topics, which stays as it is if the folder has one."""
    before = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) if (folder / MANIFEST).exists() else {}
    return {RELEVANCE: before[RELEVANCE]} if (folder / TOPICS_FILE).exists() and RELEVANCE in before else {}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("base", type=Path, nargs="?")
    given = parser.parse_args(arguments)
    folder = given.models / "multilingual"
    shape = bundle(given.base, given.trained, folder) if given.base else bundle_further(given.trained, folder)
    publish(given.data, folder, shape)


if __name__ == "__main__":
    main()
