"""Times, cut texts and sentences as the templates show them."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup, escape

from service.context import utc_now

STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (float("inf"), 86_400, "d"))
JUST_NOW_S = 10


def ago(then: datetime) -> Markup:
    """``3 min ago`` in a <time> that also gives the exact moment."""
    return _time(then, in_words((utc_now() - then).total_seconds()))


def moment(then: datetime) -> Markup:
    """``2 Mar 2026, 14:05 UTC`` in a <time>."""
    return _time(then, f"{then.astimezone(UTC):%-d %b %Y, %H:%M} UTC")


def in_words(seconds: float) -> str:
    """A stretch of time that ends now, in the largest unit that fits: ``4 h ago``."""
    if seconds < JUST_NOW_S:
        return "just now"
    _limit, unit, name = next(step for step in STEPS if seconds < step[0])
    return f"{int(seconds // unit)} {name} ago"


def short(text: str, length: int) -> str:
    """One line of a text, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def sentence(words: str) -> str:
    """With a capital and a full stop: errors come as fragments in lower case."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "…", "?", "!")) else ".")


def percent(share: float | None) -> str:
    """``12.5 %``, or a dash where there is no share."""
    return "–" if share is None else f"{100 * share:.1f} %"


def _time(then: datetime, words: str) -> Markup:
    """A list has one in every line, and ``Markup.format`` would take ten times as long."""
    exact = then.astimezone(UTC)
    in_full = f"{exact:%-d %B %Y, %H:%M:%S} UTC"
    moment = exact.isoformat(timespec="seconds")
    return Markup(f'<time datetime="{moment}" title="{in_full}">{escape(words)}</time>')
