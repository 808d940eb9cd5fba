"""``python -m training.multilingual.publish DATA BASE TRAINED MODELS``: bundles the trained encoder, calibrates it and
writes each language's standing into the manifest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from moderation.signals.registry import SIGNALS
from training.dataset import LABELS, TRAIN_FILE
from training.multilingual.bundle import bundle, write_manifest
from training.multilingual.calibrate import ALL, calibrations, crossed
from training.multilingual.evaluate import report
from training.multilingual.measure import standings
from training.multilingual.ngrams import languages_with_enough
from training.multilingual.rows import FOLDER, read_other_languages
from training.multilingual.scored import Measurements
from workers.scoring.weights import MANIFEST, Calibration

NAME, VERSION = "gavel-toxicity-e5-l6", "1.1"
BASE = {"name": "intfloat/multilingual-e5-small", "licence": "MIT"}
SOURCES = {
    "mlma (ar, fr)": "MIT",
    "germeval2018 (de)": "CC-BY-4.0",
    "offendes (es)": "Apache-2.0",
    "beep (ko)": "CC-BY-SA-4.0",
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
    limits = default_limits()
    found = calibrations(measured.validation, limits)
    valid = replace(measured.validation, logits=crossed(measured.validation, limits))
    held = standings(valid, measured.languages, limits)
    return {
        "languages": sorted(held),
        "standings": {code: held[code].value for code in sorted(held)},
        "default_limits": limits,
        "calibration_by_language": {code: _form(found.get(code, found[ALL])) for code in sorted(held)},
    }


def default_limits() -> dict[str, float]:
    """Those of the default policy: the languages are calibrated to them."""
    return {label: rule.limit for label in LABELS if (rule := SIGNALS[label].default) is not None}


def _form(own: Mapping[str, Calibration]) -> dict[str, dict[str, float]]:
    return {label: {key: round(value, 4) for key, value in asdict(one).items()} for label, one in own.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "base", "trained", "models"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(arguments)
    folder = given.models / "multilingual"
    sources = [{"name": name, "licence": licence} for name, licence in SOURCES.items()]
    counting = languages_with_enough(read_other_languages(given.data / FOLDER / TRAIN_FILE))
    own = {"name": NAME, "version": VERSION, "licence": "Apache-2.0", "base": BASE, "sources": sources}
    own |= {"ngrams_languages": counting}
    bundle(given.base, given.trained, folder, own)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["files"]
    measured = Measurements.of(folder, given.data)
    write_manifest(folder, {**manifest, **facts(measured)})
    print(report(folder, measured))


if __name__ == "__main__":
    main()
