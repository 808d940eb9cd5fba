"""Measure toxicity weights on rows they were not trained on, scored as the workers score comments.

Writes a JSON report, the scores and reliability diagrams.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from training.loop.scorer import as_workers_score
from training.measuring.diagram import reliability_svg
from training.measuring.metrics import (
    Auc,
    auc_with_interval,
    calibration_error,
    flagged,
    over_flag_rate,
    recall,
    reliability,
)
from training.rows.dataset import LABELS, NEWS_FILE, VALID_FILE, Floats, Rows, read_rows
from training.toxicity.calibrate import is_fitted

MIN_POSITIVES = 5
"""Labels with fewer positives in a source get no AUC: it would say nothing."""

SOCIAL_AND_WIKI = "validation"
NEWS = "news"


def report(scores: dict[str, Floats], files: dict[str, Rows], limits: Floats) -> dict[str, Any]:
    """All measures of scores given per file; `limits` are the default limits in the order of the labels."""
    return {
        "limits": {name: round(float(limit), 3) for name, limit in zip(LABELS, limits, strict=True)},
        "auc": {name: _aucs(scores[name], files[name]) for name in files},
        "at_default_limits": _at_limits(scores, files, limits),
        "toxicity_alone": [_trade_off(scores, files, limit) for limit in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)],
        "calibration_error": {name: _calibration(scores[name], files[name]) for name in files},
    }


def _aucs(scores: Floats, rows: Rows) -> dict[str, dict[str, Any]]:
    sources = np.asarray(rows.sources)
    by_label: dict[str, dict[str, Any]] = {}
    for place, label in enumerate(LABELS):
        groups = {"all": np.ones(len(rows), dtype=bool)} | {name: sources == name for name in sorted(set(rows.sources))}
        measured = {
            name: auc_with_interval(scores[group, place], rows.labels[group, place]) for name, group in groups.items()
        }
        by_label[label] = {name: asdict(value) for name, value in measured.items() if _tells(value)}
    return {label: groups for label, groups in by_label.items() if groups}


def _tells(measured: Auc) -> bool:
    return measured.value is not None and measured.positives >= MIN_POSITIVES


def _at_limits(scores: dict[str, Floats], files: dict[str, Rows], limits: Floats) -> dict[str, Any]:
    flags = {name: flagged(scores[name], limits) for name in files}
    rates: dict[str, Any] = {
        "over_flagged": {name: over_flag_rate(flags[name], rows.labels[:, 0]) for name, rows in files.items()},
        "caught": {name: recall(flags[name], rows.labels[:, 0]) for name, rows in files.items()},
    }
    for name, rows in files.items():
        sources = np.asarray(rows.sources)
        for source in sorted(set(rows.sources)):
            here = sources == source
            if (rows.labels[here, 0] <= 0.2).sum() >= 50:
                rates["over_flagged"][source] = over_flag_rate(flags[name][here], rows.labels[here, 0])
            if (rows.labels[here, 0] >= 0.8).sum() >= 50:
                rates["caught"][source] = recall(flags[name][here], rows.labels[here, 0])
    return rates


def _trade_off(scores: dict[str, Floats], files: dict[str, Rows], limit: float) -> dict[str, float]:
    line = {"limit": limit}
    for name, rows in files.items():
        flags = scores[name][:, 0] >= limit
        line[f"over_flagged_{name}"] = over_flag_rate(flags, rows.labels[:, 0])
        line[f"caught_{name}"] = recall(flags, rows.labels[:, 0])
    return line


def _calibration(scores: Floats, rows: Rows) -> dict[str, float]:
    scores, rows = _unfitted(scores, rows)
    given = {label: ~np.isnan(rows.labels[:, place]) for place, label in enumerate(LABELS)}
    return {
        label: calibration_error(reliability(scores[:, place], rows.labels[:, place]))
        for place, label in enumerate(LABELS)
        if given[label].sum() >= 200
    }


def diagram(scores: Floats, rows: Rows, title: str) -> str:
    """Reliability diagram of the labels that have enough rows and positives to draw a line."""
    scores, rows = _unfitted(scores, rows)
    lines = {
        label: reliability(scores[:, place], rows.labels[:, place])
        for place, label in enumerate(LABELS)
        if np.nansum(rows.labels[:, place] >= 0.5) >= 50
    }
    return reliability_svg(title, lines)


def _unfitted(scores: Floats, rows: Rows) -> tuple[Floats, Rows]:
    """Without the rows that the calibration was fitted on."""
    others = np.flatnonzero([not is_fitted(text) for text in rows.texts])
    return scores[others], rows.pick(others)


def evaluate(folder: Path, data: Path, out: Path, limits: Floats) -> dict[str, Any]:
    """Score both held-out files with exported weights; write `report.json`, `scores.npz` and two diagrams into `out`.

    Returns the report. `folder` is what `publish` and `gavel export` made.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = {SOCIAL_AND_WIKI: read_rows(data / VALID_FILE), NEWS: read_rows(data / NEWS_FILE)}
    scores = {name: as_workers_score(folder, rows.texts) for name, rows in files.items()}
    np.savez_compressed(out / "scores.npz", validation=scores[SOCIAL_AND_WIKI], news=scores[NEWS])
    measured = report(scores, files, limits)
    (out / "report.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    for name, rows in files.items():
        (out / f"reliability-{name}.svg").write_text(diagram(scores[name], rows, f"Reliability, {name}"), "utf-8")
    return measured


def summary(measured: dict[str, Any]) -> str:
    """The few most important lines."""
    lines = []
    for name, labels in measured["auc"].items():
        for label, groups in labels.items():
            cells = [f"{source} {m['value']:.3f} [{m['low']:.3f}–{m['high']:.3f}]" for source, m in groups.items()]
            lines.append(f"{name} {label}: " + ", ".join(cells))
    lines += [str({key: round(value, 3) for key, value in line.items()}) for line in measured["toxicity_alone"]]
    lines.append(json.dumps(measured["at_default_limits"]))
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Command line: evaluate one folder of exported weights."""
    parser = argparse.ArgumentParser(prog="python -m training.measuring.evaluate", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="folder with manifest.json and the export")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limits", type=float, nargs=len(LABELS), default=[0.8] * len(LABELS), metavar="LIMIT")
    given = parser.parse_args(arguments)
    limits = np.asarray(given.limits, dtype=np.float32)
    print(summary(evaluate(given.weights, given.data, given.out, limits)))


if __name__ == "__main__":
    main()
