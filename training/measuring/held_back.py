"""``python -m training.measuring.held_back FOLDER``: how many cases of the held-back suite the weights have right.

It prints counts by functionality and by group, at the default limits of the weights, and never a single case: weights
are not to be improved by looking at these.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from training.publishing.card import written
from training.suites.cases import FOLDER, SUITES, languages, read_cases
from training.suites.counts import Counts, counts_of, read_counts, sums, table, write_counts
from training.suites.judging import judge, limits_of, scorer_of
from workers.scoring.engines.weights import Weights

SECTIONS = ("functionality", "group")


def measured(weights: Weights, asked: Sequence[str], suite: Path = FOLDER) -> dict[str, Counts]:
    """Counts by language. Raises ValueError for a language that has no cases or that the weights do not know."""
    known = tuple(code for code in languages(suite) if code in weights.languages)
    for code in asked:
        if code not in known:
            raise ValueError(f"language {code!r} has no cases or is not known to the weights: {', '.join(known)} are")
    scorer, limits = scorer_of(weights), limits_of(weights)
    return {code: counts_of(judge(scorer, read_cases(code, suite), code, limits)) for code in asked or known}


def main(arguments: list[str] | None = None) -> None:
    """Command line: measure, print, and write what is asked for."""
    given = _parser().parse_args(arguments)
    columns: dict[str, Counts] = {}
    weights = Weights.read(given.folder.name, given.folder)
    for code, counts in measured(weights, given.language, SUITES[given.suite]).items():
        if given.before:
            columns[f"{code}, before"] = read_counts(given.before / f"{code}.json")
        columns[code] = counts
        if given.counts:
            given.counts.mkdir(parents=True, exist_ok=True)
            write_counts(given.counts / f"{code}.json", counts)
    print("\n".join(table(section, columns) for section in SECTIONS))
    if given.card:
        parts = {"held back": sums(columns)}
        given.card.write_text(written(given.card.read_text(encoding="utf-8"), parts), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.measuring.held_back", description=__doc__)
    parser.add_argument("folder", type=Path, help="weights with a manifest")
    parser.add_argument("--suite", choices=SUITES, default=FOLDER.name)
    parser.add_argument("--language", action="append", default=[], help="else all that the weights know")
    parser.add_argument("--counts", type=Path, help="folder that gets LANGUAGE.json with the counts")
    parser.add_argument("--before", type=Path, help="folder of counts to print beside the new ones")
    parser.add_argument("--card", type=Path, help="model card that gets the sums between its markers")
    return parser


if __name__ == "__main__":
    main()
