"""Relevance as a signal, with the nearest passage as its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from moderation.ground.values.signals import Of, Signal, Vector
from moderation.judging.signals.model_signals import RELEVANCE
from moderation.judging.text.language_names import language_name
from moderation.judging.text.remarks import find_meta
from workers.scoring.encoder.passages import ABOUT_THE_SITE
from workers.scoring.relevance.comparing import JudgedRelevance, Relevance
from workers.scoring.scorable import Evidence, Scorable, Unexplained
from workers.scoring.vectors import kept

ON_TOPIC = 0.5
"""From here a comment is on topic more likely than not, whatever it also says about the site."""


class RelevanceScorer:
    """The first weights that know the languages of a comment and of its article judge it."""

    names = (RELEVANCE.name,)

    def __init__(self, **judges: Relevance) -> None:
        """Weights by the name that a scoring keeps. The first ones also judge where no language is known."""
        self._judges = tuple(judges.values())
        self.languages = frozenset(code for judge in self._judges for code in judge.languages)
        self.models = {name: judge.version for name, judge in judges.items()}

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        """It abstains from a comment that would be off topic, but is about moderation or the site itself. The signal
        says so if only passages of a long article were read."""
        places, signals = self._by_judge(batch), dict[int, Signal]()
        for judge, own in zip(self._judges, places, strict=True):
            judged = judge.score([batch[i] for i in own])
            for i, judgement in zip(own, judged, strict=True):
                signal = _signal(_unless_meta(judgement, batch[i]), judge)
                is_sample = judgement.value is not None and judge.article(batch[i]).is_sample
                signals[i] = replace(signal, in_part=(Of.ARTICLE,)) if is_sample else signal
        return [(signals.get(i) or self._unjudged(comment),) for i, comment in enumerate(batch)]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        scorables = [unexplained.scorable for unexplained in batch]
        evidence: list[Evidence] = [{} for _ in batch]
        for judge, own in zip(self._judges, self._by_judge(scorables), strict=True):
            for i, spans in zip(own, judge.explain([scorables[i] for i in own]), strict=True):
                evidence[i] = {RELEVANCE.name: spans}
        return evidence

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """Of comments in a language of the first weights, whatever their article is written in."""
        first = self._judges[0]
        own = {i: comment for i, comment in enumerate(batch) if comment.language in first.languages}
        vectors = dict(zip(own, first.comment_vectors(list(own.values())), strict=True))
        return [kept(vectors.get(i), first.space) for i in range(len(batch))]

    def _by_judge(self, batch: Sequence[Scorable]) -> list[list[int]]:
        """For each weights, the places of the comments that they judge."""
        judges = [self._judge_of(comment) for comment in batch]
        return [[i for i, judge in enumerate(judges) if judge == at] for at in range(len(self._judges))]

    def _judge_of(self, comment: Scorable) -> int | None:
        known = _languages(comment)
        if not known:
            return 0
        return next((at for at, judge in enumerate(self._judges) if judge.compares(known[0], known[-1])), None)

    def _unjudged(self, comment: Scorable) -> Signal:
        """The reason names the language that no weights know, or else the two that were not measured beside each
        other."""
        languages = _languages(comment)
        foreign = next((language_name(code) for code in languages if code not in self.languages), None)
        foreign = foreign or " under ".join(map(language_name, languages))
        return _signal(JudgedRelevance(None, f"no relevance model for {foreign}"), self._judges[0])


def _languages(comment: Scorable) -> tuple[str, ...]:
    """Those of the comment and of its article, as far as they are known."""
    return tuple(filter(None, (comment.language, comment.article_language or comment.language)))


def _signal(judged: JudgedRelevance, judge: Relevance) -> Signal:
    value = None if judged.value is None else round(judged.value, 6)
    return Signal(RELEVANCE.name, value, judge.version, judged.abstained, judged.evidence)


def _unless_meta(judged: JudgedRelevance, comment: Scorable) -> JudgedRelevance:
    if judged.value is None or judged.value >= ON_TOPIC:
        return judged
    with comment.budget:
        return JudgedRelevance(None, ABOUT_THE_SITE) if find_meta(comment.reading) else judged
