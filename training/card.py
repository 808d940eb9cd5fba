"""Write the measured tables of the toxicity card from the reports of `training.evaluate`.

It writes only between the card's markers; people write the words around the tables.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.evaluate import NEWS, SOCIAL_AND_WIKI

FILES = {SOCIAL_AND_WIKI: "validation, all", NEWS: "all three news sources"}
PER_SOURCE = ("toxicity", "obscene", "threat", "insult", "identity_attack")
"""Labels that enough rows of single sources carry."""

Report = Mapping[str, Any]


def tables(now: Report, before: Report) -> dict[str, str]:
    """Markdown by the name of its marker."""
    return {
        "auc": _table(("rows", "label", "labelled", "positive", "before", "now"), _aucs(now, before)),
        "toxicity alone": _table(
            ("limit for `toxicity`", *(f"{who} {what}" for who, what in _CELLS)), _trade_offs(now, before)
        ),
        "default limits": _table(("rows", "civil rows held", "plainly toxic rows caught"), _at_limits(now)),
    }


_CELLS = (
    ("civil news comments", "held"),
    ("toxic news comments", "caught"),
    ("civil validation rows", "held"),
    ("toxic validation rows", "caught"),
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


def _aucs(now: Report, before: Report) -> Iterator[Sequence[str]]:
    for file, all_rows in FILES.items():
        for label in PER_SOURCE:
            for source, measured in now["auc"][file].get(label, {}).items():
                old = before["auc"].get(file, {}).get(label, {}).get(source)
                counts = (f"{measured['rows']:,}", f"{measured['positives']:,}")
                name = all_rows if source == "all" else source
                yield name, label, *counts, _interval(old) if old else "–", _interval(measured)


def _interval(measured: Mapping[str, float]) -> str:
    return f"{measured['value']:.3f} [{measured['low']:.3f}–{measured['high']:.3f}]"


def _trade_offs(now: Report, before: Report) -> Iterator[Sequence[str]]:
    old = {line["limit"]: line for line in before["toxicity_alone"]}
    for line in now["toxicity_alone"]:
        cells = [key for file in (NEWS, SOCIAL_AND_WIKI) for key in (f"over_flagged_{file}", f"caught_{file}")]
        yield f"{line['limit']:g}", *(f"{_percent(line[c])} ({_percent(old[line['limit']][c])[:-2]})" for c in cells)


def _at_limits(now: Report) -> Iterator[Sequence[str]]:
    rates = now["at_default_limits"]
    names = sorted({*rates["over_flagged"], *rates["caught"]} - set(FILES))
    for name in (NEWS, SOCIAL_AND_WIKI, *names):
        held, caught = (rates[kind].get(name) for kind in ("over_flagged", "caught"))
        yield FILES.get(name, name), _percent(held), _percent(caught)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (columns, ["---"] * len(columns), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: list[str] | None = None) -> None:
    """Command line: write the tables into a card."""
    parser = argparse.ArgumentParser(prog="python -m training.card", description=__doc__)
    parser.add_argument("--now", type=Path, required=True, help="report.json of the weights that the card is about")
    parser.add_argument("--before", type=Path, required=True, help="report.json of what they are compared with")
    parser.add_argument("--card", type=Path, default=Path("models/toxicity/README.md"))
    given = parser.parse_args(arguments)
    now, before = (json.loads(path.read_text(encoding="utf-8")) for path in (given.now, given.before))
    given.card.write_text(written(given.card.read_text(encoding="utf-8"), tables(now, before)), encoding="utf-8")


if __name__ == "__main__":
    main()
