"""How fast a comment was typed: what was pasted or posted by a program has no time to be typed in."""

from __future__ import annotations

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import NOT_SENT, Measured, SignalSpec

MIN_CHARS = 40  # under this a word that the keyboard suggests swings the speed
FASTEST = 1_000.0


def _measure(c: CommentToScore) -> Measured:
    if c.typed_s is None:
        return NOT_SENT
    chars = len(c.comment.text)
    if chars < MIN_CHARS:
        return Measured(None, "too short")
    return Measured(float(int(min(FASTEST, chars / max(c.typed_s, chars / FASTEST)))))


TYPING_SPEED = SignalSpec(
    name="typing_speed",
    title="Typing speed",
    meaning="How many characters of the comment came for each second that its author typed.",
    remarks=(
        f"From `typed_s`; abstains where the site has not sent it, and under {MIN_CHARS} characters. People type up to "
        "ten or so; a pasted text, one's own too, is faster."
    ),
    scale="count",
    measure=_measure,
)
