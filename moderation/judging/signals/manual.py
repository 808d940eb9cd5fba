"""Writes the documentation of the signals.

``python -m moderation.judging.signals.manual docs/policy.md`` replaces the end of that page, from its mark on, so
that every signal is described in one place only.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from moderation.ground.values.statuses import Action
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.spec import SignalSpec

MARK = "<!-- `python -m moderation.judging.signals.manual docs/policy.md` writes the rest of this page -->\n"
WIDTH = 120


def section() -> str:
    """Markdown: the directions, a table of the limits of a new site, and a paragraph on each signal under its name."""
    lines = [*_wrapped(_directions()), "", *_table()]
    return "\n".join([*lines, *(line for spec in SIGNALS.values() for line in _paragraph(spec))])


def with_section(page: str) -> str:
    """Raises ValueError if the page has no mark."""
    before, mark, _old = page.partition(MARK)
    if not mark:
        raise ValueError(f"the page has no line {MARK.strip()}")
    return f"{before}{mark}\n{section()}"


def _directions() -> str:
    low = [f"`{spec.name}`" for spec in SIGNALS.values() if spec.worse == "low"]
    return (
        "A signal that says how many is a **count**, a whole number; every other one is a **score** from 0 to 1. "
        f"More is worse, except for {', '.join(low[:-1])} and {low[-1]}."
    )


def _table() -> Iterator[str]:
    yield "| signal | a new site flags |"
    yield "|---|---|"
    for spec in SIGNALS.values():
        if default := _default(spec):
            yield f"| [`{spec.name}`](#{_anchor(spec.name)}) | {default} |"


def _default(spec: SignalSpec) -> str:
    if spec.default_limit is None:
        return "" if spec.allows_rules else "always, when 0; when 0.5, unless the site trusts the language"
    words = "from" if spec.bound_for(Action.FLAG) == "at_least" else "below"
    return f"{words} {spec.default_limit:g}{', or when missing' if spec.is_required else ''}"


def _paragraph(spec: SignalSpec) -> Iterator[str]:
    said = f"{spec.meaning} {spec.remarks}".strip()
    yield from ("", f"### {spec.name}", "")
    yield from _wrapped(said)


def _wrapped(said: str) -> list[str]:
    return textwrap.wrap(said, WIDTH, break_long_words=False, break_on_hyphens=False)


def _anchor(heading: str) -> str:
    """The anchor that GitHub makes for a heading."""
    return heading.replace(".", "")


def main(path: Path) -> None:
    """Rewrites the page in place."""
    path.write_text(with_section(path.read_text(encoding="utf-8")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
