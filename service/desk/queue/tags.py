"""Says why each line of the queue was held, for its tag. The reasons were read for the excerpts: there is no further
query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moderation.ground.values.decisions import Reasons
from moderation.ground.values.verdicts import ReasonCode
from moderation.moderators.queue.rows import QueueLine
from service.desk.frame.sentences.wording import reason_title


def titles(lines: Iterable[QueueLine], why: Mapping[str, Reasons]) -> dict[str, str]:
    """The titles, by the line's id. A rule on several signals goes by its own words, where it has some."""
    return {line.id: reason_title(_named(line, why.get(line.id, ()))) for line in lines}


def _named(line: QueueLine, reasons: Reasons) -> str | None:
    first = reasons[0] if reasons else {}
    is_combined = line.flagged_for == first.get("code") == ReasonCode.COMBINED
    return str(first.get("label") or line.flagged_for) if is_combined else line.flagged_for
