"""How far the scores are trusted in a comment's language, as the signal ``language.supported`` carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from moderation.ground.values.signals import Signal
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED
from moderation.judging.text.language_names import UNDETERMINED

_PREFIX = "lang:"


class LanguageStanding(StrEnum):
    """By measurement on comments that people labelled, none of which the weights had seen."""

    DECIDES = "decides"
    ADVISES = "advises"  # scores are shown and order the queue, and a person decides
    UNKNOWN = "unknown"  # not scored


VALUES: Mapping[LanguageStanding, float] = MappingProxyType(
    {LanguageStanding.DECIDES: 1.0, LanguageStanding.ADVISES: 0.5, LanguageStanding.UNKNOWN: 0.0}
)


def least(standings: Iterable[LanguageStanding]) -> LanguageStanding:
    """The lowest of the standings: a comment in two languages is as doubtful as its more doubtful half."""
    return min(standings, key=VALUES.__getitem__)


def language_signal(languages: Sequence[str | None], standing: LanguageStanding) -> Signal:
    """``languages`` are those of one comment, the main one first."""
    codes = "+".join(language or UNDETERMINED for language in languages)
    return Signal(LANGUAGE_SUPPORTED.name, VALUES[standing], f"{_PREFIX}{codes}")


def languages_of(signal: Signal) -> tuple[str, ...]:
    """The languages in which a comment was scored, the main one first; empty if none is known."""
    codes = signal.source.removeprefix(_PREFIX).split("+")
    return tuple(code for code in codes if code not in ("", UNDETERMINED))
