"""How often a comment uses words from the site's banned and suspect lists."""

from __future__ import annotations

from moderation.ground.values.policies import Policy
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec, counted
from moderation.judging.text.reading import Reading


def _banned(reading: Reading, policy: Policy) -> Measured:
    return counted(reading.uses_of(policy.banned_words))


def _suspect(reading: Reading, policy: Policy) -> Measured:
    return counted(reading.uses_of(policy.suspect_words))


def _banned_in(c: CommentToScore) -> Measured:
    return _banned(c.reading, c.policy)


def _suspect_in(c: CommentToScore) -> Measured:
    return _suspect(c.reading, c.policy)


BANNED = SignalSpec(
    name="words.banned",
    title="Banned words",
    meaning="How many times the comment uses words or phrases from the site's banned list.",
    scale="count",
    measure=_banned_in,
    measure_again=_banned,
    lists=("banned_words",),
    is_masked=True,
    tone="harm",
)

SUSPECT = SignalSpec(
    name="words.suspect",
    title="Suspect words",
    meaning="How many times the comment uses words or phrases from the site's suspect list.",
    scale="count",
    measure=_suspect_in,
    measure_again=_suspect,
    lists=("suspect_words",),
    is_masked=True,
    tone="harm",
)
