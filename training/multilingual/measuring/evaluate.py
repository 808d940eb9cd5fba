"""``python -m training.multilingual.measuring.evaluate DATA MODELS``: AUC, civil comments held and toxic ones
caught, by language and source, as Markdown, on the screen and in the model card."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.multilingual.measuring.calibrate import Limits, calibrated, crossed
from training.multilingual.measuring.measure import Measured, measure, sources_of
from training.multilingual.measuring.scored import Measurements, Scored
from training.publishing.card import written
from workers.scoring.engines.weights import Calibration, Weights

Found = Mapping[str, Mapping[str, Calibration]]
COLUMNS = ("language", "source", "rows", "toxic", "AUC [95 % interval]", "civil held", "plainly toxic caught")
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|\n"


def table(rows: Scored, limits: Limits) -> str:
    """One line a source, and one for a language with several."""
    return HEAD + "".join(_lines(rows, limits))


def by_language(rows: Scored, limits: Limits) -> str:
    """One line a language, over all its sources, for the model card."""
    return HEAD + "".join(line for lines in _by_language(rows, limits) for line in lines[-1:])


def _lines(rows: Scored, limits: Limits) -> Iterator[str]:
    return (line for lines in _by_language(rows, limits) for line in lines)


def _by_language(rows: Scored, limits: Limits) -> Iterator[list[str]]:
    """The lines of each language; the last one is about all of its sources."""
    sources = sources_of(rows)
    for language in sorted(set(rows.languages.tolist())):
        own = rows.of(language)
        names = [source for code, source in sources if code == language]
        lines = [_line(language, name, measure(own.where(own.sources == name), limits)) for name in names]
        yield [*lines, _line(language, "all", measure(own, limits))] if len(names) > 1 else lines


def _line(language: str, source: str, judged: Measured) -> str:
    area = "–" if judged.auc.value is None else f"{judged.auc.value:.3f} [{judged.auc.low:.3f}–{judged.auc.high:.3f}]"
    counts = f"{judged.rows:,} | {judged.auc.positives:,}"
    return f"| {language} | {source} | {counts} | {area} | {_percent(judged.held)} | {_percent(judged.caught)} |\n"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _with(rows: Scored, calibrations: Found) -> Scored:
    """The rows in languages that the weights know, calibrated."""
    known = rows.where(np.isin(rows.languages, list(calibrations)))
    return replace(known, logits=calibrated(known, calibrations))


def found_in(weights: Weights) -> Found:
    """The calibrations of a manifest, as they were fitted."""
    kept = weights.manifest["calibration_by_language"]
    return {code: {label: Calibration(**own) for label, own in heads.items()} for code, heads in kept.items()}


def report(folder: Path, measured: Measurements) -> str:
    """All tables as Markdown. The card gets one line a language, if it has places for them."""
    weights = Weights.read(folder.name, folder)
    calibrations, limits = found_in(weights), weights.manifest["default_limits"]
    valid = replace(measured.validation, logits=crossed(measured.validation, limits))
    evaluation = _with(measured.evaluation, calibrations)
    parts = {"validation": valid, "evaluation only": evaluation, "own texts": _with(measured.own, calibrations)}
    card = folder / "README.md"
    if card.exists():
        short = {name: by_language(parts[name], limits) for name in ("validation", "evaluation only")}
        card.write_text(written(card.read_text(encoding="utf-8"), short), encoding="utf-8")
    return "\n".join(f"{name}\n\n{table(part, limits)}" for name, part in parts.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    given = parser.parse_args()
    folder = given.models / "multilingual"
    print(report(folder, Measurements.of(folder, given.data, given.models / "spam")))


if __name__ == "__main__":
    main()
