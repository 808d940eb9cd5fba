"""The toxicity signals: one for each head of the weights that is a signal here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from moderation.ground.values.signals import Of, Signal, Span, Vector
from moderation.judging.text.language_names import language_name
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_cost import MOST_PIECES, OF_TOPIC, pieces
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import logit, sigmoid
from workers.scoring.evidence.toxicity_words import CommentToExplain
from workers.scoring.scorable import Evidence, ForeignPart, Scorable, Unexplained
from workers.scoring.toxicity.explainers import explainer_of
from workers.scoring.vectors import all_kept

PART_DISCOUNT = 0.5
"""Taken from the log-odds of a part alone, which sounds harsher than the comment. Of Portuguese sentences in English
comments 1 % of the civil ones reach a limit with it and 7 % without, and 63 and 69 % of the toxic ones."""


@dataclass(frozen=True, slots=True)
class Task:
    """A comment, or a part in one language, that certain weights score in some of its languages."""

    judge: int  # the position of the weights
    text: str
    languages: tuple[str, ...]
    start: int = 0  # in the comment
    is_part: bool = False
    room: int = 0  # pieces that the encoder may read of it


@dataclass(frozen=True, slots=True)
class Opinion:
    """The values of a task by signal."""

    task: Task
    values: Mapping[str, float]


class ToxicityScorer:
    """The first weights that know a language score it. A comment in two languages is scored in both, the part in the
    second one also alone, since the rest would wash it out; the highest value counts.

    It abstains in a language that no weights know.
    """

    def __init__(self, **judges: Toxicity) -> None:
        """Weights by the name that a scoring keeps. The first ones say which signals there are."""
        self.judges = tuple(judges.values())
        self._explainers = tuple(map(explainer_of, self.judges))
        self.models = {name: judge.version for name, judge in judges.items()}
        self.names = self.judges[0].signals
        places = reversed(list(enumerate(self.judges)))  # so that the first one comes last, and stays
        self._judge_of = {code: at for at, judge in places for code in judge.languages}
        self.languages = frozenset(self._judge_of)

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [self._signals(own, comment) for own, comment in zip(self._opinions(batch), batch, strict=True)]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        """Each signal is explained by the weights and the text that gave it. This reads the comments' languages, as
        ``score`` does."""
        explanations: list[dict[str, tuple[Span, ...]]] = [{} for _ in batch]
        unlimited = [unexplained.scorable.unhurried for unexplained in batch]
        asked = [
            (place, task, signals)
            for place, (comment, opinions) in enumerate(zip(batch, self._opinions(unlimited), strict=True))
            for task, signals in given_by(opinions, comment.signals).items()
        ]
        for judge, explainer in enumerate(self._explainers):
            own = [(place, task, signals) for place, task, signals in asked if task.judge == judge]
            evidence = explainer.explain(
                [CommentToExplain(task.text, signals, task.languages) for _, task, signals in own]
            )
            for (place, task, _), by_signal in zip(own, evidence, strict=True):
                explanations[place] |= {name: shifted(spans, task.start) for name, spans in by_signal.items()}
        return explanations

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """The vectors by the weights that know the comment's main language."""
        of_batch: list[Vector | None] = [None] * len(batch)
        for at, judge in enumerate(self.judges):
            if judge.space is None:
                continue
            own = [i for i, comment in enumerate(batch) if self._judge_of.get(comment.language or "") == at]
            vectors = dict(zip(own, judge.vectors([batch[i].text for i in own]), strict=True))
            given = {i: vector for i, vector in vectors.items() if vector is not None}
            for i, vector in zip(given, all_kept(list(given.values()), judge.space), strict=True):
                of_batch[i] = vector
        return of_batch

    def _opinions(self, batch: Sequence[Scorable]) -> list[list[Opinion]]:
        """Those on each comment, in the order of the weights, and then on its parts."""
        tasks = [list(self._tasks(comment)) for comment in batch]
        readings = {
            task.text: _reading(comment, task) for comment, own in zip(batch, tasks, strict=True) for task in own
        }
        by_judge = [[task for own in tasks for task in own if task.judge == at] for at in range(len(self.judges))]
        for judge, asked in zip(self.judges, by_judge, strict=True):
            judge.read([task.text for task in asked], readings, _rooms(asked))
        opinions = [self._opinions_of(judge, asked) for judge, asked in zip(self.judges, by_judge, strict=True)]
        return [[next(opinions[task.judge]) for task in own] for own in tasks]

    def _tasks(self, comment: Scorable) -> Iterator[Task]:
        by_judge: dict[int, tuple[str, ...]] = {}
        for code in comment.languages:
            judge = self._judge_of.get(code or "")
            if judge is not None:
                by_judge[judge] = (*by_judge.get(judge, ()), code or "")
        room = MOST_PIECES - OF_TOPIC - (OF_TOPIC if comment.parent_text else 0)
        parts = _affordable(comment, room // 2)
        room -= sum(taken for _, taken in parts)
        for judge in sorted(by_judge):
            yield Task(judge, comment.text, by_judge[judge], room=room // len(by_judge))
        for part, taken in parts:
            judge = self._judge_of.get(part.language)
            if judge is not None:
                text = comment.text[part.start : part.end]
                yield Task(judge, text, (part.language,), part.start, is_part=True, room=taken)

    def _opinions_of(self, judge: Toxicity, tasks: Sequence[Task]) -> Iterator[Opinion]:
        values = judge.all_in_languages([(task.text, task.languages) for task in tasks])
        is_part = np.asarray([task.is_part for task in tasks], dtype=bool)
        values[is_part] = sigmoid(logit(values[is_part]) - PART_DISCOUNT)
        for task, own in zip(tasks, values.tolist(), strict=True):
            yield Opinion(task, dict(zip(judge.signals, own, strict=True)))

    def _signals(self, opinions: Sequence[Opinion], comment: Scorable) -> tuple[Signal, ...]:
        signals = (self._signal(name, opinions, comment) for name in self.names)
        if not self._is_sample(opinions, comment):
            return tuple(signals)
        return tuple(signal if signal.value is None else replace(signal, in_part=(Of.COMMENT,)) for signal in signals)

    def _is_sample(self, opinions: Sequence[Opinion], comment: Scorable) -> bool:
        """Whether some of the comment, or of its parts in other languages, was not read."""
        parts = sum(part.language in self._judge_of for part in comment.parts)
        read = sum(opinion.task.is_part for opinion in opinions)
        return read < parts or any(self.judges[opinion.task.judge].is_sample(opinion.task.text) for opinion in opinions)

    def _signal(self, name: str, opinions: Sequence[Opinion], comment: Scorable) -> Signal:
        if not opinions:
            return Signal(name, None, self.judges[0].version, abstained=f"language: {comment.language or 'und'}")
        highest = highest_of(opinions, name)
        if highest is None:
            reason = f"not measured in {language_name(comment.language or '')}"
            return Signal(name, None, self.judges[opinions[0].task.judge].version, abstained=reason)
        return Signal(name, round(highest.values[name], 6), self.judges[highest.task.judge].version)


def _rooms(tasks: Sequence[Task]) -> dict[str, int]:
    """The room by text; the least where several comments have the same one."""
    rooms: dict[str, int] = {}
    for task in tasks:
        rooms[task.text] = min(task.room, rooms.get(task.text, task.room))
    return rooms


def _affordable(comment: Scorable, room: int) -> list[tuple[ForeignPart, int]]:
    """The first parts that together have no more pieces, with those of each. The comment that is read as a whole has
    the others."""
    affordable, left = list[tuple[ForeignPart, int]](), room
    for part in comment.parts:
        own = pieces(comment.text[part.start : part.end])
        if own <= left:
            affordable.append((part, own))
            left -= own
    return affordable


def highest_of(opinions: Sequence[Opinion], signal: str) -> Opinion | None:
    """The one that scores a signal highest, the first of equals; None if none of the weights has it."""
    highest: Opinion | None = None
    for opinion in opinions:
        if signal in opinion.values and (highest is None or opinion.values[signal] > highest.values[signal]):
            highest = opinion
    return highest


def _reading(comment: Scorable, task: Task) -> Reading:
    """The comment's own; a part of it is read by itself, in the comment's time."""
    return comment.reading if task.text == comment.text else Reading(task.text, comment.budget)


def given_by(opinions: Sequence[Opinion], signals: Sequence[str]) -> dict[Task, tuple[str, ...]]:
    """The signals by the task that gave their values."""
    by_task: dict[Task, tuple[str, ...]] = {}
    for signal in signals:
        highest = highest_of(opinions, signal)
        if highest is not None:
            by_task[highest.task] = (*by_task.get(highest.task, ()), signal)
    return by_task


def shifted(spans: Sequence[Span], start: int) -> tuple[Span, ...]:
    """Spans of a part as those of the whole comment."""
    if not start:
        return tuple(spans)
    return tuple(replace(span, start=span.start + start, end=span.end + start) for span in spans)
