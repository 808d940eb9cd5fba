"""Write the measured tables of the toxicity card from the report of `training.measuring.evaluate`.

It writes only between the card's markers; people write the words around the tables. The report has the numbers of each
source, which a reader of the card does not need.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.measuring.evaluate import NEWS, SOCIAL_AND_WIKI

FILES = {SOCIAL_AND_WIKI: "social media and talk pages", NEWS: "comments on news"}
LABELS = ("toxicity", "obscene", "threat", "insult", "identity_attack")
"""Labels that enough rows carry."""

Report = Mapping[str, Any]


def tables(report: Report) -> dict[str, str]:
    """Markdown by the name of its marker."""
    limits = ("limit for `toxicity`", *(f"{who} {what}" for who, what in _CELLS))
    return {
        "auc": _table(("comments", "label", "labelled", "positive", "AUC [95 % interval]"), _aucs(report)),
        "limits": _table(limits, (*_trade_offs(report), _at_default_limits(report))),
    }


_CELLS = (
    ("civil news comments", "held"),
    ("plainly toxic news comments", "caught"),
    ("other civil comments", "held"),
    ("other plainly toxic comments", "caught"),
)


def written(card: str, parts: Mapping[str, str]) -> str:
    """The card with each part between its markers. Raises ValueError where a marker is missing."""
    for name, table in parts.items():
        opening, closing = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        if opening not in card or closing not in card:
            raise ValueError(f"the card has no markers for {name!r}")
        head, rest = card.split(opening, 1)
        card = head + opening + table + closing + rest.split(closing, 1)[1]
    return card


def _aucs(report: Report) -> Iterator[Sequence[str]]:
    """All rows of each file by label, and the sources of news by toxicity alone."""
    for file, name in FILES.items():
        for label in LABELS:
            for source, measured in report["auc"][file].get(label, {}).items():
                if source == "all" or (file == NEWS and label == "toxicity"):
                    counts = (f"{measured['rows']:,}", f"{measured['positives']:,}")
                    yield name if source == "all" else source, label, *counts, _interval(measured)


def _interval(measured: Mapping[str, float]) -> str:
    return f"{measured['value']:.3f} [{measured['low']:.3f}–{measured['high']:.3f}]"


def _trade_offs(report: Report) -> Iterator[Sequence[str]]:
    cells = [key for file in (NEWS, SOCIAL_AND_WIKI) for key in (f"over_flagged_{file}", f"caught_{file}")]
    for line in report["toxicity_alone"]:
        yield f"{line['limit']:g}", *(_percent(line[cell]) for cell in cells)


def _at_default_limits(report: Report) -> Sequence[str]:
    rates = report["at_default_limits"]
    shares = (rates[kind][file] for file in (NEWS, SOCIAL_AND_WIKI) for kind in ("over_flagged", "caught"))
    return "all default limits", *map(_percent, shares)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (columns, ["---"] * len(columns), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: list[str] | None = None) -> None:
    """Command line: write the tables into a card."""
    parser = argparse.ArgumentParser(prog="python -m training.publishing.card", description=__doc__)
    parser.add_argument("report", type=Path, help="report.json of the weights that the card is about")
    parser.add_argument("--card", type=Path, default=Path("models/toxicity/README.md"))
    given = parser.parse_args(arguments)
    parts = tables(json.loads(given.report.read_text(encoding="utf-8")))
    given.card.write_text(written(given.card.read_text(encoding="utf-8"), parts), encoding="utf-8")


if __name__ == "__main__":
    main()
