"""Scores the held-back cases as the workers score comments, and compares the result with the cases' labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.ground.values.signals import Signal
from training.suites.cases import Case, Label
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import BUNDLED, TABLE_FILE, Weights, default_models_dir
from workers.scoring.language.deciding import LanguageScorer
from workers.scoring.language.detecting import LanguageDetector
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity.scorer import ToxicityScorer

TOXICITY_FOLDERS = ("toxicity", "multilingual")
"""Bundled weights that score toxicity."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``given`` is None if no weights know the comment's language, so that no score decides."""

    case: Case
    given: Label | None

    @property
    def right(self) -> bool:
        return self.given == self.case.label


def judge(scorer: Scorer, cases: Sequence[Case], language: str, limits: Mapping[str, float]) -> tuple[Judged, ...]:
    """A case is held if any label reaches its limit. Each is a comment under an article in the language.

    Each is scored alone: an int8 graph rounds a text a little differently beside other texts, and a count must not
    depend on the order of the cases.
    """
    scored = (scorer.score([Scorable(case.text, article_language=language)])[0] for case in cases)
    return tuple(Judged(case, _given(signals, limits)) for case, signals in zip(cases, scored, strict=True))


def limits_of(weights: Weights) -> Mapping[str, float]:
    """By signal. Raises ValueError if the manifest gives none."""
    limits: Mapping[str, float] = weights.manifest.get("default_limits", {})
    if not limits:
        raise ValueError(f"the manifest in {weights.folder} has no default_limits")
    return limits


def scorer_of(weights: Weights) -> Scorer:
    """The scorer that the workers load, with these weights for their languages and the bundled ones for all others.
    It scores toxicity and nothing else.

    Raises ModelUnavailable if a file is missing or not the one in its manifest.
    """
    judges = {name: _toxicity(beside) for name, beside in _beside(weights)}
    standings = {code: s for judge in reversed(tuple(judges.values())) for code, s in judge.standings.items()}
    return Scorer(LanguageScorer(LanguageDetector(), standings), ToxicityScorer(**judges))


def _beside(weights: Weights) -> Iterator[tuple[str, Weights]]:
    yield "given", weights
    for name in TOXICITY_FOLDERS:
        bundled = Weights.read(BUNDLED, default_models_dir() / name)
        if not set(bundled.languages) <= set(weights.languages):
            yield name, bundled


def _toxicity(weights: Weights) -> Toxicity:
    has_table = (Path(weights.folder) / TABLE_FILE).exists()
    return Toxicity(TableEngine(weights) if has_table else OnnxEngine(weights), weights)


def _given(signals: Sequence[Signal], limits: Mapping[str, float]) -> Label | None:
    values = {s.name: s.value for s in signals if s.name in limits and s.value is not None}
    if not values:
        return None
    return Label.HOLD if any(value >= limits[name] for name, value in values.items()) else Label.PUBLISH
