"""Scores what waits, pass by pass, in one thread: the texts of many callers in one call of the models."""

from __future__ import annotations

import logging
import os
import signal
import threading
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import TooCostly
from moderation.ground.values.signals import Of, Signal
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.judging.text.reading_cost import MOST_PIECES, pieces
from moderation.judging.text.splitting import sentences
from moderation.pipeline.drafts.drafts import ScoredSentence
from moderation.pipeline.drafts.messages import ScoredText, Text
from workers.answering.learnt import LearntModels
from workers.answering.requests import Turn
from workers.answering.waiting import Waiting
from workers.scoring.encoder.windows import spread
from workers.scoring.house.model import HouseModel
from workers.scoring.language.deciding import language_of
from workers.scoring.ngrams.corrections import SiteNGrams
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity.scorer import ToxicityScorer
from workers.scoring.within_budget import signals_by_model

MOST = 200
"""Stretches of one text. Where it has more sentences, neighbours are scored together."""

MOST_TOGETHER = MOST_PIECES // 2
"""Pieces of the stretches of one text. Of a longer one a sample is scored, with the first and the last."""

Place = tuple[int, int]


def score_sentences(
    scorer: Scorer, texts: Sequence[str], languages: Sequence[str | None]
) -> list[tuple[ScoredSentence, ...]]:
    """The sentences of each text; none in a language that the weights do not know. All are scored in one call. A text
    that costs more than its sentences may has only some of them."""
    toxicity = _toxicity(scorer)
    places = [
        affordable(text, cut(text)) if language in toxicity.languages else []
        for text, language in zip(texts, languages, strict=True)
    ]
    pieces = [
        Scorable(text[start:end], language=language)
        for text, language, own in zip(texts, languages, places, strict=True)
        for start, end in own
    ]
    rows = iter(toxicity.score(pieces))
    return [tuple(_sentence(place, next(rows)) for place in own) for own in places]


