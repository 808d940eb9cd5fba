"""What another policy would have done with the comments that were scored already. Arithmetic; nothing is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from moderation import policy
from moderation.model import Action, CommentStatus, Policy, Signal
from moderation.signals import SIGNALS
from moderation.store.replays import Scored
from moderation.words import find_words

BINS = 20
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """Comments on which the two policies part, and what people said of those among them that they judged."""

    count: int
    judged: int
    agreed: int  # with the candidate: rejected what it would hold, approved what it would let through
    examples: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    total: int
    held_now: int
    held_then: int
    newly_held: Difference
    no_longer_held: Difference


def compare(scored: Sequence[Scored], current: Policy, candidate: Policy) -> Replay:
    """``held`` is whatever is not published at once."""
    newly, no_longer = [], []
    held_now = held_then = 0
    for comment in scored:
        now, then = _is_held(comment, current), _is_held(comment, candidate)
        held_now, held_then = held_now + now, held_then + then
        if then and not now:
            newly.append(comment)
        elif now and not then:
            no_longer.append(comment)
    return Replay(
        len(scored),
        held_now,
        held_then,
        _difference(newly, CommentStatus.REJECTED),
        _difference(no_longer, CommentStatus.PUBLISHED),
    )


def histogram(scored: Sequence[Scored], signal: str) -> list[int] | None:
    """How the site's own comments lie over 0..1, in twentieths; None for a signal that counts."""
    spec = SIGNALS.get(signal)
    if spec is None or spec.scale != "score":
        return None
    counts = [0] * BINS
    for comment in scored:
        value = comment.value(signal)
        if value is not None:
            counts[min(int(value * BINS), BINS - 1)] += 1
    return counts


def _is_held(comment: Scored, by: Policy) -> bool:
    signals = [_counted(comment, signal, by) for signal in comment.signals]
    return policy.decide(signals, by, comment.circumstances).action is not Action.PUBLISH


def _counted(comment: Scored, signal: Signal, by: Policy) -> Signal:
    """Signals of word lists are counted anew, as the lists are part of the policy."""
    words = {"words.banned": by.banned_words, "words.suspect": by.suspect_words}.get(signal.name)
    return signal if words is None else replace(signal, value=float(len(find_words(comment.text, words))))


def _difference(comments: Sequence[Scored], right: CommentStatus) -> Difference:
    judged = [c for c in comments if c.judged is not None]
    agreed = sum(c.judged is right for c in judged)
    return Difference(len(comments), len(judged), agreed, tuple(comments[:EXAMPLES]))
