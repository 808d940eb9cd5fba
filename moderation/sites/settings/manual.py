"""Writes the table of a site's settings from their declarations: ``python -m moderation.sites.settings.manual
docs/site-settings.md`` replaces the lines between the page's marks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import DECLARED

BEGIN = "<!-- `python -m moderation.sites.settings.manual docs/site-settings.md` writes this table -->\n"
END = "<!-- end of the table -->\n"


def with_table(page: str) -> str:
    """Raises ValueError if the page has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN.strip()} and {END.strip()}")
    return "".join((before, BEGIN, "\n", *(f"{line}\n" for line in _table()), "\n", END, after))


def _table() -> Iterator[str]:
    yield "| subject | setting | default | limits | meaning |"
    yield "|---|---|---|---|---|"
    group = None
    for setting in DECLARED.values():
        about = setting.group.about
        subject = (
            f"[{about.title}]({about.page.removeprefix('site-settings.md')})" if setting.group is not group else ""
        )
        group = setting.group
        meaning = setting.said + setting.choices
        yield f"| {subject} | `{setting.name}` | {_default(setting.default)} | {_limits(setting)} | {meaning} |"


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple) and value:
        return "; ".join(value)
    return "none" if value in (None, (), {}) else f"`{value}`"


def _limits(setting: Declaration) -> str:
    if setting.high is None:
        return ""
    if setting.kind in (str, tuple):
        return f"≤ {setting.high:,} {'characters' if setting.kind is str else 'entries'}"
    return f"{'> ' if setting.is_above else ''}{setting.low:,}–{setting.high:,}"


def main(path: Path) -> None:
    """Rewrites the page in place."""
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
