"""Numbers for Prometheus about the limits by wish: the figures as a site counted them last, none for a site that never
did. A scrape counts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from moderation.insight.trends.figure_rows import Figures

GOALS = {"today": "today", "wish": "publishing", "readable": "readable", "rejecting": "rejecting"}
"""The labels of limits, each with its name in the figures."""


def limit_metrics(counted: Mapping[str, Figures]) -> Iterator[Metric]:
    """``counted`` is by the site's name."""
    yield from _about(counted)
    yield from _of_limits(counted)


def _about(counted: Mapping[str, Figures]) -> Iterator[Metric]:
    moment = _family("gavel_limits_counted_timestamp_seconds", "When the limits by wish were counted")
    per_day = _family("gavel_limits_comments_per_day", "Comments that the policy decided a day")
    readable = _family("gavel_limits_read_per_day", "Comments a day that people can read, by the wish")
    judged = _family("gavel_limits_judged", "Comments that people judged, by the policy's verdict", "verdict")
    for site, figures in counted.items():
        moment.add_metric((site,), figures.counted_at.timestamp())
        per_day.add_metric((site,), figures.content["per_day"])
        readable.add_metric((site,), figures.content["wishes"]["read_per_day"])
        for verdict, number in figures.content["judged"].items():
            judged.add_metric((site, verdict), number)
    yield from (moment, per_day, readable, judged)


def _of_limits(counted: Mapping[str, Figures]) -> Iterator[Metric]:
    limit = _family("gavel_limits_limit", "The limit that reaches the goal", "goal", "signal")
    error = _family("gavel_limits_error", "Share that people would decide otherwise", "goal", "bound")
    decided = _family("gavel_limits_decided_share", "Share that is decided without a person", "goal")
    held = _family("gavel_limits_held_per_day", "Comments a day that go to a person", "goal")
    for site, goal, signal, point in _points(counted):
        if point["limit"] is not None:
            limit.add_metric((site, goal, signal), point["limit"])
        for bound, name in (("low", "low"), ("estimate", "share"), ("high", "high")) if point["wrong"] else ():
            error.add_metric((site, goal, bound), point["wrong"][name])
        decided.add_metric((site, goal), point["automated"])
        held.add_metric((site, goal), point["held_per_day"])
    yield from (limit, error, decided, held)


def _points(counted: Mapping[str, Figures]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """The site, the goal, the signal, and the point of the curve; a goal that no limit reaches has none."""
    for site, figures in counted.items():
        for goal, name in GOALS.items():
            if (point := figures.content[name]) is not None:
                yield site, goal, figures.content["signal"], point


def _family(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=("site", *labels))
