"""Where a comment stands in the moderators' queue: by the harm to be expected of it, readers' reports, and age."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from moderation.signals.registry import SIGNALS

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HOURS_PER_HARM = 24.0  # a harmless comment that waited a day comes before a newly arrived certain insult
UNSCORED_HARM = 0.5
REPORT_WEIGHT = 0.25  # three reports weigh as much as half a certain insult
HARM = tuple(name for name, spec in SIGNALS.items() if spec.is_harmful)


def priority(harm: float, reports: int, received_at: datetime) -> float:
    """The place in the queue: expected harm (0..1), readers' reports, and age.

    Age counts by when the comment came, not by how long ago that is: the order of two comments never changes with
    time and one index keeps it.
    """
    hours = (received_at - EPOCH).total_seconds() / 3600
    return harm + REPORT_WEIGHT * math.log2(1 + reports) - hours / HOURS_PER_HARM


def weight_of(reports: int) -> float:
    """What the last of so many reports adds to the priority."""
    return REPORT_WEIGHT * (math.log2(1 + reports) - math.log2(reports))
