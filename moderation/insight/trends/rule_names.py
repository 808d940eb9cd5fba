"""Names the rules on several signals of days that were counted when such a rule had no name in the tallies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.values.verdicts import ReasonCode
from moderation.insight.trends.rows import Period
from moderation.insight.trends.tally_rows import Tallies, TallyKind
from moderation.sites import rows as sites


def named(conn: Connection, period: Period, counted: Tallies) -> Tallies:
    """The tallies, with the name of the only rule on several signals that the policies had in the period. Where they
    had more than one, nobody knows which of them a comment was held by."""
    if not any(line.name == ReasonCode.COMBINED for line in counted if line.kind is TallyKind.REASON):
        return counted
    labels = {
        label
        for document in sites.policies_in_force(conn, period.site_ids, period.start, period.end)
        for label in _labels(document)
    }
    if len(labels) != 1 or not (label := labels.pop()):
        return counted
    tallies = Tallies()
    for line, count in counted.items():
        is_unnamed = line.kind is TallyKind.REASON and line.name == ReasonCode.COMBINED
        tallies[line._replace(name=label) if is_unnamed else line] += count
    return tallies


def _labels(document: Mapping[str, Any]) -> Iterator[str]:
    """Of the rules on several signals, those of sections and articles too; empty for one without words."""
    parts = [document, *document.get("sections", {}).values(), *document.get("articles", {}).values()]
    for part in parts:
        yield from (rule.get("label") or "" for rule in part.get("rules", ()) if "all" in rule)
