"""The toxicity signals: one for each head of the weights that is a signal here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moderation.model.signals import LeftOut, Signal, Span, Vector
from moderation.text.languages import language_name
from workers.scoring.explainers import explainer_of
from workers.scoring.left_out import left_out
from workers.scoring.scorable import Evidence, Scorable, Unexplained
from workers.scoring.toxicity import NO_BUDGETS, Budgets, Toxicity
from workers.scoring.toxicity_evidence import Asked
from workers.scoring.vectors import kept

Opinions = Mapping[int, Mapping[str, float]]
"""The values of one comment by signal, for each of the weights by its position."""


@dataclass(frozen=True, slots=True)
class Task:
    """A comment that certain weights score in some of its languages."""

    place: int  # in the batch
    text: str
    languages: tuple[str, ...]


class ToxicityScorer:
    """The first weights that know a language score it. A comment in two languages is scored in both, and the higher
    value counts.

    It abstains in a language that no weights know.
    """

    def __init__(self, **judges: Toxicity) -> None:
        """Weights by the name that a scoring keeps. The first ones say which signals there are."""
        self.judges = tuple(judges.values())
        self._explainers = tuple(map(explainer_of, self.judges))
        self.models = {name: judge.version for name, judge in judges.items()}
        self.names = self.judges[0].signals
        self.languages = frozenset(code for judge in self.judges for code in judge.languages)

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        budgets = {one.text: one.budget for one in batch}
        found = self._opinions(batch, budgets)
        return [self._signals(opinions, one) for opinions, one in zip(found, batch, strict=True)]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        """Each signal is explained by the weights that gave it. This reads the comments' languages, as ``score``
        does."""
        found: list[dict[str, tuple[Span, ...]]] = [{} for _ in batch]
        opinions = self._opinions([one.scorable for one in batch], NO_BUDGETS)
        for place, explainer in enumerate(self._explainers):
            own = {i: signals for i, one in enumerate(batch) if (signals := given_by(place, opinions[i], one.signals))}
            asked = [
                Asked(one.text, signals, tuple(code for code in one.languages if code))
                for i, signals in own.items()
                for one in [batch[i].scorable]
            ]
            evidence = explainer.explain(asked)
            for i, by_signal in zip(own, evidence, strict=True):
                found[i] |= by_signal
        return found

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """By the weights that know the comment's main language."""
        found: list[Vector | None] = [None] * len(batch)
        for at, judge in enumerate(self.judges):
            if judge.space is None:
                continue
            own = [i for i, one in enumerate(batch) if one.language and self._judge_of(one.language) == at]
            for i, vector in zip(own, judge.vectors([batch[i].text for i in own]), strict=True):
                found[i] = kept(vector, judge.space)
        return found

    def _opinions(self, batch: Sequence[Scorable], budgets: Budgets) -> list[Opinions]:
        found: list[dict[int, Mapping[str, float]]] = [{} for _ in batch]
        for at, judge in enumerate(self.judges):
            tasks = [task for i, one in enumerate(batch) if (task := self._task(at, i, one)).languages]
            judge.score([task.text for task in tasks], budgets)
            for task in tasks:
                highest = judge.in_languages(task.text, task.languages)
                found[task.place][at] = dict(zip(judge.signals, map(float, highest), strict=True))
        return list(found)

    def _task(self, judge: int, place: int, one: Scorable) -> Task:
        return Task(place, one.text, self._languages_for(judge, one))

    def _languages_for(self, judge: int, one: Scorable) -> tuple[str, ...]:
        return tuple(code for code in one.languages if code and self._judge_of(code) == judge)

    def _judge_of(self, language: str) -> int | None:
        return next((at for at, judge in enumerate(self.judges) if language in judge.languages), None)

    def _signals(self, opinions: Opinions, one: Scorable) -> tuple[Signal, ...]:
        names = {at: left_out(self.judges[at], one.text, self._languages_for(at, one)) for at in opinions}
        return tuple(self._signal(name, opinions, names, one) for name in self.names)

    def _signal(
        self, name: str, opinions: Opinions, names: Mapping[int, Mapping[str, LeftOut]], one: Scorable
    ) -> Signal:
        if not opinions:
            return Signal(name, None, self.judges[0].version, abstained=f"language: {one.language or 'und'}")
        at = highest_of(opinions, name)
        if at is None:
            reason = f"not measured in {language_name(one.language or '')}"
            return Signal(name, None, self.judges[next(iter(opinions))].version, abstained=reason)
        return Signal(name, round(opinions[at][name], 6), self.judges[at].version, left_out=names[at].get(name))


def highest_of(opinions: Opinions, signal: str) -> int | None:
    """The position of the weights that score a signal highest; None if none of them has it."""
    having = {at: values[signal] for at, values in opinions.items() if signal in values}
    return max(having, key=having.__getitem__) if having else None


def given_by(judge: int, opinions: Opinions, signals: Sequence[str]) -> tuple[str, ...]:
    """Those of the signals that come from these weights."""
    return tuple(signal for signal in signals if highest_of(opinions, signal) == judge)
