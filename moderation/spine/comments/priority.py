"""A comment's place in the moderators' queue, by expected harm, readers' reports and age."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from moderation.judging.signals.registry import SIGNALS

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HOURS_PER_HARM = 24.0  # a harmless comment that has waited a day comes before a certain insult that has just arrived
UNSCORED_HARM = 0.5
REPORT_WEIGHT = 0.25  # three reports weigh as much as half a certain insult
NOTICE_STEP = 100_000.0  # no comment waits as many days
HARM = tuple(name for name, spec in SIGNALS.items() if spec.is_harmful)


def priority(harm: float, reports: int, received_at: datetime) -> float:
    """Higher comes first: expected harm (0..1), readers' reports, and age.

    Age counts by the time of arrival, so the order of two comments never changes as time passes, and one index holds
    it.
    """
    hours = (received_at - EPOCH).total_seconds() / 3600
    return harm + REPORT_WEIGHT * math.log2(1 + reports) - hours / HOURS_PER_HARM


def with_notice(value: float, level: int) -> float:
    """A comment's priority as it is with notices of this level: 0 without any, 1 with one, 2 with a trusted flagger's.
    Age, harm and reports order the comments of one level, since they come nowhere near a step."""
    plain = value - NOTICE_STEP * round(value / NOTICE_STEP)
    return plain + NOTICE_STEP * level


def weight_of(reports: int) -> float:
    """The amount by which the last of so many reports raises the priority."""
    return REPORT_WEIGHT * (math.log2(1 + reports) - math.log2(reports))
