"""``python -m training.multilingual.measuring.written_cases FOLDER``: which languages also pass the written cases.

A language that decides by its labelled rows advises if it holds civil talk of groups, or lets direct threats pass: few
sources have either, so their rows do not show it. With ``--write``, the manifest says so.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from moderation.judging.signals.language import LanguageStanding
from training.measuring.held_back import measured
from training.suites.cases import SUITES, Label
from training.suites.counts import Counts
from workers.scoring.engines.weights import MANIFEST, Weights
from workers.scoring.export.exporting import write_json

SUITE = SUITES["by_language"]
LEAST = {f"civil_talk_of_a_group, {Label.PUBLISH}": 0.9, f"direct_threat, {Label.HOLD}": 0.6}
"""The share of right answers that a language needs of each kind."""


def passes(counts: Counts) -> bool:
    """Whether one language has enough right answers of each kind."""
    by_kind = counts["functionality"]
    return all(by_kind[kind].right >= least * by_kind[kind].total for kind, least in LEAST.items())


def earned(standings: Mapping[str, str], by_language: Mapping[str, Counts]) -> dict[str, str]:
    """The standings; a language without cases, or one that does not pass, decides nothing. English has suites of its
    own."""
    passing = {code for code, counts in by_language.items() if passes(counts)} | {"en"}
    advises = LanguageStanding.ADVISES.value
    return {
        code: advises if standing == LanguageStanding.DECIDES and code not in passing else standing
        for code, standing in standings.items()
    }


def apply(folder: Path) -> dict[str, str]:
    """Writes the standings that the cases leave into the manifest, and returns them."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    left = earned(manifest["standings"], measured(Weights.read(folder.name, folder), (), SUITE))
    write_json(path, {**manifest, "standings": left})
    return left


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: print which languages pass, and write the manifest if that is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m training.multilingual.measuring.written_cases", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="weights with a manifest")
    parser.add_argument("--write", action="store_true", help="let a language that does not pass advise only")
    given = parser.parse_args(arguments)
    by_code = measured(Weights.read(given.folder.name, given.folder), (), SUITE)
    print("\n".join(f"{code} {'passes' if passes(counts) else 'does not pass'}" for code, counts in by_code.items()))
    if given.write:
        print(json.dumps(apply(given.folder)))


if __name__ == "__main__":
    main()
