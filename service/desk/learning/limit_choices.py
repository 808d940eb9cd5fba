"""Counted limits as the page shows them: a curve, the limits to choose from, and shares in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from service.desk.frame import charts
from service.desk.frame.formats import percent

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """A limit, and in words the wish that it reaches. ``point`` is None where no limit does."""

    words: str
    point: Content | None
    is_sure: bool  # it reaches the wish at the worse end of the interval, too
    is_chosen: bool = False


def choices(content: Content) -> list[Choice]:
    """The site's own wish first, then the limit that people can read, then other errors. None without a curve."""
    if not content.get("curve"):
        return []
    wishes = content["wishes"]
    own, readable = wishes["wrong_published"], content["readable"]
    found = [
        _choice(f"Your wish: at most {percent(own)} wrongly published", content["publishing"], own, is_chosen=True),
        _choice(f"The strictest that people can read: {wishes['read_per_day']:,} a day", readable, own),
    ]
    others = ((wish, point) for wish, point in content["offered"] if wish != own)
    return found + [_choice(f"At most {percent(wish)} wrongly published", point, wish) for wish, point in others]


def chart(content: Content) -> Markup | None:
    """None without a curve."""
    known = [point for point in content.get("curve", ()) if point["wrong"] is not None]
    if not known:
        return None
    known.sort(key=lambda point: point["automated"])
    points = [(p["automated"], p["wrong"]["share"], p["wrong"]["low"], p["wrong"]["high"]) for p in known]
    title = "Wrongly published, by the share that is decided without a person"
    return charts.curve(points, wish=content["wishes"]["wrong_published"], title=title)


def within(share: Mapping[str, float] | None) -> str:
    """``0.8 % (0.5 % to 1.3 %)``"""
    if share is None:
        return "none"
    return f"{percent(share['share'])} ({percent(share['low'])} to {percent(share['high'])})"


def _choice(words: str, point: Content | None, wish: float, *, is_chosen: bool = False) -> Choice:
    is_sure = point is not None and point["wrong"] is not None and point["wrong"]["high"] <= wish
    return Choice(words, point, is_sure, is_chosen and point is not None)