def cut(text: str) -> list[Place]:
    """The sentences without the space around them, in order; at most ``MOST``."""
    places = sentences(text)
    size = -(-len(places) // MOST)
    joined = [(places[at][0], places[min(at + size, len(places)) - 1][1]) for at in range(0, len(places), size or 1)]
    return list(chain.from_iterable(_trimmed(text, start, end) for start, end in joined))


def affordable(text: str, places: Sequence[Place]) -> list[Place]:
    """As many of the stretches as the encoder may read, spread over the text."""
    cost = sum(pieces(text[start:end]) for start, end in places)
    return spread(places, len(places) * MOST_TOGETHER // cost) if cost > MOST_TOGETHER else list(places)


def _trimmed(text: str, start: int, end: int) -> list[Place]:
    piece = text[start:end]
    first, last = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    return [(first, last)] if first < last else []


def _sentence(place: Place, signals: Sequence[Signal]) -> ScoredSentence:
    return ScoredSentence(*place, {signal.name: signal.value for signal in signals if signal.value is not None})


def _toxicity(scorer: Scorer) -> ToxicityScorer:
    return next(model for model in scorer.scorers if isinstance(model, ToxicityScorer))


log = logging.getLogger(__name__)

FOREIGN = "Das ist ein Satz, den die Erkennung der Sprache beim Start einmal liest, damit spaeter niemand wartet."


class Failed(Exception):
    """The models could not score a text. The log has the place, and nothing of the text."""


class Answerer:
    """``run`` is the only caller of the scorer, which only one thread may call."""

    def __init__(self, scorer: Scorer, waiting: Waiting, learnt: LearntModels) -> None:
        self.scorer, self.waiting, self.learnt = scorer, waiting, learnt
        self.scored = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Runs in a thread of its own until the process ends."""
        self._thread = threading.Thread(target=self.run, name="answerer", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Answers until ``stop``. An error outside the models ends the process: without this thread no text is
        answered, and the one that comes next has it."""
        try:
            while not self._stopped.is_set():
                turns = self.waiting.take()
                if turns:
                    self.answer(turns)
                    self.waiting.passed()
        except BaseException as e:
            log.critical("no text can be answered any more, so the process ends: %s", type(e).__name__)
            os.kill(os.getpid(), signal.SIGTERM)
            raise

    def warm_up(self) -> None:
        """Scores something once, so that the first callers do not wait for what models make at their first use."""
        article = "The ferry will run all winter. The council has voted for it, and fares will stay as they are."
        texts = [FOREIGN, "You are a fool, and everybody knows it.", "Will the last boat wait for the train?"]
        asked = [Scorable(text, title="Ferry to run all winter", article_text=article) for text in texts]
        self.scorer.score(asked)
        self.scorer.explain([Unexplained(asked[1], ("toxicity",))])

    def answer(self, turns: Sequence[Turn]) -> None:
        """Scores these texts together; if that fails, each alone, so that one does not cost the others their answer."""
        try:
            self._score(turns)
        except Exception as e:  # noqa: BLE001 - of any model, and each is logged
            if len(turns) > 1:
                for turn in turns:
                    self.answer([turn])
                return
            place = "".join(traceback.format_tb(e.__traceback__))  # its message might quote the text
            log.error("could not score a text: %s\n%s", type(e).__name__, place)
            turns[0].request.fail(Failed())

    def _score(self, turns: Sequence[Turn]) -> None:
        scorables = [self._scorable(turn.text) for turn in turns]
        readable = {i: scorable for i, scorable in enumerate(scorables) if _is_readable(scorable)}
        signals = signals_by_model(self.scorer, readable)
        for i, turn in enumerate(turns):
            _keep(turn, _scored(signals.get(i)))
        extra = {i for i in signals if turns[i].text.explain or turns[i].text.spans}
        _finish(turn for i, turn in enumerate(turns) if i not in extra)
        if extra:
            self._explain(turns, scorables, signals)
            self._cut(turns, signals)
            _finish(turns[i] for i in extra)
        self.scored += len(turns)

    def _scorable(self, text: Text) -> Scorable:
        return _scorable(text, self.learnt.spam_of(text.site_id), self.learnt.house_of(text.site_id))

    def _explain(
        self, turns: Sequence[Turn], scorables: Sequence[Scorable], signals: Mapping[int, tuple[Signal, ...]]
    ) -> None:
        wanted = {i: names for i, own in signals.items() if (names := _exceeded(turns[i].text, own))}
        explained = self.scorer.explain([Unexplained(scorables[i], names) for i, names in wanted.items()])
        for i, words in zip(wanted, explained, strict=True):
            own = tuple(replace(s, evidence=words.get(s.name) or s.evidence) for s in signals[i])
            _keep(turns[i], _scored(own))

    def _cut(self, turns: Sequence[Turn], signals: Mapping[int, tuple[Signal, ...]]) -> None:
        asked = [i for i in signals if turns[i].text.spans]
        languages = [language_of(signals[i]) for i in asked]
        texts = [turns[i].text.text for i in asked]
        for i, own in zip(asked, score_sentences(self.scorer, texts, languages), strict=True):
            kept = turns[i].request.scored[turns[i].index]
            assert kept is not None
            _keep(turns[i], replace(kept, sentences=own))


def _scorable(text: Text, site_spam: SiteNGrams | None, house: HouseModel | None) -> Scorable:
    return Scorable(
        text=text.text,
        language=text.language,
        title=text.title,
        summary=text.summary,
        article_text=text.article_text,
        section=text.section,
        tags=text.tags,
        parent_text=text.parent_text,
        article_key=text.article_key,
        site_spam=site_spam,
        house=house,
        reading=Reading(text.text, Budget(BUDGET_S, own_time)),
    )


def _is_readable(scorable: Scorable) -> bool:
    """Reads it as all models do. False if its time is used up."""
    try:
        with scorable.budget:
            _ = scorable.reading.copies
    except TooCostly:
        return False
    return True


def _scored(signals: tuple[Signal, ...] | None) -> ScoredText:
    if signals is None:
        return ScoredText((), too_costly=True)
    return ScoredText(signals, language_of(signals))


def _exceeded(text: Text, signals: Sequence[Signal]) -> tuple[str, ...]:
    """The signals beyond a limit that have no words yet."""
    wordless = {
        s.name: s.value
        for s in signals
        if s.value is not None and not any(span.of is Of.COMMENT for span in s.evidence)
    }
    names = [
        limit.signal
        for limit in text.explain
        if limit.signal in wordless and limit.is_exceeded_by(wordless[limit.signal])
    ]
    return tuple(dict.fromkeys(names))


def _keep(turn: Turn, scored: ScoredText) -> None:
    turn.request.scored[turn.index] = scored


def _finish(turns: Iterable[Turn]) -> None:
    """Lets those callers go on for whom nothing more comes."""
    for request in {id(turn.request): turn.request for turn in turns}.values():
        if request.is_scored:
            request.done.set()
