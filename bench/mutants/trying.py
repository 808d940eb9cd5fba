"""Puts a mutant to the trial of changes, and measures its harm beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.mutants.harm import Harm, Shift, harm, shift, shift_of
from bench.mutants.labelled import Labelled
from bench.mutants.last_layers import LastLayersBench
from bench.mutants.newsroom import Newsroom
from bench.mutants.policies import PolicyMutant
from bench.mutants.ways import Counts, verdicts
from bench.mutants.weights import WeightsMutant
from moderation.ground.values.policies import Policy
from moderation.ground.values.signals import Signal
from moderation.insight.trials.policies import answers
from moderation.insight.trials.values import Answers, compare
from moderation.judging.policy.replay import ReplayedComment
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.language.deciding import language_of
from workers.scoring.scorable import Scorable
from workers.scoring.toxicity.scorer import ToxicityScorer

Signals = tuple[Signal, ...]
ENGLISH = "en"
BATCH = 64
TOGETHER = 500  # comments whose texts are read in one budget


@dataclass(frozen=True, slots=True)
class TriedMutant:
    """``stopped`` is by the way in which it was decided."""

    family: str
    kind: str
    toxic: Shift
    civil: Shift
    injected: Shift
    counts: tuple[Counts, ...]
    stopped: Mapping[str, bool]

    @property
    def harm(self) -> Harm:
        return harm(self.toxic, self.civil, self.injected)

    @property
    def changes(self) -> bool:
        """Whether any comment that measures harm has another answer."""
        return any(side.wronged or side.righted for side in (self.toxic, self.civil, self.injected))

    def form(self) -> dict[str, Any]:
        return {**asdict(self), "harm": self.harm, "shares": [self.toxic.share, self.civil.share]}


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether each text of the trial is held, and each comment that measures harm, in their order."""

    tried: Answers
    judged: Sequence[bool]
    attacked: Sequence[bool] = ()  # comments that tell a model how to judge them


@dataclass(frozen=True, slots=True)
class Trying:
    room: Newsroom
    judged: Sequence[Labelled]

    def policies(self, policy: Policy, mutants: Sequence[PolicyMutant]) -> Iterator[TriedMutant]:
        before = self._answered(policy, self.room.signals, self.room.judged)
        for mutant in mutants:
            after = self._answered(mutant.policy, self.room.signals, self.room.judged)
            yield self.tried("policy", mutant.kind, before, after)

    def weights(
        self, policy: Policy, opened: LastLayersBench, mutants: Sequence[WeightsMutant]
    ) -> Iterator[TriedMutant]:
        texts = self._english()
        with opened.weights(None) as toxicity:
            before = self._rescored(policy, toxicity, texts)
        for mutant in mutants:
            with opened.weights(mutant) as toxicity:
                after = self._rescored(policy, toxicity, texts)
            yield self.tried("weights", mutant.kind, before, after)

    def tried(
        self, family: str, kind: str, before: Answered, after: Answered, *, is_refused: bool | None = None
    ) -> TriedMutant:
        """``is_refused`` says whether something else than a comparison stops it, where there is such a thing. Of texts
        that nobody was asked about nothing is compared."""
        material = self.room.material
        texts = [text for text in material.texts if text.id in before.tried]
        trial = compare(material.book, texts, before.tried, after.tried)
        toxic, civil = (
            shift(self.judged, before.judged, after.judged, is_toxic=is_toxic) for is_toxic in (True, False)
        )
        injected = shift_of([(was, becomes) for was, becomes in zip(before.attacked, after.attacked, strict=True)])
        return TriedMutant(
            family, kind, toxic, civil, injected, tuple(map(Counts.of, trial.outcomes)), verdicts(trial, is_refused)
        )

    def _answered(self, policy: Policy, signals: Mapping[str, Signals], judged: Sequence[Signals]) -> Answered:
        circumstances = self.room.material.circumstances
        comments = [
            ReplayedComment(str(place), comment.text, None, own, circumstances, None)
            for place, (comment, own) in enumerate(zip(self.judged, judged, strict=True))
        ]
        held: dict[str, bool] = {}
        for start in range(0, len(comments), TOGETHER):
            held |= answers(comments[start : start + TOGETHER], policy)
        tried = answers(self.room.material.comments(signals), policy)
        return Answered(tried, [held.get(comment.id, True) for comment in comments])

    def _rescored(self, policy: Policy, toxicity: Toxicity, texts: Mapping[str, Scorable]) -> Answered:
        """With the weights' scores in the place of those that there are, of comments in English."""
        newer, scorer = dict[str, Signals](), ToxicityScorer(toxicity=toxicity)
        for start in range(0, len(texts), BATCH):
            batch = list(texts.items())[start : start + BATCH]
            newer |= zip((id for id, _ in batch), scorer.score([scorable for _, scorable in batch]), strict=True)
        signals = {id: _with(own, newer.get(id, ())) for id, own in self.room.signals.items()}
        decided = {comment.id: newer[comment.id] for comment in self.room.material.decided if comment.id in newer}
        judged = [_with(own, newer.get(str(place), ())) for place, own in enumerate(self.room.judged)]
        return self._answered(policy, {**signals, **decided}, judged)

    def _english(self) -> dict[str, Scorable]:
        """By id, all texts whose language is surely English."""
        material = self.room.material
        texts = [
            *((case.id, case.text, self.room.signals.get(case.id, ())) for case in material.cases),
            *((comment.id, comment.text, comment.signals) for comment in material.decided),
            *((str(place), c.text, self.room.judged[place]) for place, c in enumerate(self.judged)),
        ]
        return {id: Scorable(text, ENGLISH) for id, text, own in texts if language_of(own) == ENGLISH}


def _with(signals: Signals, newer: Signals) -> Signals:
    named = {signal.name: signal for signal in (*signals, *newer)}
    return tuple(named.values())
