"""Adds the words that carry a signal to the verdicts that it decides, for a whole batch at once.

If that fails, the verdict remains without words. Only a batch that runs out of its time ends here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rq.timeouts import JobTimeoutException

from moderation.ground.values.signals import Of, Span
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Part, Reason, Verdict
from moderation.judging.signals.registry import SIGNALS
from moderation.spine.comments.moves import Judgement
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer

log = logging.getLogger(__name__)

Words = Mapping[str, tuple[Span, ...]]


def words_behind(scorer: Scorer, batch: Sequence[tuple[Scorable, Verdict]]) -> tuple[dict[int, Words], float]:
    """The evidence for the model signals that hold a comment, by the comment's place in the batch, and the seconds that
    each of these comments took. Those without such a signal are left out."""
    wanted = {
        i: Unexplained(scorable, names)
        for i, (scorable, verdict) in enumerate(batch)
        if (names := _unexplained(verdict))
    }
    if not wanted:
        return {}, 0.0
    started = time.perf_counter()
    words = dict(zip(wanted, _words(scorer, list(wanted.values())), strict=True))
    return words, (time.perf_counter() - started) / len(wanted)


def with_words(judgement: Judgement, words: Words, seconds: float) -> Judgement:
    """The judgement with this evidence, which took so many seconds more."""
    evidence = {name: spans for name, spans in words.items() if spans}
    scoring, verdict = judgement.scoring, judgement.verdict
    signals = tuple(replace(s, evidence=evidence[s.name]) if s.name in evidence else s for s in scoring.signals)
    reasons = tuple(_reason_with_words(reason, evidence) for reason in verdict.reasons)
    scoring = replace(scoring, signals=signals, seconds=scoring.seconds + seconds)
    return replace(judgement, scoring=scoring, verdict=Verdict(verdict.action, reasons))


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
    return [words for comment in wanted for words in _words(scorer, [comment])]


def _reason_with_words(reason: Reason, evidence: Words) -> Reason:
    if evidence.keys().isdisjoint((reason.signal, *(part.signal for part in reason.parts))):
        return reason
    parts = tuple(replace(part, evidence=evidence.get(part.signal, part.evidence)) for part in reason.parts)
    return replace(reason, evidence=evidence.get(reason.signal or "", reason.evidence), parts=parts)
