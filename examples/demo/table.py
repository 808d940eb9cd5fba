"""The table at the end of the demo: each comment's decision and its reasons."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from moderation.judging.signals.registry import SIGNALS

STYLES = {"published": "green", "flagged": "yellow", "rejected": "red", "withdrawn": "dim", "waiting": "dim"}
SIGNS = {"at_least": "≥", "below": "<"}
WORDS = {
    "default": "no limit reached",
    "missing": "a signal is missing",
    "language": "its language",
    "disagreement": "the rules disagree",
    "premoderated": "the article is premoderated",
    "author_hold": "the author is on hold",
    "mode": "the newsroom is in a mode for breaking news",
    "author_trusted": "the author is trusted",
    "scoring_failed": "it could not be scored",
    "too_costly": "it takes too long to read",
    "reported": "readers reported it",
}
MAX_REASONS = 2
COMMENT_COLUMNS = 46

Outcome = tuple[dict[str, Any], dict[str, Any]]


def table(outcomes: Iterable[Outcome]) -> Table:
    shown = Table(title="What was decided, and why", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("Comment", no_wrap=True, max_width=COMMENT_COLUMNS)
    shown.add_column("An example of", no_wrap=True, style="dim")
    shown.add_column("Decision", no_wrap=True)
    shown.add_column("Why", overflow="fold")
    for sent, comment in outcomes:
        status = Text(comment["status"], STYLES[comment["status"]])
        shown.add_row(Text(one_line(sent["text"])), sent["kind"].replace("_", " "), status, Text(why(comment)))
    return shown


def one_line(text: str) -> str:
    """The beginning of a text, without zero-width characters, which would push the table out of line."""
    visible = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn", "Me"))
    return textwrap.shorten(visible, COMMENT_COLUMNS, placeholder="…") if len(visible) > COMMENT_COLUMNS else visible


def why(comment: dict[str, Any]) -> str:
    """The first reasons, each value beside its limit."""
    decision = comment["decision"]
    if decision is None:
        return "not decided yet"
    if decision["by"] != "policy":
        return decision["note"] or f"decided by {decision['by']}"
    reasons = [reason_in_words(reason) for reason in decision["reasons"]]
    more = f" and {len(reasons) - MAX_REASONS} more" if len(reasons) > MAX_REASONS else ""
    return "; ".join(reasons[:MAX_REASONS]) + more


def reason_in_words(reason: dict[str, Any]) -> str:
    if reason["code"] == "rule":
        return f"{reason['label']}: {_beside_limit(reason)}"
    if reason["code"] == "combined":
        parts = " and ".join(f"{SIGNALS[part['signal']].title} {_beside_limit(part)}" for part in reason["parts"])
        return f"{reason['label']}: {parts}"
    words = WORDS.get(reason["code"], reason["code"])
    return f"{words} ({detail})" if (detail := reason["detail"]) else words


def _beside_limit(part: dict[str, Any]) -> str:
    return f"{part['value']:.2f} {SIGNS[part['bound']]} {part['limit']:g}"


def summary(outcomes: Sequence[Outcome]) -> str:
    counted = Counter(comment["status"] for _, comment in outcomes)
    return f"{len(outcomes)} comments: " + ", ".join(f"{number} {status}" for status, number in counted.most_common())
