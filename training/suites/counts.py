"""Counts of right answers on the held-back suite, as a table and as a file. No single case is in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from moderation.ground.estimates import counted_share
from training.suites.cases import Case
from training.suites.judging import Judged

ALL = "all"
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Count:
    right: int
    total: int

    def __str__(self) -> str:
        """Right of all, and the share in percent with its 95 % Wilson interval."""
        share = counted_share(self.right, self.total)
        if share is None:
            return NOTHING
        low, value, high = (f"{100 * part:.0f}" for part in (share.low, share.share, share.high))
        return f"{self.right}/{self.total} · {value} % [{low}–{high}]"


SUMS = (
    ("civil comments, published", "functionality", f"{ALL}, publish"),
    ("abusive comments, held", "functionality", f"{ALL}, hold"),
    ("civil comments that name a group, published", "group", f"{ALL}, publish"),
    ("attacks on a group that is named, held", "group", f"{ALL}, hold"),
    (ALL, "functionality", ALL),
)

Counts = Mapping[str, Mapping[str, Count]]
"""By section (``functionality`` or ``group``) and by the name of the line, which ends in the label."""


def counts_of(judged: Iterable[Judged]) -> Counts:
    """The last lines of each section sum up its cases by label; the last of the functionalities sums up all."""
    judged = tuple(judged)
    by_functionality = _counted(judged, lambda case: case.functionality)
    named = tuple(answer for answer in judged if answer.case.group)
    by_group = _counted(named, lambda case: case.group or "")
    everything = {ALL: Count(sum(answer.right for answer in judged), len(judged))}
    return {"functionality": by_functionality | everything, "group": by_group}


def _counted(judged: tuple[Judged, ...], key: Callable[[Case], str]) -> dict[str, Count]:
    lines: dict[str, list[bool]] = {}
    for answer in judged:
        for name in (key(answer.case), ALL):
            lines.setdefault(f"{name}, {answer.case.label}", []).append(answer.right)
    ordered = sorted(lines, key=lambda line: (line.startswith(ALL), line.endswith("hold"), line))
    return {line: Count(sum(lines[line]), len(lines[line])) for line in ordered}


def table(section: str, columns: Mapping[str, Counts]) -> str:
    """Markdown with one line for each name in any of the columns, in the order of the last one."""
    names = dict.fromkeys(name for counts in reversed(tuple(columns.values())) for name in counts[section])
    rows = ([name, *(str(counts[section].get(name, NOTHING)) for counts in columns.values())] for name in names)
    head = [f"{section}, right answer", *columns]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *rows))


def sums(columns: Mapping[str, Counts]) -> str:
    """Markdown with the sums alone: what a reader of a model card needs."""
    lines = [f"| {' | '.join(('cases', *columns))} |", f"|{'---|' * (len(columns) + 1)}"]
    for says, section, name in SUMS:
        cells = (str(counts[section].get(name, NOTHING)) for counts in columns.values())
        lines.append(f"| {' | '.join((says, *cells))} |")
    return "".join(f"{line}\n" for line in lines)


def write_counts(path: Path, counts: Counts) -> None:
    """As JSON: ``{section: {line: [right, total]}}``."""
    form = {section: {name: [c.right, c.total] for name, c in lines.items()} for section, lines in counts.items()}
    path.write_text(json.dumps(form, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_counts(path: Path) -> Counts:
    """Raises ValueError if the file is not the form that ``write_counts`` writes."""
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
        return {section: {name: Count(*pair) for name, pair in lines.items()} for section, lines in form.items()}
    except (ValueError, TypeError, AttributeError) as e:
        raise ValueError(f"{path} holds no counts of the held-back suite") from e
