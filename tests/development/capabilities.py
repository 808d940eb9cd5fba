"""Measures the bundled weights on the development cases, one capability at a time.

``python -m tests.development.capabilities`` prints the table; with ``--misses`` each wrong case too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.ground.values.signals import Signal
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED
from workers.scoring.engines.weights import default_models_dir
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

HERE = Path(__file__).parent
FLOORS = HERE / "floors.json"
SLACK_CASES = 2
"""A floor lies this many cases below what was measured: int8 rounds differently from processor to processor."""

OTHER_LANGUAGE = "other_language"


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    expect: str  # "civil" or "toxic"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case as it was judged: right or wrong, with the highest toxicity signal."""

    case: Case
    right: bool
    highest: float | None


@dataclass(frozen=True, slots=True)
class Result:
    capability: str
    outcomes: tuple[Outcome, ...]

    @property
    def right(self) -> int:
        return sum(outcome.right for outcome in self.outcomes)

    @property
    def share(self) -> float:
        return self.right / len(self.outcomes)


def capabilities() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (HERE / "cases").glob("*.jsonl")))


def read_cases(capability: str) -> tuple[Case, ...]:
    lines = (HERE / "cases" / f"{capability}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Case(form["text"], form["expect"]) for form in map(json.loads, lines))


def default_limits() -> Mapping[str, float]:
    """Per signal the value from which the bundled weights' manifest advises to hold a comment."""
    manifest = json.loads((default_models_dir() / "toxicity" / "manifest.json").read_text(encoding="utf-8"))
    limits: Mapping[str, float] = manifest["default_limits"]
    return limits


def judge(scorer: Scorer, capability: str, limits: Mapping[str, float]) -> Result:
    """Score every case: a toxic one must be held at the limits, a civil one must not, a foreign one must abstain.

    English cases are comments under an English article: without one, a short disguised text has no language.
    """
    cases = read_cases(capability)
    article_language = None if capability == OTHER_LANGUAGE else "en"
    scored = scorer.score([Scorable(case.text, article_language=article_language) for case in cases])
    outcomes = (_outcome(capability, case, s, limits) for case, s in zip(cases, scored, strict=True))
    return Result(capability, tuple(outcomes))


def table(results: Sequence[Result], floors: Mapping[str, float]) -> str:
    """One line per capability: right, of all, share, and the floor."""
    lines = [f"{'capability':<38} {'right':>7} {'share':>6} {'floor':>6}"]
    for r in results:
        count = f"{r.right}/{len(r.outcomes)}"
        lines.append(f"{r.capability:<38} {count:>7} {r.share:>6.0%} {floors.get(r.capability, 0.0):>6.0%}")
    right, total = sum(r.right for r in results), sum(len(r.outcomes) for r in results)
    return "\n".join([*lines, f"{'all':<38} {f'{right}/{total}':>7} {right / total:>6.0%}"])


def read_floors() -> Mapping[str, float]:
    floors: Mapping[str, float] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return floors


def floors_from(results: Sequence[Result]) -> dict[str, float]:
    """The floors to assert from now on: each capability as measured, less the slack, rounded down."""
    return {r.capability: max(0, r.right - SLACK_CASES) * 1000 // len(r.outcomes) / 1000 for r in results}


def _outcome(capability: str, case: Case, signals: Sequence[Signal], limits: Mapping[str, float]) -> Outcome:
    limited = [s for s in signals if s.name in limits]
    held = any(s.value is not None and s.value >= limits[s.name] for s in limited)
    abstains = any(s.value is None for s in limited)
    highest = max((s.value for s in limited if s.value is not None), default=None)
    if capability == OTHER_LANGUAGE:  # a person reads it, unless the weights decide in its language
        decides = any(s.name == LANGUAGE_SUPPORTED.name and s.value == 1 for s in signals)
        return Outcome(case, not decides or held == (case.expect == "toxic"), highest)
    return Outcome(case, not abstains and held == (case.expect == "toxic"), highest)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.development.capabilities", description=__doc__)
    parser.add_argument("--misses", action="store_true", help="also print every wrong case")
    parser.add_argument("--write-floors", action="store_true", help="what is measured now becomes the floor")
    given = parser.parse_args()
    scorer, limits = Scorer.load(), default_limits()
    results = [judge(scorer, capability, limits) for capability in capabilities()]
    if given.write_floors:
        FLOORS.write_text(json.dumps(floors_from(results), indent=2) + "\n", encoding="utf-8")
    print(table(results, read_floors() if FLOORS.exists() else {}))
    for result in results if given.misses else ():
        for outcome in (o for o in result.outcomes if not o.right):
            print(f"{result.capability}: {outcome.highest} {outcome.case.expect}: {outcome.case.text[:150]!r}")


if __name__ == "__main__":
    main()
