"""Calibrates the bundled weights and writes each language's standing into the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.multilingual.bundle import write_manifest
from training.multilingual.measuring import written_cases
from training.multilingual.measuring.calibrate import ALL, calibrations, crossed
from training.multilingual.measuring.evaluate import report
from training.multilingual.measuring.measure import standings
from training.multilingual.measuring.scored import Measurements
from training.multilingual.ngrams import languages_with_enough
from training.multilingual.rows import FOLDER, read_learnt
from training.rows.dataset import LABELS, TRAIN_FILE
from workers.scoring.engines.weights import Calibration

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
    by_language = calibrations(measured.validation, limits)
    valid = replace(measured.validation, logits=crossed(measured.validation, limits))
    held = standings(valid, measured.languages, limits)
    return {
        "languages": sorted(held),
        "standings": {code: held[code].value for code in sorted(held)},
        "default_limits": limits,
        "calibration_by_language": {code: _form(by_language.get(code, by_language[ALL])) for code in sorted(held)},
    }


def _form(own: Mapping[str, Calibration]) -> dict[str, dict[str, float]]:
    return {label: {key: round(value, 4) for key, value in asdict(fitted).items()} for label, fitted in own.items()}


def publish(data: Path, folder: Path, spam: Path, shape: Mapping[str, Any]) -> str:
    """Calibrates the bundled weights and returns the tables of what they hold and catch.

    ``spam`` is the folder of the weights for spam, and ``shape`` what ``bundle`` says of the encoder, for the manifest.
    """
    sources = [{"name": name, "licence": licence} for name, licence in SOURCES.items()]
    own = {"name": NAME, "version": VERSION, "licence": "Apache-2.0", "base": BASE, "sources": sources}
    own |= {"ngrams_languages": languages_with_enough(read_learnt(data / FOLDER / TRAIN_FILE)), **shape}
    write_manifest(folder, own)
    measured = Measurements.of(folder, data, spam)
    write_manifest(folder, {**own, **facts(measured)})
    written_cases.apply(folder)
    return report(folder, measured)
