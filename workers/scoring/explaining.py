"""Adds the words that carry a signal to the verdicts that it decides, for a whole batch at once.

If that fails, the verdict remains without words. Only a batch that runs out of its time ends here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rq.timeouts import JobTimeoutException

from moderation.signals.registry import SIGNALS
from moderation.values.signals import Of, Signal, Span
from moderation.values.statuses import Action
from moderation.values.verdicts import Part, Reason, Verdict
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer

log = logging.getLogger(__name__)

Words = Mapping[str, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Decided:
    """A comment, its signals, the verdict, and the seconds that both took."""

    scorable: Scorable
    signals: tuple[Signal, ...]
    verdict: Verdict
    seconds: float


def explained(scorer: Scorer, batch: Sequence[Decided]) -> list[Decided]:
    """The batch in order, with evidence for every model signal that holds a comment. Those comments share the time."""
    wanted = {
        i: Unexplained(one.scorable, names) for i, one in enumerate(batch) if (names := _unexplained(one.verdict))
    }
    if not wanted:
        return list(batch)
    started = time.perf_counter()
    words = dict(zip(wanted, _words(scorer, list(wanted.values())), strict=True))
    seconds = (time.perf_counter() - started) / len(wanted)
    return [_with_words(one, words[i], seconds) if i in words else one for i, one in enumerate(batch)]


def _unexplained(verdict: Verdict) -> tuple[str, ...]:
    if verdict.action is Action.PUBLISH:
        return ()
    parts = (part for reason in verdict.reasons for part in reason.looked_at)
    return tuple(dict.fromkeys(part.signal for part in parts if _needs_words(part)))


def _needs_words(part: Part) -> bool:
    spec = SIGNALS.get(part.signal)
    has_words = any(span.of is Of.COMMENT for span in part.evidence)
    return spec is not None and spec.model is not None and part.value is not None and not has_words


def _words(scorer: Scorer, wanted: list[Unexplained]) -> list[Words]:
    """Explains all together; if that fails, each alone, so that one comment does not cost the others their words."""
    try:
        return list(scorer.explain(wanted))
    except JobTimeoutException:
        raise  # the whole batch has used up its time
    except Exception:
        if len(wanted) == 1:
            log.exception("could not explain %s", ", ".join(wanted[0].signals))
            return [{}]
    return [words for one in wanted for words in _words(scorer, [one])]


def _with_words(one: Decided, words: Words, seconds: float) -> Decided:
    found = {name: spans for name, spans in words.items() if spans}
    signals = tuple(replace(s, evidence=found.get(s.name, s.evidence)) for s in one.signals)
    reasons = tuple(_reason_with_words(reason, found) for reason in one.verdict.reasons)
    return Decided(one.scorable, signals, Verdict(one.verdict.action, reasons), one.seconds + seconds)


def _reason_with_words(reason: Reason, found: Words) -> Reason:
    parts = tuple(replace(part, evidence=found.get(part.signal, part.evidence)) for part in reason.parts)
    return replace(reason, evidence=found.get(reason.signal or "", reason.evidence), parts=parts)
